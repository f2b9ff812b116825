/* The process that runs the operators of plans: no image, words in. */
#include "tests/cpu_run.h"

#include "plugins/operators.h"
#include "plugins/tensor.h"

#include <errno.h>
#include <math.h>

static void set_up(void) {
    struct hone_error error;
    cr_assert(cpu_open(&bench, true, &error), "%s", error.text);
    for (int i = 0; i < 4096; i++)
        bench.input[i] = (float)(i % 7);
}

static void tear_down(void) {
    cpu_close(&bench);
}

TestSuite(cpu_operators, .init = set_up, .fini = tear_down, .timeout = 60);

static int start_empty(uint32_t flags, void **process, struct hone_go_result *started) {
    return cpu_start_with(&bench, flags, NULL, 0, process, started);
}

/* Words, as the contract has them. */
static uint64_t words[128];
static uint32_t word_count;

static void put(uint64_t word) {
    words[word_count++] = word;
}

static void put_name(const char *name) {
    char bytes[8 * HONE_OPERATOR_NAME_WORDS] = "";
    snprintf(bytes, sizeof bytes, "%s", name);
    memcpy(&words[word_count], bytes, sizeof bytes);
    word_count += HONE_OPERATOR_NAME_WORDS;
}

static void begin(const char *name, uint64_t operands, uint64_t attributes) {
    put(operands | attributes << 32);
    put_name(name);
}

static void put_tensor(uint64_t address, uint64_t type, uint64_t ndim, const uint64_t *shape) {
    put(address);
    put(type | 32 << 8 | ndim << 16);
    for (uint64_t i = 0; i < ndim; i++)
        put(shape[i]);
}

static struct hone_go_result run(void) {
    const struct hone_go go = {.size = sizeof go,
                               .count = 1,
                               .word_count = word_count,
                               .words = words,
                               .limit_ns = 20 * SECOND};
    struct hone_go_result result;
    void *process;
    cr_assert(eq(int, start_empty(HONE_PROCESS_OPERATORS, &process, &result), 0), "%s",
              result.text);
    cr_assert(eq(u32, result.status, HONE_GO_DONE), "%s", result.text);
    result = (struct hone_go_result){.size = sizeof result};
    cr_assert(eq(int, bench.ops->process_go(process, &go, &result), 0));
    bench.ops->process_stop(process);
    return result;
}

/* out = in in', 8 by 8, then out2 = out + 0.5. */
static void put_two(void) {
    static const uint64_t square[] = {8, 8};
    const float half = 0.5f;
    uint64_t bits = 0;
    memcpy(&bits, &half, sizeof half);
    word_count = 0;
    put(2);
    begin("matmul", 2, 1);
    put_tensor(CPU_INPUT, HONE_TYPE_FLOAT, 2, square);
    put_tensor(CPU_INPUT, HONE_TYPE_FLOAT, 2, square);
    put_tensor(CPU_OUTPUT, HONE_TYPE_FLOAT, 2, square);
    put_name("transpose_b");
    put(1);
    const double yes = 1;
    uint64_t yes_bits;
    memcpy(&yes_bits, &yes, sizeof yes);
    put(yes_bits);
    begin("add", 2, 0);
    put_tensor(CPU_OUTPUT, HONE_TYPE_FLOAT, 2, square);
    put_tensor(0, HONE_TYPE_FLOAT, 0, NULL);
    put(bits);
    put_tensor(CPU_OUTPUT + 1024, HONE_TYPE_FLOAT, 2, square);
}

static void expect_two(void) {
    put_two();
    const struct hone_go_result result = run();
    cr_assert(eq(u32, result.status, HONE_GO_DONE), "%s", result.text);
    for (int i = 0; i < 64; i++) {
        float sum = 0;
        for (int k = 0; k < 8; k++)
            sum += bench.input[i / 8 * 8 + k] * bench.input[i % 8 * 8 + k];
        cr_expect(eq(flt, bench.output[i], sum), "element %d", i);
        cr_expect(eq(flt, bench.output[256 + i], sum + 0.5f), "element %d", i);
    }
}

Test(cpu_operators, run_one_after_the_other) {
    expect_two();
}

Test(cpu_operators, need_no_openblas) {
    static const struct hone_host host = {.size = sizeof host};
    const struct hone_setting settings[] = {{"openblas", "none"}, {NULL, NULL}};
    struct hone_error error = {""};
    bench.ops->runner_close(bench.runner);
    bench.plugin->destroy(bench.self);
    bench.runner = bench.self = NULL;
    cr_assert(eq(int, bench.plugin->create(&host, settings, &bench.self, &error), 0), "%s",
              error.text);
    cr_assert(eq(int, bench.ops->runner_open(bench.self, 0, &bench.runner, &error), 0), "%s",
              error.text);
    expect_two();
}

/* 1 089 places of 1 024 taps: 4 MB of columns, which any malloc() would ask the kernel for. */
Test(cpu_operators, work_in_memory_that_was_there_before) {
    static const uint64_t x[] = {1, 1, 64, 64}, weight[] = {1, 1, 32, 32}, y[] = {1, 1, 33, 33};
    word_count = 0;
    put(1);
    begin("conv2d", 2, 0);
    put_tensor(CPU_INPUT, HONE_TYPE_FLOAT, 4, x);
    put_tensor(CPU_INPUT, HONE_TYPE_FLOAT, 4, weight);
    put_tensor(CPU_OUTPUT, HONE_TYPE_FLOAT, 4, y);
    const struct hone_go_result result = run();
    cr_assert(eq(u32, result.status, HONE_GO_DONE), "%s", result.text);
    double sum = 0;
    for (int i = 0; i < 1024; i++)
        sum += (double)bench.input[i / 32 * 64 + i % 32] * (double)bench.input[i];
    cr_expect(epsilon_eq(dbl, bench.output[0], sum, 1e-4 * sum));
}

Test(cpu_operators, that_fail_end_with_their_errno) {
    static const uint64_t table[] = {3, 2}, count[] = {4}, out[] = {4, 2};
    static const int32_t indices[] = {0, 2, 3, 1};
    memcpy(bench.input + 512, indices, sizeof indices);
    for (int k = 0; k < 2; k++) {
        word_count = 0;
        put(1);
        begin(k ? "no_such" : "embedding", 2, 0);
        put_tensor(CPU_INPUT, HONE_TYPE_FLOAT, 2, table);
        put_tensor(CPU_INPUT + 2048, HONE_TYPE_INT, 1, count);
        put_tensor(CPU_OUTPUT, HONE_TYPE_FLOAT, 2, out);
        const struct hone_go_result result = run();
        cr_expect(eq(u32, result.status, HONE_GO_EXITED), "%s", result.text);
        cr_expect(eq(int, result.code, k ? ENOENT : ERANGE));
    }
}

Test(cpu_operators, are_not_in_the_guest_of_candidates) {
    struct hone_go_result result;
    void *process;
    cr_assert(eq(int, start_empty(0, &process, &result), 0));
    cr_expect(eq(u32, result.status, HONE_GO_REFUSED));
    cr_expect(eq(str, result.text, "there is no image"));
}
