#include "tests/support.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <dirent.h>
#include <dlfcn.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* As a CUDA source is built for the CPU, with a scheduler for one thread. */
#define FLAGS                                                                                      \
    "-x c++ -std=c++17 -march=native -nostdinc -undef -fno-exceptions -fno-rtti -fno-math-errno "  \
    "-fno-trapping-math -ffp-contract=fast -Itests/device -Ihardware/device/cpu "                  \
    "-Ihardware/device/common -include cuda.h "

static const char *const compilers[] = {"clang++ -DHONE_CLANG", "g++"};

static bool is_there(const char *compiler) {
    char command[64];
    snprintf(command, sizeof command, "command -v %.*s >/dev/null", (int)strcspn(compiler, " "),
             compiler);
    return system(command) == 0;
}

/* What the compiler says, and its status. */
static int compile(const char *compiler, const char *flags, const char *path, char *said,
                   size_t size) {
    char command[1024];
    snprintf(command, sizeof command, "%s " FLAGS "%s %s 2>&1", compiler, flags, path);
    FILE *pipe = popen(command, "r");
    cr_assert_not_null(pipe);
    size_t length = fread(said, 1, size - 1, pipe);
    said[length] = '\0';
    while (fgetc(pipe) != EOF)
        ;
    return pclose(pipe);
}

static void each_file(const char *pattern, void (*check)(const char *compiler, const char *path)) {
    glob_t found;
    int tried = 0;
    cr_assert(eq(int, glob(pattern, 0, NULL, &found), 0));
    for (size_t c = 0; c < sizeof compilers / sizeof *compilers; c++)
        for (size_t i = 0; is_there(compilers[c]) && i < found.gl_pathc; i++, tried++)
            check(compilers[c], found.gl_pathv[i]);
    globfree(&found);
    if (!tried)
        cr_skip_test("neither clang++ nor g++ is here");
}

static void is_compiled(const char *compiler, const char *path) {
    char said[2000];
    int status = compile(compiler, "-fsyntax-only -w", path, said, sizeof said);
    cr_expect(status == 0, "%s %s: %s", compiler, path, said);
}

Test(device_headers, take_what_models_write) {
    each_file("tests/device/accept/*.cu", is_compiled);
}

Test(device_headers, take_the_tasks_kernels) {
    each_file("tasks/*/*/naive.cu", is_compiled);
}

static void compiles_without_warning(const char *compiler, const char *path) {
    char said[2000];
    compile(compiler, "-fsyntax-only -Wall -Wextra -Wshadow", path, said, sizeof said);
    cr_expect(strstr(said, "hardware/device") == NULL, "%s %s: %s", compiler, path, said);
}

Test(device_headers, are_free_of_warnings) {
    each_file("tests/device/accept/[bhgm]*.cu", compiles_without_warning);
}

static void is_refused(const char *compiler, const char *path) {
    char said[8000], *text = hone_test_read(path);
    if (strncmp(text, "// compile ", 11) == 0) {
        text[strcspn(text, "\n")] = '\0';
        int status = compile(compiler, "-fsyntax-only -w", path, said, sizeof said);
        cr_expect(status != 0 && strstr(said, text + 11), "%s %s: %s", compiler, path, said);
    }
    free(text);
}

Test(device_headers, refuse_by_name_what_the_scan_cannot_see) {
    each_file("tests/device/refuse/*.cu", is_refused);
}

static void holds(const char *compiler, const char *path) {
    char said[2000], program[64] = "/tmp/hone-device-XXXXXX", flags[128], link[128];
    int file = mkstemp(program);
    cr_assert(file >= 0);
    close(file);
    snprintf(flags, sizeof flags, "-O2 -w -c -o %s.o", program);
    int status = compile(compiler, flags, path, said, sizeof said);
    cr_expect(status == 0, "%s %s: %s", compiler, path, said);
    snprintf(link, sizeof link, "%s -o %s %s.o -lm", compiler, program, program);
    status = status ? status : system(link);
    status = status ? status : system(program);
    cr_expect(status == 0, "%s %s: line %d does not hold, modulo 255", compiler, path,
              WEXITSTATUS(status) - 1);
    unlink(program);
    strcat(program, ".o");
    unlink(program);
}

Test(device_headers, compute_what_cuda_computes, .timeout = 120) {
    each_file("tests/device/run/*.cu", holds);
}

/* NVRTC, where it is: the same sources, with the headers that both devices share. */
struct nvrtc {
    int (*create)(void **, const char *, const char *, int, const char *const *,
                  const char *const *);
    int (*compile)(void *, int, const char *const *);
    int (*log_size)(void *, size_t *);
    int (*log)(void *, char *);
    int (*destroy)(void **);
    char *names[64], *texts[64];
    int header_count;
};

static bool find_nvrtc(struct nvrtc *nvrtc) {
    static const char *const paths[] = {"libnvrtc.so", "/usr/local/cuda/lib64/libnvrtc.so"};
    void *library = NULL;
    for (size_t i = 0; !library && i < sizeof paths / sizeof *paths; i++)
        library = dlopen(paths[i], RTLD_NOW);
    if (!library)
        return false;
    *(void **)&nvrtc->create = dlsym(library, "nvrtcCreateProgram");
    *(void **)&nvrtc->compile = dlsym(library, "nvrtcCompileProgram");
    *(void **)&nvrtc->log_size = dlsym(library, "nvrtcGetProgramLogSize");
    *(void **)&nvrtc->log = dlsym(library, "nvrtcGetProgramLog");
    *(void **)&nvrtc->destroy = dlsym(library, "nvrtcDestroyProgram");
    DIR *folder = opendir("hardware/device/common");
    cr_assert_not_null(folder);
    for (struct dirent *entry; (entry = readdir(folder));) {
        char path[512];
        if (entry->d_name[0] == '.')
            continue;
        cr_assert(lt(int, nvrtc->header_count, 64));
        snprintf(path, sizeof path, "hardware/device/common/%s", entry->d_name);
        nvrtc->names[nvrtc->header_count] = strdup(entry->d_name);
        nvrtc->texts[nvrtc->header_count++] = hone_test_read(path);
    }
    closedir(folder);
    return true;
}

static void forget_nvrtc(struct nvrtc *nvrtc) {
    for (int i = 0; i < nvrtc->header_count; i++) {
        free(nvrtc->names[i]);
        free(nvrtc->texts[i]);
    }
}

static void nvrtc_takes(const struct nvrtc *nvrtc, const char *path) {
    static const char *const options[] = {
        "--std=c++17", "--gpu-architecture=sm_90", "--device-as-default-execution-space",
        "-D_CG_LIMIT_INCLUDED_DEPENDENCIES", "-I/usr/local/cuda/include"};
    char *text = hone_test_read(path), log[4000] = "";
    size_t size = strlen(text) + 64, log_size = 0;
    char *unit = malloc(size);
    void *program = NULL;
    snprintf(unit, size, "#include \"prelude.h\"\n#line 1 \"%s\"\n%s", "solve.cu", text);
    nvrtc->create(&program, unit, "unit.cu", nvrtc->header_count, (const char *const *)nvrtc->texts,
                  (const char *const *)nvrtc->names);
    int result = nvrtc->compile(program, sizeof options / sizeof *options, options);
    nvrtc->log_size(program, &log_size);
    if (log_size < sizeof log)
        nvrtc->log(program, log);
    cr_expect(result == 0, "%s: %s", path, log);
    nvrtc->destroy(&program);
    free(unit);
    free(text);
}

Test(device_headers, agree_with_nvrtc_on_what_compiles, .timeout = 120) {
    struct nvrtc nvrtc = {0};
    glob_t found;
    if (!find_nvrtc(&nvrtc))
        cr_skip_test("no libnvrtc here");
    bool toolkit = access("/usr/local/cuda/include/cuda_fp16.h", R_OK) == 0;
    const char *pattern = toolkit ? "tests/device/accept/*.cu" : "tests/device/accept/without*.cu";
    cr_assert(eq(int, glob(pattern, 0, NULL, &found), 0));
    for (size_t i = 0; i < found.gl_pathc; i++)
        nvrtc_takes(&nvrtc, found.gl_pathv[i]);
    globfree(&found);
    forget_nvrtc(&nvrtc);
}
