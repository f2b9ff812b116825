#include "tests/bench/bench.h"
#include "tests/orphan.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECONDS 2
#define AGENTS_MAX 32

/* Wrong on purpose: a passed one is only kept when its times were quiet. */
static const char source[] = "void solve(const float *x, float *out, int64_t n) {\n"
                             "    for (int64_t i = 0; i < n; i++)\n"
                             "        out[i] = x[i] * x[i] - 1.0f;\n"
                             "}\n";

/* How many steps this agent is answered from `begin` on, for SECONDS. */
static uint64_t count_steps(const struct lab *lab, int begin) {
    struct hone *hone = lab_attach(lab, 1);
    lab_reset(hone, 0, "lab/tiny");
    bench_step(hone, source, 0, 0);
    char byte;
    if (begin >= 0 && read(begin, &byte, 1) < 0)
        lab_die("read failed");
    uint64_t count = 0, until = lab_now_ns() + SECONDS * 1000000000ull;
    for (; lab_now_ns() < until; count++)
        if (!(bench_step(hone, source, 0, 0)->flags & HONE_OBSERVATION_CACHED))
            lab_die("a step did not come from the cache");
    hone_close(hone);
    return count;
}

/* They begin together, when the last copy of the pipe's end is closed. */
static double run_agents(const struct lab *lab, uint32_t agents) {
    int begin[2], counts[2];
    if (pipe2(begin, O_CLOEXEC) || pipe2(counts, O_CLOEXEC))
        lab_die("pipe: %s", strerror(errno));
    for (uint32_t i = 0; i < agents; i++) {
        pid_t self = getpid(), child = fork();
        if (child == 0) {
            hone_test_die_with(self);
            close(begin[1]);
            uint64_t count = count_steps(lab, begin[0]);
            _exit(write(counts[1], &count, sizeof count) == sizeof count ? 0 : 1);
        }
    }
    lab_pause_ns(300000000);
    close(begin[1]);
    uint64_t total = 0, one;
    for (uint32_t i = 0; i < agents && read(counts[0], &one, sizeof one) == sizeof one; i++)
        total += one;
    for (uint32_t i = 0; i < agents; i++)
        wait(NULL);
    close(begin[0]);
    close(counts[0]);
    close(counts[1]);
    return (double)total / SECONDS;
}

static double run_python(const struct lab *lab) {
    char script[1024], command[1400];
    snprintf(script, sizeof script,
             "import sys, time\n"
             "sys.path.insert(0, 'examples/python')\n"
             "import hone\n"
             "source = b'''%s'''\n"
             "with hone.Session('%s', directory='%s') as gym:\n"
             "    gym.reset('lab/tiny')\n"
             "    gym.step(source)\n"
             "    count, until = 0, time.monotonic() + %d\n"
             "    while time.monotonic() < until:\n"
             "        gym.step(source)\n"
             "        count += 1\n"
             "    print(count / %d)\n",
             source, lab->name, lab->directory, SECONDS, SECONDS);
    char path[96];
    snprintf(path, sizeof path, "%s/steps.py", lab->root);
    lab_write(path, script);
    snprintf(command, sizeof command, "timeout 60 python3 '%s'", path);
    FILE *agent = popen(command, "re");
    double rate = -1;
    if (!agent || fscanf(agent, "%lf", &rate) != 1)
        rate = -1;
    if (agent)
        pclose(agent);
    return rate;
}

void bench_steps(void) {
    static const uint32_t agents[] = {1, 4, AGENTS_MAX};
    struct lab lab;
    bench_serve(&lab, true, NULL);
    printf(
        "the same source again and again for %d s, each agent a process with one slot, every step "
        "recorded\n",
        SECONDS);
    count_steps(&lab, -1); /* measured once, kept from then on */
    double one = 0;
    for (size_t i = 0; i < sizeof agents / sizeof agents[0]; i++) {
        double rate = run_agents(&lab, agents[i]);
        one = i ? one : rate;
        printf("%2u agents in C   %10.0f a second   %.2f x one\n", agents[i], rate, rate / one);
    }
    double rate = run_python(&lab);
    if (rate < 0)
        printf(" 1 agent in Python: could not run\n");
    else
        printf(" 1 agent in Python%9.0f a second   %.2f x one in C\n", rate, rate / one);
    bench_stop(&lab);
}
