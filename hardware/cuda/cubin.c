#include "hardware/cuda/cubin.h"

#include <elf.h>
#include <string.h>

#define SECTIONS_MAX 4096
#define SYMBOLS_MAX 65536
#define NAME_BYTES_MAX 4096      /* of a section or symbol, as a reader's time has to have an end */
#define ENTRY_FLAG 0x10          /* in st_other of a kernel's symbol */
#define SYSTEM_SHARED_BYTES 1024 /* that sections of shared memory begin with from sm_90 on */

#ifndef EM_CUDA
#define EM_CUDA 190
#endif

/* Attributes of .nv.info sections: a format, a code, and 16 bits that are the value or its size. */
enum { FORMAT_SIZED = 4 };
enum {
    MAX_THREADS = 0x05,
    FRAME_SIZE = 0x11,
    PARAMETERS_SIZE = 0x19,
    PARAMETER = 0x17,
    REGISTERS = 0x2f,
    PARAMETER_LARGE = 0x45,
};

struct file {
    const uint8_t *bytes;
    uint64_t size;
    Elf64_Ehdr header;
    Elf64_Shdr names;                         /* of sections */
    Elf64_Shdr symbols, symbol_names;         /* sh_size 0 when there are none */
    uint32_t kernels[HONE_CUBIN_KERNELS_MAX]; /* the symbol of each */
    uint64_t facts_left; /* bytes that sections of facts, which share none, can still have */
};

static uint32_t word_at(const uint8_t *bytes) {
    uint32_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

static uint32_t half_at(const uint8_t *bytes) {
    uint16_t half;
    memcpy(&half, bytes, sizeof half);
    return half;
}

static bool read_section(const struct file *file, uint32_t index, Elf64_Shdr *section) {
    if (index >= file->header.e_shnum)
        return false;
    memcpy(section, file->bytes + file->header.e_shoff + index * sizeof *section, sizeof *section);
    return true;
}

/* Whether its bytes are all in the file; those of NOBITS need not be. */
static bool is_whole(const struct file *file, const Elf64_Shdr *section) {
    return section->sh_offset <= file->size && section->sh_size <= file->size - section->sh_offset;
}

/* NULL when the table does not hold the whole name, or that is too long. */
static const char *name_at(const struct file *file, const Elf64_Shdr *table, uint32_t offset) {
    if (offset >= table->sh_size)
        return NULL;
    const char *name = (const char *)file->bytes + table->sh_offset + offset;
    const uint64_t left = table->sh_size - offset;
    return memchr(name, '\0', left < NAME_BYTES_MAX ? left : NAME_BYTES_MAX) ? name : NULL;
}

static bool read_symbol(const struct file *file, uint32_t index, Elf64_Sym *symbol) {
    if (index >= file->symbols.sh_size / sizeof *symbol)
        return false;
    memcpy(symbol, file->bytes + file->symbols.sh_offset + index * sizeof *symbol, sizeof *symbol);
    return true;
}

static const char *symbol_name(const struct file *file, const Elf64_Sym *symbol) {
    return name_at(file, &file->symbol_names, symbol->st_name);
}

static const char *open_file(struct file *file) {
    Elf64_Ehdr *header = &file->header;
    if (file->size < sizeof *header)
        return "it is shorter than an ELF header";
    memcpy(header, file->bytes, sizeof *header);
    if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_ident[EI_CLASS] != ELFCLASS64 ||
        header->e_ident[EI_DATA] != ELFDATA2LSB || header->e_machine != EM_CUDA)
        return "it is no 64-bit ELF file for a GPU";
    if (header->e_shentsize != sizeof(Elf64_Shdr) || header->e_shnum > SECTIONS_MAX ||
        header->e_shoff > file->size ||
        header->e_shnum * sizeof(Elf64_Shdr) > file->size - header->e_shoff)
        return "its section headers lie outside it";
    if (!read_section(file, header->e_shstrndx, &file->names) || !is_whole(file, &file->names))
        return "its sections have no names";
    for (uint32_t i = 0; i < header->e_shnum; i++) {
        Elf64_Shdr section;
        read_section(file, i, &section);
        if (section.sh_type != SHT_SYMTAB)
            continue;
        if (!is_whole(file, &section) || section.sh_size / sizeof(Elf64_Sym) > SYMBOLS_MAX ||
            !read_section(file, section.sh_link, &file->symbol_names) ||
            !is_whole(file, &file->symbol_names))
            return "its symbols lie outside it";
        file->symbols = section;
        return NULL;
    }
    return "it has no symbols";
}

static struct hone_cubin_kernel *find(struct hone_cubin *cubin, const char *name) {
    for (uint32_t i = 0; name && i < cubin->kernel_count; i++)
        if (strcmp(cubin->kernels[i].name, name) == 0)
            return &cubin->kernels[i];
    return NULL;
}

static const char *find_kernels(struct file *file, struct hone_cubin *cubin) {
    Elf64_Sym symbol;
    for (uint32_t i = 0; read_symbol(file, i, &symbol); i++) {
        if (ELF64_ST_TYPE(symbol.st_info) != STT_FUNC || !(symbol.st_other & ENTRY_FLAG) ||
            symbol.st_shndx == SHN_UNDEF)
            continue;
        const char *name = symbol_name(file, &symbol);
        if (!name || !*name)
            return "a kernel of it has no name, or one of 4096 letters";
        if (find(cubin, name))
            return "two kernels of it have one name";
        if (cubin->kernel_count == HONE_CUBIN_KERNELS_MAX)
            return "it has more than 64 kernels";
        file->kernels[cubin->kernel_count] = i;
        cubin->kernels[cubin->kernel_count++].name = name;
    }
    return NULL;
}

/* A fact of the module's section is about the kernel whose symbol it begins with. */
static void take_module_fact(const struct file *file, struct hone_cubin *cubin, uint32_t code,
                             const uint8_t *value, uint32_t size) {
    if (size != 8 || (code != REGISTERS && code != FRAME_SIZE))
        return;
    uint32_t index = 0;
    while (index < cubin->kernel_count && file->kernels[index] != word_at(value))
        index++;
    if (index == cubin->kernel_count)
        return;
    if (code == REGISTERS)
        cubin->kernels[index].registers = word_at(value + 4);
    else
        cubin->kernels[index].local_bytes = word_at(value + 4);
}

static void take_parameter(struct hone_cubin_kernel *kernel, uint32_t ordinal, uint32_t offset,
                           uint32_t bytes) {
    if (ordinal >= kernel->parameter_count)
        kernel->parameter_count = ordinal + 1;
    if (ordinal < HONE_CUBIN_PARAMETERS_MAX)
        kernel->parameters[ordinal] = (struct hone_cubin_parameter){offset, bytes, true};
}

static void take_kernel_fact(struct hone_cubin_kernel *kernel, uint32_t code, const uint8_t *value,
                             uint32_t size) {
    if (code == PARAMETER && size == 12) {
        take_parameter(kernel, half_at(value + 4), half_at(value + 6), word_at(value + 8) >> 18);
    } else if (code == PARAMETER_LARGE && size == 12) {
        take_parameter(kernel, half_at(value + 4), half_at(value + 6), word_at(value + 8));
    } else if (code == MAX_THREADS && size == 12) {
        const uint64_t threads = (uint64_t)word_at(value) * word_at(value + 4) % UINT32_MAX;
        kernel->max_threads = (uint32_t)(threads * word_at(value + 8) % UINT32_MAX);
    }
}

static void read_facts(struct file *file, const Elf64_Shdr *section, struct hone_cubin *cubin,
                       struct hone_cubin_kernel *kernel) {
    if (!is_whole(file, section) || section->sh_size > file->facts_left)
        return;
    file->facts_left -= section->sh_size;
    const uint8_t *at = file->bytes + section->sh_offset, *end = at + section->sh_size;
    while (end - at >= 4) {
        const uint32_t format = at[0], code = at[1], size = half_at(at + 2);
        at += 4;
        if (format != FORMAT_SIZED) {
            if (kernel && code == PARAMETERS_SIZE)
                kernel->parameter_bytes = size;
            continue;
        }
        if (size > end - at)
            return;
        if (kernel)
            take_kernel_fact(kernel, code, at, size);
        else
            take_module_fact(file, cubin, code, at, size);
        at += size;
    }
}

static const char *after(const char *name, const char *head) {
    const size_t length = strlen(head);
    return strncmp(name, head, length) == 0 ? name + length : NULL;
}

static uint32_t own_shared(const struct file *file, uint64_t bytes) {
    const uint32_t flags = file->header.e_flags;
    /* From version 8 of the ABI on, the architecture is in the second byte. */
    const uint32_t sm = file->header.e_ident[EI_ABIVERSION] >= 8 ? flags >> 8 & 0xff : flags & 0xff;
    if (sm >= 90 && bytes >= SYSTEM_SHARED_BYTES)
        bytes -= SYSTEM_SHARED_BYTES;
    return bytes < UINT32_MAX ? (uint32_t)bytes : UINT32_MAX;
}

static void take_section(struct file *file, const Elf64_Shdr *section, const char *name,
                         struct hone_cubin *cubin) {
    const char *rest;
    if (strcmp(name, ".nv.info") == 0) {
        read_facts(file, section, cubin, NULL);
    } else if ((rest = after(name, ".nv.info."))) {
        struct hone_cubin_kernel *kernel = find(cubin, rest);
        if (kernel)
            read_facts(file, section, cubin, kernel);
    } else if ((rest = after(name, ".nv.shared."))) {
        struct hone_cubin_kernel *kernel = find(cubin, rest);
        if (kernel)
            kernel->shared_bytes = own_shared(file, section->sh_size);
    } else if (strcmp(name, ".nv.global") == 0 || strcmp(name, ".nv.global.init") == 0) {
        cubin->global_bytes += section->sh_size;
    } else if (strcmp(name, ".nv.constant3") == 0) {
        cubin->constant_bytes += section->sh_size;
    }
}

const char *hone_cubin_read(const void *bytes, uint64_t size, struct hone_cubin *cubin) {
    struct file file = {.bytes = bytes, .size = size, .facts_left = size};
    memset(cubin, 0, sizeof *cubin);
    const char *wrong = open_file(&file);
    wrong = wrong ? wrong : find_kernels(&file, cubin);
    for (uint32_t i = 0; !wrong && i < file.header.e_shnum; i++) {
        Elf64_Shdr section;
        read_section(&file, i, &section);
        const char *name = name_at(&file, &file.names, section.sh_name);
        if (name)
            take_section(&file, &section, name, cubin);
    }
    return wrong;
}

const struct hone_cubin_kernel *hone_cubin_find(const struct hone_cubin *cubin, const char *name) {
    for (uint32_t i = 0; i < cubin->kernel_count; i++)
        if (strcmp(cubin->kernels[i].name, name) == 0)
            return &cubin->kernels[i];
    return NULL;
}
