#include "core/report.h"

#include "core/coarse.h"
#include "core/text.h"
#include "core/verdict.h"

#include <math.h>
#include <string.h>

static void set_real(json_t *object, const char *name, double value) {
    json_object_set_new(object, name, hone_json_real(value));
}

static json_t *report_axes(const struct hone_task *task, const struct hone_workload_row *row) {
    json_t *axes = json_object();
    for (uint32_t i = 0; i < row->axis_count && i < task->axis_count; i++)
        json_object_set_new(axes, task->axes[i].name, json_integer(row->axes[i]));
    return axes;
}

static json_t *report_baselines(const struct hone_evidence *evidence,
                                const struct hone_workload_row *row) {
    json_t *times = json_object();
    for (uint32_t i = 0; i < evidence->baseline_count && i < HONE_BASELINES_MAX; i++)
        set_real(times, evidence->baseline_name[i],
                 i < row->baseline_count ? row->baseline_ns[i] : NAN);
    return times;
}

static json_t *report_workload(const struct hone_task *task, const struct hone_evidence *evidence,
                               const struct hone_workload_row *row) {
    bool hidden = row->set == HONE_HIDDEN;
    json_t *out = json_object();
    json_object_set_new(out, "id", hidden ? json_null() : hone_json_text(row->id));
    json_object_set_new(out, "set", hone_json_text(hone_set_name(row->set)));
    json_object_set_new(out, "axes", hidden ? json_null() : report_axes(task, row));
    json_object_set_new(out, "verdict", hone_json_text(hone_verdict_name(row->verdict)));
    json_object_set_new(out, "reason", hone_json_text(hone_reason_name(row->reason)));
    json_object_set_new(out, "samples", json_integer(row->samples));
    set_real(out, "kernel_ns", row->kernel_ns);
    json_object_set_new(out, "baseline_ns", report_baselines(evidence, row));
    set_real(out, "speedup", row->speedup);
    set_real(out, "speedup_low", row->speedup_low);
    set_real(out, "speedup_high", row->speedup_high);
    set_real(out, "max_error", hidden ? hone_coarse_error(row->max_error) : row->max_error);
    set_real(out, "rel_l2", hidden ? hone_coarse_error(row->rel_l2) : row->rel_l2);
    json_object_set_new(out, "sampled", json_boolean(row->flags & HONE_ROW_SAMPLED));
    return out;
}

static json_t *report_findings(const struct hone_evidence *evidence) {
    json_t *list = json_array();
    for (uint32_t i = 0; i < evidence->finding_count; i++) {
        const struct hone_finding *finding = hone_evidence_finding(evidence, i);
        json_t *one = json_object();
        json_object_set_new(one, "rule", hone_json_text(finding->rule));
        json_object_set_new(one, "severity", hone_json_text(hone_severity_name(finding->severity)));
        json_object_set_new(one, "line", finding->line ? json_integer(finding->line) : json_null());
        json_object_set_new(one, "text", hone_json_text(finding->text));
        json_array_append_new(list, one);
    }
    return list;
}

static json_t *report_shape(const int64_t shape[3]) {
    return json_pack("[I, I, I]", (json_int_t)shape[0], (json_int_t)shape[1], (json_int_t)shape[2]);
}

static json_t *report_profile(const struct hone_evidence *evidence) {
    json_t *list = json_array();
    for (uint32_t i = 0; i < evidence->profile_count; i++) {
        const struct hone_profile_row *row = hone_evidence_profile(evidence, i);
        json_t *one = json_object();
        json_object_set_new(one, "name", hone_json_text(row->name));
        json_object_set_new(one, "step", json_integer(row->plan_step));
        set_real(one, "time_ns", row->time_ns);
        json_object_set_new(one, "grid", report_shape(row->grid));
        json_object_set_new(one, "block", report_shape(row->block));
        json_object_set_new(one, "registers", json_integer(row->registers));
        json_object_set_new(one, "shared_bytes", json_integer(row->shared_bytes));
        json_object_set_new(one, "local_bytes", json_integer(row->local_bytes));
        json_array_append_new(list, one);
    }
    return list;
}

static json_t *report_counters(const struct hone_evidence *evidence) {
    json_t *counters = json_object();
    for (uint32_t i = 0; i < evidence->counter_count; i++) {
        const struct hone_profile_counter *counter = hone_evidence_counter(evidence, i);
        set_real(counters, counter->name, counter->value);
    }
    return counters;
}

static json_t *report_stages(const struct hone_evidence *evidence) {
    json_t *stages = json_object();
    for (uint32_t i = 0; i < HONE_STAGE_COUNT; i++)
        if (evidence->stages & 1u << i)
            set_real(stages, hone_stage_name(i), (double)evidence->stage_ns[i] / 1e6);
    return stages;
}

static json_t *report_components(const struct hone_engine *engine, const struct hone_step *step) {
    uint32_t count;
    const struct hone_reward_name *names = hone_engine_rewards(engine, &count);
    json_t *parts = json_object();
    for (uint32_t i = 0; i < count; i++)
        set_real(parts, names[i].name, step->parts[i]);
    return parts;
}

json_t *hone_report(const struct hone_engine *engine, const struct hone_step *step) {
    const struct hone_evidence *evidence = step->evidence;
    const struct hone_device *device = hone_engine_device(engine);
    json_t *out = json_object();
    json_object_set_new(out, "task", hone_json_text(step->task->id));
    json_object_set_new(out, "lang", hone_json_text(step->language));
    json_object_set_new(out, "device", hone_json_text(evidence->device));
    json_object_set_new(out, "verdict", hone_json_text(hone_verdict_name(step->verdict)));
    json_object_set_new(out, "reason", hone_json_text(hone_reason_name(step->reason)));
    json_object_set_new(out, "message", hone_json_text(step->message));
    set_real(out, "reward", step->reward);
    json_object_set_new(out, "components", report_components(engine, step));
    set_real(out, "speedup", evidence->speedup);
    set_real(out, "speedup_low", evidence->speedup_low);
    set_real(out, "speedup_high", evidence->speedup_high);
    set_real(out, "kernel_ns", evidence->kernel_ns);
    set_real(out, "baseline_ns", evidence->baseline_ns);
    set_real(out, "noise", evidence->noise);
    json_object_set_new(out, "samples", json_integer(evidence->samples));
    set_real(out, "coverage", evidence->coverage);
    set_real(out, "roofline_fraction", evidence->roofline_fraction);
    json_t *workloads = json_array();
    for (uint32_t i = 0; i < evidence->workload_count; i++)
        json_array_append_new(
            workloads, report_workload(step->task, evidence, hone_evidence_workload(evidence, i)));
    json_object_set_new(out, "workloads", workloads);
    json_object_set_new(out, "findings", report_findings(evidence));
    json_object_set_new(out, "profile", report_profile(evidence));
    json_object_set_new(out, "counters", report_counters(evidence));
    json_object_set_new(out, "profile_note", hone_json_text(evidence->profile_note));
    json_object_set_new(out, "stages", report_stages(evidence));
    json_object_set_new(out, "cached", json_boolean(step->cached));
    json_object_set_new(out, "emulated", json_boolean(evidence->flags & HONE_EMULATED));
    json_object_set_new(out, "compiled_for_gpu",
                        json_boolean(evidence->flags & HONE_COMPILED_FOR_GPU));
    json_object_set_new(out, "confinement", hone_json_text(device->confinement));
    json_object_set_new(out, "protocol", hone_json_text(hone_engine_protocol(engine)));
    json_object_set_new(out, "fingerprint", hone_json_text(device->fingerprint));
    return out;
}
