#include "core/jail.h"
#include "core/jail_folder.h"
#include "tests/orphan.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Compilers here are shell scripts; folders go to a place of each test's own. */
static char place[] = "/tmp/hone-test-jail-XXXXXX";

static void set_up(void) {
    cr_assert(mkdtemp(place) != NULL);
    setenv("TMPDIR", place, 1);
}

static int count_entries(const char *path) {
    DIR *folder = opendir(path);
    int count = 0;
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        count += entry->d_name[0] != '.';
    if (folder)
        closedir(folder);
    return count;
}

static void tear_down(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", place);
    cr_assert(eq(int, system(command), 0));
}

TestSuite(jail, .init = set_up, .fini = tear_down, .timeout = 60);

static const struct hone_job_file files[] = {{"in.txt", "what went in", 12}};

/* What a shell needs; links as they are on this machine. */
static const char *const shell[] = {"/bin", "/usr/bin", "/lib", "/lib64", "/usr/lib", NULL};

static int run_script(const char *script, const atomic_int *cancel, struct hone_compile_job *job,
                      struct hone_jail_result *result, struct hone_error *error) {
    const char *arguments[] = {"/bin/sh", "-c", script, NULL};
    struct hone_compile_job mine = {
        .size = sizeof mine,
        .file_count = 1,
        .files = files,
        .arguments = arguments,
        .output = "out",
        .output_limit_bytes = job && job->output_limit_bytes ? job->output_limit_bytes : 1 << 20,
        .memory_limit_bytes = job && job->memory_limit_bytes ? job->memory_limit_bytes : 1u << 30,
        .cpu_limit_s = job && job->cpu_limit_s ? job->cpu_limit_s : 10,
        .wall_limit_s = job && job->wall_limit_s ? job->wall_limit_s : 20,
        .paths = shell,
        .process_limit = 16,
    };
    return hone_jail_run(&mine, cancel, result, error);
}

/* A job that must run; its folder must be gone. */
static struct hone_jail_result run_well(const char *script, struct hone_compile_job *job) {
    struct hone_jail_result result;
    struct hone_error error;
    cr_assert(eq(int, run_script(script, NULL, job, &result, &error), 0), "%s", error.text);
    cr_assert(eq(int, count_entries(place), 0));
    return result;
}

static uint64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Whether a process runs whose command line holds the word. */
static bool is_running(const char *word) {
    DIR *folder = opendir("/proc");
    bool found = false;
    for (struct dirent *entry; !found && (entry = readdir(folder));) {
        char path[300], line[512] = "";
        snprintf(path, sizeof path, "/proc/%s/cmdline", entry->d_name);
        FILE *file = entry->d_name[0] >= '1' && entry->d_name[0] <= '9' ? fopen(path, "re") : NULL;
        size_t length = file ? fread(line, 1, sizeof line - 1, file) : 0;
        if (file)
            fclose(file);
        found = atoi(entry->d_name) != getpid() && memmem(line, length, word, strlen(word));
    }
    closedir(folder);
    return found;
}

/* Wait for the end of everything that has the word in its command line. */
static bool is_gone_within(const char *word, uint64_t limit_ms) {
    for (uint64_t end = now_ms() + limit_ms; is_running(word);)
        if (now_ms() > end || poll(NULL, 0, 5) < 0)
            return false;
    return true;
}

Test(jail, brings_back_the_output_and_what_was_said) {
    struct hone_jail_result result = run_well("cat in.txt > out; echo said; echo loudly >&2", NULL);
    cr_assert(eq(u64, result.output.byte_count, 12));
    cr_assert(eq(int, memcmp(result.bytes, "what went in", 12), 0));
    cr_assert(eq(str, result.diagnostics, "said\nloudly\n"));
    cr_assert(eq(int, WEXITSTATUS(result.output.status), 0));
    cr_assert(lt(u64, 0, result.wall_ns));
    hone_jail_finish(&result);
}

Test(jail, gives_a_failure_its_status_and_no_bytes) {
    struct hone_jail_result result = run_well("echo no; exit 3", NULL);
    cr_assert(eq(int, WEXITSTATUS(result.output.status), 3));
    cr_assert(zero(ptr, result.bytes));
    hone_jail_finish(&result);
    result = run_well("ulimit -f 0; exec cat in.txt > out", NULL);
    cr_assert(eq(int, WTERMSIG(result.output.status), SIGXFSZ));
    hone_jail_finish(&result);
}

Test(jail, hands_down_no_environment_and_no_descriptors) {
    setenv("HONE_SECRET", "canary", 1);
    int leak = dup(1); /* without O_CLOEXEC */
    struct hone_jail_result result = run_well(
        "env; for i in 0 1 2 3 4 5 6 7 8 9; do (: <&$i) 2>/dev/null && printf '%s ' $i; done; cat",
        NULL);
    cr_assert(zero(ptr, strstr(result.diagnostics, "canary")));
    cr_assert(strstr(result.diagnostics, "LC_ALL=C") != NULL);
    cr_assert(strstr(result.diagnostics, "\n0 1 2 ") != NULL, "%s", result.diagnostics);
    cr_assert(zero(ptr, strstr(result.diagnostics, "0 1 2 3")), "%s", result.diagnostics);
    close(leak);
    hone_jail_finish(&result);
}

Test(jail, keeps_the_start_of_a_flood_and_says_what_it_dropped) {
    struct hone_jail_result result =
        run_well("yes | tr -d '\\n' | head -c 1000000; printf 'a\\0b'", NULL);
    cr_assert(ge(u64, result.output.diagnostics_bytes, HONE_JAIL_DIAGNOSTICS_BYTES));
    cr_assert(lt(u64, result.output.diagnostics_bytes, HONE_JAIL_DIAGNOSTICS_BYTES + 512));
    cr_assert(strstr(result.diagnostics, "[934467 more bytes") != NULL, "%s",
              result.diagnostics + HONE_JAIL_DIAGNOSTICS_BYTES);
    cr_assert(eq(u64, strlen(result.diagnostics), result.output.diagnostics_bytes));
    hone_jail_finish(&result);
}

Test(jail, ends_a_job_at_its_wall_limit) {
    struct hone_compile_job job = {.wall_limit_s = 1};
    uint64_t begun = now_ms();
    struct hone_jail_result result = run_well("echo begun; : > out; sleep 47.11", &job);
    cr_assert(eq(u32, result.output.timed_out, 1));
    cr_assert(zero(ptr, result.bytes));
    cr_assert(eq(str, result.diagnostics, "begun\n"));
    cr_assert(lt(u64, now_ms() - begun, 2000));
    cr_assert(not(is_running("47.11")));
    hone_jail_finish(&result);
}

Test(jail, ends_a_job_at_its_processor_limit) {
    struct hone_compile_job job = {.cpu_limit_s = 1};
    struct hone_jail_result result = run_well("while :; do :; done", &job);
    cr_assert(eq(u32, result.output.timed_out, 0));
    cr_assert(eq(int, WTERMSIG(result.output.status), SIGXCPU));
    hone_jail_finish(&result);
}

Test(jail, bounds_memory_and_file_size) {
    struct hone_compile_job job = {.memory_limit_bytes = 64u << 20, .output_limit_bytes = 4096};
    struct hone_jail_result result = run_well("ulimit -v; ulimit -c; ulimit -n", &job);
    cr_assert(eq(str, result.diagnostics, "65536\n0\n64\n"));
    hone_jail_finish(&result);
    result = run_well("yes | head -c 100000 > out", &job);
    cr_assert(ne(int, result.output.status, 0));
    cr_assert(le(u64, result.output.byte_count, 4096));
    hone_jail_finish(&result);
}

Test(jail, lets_nobody_make_links_pipes_and_folders) {
    static const char *const scripts[] = {"ln -s /etc/passwd out", "ln in.txt out", "mkfifo out",
                                          "mkdir out", "mknod out c 1 3"};
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        struct hone_jail_result result = run_well(scripts[i], NULL);
        cr_assert(ne(int, result.output.status, 0), "%s", scripts[i]);
        cr_assert(zero(ptr, result.bytes), "%s", scripts[i]);
        hone_jail_finish(&result);
    }
}

/* A folder as a compiler that has been taken over could leave it behind. */
static void spoil(const struct hone_jail_folder *folder, const char *command) {
    char line[512];
    snprintf(line, sizeof line, "cd %s/work && %s", folder->path, command);
    cr_assert(eq(int, system(line), 0));
}

static uint64_t take(const struct hone_jail_folder *folder, int expected) {
    void *bytes = NULL;
    uint64_t count = 0;
    cr_assert(eq(int, hone_jail_folder_take(folder, "out", 4096, &bytes, &count), expected));
    free(bytes);
    return bytes ? count : UINT64_MAX;
}

Test(jail, reads_no_link_no_pipe_no_folder_and_no_file_of_two_names) {
    static const char *const commands[] = {"ln -s /etc/passwd out",
                                           "mkfifo out",
                                           "mkdir out",
                                           "mkdir -p a/b/c; ln -s / a/root",
                                           "echo x > in; ln in out",
                                           "mknod out c 1 3 || true"};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        struct hone_jail_folder folder;
        cr_assert(eq(int, hone_jail_folder_make(&folder, geteuid(), NULL), 0));
        spoil(&folder, commands[i]);
        cr_assert(eq(u64, take(&folder, 0), UINT64_MAX), "%s", commands[i]);
        hone_jail_folder_remove(&folder);
        cr_assert(eq(int, count_entries(place), 0), "%s", commands[i]);
    }
}

Test(jail, reads_a_file_of_the_job_s_user_only_and_within_its_limit) {
    struct hone_jail_folder folder;
    cr_assert(eq(int, hone_jail_folder_make(&folder, geteuid(), NULL), 0));
    spoil(&folder, "echo right > out");
    cr_assert(eq(u64, take(&folder, 0), 6));
    folder.user++;
    cr_assert(eq(u64, take(&folder, 0), UINT64_MAX));
    folder.user--;
    spoil(&folder, "yes | head -c 5000 > out");
    cr_assert(eq(u64, take(&folder, -EFBIG), UINT64_MAX));
    hone_jail_folder_remove(&folder);
}

Test(jail, removes_folders_that_are_closed_to_their_owner) {
    struct hone_jail_folder folder;
    cr_assert(eq(int, hone_jail_folder_make(&folder, geteuid(), NULL), 0));
    spoil(&folder, "mkdir -p a/b; touch a/b/c; chmod 0 a/b a .");
    hone_jail_folder_remove(&folder);
    cr_assert(eq(int, count_entries(place), 0));
}

Test(jail, leaves_no_straggler_in_another_session) {
    struct hone_jail_result result =
        run_well("setsid sleep 48.22 & (setsid sh -c 'setsid sleep 48.22 & exit') & exit 0", NULL);
    cr_assert(eq(int, WEXITSTATUS(result.output.status), 0));
    cr_assert(not(is_running("48.22")));
    hone_jail_finish(&result);
}

struct canceller {
    atomic_int cancel;
    uint64_t at_ms;
};

static void *cancel_when_running(void *argument) {
    struct canceller *canceller = argument;
    for (int i = 0; i < 1000 && !is_running("49.33"); i++)
        poll(NULL, 0, 5);
    canceller->at_ms = now_ms();
    atomic_store(&canceller->cancel, 1);
    return NULL;
}

static uint64_t measure_cancel_ms(void) {
    struct canceller canceller = {0};
    struct hone_jail_result result;
    struct hone_error error;
    pthread_t thread;
    cr_assert(eq(int, pthread_create(&thread, NULL, cancel_when_running, &canceller), 0));
    cr_assert(
        eq(int, run_script("sleep 49.33", &canceller.cancel, NULL, &result, &error), -ECANCELED));
    uint64_t ended = now_ms();
    pthread_join(thread, NULL);
    cr_assert(not(is_running("49.33")));
    cr_assert(eq(int, count_entries(place), 0));
    return ended - canceller.at_ms;
}

/* The best of a few: the machine may be busy, the jail may not. */
Test(jail, honours_a_cancel_at_once) {
    uint64_t best = UINT64_MAX;
    for (int i = 0; i < 4 && best > 50; i++) {
        uint64_t took = measure_cancel_ms();
        best = took < best ? took : best;
    }
    cr_assert(le(u64, best, 50));
}

Test(jail, dies_with_its_supervisor_and_the_folder_is_swept) {
    pid_t self = getpid(), supervisor = fork();
    if (supervisor == 0) {
        hone_test_die_with(self);
        struct hone_jail_result result;
        struct hone_error error;
        _exit(run_script("sleep 50.44 & setsid sleep 50.44", NULL, NULL, &result, &error) ? 1 : 0);
    }
    for (int i = 0; i < 1000 && !is_running("50.44"); i++)
        poll(NULL, 0, 5);
    cr_assert(is_running("50.44"));
    cr_assert(eq(int, hone_jail_sweep(), 0)); /* it lives: hands off */
    cr_assert(eq(int, count_entries(place), 1));
    kill(supervisor, SIGKILL);
    waitpid(supervisor, NULL, 0);
    cr_assert(is_gone_within("50.44", 1000));
    cr_assert(eq(int, hone_jail_sweep(), 1));
    cr_assert(eq(int, count_entries(place), 0));
}

static void *kill_the_jail(void *argument) {
    for (int i = 0; i < 1000 && !is_running("51.55"); i++)
        poll(NULL, 0, 5);
    char path[64];
    pid_t pid = 0;
    snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
    FILE *file = fopen(path, "re");
    bool found = file && fscanf(file, "%d", &pid) == 1;
    if (file)
        fclose(file);
    if (found)
        kill(pid, SIGKILL);
    *(bool *)argument = found;
    return NULL;
}

static void expect_fault_when_killed(const char *script) {
    struct hone_jail_result result;
    struct hone_error error;
    pthread_t thread;
    bool killed = false;
    cr_assert(eq(int, pthread_create(&thread, NULL, kill_the_jail, &killed), 0));
    int failed = run_script(script, NULL, NULL, &result, &error);
    pthread_join(thread, NULL);
    cr_assert(killed);
    cr_assert(eq(int, failed, -ECHILD), "%s", error.text);
    cr_assert(is_gone_within("51.55", 1000));
    cr_assert(eq(int, count_entries(place), 0));
}

Test(jail, that_is_killed_is_a_fault_of_ours_and_leaves_nothing) {
    if (hone_jail_level(NULL, 0) == 'A')
        expect_fault_when_killed("setsid sleep 51.55 & sleep 51.55");
    else /* without namespaces only what it started itself goes with it */
        expect_fault_when_killed("exec sleep 51.55");
}

Test(jail, sweeps_only_what_is_dead_and_its_own) {
    char path[128];
    snprintf(path, sizeof path, "%s/hone-jail-young", place);
    cr_assert(eq(int, mkdir(path, 0700), 0));
    snprintf(path, sizeof path, "%s/unrelated", place);
    cr_assert(eq(int, mkdir(path, 0700), 0));
    snprintf(path, sizeof path, "%s/hone-jail-link", place);
    cr_assert(eq(int, symlink("/etc", path), 0));
    cr_assert(eq(int, hone_jail_sweep(), 0));
    cr_assert(eq(int, count_entries(place), 3));
}

Test(jail, says_what_it_could_not_start) {
    const char *arguments[] = {"/nowhere/gcc", NULL};
    struct hone_compile_job job = {.size = sizeof job,
                                   .arguments = arguments,
                                   .output = "out",
                                   .output_limit_bytes = 4096,
                                   .memory_limit_bytes = 1u << 30,
                                   .cpu_limit_s = 1,
                                   .wall_limit_s = 5};
    struct hone_jail_result result;
    struct hone_error error;
    cr_assert(eq(int, hone_jail_run(&job, NULL, &result, &error), -ENOENT));
    cr_assert(strstr(error.text, "/nowhere/gcc") != NULL, "%s", error.text);
    setenv("HONE_JAIL_PROGRAM", "/nowhere/hone", 1);
    cr_assert(eq(int, hone_jail_run(&job, NULL, &result, &error), -ENOENT));
    cr_assert(strstr(error.text, "/nowhere/hone") != NULL, "%s", error.text);
    setenv("TMPDIR", "/nowhere", 1);
    cr_assert(eq(int, hone_jail_run(&job, NULL, &result, &error), -ENOENT));
    cr_assert(strstr(error.text, "/nowhere/hone-jail-") != NULL, "%s", error.text);
    cr_assert(eq(int, count_entries(place), 0));
}

Test(jail, refuses_file_names_that_lead_elsewhere) {
    static const char *const names[] = {"../x", "/x", ".lock", ""};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct hone_job_file bad = {names[i], "x", 1};
        const char *arguments[] = {"/bin/true", NULL};
        struct hone_compile_job job = {.size = sizeof job,
                                       .file_count = 1,
                                       .files = &bad,
                                       .arguments = arguments,
                                       .output = "out",
                                       .wall_limit_s = 1};
        struct hone_jail_result result;
        struct hone_error error;
        cr_assert(eq(int, hone_jail_run(&job, NULL, &result, &error), -EINVAL));
    }
    cr_assert(eq(int, count_entries(place), 0));
}

Test(jail, leaks_no_descriptor_and_no_child_over_many_jobs) {
    struct hone_jail_result result = run_well("exit 0", NULL);
    hone_jail_finish(&result);
    int descriptors = count_entries("/proc/self/fd");
    for (int i = 0; i < 20; i++) {
        result = run_well(": > out", NULL);
        hone_jail_finish(&result);
    }
    cr_assert(eq(int, count_entries("/proc/self/fd"), descriptors));
    cr_assert(eq(int, waitpid(-1, NULL, WNOHANG), -1));
}
