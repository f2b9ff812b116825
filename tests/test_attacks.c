/* Every file of tests/attacks through a server, as root and as nobody: none passes, and each ends
 * as its first line says. `// expect: crashed|wrong some words` allows two verdicts and wants the
 * words in the message. */
#include "tests/orphan.h"
#include "tests/support.h"

#include "core/verdict.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <glob.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NOBODY 65534
#define ATTACKS_LEAST 100
#define TRIES 10
#define HONEST "tasks/algebra/axpby/naive.c"

TestSuite(attacks, .timeout = 240);

/* What follows runs in a process of its own, which reports line by line: Criterion's assertions
 * work in the test's process only. */
static _Noreturn void give_up(FILE *report, const char *what, const char *why) {
    fprintf(report, "!\t%s: %s\n", what, why);
    fflush(report);
    _exit(1);
}

static void become(uid_t uid, const char *root, FILE *report) {
    if (uid != geteuid() &&
        (setgroups(0, NULL) || setresgid(uid, uid, uid) || setresuid(uid, uid, uid)))
        give_up(report, "cannot become another user", strerror(errno));
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* again: another user's is cleared */
    setsid();
    setenv("HOME", root, 1);
    setenv("XDG_RUNTIME_DIR", root, 1);
    setenv("XDG_STATE_HOME", root, 1);
    setenv("XDG_CACHE_HOME", root, 1);
    if (access(hone_test_program(), X_OK)) {
        fprintf(report, "?\tthis user cannot reach %s\n", hone_test_program());
        fflush(report);
        _exit(0);
    }
}

static pid_t serve(const char *root, const char *name, struct hone **hone, FILE *report) {
    char directory[128];
    snprintf(directory, sizeof directory, "%s/hone", root);
    pid_t self = getpid(), server = fork();
    if (server == 0) {
        hone_test_die_with(self);
        /* The walls are what is tried here, not the rule or compiler that would keep attacks from
         * them. */
        execl(hone_test_program(), hone_test_program(), "serve", name, "--set", "server.trusted=no",
              "--set", "detectors.elf_policy=off", "--set", "compile.nvrtc=off", NULL);
        _exit(127);
    }
    const struct hone_attach_options options = {.slots = 1, .directory = directory};
    struct hone_client_error error = {""};
    for (int tries = 0; tries < 600; tries++) {
        if (hone_attach(hone, name, &options, &error) == 0)
            return server;
        if (waitpid(server, NULL, WNOHANG) != 0)
            give_up(report, "the server ended", error.text);
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    }
    give_up(report, "the server does not come up", error.text);
}

static size_t load(struct hone *hone, const char *path) {
    size_t capacity;
    char *buffer = hone_action_buffer(hone, 0, &capacity);
    FILE *file = fopen(path, "r");
    size_t bytes = file ? fread(buffer, 1, capacity, file) : 0;
    if (file)
        fclose(file);
    return bytes;
}

/* A stalled machine is no verdict on the attack: then once more. */
static void attack(struct hone *hone, const char *path, FILE *report) {
    const struct hone_observation *seen = NULL;
    for (int i = 0; i < TRIES && (!seen || seen->verdict == HONE_OUTCOME_INFRA_FAILED); i++) {
        if (hone_reset(hone, 0, "algebra/axpby", 1, &seen))
            give_up(report, path, hone_message(hone));
        const bool is_cuda = strcmp(strrchr(path, '.'), ".cu") == 0;
        struct hone_action action = {.language = is_cuda ? "cuda" : "c",
                                     .source_bytes = load(hone, path)};
        if (hone_step(hone, 0, &action, &seen))
            give_up(report, path, hone_message(hone));
    }
    char message[256];
    snprintf(message, sizeof message, "%s", hone_text(seen, HONE_MESSAGE));
    message[strcspn(message, "\n")] = '\0';
    fprintf(report, "%s\t%s\t%s\t%s\n", path, hone_verdict_name(seen->verdict), seen->confinement,
            message);
}

static _Noreturn void attack_all(uid_t uid, const char *root, const glob_t *files, FILE *report) {
    char name[32];
    struct hone *hone = NULL;
    become(uid, root, report);
    snprintf(name, sizeof name, "attacks-%d", (int)getpid());
    pid_t server = serve(root, name, &hone, report);
    attack(hone, HONEST, report);
    for (size_t i = 0; i < files->gl_pathc; i++) /* not both users the same at once */
        attack(hone, files->gl_pathv[uid ? files->gl_pathc - 1 - i : i], report);
    attack(hone, HONEST, report);
    hone_close(hone);
    kill(server, SIGTERM);
    waitpid(server, NULL, 0);
    fflush(report);
    _exit(0);
}

/* Whether a verdict is one of those in "crashed|wrong". */
static bool is_among(const char *verdict, const char *list) {
    size_t length = strlen(verdict);
    for (const char *at = list; at; at = strchr(at, '|'), at = at ? at + 1 : NULL)
        if (strncmp(at, verdict, length) == 0 && (at[length] == '|' || !at[length]))
            return true;
    return false;
}

static void judge(const char *path, const char *verdict, const char *confinement,
                  const char *message) {
    char line[256] = "", verdicts[96] = "", words[96] = "";
    if (strcmp(path, HONEST) == 0) {
        cr_expect(eq(str, (char *)verdict, "passed"), "%s", message);
        cr_expect(le(chr, *confinement, 'C'));
        return;
    }
    FILE *file = fopen(path, "r");
    cr_assert(ne(ptr, file, NULL), "%s", path);
    char *got = fgets(line, sizeof line, file);
    fclose(file);
    cr_assert(ne(ptr, got, NULL), "%s is empty", path);
    cr_assert(ge(int, sscanf(line, "// expect: %95s %95[^\n]", verdicts, words), 1),
              "%s does not say what to expect", path);
    bool expected = is_among(verdict, verdicts) && strcmp(verdict, "passed") != 0;
    cr_expect(expected, "%s ended %s, not %s: %s", path, verdict, verdicts, message);
    bool told = strstr(message, words) != NULL;
    cr_expect(told, "%s does not mention \"%s\": %s", path, words, message);
}

/* The number of files judged; negative when this user can run none. */
static int judge_report(FILE *report) {
    char line[512];
    int count = 0;
    while (fgets(line, sizeof line, report)) {
        char *rest = line, *path = strsep(&rest, "\t");
        cr_assert(ne(str, path, "!"), "%s", rest);
        if (strcmp(path, "?") == 0)
            return -1;
        char *verdict = strsep(&rest, "\t"), *confinement = strsep(&rest, "\t");
        cr_assert(ne(ptr, rest, NULL), "a report that is cut off: %s", path);
        judge(path, verdict, confinement, rest);
        count++;
    }
    return count;
}

/* Its processes are those of one Unix session, whose leader the attacking process was. */
static void expect_nothing_left(pid_t session) {
    const struct hone_test_server server = {.pid = session};
    int left = 1;
    for (int tries = 0; tries < 200 && left; tries++) {
        left = hone_test_processes(&server, NULL, NULL, 0);
        if (left)
            nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    cr_expect(eq(int, left, 0), "processes that outlived their server");
}

static void run_as(uid_t uid) {
    struct hone_test_server folders;
    glob_t files;
    int ends[2];
    cr_assert(eq(int, glob("tests/attacks/*/*.c", 0, NULL, &files), 0));
    if (hone_test_emulates())
        cr_assert(eq(int, glob("tests/attacks/*/*.cu", GLOB_APPEND, NULL, &files), 0));
    cr_assert(ge(sz, files.gl_pathc, ATTACKS_LEAST));
    hone_test_folders(&folders);
    cr_assert(eq(int, chown(folders.root, uid, uid), 0));
    cr_assert(eq(int, pipe(ends), 0));
    pid_t self = getpid(), attacker = fork();
    if (attacker == 0) {
        hone_test_die_with(self);
        close(ends[0]);
        attack_all(uid, folders.root, &files, fdopen(ends[1], "w"));
    }
    close(ends[1]);
    FILE *report = fdopen(ends[0], "r");
    int judged = judge_report(report), status;
    fclose(report);
    waitpid(attacker, &status, 0);
    expect_nothing_left(attacker);
    hone_test_clean(&folders);
    if (judged < 0)
        cr_skip_test("uid %d cannot reach this build", (int)uid);
    cr_expect(eq(int, judged, (int)files.gl_pathc + 2));
    globfree(&files);
}

Test(attacks, fail_as_root) {
    if (geteuid())
        cr_skip_test("not root");
    run_as(0);
}

Test(attacks, fail_as_an_unprivileged_user) {
    run_as(geteuid() ? geteuid() : NOBODY);
}
