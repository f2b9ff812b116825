/* command_eval.c - `hone eval`: one kernel, one verdict (design "hone eval, the smallest way in").
 */
#include "core/command.h"

#include "core/clock.h"
#include "core/engine.h"
#include "core/feedback.h"
#include "core/report.h"
#include "core/store.h"
#include "core/text.h"
#include "core/verdict.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct arguments {
    const char *task, *file, *language, *device, *options;
    uint32_t stages, flags;
    uint64_t seed;
    bool json, quiet, keep, trusted;
    struct hone_overrides overrides;
};

static const char usage[] =
    "usage: hone eval --task ID [OPTION ...] FILE\n"
    "\n"
    "Compile, verify and time one kernel; FILE is `-` for standard input.\n"
    "\n"
    "  --task ID          the task (`hone tasks` lists them)\n"
    "  --lang NAME        c; default: by the file's suffix\n"
    "  --device ID        cpu; default: the first there is\n"
    "  --options WORDS    compile options: O2 fast_math unroll_loops\n"
    "  --stages NAMES     e.g. compile,verify; default: all. Stops early: verdict partial\n"
    "  --profile          collect counters where the device has some\n"
    "  --confirm          measure as records are measured: new processes and inputs for every "
    "pair\n"
    "  --force            measure again even if the result is known\n"
    "  --seed N           fixes the debug workloads' inputs\n"
    "  --reward NAME[=W]  reward instead of the settings'; may be given again\n"
    "  --detector NAME    detector beside the settings'; may be given again\n"
    "  --settings FILE    instead of etc/hone.ini\n"
    "  --set S.O=VALUE    one setting, e.g. measure.timing_ms=600\n"
    "  --trusted          run untrusted code even where confinement is weaker than C\n"
    "  --no-store         keep no record\n"
    "  --json             one object on standard output\n"
    "  --quiet            no progress on standard error\n"
    "\n"
    "exit: 0 passed, 9 partial, 10 rejected, 11 compile_failed, 12 policy_violation, 13 crashed,\n"
    "      14 timed_out, 15 wrong, 16 hacked, 20 infra_failed, 1 could not start, 2 usage\n";

enum {
    TASK = 256,
    LANG,
    DEVICE,
    OPTIONS,
    STAGES,
    PROFILE,
    CONFIRM,
    FORCE,
    SEED,
    TRUSTED,
    NO_STORE,
    JSON,
    QUIET,
    HELP
};

static const struct option long_options[] = {
    {"task", required_argument, NULL, TASK},     {"lang", required_argument, NULL, LANG},
    {"device", required_argument, NULL, DEVICE}, {"options", required_argument, NULL, OPTIONS},
    {"stages", required_argument, NULL, STAGES}, {"profile", no_argument, NULL, PROFILE},
    {"confirm", no_argument, NULL, CONFIRM},     {"force", no_argument, NULL, FORCE},
    {"seed", required_argument, NULL, SEED},     HONE_OVERRIDE_OPTIONS,
    {"trusted", no_argument, NULL, TRUSTED},     {"no-store", no_argument, NULL, NO_STORE},
    {"json", no_argument, NULL, JSON},           {"quiet", no_argument, NULL, QUIET},
    {"help", no_argument, NULL, HELP},           {0},
};

static bool parse_stages(struct arguments *arguments, const char *text) {
    if (hone_stage_mask(text, &arguments->stages)) {
        fprintf(stderr,
                "hone eval: --stages %s: expected names out of admit, inspect_source, compile, "
                "inspect_binary, verify, time, profile, inspect_run, score, observe\n",
                text);
        return false;
    }
    arguments->stages = hone_stage_mask_fill(arguments->stages);
    return true;
}

static bool parse_seed(struct arguments *arguments, const char *text) {
    char *end;
    errno = 0;
    arguments->seed = strtoull(text, &end, 0);
    if (errno || end == text || *end) {
        fprintf(stderr, "hone eval: --seed %s: expected a whole number\n", text);
        return false;
    }
    return true;
}

/* 0: go on; -1: help was printed; 2: wrong usage. */
static int parse(int argc, char **argv, struct arguments *arguments) {
    bool good = true;
    for (int option; good && (option = getopt_long(argc, argv, "", long_options, NULL)) != -1;) {
        switch (option) {
        case TASK:
            arguments->task = optarg;
            break;
        case LANG:
            arguments->language = optarg;
            break;
        case DEVICE:
            arguments->device = optarg;
            break;
        case OPTIONS:
            arguments->options = optarg;
            break;
        case STAGES:
            good = parse_stages(arguments, optarg);
            break;
        case PROFILE:
            arguments->flags |= HONE_STEP_PROFILE;
            break;
        case CONFIRM:
            arguments->flags |= HONE_STEP_CONFIRM;
            break;
        case FORCE:
            arguments->flags |= HONE_STEP_FORCE;
            break;
        case SEED:
            good = parse_seed(arguments, optarg);
            break;
        case TRUSTED:
            arguments->trusted = true;
            break;
        case NO_STORE:
            arguments->keep = false;
            break;
        case JSON:
            arguments->json = true;
            break;
        case QUIET:
            arguments->quiet = true;
            break;
        case HELP:
            fputs(usage, stdout);
            return -1;
        default:
            good = hone_overrides_take(&arguments->overrides, option, optarg);
        }
    }
    if (good && optind + 1 == argc)
        arguments->file = argv[optind];
    if (!good || !arguments->file || !arguments->task) {
        if (good)
            fprintf(stderr, "hone eval: %s\n",
                    arguments->task ? "expected one FILE" : "--task ID is needed");
        fputs("`hone eval --help` tells more\n", stderr);
        return 2;
    }
    return 0;
}

static const char *language_of(const char *file) {
    const char *suffix = strrchr(file, '.');
    if (suffix && !strcmp(suffix, ".cu"))
        return "cuda";
    return "c";
}

/* Read at most a little more than any limit allows, so that the step itself can say it is too long.
 */
static char *read_source(const char *path, size_t *bytes) {
    enum { MOST = 4 << 20 };
    int file = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
    char *text = file < 0 ? NULL : malloc(MOST);
    size_t used = 0;
    ssize_t got = text ? 1 : -1;
    while (got > 0 && used < MOST) {
        got = read(file, text + used, MOST - used);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got > 0)
            used += (size_t)got;
    }
    if (got < 0) {
        fprintf(stderr, "hone eval: %s: %s\n", path, strerror(errno));
        free(text);
        text = NULL;
    }
    if (file > STDIN_FILENO)
        close(file);
    *bytes = used;
    return text;
}

static void note_done(void *context, struct hone_step *step) {
    (void)step;
    *(bool *)context = true;
}

static void wait_for(struct hone_engine *engine, const struct hone_step *step, const bool *done,
                     bool quiet) {
    uint32_t shown = HONE_STAGE_COUNT;
    while (!*done) {
        struct pollfd wait = {hone_engine_descriptor(engine), POLLIN, 0};
        if (poll(&wait, 1, quiet ? -1 : 100) > 0)
            hone_engine_collect(engine);
        uint32_t stage = atomic_load_explicit(&step->stage, memory_order_relaxed);
        if (!quiet && stage != shown && !*done) {
            shown = stage;
            fprintf(stderr, "hone eval: %s ...\n", hone_stage_name(stage));
        }
    }
}

/* The same records a server keeps, for an episode of one turn. */
static void record(const struct hone_engine *engine, const struct hone_step *step,
                   const char *feedback) {
    struct hone_error error;
    struct hone_store *store;
    struct hone_run_facts facts = {"eval", hone_engine_facts(engine)};
    if (hone_store_create(NULL, &facts, false, &store, &error)) {
        fprintf(stderr, "hone eval: not recorded: %s\n", error.text);
        return;
    }
    uint32_t count;
    hone_engine_rewards(engine, &count);
    struct hone_episode_record episode = {.episode = 1,
                                          .task = step->task->id,
                                          .group = "",
                                          .seed = step->debug_seed,
                                          .time_ns = hone_wall_clock_ns()};
    struct hone_action_record action = {
        .step = 1,
        .episode = 1,
        .node = 1,
        .turn = 1,
        .stages = step->stages,
        .flags = step->flags,
        .task = step->task->id,
        .task_hash = step->task->hash,
        .language = step->language,
        .options = step->options,
        .group = "",
        .source = step->source,
        .source_bytes = step->source_bytes,
        .seed = step->debug_seed,
        .time_ns = hone_wall_clock_ns(),
    };
    struct hone_result_record result = {
        .step = 1,
        .evidence = step->evidence,
        .reward = step->reward,
        .part_count = count,
        .parts = step->parts,
        .message = step->message,
        .feedback = feedback,
        .time_ns = hone_wall_clock_ns(),
    };
    int code = hone_store_episode_begin(store, &episode);
    if (!code)
        code = hone_store_action(store, &action);
    if (!code)
        code = hone_store_result(store, &result);
    episode.terminated = true;
    episode.why = "eval";
    if (!code)
        code = hone_store_episode_end(store, &episode);
    if (code)
        fprintf(stderr, "hone eval: not recorded: %s\n", strerror(-code));
    hone_store_destroy(store);
}

static int evaluate(struct hone_engine *engine, const struct arguments *arguments,
                    const char *source, size_t bytes) {
    const struct hone_task *task = hone_engine_task(engine, arguments->task);
    if (!task) {
        fprintf(stderr, "hone eval: no task `%s`; `hone tasks` lists what there is\n",
                arguments->task);
        return 2;
    }
    const char *language = arguments->language ? arguments->language : language_of(arguments->file);
    struct hone_step *step = hone_step_create(task, language, source, bytes);
    if (!step) {
        fprintf(stderr, "hone eval: out of memory\n");
        return 1;
    }
    bool done = false;
    uint64_t fresh = 0;
    if (getrandom(&fresh, sizeof fresh, 0) != sizeof fresh)
        fresh = (uint64_t)hone_wall_clock_ns();
    step->done = note_done;
    step->context = &done;
    step->flags = arguments->flags;
    step->stages = arguments->stages;
    step->id = 1;
    step->debug_seed = arguments->seed ? arguments->seed : fresh;
    step->episode_seed = hone_engine_seed(engine, task, fresh, "episode");
    if (arguments->options)
        snprintf(step->options, sizeof step->options, "%s", arguments->options);
    hone_engine_submit(engine, step);
    wait_for(engine, step, &done, arguments->quiet);

    hone_text_utf8(step->message);
    char *feedback = hone_feedback(engine, step);
    if (arguments->keep)
        record(engine, step, feedback);
    if (arguments->json) {
        json_t *report = hone_report(engine, step);
        json_dumpf(report, stdout, HONE_JSON_FLAGS);
        putchar('\n');
        json_decref(report);
    } else if (feedback) {
        hone_command_print(feedback, strlen(feedback));
    }
    int status = hone_verdict_exit_code(step->verdict);
    free(feedback);
    hone_step_destroy(step);
    return fflush(stdout) ? 1 : status;
}

int hone_command_eval(int argc, char **argv) {
    struct arguments arguments = {.stages = (1u << HONE_STAGE_COUNT) - 1, .keep = true};
    int status = parse(argc, argv, &arguments);
    if (status) {
        hone_overrides_finish(&arguments.overrides);
        return status < 0 ? 0 : status;
    }
    size_t bytes;
    char *source = read_source(arguments.file, &bytes);
    struct hone_error error = {""};
    struct hone_settings *settings = NULL;
    struct hone_engine *engine = NULL;
    if (!source) {
        status = 2;
    } else if (hone_overrides_open(&arguments.overrides, &settings, &error)) {
        hone_command_fail("eval", &error);
        status = 2; /* bad settings, or a bad --set, --reward or --detector */
    } else {
        struct hone_engine_options options = {
            .device = arguments.device,
            .workers = 1,
            .trusted = arguments.trusted || hone_settings_flag(settings, "server", "trusted"),
        };
        if (hone_engine_create(settings, &options, &engine, &error))
            status = hone_command_fail("eval", &error);
        else
            status = evaluate(engine, &arguments, source, bytes);
    }
    hone_engine_destroy(engine);
    hone_settings_close(settings);
    hone_overrides_finish(&arguments.overrides);
    free(source);
    return status;
}
