/* command_eval.c - `hone eval`: one kernel, one verdict: the smallest way in. */
#include "core/command.h"

#include "core/clock.h"
#include "core/engine.h"
#include "core/error.h"
#include "core/feedback.h"
#include "core/overrides.h"
#include "core/report.h"
#include "core/step_images.h"
#include "core/store.h"
#include "core/text.h"
#include "core/verdict.h"

#include <errno.h>
#include <fcntl.h>
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

static int take_stages(void *mask, const char *names, struct hone_error *error) {
    if (hone_stage_mask(names, mask))
        return hone_fail(error, -EINVAL,
                         "expected names out of admit, inspect_source, compile, inspect_binary, "
                         "verify, time, profile, inspect_run, score, observe");
    *(uint32_t *)mask = hone_stage_mask_fill(*(uint32_t *)mask);
    return 0;
}

static bool parse(int argc, char **argv, struct arguments *arguments, int *status) {
    bool profile = false, confirm = false, force = false;
    const struct hone_command_option options[] = {
        {"task", "ID", "the task (`hone tasks` lists them)", hone_take_text, &arguments->task, 0},
        {"lang", "NAME", "c or cuda; default: by the file's suffix", hone_take_text,
         &arguments->language, 0},
        {"device", "ID", "cpu, cuda:0 ...; default: the first there is", hone_take_text,
         &arguments->device, 0},
        {"options", "WORDS", "compile options, in C: O2 fast_math unroll_loops", hone_take_text,
         &arguments->options, 0},
        {"stages", "NAMES", "e.g. compile,verify; default: all. Stops early: verdict partial",
         take_stages, &arguments->stages, 0},
        {"profile", NULL, "collect counters where the device has some", hone_take_yes, &profile, 0},
        {"confirm", NULL,
         "measure as records are measured: new processes and inputs\nfor every pair", hone_take_yes,
         &confirm, 0},
        {"force", NULL, "measure again even if the result is known", hone_take_yes, &force, 0},
        {"seed", "N", "fixes the debug workloads' inputs", hone_take_number, &arguments->seed, 0},
        HONE_PLUGIN_OPTIONS(&arguments->overrides),
        HONE_SETTINGS_OPTIONS(&arguments->overrides),
        {"trusted", NULL, "run untrusted code even where confinement is weaker than C",
         hone_take_yes, &arguments->trusted, 0},
        {"no-store", NULL, "keep no record", hone_take_no, &arguments->keep, 0},
        {"json", NULL, "one object on standard output", hone_take_yes, &arguments->json, 0},
        {"quiet", NULL, "no progress on standard error", hone_take_yes, &arguments->quiet, 0},
        {0},
    };
    const struct hone_command_line line = {
        .command = "hone eval",
        .synopsis = "--task ID FILE",
        .purpose = "Compile, verify and time one kernel; FILE is `-` for standard input.",
        .options = options,
        .more = "exit: 0 passed, 9 partial, 10 rejected, 11 compile_failed, 12 policy_violation, "
                "13 crashed,\n"
                "      14 timed_out, 15 wrong, 16 hacked, 20 infra_failed, 1 could not start, "
                "2 usage",
        .operands = &arguments->file,
        .least = 1,
        .most = 1,
    };
    bool good = hone_command_line_read(&line, argc, argv, status);
    arguments->flags = (profile ? HONE_STEP_PROFILE : 0) | (confirm ? HONE_STEP_CONFIRM : 0) |
                       (force ? HONE_STEP_FORCE : 0);
    if (good && !arguments->task) {
        *status = hone_command_line_refuse(&line, "expected --task ID");
        good = false;
    }
    return good;
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
    struct hone_image_record images[HONE_STORE_IMAGES_MAX];
    struct hone_result_record result = {
        .step = 1,
        .evidence = step->evidence,
        .reward = step->reward,
        .part_count = count,
        .parts = step->parts,
        .message = step->message,
        .feedback = feedback,
        .images = images,
        .image_count = hone_step_images(step, images),
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
        fprintf(stderr, "hone eval: no task \"%s\"; `hone tasks` lists them\n", arguments->task);
        return HONE_EXIT_USAGE;
    }
    const char *language = arguments->language ? arguments->language : language_of(arguments->file);
    struct hone_step *step = hone_step_create(task, language, source, bytes);
    if (!step) {
        fprintf(stderr, "hone eval: out of memory\n");
        return HONE_EXIT_FAILED;
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
    return status;
}

int hone_command_eval(int argc, char **argv) {
    struct arguments arguments = {.stages = (1u << HONE_STAGE_COUNT) - 1, .keep = true};
    int status;
    if (!parse(argc, argv, &arguments, &status)) {
        hone_overrides_finish(&arguments.overrides);
        return status;
    }
    size_t bytes;
    char *source = read_source(arguments.file, &bytes);
    struct hone_error error = {""};
    struct hone_settings *settings = NULL;
    struct hone_engine *engine = NULL;
    if (!source) {
        status = HONE_EXIT_USAGE;
    } else if (hone_overrides_open(&arguments.overrides, &settings, &error)) {
        hone_command_fail("eval", &error);
        status = HONE_EXIT_USAGE; /* bad settings, or a bad --set, --reward or --detector */
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
