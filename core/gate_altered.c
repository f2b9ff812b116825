#include "core/gate_private.h"

#include "core/element.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define STRETCH 1024

static bool is_input(const struct hone_arg *arg) {
    return hone_arg_is_tensor(arg) && arg->role != HONE_OUT;
}

static bool is_wide(const struct hone_arg *arg) {
    return arg->dtype == HONE_F32 || arg->dtype == HONE_F64;
}

static bool is_float(const struct hone_arg *arg) {
    return hone_dtype_is_float(arg->dtype);
}

/* Replace what an element holds by what `round` leaves of it, in every input of floats. */
static void round_inputs(const struct hone_gate_view *view, uint8_t *base,
                         void (*round)(double *values, uint32_t count)) {
    double values[STRETCH];
    for (uint32_t arg = 0; arg < view->task->arg_count; arg++) {
        const enum hone_dtype dtype = view->task->args[arg].dtype;
        if (!is_input(&view->task->args[arg]) || !is_float(&view->task->args[arg]))
            continue;
        uint8_t *at = base + view->layout->input_offset[arg];
        for (int64_t left = view->layout->count[arg]; left > 0; left -= STRETCH) {
            uint32_t some = left < STRETCH ? (uint32_t)left : STRETCH;
            hone_elements_read(dtype, at, some, values);
            round(values, some);
            hone_elements_write(dtype, values, some, at);
            at += some * hone_dtype_bytes(dtype);
        }
    }
}

static void to_bf16(double *values, uint32_t count) {
    uint16_t rounded[STRETCH];
    hone_elements_write(HONE_BF16, values, count, rounded);
    hone_elements_read(HONE_BF16, rounded, count, values);
}

/* The ten bits of fraction that a matrix unit keeps, to nearest, ties to even. */
static void to_tf32(double *values, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        float single = (float)values[i];
        uint32_t bits;
        memcpy(&bits, &single, sizeof bits);
        if ((bits & 0x7f800000u) == 0x7f800000u)
            continue;
        bits = (bits + 0xfffu + (bits >> 13 & 1u)) & ~0x1fffu;
        memcpy(&single, &bits, sizeof single);
        values[i] = (double)single;
    }
}

static void alter_to_fp8(const struct hone_gate_view *view, uint8_t *base) {
    round_inputs(view, base, hone_gate_round_fp8);
}

static void alter_to_bf16(const struct hone_gate_view *view, uint8_t *base) {
    round_inputs(view, base, to_bf16);
}

static void alter_to_tf32(const struct hone_gate_view *view, uint8_t *base) {
    round_inputs(view, base, to_tf32);
}

static void alter_to_other(const struct hone_gate_view *view, uint8_t *base) {
    const uint64_t offset = view->layout->input_offset[view->input];
    memcpy(base + offset, view->other->base + offset,
           (size_t)view->layout->count[view->input] *
               hone_dtype_bytes(view->task->args[view->input].dtype));
}

/* An input that holds more than `cheat`, in a task with an output that does: a narrow output hides
 * what its inputs lost. */
static bool forbids(const struct hone_task *task, bool (*holds_more)(const struct hone_arg *arg)) {
    bool input = false, output = false;
    for (uint32_t i = 0; i < task->arg_count; i++) {
        const struct hone_arg *arg = &task->args[i];
        input |= is_input(arg) && holds_more(arg);
        output |= hone_arg_is_output(arg) && holds_more(arg);
    }
    return input && output;
}

static bool more_than_bf16(const struct hone_arg *arg) {
    return is_float(arg) && arg->dtype != HONE_BF16;
}

static bool forbids_bf16(const struct hone_task *task) {
    return forbids(task, more_than_bf16);
}

/* Where bf16 is forbidden, this is too. */
static bool forbids_fp8(const struct hone_task *task) {
    return forbids(task, is_float) && !forbids_bf16(task);
}

/* Two inputs and a sum over something: what a matrix unit would be used for. */
static bool is_product(const struct hone_task *task) {
    uint32_t inputs = 0;
    for (uint32_t i = 0; i < task->arg_count; i++)
        inputs += is_input(&task->args[i]) && is_wide(&task->args[i]);
    return forbids(task, is_wide) && inputs >= 2 && strcmp(task->reduction, "1") != 0;
}

const struct hone_gate_altered hone_gate_altered[] = {
    {"bf16_inputs", "inputs rounded to bf16", 0, true, forbids_bf16, alter_to_bf16},
    {"fp8_inputs", "inputs rounded to fp8", 0, true, forbids_fp8, alter_to_fp8},
    {"tf32_inputs", "inputs rounded to tf32", 0, true, is_product, alter_to_tf32},
    {"stale_input", "an input of the call before", HONE_GATE_OF_INPUTS, false, NULL,
     alter_to_other},
    {NULL, NULL, 0, false, NULL, NULL},
};

int hone_gate_alter(const struct hone_gate_altered *altered, const struct hone_gate_view *view,
                    struct hone_set *set) {
    uint8_t *base = aligned_alloc(64, (view->set->bytes + 63) / 64 * 64);
    if (!base)
        return -ENOMEM;
    memcpy(base, view->set->base, view->set->bytes);
    altered->alter(view, base);
    *set = *view->set;
    set->base = base;
    return 0;
}
