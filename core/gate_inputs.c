#include "core/gate_private.h"

#include "core/element.h"

#include <math.h>
#include <string.h>

/* What an author should know of the workloads: which inputs none of them draws. */

#define UNUSUAL 3 /* times the size that an input usually has, or a part of it */

static bool is_input(const struct hone_arg *arg) {
    return hone_arg_is_tensor(arg) && arg->role != HONE_OUT;
}

static double size_of(const struct hone_generate *generate) {
    switch (generate->kind) {
    case HONE_GEN_NORMAL:
        return fabs(generate->mean) + generate->deviation;
    case HONE_GEN_UNIFORM:
        return fmax(fabs(generate->low), fabs(generate->high));
    default:
        return (double)NAN; /* compares with nothing */
    }
}

/* Outliers, very unequal rows or contention, or values far larger or smaller than usual. */
static bool is_stressed(const struct hone_task *task, const struct hone_workload *workload) {
    for (uint32_t i = 0; i < task->arg_count; i++) {
        const struct hone_arg *arg = &task->args[i];
        const struct hone_generate *own = &workload->generate[i];
        if (!is_input(arg))
            continue;
        if ((own->kind == HONE_GEN_NORMAL && own->outlier_probability > 0) ||
            own->kind == HONE_GEN_ZIPF ||
            (own->kind == HONE_GEN_OFFSETS && own->rows == HONE_ROWS_POWER_LAW))
            return true;
        const double size = size_of(own), usual = size_of(&arg->generate);
        if (size >= UNUSUAL * usual || size * UNUSUAL <= usual)
            return true;
    }
    return false;
}

static bool set_is_stressed(const struct hone_task *task, enum hone_workload_set set) {
    bool stressed = false;
    for (uint32_t i = 0; i < task->workload_count; i++)
        stressed |= task->workloads[i].set == set && is_stressed(task, &task->workloads[i]);
    for (uint32_t i = 0; set == HONE_HIDDEN && i < task->hidden_count; i++)
        stressed |= is_stressed(task, &task->hidden[i].base);
    return stressed;
}

static int note_stress(struct hone_gate_report *report) {
    static const struct {
        enum hone_workload_set set;
        const char *name;
    } sets[] = {{HONE_VERIFY, "verify"}, {HONE_BENCH, "bench"}, {HONE_HIDDEN, "hidden"}};
    const struct hone_task *task = report->task;
    bool floats = false;
    for (uint32_t i = 0; i < task->arg_count; i++)
        floats |= is_input(&task->args[i]) && hone_dtype_is_float(task->args[i].dtype);
    for (uint32_t i = 0; floats && i < sizeof sets / sizeof *sets; i++)
        if (!set_is_stressed(task, sets[i].set))
            return hone_gate_note(report, "no_stress",
                                  "no %s workload draws outliers, very large or small values, or "
                                  "very unequal rows: what fails on those is not seen",
                                  sets[i].name);
    return 0;
}

/* An axis at its least: an output of one element, a row of one. */
static int note_least(struct hone_gate_report *report) {
    const struct hone_task *task = report->task;
    for (uint32_t i = 0; i < task->workload_count; i++)
        for (uint32_t k = 0; k < task->axis_count; k++)
            if (task->workloads[i].set == HONE_VERIFY && !task->axes[k].expression &&
                task->workloads[i].axes[k] <= (task->axes[k].low > 1 ? task->axes[k].low : 1))
                return 0;
    return hone_gate_note(report, "no_least",
                          "no verify workload has an axis at its least size: what fails on a "
                          "single row or column is not seen");
}

static int64_t largest_drawn(const struct hone_hidden *hidden, uint32_t axis) {
    int64_t largest = hidden->axes[axis].high;
    for (uint32_t i = 0; i < hidden->axes[axis].choice_count; i++)
        if (hidden->axes[axis].choices[i] > largest)
            largest = hidden->axes[axis].choices[i];
    return largest;
}

/* Every axis at its most: a kernel may do as it likes where nobody looks. */
static int note_most(struct hone_gate_report *report) {
    const struct hone_task *task = report->task;
    int status = 0;
    for (uint32_t k = 0; !status && k < task->axis_count; k++) {
        int64_t reached = INT64_MIN;
        for (uint32_t i = 0; i < task->workload_count; i++)
            if (task->workloads[i].set == HONE_VERIFY && task->workloads[i].axes[k] > reached)
                reached = task->workloads[i].axes[k];
        for (uint32_t i = 0; i < task->hidden_count; i++) {
            const int64_t drawn = largest_drawn(&task->hidden[i], k);
            reached = drawn > reached ? drawn : reached;
        }
        if (!task->axes[k].expression && reached < task->axes[k].high)
            status = hone_gate_note(report, "no_most",
                                    "%s may be %lld, but is at most %lld in a verify workload or a "
                                    "hidden draw: what fails beyond it is not seen",
                                    task->axes[k].name, (long long)task->axes[k].high,
                                    (long long)reached);
    }
    return status;
}

static int note_empty_rows(struct hone_gate_report *report) {
    const struct hone_task *task = report->task;
    bool offsets = false, empty = false;
    for (uint32_t i = 0; i < task->workload_count; i++)
        for (uint32_t k = 0; k < task->arg_count; k++) {
            const struct hone_generate *own = &task->workloads[i].generate[k];
            const bool rows = is_input(&task->args[k]) && own->kind == HONE_GEN_OFFSETS;
            offsets |= rows;
            empty |= rows && task->workloads[i].set == HONE_VERIFY && own->empty > 0;
        }
    return offsets && !empty ? hone_gate_note(report, "no_empty_rows",
                                              "no verify workload has a share of empty rows")
                             : 0;
}

int hone_gate_note_inputs(struct hone_gate_report *report) {
    int status = note_stress(report);
    if (!status)
        status = note_least(report);
    if (!status)
        status = note_most(report);
    return status ? status : note_empty_rows(report);
}
