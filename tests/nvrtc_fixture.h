/* nvrtc_fixture.h - CUDA text for a GPU as the host compiles it: a job, the jail, the verdict. */
#ifndef HONE_TESTS_NVRTC_FIXTURE_H
#define HONE_TESTS_NVRTC_FIXTURE_H

#include "core/jail.h"
#include "core/settings.h"
#include "hardware/cuda/compile.h"
#include "hardware/cuda/cubin.h"
#include "hardware/cuda/image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct nvrtc_build {
    struct hone_compile_result result;
    struct hone_jail_result jail;
    int failed;
    struct hone_error error;
};

/* CPU time that a test gives a compilation: bombs are many, and all alike. */
#define NVRTC_TEST_CPU_LIMIT_S 4

/* NULL, with a line that says why, where there is no NVRTC. */
static inline struct hone_toolkit *nvrtc_open(void) {
    struct hone_places places;
    struct hone_toolkit *toolkit = NULL;
    struct hone_error error = {""};
    if (hone_places(&places, &error) ||
        hone_toolkit_open(NULL, NULL, places.library, &toolkit, &error))
        fprintf(stderr, "skipped: %s\n", error.text);
    return toolkit;
}

static inline void nvrtc_next(struct hone_compile_job *job, struct nvrtc_build *build, int *more) {
    *more = build->failed ? 0 : hone_cuda_compile_next(job, &build->jail.output, &build->error);
    build->failed = *more < 0 ? *more : build->failed;
}

static inline void nvrtc_finish(struct nvrtc_build *build) {
    hone_jail_finish(&build->jail);
    free(build->result.image);
    build->result.image = NULL;
}

static inline void nvrtc_compile_for(const struct hone_toolkit *toolkit, const char *arch,
                                     const char *source, const char *options, const char *prelude,
                                     const struct hone_plan_entry *entries, uint32_t entry_count,
                                     struct nvrtc_build *build) {
    const struct hone_compile_request request = {
        .size = sizeof request,
        .language = "cuda",
        .source = source,
        .source_bytes = strlen(source),
        .options = options,
        .prelude = prelude,
        .epilogue = "",
        .entry_count = 1,
        .entries = entries,
        .plan_entry_count = entry_count,
    };
    struct hone_compile_job job = {.size = sizeof job};
    *build = (struct nvrtc_build){.result = {.size = sizeof build->result}};
    build->failed = hone_cuda_compile_begin(toolkit, arch, &request, &job, &build->error);
    if (build->failed)
        return;
    int more = 1;
    for (; more > 0 && !build->failed; nvrtc_next(&job, build, &more)) {
        hone_jail_finish(&build->jail);
        job.cpu_limit_s = NVRTC_TEST_CPU_LIMIT_S;
        build->failed = hone_jail_run(&job, NULL, &build->jail, &build->error);
    }
    if (build->failed)
        hone_cuda_compile_drop(&job);
    else
        build->failed = hone_cuda_compile_end(&job, &build->jail.output, &build->result);
}

static inline void nvrtc_compile(const struct hone_toolkit *toolkit, const char *source,
                                 struct nvrtc_build *build) {
    nvrtc_compile_for(toolkit, "sm_90", source, "", "", NULL, 0, build);
}

#endif
