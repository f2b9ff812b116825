/* Whatever bytes jails bring back as PTX or a cubin: they are read within their bounds.
 *
 * The first byte chooses: a whole image; a cubin; changes to the header of a small cubin, so that
 * what lies behind its checks is reached without a corpus; or PTX. */
#include "hardware/cuda/cubin.h"
#include "hardware/cuda/image.h"
#include "hardware/cuda/ptx.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#define SECTIONS 5

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_kernels(const struct hone_cubin *cubin) {
    for (uint32_t i = 0; i < cubin->kernel_count; i++) {
        const struct hone_cubin_kernel *kernel = &cubin->kernels[i];
        if (!*kernel->name || hone_cubin_find(cubin, kernel->name) != kernel)
            abort();
    }
}

static void check_cubin(const void *bytes, size_t size) {
    struct hone_cubin *cubin = malloc(sizeof *cubin);
    if (!cubin)
        return;
    const char *wrong = hone_cubin_read(bytes, size, cubin);
    if (!wrong)
        check_kernels(cubin);
    else if (!*wrong)
        abort();
    free(cubin);
}

/* Names, symbols, the module's facts and a kernel's; the input is what they hold. */
static void make_skeleton(uint8_t *bytes, size_t size) {
    static const char names[] = "\0.nv.info\0.nv.info.k\0.nv.shared.k\0k";
    Elf64_Ehdr header = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT, 0x41,
                    8},
        .e_machine = 190,
        .e_flags = 0x6005a04,
        .e_shoff = sizeof header,
        .e_shentsize = sizeof(Elf64_Shdr),
        .e_shnum = SECTIONS,
    };
    const size_t base = sizeof header + SECTIONS * sizeof(Elf64_Shdr);
    const Elf64_Shdr sections[SECTIONS] = {
        {.sh_offset = base, .sh_size = sizeof names},
        {.sh_type = SHT_SYMTAB, .sh_offset = base + 64, .sh_size = 2 * sizeof(Elf64_Sym)},
        {.sh_name = 1, .sh_offset = base + 128, .sh_size = size - base - 128},
        {.sh_name = 10, .sh_offset = base + 128, .sh_size = size - base - 128},
        {.sh_name = 21, .sh_type = SHT_NOBITS, .sh_size = 2048},
    };
    const Elf64_Sym kernel = {.st_name = 34,
                              .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
                              .st_other = 0x10,
                              .st_shndx = 2};
    memcpy(bytes, &header, sizeof header);
    memcpy(bytes + sizeof header, sections, sizeof sections);
    memcpy(bytes + base, names, sizeof names);
    memcpy(bytes + base + 64 + sizeof kernel, &kernel, sizeof kernel);
}

static void change_skeleton(const uint8_t *data, size_t size) {
    const size_t base = sizeof(Elf64_Ehdr) + SECTIONS * sizeof(Elf64_Shdr) + 128;
    const size_t changes = size > 64 ? 16 : 0;
    uint8_t *bytes = calloc(1, base + size);
    if (!bytes)
        return;
    memcpy(bytes + base, data, size);
    make_skeleton(bytes, base + size);
    for (size_t i = 0; i + 2 < changes; i += 3)
        bytes[(data[i] | (size_t)data[i + 1] << 8) % base] = data[i + 2];
    check_cubin(bytes, base + size);
    free(bytes);
}

static void check_ptx(const char *bytes, size_t size) {
    struct hone_cubin *cubin = malloc(sizeof *cubin);
    char *text = malloc(size + 1);
    if (text && cubin) {
        memcpy(text, bytes, size);
        text[size] = '\0';
        if (!hone_ptx_read(text, cubin))
            check_kernels(cubin);
    }
    free(text);
    free(cubin);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct hone_cuda_image image;
    if (size < 1)
        return 0;
    uint8_t *bytes = malloc(size - 1 ? size - 1 : 1); /* exact, so that reading on is seen */
    if (!bytes)
        return 0;
    memcpy(bytes, data + 1, size - 1);
    if (data[0] % 4 == 0) {
        if (!hone_cuda_image_open(bytes, size - 1, &image)) {
            if (strlen(image.ptx) != image.ptx_bytes || !hone_cuda_arch_is_valid(image.arch))
                abort();
            if (image.cubin)
                check_cubin(image.cubin, image.cubin_bytes);
            check_ptx(image.ptx, image.ptx_bytes);
        }
    } else if (data[0] % 4 == 1) {
        check_cubin(bytes, size - 1);
    } else if (data[0] % 4 == 2) {
        change_skeleton(bytes, size - 1);
    } else {
        check_ptx((const char *)bytes, size - 1);
    }
    free(bytes);
    return 0;
}
