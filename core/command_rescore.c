/* command_rescore.c - `hone rescore`: what a recorded run earns, from its evidence alone. */
#include "core/command.h"

#include "core/error.h"
#include "core/overrides.h"
#include "core/rescore.h"
#include "core/text.h"
#include "core/verdict.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arguments {
    struct hone_overrides overrides;
    const char *run, *root;
    bool audit, json, others;
};

static bool parse(int argc, char **argv, struct arguments *arguments, int *status) {
    const struct hone_command_option options[] = {
        HONE_PLUGIN_OPTIONS(&arguments->overrides),
        HONE_SETTINGS_OPTIONS(&arguments->overrides),
        {"audit", NULL,
         "let the detectors marked audit look first: a finding that\n"
         "costs the step makes its verdict hacked",
         hone_take_yes, &arguments->audit, 0},
        {"root", "FOLDER", "where runs are (default $XDG_STATE_HOME/hone/runs)", hone_take_text,
         &arguments->root, 0},
        {"json", NULL, "one object a line, one line a step", hone_take_yes, &arguments->json, 0},
        {0},
    };
    const struct hone_command_line line = {
        .command = "hone rescore",
        .synopsis = "RUN",
        .purpose =
            "Score a recorded run again from its evidence; nothing is run, and nothing is "
            "changed.\n"
            "RUN is a name, the beginning of one, a path, or `last`.\n"
            "\n"
            "With RUN alone, by the rewards, weights and options that it was scored with: every\n"
            "reward must come out again bit for bit, and the exit status is 1 when one does not.\n"
            "With --reward, --set or --settings, by others: what each step would have earned.",
        .options = options,
        .operands = &arguments->run,
        .least = 1,
        .most = 1,
    };
    bool good = hone_command_line_read(&line, argc, argv, status);
    arguments->others = arguments->overrides.path || arguments->overrides.count;
    return good;
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
                         struct hone_watch *watch, struct hone_settings **settings,
                         struct hone_error *error) {
    char *notes;
    if (arguments->others)
        return hone_overrides_open(&arguments->overrides, settings, error);
    hone_watch_begin(watch, HONE_WATCH_LOAD_MS, "loading the plugins that scored this run");
    int failed = hone_rescore_settings(run, settings, &notes, error);
    hone_watch_end(watch);
    if (!failed)
        fputs(notes, stderr);
    free(notes);
    return failed;
}

/* In a process that a plugin may take down. */
static int rescore_watched(void *context, struct hone_watch *watch) {
    const struct arguments *arguments = context;
    struct hone_error error = {""};
    struct hone_run *run = NULL;
    struct hone_settings *settings = NULL;
    struct hone_rescore *rescore = NULL;
    int status;
    int failed = hone_run_open(arguments->root, arguments->run, &run, &error);
    if (!failed)
        failed = open_settings(arguments, run, watch, &settings, &error);
    if (!failed)
        failed = hone_rescore_open(run, settings, arguments->audit, watch, &rescore, &error);
    if (!failed)
        status = print(arguments, rescore);
    else
        status = hone_command_fail("rescore", &error);
    if (run && !settings && arguments->others)
        status = HONE_EXIT_USAGE; /* bad settings, or a bad --set, --reward or --detector */
    fflush(stdout);               /* before the plugins' last say */
    hone_watch_begin(watch, HONE_WATCH_LOAD_MS, "destroying the plugins");
    hone_rescore_close(rescore);
    hone_watch_end(watch);
    if (settings)
        hone_settings_close(settings);
    if (run)
        hone_run_close(run);
    return status;
}

int hone_command_rescore(int argc, char **argv) {
    struct arguments arguments = {0};
    int status;
    if (parse(argc, argv, &arguments, &status))
        status = hone_watch_run("rescore", rescore_watched, &arguments);
    hone_overrides_finish(&arguments.overrides);
    return status;
}
