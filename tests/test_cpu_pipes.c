/* Trusted candidates where nothing is filtered: go and done through pipes. What holds here holds by
 * limits and closed descriptors alone. */
#include "tests/cpu_run.h"

#include <errno.h>
#include <sys/syscall.h>

static void set_up(void) {
    struct hone_error error;
    cr_assert(cpu_open_at(&bench, true, "F", &error), "%s", error.text);
}

static void tear_down(void) {
    cpu_close(&bench);
}

TestSuite(cpu_pipes, .init = set_up, .fini = tear_down, .timeout = 60);

Test(cpu_pipes, are_level_f) {
    struct hone_device device = {.size = sizeof device};
    cr_assert(eq(int, bench.ops->describe(bench.self, 0, &device), 0));
    cr_assert(eq(str, device.confinement, "F"));
}

Test(cpu_pipes, carry_goes_and_dones) {
    struct cpu_build build;
    struct hone_go_result result;
    void *process = start_source(CPU_SOLVE "{ (void)x; y[n] = alpha; }", "", &build);
    for (int i = 0; i < 100; i++) {
        cr_assert(eq(int, cpu_go(&bench, process, i, (float)i, SECOND, &result), 0));
        cr_assert(eq(u32, result.status, HONE_GO_DONE));
        cr_assert(eq(flt, bench.output[i], (float)i));
    }
    bench.ops->process_stop(process);
    hone_jail_finish(&build.jail);
}

Test(cpu_pipes, keeps_inputs_read_only_against_mprotect) {
    char source[512];
    snprintf(source, sizeof source,
             CPU_SOLVE
             "{ long r; (void)x, (void)n, (void)alpha;"
             " __asm__ volatile(\"syscall\" : \"=a\"(r) : \"0\"(%dL), \"D\"(x),"
             " \"S\"(4096L), \"d\"(3L) : \"rcx\", \"r11\", \"memory\"); y[0] = (float)r; }",
             SYS_mprotect);
    struct hone_go_result result = run_once(source, "", 0, 0, SECOND);
    cr_assert(eq(u32, result.status, HONE_GO_DONE));
    cr_assert(eq(flt, bench.output[0], -13.0f)); /* EACCES */
}

Test(cpu_pipes, takes_a_forged_message_for_what_it_is) {
    /* write(4, y, n): a packet that no guest sends, then one as long as a done. */
    static const char *const source = CPU_SOLVE
        "{ long r; (void)x, (void)alpha; __asm__ volatile(\"syscall\" : \"=a\"(r) : \"0\"(1L),"
        " \"D\"(4L), \"S\"(y), \"d\"(n) : \"rcx\", \"r11\", \"memory\"); }";
    struct hone_go_result result = run_once(source, "", 10, 0, SECOND);
    cr_assert(eq(u32, result.status, HONE_GO_FORBIDDEN));
    result = run_once(source, "", 32, 0, SECOND);
    cr_assert(eq(u32, result.status, HONE_GO_FORBIDDEN));
}

Test(cpu_pipes, does_not_take_a_second_done_for_the_next) {
    /* Finds the go in the frame of its caller, answers it itself, and returns: the guest answers
     * again. */
    static const char *const source = CPU_SOLVE
        "{ uint64_t done[4] = {0}; (void)x, (void)y, (void)n, (void)alpha;\n"
        "uint64_t *at = __builtin_frame_address(0);\n"
        "for (; (uint64_t)at % 4096; at++)\n"
        "    if (at[1] == 1ull << 32 && at[2] == 4) { done[0] = at[0]; break; }\n"
        "done[1] = 2; long r; __asm__ volatile(\"syscall\" : \"=a\"(r) : \"0\"(1L), \"D\"(4L),"
        " \"S\"(done), \"d\"(sizeof done) : \"rcx\", \"r11\", \"memory\"); }";
    struct cpu_build build;
    struct hone_go_result result;
    void *process = start_source(source, "", &build);
    cr_assert(eq(int, cpu_go(&bench, process, 0, 0, SECOND, &result), 0));
    cr_assert(eq(u32, result.status, HONE_GO_DONE));
    cr_assert(eq(int, cpu_go(&bench, process, 1, 0, SECOND, &result), 0));
    cr_assert(eq(u32, result.status, HONE_GO_FORBIDDEN));
    cr_assert(eq(int, cpu_go(&bench, process, 1, 0, SECOND, &result), -ESRCH));
    bench.ops->process_stop(process);
    hone_jail_finish(&build.jail);
}

Test(cpu_pipes, notices_a_closed_pipe) {
    struct hone_go_result result = run_once(
        CPU_SOLVE "{ (void)x, (void)y, (void)n, (void)alpha;\n"
                  "__asm__ volatile(\"syscall\" : : \"a\"(3L), \"D\"(4L) : \"rcx\", \"r11\");"
                  " for (;;) *(volatile float *)y; }",
        "", 0, 0, SECOND);
    cr_assert(eq(u32, result.status, HONE_GO_FORBIDDEN));
}

Test(cpu_pipes, gives_a_candidate_no_memory_and_no_descriptors) {
    /* mmap() of one page, then open("/"). */
    struct hone_go_result result =
        run_once(CPU_CALL CPU_SOLVE
                 "{ (void)x, (void)n, (void)alpha; y[0] = (float)call(9, 0, 4096, 3, 0x22, -1, 0);"
                 " y[1] = (float)call(2, (long)\"/\", 0, 0, 0, 0, 0); }",
                 "", 0, 0, SECOND);
    cr_assert(eq(u32, result.status, HONE_GO_DONE));
    cr_assert(eq(flt, bench.output[0], -12.0f)); /* ENOMEM */
    cr_assert(eq(flt, bench.output[1], -24.0f)); /* EMFILE */
}
