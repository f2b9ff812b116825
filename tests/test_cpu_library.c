#include "tests/cpu_run.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* Where this machine has no OpenBLAS, what needs it is skipped by name; that it is absent is tested
 * everywhere. */
static struct hone_feature openblas;

static void find_openblas(void) {
    openblas = (struct hone_feature){.size = sizeof openblas};
    for (uint32_t i = 0; bench.ops->features(bench.self, 0, i, &openblas) == 0; i++)
        if (strcmp(openblas.name, "openblas") == 0)
            return;
    cr_fatal("the backend says nothing of openblas");
}

static void set_up(void) {
    struct hone_error error;
    cr_assert(cpu_open(&bench, true, &error), "%s", error.text);
    find_openblas();
    for (int i = 0; i < 64; i++)
        bench.input[i] = (float)i;
}

static void tear_down(void) {
    cpu_close(&bench);
}

TestSuite(cpu_library, .init = set_up, .fini = tear_down, .timeout = 60);

#define NEED_OPENBLAS()                                                                            \
    do {                                                                                           \
        if (!openblas.there)                                                                       \
            cr_skip_test("no openblas here: %s", openblas.text);                                   \
    } while (0)

static void build_with(const char *library, const char *source, struct cpu_build *build) {
    struct hone_compile_request request = {
        .size = sizeof request,
        .language = "c",
        .source = source,
        .source_bytes = strlen(source),
        .options = "",
        .prelude = CPU_PRELUDE,
        .epilogue = CPU_EPILOGUE,
        .entry_count = 1,
        .library = library,
    };
    struct hone_compile_job job = {.size = sizeof job};
    *build = (struct cpu_build){.result = {.size = sizeof build->result}};
    build->failed = bench.ops->compile_begin(bench.self, &request, &job, &build->error);
    if (build->failed)
        return;
    build->failed = hone_jail_run(&job, NULL, &build->jail, &build->error);
    cr_assert(eq(int, build->failed, 0), "%s", build->error.text);
    bench.ops->compile_end(bench.self, &job, &build->jail.output, &build->result);
}

static int start_with(uint32_t flags, const struct cpu_build *build, void **process,
                      struct hone_go_result *started) {
    return cpu_start_with(&bench, flags, build->jail.output.bytes, build->jail.output.byte_count,
                          process, started);
}

static struct hone_go_result run_baseline(const char *source, int64_t n, float alpha) {
    struct cpu_build build;
    struct hone_go_result result;
    void *process;
    build_with("openblas", source, &build);
    cr_assert(eq(int, build.failed, 0), "%s", build.error.text);
    cr_assert(eq(u32, build.result.verdict, HONE_UNDECIDED), "%s", build.result.message);
    cr_assert(eq(int, start_with(HONE_PROCESS_LIBRARY, &build, &process, &result), 0), "%s",
              result.text);
    cr_assert(eq(u32, result.status, HONE_GO_DONE), "%s", result.text);
    cr_assert(eq(int, cpu_go(&bench, process, n, alpha, 20 * SECOND, &result), 0));
    bench.ops->process_stop(process);
    hone_jail_finish(&build.jail);
    return result;
}

#define PRODUCT                                                                                    \
    "#include \"cblas.h\"\n" CPU_SOLVE "{ cblas_sgemv(CblasRowMajor, CblasNoTrans, (int)n, 8, "    \
    "alpha, x, 8, x, 1, 0, y, 1); }"

Test(cpu_library, lets_a_baseline_call_its_functions) {
    NEED_OPENBLAS();
    struct hone_go_result result = run_baseline(PRODUCT, 8, 0.5f);
    cr_assert(eq(u32, result.status, HONE_GO_DONE), "%s", result.text);
    for (int i = 0; i < 8; i++) { /* sum over j of (8 i + j) j / 2 */
        cr_expect(eq(flt, bench.output[i], 0.5f * (float)(8 * i * 28 + 140)));
    }
    cr_assert(lt(u64, 0, result.cpu_ns));
}

/* Every one of these would end by the filter at its first system call. The sizes lie on both sides
 * of each of its thresholds: small products, vectors on the stack, several blocks of packing. */
Test(cpu_library, needs_the_kernel_for_nothing_once_it_is_loaded) {
    NEED_OPENBLAS();
    struct hone_go_result result = run_baseline(
        "#include \"cblas.h\"\n"
        "enum { MOST = 1100 };\n"
        "static float a[MOST * MOST], b[MOST * MOST], c[MOST * MOST];\n" CPU_SOLVE "{\n"
        "    static const int sizes[] = {1, 2, 7, 16, 63, 64, 100, 101, 257, MOST};\n"
        "    enum { COUNT = sizeof sizes / sizeof *sizes };\n"
        "    (void)x; (void)n;\n"
        "    for (int i = 0; i < COUNT * COUNT * COUNT; i++) {\n"
        "        int m = sizes[i % COUNT], w = sizes[i / COUNT % COUNT], k = sizes[i / COUNT / "
        "COUNT];\n"
        "        if ((long)m * w * k > 130000000)\n"
        "            continue;\n"
        "        for (int t = 0; t < 4; t++)\n"
        "            cblas_sgemm(CblasRowMajor, t & 1 ? CblasTrans : CblasNoTrans,\n"
        "                        t & 2 ? CblasTrans : CblasNoTrans, m, w, k, alpha, a, MOST, b, "
        "MOST, 0,\n"
        "                        c, MOST);\n"
        "        cblas_sgemv(CblasRowMajor, CblasNoTrans, m, w, alpha, a, MOST, b, 1, 0, c, 1);\n"
        "        cblas_sgemv(CblasRowMajor, CblasTrans, m, w, alpha, a, MOST, b, 1, 0, c, 1);\n"
        "        cblas_sgemv(CblasColMajor, CblasNoTrans, m, w, alpha, a, MOST, b, 3, 0, c, 2);\n"
        "        y[1] = cblas_sdot(m * w / 2, a, 1, b, 1);\n"
        "        cblas_saxpy(m * w / 2, alpha, a, 1, b, 1);\n"
        "    }\n"
        "    cblas_sgemv(CblasRowMajor, CblasNoTrans, 1, MOST * MOST, 1, a, MOST * MOST, b, 1, 0, "
        "c, 1);\n"
        "    cblas_sgemv(CblasRowMajor, CblasTrans, 1, MOST * MOST, 1, a, MOST * MOST, b, 1, 0, c, "
        "1);\n"
        "    cblas_sgemv(CblasRowMajor, CblasNoTrans, MOST * MOST, 1, 1, a, 1, b, 1, 0, c, 1);\n"
        "    cblas_sgemv(CblasRowMajor, CblasTrans, MOST * MOST, 1, 1, a, 1, b, 1, 0, c, 1);\n"
        "    y[0] = 42;\n"
        "}",
        0, 0.5f);
    cr_assert(eq(u32, result.status, HONE_GO_DONE), "%s", result.text);
    cr_assert(eq(flt, bench.output[0], 42));
}

Test(cpu_library, filters_a_baseline_as_it_filters_a_candidate) {
    NEED_OPENBLAS();
    struct hone_device device = {.size = sizeof device};
    bench.ops->describe(bench.self, 0, &device);
    if (device.confinement[0] > 'C')
        cr_skip_test("no filter at confinement %s", device.confinement);
    struct hone_go_result result = run_baseline(
        CPU_SOLVE "{ (void)x; (void)n; (void)alpha; long r;\n"
                  "__asm__ volatile(\"syscall\" : \"=a\"(r) : \"0\"(39l) : \"rcx\", \"r11\");\n"
                  "y[0] = (float)r; }",
        0, 1);
    cr_assert(eq(u32, result.status, HONE_GO_FORBIDDEN));
    cr_assert(eq(int, result.code, SYS_getpid));
}

Test(cpu_library, never_runs_its_image_for_a_candidate) {
    NEED_OPENBLAS();
    struct cpu_build build;
    struct hone_go_result result;
    void *process;
    build_with("openblas", PRODUCT, &build);
    cr_assert(eq(u32, build.result.verdict, HONE_UNDECIDED), "%s", build.result.message);
    cr_assert(eq(int, start_with(0, &build, &process, &result), 0));
    cr_expect(eq(ptr, process, NULL));
    cr_expect(eq(u32, result.status, HONE_GO_REFUSED));
    cr_expect(eq(str, result.text, "it is built against a library, which only baselines may call"));
    hone_jail_finish(&build.jail);
}

Test(cpu_library, runs_nothing_that_is_not_built_against_it) {
    NEED_OPENBLAS();
    struct cpu_build build;
    struct hone_go_result result;
    void *process;
    build_with(NULL, CPU_SOLVE "{ y[n] = alpha * x[n]; }", &build);
    cr_assert(eq(u32, build.result.verdict, HONE_UNDECIDED), "%s", build.result.message);
    cr_assert(eq(int, start_with(HONE_PROCESS_LIBRARY, &build, &process, &result), 0));
    cr_expect(eq(ptr, process, NULL));
    cr_expect(eq(u32, result.status, HONE_GO_REFUSED));
    cr_expect(eq(str, result.text, "it is not built against the library of this guest"));
    hone_jail_finish(&build.jail);
}

Test(cpu_library, is_out_of_a_candidates_reach) {
    static const struct {
        const char *source;
        uint32_t verdict;
    } tries[] = {
        {PRODUCT, HONE_COMPILE_FAILED},
        {"float cblas_sdot(int, const float *, int, const float *, int);\n" CPU_SOLVE
         "{ y[0] = alpha + cblas_sdot((int)n, x, 1, x, 1); }",
         HONE_POLICY_VIOLATION},
    };
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        struct cpu_build build;
        build_with(NULL, tries[i].source, &build);
        cr_expect(eq(u32, build.result.verdict, tries[i].verdict), "source %zu: %s", i,
                  build.result.message);
        hone_jail_finish(&build.jail);
    }
}

Test(cpu_library, keeps_both_kinds_of_process_side_by_side) {
    NEED_OPENBLAS();
    struct cpu_build with, without;
    struct hone_go_result result;
    void *baseline, *candidate;
    build_with("openblas", PRODUCT, &with);
    build_with(NULL, CPU_SOLVE "{ y[n] = alpha * x[n]; }", &without);
    cr_assert(eq(int, start_with(HONE_PROCESS_LIBRARY, &with, &baseline, &result), 0));
    cr_assert(eq(int, start_with(0, &without, &candidate, &result), 0));
    for (int i = 0; i < 3; i++) {
        cr_assert(eq(int, cpu_go(&bench, candidate, 9, 2, SECOND, &result), 0));
        cr_assert(eq(int, cpu_go(&bench, baseline, 1, 1, SECOND, &result), 0));
        cr_assert(eq(u32, result.status, HONE_GO_DONE), "%s", result.text);
    }
    cr_expect(eq(flt, bench.output[9], 18));
    cr_expect(eq(flt, bench.output[0], 140));
    bench.ops->process_stop(baseline);
    bench.ops->process_stop(candidate);
    hone_jail_finish(&with.jail);
    hone_jail_finish(&without.jail);
}

/* Our child that runs `name`; -1: there is none. */
static pid_t find_child(const char *name) {
    char path[64], comm[32];
    int pid, found = -1;
    snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
    FILE *children = fopen(path, "r");
    while (children && fscanf(children, "%d", &pid) == 1) {
        snprintf(path, sizeof path, "/proc/%d/comm", pid);
        FILE *file = fopen(path, "r");
        if (file && fscanf(file, "%31s", comm) == 1 && strcmp(comm, name) == 0)
            found = pid;
        if (file)
            fclose(file);
    }
    if (children)
        fclose(children);
    return found;
}

Test(cpu_library, survives_the_death_of_its_guest) {
    NEED_OPENBLAS();
    struct cpu_build with, without;
    struct hone_go_result result;
    void *baseline, *candidate;
    build_with("openblas", PRODUCT, &with);
    build_with(NULL, CPU_SOLVE "{ y[n] = alpha * x[n]; }", &without);
    cr_assert(eq(int, find_child("hone-library"), -1)); /* nobody has asked for it yet */
    cr_assert(eq(int, start_with(HONE_PROCESS_LIBRARY, &with, &baseline, &result), 0));
    const pid_t guest = find_child("hone-library");
    cr_assert(lt(int, 0, guest));
    struct pollfd gone = {.fd = pidfd_open(guest, 0), .events = POLLIN};
    kill(guest, SIGKILL);
    cr_assert(eq(int, poll(&gone, 1, 5000), 1));
    close(gone.fd);
    cr_expect(eq(int, cpu_go(&bench, baseline, 1, 1, SECOND, &result), -EIO));
    cr_expect(eq(u32, result.status, HONE_GO_LOST));
    bench.ops->process_stop(baseline);
    cr_assert(eq(int, start_with(0, &without, &candidate, &result), 0), "%s", result.text);
    cr_expect(eq(int, cpu_go(&bench, candidate, 3, 2, SECOND, &result), 0));
    cr_expect(eq(flt, bench.output[3], 6));
    bench.ops->process_stop(candidate);
    /* It says so until the host opens another runner, as for any worker that is lost. */
    cr_expect(eq(int, start_with(HONE_PROCESS_LIBRARY, &with, &baseline, &result), -EIO));
    cr_expect(eq(u32, result.status, HONE_GO_LOST));
    struct hone_error error = {""};
    bench.ops->runner_close(bench.runner);
    cr_assert(eq(int, bench.ops->runner_open(bench.self, 0, &bench.runner, &error), 0));
    cr_assert(eq(int, start_with(HONE_PROCESS_LIBRARY, &with, &baseline, &result), 0));
    bench.ops->process_stop(baseline);
    hone_jail_finish(&with.jail);
    hone_jail_finish(&without.jail);
}

static bool create_with(const char *openblas_name, void **self, struct hone_error *error) {
    static const struct hone_host host = {.size = sizeof host};
    const struct hone_setting settings[] = {
        {"compiler", "gcc"}, {"confinement", "A"}, {"openblas", openblas_name}, {NULL, NULL}};
    return bench.plugin->create(&host, settings, self, error) == 0;
}

/* Puts another instance in place of the fixture's. */
static void reopen(const char *name) {
    struct hone_error error = {""};
    bench.ops->runner_close(bench.runner);
    bench.plugin->destroy(bench.self);
    bench.self = bench.runner = NULL;
    cr_assert(create_with(name, &bench.self, &error), "%s", error.text);
    cr_assert(eq(int, bench.ops->runner_open(bench.self, 0, &bench.runner, &error), 0), "%s",
              error.text);
    find_openblas();
}

Test(cpu_library, may_be_absent_and_says_so) {
    static const char *const names[] = {"none", "/nowhere/libopenblas.so.0", "libc.so.6"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct hone_device device = {.size = sizeof device};
        struct hone_go_result result;
        struct cpu_build build;
        void *process;
        reopen(names[i]);
        cr_expect(not(openblas.there), "%s", names[i]);
        cr_expect(ne(ptr, strstr(openblas.text, "baselines do without"), NULL), "%s",
                  openblas.text);
        bench.ops->describe(bench.self, 0, &device);
        cr_expect(ne(ptr, strstr(device.fingerprint, ", no openblas"), NULL), "%s",
                  device.fingerprint);
        build_with("openblas", PRODUCT, &build);
        cr_expect(eq(int, build.failed, -ENOTSUP));
        cr_expect(ne(ptr, strstr(build.error.text, "no library \"openblas\""), NULL), "%s",
                  build.error.text);
        build_with(NULL, CPU_SOLVE "{ y[n] = alpha * x[n]; }", &build);
        cr_expect(eq(int, start_with(HONE_PROCESS_LIBRARY, &build, &process, &result), -ENOTSUP));
        cr_expect(eq(u32, result.status, HONE_GO_LOST));
        cr_expect(eq(int, start_with(0, &build, &process, &result), 0));
        bench.ops->process_stop(process);
        hone_jail_finish(&build.jail);
    }
}

Test(cpu_library, knows_only_the_library_there_is) {
    struct cpu_build build;
    build_with("mkl", PRODUCT, &build);
    cr_expect(eq(int, build.failed, -ENOTSUP));
    cr_expect(ne(ptr, strstr(build.error.text, "no library \"mkl\""), NULL), "%s",
              build.error.text);
}

/* The one file that is remembered in `folder`; it is left open for writing. */
static void write_memory(const char *folder, const char *text) {
    char path[512];
    struct dirent *entry;
    DIR *list = opendir(folder);
    bool found = false;
    while (list && (entry = readdir(list)))
        if (strncmp(entry->d_name, "openblas-", 9) == 0) {
            snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
            FILE *file = fopen(path, "w");
            cr_assert(ne(ptr, file, NULL));
            fputs(text, file);
            fclose(file);
            found = true;
        }
    if (list)
        closedir(list);
    cr_assert(found, "nothing is remembered in %s", folder);
}

static const char *core_type(void) {
    const char *space = strchr(openblas.text, ' ');
    return space ? space + 1 : "";
}

Test(cpu_library, times_its_core_types_once_and_remembers_the_fastest) {
    NEED_OPENBLAS();
    char root[] = "/tmp/hone-library-XXXXXX", folder[64], timed[64];
    cr_assert(ne(ptr, mkdtemp(root), NULL));
    setenv("XDG_CACHE_HOME", root, 1);
    snprintf(folder, sizeof folder, "%s/hone", root);
    reopen("libopenblas.so.0");
    snprintf(timed, sizeof timed, "%s", core_type());
    cr_expect(lt(sz, 0, strlen(timed)));
    write_memory(folder, "Haswell\n");
    reopen("libopenblas.so.0");
    cr_expect(eq(str, (char *)core_type(), "Haswell"));
    struct hone_device device = {.size = sizeof device};
    bench.ops->describe(bench.self, 0, &device);
    cr_expect(ne(ptr, strstr(device.fingerprint, "Haswell"), NULL), "%s", device.fingerprint);
    write_memory(folder, "../../etc/passwd\n");
    reopen("libopenblas.so.0");
    cr_expect(lt(sz, 0, strlen(core_type())));
    cr_expect(eq(ptr, strchr(core_type(), '/'), NULL), "what is no core type was taken: %s",
              core_type());
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", root);
    cr_expect(eq(int, system(command), 0));
}
