#include "core/remote.h"

#include "core/inputs.h"
#include "core/judge.h"
#include "core/sample.h"

/* Of fewer bytes the poison's mean says something of what is wanted; and copying them is quick. */
#define OUTPUT_BYTES_LEAST (64u << 10)

static bool is_input(const struct hone_task *task, uint32_t arg) {
    return hone_arg_is_tensor(&task->args[arg]) && task->args[arg].role != HONE_OUT;
}

/* What looking at an output brings back, and the places that it is told. */
static uint64_t look_bytes(const struct hone_task *task, const struct hone_workload *workload,
                           const struct hone_set_layout *layout, uint32_t arg) {
    struct hone_fibres fibres = {0};
    const bool sums = hone_sample_fibres(task, workload, arg, &fibres);
    return (uint64_t)layout->sample_count[arg] * (sizeof(struct hone_run) + sizeof(double)) +
           (sums ? (uint64_t)(fibres.outer * fibres.inner) : 0) * (HONE_SUMS + 1) * sizeof(double);
}

bool hone_remote_workload(const struct hone_task *task, const struct hone_workload *workload) {
    struct hone_set_layout layout;
    uint64_t bytes = 0;
    if (!workload->sampled)
        return false;
    hone_set_layout(task, workload, &layout);
    for (uint32_t i = 0; i < task->arg_count; i++)
        if (hone_arg_is_output(&task->args[i]))
            bytes += look_bytes(task, workload, &layout, i);
    return bytes <= HONE_LOOKS_BYTES_MAX;
}

bool hone_remote_argument(const struct hone_task *task, const struct hone_workload *workload,
                          uint32_t arg) {
    struct hone_material material;
    const int64_t count = hone_task_shape(task, workload, arg, NULL);
    if (is_input(task, arg))
        return hone_inputs_material(task, workload, 0, arg, &material);
    return count >= OUTPUT_BYTES_LEAST / hone_dtype_bytes(task->args[arg].dtype);
}

uint64_t hone_remote_input_bytes(const struct hone_task *task, const struct hone_workload *workload,
                                 uint32_t arg) {
    if (!hone_remote_workload(task, workload) || !is_input(task, arg) ||
        !hone_remote_argument(task, workload, arg))
        return 0;
    return (uint64_t)hone_task_shape(task, workload, arg, NULL) *
           hone_dtype_bytes(task->args[arg].dtype);
}
