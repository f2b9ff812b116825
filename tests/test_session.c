#include "core/clock.h"
#include "ipc/client.h"
#include "tests/orphan.h"
#include "tests/session_fixture.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

#define SECOND 1000000000

extern char **environ;

static uint64_t lanes_of(struct hone *hone) {
    struct hone_counters counters;
    cr_assert(eq(int, hone_stats(hone, &counters), 0));
    return counters.lanes;
}

/* A line as a hostile agent writes it: no check of the client library's in between. */
static void send_raw(struct hone *hone, struct hone_line line) {
    hone_ring_publish(&hone->requests, &line);
    hone_client_ring(hone);
}

Test(session, answers_a_hostile_slot_and_drops_the_third, .timeout = 20) {
    struct echo echo = start((struct hone_session_options){.lanes_max = 8});
    struct hone *hone = attach(&echo, NULL);
    send_raw(hone, (struct hone_line){.op = HONE_OP_STEP, .slot = 1});
    cr_assert(eq(int, hone_client_wait(hone, 0), 0));
    struct hone_line line;
    hone_ring_take(&hone->replies, &line);
    cr_assert(eq(int, line.status, -EINVAL));
    send_raw(hone, (struct hone_line){.op = HONE_OP_FORK, .slot = 0, .to_slot = 0xffffffff});
    send_raw(hone, (struct hone_line){.op = HONE_OP_RESET, .slot = 0x80000000});
    cr_assert(eq(int, await_drop(hone), -ECONNABORTED));
    cr_assert(ne(ptr, strstr(hone_message(hone), "slot 2147483648 of 1"), NULL));
    hone_close(hone);
    expect_service(&echo);
    cr_assert(echo_stop(&echo));
}

Test(session, answers_an_unknown_operation_and_goes_on, .timeout = 20) {
    struct echo echo = start((struct hone_session_options){.lanes_max = 8});
    struct hone *hone = attach(&echo, NULL);
    for (uint16_t op = 9; op < 40; op++) {
        struct hone_line line;
        send_raw(hone, (struct hone_line){.op = op == 39 ? 0 : op});
        cr_assert(eq(int, hone_client_wait(hone, 0), 0));
        hone_ring_take(&hone->replies, &line);
        ((struct hone_up *)(void *)hone->up.base)->consumed = line.sequence;
        cr_assert(eq(int, line.status, -EOPNOTSUPP));
    }
    cr_assert(eq(int, hone_ping(hone), 0));
    hone_close(hone);
    cr_assert(echo_stop(&echo));
}

Test(session, refuses_a_source_longer_than_its_block, .timeout = 20) {
    struct echo echo = start((struct hone_session_options){.lanes_max = 8});
    static const uint32_t lengths[] = {(256u << 10) - 511, 0x7fffffff, 0xffffffff};
    struct hone *hone = attach(&echo, NULL);
    for (int i = 0; i < 2; i++) {
        send_raw(hone, (struct hone_line){.op = HONE_OP_STEP, .bytes = lengths[i]});
        struct hone_line line;
        cr_assert(eq(int, hone_client_wait(hone, 0), 0));
        hone_ring_take(&hone->replies, &line);
        cr_assert(eq(int, line.status, -EMSGSIZE));
    }
    send_raw(hone, (struct hone_line){.op = HONE_OP_STEP, .bytes = lengths[2]});
    cr_assert(eq(int, await_drop(hone), -ECONNABORTED));
    hone_close(hone);
    expect_service(&echo);
    cr_assert(echo_stop(&echo));
}

Test(session, refuses_a_text_without_an_end, .timeout = 20) {
    struct echo echo = start((struct hone_session_options){.lanes_max = 8});
    struct hone *hone = attach(&echo, NULL);
    memset(hone->up.base + hone->up_header.block_offset, 'A', sizeof(struct hone_action_block));
    send_raw(hone, (struct hone_line){.op = HONE_OP_RESET});
    struct hone_line line;
    cr_assert(eq(int, hone_client_wait(hone, 0), 0));
    hone_ring_take(&hone->replies, &line);
    cr_assert(eq(int, line.status, -EINVAL));
    hone_close(hone);
    cr_assert(echo_stop(&echo));
}

Test(session, refuses_a_step_of_a_busy_slot_whatever_the_client_thinks, .timeout = 20) {
    struct echo echo = start((struct hone_session_options){.lanes_max = 8});
    struct hone *hone = attach(&echo, NULL);
    memcpy(hone_action_buffer(hone, 0, NULL), "hold", 4);
    send_raw(hone, (struct hone_line){.op = HONE_OP_STEP, .bytes = 4});
    send_raw(hone, (struct hone_line){.op = HONE_OP_STEP, .bytes = 4});
    struct hone_line line;
    cr_assert(eq(int, hone_client_wait(hone, 0), 0));
    hone_ring_take(&hone->replies, &line);
    cr_assert(eq(int, line.status, -EBUSY));
    cr_assert(eq(u64, line.tag, 2));
    cr_assert(eq(u32, line.bytes, 0));
    hone_close(hone);
    cr_assert(echo_stop(&echo));
}

/* One child writes garbage over all of UP and rings; the server must outlive it, and so must the
 * other lane. */
static void scribble(const struct echo *echo, unsigned seed, uint32_t map) {
    struct hone *hone = NULL;
    if (hone_attach(&hone, echo->socket, &(struct hone_attach_options){.slots = 2, .map = map},
                    NULL))
        _exit(1);
    uint64_t state = seed * 2654435761u + 1;
    uint64_t ring_end = hone->up_header.block_offset;
    for (int i = 0; i < 3000; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        /* Half of it in header, words and ring, where it does most. */
        uint64_t range = state & 1 ? ring_end : hone->up.bytes;
        uint64_t at = (state >> 20) % range;
        hone->up.base[at] = (char)(state >> 50);
        if (i % 3 == 0) {
            struct hone_line line = {.op = (uint16_t)(state >> 33 & 15),
                                     .slot = (uint32_t)(state >> 40 & 3),
                                     .bytes = (uint32_t)(state >> 30),
                                     .to_slot = (uint32_t)(state >> 44 & 3)};
            send_raw(hone, line);
        }
        if (send(hone->socket, "\n", 1, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 && errno != EAGAIN)
            break; /* dropped: as it should be */
    }
    _exit(0);
}

static void survive_garbage(uint32_t map) {
    struct echo echo = start((struct hone_session_options){.named_segments = true});
    struct hone *honest = attach(&echo, NULL);
    for (unsigned seed = 0; seed < 25; seed++) {
        pid_t child = fork();
        if (child == 0)
            scribble(&echo, seed, map);
        const struct hone_observation *seen;
        for (int i = 0; i < 20; i++) {
            memcpy(hone_action_buffer(honest, 0, NULL), "hello", 5);
            int status = hone_step(honest, 0, &(struct hone_action){.source_bytes = 5}, &seen);
            cr_assert(eq(int, status, 0), "%s", hone_message(honest));
        }
        int ended;
        waitpid(child, &ended, 0);
        cr_assert(eq(int, ended, 0));
    }
    hone_close(honest);
    expect_service(&echo);
    cr_assert(echo_stop(&echo));
}

Test(session, survives_garbage_over_all_of_a_sealed_segment, .timeout = 60) {
    survive_garbage(HONE_MAP_MEMFD);
}

Test(session, survives_garbage_over_all_of_a_named_segment, .timeout = 60) {
    survive_garbage(HONE_MAP_NAMED);
}

/* Truncate what was given by name, then make the server touch it. */
static void truncate_segment(const char *end) {
    struct echo echo = start((struct hone_session_options){.named_segments = true});
    struct hone *hone = attach(&echo, &(struct hone_attach_options){.map = HONE_MAP_NAMED});
    char path[160];
    snprintf(path, sizeof path, "/dev/shm/hone.echo.%016llx.%s",
             (unsigned long long)hone->up_header.session_id, end);
    cr_assert(eq(int, truncate(path, 0), 0), "%s", path);
    (void)send(hone->socket, "\n", 1, MSG_NOSIGNAL);
    if (strcmp(end, "ctl")) {
        struct pollfd look = {.fd = hone->socket, .events = POLLRDHUP};
        cr_assert(eq(int, poll(&look, 1, 5000), 1));
    }
    expect_service(&echo);
    hone_close(hone);
    cr_assert(echo_stop(&echo));
}

Test(session, survives_a_truncated_up_segment, .timeout = 20) {
    truncate_segment("0.up");
}

Test(session, survives_a_truncated_down_segment, .timeout = 20) {
    truncate_segment("0.down");
}

Test(session, survives_a_truncated_ctl_segment, .timeout = 20) {
    truncate_segment("ctl");
}

Test(session, survives_a_block_that_is_gone_when_it_is_copied, .timeout = 20) {
    struct echo echo = start((struct hone_session_options){.named_segments = true});
    struct hone *hone = attach(&echo, &(struct hone_attach_options){.map = HONE_MAP_NAMED});
    char path[160];
    snprintf(path, sizeof path, "/dev/shm/hone.echo.%016llx.0.up",
             (unsigned long long)hone->up_header.session_id);
    /* The ring stays, the source does not. */
    cr_assert(eq(int, truncate(path, (off_t)hone->up_header.block_offset + 4096), 0));
    send_raw(hone, (struct hone_line){.op = HONE_OP_STEP, .bytes = 100000});
    cr_assert(eq(int, await_drop(hone), -ECONNABORTED));
    cr_assert(ne(ptr, strstr(hone_message(hone), "truncated"), NULL));
    hone_close(hone);
    expect_service(&echo);
    cr_assert(echo_stop(&echo));
}

Test(session, rings_a_hostile_semaphore_without_harm, .timeout = 20) {
    struct echo echo = start((struct hone_session_options){.lanes_max = 8});
    struct hone *hone = attach(&echo, &(struct hone_attach_options){.wake = HONE_WAKE_SEMAPHORE});
    struct hone_up *up = (void *)hone->up.base;
    /* A count at its end, waiters that do not exist, and futex operations of the agent's choice:
     * glibc's sem_post hangs or aborts on these. */
    static const unsigned char fills[] = {0xff, 0x7f, 0x80, 0x00, 0x0b};
    for (size_t i = 0; i < sizeof fills; i++) {
        memset(up->semaphore, fills[i], sizeof up->semaphore);
        up->parked = 1;
        send_raw(hone, (struct hone_line){.op = HONE_OP_PING});
        while (hone_ring_poll(&hone->replies) != HONE_RING_READY)
            cr_assert(eq(int, poll(NULL, 0, 1), 0));
        struct hone_line line;
        hone_ring_take(&hone->replies, &line);
        cr_assert(eq(int, line.status, 0));
    }
    hone_close(hone);
    expect_service(&echo);
    cr_assert(echo_stop(&echo));
}

Test(session, down_and_ctl_cannot_be_written_by_an_agent, .timeout = 20) {
    struct echo echo = start((struct hone_session_options){.lanes_max = 8});
    struct hone *hone = attach(&echo, NULL);
    cr_assert(eq(int, mprotect(hone->down.base, hone->down.bytes, PROT_READ | PROT_WRITE), -1));
    cr_assert(eq(int, mprotect(hone->ctl.base, hone->ctl.bytes, PROT_READ | PROT_WRITE), -1));
    hone_close(hone);
    cr_assert(echo_stop(&echo));
}

Test(session, frees_the_lane_of_a_killed_agent_and_no_other, .timeout = 30) {
    struct echo echo = start((struct hone_session_options){.lanes_max = 4});
    struct hone *watcher = attach(&echo, NULL);
    for (int i = 0; i < 20; i++) {
        int told[2];
        cr_assert(eq(int, pipe(told), 0));
        pid_t self = getpid(), child = fork();
        if (child == 0) {
            hone_test_die_with(self);
            struct hone *hone = attach(&echo, &(struct hone_attach_options){.slots = 2});
            memcpy(hone_action_buffer(hone, 0, NULL), "hold", 4);
            hone_send(hone, 0, &(struct hone_action){.source_bytes = 4});
            if (write(told[1], "x", 1) != 1)
                _exit(1);
            pause();
        }
        char byte;
        cr_assert(eq(i64, read(told[0], &byte, 1), 1));
        close(told[0]);
        close(told[1]);
        cr_assert(eq(u64, lanes_of(watcher), 2));
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        uint64_t before = hone_now_ns();
        while (lanes_of(watcher) != 1)
            cr_assert(lt(u64, hone_now_ns() - before, SECOND));
    }
    hone_close(watcher);
    cr_assert(echo_stop(&echo));
}

Test(session, notices_a_dead_agent_whose_child_keeps_the_socket, .timeout = 20) {
    struct echo echo = start((struct hone_session_options){.lanes_max = 4});
    struct hone *watcher = attach(&echo, NULL);
    int told[2];
    cr_assert(eq(int, pipe(told), 0));
    pid_t child = fork();
    if (child == 0) {
        attach(&echo, NULL);
        pid_t heir = fork();
        if (heir == 0) {
            prctl(PR_SET_PDEATHSIG, 0);
            pause();
        }
        _exit(write(told[1], &heir, sizeof heir) != sizeof heir);
    }
    pid_t heir;
    cr_assert(eq(i64, read(told[0], &heir, sizeof heir), sizeof heir));
    waitpid(child, NULL, 0);
    uint64_t before = hone_now_ns();
    while (lanes_of(watcher) != 1)
        cr_assert(lt(u64, hone_now_ns() - before, SECOND));
    kill(heir, SIGKILL);
    hone_close(watcher);
    cr_assert(echo_stop(&echo));
}

Test(session, keeps_replies_of_an_agent_that_does_not_read, .timeout = 20) {
    struct echo echo = start((struct hone_session_options){.lanes_max = 4});
    struct hone *hone = attach(&echo, NULL);
    const struct hone_down *down = (const void *)hone->down.base;
    uint64_t sent = 0;
    /* Far more pings than its ring has lines; then read them all, in order. */
    for (int i = 0; i < 200; i++) {
        uint64_t consumed = __atomic_load_n(&down->consumed, __ATOMIC_ACQUIRE);
        if (hone_ring_full(&hone->requests, consumed)) {
            if (__atomic_load_n(&down->held, __ATOMIC_RELAXED))
                break;
            poll(NULL, 0, 1);
            continue;
        }
        send_raw(hone, (struct hone_line){.op = HONE_OP_PING});
        sent++;
    }
    cr_assert(lt(u64, 16, sent));
    for (uint64_t tag = 1; tag <= sent; tag++) {
        struct hone_line line;
        uint64_t before = hone_now_ns();
        cr_assert(eq(int, hone_client_wait(hone, before + 5ull * SECOND), 0), "reply %llu of %llu",
                  (unsigned long long)tag, (unsigned long long)sent);
        hone_ring_take(&hone->replies, &line);
        cr_assert(eq(u64, line.tag, tag));
        __atomic_store_n(&((struct hone_up *)(void *)hone->up.base)->consumed, line.sequence,
                         __ATOMIC_RELEASE);
        hone_client_ring(hone);
    }
    hone_close(hone);
    cr_assert(echo_stop(&echo));
}

Test(session, sixty_four_idle_lanes_cost_no_cpu, .timeout = 30) {
    struct echo echo = start((struct hone_session_options){.lanes_max = 64});
    struct hone *lanes[64];
    for (int i = 0; i < 64; i++)
        lanes[i] = attach(&echo, NULL);
    cr_assert(eq(u64, lanes_of(lanes[0]), 64));
    clockid_t clock;
    cr_assert(eq(int, clock_getcpuclockid(echo.pid, &clock), 0));
    struct timespec before, after, pause = {.tv_sec = 1};
    clock_gettime(clock, &before);
    nanosleep(&pause, NULL); /* the span that is measured, not a wait for something */
    clock_gettime(clock, &after);
    int64_t used = (after.tv_sec - before.tv_sec) * SECOND + after.tv_nsec - before.tv_nsec;
    cr_assert(lt(i64, used, 5000000), "%lld ns of CPU in a second", (long long)used);
    for (int i = 0; i < 64; i++)
        hone_close(lanes[i]);
    cr_assert(echo_stop(&echo));
}

Test(session, drops_a_shared_agent_that_talks_on_its_socket, .timeout = 20) {
    struct echo echo = start((struct hone_session_options){.lanes_max = 4});
    struct hone *hone = attach(&echo, NULL);
    cr_assert(eq(i64, send(hone->socket, "a\nb\nc\n", 6, 0), 6));
    cr_assert(eq(int, await_drop(hone), -ECONNABORTED));
    hone_close(hone);
    cr_assert(echo_stop(&echo));
}

Test(session, takes_no_descriptor_from_an_agent, .timeout = 20) {
    struct echo echo = start((struct hone_session_options){.lanes_max = 4});
    struct hone *hone = attach(&echo, NULL);
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {.bytes = {0}};
    struct iovec part = {.iov_base = "\n", .iov_len = 1};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(rights), &hone->socket, sizeof(int));
    ssize_t sent = sendmsg(hone->socket, &message, MSG_NOSIGNAL);
    int status = sent < 0 ? -errno : 0;
    expect_service(&echo);
    hone_close(hone);
    cr_assert(echo_stop(&echo));
    if (sent == 1)
        cr_skip_test("this kernel is older than 6.16 and has no SO_PASSRIGHTS");
    cr_assert(eq(int, status, -EPERM));
}
