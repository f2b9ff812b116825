#include "hardware/cpu/guest/protocol.h"
#include "tests/cuda_cpu_fixture.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <dirent.h>
#include <elf.h>
#include <errno.h>

static struct cpu_bench bench;

static void set_up(void) {
    struct hone_error error;
    cr_assert(cpu_open(&bench, true, &error), "%s", error.text);
    if (!bench.ops->supports(bench.self, 0, "cuda"))
        cr_skip("no C++ compiler for cuda sources here");
    for (uint32_t i = 0; i < CPU_BYTES / sizeof *bench.input; i++)
        bench.input[i] = (float)i;
}

static void tear_down(void) {
    cpu_close(&bench);
}

TestSuite(cuda_cpu, .init = set_up, .fini = tear_down, .timeout = 120);

struct sample {
    char name[64];
    char *source;
};

static int compare(const void *a, const void *b) {
    return strcmp(((const struct sample *)a)->name, ((const struct sample *)b)->name);
}

/* The files of a folder of tests/cuda, by name. */
static uint32_t read_samples(const char *folder, struct sample *samples, uint32_t most) {
    char path[512];
    snprintf(path, sizeof path, "tests/cuda/%s", folder);
    DIR *listing = opendir(path);
    uint32_t count = 0;
    cr_assert(listing != NULL, "no folder %s", path);
    for (struct dirent *entry; (entry = readdir(listing)) && count < most;) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "tests/cuda/%s/%s", folder, entry->d_name);
        FILE *file = fopen(path, "r");
        struct sample *sample = &samples[count++];
        snprintf(sample->name, sizeof sample->name, "%.63s", entry->d_name);
        sample->source = calloc(1, 16384);
        cr_assert(file && sample->source && fread(sample->source, 1, 16383, file) > 0);
        fclose(file);
    }
    closedir(listing);
    qsort(samples, count, sizeof *samples, compare);
    return count;
}

static void compile_as(const char *source, const char *name, uint32_t flags, struct cuda_plan *plan,
                       struct cpu_build *build) {
    cuda_read_plan(source, CPU_BYTES / 4, plan);
    cuda_compile_as(&bench, source, plan, flags, build);
    cr_assert(eq(int, build->failed, 0), "%s: %s", name, build->error.text);
    cr_assert(eq(u32, build->result.verdict, HONE_UNDECIDED), "%s: %s\n%s", name,
              build->result.message, build->jail.diagnostics);
}

static void compile(const char *source, const char *name, struct cuda_plan *plan,
                    struct cpu_build *build) {
    compile_as(source, name, 0, plan, build);
}

static void *start(const struct cpu_build *build, const struct cuda_plan *plan, uint32_t flags) {
    struct hone_go_result started;
    void *process = NULL;
    cr_assert(eq(int, cuda_start(&bench, build, plan, flags, &process, &started), 0), "%s",
              started.text);
    cr_assert(eq(u32, started.status, HONE_GO_DONE), "%s", started.text);
    return process;
}

static uint32_t count_threads(const struct cuda_plan *plan) {
    const uint64_t *words = plan->words + 1;
    const uint64_t blocks = (uint32_t)words[2] * (words[2] >> 32) * (uint32_t)words[3];
    return (uint32_t)(blocks * (uint32_t)words[4] * (words[4] >> 32) * (uint32_t)words[5]);
}

/* A good sample writes 1 for every thread that saw what it should. */
static void expect_ones(const char *name, const struct cuda_plan *plan, void *process,
                        uint32_t order, uint64_t seed) {
    struct hone_go_result result;
    memset(bench.output, 0xff, CPU_BYTES);
    cr_assert(eq(int, cuda_go(&bench, process, plan, order, seed, &result), 0));
    cr_assert(eq(u32, result.status, HONE_GO_DONE), "%s, order %u: %s%s", name, order, result.text,
              result.report);
    for (uint32_t i = 0; i < count_threads(plan); i++)
        cr_assert(eq(flt, bench.output[i], 1), "%s, order %u, thread %u", name, order, i);
}

static void expect_good(const struct sample *sample, bool untimed) {
    struct cuda_plan plan;
    struct cpu_build build;
    compile_as(sample->source, sample->name, untimed ? HONE_COMPILE_UNTIMED : 0, &plan, &build);
    for (uint32_t flags = 0; flags <= HONE_PROCESS_CHECKING; flags += HONE_PROCESS_CHECKING) {
        void *process = start(&build, &plan, flags | (untimed ? HONE_PROCESS_UNTIMED : 0));
        expect_ones(sample->name, &plan, process, HONE_ORDER_FORWARD, 0);
        expect_ones(sample->name, &plan, process, HONE_ORDER_REVERSE, 0);
        for (uint64_t seed = 1; seed <= 4; seed++)
            expect_ones(sample->name, &plan, process, HONE_ORDER_RANDOM, seed);
        bench.ops->process_stop(process);
    }
    hone_jail_finish(&build.jail);
}

Test(cuda_cpu, computes_what_a_gpu_would_in_every_order_and_build) {
    struct sample samples[64];
    const uint32_t count = read_samples("good", samples, 64);
    cr_assert(ge(u32, count, 30));
    for (uint32_t i = 0; i < count; i++) {
        expect_good(&samples[i], false);
        free(samples[i].source);
    }
}

Test(cuda_cpu, computes_the_same_in_builds_and_processes_that_nobody_times) {
    struct sample samples[64];
    const uint32_t count = read_samples("good", samples, 64);
    for (uint32_t i = 0; i < count; i++) {
        expect_good(&samples[i], true);
        free(samples[i].source);
    }
}

static void begin_job(const char *source, uint32_t flags, struct hone_compile_job *job) {
    struct cuda_plan plan;
    struct hone_error error = {""};
    cuda_read_plan(source, CPU_BYTES / 4, &plan);
    const struct hone_compile_request request = cuda_request(source, &plan, flags);
    *job = (struct hone_compile_job){.size = sizeof *job};
    cr_assert(eq(int, bench.ops->compile_begin(bench.self, &request, job, &error), 0), "%s",
              error.text);
}

/* Or a cache would hand one out for the other. */
Test(cuda_cpu, never_takes_an_untimed_image_for_a_timed_one) {
    static const char source[] = "//@hone launch k grid=(1) block=(32) args=(y)\n"
                                 "extern \"C\" __global__ void k(float *y) {\n"
                                 "    y[threadIdx.x] = 1;\n"
                                 "}\n";
    struct hone_compile_job timed, untimed;
    begin_job(source, 0, &timed);
    begin_job(source, HONE_COMPILE_UNTIMED, &untimed);
    cr_expect(ne(str, (char *)timed.toolchain, (char *)untimed.toolchain));
    bench.ops->compile_drop(bench.self, &timed);
    bench.ops->compile_drop(bench.self, &untimed);
}

static uint32_t find_reason(const char *name) {
    return !strncmp(name, "out_of_bounds", 13)      ? HONE_REASON_OUT_OF_BOUNDS
           : !strncmp(name, "nondeterministic", 16) ? HONE_REASON_NONDETERMINISTIC
                                                    : HONE_REASON_NONE;
}

/* The first line of a bad sample: the reason, then words of the report. */
static void expect_report(const struct sample *sample, uint32_t order) {
    struct cuda_plan plan;
    struct cpu_build build;
    struct hone_go_result result;
    char words[256];
    compile(sample->source, sample->name, &plan, &build);
    void *process = start(&build, &plan, HONE_PROCESS_CHECKING);
    cr_assert(eq(int, cuda_go(&bench, process, &plan, order, 5, &result), 0));
    cr_assert(eq(u32, result.status, HONE_GO_REPORTED), "%s: status %u %s", sample->name,
              result.status, result.text);
    snprintf(words, sizeof words, "%.*s", (int)strcspn(sample->source, "\n"), sample->source);
    char *rest = NULL, *word = strtok_r(words + 3, " ", &rest);
    cr_assert(eq(u32, (uint32_t)result.code, find_reason(word)), "%s: %s", sample->name,
              result.report);
    while (order == HONE_ORDER_FORWARD && (word = strtok_r(NULL, " ", &rest)))
        cr_assert(strstr(result.report, word) != NULL, "%s: \"%s\" is not in: %s", sample->name,
                  word, result.report);
    bench.ops->process_stop(process);
    hone_jail_finish(&build.jail);
}

Test(cuda_cpu, reports_faults_in_the_checking_build_whatever_the_order) {
    struct sample samples[64];
    const uint32_t count = read_samples("bad", samples, 64);
    cr_assert(ge(u32, count, 40));
    for (uint32_t i = 0; i < count; i++) {
        expect_report(&samples[i], i % 3);
        if (i % 3)
            expect_report(&samples[i], HONE_ORDER_FORWARD);
        free(samples[i].source);
    }
}

/* In both builds, and instead of a limit that says nothing. */
Test(cuda_cpu, says_of_a_block_that_waits_for_a_later_one_what_a_gpu_promises) {
    static const char source[] = "//@hone launch k grid=(2) block=(64) args=(y)\n"
                                 "__device__ volatile int told[2];\n"
                                 "extern \"C\" __global__ void k(float *y) {\n"
                                 "    if (threadIdx.x == 3) told[blockIdx.x] = 1;\n"
                                 "    if (threadIdx.x == 5 && blockIdx.x == 0)\n"
                                 "        while (!told[1]) { y[0] = 1; }\n"
                                 "    __syncthreads();\n"
                                 "    y[blockIdx.x] = 2;\n"
                                 "}\n";
    struct cuda_plan plan;
    struct cpu_build build;
    struct hone_go_result result;
    compile(source, "later", &plan, &build);
    for (uint32_t flags = 0; flags <= HONE_PROCESS_CHECKING; flags += HONE_PROCESS_CHECKING) {
        void *process = start(&build, &plan, flags);
        cr_assert(eq(int, cuda_go(&bench, process, &plan, HONE_ORDER_FORWARD, 0, &result), 0));
        cr_assert(eq(u32, result.status, HONE_GO_REPORTED), "status %u %s", result.status,
                  result.text);
        cr_expect(eq(u32, (uint32_t)result.code, HONE_REASON_NONDETERMINISTIC));
        cr_expect(strstr(result.report, "thread (5,0,0) waits in line 6") != NULL, "%s",
                  result.report);
        cr_expect(strstr(result.report, "no promised order") != NULL, "%s", result.report);
        bench.ops->process_stop(process);
    }
    hone_jail_finish(&build.jail);
}

/* How a source ends that does not compile. */
static void expect_refusal(const char *source, enum hone_verdict verdict, const char *text) {
    struct cuda_plan plan;
    struct cpu_build build;
    cuda_read_plan(source, 64, &plan);
    cuda_compile(&bench, source, &plan, &build);
    cr_assert(eq(int, build.failed, 0), "%s", build.error.text);
    cr_assert(eq(u32, build.result.verdict, verdict), "%s\n%s", build.result.message,
              build.jail.diagnostics);
    cr_assert(strstr(build.result.message, text) != NULL, "\"%s\" is not in: %s\n%s", text,
              build.result.message, build.jail.diagnostics);
    hone_jail_finish(&build.jail);
}

#define LAUNCH(arguments) "//@hone launch k grid=(1) block=(32) args=(" arguments ")\n"

Test(cuda_cpu, says_at_the_plan_s_line_what_the_kernel_takes_differently) {
    expect_refusal(LAUNCH("x, y") "extern \"C\" __global__ void k(const float *x) {}",
                   HONE_COMPILE_FAILED, "solve.cu:1:");
    expect_refusal(LAUNCH("x, n") "extern \"C\" __global__ void k(const float *x, int n) {}",
                   HONE_COMPILE_FAILED, "write (int)");
    expect_refusal("\n" LAUNCH("n") "extern \"C\" __global__ void k(const float *x) {}",
                   HONE_COMPILE_FAILED, "solve.cu:2:");
    expect_refusal(LAUNCH("x") "extern \"C\" __global__ int k(const float *x) { return 0; }",
                   HONE_COMPILE_FAILED, "is no kernel");
    expect_refusal(LAUNCH("x") "extern \"C\" __global__ void other(const float *x) {}",
                   HONE_COMPILE_FAILED, "k");
}

Test(cuda_cpu, says_of_a_kernel_with_a_name_that_is_not_c_s_how_it_is_declared) {
    expect_refusal(LAUNCH("y") "__global__ void k(float *y) { y[threadIdx.x] = 1; }",
                   HONE_COMPILE_FAILED, "is declared extern \"C\" __global__ void");
    expect_refusal(LAUNCH("y") "extern \"C\" __global__ int k(float *y) { return 0; }",
                   HONE_COMPILE_FAILED, "`k` is no kernel");
}

/* As a GPU's compiler: overloads are C++ functions', which max is and norm is not. */
Test(cuda_cpu, takes_a_kernel_with_the_name_of_an_overload_of_cuda_s) {
    static const char max[] =
        "//@hone launch max grid=(1) block=(32) args=(y, n)\n"
        "extern \"C\" __global__ void max(float *y, long long n) { y[threadIdx.x] = max(1, 0); }\n";
    const struct sample sample = {"max", (char *)(uintptr_t)max};
    expect_good(&sample, false);
    expect_refusal("//@hone launch norm grid=(1) block=(32) args=(y)\n"
                   "extern \"C\" __global__ void norm(float *y) { y[threadIdx.x] = 1; }\n",
                   HONE_COMPILE_FAILED, "rename it");
}

Test(cuda_cpu, takes_a_kernel_with_the_name_of_a_template) {
    static const char source[] =
        "//@hone launch half grid=(1) block=(32) args=(y, n)\n"
        "template <class T> __device__ T half(T v) { return v / 2; }\n"
        "extern \"C\" __global__ void half(float *y, /* (all */ long long n) {\n"
        "    y[threadIdx.x] = half(2.0f);\n"
        "}\n"
        "template <class T> __device__ T half(T u, T v) { return half(u + v); }\n";
    const struct sample sample = {"half", (char *)(uintptr_t)source};
    expect_good(&sample, false);
    expect_refusal("//@hone launch k grid=(1) block=(32) args=(y)\n"
                   "template <class T> __device__ void k(T) {}\n"
                   "extern \"C\" __global__ void k(float *y, int n) { y[0] = n; }\n",
                   HONE_COMPILE_FAILED, "the plan gives `k` 1 argument");
    expect_refusal("//@hone launch k grid=(1) block=(32) args=(y)\n"
                   "template <class T> __device__ void k(T) {}\n"
                   "extern \"C\" __global__ void k(float *y\n#define takes\n) { y[0] = 1; }\n",
                   HONE_COMPILE_FAILED, "no matching function");
}

Test(cuda_cpu, takes_assertions_and_assumptions) {
    static const char source[] = "#include <cassert>\n"
                                 "//@hone launch k grid=(1) block=(32) args=(y, n)\n"
                                 "extern \"C\" __global__ void k(float *y, long long n) {\n"
                                 "    __builtin_assume(blockDim.x == 32);\n"
                                 "    assert(threadIdx.x < 32 && \"of one warp\");\n"
                                 "    y[threadIdx.x] = 1;\n"
                                 "}\n"
                                 "#define NDEBUG\n"
                                 "#include <assert.h>\n"
                                 "__device__ inline void without() { assert(false); }\n";
    const struct sample sample = {"assert", (char *)(uintptr_t)source};
    expect_good(&sample, false);
}

/* Whatever a build optimises. */
Test(cuda_cpu, takes_what_rounds_or_counts_in_lanes) {
    static const char source[] =
        LAUNCH("y, n") "extern \"C\" __global__ void k(float *y, long long n) {\n"
                       "    float v = __double2float_rn(0.5 * __int2double_rn((int)n));\n"
                       "    v = (float)__float2int_rd(v) + __ull2float_rz(n) + __dadd_ru(n, v);\n"
                       "    v *= __fmul_rd(v, v) + __fdiv_ru(v, 2) + __vadd4((unsigned)n, 1);\n"
                       "    y[threadIdx.x] = v == v ? 1 : v;\n"
                       "}\n";
    const struct sample sample = {"rounding", (char *)(uintptr_t)source};
    expect_good(&sample, false);
}

Test(cuda_cpu, names_the_line_of_an_error) {
    expect_refusal(
        LAUNCH("y") "\nextern \"C\" __global__ void k(float *y) {\n  y[0] = nonsense;\n}",
        HONE_COMPILE_FAILED, "solve.cu:4:");
    expect_refusal(LAUNCH("y") "extern \"C\" __global__ void k(float *y) { threadIdx.x = 1; }",
                   HONE_COMPILE_FAILED, "solve.cu:2:");
}

Test(cuda_cpu, names_the_line_of_a_call_that_a_header_objects_to) {
    expect_refusal(LAUNCH("y") "extern \"C\" __global__ void k(float *y) {\n"
                               "    atomicAdd((short *)y, (short)1); }",
                   HONE_COMPILE_FAILED, "solve.cu:3:14: error: static assertion failed: atomicAdd");
}

Test(cuda_cpu, refuses_what_an_image_may_not_have) {
    expect_refusal(LAUNCH("y") "__device__ float f(); extern \"C\" __global__ void k(float *y) { "
                               "y[0] = f(); }",
                   HONE_POLICY_VIOLATION, "f()");
    expect_refusal(LAUNCH("y") "struct s { float v; s() { volatile float x = 1; v = expf(x); } }; "
                               "__device__ s one;\n"
                               "extern \"C\" __global__ void k(float *y) { y[0] = one.v; }",
                   HONE_POLICY_VIOLATION, "constructor");
    expect_refusal(LAUNCH("y") "extern \"C\" __global__ void k(float *y) {\n"
                               "    __shared__ float s[12289]; s[threadIdx.x] = 1;\n"
                               "    __syncthreads(); y[0] = s[threadIdx.x ^ 1]; }",
                   HONE_COMPILE_FAILED, "48 KiB");
}

Test(cuda_cpu, ends_a_block_that_asks_for_too_much) {
    struct cuda_plan plan;
    struct cpu_build build;
    struct hone_go_result result;
    compile("//@hone launch k grid=(1) block=(32) shared=240000 args=(y)\n"
            "extern __shared__ float s[];\n"
            "extern \"C\" __global__ void k(float *y) { s[threadIdx.x] = 1; __syncthreads(); "
            "y[threadIdx.x] = s[threadIdx.x]; }",
            "shared", &plan, &build);
    void *process = start(&build, &plan, 0);
    cr_assert(eq(int, cuda_go(&bench, process, &plan, 0, 0, &result), 0));
    cr_assert(eq(u32, result.status, HONE_GO_REPORTED));
    cr_assert(strstr(result.report, "227 KiB") != NULL, "%s", result.report);
    bench.ops->process_stop(process);
    hone_jail_finish(&build.jail);
}

Test(cuda_cpu, ends_a_thread_whose_variables_do_not_fit_on_its_stack) {
    struct cuda_plan plan;
    struct cpu_build build;
    struct hone_go_result result;
    compile("//@hone launch k grid=(1) block=(1024) args=(x, y)\n"
            "extern \"C\" __global__ void k(const float *x, float *y) {\n"
            "    volatile float rows[4096];\n"
            "    for (int i = 0; i < 4096; i++) rows[i] = x[i];\n"
            "    __syncthreads();\n"
            "    y[threadIdx.x] = rows[(int)x[threadIdx.x]]; }",
            "stack", &plan, &build);
    void *process = start(&build, &plan, 0);
    cr_assert(eq(int, cuda_go(&bench, process, &plan, 0, 0, &result), 0));
    cr_assert(ne(u32, result.status, HONE_GO_DONE));
    bench.ops->process_stop(process);
    hone_jail_finish(&build.jail);
}

Test(cuda_cpu, keeps_a_report_of_its_own_making_harmless) {
    struct cuda_plan plan;
    struct cpu_build build;
    struct hone_go_result result;
    compile("//@hone launch k grid=(1) block=(32) args=(y)\n"
            "extern \"C\" __global__ void k(float *y) {\n"
            "    unsigned long long *page = (unsigned long long *)0x5ffbe000;\n"
            "    page[1] = 5; page[0] = 0x74726f7065526e48ull;\n"
            "    for (int i = 0; i < 500; i++) ((char *)page)[16 + i] = (char)(i * 7 + 128);\n"
            "    y[0] = 1; __trap(); }",
            "report", &plan, &build);
    void *process = start(&build, &plan, 0);
    cr_assert(eq(int, cuda_go(&bench, process, &plan, 0, 0, &result), 0));
    if (result.status == HONE_GO_REPORTED)
        for (const char *at = result.report; *at; at++)
            cr_assert(all(ge(chr, at[0], ' '), le(chr, at[0], '~')));
    else
        cr_assert(eq(u32, result.status, HONE_GO_CRASHED));
    bench.ops->process_stop(process);
    hone_jail_finish(&build.jail);
}

/* A process that is not checked may share its memory with workloads that are kept from agents, and
 * what it says on another is shown. */
Test(cuda_cpu, tells_the_sizes_of_arguments_to_nobody_but_the_checks) {
    struct cuda_plan plan;
    struct cpu_build build;
    struct hone_go_result result;
    compile("//@hone launch k grid=(1) block=(1) args=(y)\n"
            "extern \"C\" __global__ void k(float *y) {\n"
            "    const unsigned long long *page = (const unsigned long long *)0x5ffbf000;\n"
            "    int told = ((const unsigned *)page)[1] != 0;\n"
            "    for (int i = 3; i < 512; i++) told += page[i] != 0;\n"
            "    y[0] = told; }",
            "control", &plan, &build);
    void *process = start(&build, &plan, HONE_PROCESS_CHECKING);
    bench.ops->process_stop(process); /* nor is anything left of one before, in the same place */
    process = start(&build, &plan, 0);
    cr_assert(eq(int, cuda_go(&bench, process, &plan, 0, 0, &result), 0));
    cr_assert(eq(u32, result.status, HONE_GO_DONE), "%s%s", result.text, result.report);
    cr_expect(eq(flt, bench.output[0], 0));
    bench.ops->process_stop(process);
    hone_jail_finish(&build.jail);
}

/* What the loader says of an image with one thing changed. */
static void refuse_changed(const struct cpu_build *build, const struct cuda_plan *plan,
                           uint32_t flags, void (*change)(uint8_t *), const char *reason) {
    struct cpu_build changed = *build;
    struct hone_go_result started;
    void *process;
    uint8_t *image = malloc(build->jail.output.byte_count);
    memcpy(image, build->jail.output.bytes, build->jail.output.byte_count);
    change(image);
    changed.jail.output.bytes = image;
    cr_assert(eq(int, cuda_start(&bench, &changed, plan, flags, &process, &started), 0));
    cr_assert(eq(u32, started.status, HONE_GO_REFUSED), "%s", reason);
    cr_assert(strstr(started.text, reason) != NULL, "\"%s\" is not in: %s", reason, started.text);
    free(image);
}

static Elf64_Phdr *find_segment(uint8_t *image, uint32_t type) {
    const Elf64_Ehdr *elf = (const Elf64_Ehdr *)(const void *)image;
    Elf64_Phdr *segment = (Elf64_Phdr *)(void *)(image + elf->e_phoff);
    while (segment->p_type != type)
        segment++;
    return segment;
}

static void initialise_shared(uint8_t *image) {
    find_segment(image, PT_TLS)->p_filesz = 8;
}
static void ask_for_more_shared(uint8_t *image) {
    find_segment(image, PT_TLS)->p_memsz += 0x1000;
}
static void end_shared_within_a_page(uint8_t *image) {
    find_segment(image, PT_TLS)->p_memsz -= 8;
}
static void share_twice(uint8_t *image) {
    find_segment(image, HONE_CHECKING_SEGMENT)->p_type = PT_TLS;
    Elf64_Phdr *second = find_segment(image, PT_TLS) + 1;
    second->p_filesz = 0;
    second->p_memsz = 0x1000;
}
static void become_c(uint8_t *image) {
    const uint64_t magic = HONE_ENTRIES_MAGIC;
    memcpy(image + find_segment(image, PT_LOAD)->p_offset, &magic, sizeof magic);
}
static void check_past_the_end(uint8_t *image) {
    find_segment(image, HONE_CHECKING_SEGMENT)->p_offset = UINT64_MAX - 8;
}
static void break_the_checking_build(uint8_t *image) {
    image[find_segment(image, HONE_CHECKING_SEGMENT)->p_offset] ^= 1;
}

Test(cuda_cpu, refuses_hostile_images) {
    struct cuda_plan plan;
    struct cpu_build build;
    compile("//@hone launch k grid=(1) block=(32) args=(y)\n"
            "extern \"C\" __global__ void k(float *y) { __shared__ int s[32]; s[threadIdx.x] = 1;\n"
            "    __syncthreads(); y[threadIdx.x] = s[31 - threadIdx.x]; }",
            "hostile", &plan, &build);
    refuse_changed(&build, &plan, 0, initialise_shared, "initial values");
    refuse_changed(&build, &plan, 0, ask_for_more_shared, "shared memory");
    refuse_changed(&build, &plan, 0, end_shared_within_a_page, "shared memory");
    refuse_changed(&build, &plan, 0, share_twice, "more than one thread-local");
    refuse_changed(&build, &plan, 0, become_c, "thread-local variables");
    refuse_changed(&build, &plan, 0, check_past_the_end, "checking build reaches past");
    refuse_changed(&build, &plan, HONE_PROCESS_CHECKING, break_the_checking_build, "ELF");
    hone_jail_finish(&build.jail);
}
