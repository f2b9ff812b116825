#include "tests/cpu_fixture.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

/* Every source of tests/attacks_compile/ goes through the jail and the cpu backend, as root where
 * the tests are root's, and as nobody. Its first line says how it may end and what must be nowhere
 * in the diagnostics, the message and the image:
 *
 *   // expect: compile_failed|timed_out [must not contain: root:]
 *
 * Besides, no line of /etc/passwd and not the planted secret, whose path stands for @SECRET@. */
#define CORPUS "tests/attacks_compile"
#define SECRET "hone_canary_5e1f0c77 = 271828"
#define NOBODY 65534
#define CPU_LIMIT_S 1
#define CUDA_CPU_LIMIT_S 3 /* of each of its commands, which are more */
#define WALL_LIMIT_S 15
#define SOURCES_MAX 256

static char place[] = "/tmp/hone-test-attacks-XXXXXX";
static char secret[64];
static char first_user[256]; /* the first line of /etc/passwd */

static void set_up(void) {
    FILE *passwd = fopen("/etc/passwd", "re");
    cr_assert(ne(ptr, fgets(first_user, sizeof first_user, passwd), NULL));
    first_user[strcspn(first_user, "\n")] = '\0';
    fclose(passwd);
    cr_assert(mkdtemp(place) != NULL);
    cr_assert(eq(int, chmod(place, 0711), 0));
    snprintf(secret, sizeof secret, "%s/secret.h", place);
    FILE *file = fopen(secret, "we");
    fputs("int " SECRET ";\n", file);
    fclose(file);
    cr_assert(eq(int, chmod(secret, 0644), 0)); /* everybody may read it */
}

static void tear_down(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", place);
    cr_assert(eq(int, system(command), 0));
}

TestSuite(jail_attacks, .init = set_up, .fini = tear_down, .timeout = 230);

static const char *verdict_name(uint32_t verdict) {
    return verdict == HONE_UNDECIDED          ? "undecided"
           : verdict == HONE_COMPILE_FAILED   ? "compile_failed"
           : verdict == HONE_POLICY_VIOLATION ? "policy_violation"
           : verdict == HONE_TIMED_OUT        ? "timed_out"
                                              : "?";
}

/* The source with the secret's path in it, malloc()ed. */
static char *read_source(const char *name) {
    char path[300];
    snprintf(path, sizeof path, CORPUS "/%s", name);
    FILE *file = fopen(path, "re");
    char *text = NULL, *line = NULL;
    size_t size = 0, room = 0;
    FILE *out = open_memstream(&text, &size);
    for (ssize_t length; file && (length = getline(&line, &room, file)) > 0;) {
        for (char *at; (at = strstr(line, "@SECRET@")); memmove(line, at + 8, strlen(at + 8) + 1))
            fprintf(out, "%.*s%s", (int)(at - line), line, secret);
        fputs(line, out);
    }
    free(line);
    fclose(out);
    if (file)
        fclose(file);
    return text;
}

/* The words of the first line. */
struct expectation {
    char verdicts[128];
    char forbidden[128];
};

static bool read_expectation(const char *source, struct expectation *expected) {
    return sscanf(source, "// expect: %127s [must not contain: %127[^]]]", expected->verdicts,
                  expected->forbidden) == 2;
}

static bool is_expected(const char *verdicts, const char *name) {
    size_t length = strlen(name);
    for (const char *at = verdicts; (at = strstr(at, name)); at += length)
        if ((at == verdicts || at[-1] == '|') && (at[length] == '|' || !at[length]))
            return true;
    return false;
}

static bool holds(const void *bytes, uint64_t size, const char *text) {
    return bytes && memmem(bytes, size, text, strlen(text));
}

static const char *find_leak(const struct cpu_build *build, const char *forbidden) {
    const char *const texts[] = {forbidden, SECRET, first_user, "canary_5e1f0c77"};
    const struct hone_jail_result *jail = &build->jail;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (holds(jail->diagnostics, jail->output.diagnostics_bytes, texts[i]) ||
            holds(jail->bytes, jail->output.byte_count, texts[i]) ||
            strstr(build->result.message, texts[i]))
            return texts[i];
    return NULL;
}

static double now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Of the kernel k of sources in cuda: as algebra/axpby's plans have it. */
static const struct hone_plan_entry_argument k_takes[] = {
    {.kind = HONE_ARGUMENT_POINTER, .type_bits = 32},
    {.kind = HONE_ARGUMENT_POINTER, .type_bits = 32},
    {.kind = HONE_ARGUMENT_F32},
    {.kind = HONE_ARGUMENT_F32},
    {.kind = HONE_ARGUMENT_POINTER, .type_bits = 32, .writes = 1},
    {.kind = HONE_ARGUMENT_INT64},
};
static const struct hone_plan_entry k = {.name = "k",
                                         .kind = HONE_STEP_LAUNCH,
                                         .line = 3,
                                         .argument_count = sizeof k_takes / sizeof *k_takes,
                                         .arguments = k_takes};

static int run_source(const struct cpu_bench *bench, const char *source, bool is_cuda,
                      struct cpu_build *build) {
    struct hone_compile_request request = {
        .size = sizeof request,
        .language = is_cuda ? "cuda" : "c",
        .source = source,
        .source_bytes = strlen(source),
        .options = is_cuda ? "" : "O2",
        .prelude = is_cuda ? "" : CPU_PRELUDE,
        .epilogue = is_cuda ? "" : CPU_EPILOGUE,
        .entry_count = 1,
        .entries = is_cuda ? &k : NULL,
        .plan_entry_count = is_cuda,
    };
    struct hone_compile_job job = {.size = sizeof job};
    *build = (struct cpu_build){.result = {.size = sizeof build->result}};
    int failed = bench->ops->compile_begin(bench->self, &request, &job, &build->error);
    if (failed)
        return failed;
    job.cpu_limit_s = is_cuda ? CUDA_CPU_LIMIT_S : CPU_LIMIT_S;
    job.wall_limit_s = WALL_LIMIT_S;
    failed = hone_jail_run(&job, NULL, &build->jail, &build->error);
    if (failed)
        bench->ops->compile_drop(bench->self, &job);
    else
        failed = bench->ops->compile_end(bench->self, &job, &build->jail.output, &build->result);
    return failed;
}

static bool is_cuda(const char *name) {
    return strcmp(name + strlen(name) - 3, ".cu") == 0;
}

/* One attack; what was wrong goes to `report`. Landlock says that a file may not be read, so that
 * it is known to be there. What only a limit ends is left out: limits are the same everywhere. */
static void attack(const struct cpu_bench *bench, const char *name, bool landlocked, FILE *report) {
    char *source = read_source(name);
    struct expectation expected;
    struct cpu_build build;
    if (!source || !read_expectation(source, &expected)) {
        fprintf(report, "%s: no expectation in its first line\n", name);
        free(source);
        return;
    }
    if ((landlocked && strstr(expected.verdicts, "timed_out")) ||
        (is_cuda(name) && !bench->ops->supports(bench->self, 0, "cuda"))) {
        free(source);
        return;
    }
    double begun = now_s();
    int failed = run_source(bench, source, is_cuda(name), &build);
    double took = now_s() - begun;
    const char *verdict = verdict_name(build.result.verdict);
    if (failed)
        fprintf(report, "%s: %s\n", name, build.error.text);
    else if (!is_expected(expected.verdicts, verdict) &&
             !(landlocked && strstr(build.result.message, "Permission denied")))
        fprintf(report, "%s: %s: %.300s\n", name, verdict, build.result.message);
    const char *leak = failed ? NULL : find_leak(&build, expected.forbidden);
    if (leak)
        fprintf(report, "%s: `%s` came out: %.600s\n", name, leak, build.jail.diagnostics);
    if (took > WALL_LIMIT_S + 3)
        fprintf(report, "%s: took %.1f s\n", name, took);
    if (build.jail.output.diagnostics_bytes > HONE_JAIL_DIAGNOSTICS_BYTES + 512)
        fprintf(report, "%s: too many diagnostics\n", name);
    if (getenv("HONE_TEST_VERBOSE"))
        fprintf(stderr, "%-28s %-17s %5.2f s %s\n", name, verdict, took, build.result.message);
    hone_jail_finish(&build.jail);
    free(source);
}

static int is_source(const struct dirent *entry) {
    const char *suffix = strrchr(entry->d_name, '.');
    return suffix && (strcmp(suffix, ".c") == 0 || strcmp(suffix, ".cu") == 0);
}

static int count_entries(const char *path) {
    DIR *folder = opendir(path);
    int count = 0;
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        count += entry->d_name[0] != '.';
    if (folder)
        closedir(folder);
    return folder ? count : -1;
}

static int count_lines(const char *path) {
    FILE *file = fopen(path, "re");
    int count = 0;
    for (int c; file && (c = getc(file)) != EOF;)
        count += c == '\n';
    if (file)
        fclose(file);
    return count;
}

/* Two at a time, on the cores there are. */
struct corpus {
    const struct cpu_bench *bench;
    struct dirent **sources;
    int count, next;
    bool landlocked;
    pthread_mutex_t lock;
    FILE *report;
};

static void *attack_on(void *argument) {
    struct corpus *corpus = argument;
    for (;;) {
        char *text = NULL;
        size_t size;
        pthread_mutex_lock(&corpus->lock);
        int mine = corpus->next++;
        pthread_mutex_unlock(&corpus->lock);
        if (mine >= corpus->count)
            return NULL;
        FILE *report = open_memstream(&text, &size);
        attack(corpus->bench, corpus->sources[mine]->d_name, corpus->landlocked, report);
        fclose(report);
        pthread_mutex_lock(&corpus->lock);
        fputs(text, corpus->report);
        pthread_mutex_unlock(&corpus->lock);
        free(text);
    }
}

/* The whole corpus as whoever we are; what was wrong, one line each, goes to `report`. Uses nothing
 * of the test library: it runs in a child, too. */
static void attack_all(bool landlocked, FILE *report) {
    char temporary[128], cache[128];
    struct cpu_bench bench;
    struct hone_error error;
    struct dirent **sources;
    snprintf(temporary, sizeof temporary, "%s/tmp-%u", place, geteuid());
    snprintf(cache, sizeof cache, "%s/cache-%u", place, geteuid());
    setenv("TMPDIR", temporary, 1);
    setenv("XDG_CACHE_HOME", cache, 1);
    prctl(PR_SET_CHILD_SUBREAPER, 1); /* a survivor would become our child */
    if (!cpu_open(&bench, false, &error)) {
        fprintf(report, "%s\n", error.text);
        return;
    }
    int mounts = count_lines("/proc/self/mountinfo"), count;
    if (hone_jail_level(NULL, 0) > 'C')
        fputs("there are no walls\n", report);
    count = scandir(CORPUS, &sources, is_source, alphasort);
    if (count < 80 || count > SOURCES_MAX)
        fprintf(report, "%d sources in " CORPUS "\n", count);
    struct corpus corpus = {&bench, sources, count, 0, landlocked, PTHREAD_MUTEX_INITIALIZER,
                            report};
    pthread_t other;
    pthread_create(&other, NULL, attack_on, &corpus);
    attack_on(&corpus);
    pthread_join(other, NULL);
    for (int i = 0; i < count; i++)
        free(sources[i]);
    free(sources);
    if (waitpid(-1, NULL, WNOHANG) >= 0 || errno != ECHILD)
        fputs("a process is left\n", report);
    if (count_entries(temporary) != 0)
        fputs("a folder is left\n", report);
    if (count_lines("/proc/self/mountinfo") != mounts)
        fputs("a mount is left\n", report);
    cpu_close(&bench);
}

static void make_folders(uid_t user) {
    static const char *const names[] = {"tmp", "cache"};
    for (size_t i = 0; i < 2; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s-%u", place, names[i], user);
        cr_assert(eq(int, mkdir(path, 0700), 0));
        cr_assert(user == geteuid() || chown(path, user, user) == 0);
    }
}

/* In a child of that user, whose report comes through a file. */
static void expect_nothing_gets_out(uid_t user, bool landlocked) {
    make_folders(user);
    FILE *report = tmpfile();
    pid_t child = fork();
    if (child == 0) {
        bool became =
            user == geteuid() || (setgroups(0, NULL) == 0 && setresgid(user, user, user) == 0 &&
                                  setresuid(user, user, user) == 0);
        if (became)
            attack_all(landlocked, report);
        else
            fprintf(report, "cannot become user %u\n", user);
        fflush(report);
        _exit(0);
    }
    int status;
    cr_assert(eq(int, waitpid(child, &status, 0), child));
    cr_assert(eq(int, status, 0));
    rewind(report);
    char text[8192] = "";
    text[fread(text, 1, sizeof text - 1, report)] = '\0';
    fclose(report);
    cr_assert(eq(str, text, ""));
}

Test(jail_attacks, get_nothing_out_and_leave_nothing_behind) {
    expect_nothing_gets_out(geteuid(), false);
}

Test(jail_attacks, get_nothing_out_as_nobody_either) {
    if (geteuid() == 0)
        expect_nothing_gets_out(NOBODY, false);
}

Test(jail_attacks, get_nothing_out_without_namespaces) {
    setenv("HONE_JAIL_LEVEL", "C", 1);
    expect_nothing_gets_out(geteuid() ? geteuid() : NOBODY, true);
}
