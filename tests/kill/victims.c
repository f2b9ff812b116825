#include "tests/kill/victims.h"

#include <signal.h>
#include <string.h>

const char *const victim_names[VICTIMS] = {"supervisor", "scorer",   "guest", "candidate",
                                           "jail",       "compiler", "agent"};
const char *const stage_names[STAGES] = {"start",  "attach", "idle", "compile",
                                         "verify", "time",   "any"};

static bool is_guest(const struct lab_process *process) {
    return strstr(process->command, "hone-guest") != NULL;
}

static const struct lab_process *find(const struct census *census, pid_t pid) {
    for (uint32_t i = 0; i < census->total; i++)
        if (census->list[i].pid == pid)
            return &census->list[i];
    return NULL;
}

static enum victim kind_of(const struct census *census, const struct lab_process *process) {
    const struct lab_process *parent = find(census, process->parent);
    if (is_guest(process))
        return parent && is_guest(parent) ? CANDIDATE : GUEST;
    if (strstr(process->command, "hone scorer"))
        return SCORER;
    if (strstr(process->command, "hone-jail"))
        return JAIL;
    return strstr(process->command, " serve ") ? SUPERVISOR : COMPILER;
}

void census_take(struct census *census, pid_t session) {
    *census = (struct census){0};
    census->total = lab_processes_quick(session, census->list, VICTIMS_SEEN_MAX);
    for (uint32_t i = 0; i < census->total; i++) {
        census->kind[i] = kind_of(census, &census->list[i]);
        census->of[census->kind[i]]++;
    }
}

bool census_shows(const struct census *census, enum stage stage) {
    switch (stage) {
    case COMPILE:
        return census->of[COMPILER] > 0 && census->of[JAIL] > 0;
    case VERIFY:
        return census->of[CANDIDATE] == 1;
    case TIME:
        return census->of[CANDIDATE] >= 2;
    default:
        return true;
    }
}

uint32_t census_kill(const struct census *census, enum victim victim, uint64_t *random) {
    uint32_t there = census->of[victim], nth = 0;
    if (!there)
        return 0;
    bool all = victim == SCORER && lab_random(random, 2); /* else mostly an idle one */
    uint32_t chosen = (uint32_t)lab_random(random, there);
    for (uint32_t i = 0; i < census->total; i++)
        if (census->kind[i] == victim && (nth++ == chosen || all))
            kill(census->list[i].pid, SIGKILL);
    return there;
}
