/* command_show.c - `hone show`: a recorded run, or one step of it. */
#include "core/command.h"

#include "core/command_line.h"
#include "core/run_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct request {
    const char *root;
    uint64_t step; /* 0: all */
    bool source, feedback, json;
};

static const char *text_of(const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "-";
}

/* At most `room` bytes with the NUL. */
static const char *number_of(const json_t *object, const char *name, const char *format,
                             char *buffer, size_t room) {
    json_t *value = json_object_get(object, name);
    if (!json_is_number(value))
        return "-";
    snprintf(buffer, room, format, json_number_value(value));
    return buffer;
}

static void print_line(const char *label, const char *text) {
    printf("%-10s ", label);
    hone_command_print(text, strlen(text));
    putchar('\n');
}

static void format_speedup(const json_t *row, char to[96]) {
    char low[24], high[24], middle[24];
    if (!json_is_number(json_object_get(row, "speedup")))
        strcpy(to, "-");
    else
        snprintf(to, 96, "%s [%s, %s]", number_of(row, "speedup", "%.3gx", middle, sizeof middle),
                 number_of(row, "speedup_low", "%.3g", low, sizeof low),
                 number_of(row, "speedup_high", "%.3g", high, sizeof high));
}

static const char *cached_of(const json_t *row) {
    return json_is_true(json_object_get(row, "cached")) ? "cached" : "";
}

static void print_losses(const json_t *summary) {
    json_int_t dropped = json_integer_value(json_object_get(summary, "dropped_bytes"));
    json_int_t unread = json_integer_value(json_object_get(summary, "unread_records"));
    if (dropped)
        printf("%lld bytes at the journal's end belong to no whole record and were dropped\n\n",
               dropped);
    if (unread)
        printf("%lld records were written by another version of hone and are left out\n\n", unread);
}

static void print_steps(const json_t *summary, const json_t *steps) {
    size_t index;
    json_t *row;
    printf("run %s, %s, %s\n\n", text_of(summary, "name"), text_of(summary, "state"),
           text_of(summary, "created"));
    print_losses(summary);
    if (json_array_size(steps) == 0) {
        puts("no steps");
        return;
    }
    printf("%6s  %-9s %-24s %-17s %-17s %-22s %8s  %s\n", "STEP", "EPISODE", "TASK", "VERDICT",
           "REASON", "SPEEDUP", "REWARD", "");
    json_array_foreach(steps, index, row) {
        char turn[48], speedup[96], reward[32];
        snprintf(turn, sizeof turn, "%lld/%lld",
                 json_integer_value(json_object_get(row, "episode")),
                 json_integer_value(json_object_get(row, "turn")));
        format_speedup(row, speedup);
        const char *reason = text_of(row, "reason");
        printf("%6lld  %-9s %-24s %-17s %-17s %-22s %8s  %s\n",
               json_integer_value(json_object_get(row, "step")), turn, text_of(row, "task"),
               text_of(row, "verdict"), strcmp(reason, "none") ? reason : "-", speedup,
               number_of(row, "reward", "%.4g", reward, sizeof reward), cached_of(row));
    }
}

static void print_times(const json_t *detail) {
    char kernel[32], baseline[32], noise[32], coverage[32], speedup[96];
    format_speedup(detail, speedup);
    print_line("speedup", speedup);
    printf("%-10s kernel %s ns, baseline %s ns, noise %s, coverage %s%s\n", "times",
           number_of(detail, "kernel_ns", "%.6g", kernel, sizeof kernel),
           number_of(detail, "baseline_ns", "%.6g", baseline, sizeof baseline),
           number_of(detail, "noise", "%.3g", noise, sizeof noise),
           number_of(detail, "coverage", "%.3g", coverage, sizeof coverage),
           json_is_true(json_object_get(detail, "emulated")) ? ", emulated" : "");
}

static void print_numbers(const char *label, const json_t *object, const char *unit) {
    const char *name;
    json_t *value;
    if (json_object_size(object) == 0)
        return;
    printf("%-10s", label);
    json_object_foreach((json_t *)(uintptr_t)object, name, value) {
        putchar(' ');
        hone_command_print(name, strlen(name));
        if (json_is_number(value))
            printf(" %.4g%s", json_number_value(value), unit);
        else
            printf(" -");
    }
    putchar('\n');
}

static void print_workloads(const json_t *workloads) {
    size_t index;
    json_t *row;
    if (json_array_size(workloads) == 0)
        return;
    printf("\n%-20s %-7s %-11s %-17s %10s %-22s %10s %10s\n", "WORKLOAD", "SET", "VERDICT",
           "REASON", "KERNEL_NS", "SPEEDUP", "MAX_ERROR", "REL_L2");
    json_array_foreach(workloads, index, row) {
        char kernel[32], speedup[96], error[32], l2[32];
        format_speedup(row, speedup);
        const char *reason = text_of(row, "reason");
        printf("%-20s %-7s %-11s %-17s %10s %-22s %10s %10s\n", text_of(row, "id"),
               text_of(row, "set"), text_of(row, "verdict"), strcmp(reason, "none") ? reason : "-",
               number_of(row, "kernel_ns", "%.6g", kernel, sizeof kernel), speedup,
               number_of(row, "max_error", "%.3g", error, sizeof error),
               number_of(row, "rel_l2", "%.3g", l2, sizeof l2));
    }
}

static void print_findings(const json_t *findings) {
    size_t index;
    json_t *row;
    if (json_array_size(findings))
        puts("\nfindings");
    json_array_foreach(findings, index, row) {
        json_t *line = json_object_get(row, "line");
        printf("  %-10s %s", text_of(row, "severity"), text_of(row, "rule"));
        if (json_is_integer(line))
            printf(", line %lld", json_integer_value(line));
        printf(": ");
        hone_command_print(text_of(row, "text"), strlen(text_of(row, "text")));
        putchar('\n');
    }
}

static void print_step(const json_t *detail) {
    char reward[32];
    const char *reason = text_of(detail, "reason");
    printf("step %lld, episode %lld, turn %lld\n\n",
           json_integer_value(json_object_get(detail, "step")),
           json_integer_value(json_object_get(detail, "episode")),
           json_integer_value(json_object_get(detail, "turn")));
    printf("%-10s %s in %s on %s\n", "task", text_of(detail, "task"), text_of(detail, "lang"),
           text_of(detail, "device"));
    printf("%-10s %s%s%s%s\n", "verdict", text_of(detail, "verdict"),
           strcmp(reason, "none") ? ", " : "", strcmp(reason, "none") ? reason : "",
           *cached_of(detail) ? ", cached" : "");
    print_line("reward", number_of(detail, "reward", "%.6g", reward, sizeof reward));
    print_numbers("parts", json_object_get(detail, "components"), "");
    print_times(detail);
    print_numbers("stages", json_object_get(detail, "stages"), " ms");
    print_workloads(json_object_get(detail, "workloads"));
    print_findings(json_object_get(detail, "findings"));
    const char *message = json_string_value(json_object_get(detail, "message"));
    if (message && *message) {
        putchar('\n');
        hone_command_print(message, strlen(message));
        putchar('\n');
    }
}

static void print_alone(const char *text, size_t size) {
    hone_command_print(text, size);
    if (size && text[size - 1] != '\n')
        putchar('\n');
}

/* Bytes as they were sent, which JSON could not hold. */
static int show_source(struct hone_run *run, uint64_t step, struct hone_error *error) {
    char *source;
    size_t size;
    int failed = hone_run_source(run, step, &source, &size, error);
    if (!failed) {
        print_alone(source, size);
        free(source);
    }
    return failed;
}

static int show_steps(struct hone_run *run, bool json, struct hone_error *error) {
    json_t *summary, *steps;
    int failed = hone_run_summary(run, &summary, error);
    if (failed)
        return failed;
    failed = hone_run_steps(run, &steps, error);
    if (!failed && json) {
        json_object_set_new(summary, "rows", steps);
        hone_command_print_json(summary);
    } else if (!failed) {
        print_steps(summary, steps);
        json_decref(steps);
    }
    json_decref(summary);
    return failed;
}

static int show_step(struct hone_run *run, const struct request *request,
                     struct hone_error *error) {
    json_t *detail;
    int failed = hone_run_step(run, request->step, &detail, error);
    if (failed)
        return failed;
    if (request->json) {
        if (!request->source)
            json_object_del(detail, "source");
        if (!request->feedback)
            json_object_del(detail, "feedback");
        hone_command_print_json(detail);
    } else if (request->source || request->feedback) {
        const json_t *feedback = json_object_get(detail, "feedback");
        if (request->source)
            failed = show_source(run, request->step, error);
        if (request->feedback && json_is_string(feedback))
            print_alone(json_string_value(feedback), json_string_length(feedback));
    } else {
        print_step(detail);
    }
    json_decref(detail);
    return failed;
}

static int show(const struct request *request, const char *name) {
    struct hone_run *run;
    struct hone_error error = {""};
    int failed = hone_run_open(request->root, name, &run, &error);
    if (!failed) {
        failed = request->step ? show_step(run, request, &error)
                               : show_steps(run, request->json, &error);
        hone_run_close(run);
    }
    return failed ? hone_command_fail("show", &error) : 0;
}

int hone_command_show(int argc, char **argv) {
    struct request request = {0};
    const char *operands[2] = {NULL};
    const struct hone_command_option options[] = {
        {"source", NULL, "the candidate's source, alone", hone_take_yes, &request.source, 0},
        {"feedback", NULL, "the text the agent read, alone", hone_take_yes, &request.feedback, 0},
        {"root", "FOLDER", "where runs are (default $XDG_STATE_HOME/hone/runs)", hone_take_text,
         &request.root, 0},
        {"json", NULL, "an object; --source and --feedback add these to it", hone_take_yes,
         &request.json, 0},
        {0},
    };
    const struct hone_command_line line = {
        .command = "hone show",
        .synopsis = "RUN [STEP]",
        .purpose = "Show a run's steps, one a row, or everything about one step.\n"
                   "RUN is a name, the beginning of one, a path, or `last`.",
        .options = options,
        .operands = operands,
        .least = 1,
        .most = 2,
    };
    int status;
    if (!hone_command_line_read(&line, argc, argv, &status))
        return status;
    if (hone_command_line_number(&line, "STEP", operands[1], UINT64_MAX, &request.step))
        return HONE_EXIT_USAGE;
    if (!operands[1] && (request.source || request.feedback))
        return hone_command_line_refuse(&line, "--source and --feedback are of one STEP");
    return show(&request, operands[0]);
}
