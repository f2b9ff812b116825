#include "core/command_runs.h"

#include "core/command.h"
#include "core/run_json.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: hone show RUN [STEP] [--source] [--feedback] [--root FOLDER] [--json]\n"
    "\n"
    "Show a run's steps, one a row, or everything about one step. RUN is a name, the beginning of\n"
    "one, a path, or \"last\".\n"
    "\n"
    "  --source       the candidate's source, alone\n"
    "  --feedback     the text the agent read, alone\n"
    "  --root FOLDER  where runs are (default $XDG_STATE_HOME/hone/runs)\n"
    "  --json         an object; with --source or --feedback these are among its fields\n";

struct show_options {
    const char *root, *run;
    uint64_t step; /* 0: all */
    bool source, feedback, json, help;
};

static int usage(const char *text, const char *what) {
    fprintf(stderr, "hone show: %s%s%s; see hone show --help\n", text, *what ? " " : "", what);
    return 2;
}

static int parse_operands(int count, char **operands, struct show_options *options) {
    if (options->help)
        return 0;
    if (count < 1)
        return usage("which run? its name, or last", "");
    if (count > 2)
        return usage("unexpected", operands[2]);
    options->run = operands[0];
    if (count == 2) {
        char *end;
        errno = 0;
        options->step = strtoull(operands[1], &end, 10);
        if (errno || *end || !options->step || operands[1][0] < '0' || operands[1][0] > '9')
            return usage("STEP is a number from 1, not", operands[1]);
    } else if (options->source || options->feedback) {
        return usage("--source and --feedback are of one step: give its number too", "");
    }
    return 0;
}

static int parse(int argc, char **argv, struct show_options *options) {
    static const struct option known[] = {
        {"source", no_argument, NULL, 's'},     {"feedback", no_argument, NULL, 'f'},
        {"root", required_argument, NULL, 'r'}, {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},       {0}};
    *options = (struct show_options){0};
    optind = 0;
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, ":h", known, NULL)) != -1;) {
        switch (option) {
        case 's':
            options->source = true;
            break;
        case 'f':
            options->feedback = true;
            break;
        case 'r':
            options->root = optarg;
            break;
        case 'j':
            options->json = true;
            break;
        case 'h':
            options->help = true;
            break;
        case ':':
            return usage("a value is missing after", argv[optind - 1]);
        default:
            return usage("unknown option", argv[optind - 1]);
        }
    }
    return parse_operands(argc - optind, argv + optind, options);
}

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

static void print_json(const json_t *value) {
    json_dumpf(value, stdout, HONE_JSON_FLAGS | JSON_INDENT(2));
    putchar('\n');
}

static int show_steps(struct hone_run *run, bool json, struct hone_error *error) {
    json_t *summary, *steps;
    int failed = hone_run_summary(run, &summary, error);
    if (failed)
        return failed;
    failed = hone_run_steps(run, &steps, error);
    if (!failed && json) {
        json_object_set_new(summary, "rows", steps);
        print_json(summary);
    } else if (!failed) {
        print_steps(summary, steps);
        json_decref(steps);
    }
    json_decref(summary);
    return failed;
}

static int show_step(struct hone_run *run, const struct show_options *options,
                     struct hone_error *error) {
    json_t *detail;
    int failed = hone_run_step(run, options->step, &detail, error);
    if (failed)
        return failed;
    if (options->json) {
        if (!options->source)
            json_object_del(detail, "source");
        if (!options->feedback)
            json_object_del(detail, "feedback");
        print_json(detail);
    } else if (options->source || options->feedback) {
        const json_t *feedback = json_object_get(detail, "feedback");
        if (options->source)
            failed = show_source(run, options->step, error);
        if (options->feedback && json_is_string(feedback))
            print_alone(json_string_value(feedback), json_string_length(feedback));
    } else {
        print_step(detail);
    }
    json_decref(detail);
    return failed;
}

int hone_command_show(int argc, char **argv) {
    struct show_options options;
    struct hone_run *run;
    struct hone_error error;
    int status = parse(argc, argv, &options);
    if (status)
        return status;
    if (options.help) {
        fputs(help, stdout);
        return 0;
    }
    int failed = hone_run_open(options.root, options.run, &run, &error);
    if (!failed) {
        failed =
            options.step ? show_step(run, &options, &error) : show_steps(run, options.json, &error);
        hone_run_close(run);
    }
    if (failed)
        fprintf(stderr, "hone show: %s\n", error.text);
    return failed ? 1 : 0;
}
