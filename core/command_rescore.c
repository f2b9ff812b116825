#include "core/command.h"

#include "core/rescore.h"
#include "core/text.h"
#include "core/verdict.h"

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: hone rescore RUN [--reward NAME[=WEIGHT] ...] [--detector NAME=audit ...]\n"
    "                        [--set SECTION.OPTION=VALUE ...] [--settings FILE] [--audit]\n"
    "                        [--root FOLDER] [--json]\n"
    "\n"
    "Score a recorded run again from its evidence; nothing is run, and nothing is changed.\n"
    "\n"
    "With RUN alone, by the rewards, weights and options that it was scored with: every reward "
    "must\n"
    "come out again bit for bit, and the exit status is 1 when one does not. With --reward, --set "
    "or\n"
    "--settings, by others: what each step would have earned.\n"
    "\n"
    "  --reward NAME[=WEIGHT]  a reward by name or path, weight 1 unless given; replaces the list\n"
    "  --detector NAME=audit   a detector by name or path for --audit, beside the settings'\n"
    "  --audit                 let the detectors marked audit look first: a finding that costs "
    "the\n"
    "                          step makes its verdict hacked\n"
    "  --root FOLDER           where runs are (default $XDG_STATE_HOME/hone/runs)\n"
    "  --json                  one object a line, one line a step\n"
    "\n"
    "RUN is a name, its beginning, a path, or \"last\".\n";

struct arguments {
    struct hone_overrides overrides;
    const char *run, *root;
    bool audit, json, others;
};

enum { AUDIT = 256, ROOT, JSON, HELP };

static const struct option long_options[] = {
    {"audit", no_argument, NULL, AUDIT},
    {"root", required_argument, NULL, ROOT},
    {"json", no_argument, NULL, JSON},
    {"help", no_argument, NULL, HELP},
    HONE_OVERRIDE_OPTIONS,
    {0},
};

/* 0: go on; -1: help was printed; 2: wrong usage. */
static int parse(int argc, char **argv, struct arguments *arguments) {
    bool good = true;
    for (int option; good && (option = getopt_long(argc, argv, "", long_options, NULL)) != -1;) {
        switch (option) {
        case AUDIT:
            arguments->audit = true;
            break;
        case ROOT:
            arguments->root = optarg;
            break;
        case JSON:
            arguments->json = true;
            break;
        case HELP:
            fputs(usage, stdout);
            return -1;
        default:
            good = hone_overrides_take(&arguments->overrides, option, optarg);
            arguments->others = true;
        }
    }
    if (good && optind + 1 == argc)
        arguments->run = argv[optind];
    else if (good)
        fputs("hone rescore: expected one RUN\n", stderr);
    if (arguments->run)
        return 0;
    fputs("`hone rescore --help` tells more\n", stderr);
    return 2;
}

static json_t *parts_json(const struct hone_reward_name *names, const double *values,
                          uint32_t count) {
    json_t *parts = json_object();
    for (uint32_t i = 0; i < count; i++)
        json_object_set_new(parts, names[i].name, hone_json_real(values[i]));
    return parts;
}

static void print_row_json(const struct hone_rescored *row, const struct hone_reward_name *names,
                           uint32_t part_count) {
    json_t *object = json_pack(
        "{s:I, s:I, s:i, s:o, s:s, s:s, s:b, s:o, s:o, s:o, s:b, s:o}", "step",
        (json_int_t)row->step, "episode", (json_int_t)row->episode, "turn", (int)row->turn, "task",
        hone_json_text(row->task), "verdict", hone_verdict_name(row->verdict), "stored_verdict",
        hone_verdict_name(row->stored_verdict), "cached", row->cached, "stored",
        hone_json_real(row->stored), "reward", hone_json_real(row->fresh), "components",
        parts_json(names, row->parts, part_count), "same", hone_rescored_same(row, part_count),
        "finding", hone_json_text(row->finding));
    /* Every bit: whoever compares runs must see what we see. */
    json_dumpf(object, stdout, JSON_REAL_PRECISION(17) | JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

/* What a task's steps earned and earn. */
struct sum {
    const char *task;
    uint32_t steps, unscored, changed, hacked;
    double stored, fresh;
};

static struct sum *find_sum(struct sum *sums, uint32_t *count, const char *task) {
    for (uint32_t i = 0; i < *count; i++)
        if (!strcmp(sums[i].task, task))
            return &sums[i];
    sums[*count] = (struct sum){.task = task};
    return &sums[(*count)++];
}

static void print_table(const struct hone_rescored *rows, uint32_t count, uint32_t part_count) {
    struct sum *sums = calloc(count + 1, sizeof *sums);
    uint32_t sum_count = 0;
    if (!sums)
        return;
    for (uint32_t i = 0; i < count; i++) {
        struct sum *sum = find_sum(sums, &sum_count, rows[i].task);
        sum->steps++;
        sum->changed += !hone_rescored_same(&rows[i], part_count);
        sum->hacked += rows[i].verdict != rows[i].stored_verdict;
        if (isnan(rows[i].fresh)) {
            sum->unscored++;
            continue;
        }
        sum->stored += isnan(rows[i].stored) ? 0 : rows[i].stored;
        sum->fresh += rows[i].fresh;
    }
    printf("%-28s %7s %9s %9s %8s %8s\n", "TASK", "STEPS", "STORED", "NOW", "CHANGED", "HACKED");
    for (uint32_t i = 0; i < sum_count; i++) {
        const uint32_t scored = sums[i].steps - sums[i].unscored;
        hone_command_print(sums[i].task, strlen(sums[i].task));
        printf("%*s %7u %9.4g %9.4g %8u %8u\n",
               strlen(sums[i].task) < 28 ? 28 - (int)strlen(sums[i].task) : 0, "", sums[i].steps,
               scored ? sums[i].stored / scored : (double)NAN,
               scored ? sums[i].fresh / scored : (double)NAN, sums[i].changed, sums[i].hacked);
    }
    free(sums);
}

static void print_findings(const struct hone_rescored *rows, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (!rows[i].finding)
            continue;
        printf("step %llu: ", (unsigned long long)rows[i].step);
        hone_command_print(rows[i].finding, strlen(rows[i].finding));
        putchar('\n');
    }
}

/* The exit status. */
static int print(const struct arguments *arguments, const struct hone_rescore *rescore) {
    uint32_t count, part_count, changed = 0;
    const struct hone_rescored *rows = hone_rescore_rows(rescore, &count);
    const struct hone_reward_name *names = hone_rescore_parts(rescore, &part_count);
    for (uint32_t i = 0; i < count; i++) {
        changed += !hone_rescored_same(&rows[i], part_count);
        if (arguments->json)
            print_row_json(&rows[i], names, part_count);
    }
    if (!arguments->json) {
        print_table(rows, count, part_count);
        print_findings(rows, count);
        if (!arguments->others && !arguments->audit)
            printf("%u of %u rewards come out as they were stored, bit for bit\n", count - changed,
                   count);
    }
    return !arguments->others && !arguments->audit && changed;
}

static int open_settings(const struct arguments *arguments, struct hone_run *run,
                         struct hone_settings **settings, struct hone_error *error) {
    char *notes;
    if (arguments->others)
        return hone_overrides_open(&arguments->overrides, settings, error);
    int failed = hone_rescore_settings(run, settings, &notes, error);
    if (!failed)
        fputs(notes, stderr);
    free(notes);
    return failed;
}

int hone_command_rescore(int argc, char **argv) {
    struct arguments arguments = {0};
    struct hone_error error = {""};
    struct hone_run *run = NULL;
    struct hone_settings *settings = NULL;
    struct hone_rescore *rescore = NULL;
    int status = parse(argc, argv, &arguments);
    if (status) {
        hone_overrides_finish(&arguments.overrides);
        return status < 0 ? 0 : status;
    }
    int failed = hone_run_open(arguments.root, arguments.run, &run, &error);
    if (!failed)
        failed = open_settings(&arguments, run, &settings, &error);
    if (!failed)
        failed = hone_rescore_open(run, settings, arguments.audit, &rescore, &error);
    if (!failed)
        status = print(&arguments, rescore);
    else
        status = hone_command_fail("rescore", &error);
    hone_rescore_close(rescore);
    if (settings)
        hone_settings_close(settings);
    if (run)
        hone_run_close(run);
    hone_overrides_finish(&arguments.overrides);
    return status;
}
