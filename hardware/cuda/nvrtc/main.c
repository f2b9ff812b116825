/* main.c - `hone-nvrtc`: one compilation of CUDA text, in a process of its own inside the jail.
 *
 *   hone-nvrtc LIBRARY ARCH OUTPUT [OPTION...]   ./hone.cu, which includes ./solve.cu, to OUTPUT
 *   hone-nvrtc --probe LIBRARY [OPTION...]       try the library, outside the jail
 *
 * Plain C, libc and dlopen only. What NVRTC says goes to stdout; OUTPUT is an image (image.h). Exit
 * status: 0 compiled, 1 the text is at fault, 3 something else is.
 */
#include "hardware/cuda/cubin.h"
#include "hardware/cuda/image.h"
#include "hardware/cuda/nvrtc/nvrtc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define UNIT "hone.cu"
#define SOURCE "solve.cu"
#define ALIGNMENT 64u

enum { COMPILED = 0, TEXT_AT_FAULT = 1, BROKEN = 3 };

static _Noreturn void end(int status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Without the library's destructors, of which nothing is hoped for. */
static _Noreturn void end(int status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    fflush(stdout);
    _exit(status);
}

static char *read_file(const char *path) {
    struct stat status;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status))
        end(BROKEN, "hone-nvrtc: cannot open %s: %s\n", path, strerror(errno));
    const size_t size = (size_t)status.st_size;
    char *text = malloc(size + 1);
    if (!text || read(fd, text, size) != (ssize_t)size)
        end(BROKEN, "hone-nvrtc: cannot read %s\n", path);
    close(fd);
    text[size] = '\0';
    if (strlen(text) != size)
        end(TEXT_AT_FAULT, "%s(1): error: the source holds a NUL byte\n", path);
    return text;
}

static void print_log(const struct nvrtc *nvrtc, struct nvrtc_program *program) {
    size_t size = 0;
    if (nvrtc->get_log_size(program, &size) || size <= 1)
        return;
    char *log = calloc(1, size + 1);
    if (log && !nvrtc->get_log(program, log))
        fputs(log, stdout);
    free(log);
}

/* For the reader of the diagnostics; whoever decides by these facts reads the cubin himself. */
static void print_facts(const void *bytes, size_t size) {
    struct hone_cubin *cubin = malloc(sizeof *cubin);
    if (cubin && !hone_cubin_read(bytes, size, cubin))
        for (uint32_t i = 0; i < cubin->kernel_count; i++) {
            const struct hone_cubin_kernel *kernel = &cubin->kernels[i];
            printf("%s: %u registers, %u bytes of shared memory, %u bytes of local memory\n",
                   kernel->name, kernel->registers, kernel->shared_bytes, kernel->local_bytes);
        }
    free(cubin);
}

static void write_whole(int fd, const void *bytes, size_t size) {
    for (const char *at = bytes; size;) {
        const ssize_t put = write(fd, at, size);
        if (put < 0)
            end(BROKEN, "hone-nvrtc: cannot write the image: %s\n", strerror(errno));
        at += put;
        size -= (size_t)put;
    }
}

static void write_image(const struct nvrtc *nvrtc, struct nvrtc_program *program, const char *arch,
                        const char *path) {
    size_t cubin_bytes = 0, ptx_bytes = 0; /* the latter with a NUL */
    if (nvrtc->get_cubin_size(program, &cubin_bytes) || nvrtc->get_ptx_size(program, &ptx_bytes) ||
        !cubin_bytes || !ptx_bytes)
        end(BROKEN, "hone-nvrtc: the library gives no cubin or no PTX\n");
    const size_t ptx_offset = sizeof(struct hone_cuda_image_header) +
                              (cubin_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    struct hone_cuda_image_header header = {
        .magic = HONE_CUDA_IMAGE_MAGIC,
        .version = HONE_CUDA_IMAGE_VERSION,
        .bytes = sizeof header,
        .cubin_offset = sizeof header,
        .cubin_bytes = cubin_bytes,
        .ptx_offset = ptx_offset,
        .ptx_bytes = ptx_bytes - 1,
    };
    snprintf(header.arch, sizeof header.arch, "%s", arch);
    char *block = calloc(1, ptx_offset + ptx_bytes);
    if (!block)
        end(BROKEN, "hone-nvrtc: no memory for the image\n");
    memcpy(block, &header, sizeof header);
    if (nvrtc->get_cubin(program, block + header.cubin_offset) ||
        nvrtc->get_ptx(program, block + header.ptx_offset))
        end(BROKEN, "hone-nvrtc: the library does not hand over what it made\n");
    print_facts(block + header.cubin_offset, cubin_bytes);
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        end(BROKEN, "hone-nvrtc: cannot make %s: %s\n", path, strerror(errno));
    write_whole(fd, block, ptx_offset + ptx_bytes);
    close(fd);
    free(block);
}

static void compile(const struct nvrtc *nvrtc, const char *arch, const char *output,
                    char *const *more) {
    char target[64];
    const char *options[64];
    int count = 0;
    snprintf(target, sizeof target, "--gpu-architecture=%s", arch);
    options[count++] = target;
    for (; *more && count < 64; more++)
        options[count++] = *more;

    char *unit = read_file(UNIT), *source = read_file(SOURCE);
    const char *const names[] = {SOURCE}, *const texts[] = {source};
    struct nvrtc_program *program;
    if (nvrtc->create_program(&program, unit, UNIT, 1, texts, names))
        end(BROKEN, "hone-nvrtc: the library makes no program\n");
    const int result = nvrtc->compile_program(program, count, options);
    print_log(nvrtc, program);
    if (result == NVRTC_COMPILATION_FAILED || result == NVRTC_OUT_OF_MEMORY)
        end(TEXT_AT_FAULT, result == NVRTC_OUT_OF_MEMORY ? "out of memory\n" : "%s", "");
    if (result)
        end(BROKEN, "hone-nvrtc: %s\n", nvrtc->get_error_string(result));
    write_image(nvrtc, program, arch, output);
}

int main(int argc, char **argv) {
    const bool probes = argc >= 3 && strcmp(argv[1], "--probe") == 0;
    struct nvrtc nvrtc;
    if (!probes && (argc < 4 || !hone_cuda_arch_is_valid(argv[2]))) {
        fputs("hone-nvrtc is started by hone itself, to compile CUDA text\n", stderr);
        return 2;
    }
    const char *wrong = nvrtc_load(&nvrtc, argv[probes ? 2 : 1]);
    if (wrong)
        end(BROKEN, "hone-nvrtc: %s\n", wrong);
    if (probes)
        nvrtc_probe(&nvrtc, argv + 3);
    else
        compile(&nvrtc, argv[2], argv[3], argv + 4);
    end(COMPILED, "%s", "");
}
