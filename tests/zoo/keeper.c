#include "tests/zoo/keeper.h"

#include "tests/lab.h"
#include "tests/orphan.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SLOTS 3
#define TRIES 3
#define SECOND 1000000000

struct visit {
    struct specimen *specimen; /* NULL: the slot is free */
    uint32_t tries;
    bool begun; /* its task is reset, its step under way */
};

struct keeper {
    struct hone *hone;
    struct keeping *keeping;
    struct specimens *specimens;
    struct visit visits[SLOTS];
    uint32_t next, running, done;
    uint32_t missed, alarms; /* of this pass */
};

static bool has_detector(const char *rule) {
    char name[96];
    snprintf(name, sizeof name, "plugins/detector/%s.so", rule);
    return access(lab_program(name), R_OK) == 0;
}

/* "rule (severity): text" of every finding, and how many are more than a note; whether the rule is
 * among them. */
static bool read_findings(const struct hone_observation *seen, const char *rule, FILE *out,
                          uint32_t *count) {
    json_t *report = json_loads(hone_text(seen, HONE_JSON), 0, NULL);
    bool named = false;
    size_t index;
    json_t *row;
    json_array_foreach(json_object_get(report, "findings"), index, row) {
        const char *name = "", *severity = "", *text = "";
        json_unpack(row, "{s?s, s?s, s?s}", "rule", &name, "severity", &severity, "text", &text);
        named |= strcmp(name, rule) == 0;
        fprintf(out, "; %s (%s): %s", name, severity, text);
        *count += strcmp(severity, "note") != 0; /* advice harms nobody */
    }
    json_decref(report);
    return named;
}

/* Nothing was learnt of the specimen: a fault of ours, or a machine too busy to measure. */
static bool is_undecided(const struct hone_observation *seen) {
    return seen->verdict == HONE_OUTCOME_INFRA_FAILED ||
           strcmp(seen->reason_name, "step_time") == 0;
}

/* Whoever waits for twenty passes learns of the first bad kernel when it is seen. */
static void tell_bad(struct keeper *keeper, const struct specimen *one) {
    bool hack = specimen_is_hack(one);
    keeper->missed += hack;
    keeper->alarms += !hack;
    if (one->runs - one->good == 1)
        fprintf(stderr, "%s%s %s: %s\n    %s\n", isatty(STDERR_FILENO) ? "\r" : "",
                hack ? "missed" : "false alarm:", one->path, one->what, one->seen);
}

/* False asks for another try. */
static bool note(struct keeper *keeper, struct visit *visit, const struct hone_observation *seen) {
    struct specimen *one = visit->specimen;
    if (is_undecided(seen) && ++visit->tries < TRIES)
        return false;
    char text[sizeof one->seen] = "";
    FILE *out = fmemopen(text, sizeof text - 1, "w");
    uint32_t findings = 0;
    if (!out)
        lab_die("out of memory");
    fprintf(out, "%s", seen->verdict_name);
    if (seen->reason_name[0])
        fprintf(out, " (%s)", seen->reason_name);
    bool named = read_findings(seen, one->rule, out, &findings);
    fprintf(out, "; %.*s", (int)strcspn(hone_text(seen, HONE_MESSAGE), "\n"),
            hone_text(seen, HONE_MESSAGE));
    fclose(out);
    bool passed = seen->verdict == HONE_OUTCOME_PASSED;
    bool good = !specimen_is_hack(one) ? passed && !findings
                : passed               ? named && specimen_may_end(one, "warned")
                                       : named || specimen_may_end(one, seen->verdict_name);
    one->runs++;
    one->good += good;
    one->undecided += is_undecided(seen);
    if (!good) {
        memcpy(one->seen, text, sizeof text);
        tell_bad(keeper, one);
    }
    return true;
}

/* The next one that can be shown; NULL: all were. */
static struct specimen *choose(struct keeper *keeper) {
    while (keeper->next < keeper->specimens->count) {
        struct specimen *one = &keeper->specimens->list[keeper->next++];
        bool sampled = !keeper->keeping->quick || specimen_is_hack(one) || keeper->next % 6 == 0;
        bool needs_rule = !one->ends[0] || specimen_may_end(one, "warned");
        if (keeper->keeping->quick && specimen_is_hack(one) && needs_rule &&
            !has_detector(one->rule))
            keeper->keeping->absent++;
        else if (!keeper->keeping->has_cuda && strcmp(one->language, "cuda") == 0)
            one->skipped++;
        else if (sampled)
            return one;
    }
    return NULL;
}

static void begin(struct keeper *keeper, uint32_t slot) {
    struct visit *visit = &keeper->visits[slot];
    if (!visit->specimen)
        *visit = (struct visit){.specimen = choose(keeper)};
    if (!visit->specimen)
        return;
    visit->begun = false;
    const struct hone_episode episode = {.task = visit->specimen->task};
    if (hone_send_reset(keeper->hone, slot, &episode))
        lab_die("%s: %s", visit->specimen->path, hone_message(keeper->hone));
    keeper->running++;
}

static void answer(struct keeper *keeper, const struct hone_observation *seen) {
    struct visit *visit = &keeper->visits[seen->slot];
    if (seen->status)
        lab_die("%s: %s", visit->specimen->path, hone_text(seen, HONE_MESSAGE));
    if (!visit->begun) {
        const struct specimen *one = visit->specimen;
        const struct hone_action action = {
            .language = one->language, .flags = HONE_ACTION_FORCE, .source_bytes = one->bytes};
        visit->begun = true;
        lab_put(keeper->hone, seen->slot, one->source, one->bytes);
        if (hone_send(keeper->hone, seen->slot, &action))
            lab_die("%s: %s", one->path, hone_message(keeper->hone));
        return;
    }
    keeper->running--;
    if (note(keeper, visit, seen)) {
        visit->specimen = NULL;
        keeper->done++;
    }
    begin(keeper, seen->slot);
}

static void show_all(struct keeper *keeper) {
    for (uint32_t slot = 0; slot < SLOTS; slot++)
        begin(keeper, slot);
    while (keeper->running) {
        const struct hone_observation *seen[SLOTS];
        int got = hone_recv(keeper->hone, seen, SLOTS, (int64_t)300 * SECOND);
        if (got <= 0)
            lab_die("the server does not answer: %s", hone_message(keeper->hone));
        for (int i = 0; i < got; i++)
            answer(keeper, seen[i]);
        if (isatty(STDERR_FILENO))
            fprintf(stderr, "\r%u of %u ", keeper->done, keeper->specimens->count);
    }
}

/* Compiles the largest file of ours over and over, in a process group of its own. */
static pid_t start_compiler(void) {
    pid_t self = getpid(), child = fork();
    if (child)
        return child;
    setpgid(0, 0);
    hone_test_die_with(self);
    self = getpid();
    for (;;) {
        pid_t compiler = fork();
        if (!compiler) {
            hone_test_die_with(self);
            execlp("cc", "cc", "-std=c17", "-D_GNU_SOURCE", "-O2", "-I.", "-c", "-o", "/dev/null",
                   "core/pipeline.c", (char *)NULL);
            _exit(127);
        }
        int status = 0;
        waitpid(compiler, &status, 0);
        if (!WIFEXITED(status) || WEXITSTATUS(status))
            _exit(1);
    }
}

static void stop_compiler(pid_t child) {
    if (waitpid(child, NULL, WNOHANG))
        lab_die("the compiler beside it failed");
    kill(-child, SIGKILL);
    waitpid(child, NULL, 0);
}

/* Whether a baseline in CUDA is taken by the device. */
static bool tries_cuda(struct hone *hone) {
    const char *task = "algebra/axpby";
    size_t bytes;
    char *source = lab_read("tasks/algebra/axpby/naive.cu", &bytes);
    const struct hone_observation *seen;
    const struct hone_action action = {
        .language = "cuda", .stages = 1u | 1u << 2, .source_bytes = bytes};
    lab_reset(hone, 0, task);
    lab_put(hone, 0, source, bytes);
    free(source);
    if (hone_step(hone, 0, &action, &seen))
        lab_die("naive.cu: %s", hone_message(hone));
    return seen->verdict == HONE_OUTCOME_PARTIAL;
}

static void link_to(const char *folder, const char *name, const char *from) {
    char path[256], *target = realpath(from, NULL);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (!target || (symlink(target, path) && errno != EEXIST))
        lab_die("%s: %s", from, strerror(errno));
    free(target);
}

/* The project's tasks, and those of tests/weak that a specimen is for. */
static void lay_out_tasks(const struct lab *lab, const struct specimens *specimens) {
    char folder[96], weak[112], from[128];
    glob_t suites;
    snprintf(folder, sizeof folder, "%s/tasks", lab->root);
    snprintf(weak, sizeof weak, "%s/weak", folder);
    if (mkdir(folder, 0700) || mkdir(weak, 0700) || glob("tasks/*", 0, NULL, &suites))
        lab_die("%s: %s", weak, strerror(errno));
    for (size_t i = 0; i < suites.gl_pathc; i++)
        link_to(folder, strchr(suites.gl_pathv[i], '/') + 1, suites.gl_pathv[i]);
    globfree(&suites);
    for (uint32_t i = 0; i < specimens->count; i++)
        if (strncmp(specimens->list[i].task, "weak/", 5) == 0) {
            snprintf(from, sizeof from, "tests/%s", specimens->list[i].task);
            link_to(weak, specimens->list[i].task + 5, from);
        }
    setenv("HONE_TASKS", folder, 1);
}

static void tell_pass(const struct keeper *keeper, uint32_t pass, double seconds) {
    fprintf(stderr, "%spass %u of %u: %.0f s, %u runs, %u missed, %u false alarms\n",
            isatty(STDERR_FILENO) ? "\r" : "", pass, keeper->keeping->repeat, seconds, keeper->done,
            keeper->missed, keeper->alarms);
}

static double seconds_since(uint64_t begun) {
    return (double)(lab_now_ns() - begun) / SECOND;
}

static void show_once(struct specimens *specimens, struct keeping *keeping, uint32_t pass) {
    /* Patience with a machine that runs other things; where time is short, timing is too. */
    const char *const quick[] = {"--no-store", "--settings",           "tests/patient.ini",
                                 "--set",      "measure.timing_ms=40", NULL};
    const char *const whole[] = {"--no-store", "--settings", "tests/patient.ini", NULL};
    const uint64_t begun = lab_now_ns();
    struct lab lab;
    lab_open(&lab);
    lay_out_tasks(&lab, specimens);
    lab_serve(&lab, keeping->quick ? quick : whole);
    struct keeper keeper = {
        .hone = lab_attach(&lab, SLOTS), .keeping = keeping, .specimens = specimens};
    keeping->has_cuda = tries_cuda(keeper.hone);
    keeping->absent = 0;
    show_all(&keeper);
    hone_close(keeper.hone);
    lab_stop(&lab);
    lab_close(&lab);
    tell_pass(&keeper, pass, seconds_since(begun));
}

void keeper_run(struct specimens *specimens, struct keeping *keeping) {
    const uint64_t begun = lab_now_ns();
    pid_t compiler = keeping->beside ? start_compiler() : 0;
    for (uint32_t pass = 1; pass <= keeping->repeat; pass++)
        show_once(specimens, keeping, pass);
    if (compiler)
        stop_compiler(compiler);
    keeping->seconds = seconds_since(begun);
}
