/* The reader of cubins on one that no compiler makes; real ones are tested in test_nvrtc.c. */
#include "hardware/cuda/cubin.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#define NAME_BYTES (4u << 20)
#define FACTS 65536u
#define SECTIONS 512u
#define ENTRY_FLAG 0x10

struct fact {
    uint8_t format, code;
    uint16_t size;
    uint32_t symbol, value;
};

/* Everywhere in the file one name, all of it 'a'; symbol i begins with its letter i. */
struct hostile {
    Elf64_Ehdr header;
    Elf64_Shdr sections[SECTIONS];
    Elf64_Sym symbols[64];
    struct fact facts[FACTS];
    char name[NAME_BYTES];
};

static Elf64_Shdr section_of(uint32_t type, uint64_t offset, uint64_t bytes) {
    return (Elf64_Shdr){.sh_type = type, .sh_offset = offset, .sh_size = bytes, .sh_link = 0};
}

static struct hostile *make_hostile(const char *section_names) {
    struct hostile *file = calloc(1, sizeof *file);
    cr_assert(file != NULL);
    memcpy(file->header.e_ident, ELFMAG, SELFMAG);
    file->header.e_ident[EI_CLASS] = ELFCLASS64;
    file->header.e_ident[EI_DATA] = ELFDATA2LSB;
    file->header.e_machine = 190;
    file->header.e_shentsize = sizeof(Elf64_Shdr);
    file->header.e_shoff = offsetof(struct hostile, sections);
    file->header.e_shnum = SECTIONS;
    memset(file->name, 'a', NAME_BYTES - 1);
    memcpy(file->name, section_names, strlen(section_names) + 1);
    file->sections[0] = section_of(SHT_STRTAB, offsetof(struct hostile, name), NAME_BYTES);
    file->sections[1] =
        section_of(SHT_SYMTAB, offsetof(struct hostile, symbols), sizeof file->symbols);
    for (uint32_t i = 2; i < SECTIONS; i++)
        file->sections[i] =
            section_of(SHT_PROGBITS, offsetof(struct hostile, facts), sizeof file->facts);
    for (uint32_t i = 0; i < FACTS; i++)
        file->facts[i] = (struct fact){4, 0x2f, 8, i % 64, 1};
    return file;
}

static void add_kernel(struct hostile *file, uint32_t symbol, uint32_t name) {
    file->symbols[symbol] = (Elf64_Sym){.st_name = name,
                                        .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
                                        .st_other = ENTRY_FLAG,
                                        .st_shndx = 2};
}

TestSuite(cubin, .timeout = 20);

/* Were every fact to compare its symbol's name, or every section to bring the same facts again, it
 * took minutes. */
Test(cubin, of_long_names_and_facts_told_over_and_over_is_read_at_once) {
    struct hostile *file = make_hostile(".nv.info");
    struct hone_cubin *cubin = malloc(sizeof *cubin);
    add_kernel(file, 5, 1);                                        /* "nv.info" */
    file->symbols[6] = (Elf64_Sym){.st_name = 100, .st_shndx = 2}; /* of four million letters */
    for (uint32_t i = 0; i < FACTS; i++)
        file->facts[i].symbol = i ? 6 : 5;
    cr_assert(eq(ptr, (void *)hone_cubin_read(file, sizeof *file, cubin), NULL));
    cr_assert(eq(u32, cubin->kernel_count, 1));
    cr_expect(eq(str, (char *)cubin->kernels[0].name, "nv.info"));
    cr_expect(eq(u32, cubin->kernels[0].registers, 1));
    free(cubin);
    free(file);
}

Test(cubin, with_a_kernel_of_endless_name_is_none) {
    struct hostile *file = make_hostile(".nv.info");
    struct hone_cubin *cubin = malloc(sizeof *cubin);
    add_kernel(file, 1, 100);
    cr_expect(eq(str, (char *)hone_cubin_read(file, sizeof *file, cubin),
                 "a kernel of it has no name, or one of 4096 letters"));
    free(cubin);
    free(file);
}
