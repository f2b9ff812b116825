/* material.cu itself: as CUDA, by the cpu's compiler for it, and as the PTX that is kept of it. */
#include "hardware/cuda/launcher/look.h"
#include "tests/cuda_cpu_fixture.h"
#include "tests/material_fixture.h"
#include "tests/support.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <stdlib.h>

#define SOURCES                                                                                    \
    "plugins/random.h", "plugins/structure.h", "plugins/rounding.h", "plugins/material.h",         \
        "hardware/cuda/launcher/look.h", "hardware/cuda/launcher/material.cu"
#define TEXT_MOST (256u << 10)

static struct cpu_bench bench;
static struct material_cases cases;

static void open_bench(void) {
    struct hone_error error;
    cr_assert(cpu_open(&bench, true, &error), "%s", error.text);
    if (!bench.ops->supports(bench.self, 0, "cuda"))
        cr_skip("no C++ compiler for cuda sources here");
    material_list(&cases);
}

static void close_bench(void) {
    cpu_close(&bench);
}

TestSuite(cuda_material_source, .timeout = 120);

/* One text of the file and of what it includes: a candidate has no other files. */
static void append(char *text, const char *path) {
    char *source = hone_test_read(path), *line = source;
    while (*line) {
        char *next = strchr(line, '\n');
        next = next ? next + 1 : line + strlen(line);
        if (strncmp(line, "#include \"", strlen("#include \"")) != 0)
            strncat(text, line, (size_t)(next - line));
        line = next;
    }
    free(source);
}

/* A candidate's names may not begin as the harness's do. */
static void rename_all(char *text, const char *from, const char *to) {
    for (char *at = text; (at = strstr(at, from)); at += strlen(to))
        memcpy(at, to, strlen(to));
}

static char *whole_source(const char *plan) {
    static const char *const paths[] = {SOURCES};
    char *text = calloc(1, TEXT_MOST);
    strcpy(text, plan);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        append(text, paths[i]);
    cr_assert(lt(sz, strlen(text), TEXT_MOST - 1));
    rename_all(text, "hone_", "ours_");
    rename_all(text, "HONE_", "OURS_");
    return text;
}

static void *start(const char *plan_text, struct cuda_plan *plan, struct cpu_build *build) {
    struct hone_go_result started;
    void *process = NULL;
    char *source = whole_source(plan_text);
    cuda_read_plan(source, CPU_BYTES / 4, plan);
    cuda_compile(&bench, source, plan, build);
    free(source);
    cr_assert(eq(int, build->failed, 0), "%s", build->error.text);
    cr_assert(eq(u32, build->result.verdict, HONE_UNDECIDED), "%s\n%s", build->result.message,
              build->jail.diagnostics);
    cr_assert(eq(int, cuda_start(&bench, build, plan, 0, &process, &started), 0), "%s",
              started.text);
    cr_assert(eq(u32, started.status, HONE_GO_DONE), "%s", started.text);
    return process;
}

static void go(void *process, const struct cuda_plan *plan, uint32_t order) {
    struct hone_go_result result;
    cr_assert(eq(int, cuda_go(&bench, process, plan, order, 7, &result), 0));
    cr_assert(eq(u32, result.status, HONE_GO_DONE), "%s%s", result.text, result.report);
}

Test(cuda_material_source, makes_what_the_host_draws, .init = open_bench, .fini = close_bench) {
    struct cuda_plan plan;
    struct cpu_build build;
    void *process = start("//@hone launch ours_fill grid=(3) block=(64) args=(x)\n", &plan, &build);
    const uint64_t address = CPU_OUTPUT + 1024;
    uint8_t *got = (uint8_t *)bench.output + 1024;
    for (uint32_t i = 0; i < cases.count; i++) {
        struct material_case *made = &cases.cases[i];
        made->material.address = address;
        memcpy(bench.input, &made->material, sizeof made->material);
        memset(bench.output, 0xee, CPU_BYTES);
        go(process, &plan, i % 3);
        cr_expect(eq(int, memcmp(got, made->wanted, made->bytes), 0), "%s", made->name);
        cr_expect(eq(u8, got[-1], 0xee), "%s", made->name);
        cr_expect(eq(u8, got[made->bytes], 0xee), "%s", made->name);
    }
    bench.ops->process_stop(process);
    hone_jail_finish(&build.jail);
}

/* The look lies at the start of y, then its runs and what is brought back; the output at DATA. */
#define DATA 32768u
#define RUNS 1024u
#define ELEMENTS 2048u
#define SUMS 8192u
#define OUTER 3
#define LENGTH 200
#define INNER_MOST 5

static struct hone_launcher_look look_of(uint64_t inner, uint32_t kind) {
    return (struct hone_launcher_look){
        .material = {.address = CPU_OUTPUT + DATA,
                     .count = OUTER * LENGTH * inner,
                     .kind = HONE_MATERIAL_WILD,
                     .format = HONE_FORMAT_F32,
                     .seed = 12},
        .kind = kind,
        .run_offset = RUNS,
        .run_count = 2,
        .element_offset = ELEMENTS,
        .element_count = 5,
        .outer = OUTER,
        .length = LENGTH,
        .inner = inner,
        .sum_offset = SUMS,
        .sign_seed = 31,
        .sign_argument = 2,
        .seen = {.first_changed = UINT64_MAX,
                 .first_strange = UINT64_MAX,
                 .first_same = UINT64_MAX},
    };
}

static void expect_sums(const float *values, uint64_t inner, const double *sums) {
    double wanted[OUTER * INNER_MOST][3] = {{0}};
    for (uint64_t i = 0; i < OUTER * LENGTH * inner; i++) {
        const uint64_t j = i / inner % LENGTH;
        double *fibre = wanted[i / inner / LENGTH * inner + i % inner];
        uint32_t words[4];
        hone_random_block(31, j / HONE_SIGNS_OF_BLOCK, 2, HONE_STREAM_SIGN, words);
        fibre[0] += hone_signs_in(words, j) & 1 ? -values[i] : values[i];
        fibre[1] += hone_signs_in(words, j) & 2 ? -values[i] : values[i];
        fibre[2] += (double)values[i] * values[i];
    }
    for (uint64_t i = 0; i < OUTER * inner; i++)
        for (int v = 0; v < 3; v++)
            cr_expect(epsilon_eq(dbl, sums[3 * i + (uint64_t)v], wanted[i][v], 1e-9),
                      "fibre %u of inner %u", (unsigned)i, (unsigned)inner);
}

static void expect_looks(void *process, const struct cuda_plan *plan, uint64_t inner) {
    static const struct hone_run runs[] = {{2, 0}, {100, 2}};
    uint8_t *memory = (uint8_t *)bench.output;
    float *values = (void *)(memory + DATA);
    const struct hone_launcher_look look = look_of(inner, HONE_LOOK_OUTPUT);
    struct hone_launcher_look seen;
    memset(memory, 0, CPU_BYTES);
    for (uint64_t i = 0; i < look.material.count; i++)
        values[i] = (float)sin((double)i);
    memcpy(memory, &look, sizeof look);
    memcpy(memory + RUNS, runs, sizeof runs);
    go(process, plan, HONE_ORDER_RANDOM);
    memcpy(&seen, memory, sizeof seen);
    cr_expect(eq(u64, seen.seen.unwritten, 0));
    cr_expect(eq(u64, seen.seen.non_finite, 0));
    for (int i = 0; i < 5; i++)
        cr_expect(
            eq(flt, ((float *)(void *)(memory + ELEMENTS))[i], values[i < 2 ? 2 + i : 98 + i]));
    expect_sums(values, inner, (const double *)(const void *)(memory + SUMS));
}

static void expect_findings(void *process, const struct cuda_plan *plan) {
    uint8_t *memory = (uint8_t *)bench.output;
    float *values = (void *)(memory + DATA);
    struct hone_launcher_look look = look_of(1, HONE_LOOK_OUTPUT);
    uint64_t bits[4], infinities = 0;
    for (uint64_t i = 0; i < look.material.count; i++) {
        hone_material_bits(&look.material, i / 4, bits);
        memcpy(&values[i], &bits[i % 4], sizeof *values);
        infinities += isinf(values[i]) != 0;
    }
    values[5] = values[6] = 1;
    values[500] = (float)NAN;
    cr_assert(lt(u64, 20, infinities));
    hone_material_bits(&look.material, 1, bits);
    infinities -= hone_bits_are_infinite(HONE_FORMAT_F32, bits[1]);
    infinities -= hone_bits_are_infinite(HONE_FORMAT_F32, bits[2]);
    hone_material_bits(&look.material, 125, bits);
    infinities -= hone_bits_are_infinite(HONE_FORMAT_F32, bits[0]);
    memcpy(memory, &look, sizeof look);
    go(process, plan, HONE_ORDER_REVERSE);
    memcpy(&look, memory, sizeof look);
    cr_expect(eq(u64, look.seen.non_finite, 1));
    cr_expect(eq(u64, look.seen.poisoned_infinities, infinities));
    cr_expect(eq(u64, look.seen.unwritten, look.material.count - 3 - infinities));
    cr_expect(eq(u64, look.seen.first_strange, 0));
    cr_expect(eq(u64, look.seen.first_same, UINT64_MAX));

    look = look_of(1, HONE_LOOK_CHANGED);
    memcpy(memory, &look, sizeof look);
    go(process, plan, HONE_ORDER_FORWARD);
    memcpy(&look, memory, sizeof look);
    cr_expect(eq(u64, look.seen.changed, 3));
    cr_expect(eq(u64, look.seen.first_changed, 5));
    cr_expect(eq(u64, look.seen.last_changed, 500));
}

/* With warps that add up their lanes, which no other test runs. */
Test(cuda_material_source, looks_at_outputs_and_sums_them_up, .init = open_bench,
     .fini = close_bench) {
    struct cuda_plan plan;
    struct cpu_build build;
    void *process = start("//@hone launch ours_look grid=(3) block=(64) args=(y)\n"
                          "//@hone launch ours_gather grid=(1) block=(64) args=(y, y)\n"
                          "//@hone launch ours_sum grid=(2) block=(64) args=(y, y)\n",
                          &plan, &build);
    expect_looks(process, &plan, 1);
    expect_looks(process, &plan, INNER_MOST);
    expect_findings(process, &plan);
    bench.ops->process_stop(process);
    hone_jail_finish(&build.jail);
}

static void run(const char *command, char *text, size_t size) {
    FILE *pipe = popen(command, "r");
    cr_assert(ne(ptr, pipe, NULL));
    text[fread(text, 1, size - 1, pipe)] = '\0';
    cr_assert(eq(int, pclose(pipe), 0), "%s", command);
}

/* What the file says it was made of is what lies here. */
Test(cuda_material_source, is_what_the_ptx_was_made_of) {
    char hash[128];
    run("cat hardware/cuda/launcher/material.cu hardware/cuda/launcher/look.h plugins/material.h "
        "plugins/rounding.h plugins/structure.h plugins/random.h | sha256sum | cut -c1-64",
        hash, sizeof hash);
    char *ptx = hone_test_read("hardware/cuda/launcher/material.ptx");
    cr_expect(ne(ptr, strstr(ptx, hash), NULL), "run `make material-ptx`");
    free(ptx);
}

/* And where the toolkit of the same release is, so is what it makes of them. */
Test(cuda_material_source, gives_the_ptx_that_is_kept) {
    char *kept = hone_test_read("hardware/cuda/launcher/material.ptx"), release[64] = "";
    const char *says = strstr(kept, "Cuda compilation tools, release");
    static char made[1 << 20];
    cr_assert(says != NULL);
    sscanf(says, "Cuda compilation tools, release %*[^,], %63s", release);
    if (system("nvcc=/usr/local/cuda/bin/nvcc; [ -x $nvcc ]") != 0)
        cr_skip("no nvcc here");
    run("/usr/local/cuda/bin/nvcc --version", made, sizeof made);
    if (!strstr(made, release))
        cr_skip("nvcc is of another release");
    run("make -s --no-print-directory material-ptx MATERIAL_PTX=/dev/stdout", made, sizeof made);
    cr_expect(eq(int, strcmp(made, kept), 0), "run `make material-ptx`");
    free(kept);
}
