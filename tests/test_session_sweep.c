#include "ipc/hone.h"
#include "tests/echo_server.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <dirent.h>
#include <sys/stat.h>

static int entries(const char *path, const char *start) {
    DIR *directory = opendir(path);
    int count = 0;
    const struct dirent *entry;
    while (directory && (entry = readdir(directory)))
        count += entry->d_name[0] != '.' && !strncmp(entry->d_name, start, strlen(start));
    if (directory)
        closedir(directory);
    return count;
}

static int try_to_serve(struct hone_session_options options, struct hone_error *error) {
    struct hone_loop *loop;
    struct hone_session *session = NULL;
    const struct hone_session_events events = {NULL, echo_attached, echo_request, echo_detached};
    cr_assert(eq(int, hone_loop_create(&loop), 0));
    int status = hone_session_create(loop, &options, &events, &session, error);
    hone_session_destroy(session);
    hone_loop_destroy(loop);
    return status;
}

Test(session_sweep, refuses_a_name_that_a_live_server_has, .timeout = 20) {
    struct echo echo;
    cr_assert(echo_start(&echo, (struct hone_session_options){.lanes_max = 4}));
    struct hone_error error = {.text = ""};
    struct hone_session_options options = {.name = "echo", .directory = echo.directory};
    cr_assert(eq(int, try_to_serve(options, &error), -EADDRINUSE));
    cr_assert(ne(ptr, strstr(error.text, "a live server has the name 'echo'"), NULL));
    struct hone *hone; /* and the live one is unharmed */
    cr_assert(eq(int, hone_attach(&hone, echo.socket, NULL, NULL), 0));
    hone_close(hone);
    cr_assert(echo_stop(&echo));
}

Test(session_sweep, removes_what_a_killed_server_left, .timeout = 20) {
    struct echo echo;
    cr_assert(
        echo_start(&echo, (struct hone_session_options){.name = "killed", .named_segments = true}));
    struct hone *hone;
    struct hone_attach_options named = {.map = HONE_MAP_NAMED};
    cr_assert(eq(int, hone_attach(&hone, echo.socket, &named, NULL), 0));
    cr_assert(eq(int, entries("/dev/shm", "hone.killed."), 3));
    cr_assert(eq(int, entries(echo.directory, "killed"), 2));
    cr_assert(eq(int, hone_session_sweep(echo.directory), 0)); /* it lives */
    cr_assert(eq(int, entries("/dev/shm", "hone.killed."), 3));
    kill(echo.pid, SIGKILL);
    waitpid(echo.pid, NULL, 0);
    cr_assert(eq(int, entries("/dev/shm", "hone.killed."), 3));
    cr_assert(ge(int, hone_session_sweep(echo.directory), 4));
    cr_assert(eq(int, entries("/dev/shm", "hone.killed."), 0));
    cr_assert(eq(int, entries(echo.directory, "killed"), 0));
    hone_close(hone);
    rmdir(echo.directory);
}

Test(session_sweep, a_new_server_takes_the_name_of_a_killed_one, .timeout = 20) {
    struct echo echo, next;
    cr_assert(echo_start(&echo, (struct hone_session_options){.lanes_max = 4}));
    kill(echo.pid, SIGKILL);
    waitpid(echo.pid, NULL, 0);
    cr_assert(echo_start_in(&next, (struct hone_session_options){.lanes_max = 4}, echo.directory));
    struct hone *hone;
    cr_assert(eq(int, hone_attach(&hone, next.socket, NULL, NULL), 0));
    hone_close(hone);
    cr_assert(echo_stop(&next));
}

Test(session_sweep, a_server_that_ends_leaves_nothing, .timeout = 20) {
    char directory[] = "/tmp/hone-test-XXXXXX";
    cr_assert(ne(ptr, mkdtemp(directory), NULL));
    struct hone_error error = {.text = ""};
    struct hone_session_options options = {.name = "ended", .directory = directory};
    cr_assert(eq(int, try_to_serve(options, &error), 0), "%s", error.text);
    cr_assert(eq(int, entries(directory, ""), 0));
    cr_assert(eq(int, rmdir(directory), 0));
}

Test(session_sweep, refuses_a_directory_that_is_a_link_or_open_to_others, .timeout = 20) {
    char directory[] = "/tmp/hone-test-XXXXXX", link[64];
    cr_assert(ne(ptr, mkdtemp(directory), NULL));
    snprintf(link, sizeof link, "%s-link", directory);
    cr_assert(eq(int, symlink(directory, link), 0));
    struct hone_error error = {.text = ""};
    struct hone_session_options options = {.name = "x", .directory = link};
    cr_assert(lt(int, try_to_serve(options, &error), 0));
    unlink(link);
    options.directory = directory;
    cr_assert(eq(int, chmod(directory, 0777), 0));
    cr_assert(eq(int, try_to_serve(options, &error), -EPERM));
    cr_assert(ne(ptr, strstr(error.text, "chmod 700"), NULL));
    rmdir(directory);
}

Test(session_sweep, refuses_names_with_dots_slashes_or_nothing, .timeout = 20) {
    static const char *const names[] = {"", "a.b", "../x", "a b",
                                        "a-name-that-is-longer-than-32-bytes"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct hone_error error = {.text = ""};
        struct hone_session_options options = {.name = names[i], .directory = "/tmp"};
        cr_assert(eq(int, try_to_serve(options, &error), -EINVAL));
        cr_assert(ne(ptr, strstr(error.text, "no session name"), NULL));
    }
}

Test(session_sweep, the_socket_is_the_owners_alone, .timeout = 20) {
    struct echo echo;
    struct stat facts;
    cr_assert(echo_start(&echo, (struct hone_session_options){.lanes_max = 4}));
    cr_assert(eq(int, stat(echo.socket, &facts), 0));
    cr_assert(eq(u32, facts.st_mode & 07777, 0600));
    cr_assert(echo_stop(&echo));
}
