#include "core/coarse.h"
#include "core/measure_internal.h"

#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void add(struct hone_failure *failure, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void add(struct hone_failure *failure, const char *format, ...) {
    size_t length = strlen(failure->message);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(failure->message + length, sizeof failure->message - length, format, arguments);
    va_end(arguments);
}

static bool is_hidden(const struct hone_stop *stop) {
    return stop->workload && stop->workload->set == HONE_HIDDEN;
}

/* "workload odd (rows=257, cols=63)"; of a hidden one neither name nor axes. */
static void add_workload(struct hone_failure *failure, const struct hone_stop *stop) {
    if (is_hidden(stop)) {
        add(failure, "a hidden workload");
        return;
    }
    add(failure, "workload %s (", stop->workload->id);
    const char *separator = "";
    for (uint32_t i = 0; i < stop->task->axis_count; i++) {
        if (stop->task->axes[i].expression)
            continue;
        add(failure, "%s%s=%" PRId64, separator, stop->task->axes[i].name, stop->workload->axes[i]);
        separator = ", ";
    }
    add(failure, ")");
}

/* What a buffer is called. The kernel of one image knows nothing of another's workspaces. */
static const char *name_of(const struct hone_stop *stop, uint32_t owner) {
    if (owner < OWNER_WORKSPACE)
        return is_hidden(stop) ? "an output" : stop->task->args[owner].name;
    return is_hidden(stop)
               ? "a workspace"
               : hone_plan_workspace_name(stop->stand->plans[stop->seat], owner % OWNER_WORKSPACE);
}

static void add_limit(struct hone_failure *failure, uint64_t limit_ns) {
    if (limit_ns < 10000000000u)
        add(failure, "%" PRIu64 " ms", limit_ns / 1000000u);
    else
        add(failure, "%" PRIu64 " s", limit_ns / 1000000000u);
}

/* "12 bytes past the end of y": which buffer a fault belongs to. */
static void add_fault(struct hone_failure *failure, const struct hone_stop *stop,
                      const struct hone_go_result *go) {
    int64_t distance = 0;
    int index = hone_table_find(&stop->stand->table, go->address, &distance);
    add(failure, go->write_fault ? " writing " : " reading ");
    if (index < 0 || !hone_owner_is_seen(stop->stand->table.buffers[index].owner, stop->seat)) {
        add(failure,
            go->address < 4096 ? "through a null pointer (address 0x%" PRIx64 ")"
                               : "at address 0x%" PRIx64 ", outside every argument",
            go->address);
        return;
    }
    const struct hone_buffer *buffer = &stop->stand->table.buffers[index];
    const char *name = name_of(stop, buffer->owner);
    const char *unit = distance == 1 || distance == -1 ? "byte" : "bytes";
    if (distance > 0) {
        failure->facts |= HONE_FACT_FAULT_BEYOND;
        add(failure, "%" PRId64 " %s past the end of %s", distance, unit, name);
    } else if (distance < 0) {
        add(failure, "%" PRId64 " %s before the start of %s", -distance, unit, name);
    } else if (go->write_fault && !stop->stand->table.regions[index].writable) {
        failure->facts |= HONE_FACT_INPUT_FAULT;
        add(failure, "to %s, which is an input and read-only", name);
    } else {
        add(failure, "at byte %" PRIu64 " of %s", go->address - buffer->address, name);
    }
}

static void describe_crash(const struct hone_stop *stop, const struct hone_go_result *go,
                           struct hone_failure *failure) {
    const char *name = sigabbrev_np(go->signal);
    failure->verdict = HONE_CRASHED;
    failure->reason = HONE_REASON_SIGNAL;
    /* A device has no signals, but a text. */
    if (!go->signal && go->text[0]) {
        add(failure, "%.120s,", go->text);
        return;
    }
    add(failure, "SIG%s", name ? name : "?");
    const bool memory = go->signal == SIGSEGV || go->signal == SIGBUS;
    if (go->text[0])
        add(failure, ": %.100s,", go->text);
    else if (memory && stop->workload && !is_hidden(stop))
        add_fault(failure, stop, go);
    else if (memory && stop->workload)
        add(failure, go->write_fault ? " on a write" : " on a read");
    else if (go->signal == SIGFPE)
        add(failure, ", an integer division by zero or overflow,");
    else if (go->signal == SIGILL)
        add(failure, ", an illegal instruction, a failed assert() or __builtin_trap(),");
}

void hone_failure_of_go(const struct hone_stop *stop, const struct hone_go_result *go,
                        struct hone_failure *failure) {
    *failure = (struct hone_failure){0};
    switch (go->status) {
    case HONE_GO_DONE:
    case HONE_GO_LOST:
        return;
    case HONE_GO_CRASHED:
        describe_crash(stop, go, failure);
        break;
    case HONE_GO_EXITED:
        failure->verdict = HONE_CRASHED;
        failure->reason = HONE_REASON_EXIT;
        add(failure, "ended by itself with status %d", go->code);
        break;
    case HONE_GO_TIMED_OUT:
        failure->verdict = HONE_TIMED_OUT;
        failure->reason = HONE_REASON_CALL_TIME;
        add(failure, "not done after ");
        add_limit(failure, stop->limit_ns);
        break;
    case HONE_GO_REFUSED:
        failure->verdict = HONE_POLICY_VIOLATION;
        failure->reason = HONE_REASON_SECTION;
        add(failure, "the program cannot be loaded: %.100s", go->text);
        break;
    case HONE_GO_REPORTED:
        failure->verdict = go->code == HONE_REASON_SIGNAL ? HONE_CRASHED : HONE_WRONG;
        failure->reason = (uint32_t)go->code;
        /* Of its own words none where what it has seen is secret. */
        if (stop->workload && stop->workload->set == HONE_DEBUG)
            add(failure, "%.480s", go->report);
        else
            add(failure,
                "a kernel that cannot go on: its threads race or wait for each other, or need more "
                "stack or shared memory than there is");
        break;
    case HONE_GO_DISPUTED:
        failure->verdict = HONE_HACKED;
        failure->reason = HONE_REASON_FINDING;
        add(failure, "timer_disagreement: %.120s,", go->text);
        break;
    default: /* HONE_GO_FORBIDDEN */
        failure->verdict = HONE_POLICY_VIOLATION;
        failure->reason = HONE_REASON_SYSTEM_CALL;
        add(failure, "system call %.100s, where none is allowed",
            go->text[0] ? go->text : "of unknown name");
        break;
    }
    if (stop->workload) {
        add(failure, " on ");
        add_workload(failure, stop);
    } else {
        add(failure, " while loading");
    }
}

static void unravel(int64_t flat, uint32_t ndim, const int64_t *shape, int64_t *index) {
    for (uint32_t i = ndim; i-- > 0;) {
        index[i] = shape[i] > 0 ? flat % shape[i] : 0;
        flat = shape[i] > 0 ? flat / shape[i] : 0;
    }
}

static void note_mismatch(const struct hone_stop *stop, uint32_t arg,
                          const struct hone_judgement *judgement, int64_t count,
                          struct hone_mismatch *mismatch) {
    int64_t shape[HONE_DIMS_MAX] = {0};
    hone_task_shape(stop->task, stop->workload, arg, shape);
    *mismatch =
        (struct hone_mismatch){.known = true, .hidden = is_hidden(stop), .got = NAN, .wanted = NAN};
    if (mismatch->hidden)
        return;
    mismatch->wrong_count = judgement->wrong_count;
    mismatch->count = count;
    snprintf(mismatch->workload, sizeof mismatch->workload, "%s", stop->workload->id);
    snprintf(mismatch->argument, sizeof mismatch->argument, "%s", stop->task->args[arg].name);
    if (judgement->first_wrong < 0)
        return;
    mismatch->ndim = stop->task->args[arg].ndim;
    unravel(judgement->first_wrong, mismatch->ndim, shape, mismatch->index);
    /* Inputs of bench workloads stay secret, and with them what they give. */
    if (stop->workload->set == HONE_BENCH)
        return;
    mismatch->got = judgement->first_got;
    mismatch->wanted = judgement->first_wanted;
}

static void add_element(struct hone_failure *failure, const struct hone_stop *stop) {
    const struct hone_mismatch *mismatch = &failure->mismatch;
    add(failure, "%s[", mismatch->argument);
    for (uint32_t i = 0; i < mismatch->ndim; i++)
        add(failure, "%s%" PRId64, i ? "," : "", mismatch->index[i]);
    add(failure, "] of ");
    add_workload(failure, stop);
    if (failure->reason == HONE_REASON_UNWRITTEN)
        add(failure, " was not written");
    else if (isnan(mismatch->wanted) && isnan(mismatch->got))
        add(failure, " is %s",
            failure->reason == HONE_REASON_NON_FINITE ? "not finite" : "not right");
    else
        add(failure, ": got %.9g, wanted %.9g", mismatch->got, mismatch->wanted);
}

/* "c[5,*] of workload huge (...) does not add up". */
static void add_sums(const struct hone_stop *stop, uint32_t arg,
                     const struct hone_judgement *judgement, struct hone_failure *failure) {
    const struct hone_arg *output = &stop->task->args[arg];
    const uint32_t linear = stop->task->sample.linear;
    int64_t shape[HONE_DIMS_MAX] = {0}, index[HONE_DIMS_MAX] = {0};
    hone_task_shape(stop->task, stop->workload, arg, shape);
    unravel(judgement->first_wrong_sum, output->ndim, shape, index);
    add(failure, "%s", is_hidden(stop) ? "an output" : output->name);
    for (uint32_t i = 0; !is_hidden(stop) && i < output->ndim; i++)
        if (linear != HONE_NO_AXIS && !strcmp(output->shape[i], stop->task->axes[linear].name))
            add(failure, "%s*", i ? "," : "[");
        else
            add(failure, "%s%" PRId64, i ? "," : "[", index[i]);
    add(failure, "%s of ", is_hidden(stop) ? "" : "]");
    add_workload(failure, stop);
    add(failure, ": the elements do not add up to what is wanted");
    if (!is_hidden(stop))
        add(failure, ", in %" PRId64 " places like this; one at least is wrong in each",
            judgement->wrong_sums);
}

/* Of a hidden workload only what does not tell which one it is. */
static void add_share(const struct hone_judgement *judgement, int64_t count,
                      struct hone_failure *failure) {
    char share[32];
    hone_coarse_share(judgement->wrong_count, count, share);
    add(failure, "an output of a hidden workload; %s elements differ", share);
    if (failure->facts & HONE_FACT_UNWRITTEN)
        add(failure, ", some were never written");
    if (isfinite(judgement->max_error))
        add(failure, ", largest error about %g", hone_coarse_error(judgement->max_error));
    else if (failure->reason != HONE_REASON_UNWRITTEN)
        add(failure, ", some not finite");
}

void hone_failure_of_output(const struct hone_stop *stop, uint32_t arg,
                            const struct hone_judgement *judgement, int64_t count,
                            double rel_l2_limit, struct hone_failure *failure) {
    *failure = (struct hone_failure){
        .verdict = HONE_WRONG, .reason = judgement->reason, .facts = judgement->facts};
    note_mismatch(stop, arg, judgement, count, &failure->mismatch);
    if (judgement->wrong_count == 0 && judgement->wrong_sums) {
        add_sums(stop, arg, judgement, failure);
        return;
    }
    if (judgement->wrong_count == 0) {
        add(failure, "%s of ", is_hidden(stop) ? "an output" : failure->mismatch.argument);
        add_workload(failure, stop);
        add(failure,
            ": every element is within tolerance, but the relative l2 error is %.3g and may be "
            "%.3g: precision is lost throughout",
            is_hidden(stop) ? hone_coarse_error(judgement->rel_l2) : judgement->rel_l2,
            rel_l2_limit);
        return;
    }
    if (is_hidden(stop)) {
        add_share(judgement, count, failure);
        return;
    }
    add_element(failure, stop);
    add(failure, "; %" PRId64 " of %" PRId64 " elements differ", judgement->wrong_count, count);
    if (failure->facts & HONE_FACT_UNWRITTEN)
        add(failure, ", %" PRId64 " of them never written", judgement->unwritten_count);
    if (isfinite(judgement->max_error))
        add(failure, ", largest error %.3g", judgement->max_error);
    else if (failure->reason != HONE_REASON_UNWRITTEN)
        add(failure, ", some not finite");
}

void hone_failure_of_guard(const struct hone_stop *stop, uint32_t owner, uint64_t past,
                           uint64_t before, struct hone_failure *failure) {
    const char *name = name_of(stop, owner);
    *failure = (struct hone_failure){.verdict = HONE_WRONG,
                                     .reason = HONE_REASON_OUT_OF_BOUNDS,
                                     .facts = HONE_FACT_GUARD_BROKEN};
    if (is_hidden(stop))
        add(failure, "wrote %s of %s on ", past ? "past the end" : "before the start", name);
    else if (past)
        add(failure, "wrote up to %" PRIu64 " bytes past the end of %s on ", past, name);
    else
        add(failure, "wrote %" PRIu64 " bytes before the start of %s on ", before, name);
    add_workload(failure, stop);
}

void hone_failure_of_plan(const struct hone_error *error, struct hone_failure *failure) {
    *failure = (struct hone_failure){.verdict = HONE_REJECTED, .reason = HONE_REASON_PLAN};
    add(failure, "%s", error->text);
}

void hone_failure_of_step(uint64_t limit_ns, uint32_t rounds, struct hone_failure *failure) {
    *failure = (struct hone_failure){.verdict = HONE_TIMED_OUT, .reason = HONE_REASON_STEP_TIME};
    add(failure, "the step reached its measuring limit of ");
    add_limit(failure, limit_ns);
    add(failure, " with %u rounds timed, %u are needed", rounds, ROUNDS_LEAST);
}

void hone_failure_add_pace(double own_ns, double baseline_ns, const char *baseline,
                           struct hone_failure *failure) {
    if (own_ns > 0 && baseline_ns > 0)
        add(failure, "; a round takes the candidate %.3g ms, the %s baseline %.3g ms", own_ns / 1e6,
            baseline, baseline_ns / 1e6);
}

void hone_failure_of_budget(struct hone_failure *failure) {
    *failure = (struct hone_failure){.verdict = HONE_TIMED_OUT, .reason = HONE_REASON_BUDGET};
    add(failure,
        "the step used up what was left of its episode's budget of device or wall seconds");
}
