#include "core/plugin_check.h"

#include "core/error.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct image {
    const char *bytes;
    uint64_t size;
};

static bool is_within(const struct image *image, uint64_t offset, uint64_t size) {
    return offset <= image->size && size <= image->size - offset;
}

/* The linker and the sanitizers put these in every object. */
static bool is_expected(const char *name) {
    static const char *const names[] = {"hone_plugin", "_init", "_fini",      "_edata",
                                        "_end",        "end",   "__bss_start"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(names[i], name))
            return true;
    return !strncmp(name, "__odr_asan", 10) || !strncmp(name, "__asan", 6) ||
           !strncmp(name, "__sanitizer", 11);
}

static int read_table(const struct image *image, const Elf64_Shdr *symbols,
                      const Elf64_Shdr *strings, char *others, size_t size,
                      struct hone_error *error) {
    size_t used = 0;
    if (!is_within(image, symbols->sh_offset, symbols->sh_size) ||
        !is_within(image, strings->sh_offset, strings->sh_size) || !strings->sh_size ||
        image->bytes[strings->sh_offset + strings->sh_size - 1])
        return hone_fail(error, -ENOEXEC, "its symbol table lies outside the file");
    for (uint64_t i = 1; i < symbols->sh_size / sizeof(Elf64_Sym); i++) {
        Elf64_Sym symbol;
        memcpy(&symbol, image->bytes + symbols->sh_offset + i * sizeof symbol, sizeof symbol);
        unsigned visibility = ELF64_ST_VISIBILITY(symbol.st_other);
        if (symbol.st_shndx == SHN_UNDEF || ELF64_ST_BIND(symbol.st_info) == STB_LOCAL ||
            visibility == STV_HIDDEN || visibility == STV_INTERNAL ||
            symbol.st_name >= strings->sh_size)
            continue;
        const char *name = image->bytes + strings->sh_offset + symbol.st_name;
        if (!is_expected(name) && used < size)
            used += (size_t)snprintf(others + used, size - used, " %s", name);
    }
    return 0;
}

static int find_table(const struct image *image, char *others, size_t size,
                      struct hone_error *error) {
    Elf64_Ehdr head;
    if (image->size < sizeof head)
        return hone_fail(error, -ENOEXEC, "not an ELF file");
    memcpy(&head, image->bytes, sizeof head);
    if (memcmp(head.e_ident, ELFMAG, SELFMAG) || head.e_ident[EI_CLASS] != ELFCLASS64 ||
        head.e_shentsize != sizeof(Elf64_Shdr) ||
        !is_within(image, head.e_shoff, (uint64_t)head.e_shnum * sizeof(Elf64_Shdr)))
        return hone_fail(error, -ENOEXEC, "not a 64-bit ELF file with section headers");
    for (uint32_t i = 0; i < head.e_shnum; i++) {
        Elf64_Shdr symbols, strings;
        memcpy(&symbols, image->bytes + head.e_shoff + i * sizeof symbols, sizeof symbols);
        if (symbols.sh_type != SHT_DYNSYM || symbols.sh_link >= head.e_shnum)
            continue;
        memcpy(&strings, image->bytes + head.e_shoff + symbols.sh_link * sizeof strings,
               sizeof strings);
        return read_table(image, &symbols, &strings, others, size, error);
    }
    return hone_fail(error, -ENOEXEC, "it has no dynamic symbols");
}

int hone_plugin_symbols(const char *path, char *others, size_t size, struct hone_error *error) {
    struct stat status;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    int result = file < 0 || fstat(file, &status) ? -errno : 0;
    others[0] = '\0';
    if (!result && status.st_size) {
        size_t bytes = (size_t)status.st_size;
        void *mapping = mmap(NULL, bytes, PROT_READ, MAP_PRIVATE, file, 0);
        const struct image image = {mapping, bytes};
        result = mapping == MAP_FAILED ? hone_fail(error, -errno, "it cannot be mapped")
                                       : find_table(&image, others, size, error);
        if (mapping != MAP_FAILED)
            munmap(mapping, bytes);
    } else {
        hone_fail(error, result ? result : -ENOEXEC, "%s", result ? strerror(-result) : "empty");
        result = result ? result : -ENOEXEC;
    }
    if (file >= 0)
        close(file);
    return result;
}
