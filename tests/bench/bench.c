/* bench.c - ratios measured in one run; a word chooses one part. */
#include "tests/bench/bench.h"

#include "core/command_line.h"
#include "plugins/evidence.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct bench_part parts[] = {
    {"ring", "a request without work, from a C agent to the server and back", bench_ring},
    {"steps", "steps a second that the result cache answers", bench_steps},
    {"evaluation", "one evaluation of a tiny kernel without its compilation", bench_evaluation},
    {"compile", "unique candidates a second against the compiler alone", bench_compile},
    {"cuda", "emulated CUDA kernels against the same work in C", bench_cuda},
    {"cuda-steps", "unique emulated CUDA kernels a second, for each core", bench_cuda_steps},
    {"nvrtc", "unique CUDA kernels a second, and for each core", bench_nvrtc},
    {"clock", "a calibrated kernel timed by the gym and by an ordinary process", bench_clock},
    {"copies", "a copy of the baseline against the baseline", bench_copies},
    {"library", "a baseline that calls OpenBLAS against itself, and against the score baseline",
     bench_library},
    {"handling", "copying, poisoning and comparing, against naive.c and memcpy", bench_handling},
    {"probes", "what detectors run beside a step, against its timing", bench_probes},
    {"first", "time to the first result", bench_first},
    {"idle", "an idle server", bench_idle},
};
#define PARTS (sizeof parts / sizeof parts[0])

void bench_serve(struct lab *lab, bool own_tasks, const char *const *extra) {
    const char *words[32] = {"--set", "episode.turns=0"};
    for (uint32_t i = 0; extra && extra[i] && i < 28; i++)
        words[2 + i] = extra[i];
    lab_open(lab);
    if (own_tasks)
        setenv("HONE_TASKS", LAB_TASKS, 1);
    else
        unsetenv("HONE_TASKS");
    lab_serve(lab, words);
}

void bench_stop(struct lab *lab) {
    lab_stop(lab);
    lab_close(lab);
}

uint32_t bench_verify_stages(void) {
    return (1u << (HONE_STAGE_VERIFY + 1)) - 1;
}

const struct hone_observation *bench_step(struct hone *hone, const char *source, uint32_t stages,
                                          uint32_t flags) {
    size_t bytes = strlen(source);
    struct hone_action action = {
        .language = "c", .source_bytes = bytes, .stages = stages, .flags = flags};
    const struct hone_observation *seen = NULL;
    lab_put(hone, 0, source, bytes);
    if (hone_step(hone, 0, &action, &seen))
        lab_die("step: %s", hone_message(hone));
    return seen;
}

double bench_cpu_seconds(pid_t session) {
    struct lab_process list[128];
    double ticks = 0;
    uint32_t count = lab_processes_quick(session, list, 128);
    for (uint32_t i = 0; i < count; i++) {
        char path[64], text[1024] = "";
        unsigned long user, system;
        long children_user, children_system;
        snprintf(path, sizeof path, "/proc/%d/stat", (int)list[i].pid);
        FILE *file = fopen(path, "re");
        size_t got = file ? fread(text, 1, sizeof text - 1, file) : 0;
        if (file)
            fclose(file);
        text[got] = '\0';
        const char *after = strrchr(text, ')');
        if (after &&
            sscanf(after + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %ld %ld", &user,
                   &system, &children_user, &children_system) == 4)
            ticks += (double)(user + system) + (double)(children_user + children_system);
    }
    return ticks / (double)sysconf(_SC_CLK_TCK);
}

void bench_pin(int core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)core, &set);
    if (sched_setaffinity(0, sizeof set, &set))
        lab_die("cannot pin to core %d", core);
}

/* The last one allowed, as the cpu backend chooses. */
int bench_measuring_core(void) {
    cpu_set_t set;
    int found = 0;
    if (!sched_getaffinity(0, sizeof set, &set))
        for (int i = 0; i < CPU_SETSIZE; i++)
            if (CPU_ISSET((size_t)i, &set))
                found = i;
    return found;
}

static void run(const struct bench_part *part) {
    cpu_set_t all;
    sched_getaffinity(0, sizeof all, &all);
    printf("== %s: %s\n", part->name, part->summary);
    fflush(stdout);
    part->run();
    printf("\n");
    fflush(stdout);
    sched_setaffinity(0, sizeof all, &all); /* a part may have pinned itself */
}

/* For the help: one part a line. */
static const char *list_parts(char *text, size_t size) {
    size_t used = (size_t)snprintf(text, size, "parts:");
    for (size_t i = 0; i < PARTS && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "\n  %-10s  %s", parts[i].name,
                                 parts[i].summary);
    return text;
}

int main(int argc, char **argv) {
    char list[2048];
    const char *wanted = NULL;
    const struct hone_command_option options[] = {{0}};
    const struct hone_command_line line = {
        .command = "bench",
        .synopsis = "[PART]",
        .purpose = "Measure ratios in one run: all parts, or one.",
        .options = options,
        .more = list_parts(list, sizeof list),
        .operands = &wanted,
        .most = 1,
    };
    int status;
    if (!hone_command_line_read(&line, argc, argv, &status))
        return status;
    bool any = false;
    for (size_t i = 0; i < PARTS; i++) {
        if (wanted && strcmp(wanted, parts[i].name))
            continue;
        any = true;
        run(&parts[i]);
    }
    return any ? 0 : hone_command_line_refuse(&line, "no part \"%s\"", wanted);
}
