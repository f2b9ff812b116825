/* cuda_fixture.h - the cuda backend as the host drives it, on the driver of tests/fake_cuda. */
#ifndef HONE_TESTS_CUDA_FIXTURE_H
#define HONE_TESTS_CUDA_FIXTURE_H

#include "hardware/cuda/image.h"
#include "plugins/hardware.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define CUDA_INPUT 0x100000000000ull
#define CUDA_OUTPUT 0x200000000000ull
#define CUDA_BYTES 8192u
#define CUDA_COUNT 1000 /* elements that lie at the end of a region, as the host puts them */
#define CUDA_X (CUDA_INPUT + CUDA_BYTES - CUDA_COUNT * sizeof(float))
#define CUDA_Y (CUDA_OUTPUT + CUDA_BYTES - CUDA_COUNT * sizeof(float))
#define CUDA_SECOND 1000000000ull

struct cuda_bench {
    const struct hone_plugin *plugin;
    const struct hone_hardware_ops *ops;
    void *self, *runner;
    int input_fd, output_fd;
    float *input, *output; /* x and y */
    char folder[64];       /* of the locks */
};

static inline void cuda_path(const char *name, char path[600]) {
    ssize_t length = readlink("/proc/self/exe", path, 500);
    path[length > 0 ? length : 0] = '\0';
    char *slash = strrchr(path, '/');
    sprintf(slash ? slash : path, "/%s", name);
}

static inline bool cuda_create_with(struct cuda_bench *bench, const char *libcuda,
                                    const char *libcupti, struct hone_error *error) {
    static const struct hone_host host = {.size = sizeof host};
    char path[600];
    *bench =
        (struct cuda_bench){.input_fd = -1, .output_fd = -1, .folder = "/tmp/hone-cuda-XXXXXX"};
    if (!mkdtemp(bench->folder))
        return false;
    const struct hone_setting settings[] = {{"libcuda", libcuda},           {"libcupti", libcupti},
                                            {"libcublas", libcuda},         {"libcudnn", libcuda},
                                            {"lock_folder", bench->folder}, {NULL, NULL}};
    cuda_path("plugins/hardware/cuda.so", path);
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!object) {
        fprintf(stderr, "%s\n", dlerror());
        return false;
    }
    bench->plugin = dlsym(object, "hone_plugin");
    bench->ops = bench->plugin->hardware;
    return bench->plugin->create(&host, settings, &bench->self, error) == 0;
}

/* Without a runner. What goes wrong is in the environment: see tests/fake_cuda/fake.h. */
static inline bool cuda_create(struct cuda_bench *bench, struct hone_error *error) {
    char fake[600];
    cuda_path("tests/fake_cuda.so", fake);
    error->text[0] = '\0';
    return cuda_create_with(bench, fake, fake, error);
}

static inline bool cuda_open(struct cuda_bench *bench, struct hone_error *error) {
    if (!cuda_create(bench, error))
        return false;
    bench->input_fd = memfd_create("input", MFD_CLOEXEC);
    bench->output_fd = memfd_create("output", MFD_CLOEXEC);
    if (ftruncate(bench->input_fd, CUDA_BYTES) || ftruncate(bench->output_fd, CUDA_BYTES))
        return false;
    char *input = mmap(NULL, CUDA_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, bench->input_fd, 0);
    char *output = mmap(NULL, CUDA_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, bench->output_fd, 0);
    bench->input = (float *)(void *)(input + (CUDA_X - CUDA_INPUT));
    bench->output = (float *)(void *)(output + (CUDA_Y - CUDA_OUTPUT));
    for (int i = 0; i < CUDA_COUNT; i++) {
        bench->input[i] = (float)i;
        bench->output[i] = -1;
    }
    return bench->ops->runner_open(bench->self, 0, &bench->runner, error) == 0;
}

static inline void cuda_close(struct cuda_bench *bench) {
    char lock[160];
    if (bench->runner)
        bench->ops->runner_close(bench->runner);
    if (bench->self)
        bench->plugin->destroy(bench->self);
    if (bench->input_fd >= 0)
        close(bench->input_fd);
    if (bench->output_fd >= 0)
        close(bench->output_fd);
    for (int i = 0; i < 2; i++) {
        snprintf(lock, sizeof lock, "%s/hone-gpu-fafafafafafafafafafafafafafafa%02x.lock",
                 bench->folder, i);
        unlink(lock);
    }
    rmdir(bench->folder);
}

/* An image whose cubin is a list of the fake's kernels. */
static inline uint64_t cuda_image(const char *names, char image[1024]) {
    struct hone_cuda_image_header header = {.magic = HONE_CUDA_IMAGE_MAGIC,
                                            .version = HONE_CUDA_IMAGE_VERSION,
                                            .bytes = sizeof header,
                                            .arch = "sm_90",
                                            .cubin_offset = sizeof header};
    int length = snprintf(image + sizeof header, 1024 - sizeof header, "FAKE\n%s\n", names);
    header.cubin_bytes = (uint64_t)length + 1;
    header.ptx_offset = sizeof header + header.cubin_bytes;
    image[header.ptx_offset] = '\0';
    memcpy(image, &header, sizeof header);
    return header.ptx_offset + 1;
}

/* One without a cubin: the PTX is for the driver, and the fake takes text that begins as NVRTC's
 * does. */
static inline uint64_t cuda_text_image(const char *text, char image[1024]) {
    struct hone_cuda_image_header header = {.magic = HONE_CUDA_IMAGE_MAGIC,
                                            .version = HONE_CUDA_IMAGE_VERSION,
                                            .bytes = sizeof header,
                                            .arch = "sm_90",
                                            .cubin_offset = sizeof header,
                                            .ptx_offset = sizeof header};
    header.ptx_bytes = (uint64_t)snprintf(image + sizeof header, 1024 - sizeof header, "%s", text);
    memcpy(image, &header, sizeof header);
    return sizeof header + header.ptx_bytes + 1;
}

#define POINTER                                                                                    \
    { .kind = HONE_ARGUMENT_POINTER }
#define INT64                                                                                      \
    { .kind = HONE_ARGUMENT_INT64 }
#define INT32                                                                                      \
    { .kind = HONE_ARGUMENT_INT32 }
#define F32                                                                                        \
    { .kind = HONE_ARGUMENT_F32 }

/* Every kernel of the fake, as a plan would name it. */
enum cuda_entry { SCALE, ADD_INT, WRITE_INPUT, WRITE_AT, SHAPE, HANG, SPIN };
static const struct hone_plan_entry cuda_entries[] = {
    {"scale", HONE_STEP_LAUNCH, 3, 4, 0,
     (const struct hone_plan_entry_argument[]){POINTER, POINTER, INT64, F32}},
    {"add_int", HONE_STEP_LAUNCH, 4, 3, 0,
     (const struct hone_plan_entry_argument[]){POINTER, INT64, INT32}},
    {"write_input", HONE_STEP_LAUNCH, 5, 1, 0, (const struct hone_plan_entry_argument[]){POINTER}},
    {"write_at", HONE_STEP_LAUNCH, 6, 2, 0,
     (const struct hone_plan_entry_argument[]){POINTER, INT64}},
    {"shape", HONE_STEP_LAUNCH, 7, 1, 0, (const struct hone_plan_entry_argument[]){POINTER}},
    {"hang", HONE_STEP_LAUNCH, 8, 0, 0, NULL},
    {"spin", HONE_STEP_LAUNCH, 9, 2, 0, (const struct hone_plan_entry_argument[]){POINTER, INT64}},
};
#define CUDA_ENTRIES (sizeof cuda_entries / sizeof *cuda_entries)
#define CUDA_NAMES "scale\nadd_int\nwrite_input\nwrite_at\nshape\nhang\nspin"

static inline int cuda_start_entries(const struct cuda_bench *bench, const char *names,
                                     const struct hone_plan_entry *entries, uint32_t count,
                                     void **process, struct hone_go_result *started) {
    char image[1024];
    const struct hone_region regions[] = {
        {.address = CUDA_INPUT, .bytes = CUDA_BYTES, .fd = bench->input_fd},
        {.address = CUDA_OUTPUT, .bytes = CUDA_BYTES, .fd = bench->output_fd, .writable = 1},
    };
    const struct hone_process_request request = {
        .size = sizeof request,
        .region_count = 2,
        .regions = regions,
        .image = image,
        .image_bytes = cuda_image(names, image),
        .start_limit_ns = 5 * CUDA_SECOND,
        .entries = entries,
        .plan_entry_count = count,
    };
    *started = (struct hone_go_result){.size = sizeof *started};
    return bench->ops->process_start(bench->runner, &request, process, started);
}

static inline void *cuda_start(const struct cuda_bench *bench) {
    struct hone_go_result started;
    void *process = NULL;
    cuda_start_entries(bench, CUDA_NAMES, cuda_entries, CUDA_ENTRIES, &process, &started);
    return process;
}

/* The words of a call, step after step. */
struct cuda_words {
    uint64_t words[256];
    uint32_t count;
};

static inline void cuda_step(struct cuda_words *words, enum cuda_entry entry,
                             const uint64_t *arguments) {
    const uint32_t count = cuda_entries[entry].argument_count;
    const uint64_t head[] = {HONE_STEP_LAUNCH | (uint64_t)entry << 32,
                             count,
                             4ull | 3ull << 32,
                             2,
                             64ull | 2ull << 32,
                             1ull | 9ull << 32,
                             1ull | 1ull << 16 | 1ull << 32};
    if (!words->count)
        words->count = 1;
    words->words[0]++;
    memcpy(words->words + words->count, head, sizeof head);
    words->count += sizeof head / sizeof *head;
    if (count)
        memcpy(words->words + words->count, arguments, count * sizeof *arguments);
    words->count += count;
}

static inline int cuda_go(const struct cuda_bench *bench, void *process,
                          const struct cuda_words *words, uint64_t limit_ns,
                          struct hone_go_result *result) {
    const struct hone_go go = {.size = sizeof go,
                               .count = 1,
                               .word_count = words->count,
                               .words = words->words,
                               .limit_ns = 30 * limit_ns,
                               .cpu_limit_ns = limit_ns};
    *result = (struct hone_go_result){.size = sizeof *result};
    return bench->ops->process_go(process, &go, result);
}

static inline struct cuda_words cuda_scale(float factor) {
    struct cuda_words words = {.count = 0};
    uint64_t arguments[] = {CUDA_X, CUDA_Y, CUDA_COUNT, 0};
    memcpy(&arguments[3], &factor, sizeof factor);
    cuda_step(&words, SCALE, arguments);
    return words;
}

static inline struct cuda_words cuda_spin(uint64_t ns) {
    struct cuda_words words = {.count = 0};
    cuda_step(&words, SPIN, (uint64_t[]){CUDA_Y, ns});
    return words;
}

#endif
