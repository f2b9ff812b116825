#include "tests/bench/bench.h"
#include "tests/bench/rig.h"
#include "tests/orphan.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SOURCES 120u
#define COMPILERS 2u
#define SLOTS 4u

static void write_source(char *text, size_t size, uint32_t number) {
    snprintf(text, size,
             "// %d %llu\nvoid solve(const float *x, float *out, int64_t n) {\n"
             "    for (int64_t i = 0; i < n; i++)\n"
             "        out[i] = x[i] * x[i] + %u.0f - %u.0f;\n"
             "}\n",
             (int)getpid(), (unsigned long long)lab_now_ns(), number % 7 + 1, number % 7);
}

/* The job's programs as a shell runs them: every word quoted but those that join two programs. */
static void write_line(char *line, size_t size, const char *const *words) {
    size_t used = 0;
    for (; *words && used < size; words++) {
        const bool joins = !strcmp(*words, "|") || !strcmp(*words, "&&");
        used += (size_t)snprintf(line + used, size - used, joins ? " %s" : " '%s'", *words);
    }
    if (used >= size)
        lab_die("the compiler's command line has more than %zu bytes", size);
}

/* A folder with the job's files; the compiler runs there. */
static void compile_in(const char *folder, const struct hone_compile_job *job) {
    for (uint32_t i = 0; i < job->file_count; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", folder, job->files[i].name);
        int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (file < 0 ||
            write(file, job->files[i].bytes, job->files[i].size) != (ssize_t)job->files[i].size)
            lab_die("%s cannot be written", path);
        close(file);
    }
    pid_t child = fork();
    if (child == 0) {
        char line[16384];
        write_line(line, sizeof line, job->arguments);
        if (chdir(folder))
            _exit(126);
        execl("/bin/sh", "sh", "-c", line, (char *)NULL);
        _exit(127);
    }
    int status = -1;
    waitpid(child, &status, 0);
    if (status)
        lab_die("the compiler alone failed with wait status 0x%x", (unsigned)status);
}

/* What the backend would have the jail run, without a jail. */
static double run_compilers(const struct lab *lab) {
    struct rig rig;
    if (!rig_open(&rig, NULL, NULL))
        lab_die("no cpu backend");
    uint64_t begun = lab_now_ns();
    for (uint32_t c = 0; c < COMPILERS; c++) {
        pid_t self = getpid(), child = fork();
        if (child)
            continue;
        hone_test_die_with(self);
        char folder[128], source[512];
        snprintf(folder, sizeof folder, "%s/tmp/plain-%u", lab->root, c);
        if (mkdir(folder, 0700))
            lab_die("%s cannot be made", folder);
        for (uint32_t i = c; i < SOURCES; i += COMPILERS) {
            struct hone_compile_job job;
            write_source(source, sizeof source, i);
            rig_job(&rig, source, &job);
            compile_in(folder, &job);
            rig.ops->compile_drop(rig.self, &job);
        }
        _exit(0);
    }
    for (uint32_t c = 0; c < COMPILERS; c++) {
        int status;
        if (wait(&status) < 0 || status)
            lab_die("a compiling process failed");
    }
    double seconds = (double)(lab_now_ns() - begun) / 1e9;
    rig_close(&rig);
    return SOURCES / seconds;
}

static void send_one(struct hone *hone, uint32_t slot, uint32_t number) {
    char source[512];
    write_source(source, sizeof source, number);
    struct hone_action action = {
        .language = "c", .source_bytes = strlen(source), .stages = bench_verify_stages()};
    lab_put(hone, slot, source, strlen(source));
    if (hone_send(hone, slot, &action))
        lab_die("send: %s", hone_message(hone));
}

static double run_server(const struct lab *lab) {
    struct hone *hone = lab_attach(lab, SLOTS);
    const struct hone_observation *seen[SLOTS];
    for (uint32_t slot = 0; slot < SLOTS; slot++)
        lab_reset(hone, slot, "lab/tiny");
    uint32_t sent = 0, done = 0;
    uint64_t begun = lab_now_ns();
    for (; sent < SLOTS; sent++)
        send_one(hone, sent, sent);
    while (done < SOURCES) {
        int got = hone_recv(hone, seen, SLOTS, 60000000000);
        if (got <= 0)
            lab_die("recv: %s", hone_message(hone));
        for (int i = 0; i < got; i++, done++) {
            if (seen[i]->verdict != HONE_OUTCOME_PARTIAL)
                lab_die("%s: %s", seen[i]->verdict_name, hone_text(seen[i], HONE_MESSAGE));
            if (sent < SOURCES)
                send_one(hone, seen[i]->slot, sent++);
        }
    }
    double seconds = (double)(lab_now_ns() - begun) / 1e9;
    hone_close(hone);
    return SOURCES / seconds;
}

void bench_compile(void) {
    struct lab lab;
    bench_serve(&lab, true, (const char *const[]){"--set", "compile.cache_bytes=0", NULL});
    struct hone *warm = lab_attach(&lab, 1);
    lab_reset(warm, 0, "lab/tiny");
    char source[512];
    write_source(source, sizeof source, 0);
    bench_step(warm, source, bench_verify_stages(), 0);
    hone_close(warm);
    printf("%u unique sources for lab/tiny, twice in turn; %u compilers at once, the server with "
           "%u slots in "
           "flight; the backend's own flags and files\n",
           SOURCES, COMPILERS, SLOTS);
    for (int turn = 0; turn < 2; turn++) {
        double alone = run_compilers(&lab), served = run_server(&lab);
        char command[160];
        snprintf(command, sizeof command, "rm -rf '%s'/tmp/plain-*", lab.root);
        if (system(command))
            lab_die("cannot clean up");
        printf("compiler alone %6.1f a second; compiled and verified by a server %6.1f a second: "
               "%.2f of it\n",
               alone, served, served / alone);
    }
    bench_stop(&lab);
}
