/* cuda_cpu_fixture.h - CUDA sources on the cpu backend, driven as the host drives it, with plan
 * lines of plain numbers: //@hone launch NAME grid=(4) block=(32, 8) shared=0 args=(x, y, n,
 * (int)n, 2.5f)
 *
 * x is the input and y the output of cpu_fixture.h, as f32; n the number of words of a call.
 */
#ifndef HONE_TESTS_CUDA_CPU_FIXTURE_H
#define HONE_TESTS_CUDA_CPU_FIXTURE_H

#include "tests/cpu_fixture.h"

#define CUDA_LAUNCHES 8
#define CUDA_ARGUMENTS 16

struct cuda_plan {
    struct hone_plan_entry entries[CUDA_LAUNCHES];
    struct hone_plan_entry_argument arguments[CUDA_LAUNCHES][CUDA_ARGUMENTS];
    char names[CUDA_LAUNCHES][64];
    uint32_t count, word_count;
    uint64_t words[256];
};

static inline void cuda_read_triple(const char *text, uint64_t out[3]) {
    char *end = strchr(text, '(') + 1;
    out[0] = out[1] = out[2] = 1;
    for (int i = 0; i < 3; i++) {
        out[i] = strtoull(end, &end, 10);
        if (*end != ',')
            return;
        end++;
    }
}

static inline void cuda_read_argument(const char *text, size_t length, int64_t n,
                                      struct hone_plan_entry_argument *argument, uint64_t *word) {
    *argument = (struct hone_plan_entry_argument){.kind = HONE_ARGUMENT_INT64};
    if (length == 1 && (*text == 'x' || *text == 'y')) {
        argument->kind = HONE_ARGUMENT_POINTER;
        argument->type_bits = 32;
        argument->writes = *text == 'y';
        *word = *text == 'x' ? CPU_INPUT : CPU_OUTPUT;
    } else if (length == 1 && *text == 'n') {
        *word = (uint64_t)n;
    } else if (length == 6 && !strncmp(text, "(int)n", 6)) {
        argument->kind = HONE_ARGUMENT_INT32;
        *word = (uint32_t)n;
    } else {
        const float value = strtof(text, NULL);
        argument->kind = HONE_ARGUMENT_F32;
        *word = 0;
        memcpy(word, &value, sizeof value);
    }
}

static inline void cuda_read_launch(struct cuda_plan *plan, const char *line, uint32_t number,
                                    int64_t n) {
    const uint32_t index = plan->count++;
    uint64_t grid[3], block[3], *words = plan->words + plan->word_count;
    const char *shared = strstr(line, "shared="), *at = strstr(line, "args=(");
    const char *end = strchr(line, '\n');
    sscanf(line, "//@hone launch %63s", plan->names[index]);
    cuda_read_triple(strstr(line, "grid="), grid);
    cuda_read_triple(strstr(line, "block="), block);
    uint32_t count = 0;
    for (at += strlen("args="); *at != '\n' && at[1] != ')' && count < CUDA_ARGUMENTS; count++) {
        at += 1 + strspn(at + 1, " ");
        size_t length = strcspn(at + (*at == '('), ",)\n") + (*at == '(');
        if (*at == '(') /* a cast ends with the first bracket */
            length += strcspn(at + length, ",\n)") + (at[length] == ')');
        if (*at == '(')
            length = strlen("(int)n");
        cuda_read_argument(at, length, n, &plan->arguments[index][count], &words[7 + count]);
        at += length;
        if (*at == ')')
            break;
    }
    count += *at == ')' && at[-1] != '(';
    const uint64_t bytes = shared && (!end || shared < end) ? strtoull(shared + 7, NULL, 10) : 0;
    const uint64_t head[7] = {HONE_STEP_LAUNCH | (uint64_t)index << 32,
                              count,
                              grid[0] | grid[1] << 32,
                              grid[2] | bytes << 32,
                              block[0] | block[1] << 32,
                              block[2] | (uint64_t)number << 32,
                              1 | 1 << 16 | 1ull << 32};
    memcpy(words, head, sizeof head);
    plan->word_count += 7 + count;
    plan->entries[index] = (struct hone_plan_entry){.name = plan->names[index],
                                                    .kind = HONE_STEP_LAUNCH,
                                                    .line = number,
                                                    .argument_count = count,
                                                    .arguments = plan->arguments[index]};
}

static inline void cuda_read_plan(const char *source, int64_t n, struct cuda_plan *plan) {
    *plan = (struct cuda_plan){.word_count = 1};
    uint32_t number = 1;
    for (const char *line = source; line; number++) {
        if (!strncmp(line, "//@hone launch ", 15))
            cuda_read_launch(plan, line, number, n);
        line = strchr(line, '\n');
        line += line != NULL;
    }
    plan->words[0] = plan->count;
}

static inline struct hone_compile_request
cuda_request(const char *source, const struct cuda_plan *plan, uint32_t flags) {
    return (struct hone_compile_request){
        .size = sizeof(struct hone_compile_request),
        .language = "cuda",
        .source = source,
        .source_bytes = strlen(source),
        .options = "",
        .prelude = "",
        .epilogue = "",
        .entry_count = 1,
        .flags = flags,
        .entries = plan->entries,
        .plan_entry_count = plan->count,
    };
}

static inline void cuda_compile_as(const struct cpu_bench *bench, const char *source,
                                   const struct cuda_plan *plan, uint32_t flags,
                                   struct cpu_build *build) {
    const struct hone_compile_request request = cuda_request(source, plan, flags);
    cpu_compile_request(bench, &request, build);
}

static inline void cuda_compile(const struct cpu_bench *bench, const char *source,
                                const struct cuda_plan *plan, struct cpu_build *build) {
    cuda_compile_as(bench, source, plan, 0, build);
}

static inline int cuda_start(const struct cpu_bench *bench, const struct cpu_build *build,
                             const struct cuda_plan *plan, uint32_t flags, void **process,
                             struct hone_go_result *started) {
    const struct hone_region regions[] = {
        {.address = CPU_INPUT, .bytes = CPU_BYTES, .fd = bench->input_fd},
        {.address = CPU_OUTPUT, .bytes = CPU_BYTES, .fd = bench->output_fd, .writable = 1},
    };
    const struct hone_process_request request = {
        .size = sizeof request,
        .region_count = 2,
        .regions = regions,
        .image = build->jail.output.bytes,
        .image_bytes = build->jail.output.byte_count,
        .stack_bytes = 8u << 20,
        .memory_limit_bytes = 256u << 20,
        .start_limit_ns = 5000000000u,
        .entries = plan->entries,
        .plan_entry_count = plan->count,
        .flags = flags,
    };
    *started = (struct hone_go_result){.size = sizeof *started};
    return bench->ops->process_start(bench->runner, &request, process, started);
}

static inline int cuda_go(const struct cpu_bench *bench, void *process,
                          const struct cuda_plan *plan, uint32_t order, uint64_t seed,
                          struct hone_go_result *result) {
    const struct hone_go go = {.size = sizeof go,
                               .count = 1,
                               .word_count = plan->word_count,
                               .words = plan->words,
                               .limit_ns = 5000000000u,
                               .order = order,
                               .order_seed = seed};
    *result = (struct hone_go_result){.size = sizeof *result};
    return bench->ops->process_go(process, &go, result);
}

#endif
