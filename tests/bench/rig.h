/* rig.h - the cpu backend without a server: what a compile job is, and processes of one image. */
#ifndef HONE_TESTS_BENCH_RIG_H
#define HONE_TESTS_BENCH_RIG_H

#include "plugins/hardware.h"

#include <stdbool.h>

struct rig {
    void *object;
    const struct hone_plugin *plugin;
    const struct hone_hardware_ops *ops;
    void *self, *runner;
    struct hone_device device;
    int input_file, output_file;
    float *input, *output; /* RIG_COUNT elements */
    void *image;
    uint64_t image_bytes;
};

#define RIG_COUNT 1024
#define RIG_PRELUDE "void solve(const float *x, float *out, int64_t n);\n"
#define RIG_EPILOGUE                                                                               \
    "void hone_call_0(const uint64_t *words) {\n"                                                  \
    "    solve((const float *)words[0], (float *)words[1], (int64_t)words[2]);\n"                  \
    "}\n"

/* The backend with one option changed, if `name` is not NULL. False: it has no such option. */
bool rig_open(struct rig *rig, const char *name, const char *value);
void rig_close(struct rig *rig);
/* What the backend would have its jail run; to be dropped. */
void rig_job(struct rig *rig, const char *source, struct hone_compile_job *job);
void rig_compile(struct rig *rig, const char *source); /* into `image` */
/* Start a process of the image, one go on RIG_COUNT elements, stop it. */
void rig_evaluate(struct rig *rig);

#endif
