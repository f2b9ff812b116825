#include "tests/cpu_fixture.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* Precompiled headers, first with a shell for a compiler, then with gcc and <immintrin.h>. */
static char place[] = "/tmp/hone-test-header-XXXXXX";
static char cache[64];

static void set_up(void) {
    cr_assert(mkdtemp(place) != NULL);
    snprintf(cache, sizeof cache, "%s/hone/headers", place);
    setenv("TMPDIR", place, 1);
    setenv("XDG_CACHE_HOME", place, 1);
}

static void tear_down(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", place);
    cr_assert(eq(int, system(command), 0));
}

TestSuite(jail_header, .init = set_up, .fini = tear_down, .timeout = 120);

static const char *const shell[] = {"/bin", "/usr/bin", "/lib", "/lib64", "/usr/lib", NULL};
static const struct hone_job_file files[] = {{"in.h", "what went in", 12}};

/* What the job printed; `make` compiles the header. */
static struct hone_jail_result run_script(const char *make, const char *identity,
                                          const char *script) {
    const char *makes[] = {"/bin/sh", "-c", make, NULL};
    const char *arguments[] = {"/bin/sh", "-c", script, NULL};
    const struct hone_job_header header = {
        .name = "in.h", .output = "in.h.gch", .arguments = makes, .identity = identity};
    struct hone_compile_job job = {
        .size = sizeof job,
        .file_count = 1,
        .files = files,
        .arguments = arguments,
        .output = "out",
        .output_limit_bytes = 1 << 20,
        .memory_limit_bytes = 1u << 30,
        .cpu_limit_s = 10,
        .wall_limit_s = 20,
        .paths = shell,
        .process_limit = 16,
        .header = &header,
    };
    struct hone_jail_result result;
    struct hone_error error;
    cr_assert(eq(int, hone_jail_run(&job, NULL, &result, &error), 0), "%s", error.text);
    return result;
}

static void expect_output(const char *make, const char *identity, const char *script,
                          const char *output) {
    struct hone_jail_result result = run_script(make, identity, script);
    cr_assert(eq(str, result.diagnostics, (char *)output));
    hone_jail_finish(&result);
}

/* How many results there are; `path` gets one of them. */
static int count_results(char path[400]) {
    DIR *folder = opendir(cache);
    int count = 0;
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        if (entry->d_name[0] != '.') {
            snprintf(path, 400, "%s/%s", cache, entry->d_name);
            count++;
        }
    if (folder)
        closedir(folder);
    return count;
}

#define MAKE "(echo made; cat in.h) > in.h.gch"

static void expect_made_once(void) {
    char path[400];
    struct stat first, second;
    expect_output(MAKE, "one", "cat in.h.gch", "made\nwhat went in");
    cr_assert(eq(int, count_results(path), 1));
    cr_assert(eq(int, stat(path, &first), 0));
    cr_assert(eq(int, (int)(first.st_mode & 07777), 0444));
    expect_output(MAKE, "one", "cat in.h.gch", "made\nwhat went in");
    cr_assert(eq(int, stat(path, &second), 0));
    cr_assert(eq(u64, first.st_ino, second.st_ino));
    expect_output(MAKE, "two", "cat in.h.gch", "made\nwhat went in");
    expect_output(MAKE " ", "one", "cat in.h.gch", "made\nwhat went in");
    cr_assert(eq(int, count_results(path), 3));
    cr_assert(eq(int, stat(cache, &first), 0));
    cr_assert(eq(int, (int)(first.st_mode & 07777), 0700));
}

Test(jail_header, is_made_once_for_each_identity_and_command) {
    expect_made_once();
}

Test(jail_header, is_made_without_namespaces_too) {
    setenv("HONE_JAIL_LEVEL", "C", 1);
    expect_made_once();
}

/* By its name in the job's folder and, where that can be seen, by its own. */
static void expect_unchanged(void) {
    static const char script[] = "(: > in.h.gch; echo evil >> in.h.gch; chmod 777 in.h.gch) "
                                 "2>/dev/null; rm -f in.h.gch 2>/dev/null; exit 0";
    struct hone_jail_result result = run_script(MAKE, "one", script);
    hone_jail_finish(&result);
    expect_output(MAKE, "one", "cat in.h.gch", "made\nwhat went in");
    char path[400];
    struct stat status;
    cr_assert(eq(int, count_results(path), 1));
    cr_assert(eq(int, stat(path, &status), 0));
    cr_assert(eq(int, (int)(status.st_mode & 07777), 0444));
}

Test(jail_header, cannot_be_changed_by_a_job) {
    expect_unchanged();
}

Test(jail_header, cannot_be_changed_by_a_job_without_namespaces) {
    setenv("HONE_JAIL_LEVEL", "C", 1);
    expect_unchanged();
}

Test(jail_header, is_done_without_when_it_cannot_be_made_and_not_tried_again) {
    char path[400];
    struct stat status;
    static const char script[] = "cat in.h; ls in.h.gch 2>/dev/null";
    expect_output("exit 1", "one", script, "what went in");
    cr_assert(eq(int, count_results(path), 1));
    cr_assert(eq(int, stat(path, &status), 0));
    cr_assert(zero(i64, status.st_size));
    expect_output("exit 1", "one", script, "what went in");
    setenv("XDG_CACHE_HOME", "/proc/nowhere", 1);
    expect_output(MAKE, "two", script, "what went in");
}

Test(jail_header, is_done_without_where_others_may_write) {
    char path[400];
    expect_output(MAKE, "one", "cat in.h.gch", "made\nwhat went in");
    cr_assert(eq(int, count_results(path), 1));
    cr_assert(eq(int, chmod(path, 0666), 0));
    expect_output(MAKE, "one", "ls", "in.h\n");
    cr_assert(eq(int, chmod(path, 0444), 0));
    cr_assert(eq(int, chmod(cache, 0777), 0));
    expect_output(MAKE, "one", "ls", "in.h\n");
}

/* With gcc. */
#define BODY                                                                                       \
    CPU_SOLVE "{ for (int64_t i = 0; i + 8 <= n; i += 8) _mm256_storeu_ps(y + i, "                 \
              "_mm256_mul_ps(_mm256_set1_ps(alpha), _mm256_loadu_ps(x + i))); }\n"
#define SCALAR CPU_SOLVE "{ for (int64_t i = 0; i < n; i++) y[i] = alpha * expf(x[i]); }\n"

static struct cpu_build compile(const char *source, const char *options) {
    struct cpu_bench bench;
    struct cpu_build build;
    struct hone_error error;
    cr_assert(cpu_open(&bench, false, &error), "%s", error.text);
    cpu_compile(&bench, source, options, &build);
    cr_assert(eq(int, build.failed, 0), "%s", build.error.text);
    cpu_close(&bench);
    return build;
}

/* A precompiled header does not know what included it. */
static char *without_origin(char *text) {
    char *origin = strstr(text, " vectors.h:2");
    char *end = origin ? strchr(origin, '\n') : NULL;
    if (end && strncmp(end + 1, "                 from hone.c:1:\n", 32) == 0)
        end += 32;
    if (end)
        memmove(origin, end, strlen(end) + 1);
    return text;
}

static void expect_same_image(const char *source, const char *options) {
    char path[400];
    setenv("XDG_CACHE_HOME", "/proc/nowhere", 1);
    struct cpu_build without = compile(source, options);
    setenv("XDG_CACHE_HOME", place, 1);
    struct cpu_build with = compile(source, options);
    cr_assert(lt(int, 0, count_results(path)));
    cr_assert(eq(u32, with.result.verdict, without.result.verdict));
    cr_assert(eq(str, with.result.message, without.result.message));
    cr_assert(eq(str, without_origin(with.jail.diagnostics),
                 without_origin(without.jail.diagnostics)));
    cr_assert(eq(u64, with.jail.output.byte_count, without.jail.output.byte_count));
    cr_assert(zero(int, with.jail.bytes ? memcmp(with.jail.bytes, without.jail.bytes,
                                                 with.jail.output.byte_count)
                                        : 0),
              "%s", source);
    hone_jail_finish(&with.jail);
    hone_jail_finish(&without.jail);
}

Test(jail_header, gives_the_same_image_and_the_same_diagnostics) {
    static const char *const sources[] = {
        "#include <immintrin.h>\n" BODY,
        "/* a comment */ // and another\n#include <math.h>\n#include <immintrin.h>\n" BODY SCALAR
        "/* twice */",
        "#include <immintrin.h>\n#include <math.h>\n" SCALAR,
        "#include <x86intrin.h>\n" BODY,
        "#include <immintrin.h>\n" CPU_SOLVE "{ nonsense }\n",
        "#include <immintrin.h>\nint __COUNTER__x = __COUNTER__ + __LINE__;\n" BODY,
        "#include <immintrin.h>\n#pragma GCC target(\"no-avx512f\")\n" BODY,
        "#include <immintrin.h>\n" CPU_SOLVE "{ (void)x, (void)alpha; y[n] = (float)rand(); }\n",
    };
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
        expect_same_image(sources[i], "");
    expect_same_image(sources[0], "O2");
    expect_same_image(sources[0], "fast_math unroll_loops");
}

Test(jail_header, that_is_no_header_is_passed_over_in_silence) {
    char path[400], command[1300];
    expect_same_image("#include <immintrin.h>\n" BODY, "");
    cr_assert(eq(int, count_results(path), 1));
    snprintf(command, sizeof command, "rm %s; echo nonsense > %s; chmod 444 %s", path, path, path);
    cr_assert(eq(int, system(command), 0));
    expect_same_image("#include <immintrin.h>\n" BODY, "");
}

/* Whether the job for a source asks for the header. */
static bool wants_header(const struct cpu_bench *bench, const char *source) {
    struct hone_compile_request request = {.size = sizeof request,
                                           .language = "c",
                                           .source = source,
                                           .source_bytes = strlen(source),
                                           .options = "",
                                           .prelude = "",
                                           .epilogue = "",
                                           .entry_count = 1};
    struct hone_compile_job job = {.size = sizeof job};
    struct hone_error error;
    cr_assert(eq(int, bench->ops->compile_begin(bench->self, &request, &job, &error), 0));
    bool wants = job.header != NULL;
    bench->ops->compile_drop(bench->self, &job);
    return wants;
}

Test(jail_header, is_for_sources_to_which_it_makes_no_difference) {
    static const struct {
        const char *source;
        bool wants;
    } cases[] = {
        {"#include <immintrin.h>", true},
        {"\n  # include <immintrin.h> // here\nint x;", true},
        {"/* x */ // y\n#include <math.h>\n#include <x86intrin.h>\r\n", true},
        {"#include <immintrin.h> /* a\n b */", true},
        {"", false},
        {"int x;\n#include <immintrin.h>\n", false},
        {"#define __m256 int\n#include <immintrin.h>\n", false},
        {"#pragma GCC target(\"avx2\")\n#include <immintrin.h>\n", false},
        {"#ifdef X\n#include <immintrin.h>\n#endif\n", false},
        {"#include <stdio.h>\n#include <immintrin.h>\n", false},
        {"#include \"immintrin.h\"\n", false},
        {"#include <emmintrin.h>\n", false},
        {"/* #include <immintrin.h>", false},
        {"// \\\n#include <immintrin.h>\n", false},
        {"#include <immintrin.h> \\\n int x;", false},
        {"#include <immintrin.h", false},
        {"#include", false},
        {"#", false},
    };
    struct cpu_bench bench;
    struct hone_error error;
    cr_assert(cpu_open(&bench, false, &error), "%s", error.text);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_assert(eq(int, wants_header(&bench, cases[i].source), cases[i].wants), "%s",
                  cases[i].source);
    cpu_close(&bench);
}

/* A driver that does not say what it would run has to run it: through a shell, so without walls. */
static bool open_with_driver(struct cpu_bench *bench, struct hone_error *error) {
    char path[128];
    snprintf(path, sizeof path, "%s/gcc", place);
    FILE *file = fopen(path, "we");
    fputs("#!/bin/sh\n[ \"$1\" != -std=gnu17 ] || case \"$*\" in *-\\#\\#\\#*) exit 1;; esac\n"
          "exec gcc \"$@\"\n",
          file);
    fclose(file);
    cr_assert(eq(int, chmod(path, 0755), 0));
    cr_assert(eq(int, chmod(place, 0711), 0));
    const struct hone_setting settings[] = {{"compiler", path}, {NULL, NULL}};
    *bench = (struct cpu_bench){.plugin = cpu_load(), .input_fd = -1, .output_fd = -1};
    bench->ops = bench->plugin->hardware;
    return bench->plugin->create(NULL, settings, &bench->self, error) == 0;
}

Test(jail_header, the_driver_and_its_programs_run_directly_make_the_same_image) {
    static const char *const options[] = {"",
                                          "O2",
                                          "fast_math",
                                          "unroll_loops",
                                          "O2 fast_math",
                                          "O2 unroll_loops",
                                          "fast_math unroll_loops",
                                          "O2 fast_math unroll_loops"};
    setenv("HONE_JAIL_LEVEL", "F", 1);
    struct cpu_bench direct, driver;
    struct hone_error error;
    cr_assert(cpu_open(&direct, false, &error), "%s", error.text);
    cr_assert(open_with_driver(&driver, &error), "%s", error.text);
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        struct cpu_build one, other;
        cpu_compile(&direct, "#include <math.h>\n" SCALAR, options[i], &one);
        cpu_compile(&driver, "#include <math.h>\n" SCALAR, options[i], &other);
        cr_assert(eq(int, one.failed, 0), "%s", one.error.text);
        cr_assert(eq(int, other.failed, 0), "%s", other.error.text);
        cr_assert(eq(u32, one.result.verdict, HONE_UNDECIDED), "%s", one.jail.diagnostics);
        cr_assert(eq(u32, other.result.verdict, HONE_UNDECIDED), "%s", other.jail.diagnostics);
        cr_assert(eq(u64, one.jail.output.byte_count, other.jail.output.byte_count));
        cr_assert(zero(int, memcmp(one.jail.bytes, other.jail.bytes, one.jail.output.byte_count)));
        hone_jail_finish(&one.jail);
        hone_jail_finish(&other.jail);
    }
    cpu_close(&direct);
    cpu_close(&driver);
}
