/* elf_policy.c - what a candidate's image may not be: on the binary, whatever the text looked like.
 *
 * The image: for this machine, static, PT_LOAD segments that are never writable and executable, no
 * interpreter, no dynamic section, no constructors, no thread-local variables (but in cuda, whose
 * shared memory they are). The guest's loader and filter refuse all of it too; this says so first.
 *
 * Instructions: none that leaves the process, reads a clock or a counter, empties caches that the
 * baseline is timed with, or touches what the kernel keeps. Executable segments are decoded from
 * start to end, one byte on where that fails; what is in them is code alone, as compilers and the
 * linker script put tables elsewhere. They are decoded anew from every address that code names, by
 * a jump, a call, or as a number, which may be in the middle of an instruction. An address may
 * be computed too, so what would empty caches is a warning wherever its bytes are. Instructions
 * that are merely odd are a warning anyway. Decoder: Zydis. */
#include "plugins/detector/rule.h"

#include <Zydis/Zydis.h>
#include <elf.h>
#include <errno.h>
#include <stdlib.h>

#define MOST_FINDINGS 8

struct image {
    const unsigned char *bytes;
    uint64_t size;
    Elf64_Ehdr head;
    const struct hone_findings *findings;
    uint32_t reported;
    bool is_cuda;
    bool told[ZYDIS_MNEMONIC_MAX_VALUE + 1]; /* of an instruction: once is enough */
};

static void object(struct image *image, uint32_t severity, const char *what) {
    if (image->reported++ < MOST_FINDINGS)
        say(image->findings, "elf_policy", severity, 0, "%s", what);
}

static bool flushes(ZydisMnemonic mnemonic) {
    return mnemonic == ZYDIS_MNEMONIC_CLFLUSH || mnemonic == ZYDIS_MNEMONIC_CLFLUSHOPT ||
           mnemonic == ZYDIS_MNEMONIC_CLWB;
}

/* What an instruction is refused for; NULL: nothing. */
static const char *offence_of(ZydisMnemonic mnemonic, uint32_t *severity) {
    *severity = HONE_ZERO;
    if (flushes(mnemonic) || mnemonic == ZYDIS_MNEMONIC_CLDEMOTE)
        return "throws memory out of the caches: inputs are read again by what is timed beside "
               "you, and nobody may slow it down";
    switch (mnemonic) {
    case ZYDIS_MNEMONIC_SYSCALL:
    case ZYDIS_MNEMONIC_SYSENTER:
    case ZYDIS_MNEMONIC_INT:
        return "makes a system call: a candidate computes, and asks nothing of the system";
    case ZYDIS_MNEMONIC_RDTSC:
    case ZYDIS_MNEMONIC_RDTSCP:
    case ZYDIS_MNEMONIC_RDPMC:
    case ZYDIS_MNEMONIC_RDPRU:
        return "reads a clock or a counter: a result must not depend on when it is computed";
    case ZYDIS_MNEMONIC_WRFSBASE:
    case ZYDIS_MNEMONIC_WRGSBASE:
    case ZYDIS_MNEMONIC_WRPKRU:
    case ZYDIS_MNEMONIC_IN:
    case ZYDIS_MNEMONIC_OUT:
        return "changes what belongs to the process around it: leave it alone";
    case ZYDIS_MNEMONIC_LDMXCSR:
    case ZYDIS_MNEMONIC_VLDMXCSR:
    case ZYDIS_MNEMONIC_FXRSTOR:
    case ZYDIS_MNEMONIC_FXRSTOR64:
    case ZYDIS_MNEMONIC_XRSTOR:
    case ZYDIS_MNEMONIC_XRSTOR64:
    case ZYDIS_MNEMONIC_FLDCW:
        *severity = HONE_WARN;
        return "changes how floating point rounds, or flushes small numbers to zero: compute as "
               "the task says";
    case ZYDIS_MNEMONIC_RDRAND:
    case ZYDIS_MNEMONIC_RDSEED:
        *severity = HONE_WARN;
        return "draws random numbers: a result must follow from the inputs";
    default:
        return NULL;
    }
}

static void report_instruction(struct image *image, uint64_t address, ZydisMnemonic mnemonic) {
    uint32_t severity;
    const char *offence = offence_of(mnemonic, &severity);
    if (!offence || image->told[mnemonic])
        return;
    image->told[mnemonic] = true;
    if (image->reported++ < MOST_FINDINGS)
        say(image->findings, "elf_policy", severity, 0, "the instruction `%s` at 0x%llx %s",
            ZydisMnemonicGetString(mnemonic), (unsigned long long)address, offence);
}

/* An executable segment while it is decoded. */
struct code {
    ZydisDecoder decoder;
    const unsigned char *bytes;
    uint64_t size, address;
    unsigned char *marks; /* of every byte */
    uint64_t *named;      /* offsets to decode from, each once */
    uint64_t named_count;
};

enum { STARTS = 1, NAMED = 2 };

static void name_address(struct code *code, uint64_t address) {
    const uint64_t offset = address - code->address;
    if (offset >= code->size || code->marks[offset])
        return;
    code->marks[offset] |= NAMED;
    code->named[code->named_count++] = offset;
}

/* Memory at a fixed distance from the instruction. */
static bool is_one_place(const ZydisDecodedInstruction *instruction) {
    return instruction->attributes & ZYDIS_ATTRIB_HAS_MODRM && instruction->raw.modrm.mod == 0 &&
           instruction->raw.modrm.rm == 5;
}

/* Every address in an instruction: `next` is that behind it. */
static void name_addresses(struct code *code, const ZydisDecodedInstruction *instruction,
                           uint64_t next) {
    for (uint32_t i = 0; i < 2; i++)
        if (instruction->raw.imm[i].size)
            name_address(code, instruction->raw.imm[i].value.u +
                                   (instruction->raw.imm[i].is_relative ? next : 0));
    if (instruction->raw.disp.size)
        name_address(code, (uint64_t)instruction->raw.disp.value +
                               (is_one_place(instruction) ? next : 0));
}

/* A byte says that it is one of these, so they are often met by chance; and the hardware and the
 * filter refuse them. The interrupt of system calls takes two bytes. */
static bool is_byte(const ZydisDecodedInstruction *instruction) {
    return instruction->mnemonic == ZYDIS_MNEMONIC_IN ||
           instruction->mnemonic == ZYDIS_MNEMONIC_OUT ||
           (instruction->mnemonic == ZYDIS_MNEMONIC_INT && instruction->raw.imm[0].value.u != 0x80);
}

/* From one offset to the end, or to where decoding began before. A number may name an offset by
 * chance: `likely` says that code is surely there. */
static void decode_from(struct image *image, struct code *code, uint64_t offset, bool likely) {
    while (offset < code->size && !(code->marks[offset] & STARTS)) {
        ZydisDecodedInstruction instruction;
        code->marks[offset] |= STARTS;
        if (!ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&code->decoder, NULL, code->bytes + offset,
                                                        code->size - offset, &instruction))) {
            offset++;
            continue;
        }
        if (likely || !is_byte(&instruction))
            report_instruction(image, code->address + offset, instruction.mnemonic);
        offset += instruction.length;
        name_addresses(code, &instruction, code->address + offset);
    }
}

/* What empties caches, where nothing was decoded from: one in 16 MB of code is there by chance. */
static void inspect_rest(struct image *image, const struct code *code) {
    for (uint64_t i = 0; i < code->size; i++) {
        ZydisDecodedInstruction instruction;
        if (code->marks[i] & STARTS ||
            !ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&code->decoder, NULL, code->bytes + i,
                                                        code->size - i, &instruction)) ||
            !flushes(instruction.mnemonic) || image->told[instruction.mnemonic])
            continue;
        image->told[instruction.mnemonic] = true;
        if (image->reported++ < MOST_FINDINGS)
            say(image->findings, "elf_policy", HONE_WARN, 0,
                "the bytes at 0x%llx, inside other instructions, are `%s`: write constants in "
                "another way, and go to none of them",
                (unsigned long long)(code->address + i),
                ZydisMnemonicGetString(instruction.mnemonic));
    }
}

static int inspect_code(struct image *image, const Elf64_Phdr *segment) {
    struct code code = {.bytes = image->bytes + segment->p_offset,
                        .size = segment->p_filesz,
                        .address = segment->p_vaddr,
                        .marks = calloc(segment->p_filesz, sizeof *code.marks),
                        .named = calloc(segment->p_filesz, sizeof *code.named)};
    int status = code.marks && code.named ? 0 : -ENOMEM;
    ZydisDecoderInit(&code.decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    if (status == 0) {
        decode_from(image, &code, 0, true);
        while (code.named_count)
            decode_from(image, &code, code.named[--code.named_count], false);
        inspect_rest(image, &code);
    }
    free(code.marks);
    free(code.named);
    return status;
}

static int inspect_segment(struct image *image, const Elf64_Phdr *segment) {
    /* One without bytes of the file, such as zeroed memory, lies nowhere in it. */
    if (segment->p_filesz &&
        (segment->p_offset > image->size || segment->p_filesz > image->size - segment->p_offset)) {
        object(image, HONE_ZERO, "a segment reaches past the end of the image");
        return 0;
    }
    if (segment->p_type == PT_INTERP || segment->p_type == PT_DYNAMIC)
        object(image, HONE_ZERO, "the image asks for a dynamic linker: candidates are static");
    if (segment->p_type == PT_TLS && !image->is_cuda)
        object(image, HONE_ZERO,
               "the image has thread-local variables: there is one thread, use plain ones");
    if (segment->p_type == PT_GNU_STACK && (segment->p_flags & PF_X))
        object(image, HONE_ZERO,
               "the image asks for an executable stack: take no address of a "
               "nested function");
    if (segment->p_type != PT_LOAD)
        return 0;
    if ((segment->p_flags & PF_W) && (segment->p_flags & PF_X))
        object(image, HONE_ZERO, "a segment is writable and executable: code is what was compiled");
    return (segment->p_flags & PF_X) && segment->p_filesz ? inspect_code(image, segment) : 0;
}

static void inspect_section(struct image *image, const Elf64_Shdr *section) {
    if (section->sh_size &&
        (section->sh_type == SHT_INIT_ARRAY || section->sh_type == SHT_FINI_ARRAY ||
         section->sh_type == SHT_PREINIT_ARRAY))
        object(image, HONE_ZERO, "the image has constructors: code runs when it is called only");
    if (section->sh_size && (section->sh_type == SHT_REL || section->sh_type == SHT_RELA))
        object(image, HONE_ZERO,
               "the image has relocations, of indirect functions perhaps: "
               "candidates are linked at a fixed address");
}

/* Whether `count` rows of `size` bytes from `offset` lie in the image. */
static bool is_inside(const struct image *image, uint64_t offset, uint64_t count, uint64_t size) {
    return offset <= image->size && count <= (image->size - offset) / size;
}

static int inspect_image(struct image *image) {
    const Elf64_Ehdr *head = &image->head;
    int status = 0;
    if (!is_inside(image, head->e_phoff, head->e_phnum, sizeof(Elf64_Phdr)) ||
        !is_inside(image, head->e_shoff, head->e_shnum, sizeof(Elf64_Shdr))) {
        object(image, HONE_ZERO, "the image's tables reach past its end");
        return 0;
    }
    for (uint32_t i = 0; status == 0 && i < head->e_phnum; i++) {
        Elf64_Phdr segment;
        memcpy(&segment, image->bytes + head->e_phoff + i * sizeof segment, sizeof segment);
        status = inspect_segment(image, &segment);
    }
    for (uint32_t i = 0; status == 0 && i < head->e_shnum; i++) {
        Elf64_Shdr section;
        memcpy(&section, image->bytes + head->e_shoff + i * sizeof section, sizeof section);
        inspect_section(image, &section);
    }
    return status;
}

/* An image for another machine, a GPU's perhaps, is not for this rule. */
static int inspect_binary(void *self, const struct hone_binary *binary,
                          const struct hone_findings *findings) {
    (void)self;
    struct image image = {.bytes = binary->image,
                          .size = binary->image_bytes,
                          .findings = findings,
                          .is_cuda = !strcmp(binary->language, "cuda")};
    if (image.size < sizeof image.head)
        return 0;
    memcpy(&image.head, image.bytes, sizeof image.head);
    if (memcmp(image.head.e_ident, ELFMAG, SELFMAG) != 0 ||
        image.head.e_ident[EI_CLASS] != ELFCLASS64 || image.head.e_machine != EM_X86_64)
        return 0;
    return inspect_image(&image);
}

static const struct hone_detector_ops ops = {.size = sizeof ops, .inspect_binary = inspect_binary};

RULE("elf_policy", "images and instructions that no computation needs", no_options, create_nothing);
