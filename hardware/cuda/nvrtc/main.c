/* main.c - `hone-nvrtc`: one step of a compilation for a GPU, in a process of its own in a jail.
 *
 *   hone-nvrtc LIBRARY ARCH OUTPUT [OPTION...]        CUDA to PTX: ./hone.cu, which includes
 * ./solve.cu hone-nvrtc --assemble LIBRARY ARCH INPUT OUTPUT   PTX to a cubin, by nvJitLink
 *   hone-nvrtc --probe LIBRARY [OPTION...]            try NVRTC, outside a jail
 *   hone-nvrtc --probe-assembler LIBRARY INPUT        try nvJitLink, outside a jail
 *
 * Plain C, libc and dlopen only. What the library says goes to stdout. Exit status: 0 done, 1 the
 * text is at fault, 3 something else is.
 */
#include "hardware/cuda/nvrtc/file.h"
#include "hardware/cuda/nvrtc/jitlink.h"
#include "hardware/cuda/nvrtc/nvrtc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNIT "hone.cu"
#define SOURCE "solve.cu"

static void print_log(const struct nvrtc *nvrtc, struct nvrtc_program *program) {
    size_t size = 0;
    if (nvrtc->get_log_size(program, &size) || size <= 1)
        return;
    char *log = calloc(1, size + 1);
    if (log && !nvrtc->get_log(program, log))
        fputs(log, stdout);
    free(log);
}

static void write_ptx(const struct nvrtc *nvrtc, struct nvrtc_program *program, const char *path) {
    size_t bytes = 0; /* with a NUL */
    char *text = nvrtc->get_ptx_size(program, &bytes) || !bytes ? NULL : malloc(bytes);
    if (!text || nvrtc->get_ptx(program, text))
        end(BROKEN, "hone-nvrtc: the library does not hand over what it made\n");
    write_file(path, text, bytes - 1);
    free(text);
}

static void compile(char **arguments) {
    const char *options[64];
    char target[64];
    size_t size;
    int count = 0;
    struct nvrtc nvrtc;
    const char *wrong = nvrtc_load(&nvrtc, arguments[0]);
    if (wrong)
        end(BROKEN, "hone-nvrtc: %s\n", wrong);
    snprintf(target, sizeof target, "--gpu-architecture=%s", arguments[1]);
    options[count++] = target;
    for (char **more = arguments + 3; *more && count < 64; more++)
        options[count++] = *more;

    char *unit = read_file(UNIT, &size), *source = read_file(SOURCE, &size);
    const char *const names[] = {SOURCE}, *const texts[] = {source};
    struct nvrtc_program *program;
    if (nvrtc.create_program(&program, unit, UNIT, 1, texts, names))
        end(BROKEN, "hone-nvrtc: the library makes no program\n");
    const int result = nvrtc.compile_program(program, count, options);
    print_log(&nvrtc, program);
    if (result == NVRTC_COMPILATION_FAILED || result == NVRTC_OUT_OF_MEMORY)
        end(TEXT_AT_FAULT, result == NVRTC_OUT_OF_MEMORY ? "out of memory\n" : "%s", "");
    if (result)
        end(BROKEN, "hone-nvrtc: %s\n", nvrtc.get_error_string(result));
    write_ptx(&nvrtc, program, arguments[2]);
}

static void probe(char **arguments) {
    struct nvrtc nvrtc;
    const char *wrong = nvrtc_load(&nvrtc, arguments[0]);
    if (wrong)
        end(BROKEN, "hone-nvrtc: %s\n", wrong);
    nvrtc_probe(&nvrtc, arguments + 1);
}

static void assemble(char **arguments) {
    jitlink_assemble(arguments[0], arguments[1], arguments[2], arguments[3]);
}

static void probe_assembler(char **arguments) {
    jitlink_probe(arguments[0], arguments[1]);
}

int main(int argc, char **argv) {
    static const struct {
        const char *word;
        int least;
        void (*run)(char **arguments);
    } modes[] = {
        {"--assemble", 4, assemble},
        {"--probe", 1, probe},
        {"--probe-assembler", 2, probe_assembler},
    };
    for (size_t i = 0; argc > 1 && i < sizeof modes / sizeof *modes; i++)
        if (strcmp(argv[1], modes[i].word) == 0 && argc - 2 >= modes[i].least) {
            modes[i].run(argv + 2);
            end(COMPILED, "%s", "");
        }
    if (argc < 4 || argv[1][0] == '-') {
        fputs("hone-nvrtc is started by hone itself, to compile CUDA text\n", stderr);
        return 2;
    }
    compile(argv + 1);
    end(COMPILED, "%s", "");
}
