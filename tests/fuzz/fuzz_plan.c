/* Any text has no plan, one that comes to a bounded program, or an error with its place. The first
 * byte chooses the language and the sizes. */
#include "core/plan.h"
#include "core/task_graph.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct hone_task task = {
    .id = "fuzz",
    .axis_count = 2,
    .axes = {{.name = "n", .low = 1, .high = 4096}, {.name = "m", .low = 1, .high = 4096}},
    .arg_count = 6,
    .args = {{.name = "x", .role = HONE_IN, .dtype = HONE_F32, .ndim = 1, .shape = {"n"}},
             {.name = "s", .role = HONE_INOUT, .dtype = HONE_F32, .ndim = 1, .shape = {"m"}},
             {.name = "y", .role = HONE_OUT, .dtype = HONE_F32, .ndim = 1, .shape = {"n"}},
             {.name = "a", .role = HONE_SCALAR, .dtype = HONE_F32},
             {.name = "n", .role = HONE_AXIS, .dtype = HONE_I64, .axis = 0},
             {.name = "m", .role = HONE_AXIS, .dtype = HONE_I64, .axis = 1}},
};

static void must(bool truth) {
    if (!truth)
        abort();
}

static void write_words(const struct hone_plan_program *program) {
    uint64_t tensors[HONE_ARGS_MAX] = {0}, scratch[HONE_PLAN_WORKSPACES_MAX] = {0};
    uint64_t *words = malloc(program->word_count * sizeof *words); /* exact */
    if (!words)
        return;
    hone_plan_program_words(program, tensors, scratch, words);
    uint32_t steps = 0;
    for (uint32_t i = 0; i < program->segment_count; i++) {
        must(words[program->segments[i].word] == program->segments[i].step_count);
        steps += program->segments[i].step_count;
    }
    must(steps == program->step_count);
    free(words);
}

static void resolve(const struct hone_plan *plan, bool hidden, int64_t n, int64_t m) {
    const struct hone_workload workload = {
        .id = "w", .set = hidden ? HONE_HIDDEN : HONE_VERIFY, .axes = {n, m}};
    struct hone_plan_program *program;
    struct hone_error error = {""};
    if (hone_plan_resolve(plan, &workload, &program, &error)) {
        must(strncmp(error.text, "solve.c", 7) == 0);
        return;
    }
    must(program->step_count >= 1 && program->step_count <= HONE_PLAN_STEPS_MAX);
    must(program->word_count <= HONE_PLAN_WORDS_MAX);
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < program->workspace_count; i++)
        bytes += program->workspaces[i].bytes;
    must(bytes <= hone_task_workspace(&task, &workload));
    write_words(program);
    hone_plan_program_destroy(program);
}

/* The task's operators: names for `op` lines. */
static void make_operators(void) {
    static const char text[] = "z = relu(x)\ny = mul(z, a)\ns = neg(s)\n";
    struct hone_task_graph_view view;
    struct hone_error error = {""};
    hone_task_graph_view(&task, NULL, &view);
    must(hone_graph_parse(text, sizeof text - 1, "graph", view.arguments, view.count,
                          &task.operators, &error) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct hone_device device = {.max_shared_bytes = 65536, .warp_size = 32};
    if (size == 0)
        return 0;
    if (!task.operators)
        make_operators();
    const uint8_t choice = data[0];
    char *source = malloc(size); /* exact, so that reading on is seen */
    if (!source)
        return 0;
    memcpy(source, data + 1, size - 1);
    source[size - 1] = '\0';
    struct hone_plan *plan;
    struct hone_error error = {""};
    int code = hone_plan_parse(&task, choice & 1 ? "cuda" : "c", source, size - 1,
                               choice & 2 ? &device : NULL, &plan, &error);
    must(code == 0 || (strncmp(error.text, "solve.c", 7) == 0 && !plan));
    if (plan) {
        free(hone_plan_macros(plan));
        free(hone_plan_epilogue(plan));
        resolve(plan, choice & 4, 1 + choice / 8, 7);
        resolve(plan, false, 4096, 1);
    }
    hone_plan_destroy(plan);
    free(source);
    return 0;
}
