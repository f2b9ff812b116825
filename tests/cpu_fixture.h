/* cpu_fixture.h - the cpu backend as the host drives it: compile through the jail, run in the
 * guest. */
#ifndef HONE_TESTS_CPU_FIXTURE_H
#define HONE_TESTS_CPU_FIXTURE_H

#include "core/jail.h"
#include "plugins/hardware.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define CPU_INPUT 0x100000000000ull
#define CPU_OUTPUT 0x200000000000ull
#define CPU_BYTES 65536u
#define CPU_PRELUDE "void solve(const float *x, float *y, int64_t n, float alpha);\n"
#define CPU_EPILOGUE                                                                               \
    "void hone_call_0(const uint64_t *words) {\n"                                                  \
    "    float alpha;\n"                                                                           \
    "    __builtin_memcpy(&alpha, &words[3], sizeof alpha);\n"                                     \
    "    solve((const float *)words[0], (float *)words[1], (int64_t)words[2], alpha);\n"           \
    "}\n"
#define CPU_SOLVE "void solve(const float *x, float *y, int64_t n, float alpha) "

struct cpu_bench {
    const struct hone_plugin *plugin;
    const struct hone_hardware_ops *ops;
    void *self;
    void *runner;
    int input_fd, output_fd;
    float *input, *output;
};

struct cpu_build {
    struct hone_compile_result result;
    struct hone_jail_result jail;
    int failed;
    struct hone_error error;
};

static inline const struct hone_plugin *cpu_load(void) {
    char path[600];
    ssize_t length = readlink("/proc/self/exe", path, 512);
    path[length > 0 ? length : 0] = '\0';
    char *slash = strrchr(path, '/');
    strcpy(slash ? slash : path, "/plugins/hardware/cpu.so");
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!object)
        fprintf(stderr, "%s\n", dlerror());
    return object ? dlsym(object, "hone_plugin") : NULL;
}

/* With confinement up to `level`. NULL-terminated text in `error` when something is missing. */
static inline bool cpu_open_at(struct cpu_bench *bench, bool with_runner, const char *level,
                               struct hone_error *error) {
    const struct hone_setting settings[] = {
        {"compiler", "gcc"}, {"confinement", level}, {NULL, NULL}};
    static const struct hone_host host = {.size = sizeof host};
    *bench = (struct cpu_bench){.input_fd = -1, .output_fd = -1};
    error->text[0] = '\0';
    bench->plugin = cpu_load();
    if (!bench->plugin || bench->plugin->create(&host, settings, &bench->self, error))
        return false;
    bench->ops = bench->plugin->hardware;
    if (!with_runner)
        return true;
    bench->input_fd = memfd_create("input", MFD_CLOEXEC);
    bench->output_fd = memfd_create("output", MFD_CLOEXEC);
    if (ftruncate(bench->input_fd, CPU_BYTES) || ftruncate(bench->output_fd, CPU_BYTES))
        return false;
    bench->input = mmap(NULL, CPU_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, bench->input_fd, 0);
    bench->output = mmap(NULL, CPU_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, bench->output_fd, 0);
    return bench->ops->runner_open(bench->self, 0, &bench->runner, error) == 0;
}

static inline bool cpu_open(struct cpu_bench *bench, bool with_runner, struct hone_error *error) {
    return cpu_open_at(bench, with_runner, "A", error);
}

static inline void cpu_close(struct cpu_bench *bench) {
    if (bench->runner)
        bench->ops->runner_close(bench->runner);
    if (bench->input) {
        munmap(bench->input, CPU_BYTES);
        munmap(bench->output, CPU_BYTES);
        close(bench->input_fd);
        close(bench->output_fd);
    }
    if (bench->self)
        bench->plugin->destroy(bench->self);
}

static inline void cpu_compile_request(const struct cpu_bench *bench,
                                       const struct hone_compile_request *request,
                                       struct cpu_build *build) {
    struct hone_compile_job job = {.size = sizeof job};
    *build = (struct cpu_build){.result = {.size = sizeof build->result}};
    build->failed = bench->ops->compile_begin(bench->self, request, &job, &build->error);
    if (build->failed)
        return;
    build->failed = hone_jail_run(&job, NULL, &build->jail, &build->error);
    if (build->failed)
        bench->ops->compile_drop(bench->self, &job);
    else
        build->failed =
            bench->ops->compile_end(bench->self, &job, &build->jail.output, &build->result);
}

static inline void cpu_compile_as(const struct cpu_bench *bench, const char *source,
                                  const char *options, const char *prelude, const char *epilogue,
                                  struct cpu_build *build) {
    const struct hone_compile_request request = {
        .size = sizeof request,
        .language = "c",
        .source = source,
        .source_bytes = strlen(source),
        .options = options,
        .prelude = prelude,
        .epilogue = epilogue,
        .entry_count = 1,
    };
    cpu_compile_request(bench, &request, build);
}

static inline void cpu_compile(const struct cpu_bench *bench, const char *source,
                               const char *options, struct cpu_build *build) {
    cpu_compile_as(bench, source, options, CPU_PRELUDE, CPU_EPILOGUE, build);
}

/* `flags`: HONE_PROCESS_*. */
static inline int cpu_start_with(const struct cpu_bench *bench, uint32_t flags, const void *image,
                                 uint64_t bytes, void **process, struct hone_go_result *started) {
    const struct hone_region regions[] = {
        {.address = CPU_INPUT, .bytes = CPU_BYTES, .fd = bench->input_fd},
        {.address = CPU_OUTPUT, .bytes = CPU_BYTES, .fd = bench->output_fd, .writable = 1},
    };
    const struct hone_process_request request = {
        .size = sizeof request,
        .region_count = 2,
        .regions = regions,
        .image = image,
        .image_bytes = bytes,
        .stack_bytes = 8u << 20,
        .memory_limit_bytes = 256u << 20,
        .start_limit_ns = 5000000000u,
        .flags = flags,
    };
    *process = NULL;
    *started = (struct hone_go_result){.size = sizeof *started};
    return bench->ops->process_start(bench->runner, &request, process, started);
}

static inline int cpu_start_image(const struct cpu_bench *bench, const void *image, uint64_t bytes,
                                  void **process, struct hone_go_result *started) {
    return cpu_start_with(bench, 0, image, bytes, process, started);
}

static inline int cpu_start(const struct cpu_bench *bench, const struct cpu_build *build,
                            void **process, struct hone_go_result *started) {
    return cpu_start_image(bench, build->jail.output.bytes, build->jail.output.byte_count, process,
                           started);
}

static inline int cpu_go(const struct cpu_bench *bench, void *process, int64_t n, float alpha,
                         uint64_t limit_ns, struct hone_go_result *result) {
    uint64_t words[4] = {CPU_INPUT, CPU_OUTPUT, (uint64_t)n, 0};
    memcpy(&words[3], &alpha, sizeof alpha);
    const struct hone_go go = {
        .size = sizeof go, .count = 1, .word_count = 4, .words = words, .limit_ns = limit_ns};
    *result = (struct hone_go_result){.size = sizeof *result};
    return bench->ops->process_go(process, &go, result);
}

#endif
