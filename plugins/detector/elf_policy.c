/* elf_policy.c - what a candidate's image may not be: on the binary, whatever the text looked like.
 *
 * The image: for this machine, static, PT_LOAD segments that are never writable and executable, no
 * interpreter, no dynamic section, no constructors, no thread-local variables (but in cuda, whose
 * shared memory they are). The guest's loader and filter refuse all of it too; this says so first.
 *
 * Instructions: none that leaves the process, reads a clock or a counter, empties caches that the
 * baseline is timed with, or touches what the kernel keeps. Executable segments are decoded from
 * start to end, one byte on where that fails; what is in them is code alone, as compilers and the
 * linker script put tables elsewhere. Still a sequence inside a longer one cannot be ruled out, so
 * instructions that are merely odd are a warning. Decoder: Zydis. */
#include "plugins/detector/rule.h"

#include <Zydis/Zydis.h>
#include <elf.h>

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

/* What an instruction is refused for; NULL: nothing. */
static const char *offence_of(ZydisMnemonic mnemonic, uint32_t *severity) {
    *severity = HONE_ZERO;
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
    case ZYDIS_MNEMONIC_CLFLUSH:
    case ZYDIS_MNEMONIC_CLFLUSHOPT:
    case ZYDIS_MNEMONIC_CLWB:
    case ZYDIS_MNEMONIC_CLDEMOTE:
        return "throws memory out of the caches: inputs are read again by what is timed beside "
               "you, "
               "and nobody may slow it down";
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

static void inspect_code(struct image *image, const Elf64_Phdr *segment) {
    ZydisDecoder decoder;
    ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    const unsigned char *at = image->bytes + segment->p_offset;
    for (uint64_t i = 0; i < segment->p_filesz;) {
        ZydisDecodedInstruction instruction;
        if (!ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&decoder, NULL, at + i,
                                                        segment->p_filesz - i, &instruction))) {
            i++;
            continue;
        }
        report_instruction(image, segment->p_vaddr + i, instruction.mnemonic);
        i += instruction.length;
    }
}

static void inspect_segment(struct image *image, const Elf64_Phdr *segment) {
    /* One without bytes of the file, such as zeroed memory, lies nowhere in it. */
    if (segment->p_filesz &&
        (segment->p_offset > image->size || segment->p_filesz > image->size - segment->p_offset)) {
        object(image, HONE_ZERO, "a segment reaches past the end of the image");
        return;
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
        return;
    if ((segment->p_flags & PF_W) && (segment->p_flags & PF_X))
        object(image, HONE_ZERO, "a segment is writable and executable: code is what was compiled");
    if ((segment->p_flags & PF_X) && segment->p_filesz)
        inspect_code(image, segment);
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

static void inspect_image(struct image *image) {
    const Elf64_Ehdr *head = &image->head;
    if (!is_inside(image, head->e_phoff, head->e_phnum, sizeof(Elf64_Phdr)) ||
        !is_inside(image, head->e_shoff, head->e_shnum, sizeof(Elf64_Shdr))) {
        object(image, HONE_ZERO, "the image's tables reach past its end");
        return;
    }
    for (uint32_t i = 0; i < head->e_phnum; i++) {
        Elf64_Phdr segment;
        memcpy(&segment, image->bytes + head->e_phoff + i * sizeof segment, sizeof segment);
        inspect_segment(image, &segment);
    }
    for (uint32_t i = 0; i < head->e_shnum; i++) {
        Elf64_Shdr section;
        memcpy(&section, image->bytes + head->e_shoff + i * sizeof section, sizeof section);
        inspect_section(image, &section);
    }
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
    inspect_image(&image);
    return 0;
}

static const struct hone_detector_ops ops = {.size = sizeof ops, .inspect_binary = inspect_binary};

RULE("elf_policy", "images and instructions that no computation needs", no_options, create_nothing);
