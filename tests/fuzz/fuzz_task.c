/* Any task.json is a task, whose every function answers, or an error with a text. */
#include "core/inputs.h"
#include "core/task.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(const struct hone_task *task) {
    for (uint32_t i = 0; i < task->workload_count; i++) {
        const struct hone_workload *workload = &task->workloads[i];
        struct hone_set_layout layout;
        struct hone_limits limits;
        double flops, bytes;
        hone_set_layout(task, workload, &layout);
        hone_task_cost(task, workload, &flops, &bytes);
        for (uint32_t j = 0; j < task->arg_count; j++) {
            int64_t count = hone_task_shape(task, workload, j, NULL);
            if (count < 0)
                abort(); /* the parser promised */
            hone_task_limits(task, workload, j, 1, &limits);
            if (layout.input_offset[j] == UINT64_MAX || count > 4096)
                continue;
            void *values = malloc((size_t)count * hone_dtype_bytes(task->args[j].dtype) + 1);
            if (values && hone_inputs_fill(task, workload, 1, j, values) < 0)
                abort();
            free(values);
        }
    }
    struct hone_workload drawn;
    for (uint32_t i = 0; i < task->hidden_count; i++)
        hone_task_draw(task, i, 12345, &drawn);
    free(hone_task_prompt(task, "c"));
    free(hone_task_epilogue(task, "solve", true));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1);
    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    const struct hone_task_file files[] = {{"naive.c", "", 0},
                                           {"oracle.c", "", 0},
                                           {"prompt.md", "", 0},
                                           {"task.json", text, size},
                                           {"tuned.c", "", 0}};
    const struct hone_task_description description = {sizeof description, 5, files, "fuzz"};
    struct hone_task *task = NULL;
    struct hone_error error = {""};
    for (uint32_t variant = 0; variant < HONE_DTYPES_MAX; variant++, task = NULL) {
        if (hone_task_parse_variant(&description, variant, &task, &error) == 0)
            use(task);
        else if (!*error.text)
            abort();
        hone_task_destroy(task);
    }
    free(text);
    return 0;
}
