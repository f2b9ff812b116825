#include "core/clock.h"
#include "ipc/client.h"
#include "tests/echo_server.h"
#include "tests/orphan.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

#define SECOND 1000000000

/* This very program is the private server that hone_open() starts in a test. */
__attribute__((constructor)) static void serve_privately(int count, char **arguments) {
    if (count < 3 || strcmp(arguments[1], "serve") || strcmp(arguments[2], "--private"))
        return;
    if (count > 4 && !strcmp(arguments[4], "broken.ini"))
        _exit(1);
    struct hone_error error;
    struct hone_session_options options = {.private_socket = 3, .catalogue = "[]"};
    _exit(echo_run(&options, -1, &error) ? 1 : 0);
}

static struct hone *attach(const struct echo *echo, const struct hone_attach_options *options) {
    struct hone *hone = NULL;
    struct hone_client_error error = {.text = ""};
    int status = hone_attach(&hone, echo->socket, options, &error);
    cr_assert(eq(int, status, 0), "%s", error.text);
    return hone;
}

static struct echo start(void) {
    struct echo echo;
    cr_assert(echo_start(&echo, (struct hone_session_options){.named_segments = true}));
    return echo;
}

static int step(struct hone *hone, uint32_t slot, const char *source,
                const struct hone_observation **seen) {
    size_t bytes = strlen(source);
    memcpy(hone_action_buffer(hone, slot, NULL), source, bytes);
    return hone_step(hone, slot, &(struct hone_action){.language = "c", .source_bytes = bytes},
                     seen);
}

static int send_source(struct hone *hone, uint32_t slot, const char *source) {
    size_t bytes = strlen(source);
    memcpy(hone_action_buffer(hone, slot, NULL), source, bytes);
    return hone_send(hone, slot, &(struct hone_action){.source_bytes = bytes});
}

static void talk(uint32_t map, uint32_t wake) {
    struct echo echo = start();
    struct hone *hone = attach(&echo, &(struct hone_attach_options){.map = map, .wake = wake});
    const struct hone_observation *seen;
    cr_assert(eq(int, hone_reset(hone, 0, "dl/softmax", 5, &seen), 0));
    cr_assert(eq(str, (char *)hone_text(seen, HONE_PROMPT), "write dl/softmax ()"));
    cr_assert(eq(u64, seen->seed, 5));
    for (int turn = 1; turn <= 300; turn++) {
        cr_assert(eq(int, step(hone, 0, "hello", &seen), 0));
        cr_assert(eq(u32, seen->turn, turn));
    }
    cr_assert(eq(dbl, seen->reward, 5.0));
    cr_assert(eq(str, (char *)hone_text(seen, HONE_FEEDBACK), "hello"));
    cr_assert(eq(str, (char *)hone_text(seen, HONE_JSON), "{\"answer\":42}"));
    hone_close(hone);
    cr_assert(echo_stop(&echo));
}

Test(client, talks_over_sealed_memory_and_a_futex, .timeout = 20) {
    talk(HONE_MAP_MEMFD, HONE_WAKE_FUTEX);
}

Test(client, talks_over_sealed_memory_and_a_semaphore, .timeout = 20) {
    talk(HONE_MAP_MEMFD, HONE_WAKE_SEMAPHORE);
}

Test(client, talks_over_sealed_memory_and_the_socket, .timeout = 20) {
    talk(HONE_MAP_MEMFD, HONE_WAKE_SOCKET);
}

Test(client, talks_over_named_memory_and_a_futex, .timeout = 20) {
    talk(HONE_MAP_NAMED, HONE_WAKE_FUTEX);
}

Test(client, talks_over_named_memory_and_a_semaphore, .timeout = 20) {
    talk(HONE_MAP_NAMED, HONE_WAKE_SEMAPHORE);
}

static void wake_up_in_time(uint32_t wake) {
    struct echo echo = start();
    struct hone *hone = attach(&echo, &(struct hone_attach_options){.slots = 2, .wake = wake});
    const struct hone_observation *seen[2];
    uint64_t shortest = UINT64_MAX;
    for (int i = 0; i < 5; i++) {
        /* Both sides sleep: nothing comes until the time is up. */
        cr_assert(eq(int, send_source(hone, 0, "hold"), 0));
        cr_assert(eq(int, hone_recv(hone, seen, 2, 30000000), -ETIMEDOUT));
        cr_assert(eq(int, hone_progress(hone, 0), 5));
        uint64_t before = hone_now_ns();
        cr_assert(eq(int, hone_cancel(hone, 0), 0));
        cr_assert(eq(int, hone_recv(hone, seen, 2, SECOND), 1));
        uint64_t took = hone_now_ns() - before;
        shortest = took < shortest ? took : shortest;
        cr_assert(eq(u32, seen[0]->verdict, HONE_OUTCOME_INFRA_FAILED));
        cr_assert(eq(int, hone_progress(hone, 0), -1));
    }
    /* A lost bell would have cost HONE_PARK_MS every time. */
    cr_assert(lt(u64, shortest, 50000000));
    hone_close(hone);
    cr_assert(echo_stop(&echo));
}

Test(client, is_woken_by_futex, .timeout = 20) {
    wake_up_in_time(HONE_WAKE_FUTEX);
}

Test(client, is_woken_by_semaphore, .timeout = 20) {
    wake_up_in_time(HONE_WAKE_SEMAPHORE);
}

Test(client, is_woken_by_its_socket, .timeout = 20) {
    wake_up_in_time(HONE_WAKE_SOCKET);
}

Test(client, carries_every_field_of_an_action, .timeout = 20) {
    struct echo echo = start();
    struct hone *hone = attach(&echo, NULL);
    const struct hone_observation *seen;
    struct hone_episode episode = {.task = "t", .group = "g7", .turns = 3};
    cr_assert(eq(int, hone_reset_with(hone, 0, &episode, &seen), 0));
    cr_assert(eq(str, (char *)hone_text(seen, HONE_PROMPT), "write t (g7)"));
    cr_assert(eq(u32, seen->turns, 3));
    memcpy(hone_action_buffer(hone, 0, NULL), "xyz", 3);
    struct hone_action action = {.language = "cuda",
                                 .options = "O2 fast_math",
                                 .stages = 12,
                                 .flags = HONE_ACTION_FORCE | HONE_ACTION_STOP,
                                 .source_bytes = 3,
                                 .predicted_speedup = 1.5,
                                 .turn = 1};
    cr_assert(eq(int, hone_step(hone, 0, &action, &seen), 0));
    cr_assert(eq(str, (char *)hone_text(seen, HONE_MESSAGE), "cuda|O2 fast_math|12|9|1|1.50"));
    cr_assert(ne(u32, seen->flags & HONE_OBSERVATION_TERMINATED, 0));
    cr_assert(eq(str, (char *)seen->components[0].name, "speedup"));
    hone_close(hone);
    echo_stop(&echo);
}

Test(client, keeps_many_slots_in_flight, .timeout = 20) {
    struct echo echo = start();
    struct hone *hone = attach(&echo, &(struct hone_attach_options){.slots = 16});
    cr_assert(eq(u32, hone_slots(hone), 16));
    for (int round = 0; round < 50; round++) {
        uint32_t answered = 0;
        for (uint32_t slot = 0; slot < 16; slot++) {
            char source[32];
            snprintf(source, sizeof source, "%0*u", (int)slot + 1, 0u);
            cr_assert(eq(int, send_source(hone, slot, source), 0));
        }
        while (answered != 0xffff) {
            const struct hone_observation *seen[5];
            int count = hone_recv(hone, seen, 5, SECOND);
            cr_assert(lt(int, 0, count));
            for (int i = 0; i < count; i++) {
                uint32_t slot = seen[i]->slot;
                cr_assert(eq(dbl, seen[i]->reward, (double)(slot + 1)));
                answered |= 1u << slot;
            }
        }
    }
    cr_assert(eq(int, hone_recv(hone, NULL, 0, 0), 0));
    hone_close(hone);
    echo_stop(&echo);
}

Test(client, refuses_a_second_step_of_a_busy_slot, .timeout = 20) {
    struct echo echo = start();
    struct hone *hone = attach(&echo, NULL);
    cr_assert(eq(int, send_source(hone, 0, "hold"), 0));
    cr_assert(eq(int, send_source(hone, 0, "hello"), -EBUSY));
    cr_assert(eq(ptr, (void *)(uintptr_t)hone_last(hone, 0), NULL));
    hone_close(hone);
    echo_stop(&echo);
}

Test(client, a_reset_takes_over_a_busy_slot, .timeout = 20) {
    struct echo echo = start();
    struct hone *hone = attach(&echo, NULL);
    const struct hone_observation *seen;
    cr_assert(eq(int, send_source(hone, 0, "late"), 0));
    cr_assert(eq(int, hone_reset(hone, 0, "new", 0, &seen), 0));
    cr_assert(eq(str, (char *)hone_text(seen, HONE_PROMPT), "write new ()"));
    cr_assert(eq(int, hone_ping(hone), 0)); /* the late reply has been taken now */
    cr_assert(eq(str, (char *)seen->task, "new"));
    cr_assert(eq(int, hone_recv(hone, &seen, 1, 0), 0));
    hone_close(hone);
    echo_stop(&echo);
}

Test(client, tells_an_environment_error_from_an_outcome, .timeout = 20) {
    struct echo echo = start();
    struct hone *hone = attach(&echo, NULL);
    const struct hone_observation *seen;
    cr_assert(eq(int, hone_reset(hone, 0, "none", 0, &seen), -ENOENT));
    cr_assert(eq(str, (char *)hone_message(hone), "there is no task 'none'"));
    cr_assert(eq(int, step(hone, 0, "fail", &seen), -ENOSPC));
    cr_assert(eq(str, (char *)hone_text(seen, HONE_MESSAGE), "the disk is full"));
    cr_assert(eq(int, seen->status, -ENOSPC));
    cr_assert(eq(int, step(hone, 0, "fine", &seen), 0));
    cr_assert(eq(str, (char *)hone_message(hone), ""));
    hone_close(hone);
    echo_stop(&echo);
}

Test(client, refuses_what_does_not_fit_before_it_is_sent, .timeout = 20) {
    struct echo echo = start();
    struct hone *hone = attach(&echo, NULL);
    size_t capacity;
    cr_assert(ne(ptr, hone_action_buffer(hone, 0, &capacity), NULL));
    cr_assert(eq(ptr, hone_action_buffer(hone, 1, NULL), NULL));
    struct hone_action large = {.source_bytes = capacity + 1};
    cr_assert(eq(int, hone_step(hone, 0, &large, NULL), -EMSGSIZE));
    struct hone_action named = {.language = "a language with a long name"};
    cr_assert(eq(int, hone_step(hone, 0, &named, NULL), -ENAMETOOLONG));
    cr_assert(eq(int, hone_step(hone, 4, &named, NULL), -EINVAL));
    large.source_bytes = capacity;
    memset(hone_action_buffer(hone, 0, NULL), 'y', capacity);
    const struct hone_observation *seen;
    cr_assert(eq(int, hone_step(hone, 0, &large, &seen), 0));
    cr_assert(eq(dbl, seen->reward, (double)capacity));
    hone_close(hone);
    cr_assert(echo_stop(&echo));
}

Test(client, cuts_a_long_text_in_the_middle_and_says_so, .timeout = 20) {
    struct echo echo = start();
    struct hone *hone = attach(&echo, NULL);
    const struct hone_observation *seen;
    cr_assert(eq(int, step(hone, 0, "long", &seen), 0));
    const char *feedback = hone_text(seen, HONE_FEEDBACK);
    cr_assert(lt(sz, strlen(feedback), 65536));
    cr_assert(lt(sz, 40000, strlen(feedback)));
    cr_assert(ne(ptr, strstr(feedback, "left out"), NULL));
    cr_assert(eq(u32, seen->feedback_bytes, (uint32_t)strlen(feedback)));
    hone_close(hone);
    echo_stop(&echo);
}

Test(client, moves_forks_and_stops, .timeout = 20) {
    struct echo echo = start();
    struct hone *hone = attach(&echo, &(struct hone_attach_options){.slots = 2});
    const struct hone_observation *seen;
    cr_assert(eq(int, hone_goto(hone, 0, 9), 0));
    cr_assert(eq(u64, hone_last(hone, 0)->node, 9));
    cr_assert(eq(int, hone_fork(hone, 0, 9, 1), 0));
    cr_assert(eq(u64, hone_last(hone, 1)->parent, 9));
    cr_assert(eq(int, hone_fork(hone, 0, 9, 2), -EINVAL));
    cr_assert(eq(int, hone_stop(hone, 1, &seen), 0));
    cr_assert(ne(u32, seen->flags & HONE_OBSERVATION_TERMINATED, 0));
    hone_close(hone);
    echo_stop(&echo);
}

static void read_catalogue_and_counters(uint32_t map) {
    struct echo echo = start();
    struct hone *hone = attach(&echo, &(struct hone_attach_options){.map = map});
    struct hone_counters counters;
    size_t bytes;
    cr_assert(eq(int, hone_ping(hone), 0));
    cr_assert(eq(int, hone_stats(hone, &counters), 0));
    cr_assert(eq(u64, counters.lanes, 1));
    cr_assert(eq(u64, counters.requests, 2));
    cr_assert(eq(str, (char *)hone_catalogue(hone, &bytes), "[{\"id\":\"dl/softmax\"}]"));
    cr_assert(eq(sz, bytes, 21));
    hone_close(hone);
    cr_assert(echo_stop(&echo));
}

Test(client, reads_the_catalogue_and_the_counters, .timeout = 20) {
    read_catalogue_and_counters(HONE_MAP_MEMFD);
}

Test(client, reads_the_catalogue_and_the_counters_by_name, .timeout = 20) {
    read_catalogue_and_counters(HONE_MAP_NAMED);
}

Test(client, says_who_is_not_there, .timeout = 20) {
    struct hone *hone;
    struct hone_client_error error;
    struct hone_attach_options options = {.directory = "/tmp/hone-nowhere"};
    cr_assert(eq(int, hone_attach(&hone, "nobody", &options, &error), -ENOENT));
    cr_assert(ne(ptr, strstr(error.text, "no server named 'nobody'"), NULL));
    cr_assert(eq(ptr, hone, NULL));
}

/* A server of another version, as far as a client can tell. */
Test(client, refuses_a_server_of_another_layout_in_words, .timeout = 20) {
    char directory[] = "/tmp/hone-test-XXXXXX", path[64];
    cr_assert(ne(ptr, mkdtemp(directory), NULL));
    snprintf(path, sizeof path, "%s/x.sock", directory);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert(eq(int, bind(listener, (const void *)&address, sizeof address), 0));
    cr_assert(eq(int, listen(listener, 1), 0));
    pid_t child = fork();
    if (child == 0) {
        int made = accept(listener, NULL, NULL);
        const char *line = "{\"hone\":\"welcome\",\"major\":3,\"minor\":1,\"layout\":\"ff\"}\n";
        _exit(write(made, line, strlen(line)) < 0);
    }
    struct hone *hone;
    struct hone_client_error error;
    cr_assert(eq(int, hone_attach(&hone, path, NULL, &error), -EPROTO));
    cr_assert(ne(ptr, strstr(error.text, "the server 3.1 (ff)"), NULL), "%s", error.text);
    waitpid(child, NULL, 0);
    close(listener);
    unlink(path);
    rmdir(directory);
}

Test(client, notices_a_killed_server_within_a_second, .timeout = 20) {
    for (uint32_t wake = HONE_WAKE_FUTEX; wake <= HONE_WAKE_SOCKET; wake++) {
        struct echo echo = start();
        struct hone *hone = attach(&echo, &(struct hone_attach_options){.wake = wake});
        const struct hone_observation *seen;
        cr_assert(eq(int, send_source(hone, 0, "hold"), 0));
        cr_assert(eq(int, hone_recv(hone, &seen, 1, 10000000), -ETIMEDOUT));
        uint64_t before = hone_now_ns();
        kill(echo.pid, SIGKILL);
        cr_assert(eq(int, hone_recv(hone, &seen, 1, -1), -ECONNRESET));
        cr_assert(lt(u64, hone_now_ns() - before, SECOND));
        cr_assert(eq(int, hone_ping(hone), -ECONNRESET));
        hone_close(hone);
        waitpid(echo.pid, NULL, 0);
        cr_assert(not(echo_stop(&echo)));
    }
}

Test(client, comes_back_with_its_token, .timeout = 20) {
    struct echo echo = start(), again;
    struct hone *hone = attach(&echo, NULL);
    uint64_t token = hone_token(hone);
    cr_assert(ne(u64, token, 0));
    kill(echo.pid, SIGKILL);
    waitpid(echo.pid, NULL, 0);
    cr_assert(echo_start_in(&again, (struct hone_session_options){.lanes_max = 4}, echo.directory));
    cr_assert(eq(int, hone_ping(hone), -ECONNRESET));
    hone_close(hone);
    hone = attach(&again, &(struct hone_attach_options){.token = token});
    const struct hone_observation *seen;
    cr_assert(eq(u64, hone_token(hone), token));
    cr_assert(eq(int, hone_reset(hone, 0, "t", 0, &seen), 0));
    cr_assert(eq(str, (char *)hone_text(seen, HONE_PROMPT), "write t (again)"));
    struct hone *twin;
    struct hone_client_error error;
    cr_assert(
        eq(int,
           hone_attach(&twin, again.socket, &(struct hone_attach_options){.token = token}, &error),
           -EBUSY));
    hone_close(hone);
    /* The lane that closed a moment ago does not stand in the way. */
    hone = attach(&again, &(struct hone_attach_options){.token = token});
    hone_close(hone);
    echo_stop(&again);
}

Test(client, opens_a_private_server_that_ends_with_it, .timeout = 20) {
    struct hone *hone;
    struct hone_client_error error = {.text = ""};
    char self[256] = "";
    cr_assert(lt(i64, 0, readlink("/proc/self/exe", self, sizeof self - 1)));
    setenv("HONE_SERVER", self, 1);
    cr_assert(eq(int, hone_open(&hone, NULL, NULL, &error), 0), "%s", error.text);
    const struct hone_observation *seen;
    cr_assert(eq(int, hone_reset(hone, 0, "dl/softmax", 0, &seen), 0));
    cr_assert(eq(int, step(hone, 0, "hello", &seen), 0));
    cr_assert(eq(dbl, seen->reward, 5.0));
    uint64_t before = hone_now_ns();
    hone_close(hone);
    cr_assert(lt(u64, hone_now_ns() - before, SECOND));
    cr_assert(eq(int, waitpid(-1, NULL, WNOHANG), -1));
    cr_assert(eq(int, errno, ECHILD));
}

Test(client, a_private_server_ends_when_its_agent_is_killed, .timeout = 20) {
    char self[256] = "";
    int told[2];
    cr_assert(lt(i64, 0, readlink("/proc/self/exe", self, sizeof self - 1)));
    cr_assert(eq(int, pipe(told), 0));
    setenv("HONE_SERVER", self, 1);
    pid_t parent = getpid(), agent = fork();
    if (agent == 0) {
        hone_test_die_with(parent);
        struct hone *hone;
        const struct hone_observation *seen;
        pid_t server = hone_open(&hone, NULL, NULL, NULL) ? -1 : hone->server;
        if (server > 0 && send_source(hone, 0, "hold") == 0)
            hone_recv(hone, &seen, 1, 10000000);
        if (write(told[1], &server, sizeof server) != sizeof server)
            _exit(1);
        pause();
    }
    pid_t server;
    cr_assert(eq(i64, read(told[0], &server, sizeof server), sizeof server));
    cr_assert(lt(int, 0, server));
    int pidfd = (int)syscall(SYS_pidfd_open, server, 0);
    cr_assert(ge(int, pidfd, 0));
    kill(agent, SIGKILL);
    waitpid(agent, NULL, 0);
    struct pollfd look = {.fd = pidfd, .events = POLLIN};
    cr_assert(eq(int, poll(&look, 1, 5000), 1));
    close(pidfd);
}

Test(client, says_why_a_private_server_did_not_start, .timeout = 20) {
    struct hone *hone;
    struct hone_client_error error;
    char self[256] = "";
    cr_assert(lt(i64, 0, readlink("/proc/self/exe", self, sizeof self - 1)));
    setenv("HONE_SERVER", "/nonexistent/hone", 1);
    cr_assert(eq(int, hone_open(&hone, NULL, NULL, &error), -ENOENT));
    cr_assert(ne(ptr, strstr(error.text, "HONE_SERVER"), NULL));
    setenv("HONE_SERVER", self, 1);
    cr_assert(eq(int, hone_open(&hone, "broken.ini", NULL, &error), -ECONNRESET));
}

Test(client, names_every_outcome) {
    cr_assert(eq(str, (char *)hone_outcome_name(HONE_OUTCOME_PASSED), "passed"));
    cr_assert(eq(str, (char *)hone_outcome_name(HONE_OUTCOME_INFRA_FAILED), "infra_failed"));
    cr_assert(eq(str, (char *)hone_outcome_name(99), "unknown"));
}
