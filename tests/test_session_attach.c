/* Who comes in: how many, which versions, of which user, in which language. */
#include "tests/session_fixture.h"

#include <grp.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

extern char **environ;

Test(session_attach, refuses_more_agents_than_it_has_lanes, .timeout = 20) {
    struct echo echo = start((struct hone_session_options){.lanes_max = 1});
    struct hone *hone = attach(&echo, NULL), *second;
    struct hone_client_error error;
    cr_assert(eq(int, hone_attach(&second, echo.socket, NULL, &error), -EUSERS));
    cr_assert(eq(str, (char *)error.text, "every lane of this server is taken"));
    hone_close(hone);
    cr_assert(echo_stop(&echo));
}

Test(session_attach, refuses_slots_names_and_wakes_it_does_not_offer, .timeout = 20) {
    struct echo echo = start((struct hone_session_options){.slots_max = 4});
    struct hone *hone;
    struct hone_client_error error;
    struct hone_attach_options slots = {.slots = 5}, named = {.map = HONE_MAP_NAMED};
    cr_assert(eq(int, hone_attach(&hone, echo.socket, &slots, &error), -EINVAL));
    cr_assert(eq(str, (char *)error.text, "asked for 5 slots, this server gives 1 to 4"));
    cr_assert(eq(int, hone_attach(&hone, echo.socket, &named, &error), -EOPNOTSUPP));
    cr_assert(echo_stop(&echo));
}

static int connect_raw(const struct echo *echo) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", echo->socket);
    int made = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert(eq(int, connect(made, (const void *)&address, sizeof address), 0));
    return made;
}

static void ask_raw(const struct echo *echo, const char *line, char *answer, size_t size) {
    int made = connect_raw(echo);
    cr_assert(eq(i64, send(made, line, strlen(line), 0), (int64_t)strlen(line)));
    ssize_t count = recv(made, answer, size - 1, 0);
    answer[count > 0 ? count : 0] = '\0';
    close(made);
}

Test(session_attach, refuses_another_layout_version_in_words, .timeout = 20) {
    struct echo echo = start((struct hone_session_options){.lanes_max = 4});
    char answer[1024];
    ask_raw(&echo, "{\"hone\":\"hello\",\"major\":2,\"minor\":0,\"layout\":\"00\"}\n", answer,
            sizeof answer);
    cr_assert(ne(ptr, strstr(answer, "refused"), NULL), "%s", answer);
    cr_assert(ne(ptr, strstr(answer, "the agent 2.0 (00)"), NULL), "%s", answer);
    ask_raw(&echo, "{\"hone\":\"hello\",\"major\":1,\"minor\":0,\"layout\":\"00\"}\n", answer,
            sizeof answer);
    cr_assert(ne(ptr, strstr(answer, "same version"), NULL), "%s", answer);
    ask_raw(&echo, "GET / HTTP/1.1\n", answer, sizeof answer);
    cr_assert(ne(ptr, strstr(answer, "neither a hello nor"), NULL), "%s", answer);
    cr_assert(echo_stop(&echo));
}

static double cpu_seconds(pid_t pid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/schedstat", (int)pid);
    FILE *file = fopen(path, "r");
    unsigned long long ran_ns = 0;
    cr_assert(eq(int, file ? fscanf(file, "%llu", &ran_ns) : 0, 1));
    fclose(file);
    return (double)ran_ns / 1e9;
}

Test(session_attach, rests_while_it_has_no_descriptor_for_a_caller, .timeout = 20) {
    struct echo echo = start((struct hone_session_options){.lanes_max = 64});
    struct hone *first = attach(&echo, NULL);
    struct rlimit usual;
    cr_assert(eq(int, prlimit(echo.pid, RLIMIT_NOFILE, NULL, &usual), 0));
    struct rlimit tight = {4, usual.rlim_max};
    cr_assert(eq(int, prlimit(echo.pid, RLIMIT_NOFILE, &tight, NULL), 0));
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", echo.socket);
    int caller = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert(eq(int, connect(caller, (const void *)&address, sizeof address), 0));
    double before = cpu_seconds(echo.pid);
    struct pollfd look = {.fd = caller, .events = POLLIN};
    cr_assert(eq(int, poll(&look, 1, 500), 0));
    cr_assert(lt(dbl, cpu_seconds(echo.pid) - before, 0.2));
    cr_assert(eq(int, prlimit(echo.pid, RLIMIT_NOFILE, &usual, NULL), 0));
    expect_service(&echo);
    close(caller);
    hone_close(first);
    cr_assert(echo_stop(&echo));
}

static int run_python(char *script, char *socket, char *part) {
    char *arguments[] = {"python3", script, socket, part, NULL};
    setenv("PYTHONPATH", "examples/python", 1);
    setenv("PYTHONDONTWRITEBYTECODE", "1", 1);
    pid_t child;
    int status = posix_spawnp(&child, "python3", NULL, NULL, arguments, environ);
    if (status)
        return status;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

Test(session_attach, serves_agents_in_python, .timeout = 60) {
    struct echo echo = start((struct hone_session_options){.named_segments = true});
    cr_assert(eq(int, run_python("tests/agents/attach.py", echo.socket, "talk"), 0));
    cr_assert(echo_stop(&echo));
}

Test(session_attach, an_agent_in_python_notices_a_killed_server, .timeout = 60) {
    struct echo echo = start((struct hone_session_options){.lanes_max = 4});
    cr_assert(eq(int, run_python("tests/agents/attach.py", echo.socket, "gone"), 0));
    waitpid(echo.pid, NULL, 0);
    cr_assert(not(echo_stop(&echo)));
}

/* As another user who is in the server's group: 0 if it may attach and step, and is refused memory
 * by name. */
static int visit_as_stranger(const struct echo *echo, gid_t group) {
    struct hone *hone;
    const struct hone_observation *seen;
    struct hone_attach_options named = {.map = HONE_MAP_NAMED};
    if (setgroups(0, NULL) || setgid(group) || setuid(65534))
        return 1;
    if (hone_attach(&hone, echo->socket, &named, NULL) != -EACCES)
        return 2;
    if (hone_attach(&hone, echo->socket, NULL, NULL))
        return 3;
    memcpy(hone_action_buffer(hone, 0, NULL), "hello", 5);
    return hone_step(hone, 0, &(struct hone_action){.source_bytes = 5}, &seen) ? 4 : 0;
}

static int status_of_stranger(const struct echo *echo, gid_t group) {
    int ended;
    pid_t child = fork();
    if (child == 0)
        _exit(visit_as_stranger(echo, group));
    waitpid(child, &ended, 0);
    return WIFEXITED(ended) ? WEXITSTATUS(ended) : 128;
}

Test(session_attach, lets_members_of_its_group_in_and_no_others, .timeout = 20) {
    const struct group *users = getgrnam("users");
    if (geteuid() != 0 || !users)
        cr_skip_test("needs root, and a group named users");
    struct echo echo =
        start((struct hone_session_options){.named_segments = true, .group = "users"});
    cr_assert(eq(int, status_of_stranger(&echo, users->gr_gid), 0));
    cr_assert(eq(int, status_of_stranger(&echo, 65533), 3));
    expect_service(&echo);
    cr_assert(echo_stop(&echo));
}
