#include "tests/fake_cuda/driver.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct module {
    char *bytes;
    size_t size;
};

bool fake_is(const char *word) {
    const char *words = getenv("FAKE_CUDA");
    const size_t length = strlen(word);
    for (; words && *words; words += strcspn(words, ","), words += *words == ',')
        if (strcspn(words, ",") == length && !strncmp(words, word, length))
            return true;
    return false;
}

API int cuInit(unsigned flags) {
    (void)flags;
    return fake_is("no_device") ? NO_DEVICE : GOOD;
}

API int cuDriverGetVersion(int *version) {
    *version = 13000;
    return GOOD;
}

API int cuGetErrorName(int result, const char **text) {
    *text = result == ILLEGAL_ADDRESS ? "CUDA_ERROR_ILLEGAL_ADDRESS"
            : result == NO_DEVICE     ? "CUDA_ERROR_NO_DEVICE"
                                      : "CUDA_ERROR_OF_THE_FAKE";
    return GOOD;
}

API int cuGetErrorString(int result, const char **text) {
    *text = result == ILLEGAL_ADDRESS ? "an illegal memory access was encountered" : "it failed";
    return GOOD;
}

API int cuDeviceGetCount(int *count) {
    *count = 2;
    return GOOD;
}

API int cuDeviceGet(int *device, int index) {
    *device = index;
    return index < 2 ? GOOD : INVALID;
}

API int cuDeviceGetName(char *name, int size, int device) {
    snprintf(name, (size_t)size, "Fake GPU %d", device);
    return GOOD;
}

API int cuDeviceGetUuid_v2(uint8_t uuid[16], int device) {
    memset(uuid, 0xfa, 16);
    uuid[15] = (uint8_t)device;
    return GOOD;
}

API int cuDeviceGetPCIBusId(char *text, int size, int device) {
    snprintf(text, (size_t)size, "0000:0%d:00.0", device);
    return GOOD;
}

API int cuDeviceTotalMem_v2(size_t *bytes, int device) {
    (void)device;
    *bytes = (size_t)256 << 20;
    return GOOD;
}

API int cuDeviceGetAttribute(int *value, int attribute, int device) {
    static const int pairs[][2] = {{10, 32},   {13, 1980000}, {16, 132}, {36, 3201000}, {37, 6144},
                                   {38, 1024}, {75, 9},       {76, 0},   {97, 232448}};
    (void)device;
    *value = attribute == 102 ? !fake_is("no_vmm") : attribute == 88 ? fake_is("hmm") : 0;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (pairs[i][0] == attribute)
            *value = pairs[i][1];
    return GOOD;
}

API int cuCtxCreate_v2(void **made, unsigned flags, int device) {
    (void)flags;
    (void)device;
    static char context; /* one is all that a launcher has */
    *made = &context;
    return GOOD;
}

API int cuCtxSetLimit(int limit, size_t value) {
    (void)limit;
    (void)value;
    return GOOD;
}

API int cuCtxResetPersistingL2Cache(void) {
    return GOOD;
}

/* --- programs --- */

/* Text, or what a compiler made for a device: its kernels are known by their names. */
static size_t image_size(const void *image) {
    const Elf64_Ehdr *elf = image;
    if (!strncmp(image, "FAKE\n", 5) || !strncmp(image, "//", 2))
        return strlen(image);
    if (memcmp(elf->e_ident, ELFMAG, SELFMAG) != 0)
        return 0;
    const size_t sections = elf->e_shoff + (size_t)elf->e_shnum * elf->e_shentsize;
    const size_t programs = elf->e_phoff + (size_t)elf->e_phnum * elf->e_phentsize;
    return sections > programs ? sections : programs;
}

API int cuModuleLoadData(void **made, const void *image) {
    const size_t size = image_size(image);
    if (!size)
        return NO_BINARY;
    fake_kernels_forget();
    struct module *module = malloc(sizeof *module);
    *module = (struct module){.bytes = malloc(size), .size = size};
    memcpy(module->bytes, image, size);
    *made = module;
    return GOOD;
}

/* What it says of a text that is no program: as the real one, only when it was text. */
API int cuModuleLoadDataEx(void **made, const void *image, unsigned count, int *options,
                           void **values) {
    const int result = cuModuleLoadData(made, image);
    char *log = NULL;
    size_t size = 0;
    for (unsigned i = 0; i < count; i++) {
        if (options[i] == CUDA_JIT_LOG)
            log = values[i];
        else if (options[i] == CUDA_JIT_LOG_BYTES)
            size = (size_t)values[i];
    }
    if (result && log && strncmp(image, ".version", 8) == 0)
        snprintf(log, size,
                 "ptxas info  : 0 bytes\nptxas line 3; error   : no fake kernel\nmore\n");
    return result;
}

API int cuModuleUnload(void *unloaded) {
    struct module *module = unloaded;
    free(module->bytes);
    free(module);
    return GOOD;
}

API int cuModuleGetFunction(void **function, void *from, const char *name) {
    const struct module *module = from;
    const struct fake_kernel *kernel = fake_kernel_find(name, strlen(name));
    *function = (void *)(uintptr_t)kernel;
    return kernel && memmem(module->bytes, module->size, name, strlen(name)) ? GOOD : NOT_FOUND;
}

API int cuFuncGetAttribute(int *value, int attribute, void *function) {
    (void)function;
    *value = attribute == 4 ? 24 : 0;
    return GOOD;
}

API int cuFuncSetAttribute(void *function, int attribute, int value) {
    (void)function;
    return attribute == 8 && value > 232448 ? INVALID : GOOD;
}

API int cuFuncGetParamInfo(void *function, size_t index, size_t *offset, size_t *bytes) {
    const struct fake_kernel *kernel = function;
    if (index >= strlen(kernel->sizes))
        return INVALID;
    *offset = 8 * index;
    *bytes = (size_t)(kernel->sizes[index] - '0');
    return GOOD;
}
