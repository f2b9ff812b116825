/* soak.c - many evaluations by one private server, none from its cache: a hundred candidates, good
 * and bad, most of them only verified, every fiftieth timed too. What the server uses is looked at
 * after a warm-up and at the end: the same processes, threads, descriptors, named memory and job
 * folders, and resident memory within SLACK_BYTES and what a step may leave for good (its node in
 * the tree of its episode).
 *
 * Ends 1 on a leak, or on a verdict that a candidate cannot have.
 */
#include "core/command_line.h"
#include "plugins/evidence.h"
#include "tests/lab.h"
#include "tests/orphan.h"
#include "tests/soak/candidates.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SLOTS 4
#define SECOND 1000000000ull
#define TIMED_EVERY 50
#define ENDLESS_EVERY 400
#define SLACK_BYTES (8u << 20) /* an allocator's moods, over all processes */
#define SLACK_MAPPINGS 16      /* the same */
#define STEP_BYTES 256u        /* a node, and the store's index of it in memory */
#define PROCESSES_MAX 128
#define OUTCOMES 16

struct usage {
    uint64_t resident_bytes;
    uint32_t processes, threads, named, jobs;
    int32_t descriptors, mappings; /* -1: not ours to see */
};

struct soak {
    struct lab lab;
    struct hone *hone;
    struct candidate list[CANDIDATES];
    uint32_t in_slot[SLOTS]; /* which candidate */
    uint64_t random, sent, done, wanted, wrong_verdicts, verdicts[OUTCOMES];
};

static struct usage look(const struct soak *soak) {
    struct lab_process list[PROCESSES_MAX];
    struct usage usage = {.named = lab_entries("/dev/shm", "hone.private.", NULL, 0)};
    char folder[128];
    snprintf(folder, sizeof folder, "%s/tmp", soak->lab.root);
    usage.jobs = lab_entries(folder, "", NULL, 0);
    uint32_t count = lab_processes(getpid(), list, PROCESSES_MAX); /* we lead the Unix session */
    for (uint32_t i = 0; i < count; i++) {
        if (list[i].pid == getpid())
            continue;
        usage.processes++;
        usage.threads += list[i].threads;
        usage.resident_bytes += list[i].resident_bytes;
        bool seen = list[i].descriptors >= 0 && list[i].mappings >= 0 && usage.descriptors >= 0;
        usage.descriptors = seen ? usage.descriptors + list[i].descriptors : -1;
        usage.mappings = seen ? usage.mappings + list[i].mappings : -1;
    }
    return usage;
}

static bool same(const struct usage *a, const struct usage *b) {
    return a->processes == b->processes && a->threads == b->threads &&
           a->descriptors == b->descriptors && a->jobs == b->jobs;
}

/* Once nothing moves any more: input sets are still drawn for a while after the last step. */
static struct usage settle(const struct soak *soak) {
    struct usage before = look(soak);
    for (uint32_t tries = 0, calm = 0; tries < 100 && calm < 5; tries++) {
        lab_pause_ns(100000000);
        struct usage now = look(soak);
        bool still = same(&now, &before) && now.resident_bytes == before.resident_bytes;
        calm = still ? calm + 1 : 0;
        before = now;
    }
    return before;
}

static void send_next(struct soak *soak, uint32_t slot) {
    uint32_t chosen = (uint32_t)lab_random(&soak->random, CANDIDATES);
    while (soak->list[chosen].endless && lab_random(&soak->random, ENDLESS_EVERY / CANDIDATES))
        chosen = (uint32_t)lab_random(&soak->random, CANDIDATES);
    const struct candidate *one = &soak->list[chosen];
    bool timed = soak->sent % TIMED_EVERY == TIMED_EVERY - 1;
    struct hone_action action = {
        .language = "c",
        .flags = HONE_ACTION_FORCE,
        .stages = timed ? 0 : (1u << (HONE_STAGE_VERIFY + 1)) - 1,
        .source_bytes = one->bytes,
    };
    lab_put(soak->hone, slot, one->source, one->bytes);
    if (hone_send(soak->hone, slot, &action))
        lab_die("a step is refused: %s", hone_message(soak->hone));
    soak->in_slot[slot] = chosen;
    soak->sent++;
}

static void judge(struct soak *soak, const struct hone_observation *seen) {
    const struct candidate *one = &soak->list[soak->in_slot[seen->slot]];
    bool good = seen->verdict == one->verdict || !one->verdict ||
                (one->verdict == HONE_OUTCOME_PASSED && seen->verdict == HONE_OUTCOME_PARTIAL);
    if (seen->flags & HONE_OBSERVATION_CACHED)
        lab_die("a step that was forced came from the cache");
    soak->verdicts[seen->verdict % OUTCOMES]++;
    soak->done++;
    if (good)
        return;
    soak->wrong_verdicts++;
    printf("\nunexpected %s: %s\n%s\n", seen->verdict_name, hone_text(seen, HONE_MESSAGE),
           one->source);
}

static void show_progress(uint64_t done, uint64_t begun, bool last) {
    double seconds = (double)(lab_now_ns() - begun) / 1e9;
    if (isatty(STDOUT_FILENO) || last)
        printf("\r%llu evaluations in %.0f s, %.0f a second%s", (unsigned long long)done, seconds,
               (double)done / seconds, last ? "\n" : "   ");
    fflush(stdout);
}

static void evaluate(struct soak *soak, uint64_t count) {
    uint64_t begun = lab_now_ns(), shown = begun, goal = soak->sent + count, at = soak->done;
    for (uint32_t slot = 0; slot < SLOTS && soak->sent < goal; slot++)
        send_next(soak, slot);
    while (soak->done < goal) {
        const struct hone_observation *seen[SLOTS];
        int got = hone_recv(soak->hone, seen, SLOTS, 60 * (int64_t)SECOND);
        if (got <= 0)
            lab_die("\nthe server does not answer: %s", hone_message(soak->hone));
        for (int i = 0; i < got; i++) {
            uint32_t slot = seen[i]->slot;
            judge(soak, seen[i]);
            if (soak->sent < goal)
                send_next(soak, slot);
        }
        if (lab_now_ns() - shown > SECOND / 2) {
            shown = lab_now_ns();
            show_progress(soak->done - at, begun, false);
        }
    }
    show_progress(soak->done - at, begun, true);
}

static void open_server(struct soak *soak) {
    char path[96];
    struct hone_client_error error = {""};
    struct hone_attach_options options = {.slots = SLOTS};
    lab_open(&soak->lab);
    setenv("HONE_TASKS", "tests/bench/tasks", 1);
    snprintf(path, sizeof path, "%s/soak.ini", soak->lab.root);
    lab_write(path, "[episode]\nturns = 0\n"
                    "[measure]\ntiming_ms = 60\npool_bytes = 33554432\n"
                    "[server]\nworkers = 3\n"
                    "[store]\n");
    if (hone_open(&soak->hone, path, &options, &error))
        lab_die("%s", error.text);
    for (uint32_t slot = 0; slot < SLOTS; slot++)
        lab_reset(soak->hone, slot, "lab/tiny");
}

static uint32_t compare(const char *what, int64_t before, int64_t after, int64_t slack) {
    bool leak = after - before > slack || (!slack && after != before);
    printf("  %-22s %12lld %12lld%s\n", what, (long long)before, (long long)after,
           leak ? "   LEAK" : "");
    return leak;
}

static int report(const struct soak *soak, const struct usage *before, const struct usage *after) {
    uint32_t bad = 0;
    int64_t slack = SLACK_BYTES + STEP_BYTES * (int64_t)soak->wanted;
    printf("\n  %-22s %12s %12s\n", "the server's", "warmed up", "at the end");
    bad += compare("processes", before->processes, after->processes, 0);
    bad += compare("threads", before->threads, after->threads, 0);
    if (after->descriptors < 0)
        puts("  descriptors, mappings  cannot be seen by this user");
    else
        bad += compare("descriptors", before->descriptors, after->descriptors, 0) +
               compare("mappings", before->mappings, after->mappings, SLACK_MAPPINGS);
    bad += compare("resident memory, KiB", (int64_t)before->resident_bytes / 1024,
                   (int64_t)after->resident_bytes / 1024, slack / 1024);
    bad += compare("named memory", before->named, after->named, 0);
    bad += compare("job folders", before->jobs, after->jobs, 0);
    printf("  resident memory (files left out) may grow by %lld KiB, mappings by %d\n\n  verdicts:",
           (long long)slack / 1024, SLACK_MAPPINGS);
    for (uint32_t i = 0; i < OUTCOMES; i++)
        if (soak->verdicts[i])
            printf(" %s %llu", hone_outcome_name(i), (unsigned long long)soak->verdicts[i]);
    printf("; %llu unexpected\n", (unsigned long long)soak->wrong_verdicts);
    bool failed = bad || soak->wrong_verdicts;
    printf("soak: %s\n", failed ? "FAILED" : "nothing leaks");
    return failed;
}

static int run(uint64_t count) {
    static struct soak soak;
    soak.random = lab_now_ns();
    soak.wanted = count;
    candidates_write(soak.list);
    open_server(&soak);
    uint64_t warm_up = count / 5 > 200 ? count / 5 : 200;
    printf("soak: %llu evaluations to warm up, %llu to look for leaks\n",
           (unsigned long long)warm_up, (unsigned long long)count);
    evaluate(&soak, warm_up);
    struct usage before = settle(&soak);
    evaluate(&soak, count);
    struct usage after = settle(&soak);
    int failed = report(&soak, &before, &after);
    hone_close(soak.hone);
    lab_close(&soak.lab);
    return failed;
}

int main(int argc, char **argv) {
    uint64_t count = 20000;
    const char *word = NULL;
    const struct hone_command_option options[] = {{0}};
    const struct hone_command_line line = {
        .command = "soak",
        .synopsis = "[EVALUATIONS]",
        .purpose = "Evaluate many candidates (default 20000), then look for what was left behind.",
        .options = options,
        .more = "exit: 0; 1 on a leak, or on a verdict that a candidate cannot have; 2 usage",
        .operands = &word,
        .most = 1,
    };
    int status;
    if (!hone_command_line_read(&line, argc, argv, &status))
        return status;
    if (hone_command_line_number(&line, "EVALUATIONS", word, UINT64_MAX, &count))
        return HONE_EXIT_USAGE;
    /* The one that works leads a Unix session, so that everything of its server can be found. */
    pid_t self = getpid(), child = fork();
    if (child < 0)
        lab_die("fork failed");
    if (child == 0) {
        hone_test_die_with(self);
        setsid();
        exit(run(count));
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
