/* What the rule on images refuses, one thing at a time: the linker's script lets none of it
 * through, so that no source leads here. */

#include "tests/detector_fixture.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>

#define CODE_BYTES 32
#define CODE_ADDRESS 0x10000

static struct {
    Elf64_Ehdr head;
    Elf64_Phdr code, data;
    Elf64_Shdr section;
    unsigned char bytes[CODE_BYTES];
} image;

static uint32_t heard_count, heard_worst;
static char heard[256];

static void hear(void *host, const char *rule, uint32_t severity, uint32_t line, const char *text) {
    (void)host, (void)line;
    cr_expect(eq(str, (char *)(uintptr_t)rule, "elf_policy"));
    heard_count++;
    heard_worst = severity > heard_worst ? severity : heard_worst;
    snprintf(heard, sizeof heard, "%s", text);
}

/* Code of nothing but `ret`, memory that starts as zeros, one section. */
static void make_honest(void) {
    memset(&image, 0, sizeof image);
    image.head = (Elf64_Ehdr){.e_type = ET_EXEC,
                              .e_machine = EM_X86_64,
                              .e_phoff = (char *)&image.code - (char *)&image,
                              .e_phentsize = sizeof image.code,
                              .e_phnum = 2,
                              .e_shoff = (char *)&image.section - (char *)&image,
                              .e_shentsize = sizeof image.section,
                              .e_shnum = 1};
    memcpy(image.head.e_ident, ELFMAG, SELFMAG);
    image.head.e_ident[EI_CLASS] = ELFCLASS64;
    image.code = (Elf64_Phdr){.p_type = PT_LOAD,
                              .p_flags = PF_R | PF_X,
                              .p_offset = (Elf64_Off)(image.bytes - (unsigned char *)&image),
                              .p_vaddr = CODE_ADDRESS,
                              .p_filesz = CODE_BYTES,
                              .p_memsz = CODE_BYTES};
    image.data = (Elf64_Phdr){.p_type = PT_LOAD, .p_flags = PF_R | PF_W, .p_memsz = 4096};
    image.section = (Elf64_Shdr){.sh_type = SHT_PROGBITS, .sh_size = CODE_BYTES};
    memset(image.bytes, 0xc3, sizeof image.bytes);
}

static void set_up(void) {
    make_honest();
    open_detector("elf_policy");
}

TestSuite(elf_policy, .init = set_up, .fini = close_detector);

/* The worst severity, 0: no finding. */
static uint32_t ask_as(const char *language) {
    const struct hone_findings findings = {.size = sizeof findings, .report = hear};
    const struct hone_binary binary = {.size = sizeof binary,
                                       .image = &image,
                                       .image_bytes = sizeof image,
                                       .language = language,
                                       .task = "t"};
    heard_count = heard_worst = 0;
    heard[0] = '\0';
    cr_assert(eq(int, detector_ops()->inspect_binary(detector.self, &binary, &findings), 0));
    return heard_worst;
}

static uint32_t ask(void) {
    return ask_as("c");
}

Test(elf_policy, has_nothing_to_say_of_plain_code) {
    cr_expect(eq(u32, ask(), 0), "%s", heard);
}

Test(elf_policy, refuses_what_leaves_the_process_and_reads_clocks) {
    static const struct {
        const char *bytes;
        uint32_t severity;
    } rows[] = {
        {"\x0f\x05", HONE_ZERO},             /* syscall */
        {"\x0f\x34", HONE_ZERO},             /* sysenter */
        {"\xcd\x80", HONE_ZERO},             /* int 0x80 */
        {"\x0f\x31", HONE_ZERO},             /* rdtsc */
        {"\x0f\x01\xf9", HONE_ZERO},         /* rdtscp */
        {"\x0f\x33", HONE_ZERO},             /* rdpmc */
        {"\x0f\x01\xfd", HONE_ZERO},         /* rdpru */
        {"\xf3\x48\x0f\xae\xd0", HONE_ZERO}, /* wrfsbase */
        {"\xf3\x48\x0f\xae\xd8", HONE_ZERO}, /* wrgsbase */
        {"\x0f\x01\xef", HONE_ZERO},         /* wrpkru */
        {"\xec", HONE_ZERO},                 /* in */
        {"\xee", HONE_ZERO},                 /* out */
        {"\x0f\xae\x10", HONE_WARN},         /* ldmxcsr */
        {"\xd9\x28", HONE_WARN},             /* fldcw */
        {"\x0f\xc7\xf0", HONE_WARN},         /* rdrand */
        {"\x0f\xc7\xf8", HONE_WARN},         /* rdseed */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        make_honest();
        memcpy(image.bytes + 5, rows[i].bytes, strlen(rows[i].bytes));
        cr_expect(eq(u32, ask(), rows[i].severity), "row %zu: %s", i, heard);
        cr_expect(eq(u32, heard_count, 1), "row %zu", i);
        cr_expect(ne(ptr, strstr(heard, "0x10005"), NULL), "%s", heard);
        image.code.p_flags = PF_R; /* the same as data */
        cr_expect(eq(u32, ask(), 0), "row %zu: %s", i, heard);
    }
}

Test(elf_policy, reads_on_behind_bytes_that_are_no_instruction) {
    memcpy(image.bytes + 3, "\x06\x0f\x05", 3);
    cr_expect(eq(u32, ask(), HONE_ZERO));
}

Test(elf_policy, decodes_from_wherever_code_goes) {
    static const unsigned char number[] = {0x49, 0xb8, 0x0f, 0xae, 0x38, 0xc3, 1, 2, 3, 4};
    static const unsigned char ways[][8] = {
        {0xeb, 0x08, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90}, /* jmp 0x1000a */
        {0x74, 0x08, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90}, /* je */
        {0xe8, 0x05, 0x00, 0x00, 0x00, 0x90, 0x90, 0x90}, /* call */
        {0xb9, 0x0a, 0x00, 0x01, 0x00, 0x90, 0x90, 0x90}, /* mov $0x1000a, %ecx */
        {0x48, 0x8d, 0x0d, 0x03, 0x00, 0x00, 0x00, 0x90}, /* lea 3(%rip), %rcx */
    };
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        make_honest();
        memcpy(image.bytes, ways[i], sizeof ways[i]);
        memcpy(image.bytes + 8, number, sizeof number);
        cr_expect(eq(u32, ask(), HONE_ZERO), "way %zu: %s", i, heard);
        cr_expect(ne(ptr, strstr(heard, "`clflush` at 0x1000a"), NULL), "way %zu: %s", i, heard);
    }
}

Test(elf_policy, warns_of_what_flushes_inside_other_instructions) {
    memcpy(image.bytes + 8, "\x49\xb8\x0f\xae\x38\xc3\x01\x02\x03\x04", 10);
    cr_expect(eq(u32, ask(), HONE_WARN), "%s", heard);
    cr_expect(ne(ptr, strstr(heard, "0x1000a"), NULL), "%s", heard);
    memcpy(image.bytes + 8, "\x49\xb8\x0f\x31\xee\x0f\x05\x02\x03\x04", 10); /* the filter's */
    cr_expect(eq(u32, ask(), 0), "%s", heard);
}

Test(elf_policy, tells_of_an_instruction_once) {
    memcpy(image.bytes + 3, "\x0f\x05", 2);
    memcpy(image.bytes + 9, "\x0f\x05", 2);
    cr_expect(eq(u32, ask(), HONE_ZERO));
    cr_expect(eq(u32, heard_count, 1));
    cr_expect(ne(ptr, strstr(heard, "0x10003"), NULL), "%s", heard);
}

Test(elf_policy, refuses_memory_that_can_be_written_and_run) {
    image.data.p_flags |= PF_X;
    cr_expect(eq(u32, ask(), HONE_ZERO));
    image.data.p_type = PT_GNU_STACK;
    cr_expect(eq(u32, ask(), HONE_ZERO));
    image.data.p_flags &= ~(uint32_t)PF_X;
    cr_expect(eq(u32, ask(), 0), "%s", heard);
}

Test(elf_policy, refuses_images_that_are_not_whole) {
    static const uint32_t linked[] = {PT_INTERP, PT_DYNAMIC};
    for (size_t i = 0; i < 2; i++) {
        image.data.p_type = linked[i];
        cr_expect(eq(u32, ask(), HONE_ZERO), "type %u", linked[i]);
    }
}

Test(elf_policy, allows_thread_local_memory_in_cuda_alone) {
    image.data.p_type = PT_TLS;
    cr_expect(eq(u32, ask(), HONE_ZERO));
    cr_expect(eq(u32, ask_as("cuda"), 0), "%s", heard);
}

Test(elf_policy, refuses_code_that_runs_before_it_is_called) {
    static const uint32_t types[] = {SHT_INIT_ARRAY, SHT_FINI_ARRAY, SHT_PREINIT_ARRAY, SHT_REL,
                                     SHT_RELA};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        image.section = (Elf64_Shdr){.sh_type = types[i], .sh_size = 8};
        cr_expect(eq(u32, ask(), HONE_ZERO), "type %u", types[i]);
        image.section.sh_size = 0; /* which linkers leave behind */
        cr_expect(eq(u32, ask(), 0), "type %u: %s", types[i], heard);
    }
}

Test(elf_policy, follows_no_offset_out_of_the_image) {
    image.code.p_offset = sizeof image - CODE_BYTES + 1;
    cr_expect(eq(u32, ask(), HONE_ZERO));
    image.code.p_offset = UINT64_MAX;
    cr_expect(eq(u32, ask(), HONE_ZERO));
    make_honest();
    image.data.p_offset = UINT64_MAX; /* of no bytes */
    cr_expect(eq(u32, ask(), 0), "%s", heard);
    image.head.e_phoff = sizeof image - 2 * sizeof image.code + 1;
    cr_expect(eq(u32, ask(), HONE_ZERO));
    make_honest();
    image.head.e_shoff = UINT64_MAX;
    cr_expect(eq(u32, ask(), HONE_ZERO));
}

Test(elf_policy, leaves_images_of_other_machines_alone) {
    memcpy(image.bytes, "\x0f\x05", 2);
    image.head.e_machine = EM_CUDA;
    cr_expect(eq(u32, ask(), 0), "%s", heard);
    image.head.e_machine = EM_X86_64;
    cr_expect(eq(u32, ask(), HONE_ZERO));
}
