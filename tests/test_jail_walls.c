#include "tests/cpu_fixture.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* tests/jail_probe.c runs where the compiler would, and lists what it sees. */
static char place[] = "/tmp/hone-test-walls-XXXXXX";
static char probe[64];

static void build_probe(void) {
    int status;
    pid_t pid;
    char *const arguments[] = {"gcc", "-O1", "-static", "-o", probe, "tests/jail_probe.c", NULL};
    snprintf(probe, sizeof probe, "%s/probe", place);
    cr_assert(eq(int, posix_spawnp(&pid, "gcc", NULL, NULL, arguments, environ), 0));
    cr_assert(eq(int, waitpid(pid, &status, 0), pid));
    cr_assert(eq(int, status, 0));
}

static void set_up(void) {
    cr_assert(mkdtemp(place) != NULL);
    cr_assert(eq(int, chmod(place, 0711), 0));
    setenv("TMPDIR", place, 1);
    build_probe();
}

static void tear_down(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", place);
    cr_assert(eq(int, system(command), 0));
}

TestSuite(jail_walls, .init = set_up, .fini = tear_down, .timeout = 60);

/* Sorted lines. */
struct lines {
    char **items;
    size_t count;
};

static void add_line(struct lines *lines, const char *format, ...) {
    va_list arguments;
    lines->items = realloc(lines->items, (lines->count + 1) * sizeof *lines->items);
    va_start(arguments, format);
    cr_assert(lt(int, 0, vasprintf(&lines->items[lines->count++], format, arguments)));
    va_end(arguments);
}

static int compare(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort(struct lines *lines) {
    size_t kept = 0;
    qsort(lines->items, lines->count, sizeof *lines->items, compare);
    for (size_t i = 0; i < lines->count; i++)
        if (!kept || strcmp(lines->items[kept - 1], lines->items[i]) != 0)
            lines->items[kept++] = lines->items[i];
        else
            free(lines->items[i]);
    lines->count = kept;
}

static void free_lines(struct lines *lines) {
    for (size_t i = 0; i < lines->count; i++)
        free(lines->items[i]);
    free(lines->items);
    *lines = (struct lines){0};
}

/* The lines of a text that begin with one of the letters and a space. */
static struct lines pick(const char *text, const char *letters) {
    struct lines lines = {0};
    while (*text) {
        int length = (int)strcspn(text, "\n");
        if (strchr(letters, text[0]) && text[1] == ' ')
            add_line(&lines, "%.*s", length, text);
        text += length + (text[length] == '\n');
    }
    sort(&lines);
    return lines;
}

static char kind_of(mode_t mode) {
    return S_ISDIR(mode) ? 'd' : S_ISREG(mode) ? 'f' : S_ISLNK(mode) ? 'l' : 'o';
}

/* What there is below a folder of ours, as the probe would say it. */
static void expect_below(struct lines *lines, const char *path) {
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        char below[PATH_MAX];
        struct stat status;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
        if (lstat(below, &status))
            continue;
        add_line(lines, "%c %s", kind_of(status.st_mode), below);
        if (S_ISDIR(status.st_mode))
            expect_below(lines, below);
    }
    if (folder)
        closedir(folder);
}

static void expect_path(struct lines *lines, const char *path) {
    char above[PATH_MAX];
    struct stat status;
    if (stat(path, &status))
        return;
    snprintf(above, sizeof above, "%s", path);
    for (char *slash = strchr(above + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        add_line(lines, "d %s", above);
        *slash = '/';
    }
    add_line(lines, "%c %s", kind_of(status.st_mode), path);
    if (S_ISDIR(status.st_mode))
        expect_below(lines, path);
}

/* Run the probe with these arguments where `paths` are shown; its whole text, freed by the caller.
 */
static char *run_probe(const char *const *paths, const char *const *more) {
    const char *shown[256] = {probe}, *arguments[64] = {probe};
    const struct hone_job_file files[] = {{"in.txt", "what went in", 12}};
    for (size_t i = 0; paths && paths[i]; i++)
        shown[i + 1] = paths[i];
    for (size_t i = 0; more && more[i]; i++)
        arguments[i + 1] = more[i];
    struct hone_compile_job job = {
        .size = sizeof job,
        .file_count = 1,
        .files = files,
        .arguments = arguments,
        .output = "out", /* more than diagnostics hold */
        .output_limit_bytes = 16u << 20,
        .memory_limit_bytes = 1u << 30,
        .cpu_limit_s = 10,
        .wall_limit_s = 30,
        .paths = shown,
    };
    struct hone_jail_result result;
    struct hone_error error;
    cr_assert(eq(int, hone_jail_run(&job, NULL, &result, &error), 0), "%s", error.text);
    cr_assert(eq(int, result.output.status, 0), "%s", result.diagnostics);
    cr_assert(zero(ptr, strstr(result.diagnostics, "dropped")));
    cr_assert(ne(ptr, result.bytes, NULL));
    char *text = strndup(result.bytes, result.output.byte_count);
    hone_jail_finish(&result);
    return text;
}

static const char *line_with(const char *text, const char *begin) {
    static char line[512];
    const char *at = text;
    while (at && strncmp(at, begin, strlen(begin)) != 0) {
        at = strchr(at, '\n');
        at = at ? at + 1 : NULL;
    }
    snprintf(line, sizeof line, "%.*s", at ? (int)strcspn(at, "\n") : 0, at ? at : "");
    return line;
}

static void expect_same(const struct lines *seen, const struct lines *expected) {
    for (size_t i = 0; i < seen->count || i < expected->count; i++) {
        const char *got = i < seen->count ? seen->items[i] : "nothing";
        const char *wanted = i < expected->count ? expected->items[i] : "nothing";
        cr_assert(eq(int, strcmp(got, wanted), 0), "saw `%s`, expected `%s`", got, wanted);
    }
}

Test(jail_walls, show_a_compiler_its_files_and_nothing_else) {
    cr_assert(eq(chr, hone_jail_level(NULL, 0), 'A'));
    struct cpu_bench bench;
    struct hone_error error;
    cr_assert(cpu_open(&bench, false, &error), "%s", error.text);
    struct hone_compile_request request = {.size = sizeof request,
                                           .language = "c",
                                           .source = "",
                                           .options = "",
                                           .prelude = "",
                                           .epilogue = "",
                                           .entry_count = 1};
    struct hone_compile_job job = {.size = sizeof job};
    cr_assert(eq(int, bench.ops->compile_begin(bench.self, &request, &job, &error), 0));
    struct lines expected = {0};
    for (size_t i = 0; job.paths[i]; i++)
        expect_path(&expected, job.paths[i]);
    expect_path(&expected, probe);
    static const char *const own[] = {"d /dev", "d /hone.job", "f /hone.job/in.txt",
                                      "f /hone.job/out", "o /dev/null"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        add_line(&expected, "%s", own[i]);
    sort(&expected);
    char *text = run_probe(job.paths, NULL);
    struct lines seen = pick(text, "dflo");
    cr_assert(lt(sz, 100, seen.count));
    expect_same(&seen, &expected);
    struct lines writable = pick(text, "w");
    cr_assert(eq(sz, writable.count, 2)); /* by its path, and as the working directory */
    cr_assert(eq(str, writable.items[0], "w ."));
    cr_assert(eq(str, writable.items[1], "w /hone.job"));
    cr_assert(eq(str, (char *)line_with(text, "closed"), ""));
    bench.ops->compile_drop(bench.self, &job);
    cpu_close(&bench);
    free_lines(&seen);
    free_lines(&writable);
    free_lines(&expected);
    free(text);
}

/* None of the usual places, by any name. */
static void expect_closed(int error_number) {
    const char *const secrets[] = {
        "/etc/passwd", "/proc/self/maps",  "/dev/zero", "/root", "/home", "/etc", "/proc/1", place,
        "/sys",        "/hone.job/../etc", NULL};
    char *text = run_probe(NULL, secrets);
    for (size_t i = 0; secrets[i]; i++) {
        char line[300];
        struct stat status;
        if (stat(secrets[i], &status) && i < 7)
            continue;
        snprintf(line, sizeof line, "open %s ", secrets[i]);
        const char *seen = line_with(text, line);
        int number = atoi(seen + strlen(line));
        bool own = strcmp(secrets[i], place) == 0 && error_number == ENOENT;
        cr_assert(own ? number == 0 : number == error_number || number == ENOENT, "%s", seen);
    }
    free(text);
}

Test(jail_walls, have_no_door_to_the_usual_places) {
    expect_closed(ENOENT);
}

Test(jail_walls, have_no_door_without_namespaces_either) {
    setenv("HONE_JAIL_LEVEL", "C", 1);
    cr_assert(eq(chr, hone_jail_level(NULL, 0), 'C'));
    expect_closed(EACCES);
    char *text = run_probe(NULL, NULL);
    struct lines seen = pick(text, "dflo"), writable = pick(text, "w");
    cr_assert(zero(sz, seen.count));
    cr_assert(eq(sz, writable.count, 1));
    cr_assert(eq(str, writable.items[0], "w ."));
    free_lines(&seen);
    free_lines(&writable);
    free(text);
}

static void expect_no_calls(void) {
    char *text = run_probe(NULL, NULL);
    int count = 0;
    for (const char *line = text; (line = strstr(line, "\ncall ")); count++) {
        char name[64];
        int number;
        line += 1;
        cr_assert(eq(int, sscanf(line, "call %63s %d", name, &number), 2));
        /* Processes are bounded by a limit, all else by the filter. */
        cr_assert(eq(int, number, strcmp(name, "clone") == 0 ? EAGAIN : ENOSYS), "%s: %s", name,
                  strerror(number));
    }
    cr_assert(lt(int, 75, count));
    free(text);
}

Test(jail_walls, leave_no_call_that_reaches_out) {
    expect_no_calls();
}

Test(jail_walls, leave_no_call_that_reaches_out_without_namespaces) {
    setenv("HONE_JAIL_LEVEL", "C", 1);
    expect_no_calls();
}

Test(jail_walls, hand_over_nothing_but_standard_streams_and_four_variables) {
    setenv("HONE_SECRET", "canary", 1);
    cr_assert(lt(int, 0, open("/etc/passwd", O_RDONLY))); /* and no O_CLOEXEC */
    char *text = run_probe(NULL, NULL);
    cr_assert(zero(ptr, strstr(text, "canary")));
    cr_assert(ne(ptr, strstr(text, "\nfd 0\nfd 1\nfd 2\nenv PATH="), NULL));
    cr_assert(ne(ptr, strstr(text, "\nenv LC_ALL=C\nenv TMPDIR=.\nenv GLIBC_TUNABLES="), NULL));
    uint32_t variables = 0;
    for (const char *at = text; (at = strstr(at, "\nenv ")); at++)
        variables++;
    cr_assert(eq(u32, variables, 4), "%s", text);
    free(text);
}

Test(jail_walls, give_a_job_a_user_and_processes_of_its_own) {
    char *text = run_probe(NULL, NULL);
    int pid, parent;
    unsigned user, group;
    cr_assert(
        eq(int, sscanf(line_with(text, "id "), "id %d %d %u %u", &pid, &parent, &user, &group), 4));
    cr_assert(eq(int, pid, 2));
    cr_assert(eq(int, parent, 1));
    cr_assert(ne(u32, user, 0));
    cr_assert(ne(u32, group, 0));
    cr_assert(geteuid() ? user == geteuid() : user >= 60600 && user < 61112, "%u", user);
    free(text);
}

static size_t count_mounts(void) {
    FILE *file = fopen("/proc/self/mountinfo", "re");
    size_t count = 0;
    for (int c; (c = getc(file)) != EOF;)
        count += c == '\n';
    fclose(file);
    return count;
}

Test(jail_walls, leave_no_mount_and_no_folder) {
    size_t mounts = count_mounts();
    free(run_probe(NULL, NULL));
    cr_assert(eq(sz, count_mounts(), mounts));
    DIR *folder = opendir(place);
    for (struct dirent *entry; (entry = readdir(folder));)
        cr_assert(ne(int, strncmp(entry->d_name, "hone-jail", 9), 0), "%s", entry->d_name);
    closedir(folder);
}

Test(jail_walls, are_named_with_what_they_lack) {
    char why[256];
    setenv("HONE_JAIL_LEVEL", "F", 1);
    cr_assert(eq(chr, hone_jail_level(why, sizeof why), 'F'));
    cr_assert(ne(ptr, strstr(why, "limits only"), NULL), "%s", why);
    cr_assert(ne(ptr, strstr(why, "HONE_JAIL_LEVEL"), NULL), "%s", why);
}

Test(jail_walls, are_not_given_up_where_a_job_cannot_be_tried_at_all) {
    char why[256];
    setenv("TMPDIR", "/nowhere", 1);
    cr_assert(eq(chr, hone_jail_level(why, sizeof why), 'F'));
    cr_assert(ne(ptr, strstr(why, "/nowhere"), NULL), "%s", why);
    setenv("TMPDIR", place, 1);
    cr_assert(eq(chr, hone_jail_level(why, sizeof why), 'A'));
}
