#include "core/gate_private.h"

#include "core/clock.h"
#include "core/element.h"
#include "core/error.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A cheat may take a multiple of this, or of what the floor baseline takes, before it is stopped.
 */
#define CALL_SCALE_NS 15e6
/* Where the floor baseline takes longer than this in all, a cheat that was caught in a set is not
 * tried on the rest of it. */
#define THRIFTY_S 0.1

static bool is_input(const struct hone_arg *arg) {
    return hone_arg_is_tensor(arg) && arg->role != HONE_OUT;
}

/* A plan must come to something on every workload; one that does not is refused here. */
static void try_plan(const struct hone_gate_checking *check, struct hone_gate_source *source) {
    struct hone_compiled *compiled = &source->compiled;
    for (uint32_t i = 0; source->plan && i < check->report->trial_count; i++) {
        struct hone_plan_program *program;
        struct hone_error error;
        int code =
            hone_plan_resolve(source->plan, &check->report->trials[i].workload, &program, &error);
        hone_plan_program_destroy(program);
        if (!code)
            continue;
        hone_gate_source_finish(source);
        compiled->verdict = HONE_REJECTED;
        compiled->reason = HONE_REASON_PLAN;
        snprintf(compiled->message, sizeof compiled->message, "%s", error.text);
    }
}

static int compile_all(struct hone_gate_checking *check) {
    int status = hone_gate_compile(check->gate, check->task, check->sources, check->source_count,
                                   check->error);
    for (uint32_t i = 0; !status && i < check->source_count; i++)
        try_plan(check, &check->sources[i]);
    for (uint32_t i = 0; !status && i < check->source_count; i++)
        if (check->sources[i].compiled.verdict)
            status = hone_gate_refuse(check->report, "does_not_compile", "%s: %.400s",
                                      check->sources[i].name, check->sources[i].compiled.message);
    return status;
}

static const struct hone_set *set_of(const struct hone_gate_stand *stand, uint32_t place,
                                     uint32_t index) {
    return &stand->stand.places[place].shelf->sets[index];
}

static bool is_shown(const struct hone_gate_trial *trial) {
    return trial->workload.set == HONE_VERIFY || trial->workload.set == HONE_BENCH;
}

static void describe_trial(const struct hone_gate_checking *check,
                           const struct hone_gate_trial *trial, char *text, size_t size) {
    size_t used = (size_t)snprintf(text, size, "%s (", trial->name);
    for (uint32_t i = 0; i < check->task->axis_count && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s=%" PRId64, i ? ", " : "",
                                 check->task->axes[i].name, trial->workload.axes[i]);
    if (used < size)
        snprintf(text + used, size - used, ")");
}

static struct hone_gate_process process_of(const struct hone_gate_checking *check,
                                           const struct hone_gate_source *source) {
    const struct hone_compiled *compiled = &source->compiled;
    return (struct hone_gate_process){.side = {.image = {.bytes = compiled->image,
                                                         .size = compiled->image_bytes,
                                                         .plan = source->plan,
                                                         .library = source->library != NULL},
                                               .seat = (uint32_t)(source - check->sources)}};
}

static int run_honest(struct hone_gate_checking *check, struct hone_gate_stand *stand,
                      const struct hone_gate_plan *plan, struct hone_gate_row *row) {
    struct hone_gate_process process = process_of(check, plan->source);
    process.side.name = plan->source->name;
    int status = 0;
    for (uint32_t p = 0; !status && p < stand->stand.count; p++) {
        const uint32_t trial = stand->first + p;
        row->outcomes[trial] = HONE_GATE_PASSED;
        const uint32_t sets = stand->stand.places[p].shelf->count;
        for (uint32_t k = 0; !status && k < sets; k++) {
            struct hone_sample sample = {0};
            struct hone_failure failure;
            const struct hone_set *set = set_of(stand, p, k);
            status = hone_gate_call(stand, &process, p, set, &sample, &failure);
            if (!status && failure.verdict) {
                char where[256];
                describe_trial(check, &check->report->trials[trial], where, sizeof where);
                if (!row->message[0])
                    snprintf(row->message, sizeof row->message, "on %s: %.240s", where,
                             failure.message);
                row->outcomes[trial] = HONE_GATE_CAUGHT;
            } else if (!status) {
                row->error_share = fmax(row->error_share, hone_gate_error_share(stand, p, set));
            }
            if (!status && plan->source == check->floor && !failure.verdict) {
                double ns = sample.cpu_ns > 0 ? sample.cpu_ns : sample.wall_ns;
                check->floor_ns[trial] = fmin(check->floor_ns[trial], ns);
                stand->stand.places[p].scale_ns = fmax(check->floor_ns[trial], CALL_SCALE_NS);
            }
        }
    }
    hone_gate_process_stop(stand, &process);
    return status;
}

static bool is_worth_trying(const struct hone_gate_checking *check, const struct hone_gate_row *row,
                            uint32_t trial) {
    const struct hone_gate_trial *tried = &check->report->trials[trial];
    return is_shown(tried) && (check->report->naive_s < THRIFTY_S ||
                               !hone_gate_caught(check->report, row, tried->workload.set));
}

/* A bug need not show on every draw. */
static int run_wrong(const struct hone_gate_checking *check, struct hone_gate_stand *stand,
                     const struct hone_gate_plan *plan, struct hone_gate_row *row) {
    struct hone_gate_process process = process_of(check, plan->source);
    int status = 0;
    for (uint32_t p = 0; !status && p < stand->stand.count; p++) {
        const uint32_t trial = stand->first + p;
        if (!is_worth_trying(check, row, trial))
            continue;
        row->outcomes[trial] = HONE_GATE_PASSED;
        for (uint32_t k = 0; !status && k < HONE_GATE_SETS; k++) {
            struct hone_sample sample;
            struct hone_failure failure;
            status = hone_gate_call(stand, &process, p, set_of(stand, p, k), &sample, &failure);
            if (status || !failure.verdict)
                continue;
            row->outcomes[trial] = HONE_GATE_CAUGHT;
            break;
        }
    }
    hone_gate_process_stop(stand, &process);
    return status;
}

static struct hone_gate_view view_of(const struct hone_gate_checking *check,
                                     const struct hone_gate_stand *stand, uint32_t place,
                                     const struct hone_gate_plan *plan, bool second) {
    const struct hone_shelf *shelf = stand->stand.places[place].shelf;
    return (struct hone_gate_view){
        .task = check->task,
        .workload = stand->stand.places[place].workload,
        .layout = &shelf->layout,
        .set = &shelf->sets[second],
        .other = &shelf->sets[!second],
        .output = plan->output,
        .input = plan->input,
    };
}

static int run_altered(struct hone_gate_checking *check, struct hone_gate_stand *stand,
                       const struct hone_gate_plan *plan, struct hone_gate_row *row) {
    struct hone_gate_process process = process_of(check, check->floor);
    int status = 0;
    for (uint32_t p = 0; !status && p < stand->stand.count; p++) {
        const uint32_t trial = stand->first + p;
        if (!is_worth_trying(check, row, trial))
            continue;
        struct hone_set altered;
        struct hone_sample sample;
        struct hone_failure failure;
        const struct hone_gate_view view = view_of(check, stand, p, plan, false);
        status = hone_gate_alter(plan->altered, &view, &altered);
        if (status)
            break;
        status = hone_gate_call(stand, &process, p, &altered, &sample, &failure);
        free((void *)altered.base);
        if (!status)
            row->outcomes[trial] = failure.verdict ? HONE_GATE_CAUGHT : HONE_GATE_PASSED;
    }
    hone_gate_process_stop(stand, &process);
    return status;
}

static int make_room(struct hone_gate_checking *check, uint64_t bytes) {
    if (bytes <= check->room)
        return 0;
    free(check->values);
    free(check->got);
    check->values = malloc(bytes);
    check->got = malloc(bytes);
    check->room = bytes;
    return check->values && check->got ? 0 : -ENOMEM;
}

static int run_computed(struct hone_gate_checking *check, struct hone_gate_stand *stand,
                        const struct hone_gate_plan *plan, struct hone_gate_row *row) {
    const bool second = plan->computed->flags & HONE_GATE_SECOND;
    for (uint32_t p = 0; p < stand->stand.count; p++) {
        const uint32_t trial = stand->first + p;
        /* Made from the whole truth. */
        if (!is_shown(&check->report->trials[trial]) ||
            check->report->trials[trial].workload.sampled)
            continue;
        const struct hone_gate_view view = view_of(check, stand, p, plan, second);
        if (make_room(check, 8 * (uint64_t)view.layout->count[plan->output] + 8))
            return -ENOMEM;
        row->outcomes[trial] = hone_gate_refuses(plan->computed, &view, check->values, check->got)
                                   ? HONE_GATE_CAUGHT
                                   : HONE_GATE_PASSED;
    }
    return 0;
}

static int run_row(struct hone_gate_checking *check, struct hone_gate_stand *stand,
                   uint32_t index) {
    const struct hone_gate_plan *plan = &check->plans[index];
    struct hone_gate_row *row = &check->report->rows[index];
    if (plan->computed)
        return run_computed(check, stand, plan, row);
    const struct hone_gate_source *source = plan->altered ? check->floor : plan->source;
    if (!source->compiled.image)
        return 0; /* refused already */
    if (plan->altered)
        return run_altered(check, stand, plan, row);
    return row->honest ? run_honest(check, stand, plan, row) : run_wrong(check, stand, plan, row);
}

/* ---- what the sets show ---- */

static bool is_constant(const double *values, int64_t count) {
    for (int64_t i = 1; i < count; i++)
        if (values[i] != values[0] && !(isnan(values[i]) && isnan(values[0])))
            return false;
    return count > 1;
}

/* Nothing below zero, and not nothing at all. */
static bool is_positive(const struct hone_gate_checking *check, const struct hone_set *set,
                        const struct hone_set_layout *layout, uint32_t arg) {
    const enum hone_dtype dtype = check->task->args[arg].dtype;
    const uint8_t *at = set->base + layout->input_offset[arg];
    double values[512], most = 0;
    for (int64_t left = layout->count[arg]; left > 0; left -= 512) {
        uint32_t some = left < 512 ? (uint32_t)left : 512;
        hone_elements_read(dtype, at, some, values);
        for (uint32_t i = 0; i < some; i++) {
            if (values[i] < 0)
                return false;
            most = fmax(most, values[i]);
        }
        at += some * hone_dtype_bytes(dtype);
    }
    return most > 0;
}

static void look(struct hone_gate_checking *check, const struct hone_gate_stand *stand) {
    for (uint32_t p = 0; p < stand->stand.count; p++) {
        const struct hone_set *set = set_of(stand, p, 0);
        const struct hone_set_layout *layout = &stand->stand.places[p].shelf->layout;
        bool any = false, positive = true, constant = false;
        for (uint32_t i = 0; i < check->task->arg_count; i++) {
            const struct hone_arg *arg = &check->task->args[i];
            if (is_input(arg) && hone_dtype_is_float(arg->dtype)) {
                any = true;
                positive = positive && is_positive(check, set, layout, i);
            }
            if (hone_arg_is_output(arg))
                constant |=
                    is_constant((const void *)(set->base + layout->oracle_offset[i]),
                                layout->sampled ? layout->sample_count[i] : layout->count[i]);
        }
        check->seen.positive[stand->first + p] = any && positive;
        check->seen.constant[stand->first + p] = constant;
    }
}

static double floor_seconds(const struct hone_gate_checking *check) {
    double seconds = 0;
    for (uint32_t i = 0; i < check->report->trial_count; i++)
        if (check->report->trials[i].workload.set != HONE_HIDDEN &&
            !check->report->trials[i].again && check->floor_ns[i] < HONE_GATE_NEVER)
            seconds += check->floor_ns[i] * 1e-9;
    return seconds;
}

/* What is too slow to be admitted is too slow to be tried with every cheat. */
static int run_all(struct hone_gate_checking *check) {
    struct hone_gate_report *report = check->report;
    int status = 0;
    for (uint32_t first = 0, next; !status && first < report->trial_count; first = next) {
        struct hone_gate_stand stand;
        status = hone_gate_stand_init(&stand, check, first);
        next = first + stand.stand.count;
        if (!status)
            look(check, &stand);
        for (uint32_t i = 0; !status && i < report->row_count; i++)
            if (report->rows[i].honest || report->naive_s <= HONE_GATE_NAIVE_MOST_S) {
                status = run_row(check, &stand, i);
                report->naive_s = floor_seconds(check);
            }
        hone_gate_stand_finish(&stand);
        if (report->naive_s > HONE_GATE_NAIVE_MOST_S)
            break;
    }
    return status;
}

int hone_gate_check(struct hone_gate *gate, const struct hone_task *task,
                    struct hone_gate_report *report, struct hone_error *error) {
    const uint64_t begun = hone_now_ns();
    *report = (struct hone_gate_report){.task = task};
    struct hone_gate_checking check = {
        .gate = gate, .task = task, .report = report, .error = error};
    if (error)
        error->text[0] = '\0';
    int status = hone_gate_list_trials(&check);
    if (!status)
        status = hone_gate_list_sources(&check);
    if (!status)
        status = hone_gate_list_rows(&check);
    if (!status)
        status = compile_all(&check);
    if (!status)
        status = run_all(&check);
    if (!status)
        status = hone_gate_try_emulated(&check);
    if (!status)
        status = hone_gate_rules(report, &check.seen);
    report->seconds = (double)(hone_now_ns() - begun) * 1e-9;
    if (status == -ENOMEM && error && !error->text[0])
        hone_fail(error, status, "%s: out of memory", task->id);
    for (uint32_t i = 0; i < check.source_count; i++)
        hone_gate_source_finish(&check.sources[i]);
    free(check.sources);
    free(check.plans);
    free(check.floor_ns);
    free(check.seen.constant);
    free(check.seen.positive);
    free(check.values);
    free(check.got);
    return status;
}

void hone_gate_report_finish(struct hone_gate_report *report) {
    for (uint32_t i = 0; i < report->row_count; i++)
        free(report->rows[i].outcomes);
    free(report->rows);
    free(report->trials);
    free(report->emulated);
    free(report->refusals);
    free(report->notes);
    *report = (struct hone_gate_report){0};
}
