/* fake_nvrtc.c - what looks like NVRTC and nvJitLink to a toolkit that is looked for: it compiles
 * whatever text to one PTX, and assembles it. For made-up folders, which need no toolkit. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define API __attribute__((visibility("default")))

static const char ptx[] = "//\n.version 99.1\n.target sm_90\n.address_size 64\n";
static const char cubin[] = "\177ELF of a kind";

API int nvrtcVersion(int *major, int *minor);
API int nvrtcCreateProgram(void **program, const char *text, const char *name, int count,
                           const char *const *headers, const char *const *names);
API int nvrtcCompileProgram(void *program, int count, const char *const *options);
API int nvrtcGetProgramLogSize(void *program, size_t *size);
API int nvrtcGetProgramLog(void *program, char *log);
API int nvrtcGetPTXSize(void *program, size_t *size);
API int nvrtcGetPTX(void *program, char *text);
API const char *nvrtcGetErrorString(int result);
API int nvJitLinkVersion(unsigned *major, unsigned *minor);
API int nvJitLinkCreate(void **handle, uint32_t count, const char **options);
API int nvJitLinkAddData(void *handle, int kind, const void *bytes, size_t size, const char *name);
API int nvJitLinkComplete(void *handle);
API int nvJitLinkGetLinkedCubinSize(void *handle, size_t *size);
API int nvJitLinkGetLinkedCubin(void *handle, void *bytes);
API int nvJitLinkGetErrorLogSize(void *handle, size_t *size);
API int nvJitLinkGetErrorLog(void *handle, char *log);

int nvrtcVersion(int *major, int *minor) {
    *major = 12, *minor = 9;
    return 0;
}

int nvrtcCreateProgram(void **program, const char *text, const char *name, int count,
                       const char *const *headers, const char *const *names) {
    (void)text, (void)name, (void)count, (void)headers, (void)names;
    *program = NULL;
    return 0;
}

int nvrtcCompileProgram(void *program, int count, const char *const *options) {
    (void)program;
    for (int i = 0; i < count; i++)
        if (strcmp(options[i], "--minimal") == 0)
            return 5; /* an option that this one does not know */
    return 0;
}

int nvrtcGetProgramLogSize(void *program, size_t *size) {
    (void)program;
    *size = 0;
    return 0;
}

int nvrtcGetProgramLog(void *program, char *log) {
    (void)program, (void)log;
    return 0;
}

int nvrtcGetPTXSize(void *program, size_t *size) {
    (void)program;
    *size = sizeof ptx;
    return 0;
}

int nvrtcGetPTX(void *program, char *text) {
    (void)program;
    memcpy(text, ptx, sizeof ptx);
    return 0;
}

const char *nvrtcGetErrorString(int result) {
    (void)result;
    return "a fault";
}

int nvJitLinkVersion(unsigned *major, unsigned *minor) {
    *major = 12, *minor = 9;
    return 0;
}

int nvJitLinkCreate(void **handle, uint32_t count, const char **options) {
    *handle = NULL;
    return count == 1 && strncmp(options[0], "-arch=sm_", 9) == 0 ? 0 : 1;
}

int nvJitLinkAddData(void *handle, int kind, const void *bytes, size_t size, const char *name) {
    (void)handle, (void)name;
    const char *text = bytes;
    return kind == 2 && size > 8 && !text[size - 1] && strncmp(text, ".version 99.1\n", 14) == 0
               ? 0
               : 4;
}

int nvJitLinkComplete(void *handle) {
    (void)handle;
    return 0;
}

int nvJitLinkGetLinkedCubinSize(void *handle, size_t *size) {
    (void)handle;
    *size = sizeof cubin;
    return 0;
}

int nvJitLinkGetLinkedCubin(void *handle, void *bytes) {
    (void)handle;
    memcpy(bytes, cubin, sizeof cubin);
    return 0;
}

int nvJitLinkGetErrorLogSize(void *handle, size_t *size) {
    (void)handle;
    *size = 0;
    return 0;
}

int nvJitLinkGetErrorLog(void *handle, char *log) {
    (void)handle, (void)log;
    return 0;
}
