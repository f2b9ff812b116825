#include "core/jail_level.h"

#include "core/error.h"
#include "core/jail.h"
#include "core/jail_filter.h"
#include "core/jail_plan.h"
#include "core/jail_spawn.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROBE_LIMIT_MS 5000

/* Users that neither distributions nor systemd give to anybody. */
#define USER_FIRST 60600
#define USER_COUNT 512

/* From the highest walls to none. A user of the job's own needs root, and is tried with each. */
static const struct {
    char level;
    uint32_t mechanisms;
    const char *text;
} ladder[] = {
    {'A', HONE_JAIL_NAMESPACES | HONE_JAIL_FILTER, "an empty root in namespaces, and a filter"},
    {'C', HONE_JAIL_LANDLOCK | HONE_JAIL_FILTER, "Landlock and a filter"},
    {'E', HONE_JAIL_FILTER, "a filter of system calls, but files can be read"},
    {'F', 0, "limits only: a compiler can be made to read files"},
};
#define RUNGS (sizeof ladder / sizeof *ladder)

uid_t hone_jail_user(const struct hone_jail_walls *walls) {
    if (!(walls->mechanisms & HONE_JAIL_OWN_USER))
        return geteuid();
    return USER_FIRST + (uid_t)gettid() % USER_COUNT; /* a thread has one job at a time */
}

/* What the program said, or how it ended without. */
static int wait_for(struct hone_jail_child *child, struct hone_error *error) {
    struct hone_jail_end end = {.error = ECHILD, .step = "ended without an answer"};
    struct pollfd polled = {.fd = child->socket, .events = POLLIN};
    int ready;
    while ((ready = poll(&polled, 1, PROBE_LIMIT_MS)) < 0 && errno == EINTR)
        ;
    if (ready == 0)
        end = (struct hone_jail_end){.error = ETIMEDOUT, .step = "did not answer"};
    else if (ready > 0 && recv(child->socket, &end, sizeof end, MSG_DONTWAIT) < 0)
        end.error = errno;
    close(child->socket);
    close(child->diagnostics);
    while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    end.step[sizeof end.step - 1] = '\0';
    return end.error ? hone_fail(error, -end.error, "%s: %s", end.step, strerror(end.error)) : 0;
}

static int probe(const struct hone_jail_walls *walls, struct hone_error *error) {
    struct hone_jail_folder folder;
    struct hone_jail_child child;
    int result = hone_jail_folder_make(&folder, hone_jail_user(walls), error);
    if (result)
        return result;
    result = hone_jail_spawn(NULL, walls, &folder, NULL, &child, error);
    result = result ? result : wait_for(&child, error);
    hone_jail_folder_remove(&folder);
    return result;
}

/* With a user of the job's own where that works; else namespaces need one for users. Never with a
 * root in them who could take them down again. */
static int probe_rung(struct hone_jail_walls *walls, uint32_t mechanisms,
                      struct hone_error *error) {
    if (geteuid() == 0) {
        walls->mechanisms = mechanisms | HONE_JAIL_OWN_USER;
        if (probe(walls, error) == 0)
            return 0;
    }
    walls->mechanisms = mechanisms;
    if (mechanisms & HONE_JAIL_NAMESPACES)
        walls->mechanisms |= HONE_JAIL_USER_NAMESPACE;
    return probe(walls, error);
}

/* $HONE_JAIL_LEVEL names a rung to begin at: lower walls than there could be, for tests. */
static size_t first_rung(void) {
    const char *wanted = getenv("HONE_JAIL_LEVEL");
    for (size_t i = 0; wanted && i < RUNGS; i++)
        if (wanted[0] == ladder[i].level && !wanted[1])
            return i;
    return 0;
}

static void describe(struct hone_jail_walls *walls, size_t rung, bool asked,
                     const struct hone_error *why) {
    walls->level = ladder[rung].level;
    if (rung == 0)
        snprintf(walls->why, sizeof walls->why, "%s", ladder[rung].text);
    else
        snprintf(walls->why, sizeof walls->why, "%s (%.150s)", ladder[rung].text,
                 asked ? "asked for by HONE_JAIL_LEVEL" : why->text);
}

/* `why` keeps the reason that the highest walls cannot be had. */
static int climb_down(struct hone_jail_walls *walls, struct hone_error *error) {
    size_t first = first_rung(), rung = first;
    struct hone_error why = {""};
    bool filter = !hone_jail_filter_make(&walls->filter, &walls->filter_count, &why);
    for (; rung < RUNGS; rung++) {
        struct hone_error reason = {""};
        if ((ladder[rung].mechanisms & HONE_JAIL_FILTER) && !filter)
            continue;
        int result = probe_rung(walls, ladder[rung].mechanisms, &reason);
        if (result == 0)
            break;
        if (!why.text[0])
            why = reason;
        if (rung + 1 == RUNGS) /* a fault that has nothing to do with walls */
            return hone_fail(error, result, "%s", reason.text);
    }
    describe(walls, rung, rung == first, &why);
    return 0;
}

/* A fact of the machine, like the number of its processors; not worth carrying through everything
 * that may ever compile. */
int hone_jail_walls(const struct hone_jail_walls **walls, struct hone_error *error) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static struct hone_jail_walls found;
    static bool known;
    int result = 0;
    pthread_mutex_lock(&lock);
    if (!known) {
        struct hone_jail_walls mine = {0};
        result = climb_down(&mine, error);
        known = result == 0;
        if (known)
            found = mine;
        else
            free(mine.filter);
    }
    pthread_mutex_unlock(&lock);
    *walls = result ? NULL : &found;
    return result;
}

char hone_jail_level(char *why, size_t size) {
    struct hone_error error = {""};
    const struct hone_jail_walls *walls;
    int result = hone_jail_walls(&walls, &error);
    if (why && size)
        snprintf(why, size, "%s", result ? error.text : walls->why);
    return result ? 'F' : walls->level;
}

void hone_jail_bound(char confinement[4]) {
    char level = hone_jail_level(NULL, 0);
    if (confinement[0] < level)
        confinement[0] = level;
}
