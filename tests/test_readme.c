/* The commands a reader finds in README.md, run as they stand there, in a home folder of their own.
 */
#include "tests/orphan.h"
#include "tests/support.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct hone_test_server folders;

static void make(void) {
    hone_test_folders(&folders);
}

static void clean(void) {
    hone_test_clean(&folders);
}

TestSuite(readme, .init = make, .fini = clean, .timeout = 200);

/* Write a line for the shell: the build under test instead of build/release, and after a command in
 * the background a wait until its server can be attached to. */
static void put_line(FILE *script, const char *line) {
    const char *build = getenv("HONE_BUILD") ? getenv("HONE_BUILD") : "build/release";
    for (const char *at; (at = strstr(line, "build/release")); line = at + strlen("build/release"))
        fprintf(script, "%.*s%s", (int)(at - line), line, build);
    fputs(line, script);
    size_t length = strlen(line);
    if (length > 2 && line[length - 2] == '&')
        fprintf(
            script,
            "server=$!\n"
            "trap 'kill $server; wait $server' EXIT\n"
            "for i in $(seq 300); do [ -S $XDG_RUNTIME_DIR/hone/gym.sock ] && break; sleep 0.1; "
            "done\n");
}

/* timeout passes the signal on to all that it runs, a server in the background too. */
static int run_script(const char *script) {
    char command[1024];
    snprintf(command, sizeof command,
             "export HOME='%s' XDG_RUNTIME_DIR='%s' XDG_STATE_HOME='%s'; "
             "exec timeout 180 sh '%s' >'%s/out' 2>&1 </dev/null",
             folders.root, folders.root, folders.root, script, folders.root);
    pid_t self = getpid(), child = fork();
    if (child == 0) {
        hone_test_die_by(SIGTERM, self);
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    int status = -1;
    waitpid(child, &status, 0);
    return status;
}

/* The indented lines below a heading, as a shell script that stops at the first failure; its exit
 * status. */
static int run_commands(const char *heading, int *lines) {
    char path[128], command[1024], line[1024];
    snprintf(path, sizeof path, "%s/script.sh", folders.root);
    FILE *readme = fopen("README.md", "r"), *script = fopen(path, "w");
    bool open = readme && script;
    cr_assert(open);
    fprintf(script, "set -e\n");
    bool inside = false, fenced = false;
    *lines = 0;
    while (fgets(line, sizeof line, readme)) {
        if (!strncmp(line, "## ", 3))
            inside = !strncmp(line + 3, heading, strlen(heading));
        fenced ^= !strncmp(line, "```", 3);
        if (inside && !fenced && !strncmp(line, "    ", 4) && line[4] != ' ') {
            put_line(script, line + 4);
            ++*lines;
        } else if (inside && !fenced && !strncmp(line, "        ", 8)) {
            put_line(script, line); /* the rest of a command that was too long for one line */
        }
    }
    fclose(readme);
    fclose(script);
    int status = run_script(path);
    if (status) {
        snprintf(command, sizeof command, "tail -20 '%s/out' >&2", folders.root);
        if (system(command))
            fputs("(no output)\n", stderr);
    }
    return status;
}

Test(readme, judges_a_kernel_as_it_says) {
    int lines;
    cr_assert(eq(int, run_commands("A kernel judged", &lines), 0));
    cr_assert(ge(int, lines, 3));
}

Test(readme, judges_a_kernel_in_several_steps_as_it_says) {
    int lines;
    cr_assert(eq(int, run_commands("A kernel in several steps", &lines), 0));
    cr_assert(ge(int, lines, 2));
}

Test(readme, judges_a_kernel_in_cuda_as_it_says) {
    int lines;
    cr_assert(eq(int, run_commands("A kernel in CUDA", &lines), 0));
    cr_assert(ge(int, lines, 1));
}

Test(readme, attaches_agents_as_it_says) {
    int lines;
    cr_assert(eq(int, run_commands("An agent attached", &lines), 0));
    cr_assert(ge(int, lines, 6));
}

Test(readme, writes_a_reward_and_a_detector_as_it_says) {
    int lines;
    cr_assert(eq(int, run_commands("A reward written", &lines), 0));
    cr_assert(ge(int, lines, 9));
}

Test(readme, writes_a_task_as_it_says) {
    int lines;
    cr_assert(eq(int, run_commands("A task written", &lines), 0));
    cr_assert(ge(int, lines, 4));
}
