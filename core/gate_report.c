#include "core/gate_private.h"

#include "core/text.h"
#include "core/verdict.h"

#include <string.h>

static const char *const set_names[] = {[HONE_DEBUG] = "debug",
                                        [HONE_VERIFY] = "verify",
                                        [HONE_BENCH] = "bench",
                                        [HONE_HIDDEN] = "hidden"};

static void name_row(const struct hone_gate_row *row, char *name, size_t size) {
    snprintf(name, size, "%s%s%s", row->code, row->target[0] ? " " : "", row->target);
}

/* "primes +4": the first workload of a set that caught it, and how many more did. */
static void print_catchers(const struct hone_gate_report *report, const struct hone_gate_row *row,
                           enum hone_workload_set set, FILE *out) {
    uint32_t caught = 0, tried = 0;
    const char *first = "";
    for (uint32_t i = 0; i < report->trial_count; i++) {
        if (report->trials[i].workload.set != set || report->trials[i].again ||
            row->outcomes[i] == HONE_GATE_UNTRIED)
            continue;
        tried++;
        if (row->outcomes[i] == HONE_GATE_CAUGHT && !caught++)
            first = report->trials[i].name;
    }
    char text[64] = "";
    if (caught > 1)
        snprintf(text, sizeof text, "%.40s +%u", first, caught - 1);
    else if (tried)
        snprintf(text, sizeof text, "%.40s", caught ? first : "PASSES");
    fprintf(out, "  %-18s", text);
}

static uint32_t count_set(const struct hone_gate_report *report, enum hone_workload_set set) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < report->trial_count; i++)
        count += report->trials[i].workload.set == set && !report->trials[i].again;
    return count;
}

static void print_emulated(const struct hone_gate_report *report, int width, FILE *out) {
    if (report->emulated_count)
        fprintf(out, "\n%-*s  as a candidate, emulated\n", width, "kernel");
    for (uint32_t i = 0; i < report->emulated_count; i++) {
        const struct hone_gate_emulated *one = &report->emulated[i];
        fprintf(out, "%-*s  %s\n", width, one->code,
                one->verdict  ? hone_verdict_name(one->verdict)
                : one->honest ? "right"
                              : "PASSES");
    }
}

void hone_gate_print(const struct hone_gate_report *report, FILE *out) {
    char name[256];
    int width = 5;
    for (uint32_t i = 0; i < report->row_count; i++) {
        name_row(&report->rows[i], name, sizeof name);
        width = (int)strlen(name) > width ? (int)strlen(name) : width;
    }
    for (uint32_t i = 0; i < report->emulated_count; i++)
        width = (int)strlen(report->emulated[i].code) > width
                    ? (int)strlen(report->emulated[i].code)
                    : width;
    fprintf(out,
            "%s %s: %s\n%u debug, %u verify and %u bench workloads, %u hidden draws; naive %.1f "
            "ms; checked in "
            "%.1f s\n\n",
            report->task->id, report->task->version, report->refusal_count ? "refused" : "accepted",
            count_set(report, HONE_DEBUG), count_set(report, HONE_VERIFY),
            count_set(report, HONE_BENCH), count_set(report, HONE_HIDDEN), report->naive_s * 1e3,
            report->seconds);
    for (uint32_t i = 0; i < report->row_count; i++)
        if (report->rows[i].honest)
            fprintf(out, "%-*s  %s, worst error %.2g of the tolerance\n", width,
                    report->rows[i].code, report->rows[i].message[0] ? "WRONG" : "right",
                    report->rows[i].error_share);
    fprintf(out, "\n%-*s  %-18s  %s\n", width, "cheat", "caught by verify", "by bench");
    for (uint32_t i = 0; i < report->row_count; i++) {
        if (report->rows[i].honest)
            continue;
        name_row(&report->rows[i], name, sizeof name);
        fprintf(out, "%-*s", width, name);
        print_catchers(report, &report->rows[i], HONE_VERIFY, out);
        print_catchers(report, &report->rows[i], HONE_BENCH, out);
        fputc('\n', out);
    }
    print_emulated(report, width, out);
    if (report->refusal_count || report->note_count)
        fputc('\n', out);
    for (uint32_t i = 0; i < report->refusal_count; i++)
        fprintf(out, "refused: %s: %s\n", report->refusals[i].code, report->refusals[i].text);
    for (uint32_t i = 0; i < report->note_count; i++)
        fprintf(out, "note: %s: %s\n", report->notes[i].code, report->notes[i].text);
}

void hone_gate_print_line(const struct hone_gate_report *report, FILE *out) {
    fprintf(out, "%-28s %s in %.1f s", report->task->id,
            report->refusal_count ? "refused" : "accepted", report->seconds);
    for (uint32_t i = 0; i < report->note_count; i++)
        fprintf(out, "%s%s", i ? ", " : ", note: ", report->notes[i].code);
    fputc('\n', out);
}

static json_t *reasons(const struct hone_gate_reason *rows, uint32_t count) {
    json_t *array = json_array();
    for (uint32_t i = 0; i < count; i++)
        json_array_append_new(array, json_pack("{s:s, s:o}", "code", rows[i].code, "text",
                                               hone_json_text(rows[i].text)));
    return array;
}

static json_t *names(const struct hone_gate_report *report, const struct hone_gate_row *row,
                     enum hone_workload_set set, uint8_t outcome) {
    json_t *array = json_array();
    for (uint32_t i = 0; i < report->trial_count; i++)
        if (report->trials[i].workload.set == set && row->outcomes[i] == outcome)
            json_array_append_new(array, json_string(report->trials[i].name));
    return array;
}

static json_t *by_set(const struct hone_gate_report *report, const struct hone_gate_row *row,
                      uint8_t outcome) {
    json_t *object = json_object();
    for (enum hone_workload_set set = row->honest ? HONE_DEBUG : HONE_VERIFY;
         set <= (row->honest ? HONE_HIDDEN : HONE_BENCH); set++)
        json_object_set_new(object, set_names[set], names(report, row, set, outcome));
    return object;
}

static json_t *row_object(const struct hone_gate_report *report, const struct hone_gate_row *row) {
    json_t *object = json_object();
    json_object_set_new(object, "code", hone_json_text(row->code));
    json_object_set_new(object, "target", hone_json_text(row->target));
    json_object_set_new(object, row->honest ? "failed" : "caught",
                        by_set(report, row, HONE_GATE_CAUGHT));
    json_object_set_new(object, "passed", by_set(report, row, HONE_GATE_PASSED));
    if (row->honest)
        json_object_set_new(object, "error_share", hone_json_real(row->error_share));
    if (row->honest && row->message[0])
        json_object_set_new(object, "message", hone_json_text(row->message));
    return object;
}

static json_t *emulated_array(const struct hone_gate_report *report) {
    json_t *array = json_array();
    for (uint32_t i = 0; i < report->emulated_count; i++) {
        const struct hone_gate_emulated *one = &report->emulated[i];
        json_array_append_new(array,
                              json_pack("{s:o, s:b, s:s?, s:o}", "code", hone_json_text(one->code),
                                        "honest", one->honest, "verdict",
                                        one->verdict ? hone_verdict_name(one->verdict) : NULL,
                                        "message", hone_json_text(one->message)));
    }
    return array;
}

json_t *hone_gate_json(const struct hone_gate_report *report) {
    json_t *baselines = json_array(), *cheats = json_array();
    for (uint32_t i = 0; i < report->row_count; i++)
        json_array_append_new(report->rows[i].honest ? baselines : cheats,
                              row_object(report, &report->rows[i]));
    return json_pack("{s:s, s:s, s:s, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "id",
                     report->task->id, "version", report->task->version, "hash", report->task->hash,
                     "accepted", report->refusal_count == 0, "refusals",
                     reasons(report->refusals, report->refusal_count), "notes",
                     reasons(report->notes, report->note_count), "baselines", baselines, "cheats",
                     cheats, "emulated", emulated_array(report), "naive_s",
                     hone_json_real(report->naive_s), "seconds", hone_json_real(report->seconds));
}
