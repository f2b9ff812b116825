/* cuda_look_fixture.h - memory that the launcher fills and looks at: how tests ask for it. */
#ifndef HONE_TESTS_CUDA_LOOK_FIXTURE_H
#define HONE_TESTS_CUDA_LOOK_FIXTURE_H

#include "core/error.h"
#include "tests/cuda_fixture.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static struct cuda_bench bench;
static struct hone_error error;

static inline void open_bench(void) {
    cr_assert(cuda_open(&bench, &error), "%s", error.text);
}

static inline void close_bench(void) {
    cuda_close(&bench);
}

static inline void *start(void) {
    void *process = cuda_start(&bench);
    cr_assert(process != NULL, "the program cannot be started");
    return process;
}

static inline void prepare(void *process, const struct hone_material *materials, uint32_t count) {
    cr_assert(eq(int, bench.ops->process_prepare(process, materials, count), 0));
}

static inline struct hone_go_result go(void *process, struct cuda_words words) {
    struct hone_go_result result;
    cr_assert(eq(int, cuda_go(&bench, process, &words, CUDA_SECOND, &result), 0), "%s",
              result.text);
    return result;
}

static inline void go_well(void *process, struct cuda_words words) {
    struct hone_go_result result = go(process, words);
    cr_assert(eq(u32, result.status, HONE_GO_DONE), "%s", result.text);
}

static inline void look(void *process, struct hone_look *looks, uint32_t count) {
    struct hone_go_result result = {.size = sizeof result};
    cr_assert(eq(int, bench.ops->process_look(process, looks, count, &result), 0), "%s",
              result.text);
    cr_assert(eq(u32, result.status, HONE_GO_DONE), "%s", result.text);
}

static inline uint8_t *output_region(void) {
    return (uint8_t *)bench.output - (CUDA_Y - CUDA_OUTPUT);
}

static inline void fetch(void *process) {
    struct hone_look all = {.kind = HONE_LOOK_FETCH,
                            .material = {.address = CUDA_OUTPUT, .format = HONE_FORMAT_U8}};
    look(process, &all, 1);
}

/* A call that touches the output and writes nothing. */
static inline struct cuda_words touch(void) {
    return cuda_spin(1);
}

#endif
