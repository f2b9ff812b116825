/* CUDA text through NVRTC in the jail. Where there is no NVRTC, every test says so and passes. */
#include "tests/nvrtc_fixture.h"

#include "core/loader.h"
#include "core/plan.h"
#include "core/scorer.h"
#include "core/verdict.h"
#include "plugins/detector.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <glob.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECRET "a-secret-of-the-host"

static struct hone_toolkit *toolkit;

static void set_up(void) {
    setenv("HONE_TEST_SECRET", SECRET, 1);
    toolkit = nvrtc_open();
    if (!toolkit)
        cr_skip("no NVRTC on this machine");
}

static void tear_down(void) {
    hone_toolkit_close(toolkit);
}

TestSuite(nvrtc, .init = set_up, .fini = tear_down, .timeout = 240);

static char *read_text(const char *path) {
    FILE *file = fopen(path, "r");
    char *text = calloc(1, 1 << 17);
    cr_assert(file != NULL, "%s", path);
    cr_assert(fread(text, 1, (1 << 17) - 1, file) > 0, "%s is empty", path);
    fclose(file);
    return text;
}

/* Every text of `texts` must be in the message. */
static void expect(const char *source, enum hone_verdict verdict, enum hone_reason reason,
                   const char *text, const char *more) {
    struct nvrtc_build build;
    nvrtc_compile(toolkit, source, &build);
    cr_assert(eq(int, build.failed, 0), "%s", build.error.text);
    cr_expect(eq(u32, build.result.verdict, verdict), "%s\n%s", build.result.message,
              build.jail.diagnostics);
    cr_expect(eq(u32, build.result.reason, reason), "%s", build.result.message);
    cr_expect(strstr(build.result.message, text) != NULL, "%s", build.result.message);
    cr_expect(strstr(build.result.message, more) != NULL, "%s", build.result.message);
    nvrtc_finish(&build);
}

#define KERNEL "extern \"C\" __global__ void k(float *y, int n) "

Test(nvrtc, makes_an_image_of_a_kernel) {
    struct nvrtc_build build;
    struct hone_cuda_image image;
    struct hone_cubin *cubin = malloc(sizeof *cubin);
    nvrtc_compile(
        toolkit,
        "extern \"C\" __global__ void __launch_bounds__(96) k(float *y, int n, double d) {"
        " __shared__ float s[300]; s[threadIdx.x] = y[n]; __syncthreads();"
        " y[threadIdx.x] = s[n] + (float)d; }",
        &build);
    cr_assert(eq(u32, build.result.verdict, HONE_UNDECIDED), "%s", build.jail.diagnostics);
    const char *wrong = hone_cuda_image_open(build.result.image, build.result.image_bytes, &image);
    cr_assert(wrong == NULL, "%s", wrong);
    cr_assert(eq(str, (char *)image.arch, "sm_90"));
    cr_assert(strstr(image.ptx, ".visible .entry k(") != NULL);
    wrong = hone_cubin_read(image.cubin, image.cubin_bytes, cubin);
    cr_assert(wrong == NULL, "%s", wrong);
    const struct hone_cubin_kernel *kernel = hone_cubin_find(cubin, "k");
    cr_assert(kernel != NULL);
    cr_expect(lt(u32, 3, kernel->registers));
    cr_expect(eq(u32, kernel->shared_bytes, 1200));
    cr_expect(eq(u32, kernel->local_bytes, 0));
    cr_expect(eq(u32, kernel->max_threads, 96));
    cr_expect(eq(u32, kernel->parameter_count, 3));
    cr_expect(eq(u32, kernel->parameters[0].bytes, 8));
    cr_expect(eq(u32, kernel->parameters[1].bytes, 4));
    cr_expect(eq(u32, kernel->parameters[2].bytes, 8));
    cr_expect(strstr(build.result.note, "k: ") != NULL, "%s", build.result.note);
    nvrtc_finish(&build);
    free(cubin);
}

Test(nvrtc, counts_what_a_kernel_keeps_in_local_memory) {
    struct nvrtc_build build;
    struct hone_cuda_image image;
    struct hone_cubin *cubin = malloc(sizeof *cubin);
    nvrtc_compile(toolkit,
                  KERNEL "{ float a[50]; for (int i = 0; i < 50; i++) a[i] = y[i * n];"
                         " for (int i = 0; i < 50; i++) y[i] = a[i * n % 50]; }",
                  &build);
    cr_assert(eq(u32, build.result.verdict, HONE_UNDECIDED), "%s", build.jail.diagnostics);
    hone_cuda_image_open(build.result.image, build.result.image_bytes, &image);
    cr_assert(hone_cubin_read(image.cubin, image.cubin_bytes, cubin) == NULL);
    cr_expect(ge(u32, cubin->kernels[0].local_bytes, 200));
    nvrtc_finish(&build);
    free(cubin);
}

/* Where folders cannot be looked into, and where nothing is hidden. */
Test(nvrtc, compiles_behind_lower_walls) {
    static const char *const levels[] = {"C", "E"};
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        const pid_t child = fork();
        cr_assert(ge(int, child, 0));
        if (child == 0) { /* the walls of a process are found once */
            struct nvrtc_build build;
            setenv("HONE_JAIL_LEVEL", levels[i], 1);
            nvrtc_compile(toolkit, KERNEL "{ y[0] = n; }", &build);
            if (build.failed || build.result.verdict != HONE_UNDECIDED)
                fprintf(stderr, "%s: %s %s%s\n", levels[i], build.error.text, build.result.message,
                        build.jail.diagnostics ? build.jail.diagnostics : "");
            _exit(build.failed || build.result.verdict != HONE_UNDECIDED);
        }
        int status;
        cr_assert(eq(int, waitpid(child, &status, 0), child));
        cr_expect(zero(int, status), "level %s", levels[i]);
    }
}

Test(nvrtc, compiles_for_the_architecture_it_is_given) {
    static const char *const archs[] = {"sm_80", "sm_90a", "sm_100"};
    for (size_t i = 0; i < sizeof archs / sizeof *archs; i++) {
        struct nvrtc_build build;
        struct hone_cuda_image image;
        struct hone_cubin *cubin = malloc(sizeof *cubin);
        nvrtc_compile_for(toolkit, archs[i],
                          KERNEL "{ __shared__ int s[10]; s[threadIdx.x] = n; __syncthreads();"
                                 " y[0] = s[n]; }",
                          "fast_math", "", NULL, 0, &build);
        cr_assert(eq(u32, build.result.verdict, HONE_UNDECIDED), "%s", build.jail.diagnostics);
        hone_cuda_image_open(build.result.image, build.result.image_bytes, &image);
        cr_expect(eq(str, (char *)image.arch, (char *)archs[i]));
        cr_assert(hone_cubin_read(image.cubin, image.cubin_bytes, cubin) == NULL);
        cr_expect(eq(u32, cubin->kernels[0].shared_bytes, 40), "%s", archs[i]);
        nvrtc_finish(&build);
        free(cubin);
    }
}

Test(nvrtc, refuses_what_it_does_not_know) {
    struct nvrtc_build build;
    nvrtc_compile_for(toolkit, NULL, KERNEL "{}", "fast_math  -I/etc", "", NULL, 0, &build);
    cr_expect(eq(int, build.failed, -EINVAL));
    cr_expect(strstr(build.error.text, "\"-I/etc\"") != NULL, "%s", build.error.text);
    nvrtc_compile_for(toolkit, "sm_90 -I/etc", KERNEL "{}", "", "", NULL, 0, &build);
    cr_expect(eq(int, build.failed, -EINVAL));
}

Test(nvrtc, names_the_agent_s_line) {
    expect("// one\n// two\n" KERNEL "{\n  y[0] = q;\n}\n", HONE_COMPILE_FAILED,
           HONE_REASON_COMPILER, "solve.cu:4: error: ", "\"q\" is undefined");
    expect("#include <curand.h>\n" KERNEL "{}", HONE_COMPILE_FAILED, HONE_REASON_COMPILER,
           "solve.cu:1: catastrophic error: ", "curand.h");
    expect(KERNEL "{ asm(\"frob.u32;\"); }", HONE_COMPILE_FAILED, HONE_REASON_COMPILER, "ptxas",
           "frob");
}

Test(nvrtc, notices_a_source_that_does_not_end) {
    expect(KERNEL "{ if (n) { y[0] = 1; }", HONE_COMPILE_FAILED, HONE_REASON_COMPILER,
           "ends inside a function", "`}`");
    expect(KERNEL "{}\n#if 1\n", HONE_COMPILE_FAILED, HONE_REASON_COMPILER, "solve.cu:2", "#endif");
    expect(KERNEL "{}\n/* and then", HONE_COMPILE_FAILED, HONE_REASON_COMPILER, "solve.cu:2",
           "comment");
    expect(KERNEL "{} // the end \\", HONE_UNDECIDED, HONE_REASON_NONE, "", "");
}

Test(nvrtc, puts_the_task_s_macros_in_front) {
    struct nvrtc_build build;
    nvrtc_compile_for(toolkit, NULL, KERNEL "{ y[0] = TILE; }", "", "#define TILE 32\n", NULL, 0,
                      &build);
    cr_expect(eq(u32, build.result.verdict, HONE_UNDECIDED), "%s", build.jail.diagnostics);
    nvrtc_finish(&build);
}

static const struct hone_plan_entry_argument arguments[] = {
    {.kind = HONE_ARGUMENT_POINTER, .type_code = 2, .type_bits = 32},
    {.kind = HONE_ARGUMENT_INT64},
    {.kind = HONE_ARGUMENT_F32},
};

/* With a cubin and without: its facts, and those of the PTX. */
static void expect_plan_for(const char *arch, const char *parameters, const char *name,
                            uint32_t count, const char *const texts[2]) {
    const struct hone_plan_entry entry = {.name = name,
                                          .kind = HONE_STEP_LAUNCH,
                                          .line = 7,
                                          .argument_count = count,
                                          .arguments = arguments};
    char source[256];
    struct nvrtc_build build;
    snprintf(source, sizeof source, "extern \"C\" __global__ void k(%s) {}\n", parameters);
    nvrtc_compile_for(toolkit, arch, source, "", "", &entry, 1, &build);
    cr_assert(eq(int, build.failed, 0));
    if (!texts) {
        cr_expect(eq(u32, build.result.verdict, HONE_UNDECIDED), "%s", build.result.message);
    } else {
        cr_expect(eq(u32, build.result.verdict, HONE_COMPILE_FAILED), "%s", parameters);
        cr_expect(eq(u32, build.result.reason, HONE_REASON_PLAN));
        cr_expect(strstr(build.result.message, "line 7") != NULL, "%s", build.result.message);
        for (int i = 0; i < 2; i++)
            cr_expect(strstr(build.result.message, texts[i]) != NULL, "%s", build.result.message);
    }
    nvrtc_finish(&build);
}

static void expect_plan(const char *parameters, const char *name, uint32_t count,
                        const char *const texts[2]) {
    expect_plan_for("sm_90", parameters, name, count, texts);
    expect_plan_for(NULL, parameters, name, count, texts);
}

Test(nvrtc, checks_the_plan_against_the_kernels) {
    expect_plan("float *x, long n, float a", "k", 3, NULL);
    expect_plan("const void *x, unsigned long long n, float a", "k", 3, NULL);
    expect_plan("float *x, int n, float a", "k", 3, (const char *[]){"argument 2 of `k`", "(int)"});
    expect_plan("float *x, long n, double a", "k", 3, (const char *[]){"argument 3", "a float"});
    expect_plan("float *x, long n", "k", 3, (const char *[]){"passes 3", "takes 2"});
    expect_plan("float *x, long n, float a", "k", 0, (const char *[]){"passes 0", "takes 3"});
    expect_plan("float *x, long n, float a", "other", 3, (const char *[]){"`other`", "extern"});
}

Test(nvrtc, identifies_what_the_image_depends_on) {
    const struct hone_compile_request request = {
        .size = sizeof request, .language = "cuda", .source = "", .options = ""};
    struct hone_compile_job job = {.size = sizeof job}, other = {.size = sizeof other};
    struct hone_error error;
    cr_assert(eq(int, hone_cuda_compile_begin(toolkit, "sm_80", &request, &job, &error), 0));
    cr_assert(eq(int, hone_cuda_compile_begin(toolkit, NULL, &request, &other, &error), 0));
    cr_expect(strstr(job.toolchain, "nvrtc 1") != NULL, "%s", job.toolchain);
    cr_expect(ne(str, (char *)job.toolchain, (char *)other.toolchain));
    cr_expect(strstr(other.toolchain, HONE_CUDA_DEFAULT_ARCH) != NULL);
    hone_cuda_compile_drop(&job);
    hone_cuda_compile_drop(&other);
}

/* What the detector says of the honest ones; of others it is asked in test_ptx_policy.c. */
static void hear(void *host, const char *rule, uint32_t severity, uint32_t line, const char *text) {
    (void)rule, (void)line;
    cr_expect(lt(u32, severity, HONE_ZERO), "%s: %s", (const char *)host, text);
}

static void inspect(const struct hone_compile_result *built, const char *path) {
    struct hone_settings *settings;
    struct hone_instance detector;
    struct hone_error error;
    cr_assert(eq(int, hone_settings_open(NULL, NULL, &settings, &error), 0));
    cr_assert(eq(int,
                 hone_instance_create(settings, "ptx_policy", HONE_DETECTOR, NULL, NULL, &detector,
                                      &error),
                 0),
              "%s", error.text);
    const struct hone_findings findings = {
        .size = sizeof findings, .host = (void *)(uintptr_t)path, .report = hear};
    struct hone_binary binary = {.size = sizeof binary, .language = "cuda", .task = ""};
    cr_assert(eq(
        int,
        hone_cuda_listing(built->image, built->image_bytes, &binary.listing, &binary.listing_bytes),
        0));
    cr_expect(
        eq(int, detector.loaded.plugin->detector->inspect_binary(detector.self, &binary, &findings),
           0));
    hone_instance_destroy(&detector);
    hone_settings_close(settings);
}

/* The first line of a file says how it ends: `// expect: verdict some words`. */
static void try_file(const char *path) {
    char *source = read_text(path), verdict[32] = "", words[160] = "";
    struct nvrtc_build build;
    const bool told = sscanf(source, "// expect: %31s%*[ ]%159[^\n]", verdict, words) >= 1;
    nvrtc_compile(toolkit, source, &build);
    cr_expect(eq(int, build.failed, 0), "%s: %s", path, build.error.text);
    const char *got =
        build.result.verdict == HONE_UNDECIDED ? "good" : hone_verdict_name(build.result.verdict);
    cr_expect(eq(str, (char *)got, told ? verdict : (char *)"good"), "%s: %s\n%s", path,
              build.result.message, build.jail.diagnostics);
    const char *text = build.jail.diagnostics ? build.jail.diagnostics : "";
    cr_expect(strstr(build.result.message, words) != NULL, "%s: %s", path, build.result.message);
    if (build.result.verdict == HONE_UNDECIDED)
        inspect(&build.result, path);
    cr_expect(strstr(text, SECRET) == NULL, "%s shows the environment", path);
    cr_expect(strstr(text, "root:x:") == NULL, "%s shows a file of the host", path);
    nvrtc_finish(&build);
    free(source);
}

static void try_files(const char *pattern, size_t least) {
    glob_t files;
    cr_assert(eq(int, glob(pattern, 0, NULL, &files), 0), "%s", pattern);
    cr_assert(ge(sz, files.gl_pathc, least));
    for (size_t i = 0; i < files.gl_pathc; i++)
        try_file(files.gl_pathv[i]);
    globfree(&files);
}

Test(nvrtc, compiles_what_candidates_write) {
    if (!toolkit->device[0] || !toolkit->include[0])
        cr_skip("no headers for CUDA text");
    try_files("tests/nvrtc/good/*.cu", 8);
}

/* With what its plan launches, checked against the kernels. */
static void try_naive(const struct hone_task *task) {
    static const struct hone_device device = {.size = sizeof device,
                                              .sm_count = 132,
                                              .warp_size = 32,
                                              .max_shared_bytes = 49152,
                                              .l2_bytes = 50 << 20};
    const struct hone_task_file *file = NULL;
    for (uint32_t i = 0; i < task->file_count; i++)
        if (strcmp(task->files[i].name, "naive.cu") == 0)
            file = &task->files[i];
    cr_assert(file != NULL, "%s", task->id);
    struct hone_plan *plan = NULL;
    struct hone_error error;
    cr_assert(
        eq(int, hone_plan_parse(task, "cuda", file->text, file->bytes, &device, &plan, &error), 0),
        "%s: %s", task->id, error.text);
    uint32_t count;
    const struct hone_plan_entry *entries = hone_plan_entries(plan, &count);
    char *macros = hone_plan_macros(plan);
    struct nvrtc_build build;
    nvrtc_compile_for(toolkit, NULL, file->text, "", macros, entries, count, &build);
    cr_expect(eq(int, build.failed, 0), "%s: %s", task->id, build.error.text);
    cr_expect(eq(u32, build.result.verdict, HONE_UNDECIDED), "%s: %s", task->id,
              build.result.message);
    if (build.result.verdict == HONE_UNDECIDED)
        inspect(&build.result, task->id);
    nvrtc_finish(&build);
    hone_plan_destroy(plan);
    free(macros);
}

static void complain(void *context, const char *text) {
    (void)context;
    cr_expect(false, "%s", text);
}

Test(nvrtc, compiles_the_naive_kernel_of_every_task_as_planned) {
    struct hone_settings *settings;
    struct hone_scorer *scorer;
    struct hone_task **tasks;
    struct hone_error error;
    uint32_t count;
    if (!toolkit->device[0])
        cr_skip("no headers for CUDA text");
    cr_assert(eq(int, hone_settings_open(NULL, NULL, &settings, &error), 0), "%s", error.text);
    cr_assert(eq(int, hone_scorer_create(settings, &scorer, &error), 0), "%s", error.text);
    cr_assert(eq(int, hone_scorer_tasks(scorer, &tasks, &count, complain, NULL, &error), 0), "%s",
              error.text);
    cr_assert(ge(u32, count, 20));
    for (uint32_t i = 0; i < count; i++) {
        try_naive(tasks[i]);
        hone_task_destroy(tasks[i]);
    }
    free(tasks);
    hone_scorer_destroy(scorer);
    hone_settings_close(settings);
}

Test(nvrtc, reads_nothing_of_the_host_and_survives_bombs) {
    try_files("tests/nvrtc/refused/*.cu", 20);
}

Test(nvrtc, leaves_nothing_of_a_candidate_to_the_next) {
    expect("#define LEFT 1\n" KERNEL "{ y[0] = LEFT; }", HONE_UNDECIDED, HONE_REASON_NONE, "", "");
    expect(KERNEL "{ y[0] = LEFT; }", HONE_COMPILE_FAILED, HONE_REASON_COMPILER, "LEFT", "");
    expect("static_assert(sizeof __FILE__ == 9);\n" KERNEL "{ y[0] = n; }", HONE_UNDECIDED,
           HONE_REASON_NONE, "", "");
}

Test(nvrtc, refuses_what_emulation_takes_for_other_code) {
    expect("#pragma push_macro(\"LEFT\")\n" KERNEL "{ y[0] = n; }", HONE_POLICY_VIOLATION,
           HONE_REASON_IMPORT, "solve.cu:1:9: `push_macro`", "#pragma unroll");
    expect("\n#ifdef __GNUC__\n#endif\n" KERNEL "{ y[0] = n; }", HONE_POLICY_VIOLATION,
           HONE_REASON_IMPORT, "solve.cu:2:8: `__GNUC__`", "__CUDA_ARCH__");
    expect("#ifdef __CUDACC__\n" KERNEL "{ asm(\"membar.gl;\"); y[0] = n; }\n#endif\n",
           HONE_UNDECIDED, HONE_REASON_NONE, "", "");
}

Test(nvrtc, says_where_it_looked_in_vain) {
    struct hone_places places;
    struct hone_toolkit *other;
    struct hone_error error;
    cr_assert(eq(int, hone_places(&places, &error), 0));
    cr_assert(
        eq(int, hone_toolkit_open("/nowhere", NULL, places.library, &other, &error), -ENOENT));
    cr_expect(strstr(error.text, "/nowhere") != NULL, "%s", error.text);
    cr_expect(zero(ptr, other));
    cr_assert(eq(int, hone_toolkit_open(NULL, NULL, "/nowhere", &other, &error), -ENOENT));
    cr_expect(strstr(error.text, "/nowhere/hone-nvrtc") != NULL, "%s", error.text);
}

/* What a thread compiles beside a bomb. */
static void *compile_beside(void *failures) {
    for (int i = 0; i < 6; i++) {
        struct nvrtc_build build;
        char source[128];
        snprintf(source, sizeof source, KERNEL "{ y[0] = n + %d; }", i);
        nvrtc_compile(toolkit, source, &build);
        *(int *)failures += build.failed || build.result.verdict != HONE_UNDECIDED;
        nvrtc_finish(&build);
    }
    return NULL;
}

Test(nvrtc, compiles_on_beside_bombs) {
    static const char *const bombs[] = {"tests/nvrtc/refused/template_tree.cu",
                                        "tests/nvrtc/refused/constexpr_bomb.cu",
                                        "tests/nvrtc/refused/giant_table.cu"};
    pthread_t neighbour;
    int failures = 0;
    cr_assert(zero(int, pthread_create(&neighbour, NULL, compile_beside, &failures)));
    for (size_t i = 0; i < sizeof bombs / sizeof *bombs; i++)
        try_file(bombs[i]);
    pthread_join(neighbour, NULL);
    cr_expect(zero(int, failures));
}

static long resident_kib(void) {
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    cr_assert(file != NULL);
    cr_assert(eq(int, fscanf(file, "%*d %ld", &pages), 1));
    fclose(file);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static void compile_once(int number) {
    struct nvrtc_build build;
    char source[128];
    snprintf(source, sizeof source, KERNEL "{ y[0] = n * %d; }", number);
    nvrtc_compile(toolkit, source, &build);
    cr_assert(eq(u32, build.result.verdict, HONE_UNDECIDED), "%s", build.error.text);
    nvrtc_finish(&build);
}

Test(nvrtc, keeps_no_memory_of_what_it_compiled) {
#ifdef __SANITIZE_ADDRESS__
    cr_skip_test("the sanitizer keeps what was freed, and looks for leaks itself");
#endif
    for (int i = 0; i < 4; i++)
        compile_once(i);
    const long before = resident_kib();
    for (int i = 4; i < 24; i++)
        compile_once(i);
    cr_expect(lt(long, resident_kib() - before, 512));
}
