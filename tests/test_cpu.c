#include "tests/cpu_run.h"
#include "tests/orphan.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#define MILLISECOND 1000000ull

TestSuite(cpu, .init = cpu_begin, .fini = cpu_end, .timeout = 60);

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec;
}

static int count_entries(const char *path) {
    DIR *folder = opendir(path);
    int count = 0;
    while (folder && readdir(folder))
        count++;
    if (folder)
        closedir(folder);
    return count;
}

Test(cpu, computes_axpby_and_reads_both_clocks) {
    struct hone_go_result result = run_once(
        CPU_SOLVE "{ for (int64_t i = 0; i < n; i++) y[i] = alpha * x[i]; }", "", 64, 2.5f, SECOND);
    cr_assert(eq(u32, result.status, HONE_GO_DONE));
    cr_assert(eq(flt, bench.output[63], 157.5f));
    cr_assert(lt(u64, 0, result.wall_ns));
    cr_assert(lt(u64, 0, result.cpu_ns));
}

Test(cpu, runs_a_batch_of_calls_in_order_and_each_with_its_words) {
    struct cpu_build build;
    void *process = start_source(
        CPU_SOLVE "{ static int calls; (void)x; y[n] = alpha + (float)calls++; }", "", &build);
    uint64_t words[3][4];
    for (uint64_t i = 0; i < 3; i++) {
        float alpha = (float)i * 10;
        memcpy(words[i], (uint64_t[]){CPU_INPUT, CPU_OUTPUT, i, 0}, sizeof words[i]);
        memcpy(&words[i][3], &alpha, sizeof alpha);
    }
    struct hone_go go = {
        .size = sizeof go, .count = 3, .word_count = 4, .words = words[0], .limit_ns = SECOND};
    struct hone_go_result result = {.size = sizeof result};
    cr_assert(eq(int, bench.ops->process_go(process, &go, &result), 0));
    cr_assert(eq(u32, result.status, HONE_GO_DONE));
    cr_assert(eq(flt, bench.output[0], 0.0f));
    cr_assert(eq(flt, bench.output[1], 11.0f));
    cr_assert(eq(flt, bench.output[2], 22.0f));
    bench.ops->process_stop(process);
    hone_jail_finish(&build.jail);
}

Test(cpu, leaves_no_words_to_the_next_process_in_the_same_place) {
    static const char reader[] = "#include <stdint.h>\n"
                                 "void solve(const float *x, float *y, int64_t n, float a) {\n"
                                 "    const volatile uint64_t *words = (void *)0x5ffc0000;\n"
                                 "    y[0] = 0;\n"
                                 "    for (int i = 4; i < 64; i++) y[0] += words[i] != 0;\n"
                                 "}\n";
    uint64_t words[64];
    struct cpu_build build;
    struct hone_go_result result = {.size = sizeof result};
    void *process = NULL;
    for (int i = 0; i < 64; i += 4)
        memcpy(&words[i], (uint64_t[]){CPU_INPUT, CPU_OUTPUT, 1000 + (uint64_t)i, 1},
               4 * sizeof *words);
    const struct hone_go go = {
        .size = sizeof go, .count = 16, .word_count = 4, .words = words, .limit_ns = 1000000000};
    cpu_compile(&bench, reader, "", &build);
    cr_assert(eq(u32, build.result.verdict, HONE_UNDECIDED), "%s", build.result.message);
    cr_assert(eq(int, cpu_start(&bench, &build, &process, &result), 0));
    cr_assert(eq(int, bench.ops->process_go(process, &go, &result), 0));
    cr_assert(eq(flt, bench.output[0], 60)); /* its own */
    bench.ops->process_stop(process);
    cr_assert(eq(int, cpu_start(&bench, &build, &process, &result), 0));
    cr_assert(eq(int, cpu_go(&bench, process, 7, 1, 1000000000, &result), 0));
    cr_expect(eq(u32, result.status, HONE_GO_DONE), "%s", result.text);
    cr_expect(eq(flt, bench.output[0], 0));
    bench.ops->process_stop(process);
    hone_jail_finish(&build.jail);
}

Test(cpu, refuses_more_words_than_fit_and_runs_a_go_of_nothing) {
    struct cpu_build build;
    void *process =
        start_source(CPU_SOLVE "{ (void)x, (void)y, (void)n, (void)alpha; }", "", &build);
    struct hone_go go = {.size = sizeof go, .count = 10000, .word_count = 4, .limit_ns = SECOND};
    struct hone_go_result result = {.size = sizeof result};
    cr_assert(eq(int, bench.ops->process_go(process, &go, &result), -E2BIG));
    go.count = 0;
    go.word_count = 0;
    result = (struct hone_go_result){.size = sizeof result};
    cr_assert(eq(int, bench.ops->process_go(process, &go, &result), 0));
    cr_assert(eq(u32, result.status, HONE_GO_DONE));
    cr_assert(lt(u64, 0, result.wall_ns));
    cr_assert(eq(int, cpu_go(&bench, process, 0, 0, SECOND, &result), 0));
    cr_assert(eq(u32, result.status, HONE_GO_DONE));
    bench.ops->process_stop(process);
    hone_jail_finish(&build.jail);
}

Test(cpu, kills_an_endless_loop_at_its_limit) {
    struct cpu_build build;
    struct hone_go_result result;
    void *process = start_source(
        CPU_SOLVE "{ (void)x, (void)n, (void)alpha; for (;;) *(volatile float *)y = 1; }", "",
        &build);
    /* The best of a few: the machine may be busy, the backend may not. */
    uint64_t best = UINT64_MAX;
    for (int i = 0; i < 4 && best >= 150 * MILLISECOND; i++) {
        uint64_t begun = now_ns();
        cr_assert(eq(int, cpu_go(&bench, process, 0, 0, 50 * MILLISECOND, &result), 0));
        uint64_t took = now_ns() - begun;
        cr_assert(eq(u32, result.status, HONE_GO_TIMED_OUT));
        cr_assert(ge(u64, took, 50 * MILLISECOND));
        best = took < best ? took : best;
        cr_assert(eq(int, cpu_go(&bench, process, 0, 0, SECOND, &result), -ESRCH));
        bench.ops->process_stop(process);
        cr_assert(eq(int, cpu_start(&bench, &build, &process, &result), 0));
    }
    cr_assert(lt(u64, best, 150 * MILLISECOND));
    bench.ops->process_stop(process);
    hone_jail_finish(&build.jail);
}

Test(cpu, tells_where_a_write_to_an_input_faulted) {
    struct hone_go_result result =
        run_once(CPU_SOLVE "{ (void)y, (void)alpha; ((float *)x)[n] = 1; }", "", 25, 0, SECOND);
    cr_assert(eq(u32, result.status, HONE_GO_CRASHED));
    cr_assert(eq(int, result.signal, SIGSEGV));
    cr_assert(eq(u64, result.address, CPU_INPUT + 100));
    cr_assert(eq(u32, result.write_fault, 1));
}

Test(cpu, tells_a_read_past_a_buffer_from_a_write) {
    struct hone_go_result result =
        run_once(CPU_SOLVE "{ (void)alpha; y[0] = x[n]; }", "", CPU_BYTES / 4, 0, SECOND);
    cr_assert(eq(u32, result.status, HONE_GO_CRASHED));
    cr_assert(eq(u64, result.address, CPU_INPUT + CPU_BYTES));
    cr_assert(eq(u32, result.write_fault, 0));
}

Test(cpu, reports_a_stack_overflow_as_a_crash) {
    struct hone_go_result result =
        run_once("__attribute__((noinline)) static float deep(volatile float *a, int64_t n) {\n"
                 "    volatile float b[256]; b[0] = a[0] + 1; float c = deep(b, n + 1); return c + "
                 "b[0]; }\n" CPU_SOLVE "{ (void)x, (void)alpha; y[0] = deep(y, n); }",
                 "", 0, 0, SECOND);
    cr_assert(eq(u32, result.status, HONE_GO_CRASHED));
    cr_assert(eq(int, result.signal, SIGSEGV));
}

Test(cpu, gives_a_candidate_eight_megabytes_of_stack) {
    struct hone_go_result result = run_once(
        CPU_SOLVE "{ volatile char big[7900 << 10]; (void)x, (void)alpha;\n"
                  "for (int64_t i = 0; i < 7900 << 10; i += 4096) big[i] = 1; y[0] = big[n]; }",
        "", 4096, 0, SECOND);
    cr_assert(eq(u32, result.status, HONE_GO_DONE));
    cr_assert(eq(flt, bench.output[0], 1.0f));
}

Test(cpu, names_the_signals_of_illegal_instructions_and_divisions) {
    struct hone_go_result result =
        run_once(CPU_SOLVE "{ (void)x, (void)y, (void)n, (void)alpha; __builtin_trap(); }", "", 0,
                 0, SECOND);
    cr_assert(eq(u32, result.status, HONE_GO_CRASHED));
    cr_assert(eq(int, result.signal, SIGILL));
    result =
        run_once(CPU_SOLVE "{ (void)x, (void)alpha; y[0] = (float)(7 / (volatile int64_t){n}); }",
                 "", 0, 0, SECOND);
    cr_assert(eq(int, result.signal, SIGFPE));
}

Test(cpu, reports_an_exit_with_its_code) {
    struct hone_go_result result =
        run_once(CPU_SOLVE "{ (void)x, (void)y, (void)n, (void)alpha;\n"
                           "__asm__ volatile(\"syscall\" : : \"a\"(231L), \"D\"(42L)); }",
                 "", 0, 0, SECOND);
    cr_assert(eq(u32, result.status, HONE_GO_EXITED));
    cr_assert(eq(int, result.code, 42));
}

Test(cpu, offers_libm_and_the_memory_functions) {
    struct hone_go_result result = run_once(
        "#include <math.h>\n#include <string.h>\n#include <complex.h>\n" CPU_SOLVE
        "{ (void)n; volatile double d = alpha; float t[4]; volatile long double l = alpha;\n"
        "size_t k = (size_t)n; memset(t, 0, k); memcpy(t, x + 4, k); memmove(t + 1, t, k - 4);\n"
        "volatile float complex z = alpha; char s[] = \"abc\"; volatile char *c = s; c[1] = 'x';\n"
        "y[0] = (float)sin(d); y[1] = expf(alpha); y[2] = (float)log1pl(l); y[3] = t[1];\n"
        "y[4] = crealf(cexpf(z)); y[5] = (float)strlen(s); y[6] = (float)memcmp(x, x, k);\n"
        "y[7] = (float)tgamma(d); y[8] = powf(alpha, 3); y[9] = (float)lgamma(d); }",
        "", 16, 1.5f, SECOND);
    cr_assert(eq(u32, result.status, HONE_GO_DONE));
    cr_assert(epsilon_eq(flt, bench.output[0], sinf(1.5f), 1e-6f));
    cr_assert(epsilon_eq(flt, bench.output[1], expf(1.5f), 1e-5f));
    cr_assert(epsilon_eq(flt, bench.output[2], log1pf(1.5f), 1e-6f));
    cr_assert(eq(flt, bench.output[3], 4.0f));
    cr_assert(epsilon_eq(flt, bench.output[4], expf(1.5f), 1e-5f));
    cr_assert(eq(flt, bench.output[5], 3.0f));
    cr_assert(eq(flt, bench.output[6], 0.0f));
    cr_assert(epsilon_eq(flt, bench.output[7], 0.886227f, 1e-5f));
    cr_assert(epsilon_eq(flt, bench.output[8], 3.375f, 1e-5f));
    cr_assert(epsilon_eq(flt, bench.output[9], lgammaf(1.5f), 1e-5f));
}

Test(cpu, calls_the_vector_library_under_fast_math) {
    struct cpu_build build;
    struct hone_go_result result;
    void *process = start_source(
        "#include <math.h>\n" CPU_SOLVE
        "{ for (int64_t i = 0; i < n; i++) y[i] = alpha * expf(x[i] * 0.01f) + sinf(x[i]); }",
        "fast_math unroll_loops", &build);
    bool has_vector_names =
        memmem(build.jail.bytes, build.jail.output.byte_count, "_ZGV", 4) != NULL;
    cr_assert(has_vector_names, "the compiler did not use libmvec");
    cr_assert(eq(int, cpu_go(&bench, process, 64, 2, SECOND, &result), 0));
    cr_assert(eq(u32, result.status, HONE_GO_DONE));
    for (int i = 0; i < 64; i++)
        cr_assert(
            epsilon_eq(flt, bench.output[i], 2 * expf((float)i * 0.01f) + sinf((float)i), 1e-5f));
    bench.ops->process_stop(process);
    hone_jail_finish(&build.jail);
}

Test(cpu, starts_every_call_with_the_default_rounding) {
    struct cpu_build build;
    struct hone_go_result result;
    void *process = start_source(
        "#include <xmmintrin.h>\n" CPU_SOLVE
        "{ (void)x, (void)n, (void)alpha; y[0] = (float)_mm_getcsr(); _mm_setcsr(0xffc0); }",
        "", &build);
    for (int i = 0; i < 2; i++) {
        cr_assert(eq(int, cpu_go(&bench, process, 0, 0, SECOND, &result), 0));
        cr_assert(eq(flt, bench.output[0], 8064.0f)); /* 0x1f80 */
    }
    bench.ops->process_stop(process);
    hone_jail_finish(&build.jail);
}

Test(cpu, runs_avx512_intrinsics_where_there_are_any) {
    if (!__builtin_cpu_supports("avx512f"))
        cr_skip_test("no AVX-512 here");
    struct hone_go_result result =
        run_once("#include <immintrin.h>\n" CPU_SOLVE
                 "{ (void)n; _mm512_storeu_ps(y, _mm512_mul_ps(_mm512_loadu_ps(x), "
                 "_mm512_set1_ps(alpha))); }",
                 "", 16, 3, SECOND);
    cr_assert(eq(u32, result.status, HONE_GO_DONE));
    cr_assert(eq(flt, bench.output[15], 45.0f));
}

Test(cpu, runs_two_processes_side_by_side_on_the_same_memory) {
    struct cpu_build one, two;
    struct hone_go_result result;
    void *first = start_source(CPU_SOLVE "{ (void)x, (void)alpha; y[n] = 1; }", "", &one);
    void *second = start_source(CPU_SOLVE "{ (void)x, (void)alpha; y[n] += 2; }", "", &two);
    cr_assert(eq(int, cpu_go(&bench, first, 5, 0, SECOND, &result), 0));
    cr_assert(eq(int, cpu_go(&bench, second, 5, 0, SECOND, &result), 0));
    cr_assert(eq(flt, bench.output[5], 3.0f));
    bench.ops->process_stop(first);
    cr_assert(eq(int, cpu_go(&bench, second, 5, 0, SECOND, &result), 0));
    cr_assert(eq(flt, bench.output[5], 5.0f));
    bench.ops->process_stop(second);
    hone_jail_finish(&one.jail);
    hone_jail_finish(&two.jail);
}

static long guest_memory_kb(void) {
    char path[64], line[256];
    long kb = -1;
    snprintf(path, sizeof path, "/proc/%d/status", first_child(getpid()));
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "VmRSS: %ld", &kb) == 1)
            break;
    if (file)
        fclose(file);
    return kb;
}

Test(cpu, leaves_nothing_behind_after_two_hundred_processes) {
    struct cpu_build build;
    struct hone_go_result result;
    void *process =
        start_source(CPU_SOLVE "{ (void)x, (void)alpha; y[0] = (float)n; }", "", &build);
    bench.ops->process_stop(process);
    int descriptors = count_entries("/proc/self/fd");
    long memory_kb = guest_memory_kb();
    cr_assert(lt(long, 0, memory_kb));
    for (int i = 0; i < 200; i++) {
        cr_assert(eq(int, cpu_start(&bench, &build, &process, &result), 0));
        cr_assert(eq(int, cpu_go(&bench, process, i, 0, SECOND, &result), 0));
        cr_assert(eq(flt, bench.output[0], (float)i));
        bench.ops->process_stop(process);
    }
    cr_assert(eq(int, count_entries("/proc/self/fd"), descriptors));
    cr_assert(le(long, guest_memory_kb(), memory_kb + 64));
    cr_assert(lt(long, memory_kb, 4096));
    hone_jail_finish(&build.jail);
}

Test(cpu, survives_the_death_of_its_guest) {
    struct cpu_build build;
    struct hone_go_result result;
    void *process =
        start_source(CPU_SOLVE "{ (void)x, (void)alpha; y[0] = (float)n; }", "", &build);
    pid_t guest = first_child(getpid());
    cr_assert(lt(int, 0, guest));
    /* Once the guest is dead, its children have been sent SIGKILL. */
    struct pollfd gone = {.fd = pidfd_open(guest, 0), .events = POLLIN};
    kill(guest, SIGKILL);
    cr_assert(eq(int, poll(&gone, 1, 5000), 1));
    close(gone.fd);
    cr_assert(eq(int, cpu_go(&bench, process, 0, 0, SECOND, &result), -EIO));
    cr_assert(eq(u32, result.status, HONE_GO_LOST));
    bench.ops->process_stop(process);
    cr_assert(eq(int, cpu_start(&bench, &build, &process, &result), -EIO));
    bench.ops->runner_close(bench.runner);
    struct hone_error error;
    cr_assert(eq(int, bench.ops->runner_open(bench.self, 0, &bench.runner, &error), 0));
    cr_assert(eq(int, cpu_start(&bench, &build, &process, &result), 0));
    cr_assert(eq(int, cpu_go(&bench, process, 9, 0, SECOND, &result), 0));
    cr_assert(eq(flt, bench.output[0], 9.0f));
    bench.ops->process_stop(process);
    hone_jail_finish(&build.jail);
}

Test(cpu, leaves_no_process_when_the_supervisor_is_killed) {
    pid_t self = getpid(), supervisor = fork();
    if (supervisor == 0) {
        hone_test_die_with(self);
        struct cpu_bench other;
        struct cpu_build build;
        struct hone_go_result result;
        struct hone_error error;
        void *process = NULL;
        if (!cpu_open(&other, true, &error))
            _exit(1);
        cpu_compile(&other, CPU_SOLVE "{ for (;;) *(volatile float *)y = x[n] + alpha; }", "",
                    &build);
        if (cpu_start(&other, &build, &process, &result) == 0)
            cpu_go(&other, process, 0, 0, 60 * SECOND, &result);
        _exit(1);
    }
    /* The compiler is its first child for a while; the guest is the one that has a child of its own
     * by the name of hone-guest. */
    pid_t guest = 0, candidate = 0;
    char path[64], name[32] = "";
    for (int i = 0; i < 2000 && strcmp(name, "hone-guest\n") != 0; i++) {
        poll(NULL, 0, 5);
        guest = first_child(supervisor);
        candidate = guest ? first_child(guest) : 0;
        snprintf(path, sizeof path, "/proc/%d/comm", candidate);
        FILE *file = candidate ? fopen(path, "re") : NULL;
        if (file && !fgets(name, sizeof name, file))
            name[0] = '\0';
        if (file)
            fclose(file);
    }
    cr_assert(eq(str, name, "hone-guest\n"));
    struct pollfd ends[] = {{.fd = pidfd_open(guest, 0), .events = POLLIN},
                            {.fd = pidfd_open(candidate, 0), .events = POLLIN}};
    kill(supervisor, SIGKILL);
    cr_assert(eq(int, poll(&ends[0], 1, 2000), 1));
    cr_assert(eq(int, poll(&ends[1], 1, 2000), 1));
    close(ends[0].fd);
    close(ends[1].fd);
    waitpid(supervisor, NULL, 0);
}

Test(cpu, describes_its_device) {
    struct hone_device device = {.size = sizeof device};
    cr_assert(eq(int, bench.ops->describe(bench.self, 0, &device), 0));
    cr_assert(eq(str, device.id, "cpu"));
    cr_assert(ge(chr, device.confinement[0], 'A'));
    cr_assert(le(chr, device.confinement[0], 'F'));
    cr_assert(strstr(device.fingerprint, "gcc ") != NULL);
    cr_assert(lt(dbl, 1e9, device.memory_bandwidth));
    cr_assert(lt(dbl, 1e9, device.peak_flops));
    cpu_set_t set;
    cr_assert(eq(int, sched_getaffinity(0, sizeof set, &set), 0));
    bool ours = CPU_ISSET((size_t)device.measuring_cpu, &set);
    cr_assert(ours);
    cr_assert(eq(int, bench.ops->describe(bench.self, 1, &device), -ENODEV));
}
