#include "core/jail_spawn.h"

#include "core/error.h"
#include "core/jail_plan.h"
#include "core/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A compiler touches thousands of pages of its heap for the first time: with large ones ptxas takes
 * a fifth less time, NVRTC a twentieth. C libraries that do not know these words ignore them. */
#define HEAP_IN_LARGE_PAGES                                                                        \
    "GLIBC_TUNABLES=glibc.malloc.hugetlb=1:glibc.malloc.top_pad=12582912:"                         \
    "glibc.malloc.mmap_threshold=50331648:glibc.malloc.trim_threshold=2147483647"

/* A plan being written. */
struct writer {
    char *bytes;
    size_t size;
};

static int find_program(char path[600], struct hone_error *error) {
    const char *given = getenv("HONE_JAIL_PROGRAM");
    struct hone_places places;
    if (given && given[0]) {
        snprintf(path, 600, "%s", given);
        return 0;
    }
    int result = hone_places(&places, error);
    if (!result)
        snprintf(path, 600, "%s/hone-jail", places.library);
    return result;
}

static void put(struct writer *writer, const void *bytes, size_t size) {
    if (writer->size + size <= HONE_JAIL_PLAN_BYTES)
        memcpy(writer->bytes + writer->size, bytes, size);
    writer->size += size;
}

static uint32_t put_texts(struct writer *writer, const char *const *texts) {
    uint32_t count = 0;
    for (; texts && texts[count]; count++)
        put(writer, texts[count], strlen(texts[count]) + 1);
    return count;
}

/* Texts come last, and how many they are stands first. */
static int write_plan(struct writer *writer, const struct hone_compile_job *job,
                      const struct hone_jail_walls *walls, const struct hone_jail_folder *folder,
                      const char *const *links) {
    struct hone_jail_plan plan = {
        .size = sizeof plan,
        .mechanisms = walls->mechanisms | (job ? 0 : HONE_JAIL_PROBE),
        .user = folder->user,
        .process_limit = job ? job->process_limit : 0,
        .cpu_limit_s = job ? job->cpu_limit_s : 1,
        .filter_count = walls->filter_count,
        .memory_limit_bytes = job ? job->memory_limit_bytes : 1u << 30,
        .file_limit_bytes = job ? job->output_limit_bytes : 0,
    };
    writer->bytes = malloc(HONE_JAIL_PLAN_BYTES);
    if (!writer->bytes)
        return -ENOMEM;
    put(writer, &plan, sizeof plan);
    put(writer, walls->filter, walls->filter_count * sizeof *walls->filter);
    put(writer, folder->path, strlen(folder->path) + 1);
    if (job) {
        plan.path_count = put_texts(writer, job->paths);
        plan.link_count = put_texts(writer, links) / 2;
        plan.argument_count = put_texts(writer, job->arguments);
    }
    memcpy(writer->bytes, &plan, sizeof plan);
    return writer->size <= HONE_JAIL_PLAN_BYTES ? 0 : -E2BIG;
}

static int spawn(const char *program, const struct hone_jail_folder *folder, int output, int socket,
                 pid_t *pid) {
    /* Diagnostics show no path of the folder: it is the working directory. */
    char *environment[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C", "TMPDIR=.",
                           HEAP_IN_LARGE_PAGES, NULL};
    char *arguments[] = {"hone-jail", NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    /* The ends come from above the numbers they are put on (high()), so none is overwritten. */
    int result = posix_spawn_file_actions_addfchdir_np(&actions, folder->work);
    result =
        result ? result : posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    result = result ? result : posix_spawn_file_actions_adddup2(&actions, output, 1);
    result = result ? result : posix_spawn_file_actions_adddup2(&actions, output, 2);
    result = result ? result : posix_spawn_file_actions_adddup2(&actions, socket, HONE_JAIL_SOCKET);
    result =
        result ? result : posix_spawn(pid, program, &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return -result;
}

/* The same descriptor under a number above those the child gives a meaning. */
static int high(int fd) {
    int moved = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, HONE_JAIL_SOCKET + 1);
    int saved = errno;
    if (fd >= 0)
        close(fd);
    errno = saved;
    return moved;
}

static int start(const char *program, const struct writer *plan,
                 const struct hone_jail_folder *folder, struct hone_jail_child *child,
                 struct hone_error *error) {
    int pair[2] = {-1, -1}, output[2] = {-1, -1}, result = 0;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) || pipe2(output, O_CLOEXEC) ||
        (pair[1] = high(pair[1])) < 0 || (output[1] = high(output[1])) < 0 ||
        fcntl(output[0], F_SETFL, O_NONBLOCK) ||
        send(pair[0], plan->bytes, plan->size, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
        result = hone_fail(error, -errno, "cannot make a pipe to a compiler: %s", strerror(errno));
        goto out;
    }
    result = spawn(program, folder, output[1], pair[1], &child->pid);
    if (result) {
        hone_fail(error, result, "cannot start %s: %s", program, strerror(-result));
        goto out;
    }
    child->socket = pair[0];
    child->diagnostics = output[0];
    pair[0] = output[0] = -1;
out:
    for (int i = 0; i < 2; i++) {
        if (pair[i] >= 0)
            close(pair[i]);
        if (output[i] >= 0)
            close(output[i]);
    }
    return result;
}

int hone_jail_spawn(const struct hone_compile_job *job, const struct hone_jail_walls *walls,
                    const struct hone_jail_folder *folder, const char *const *links,
                    struct hone_jail_child *child, struct hone_error *error) {
    char program[600];
    struct writer plan = {0};
    *child = (struct hone_jail_child){.pid = -1, .socket = -1, .diagnostics = -1};
    int result = find_program(program, error);
    if (result)
        return result;
    result = write_plan(&plan, job, walls, folder, links);
    if (result)
        hone_fail(error, result, "cannot describe a compile job to its jail: %s",
                  strerror(-result));
    else
        result = start(program, &plan, folder, child, error);
    free(plan.bytes);
    return result;
}
