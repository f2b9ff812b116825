/* A set's outputs by its task's graph. */
#include "core/oracle.h"

#include "core/element.h"
#include "core/error.h"
#include "core/task_graph.h"

#include <errno.h>
#include <stdlib.h>

/* Elements as doubles; many at a time, as counts of elements may pass 2^32. */
static void widen(enum hone_dtype dtype, const char *from, int64_t count, double *to) {
    const int64_t most = 1 << 30;
    for (int64_t done = 0; done < count; done += most) {
        const int64_t some = count - done < most ? count - done : most;
        hone_elements_read(dtype, from + done * hone_dtype_bytes(dtype), (uint32_t)some, to + done);
    }
}

int hone_oracle_compute(const struct hone_task *task, const struct hone_workload *workload,
                        const void *const inputs[HONE_ARGS_MAX],
                        double *const outputs[HONE_ARGS_MAX], struct hone_error *error) {
    struct hone_task_graph_view view;
    struct hone_error why = {""};
    int result = 0;
    hone_task_graph_view(task, workload, &view);
    for (uint32_t i = 0; result == 0 && i < task->arg_count; i++) {
        struct hone_graph_argument *argument = &view.arguments[i];
        argument->out = outputs[i];
        if (!inputs[i])
            continue;
        const int64_t count = argument->array.count;
        argument->array.data = malloc((size_t)count * sizeof(double) + 1);
        if (argument->array.data)
            widen(task->args[i].dtype, inputs[i], count, argument->array.data);
        else
            result = hone_fail(&why, -ENOMEM, "out of memory");
    }
    if (result == 0)
        result = hone_graph_run(task->graph, view.arguments, &why);
    for (uint32_t i = 0; i < task->arg_count; i++)
        free(view.arguments[i].array.data);
    return result < 0 ? hone_fail(error, result, "%s: %.440s", task->id, why.text) : 0;
}

int hone_oracle_run_graph(const struct hone_task *task, const struct hone_workload *workload,
                          const struct hone_set_layout *layout, void *memory,
                          struct hone_error *error) {
    const void *inputs[HONE_ARGS_MAX] = {NULL};
    double *outputs[HONE_ARGS_MAX] = {NULL};
    for (uint32_t i = 0; i < task->arg_count; i++) {
        if (layout->input_offset[i] != UINT64_MAX)
            inputs[i] = (char *)memory + layout->input_offset[i];
        if (layout->oracle_offset[i] != UINT64_MAX)
            outputs[i] = (void *)((char *)memory + layout->oracle_offset[i]);
    }
    hone_oracle_prepare(task, layout, memory);
    int result = hone_oracle_compute(task, workload, inputs, outputs, error);
    return result < 0 ? result : hone_oracle_check(task, layout, memory, error);
}
