/* Operators and libraries' functions on a GPU, by the launcher on the driver and the libraries of
 * tests/fake_cuda: the kernels are those of hardware/cuda/operators, run on a processor. */
#include "core/element.h"
#include "core/operators/operator.h"
#include "plugins/operators.h"
#include "tests/cuda_fixture.h"
#include "tests/operators/golden.h"

#define MEMORY (4u << 20)

TestSuite(cuda_operators, .timeout = 120);

static struct cuda_bench bench;
static struct hone_error error;
static char *input, *output; /* of a process' two regions, as the host has them */
static void *process;
static struct hone_go_result result;

/* Kernels for operators are made by NVRTC; where that is not, there are none to try. */
static void open_with(const char *fake) {
    struct hone_feature feature = {.size = sizeof feature};
    setenv("FAKE_CUDA", fake, 1);
    cr_assert(cuda_create(&bench, &error), "%s", error.text);
    bench.input_fd = memfd_create("input", MFD_CLOEXEC);
    bench.output_fd = memfd_create("output", MFD_CLOEXEC);
    cr_assert(ftruncate(bench.input_fd, MEMORY) == 0 && ftruncate(bench.output_fd, MEMORY) == 0);
    input = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED, bench.input_fd, 0);
    output = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED, bench.output_fd, 0);
    for (uint32_t i = 0; bench.ops->features(bench.self, 0, i, &feature) == 0; i++) {
        if (strcmp(feature.name, "operators") == 0 && !feature.there) {
            cuda_close(&bench);
            cr_skip("%s", feature.text);
        }
        feature.size = sizeof feature;
    }
    cr_assert(eq(int, bench.ops->runner_open(bench.self, 0, &bench.runner, &error), 0), "%s",
              error.text);
}

static void start(const char *names, const struct hone_plan_entry *entries, uint32_t count,
                  uint32_t flags) {
    char image[1024];
    const struct hone_region regions[] = {
        {.address = CUDA_INPUT, .bytes = MEMORY, .fd = bench.input_fd},
        {.address = CUDA_OUTPUT, .bytes = MEMORY, .fd = bench.output_fd, .writable = 1},
    };
    const struct hone_process_request request = {
        .size = sizeof request,
        .region_count = 2,
        .regions = regions,
        .image = image,
        .image_bytes = cuda_image(names, image),
        .start_limit_ns = 5 * CUDA_SECOND,
        .entries = entries,
        .plan_entry_count = count,
        .flags = flags,
    };
    result = (struct hone_go_result){.size = sizeof result};
    process = NULL;
    cr_assert(eq(int, bench.ops->process_start(bench.runner, &request, &process, &result), 0), "%s",
              result.text);
}

static void go(const struct cuda_words *words) {
    cr_assert(eq(int, cuda_go(&bench, process, words, 5 * CUDA_SECOND, &result), 0), "%s",
              result.text);
    cr_assert(eq(u32, result.status, HONE_GO_DONE), "%s", result.text);
}

static void close_all(void) {
    bench.ops->process_stop(process);
    cuda_close(&bench);
}

/* ---- operators in words ---- */

static void put(struct cuda_words *words, uint64_t word) {
    cr_assert(lt(u32, words->count, 256));
    words->words[words->count++] = word;
}

static void put_name(struct cuda_words *words, const char *name) {
    char bytes[8 * HONE_OPERATOR_NAME_WORDS] = "";
    snprintf(bytes, sizeof bytes, "%s", name);
    memcpy(words->words + words->count, bytes, sizeof bytes);
    words->count += HONE_OPERATOR_NAME_WORDS;
}

static void put_tensor(struct cuda_words *words, uint64_t address, uint32_t code, uint32_t bits,
                       uint32_t ndim, const int64_t *shape) {
    put(words, address);
    put(words, code | bits << 8 | ndim << 16);
    for (uint32_t i = 0; i < ndim; i++)
        put(words, (uint64_t)shape[i]);
}

static void put_number(struct cuda_words *words, float number) {
    uint32_t bits;
    memcpy(&bits, &number, sizeof bits);
    put(words, 0);
    put(words, HONE_TYPE_FLOAT | 32 << 8);
    put(words, bits);
}

static uint32_t begin_operator(struct cuda_words *words, const char *name, uint32_t operands,
                               uint32_t attributes) {
    if (!words->count)
        words->count = 1;
    words->words[0]++;
    put(words, 0);
    const uint32_t head = words->count;
    put(words, operands | (uint64_t)attributes << 32);
    put_name(words, name);
    return head;
}

static void end_operator(struct cuda_words *words, uint32_t head) {
    words->words[head - 1] = HONE_STEP_OP | (uint64_t)(words->count - head) << 32;
}

/* matmul or linear of [m, k] and b at CUDA_INPUT + `b`, to CUDA_OUTPUT. */
static void add_product(struct cuda_words *words, const char *name, uint64_t b, int64_t m,
                        int64_t n, int64_t k) {
    const bool is_linear = strcmp(name, "linear") == 0;
    const uint32_t head = begin_operator(words, name, 2, 0);
    put_tensor(words, CUDA_INPUT, HONE_TYPE_FLOAT, 32, 2, (int64_t[]){m, k});
    put_tensor(words, CUDA_INPUT + b, HONE_TYPE_FLOAT, 32, 2,
               is_linear ? (int64_t[]){n, k} : (int64_t[]){k, n});
    put_tensor(words, CUDA_OUTPUT, HONE_TYPE_FLOAT, 32, 2, (int64_t[]){m, n});
    end_operator(words, head);
}

/* ---- golden values ---- */

/* Operands one behind the other in the input, each on a multiple of 64. */
static struct cuda_words words_of(const struct hone_operation *operation) {
    struct cuda_words words = {.count = 0};
    uint32_t attributes = 0;
    uint64_t used = 0;
    for (uint32_t i = 0; operation->op->attributes[i].name; i++)
        attributes += operation->attributes[i].count > 0;
    const uint32_t head =
        begin_operator(&words, operation->op->name, operation->operand_count, attributes);
    for (uint32_t k = 0; k < operation->operand_count; k++) {
        const struct hone_array *array = &operation->operands[k];
        const bool indices = hone_operator_reads_indices(operation->op->name, k);
        if (!array->ndim && !indices) {
            put_number(&words, (float)*array->data);
            continue;
        }
        for (int64_t i = 0; i < array->count; i++)
            if (indices)
                ((int32_t *)(void *)(input + used))[i] = (int32_t)array->data[i];
            else
                ((float *)(void *)(input + used))[i] = (float)array->data[i];
        put_tensor(&words, CUDA_INPUT + used, indices ? HONE_TYPE_INT : HONE_TYPE_FLOAT, 32,
                   array->ndim, array->shape);
        used += ((uint64_t)array->count * 4 + 63) / 64 * 64;
    }
    put_tensor(&words, CUDA_OUTPUT, HONE_TYPE_FLOAT, 32, operation->output.ndim,
               operation->output.shape);
    for (uint32_t i = 0; operation->op->attributes[i].name; i++) {
        const struct hone_attribute_value *value = &operation->attributes[i];
        if (!value->count)
            continue;
        put_name(&words, operation->op->attributes[i].name);
        put(&words, value->count);
        for (uint32_t k = 0; k < value->count; k++) {
            uint64_t bits;
            memcpy(&bits, &value->values[k], sizeof bits);
            put(&words, bits);
        }
    }
    end_operator(&words, head);
    return words;
}

static void resolve(const struct hone_graph *graph, const struct golden *golden,
                    double numbers[HONE_OPERANDS_MAX], struct hone_operation *operation) {
    uint32_t count;
    const struct hone_graph_step *step = hone_graph_steps(graph, &count);
    cr_assert(eq(int, hone_graph_resolve(graph, golden->arguments, operation, numbers, &error), 0),
              "%s", error.text);
    for (uint32_t i = 0; i < step->operand_count; i++)
        if (step->operands[i].source == HONE_GRAPH_ARGUMENT)
            operation->operands[i].data = golden->arguments[step->operands[i].index].array.data;
}

/* Whether the GPU has the operator; then it gives what it must. */
static bool compare(struct golden *golden) {
    struct hone_graph *graph = golden_graph(golden);
    struct hone_operation operation;
    double numbers[HONE_OPERANDS_MAX];
    resolve(graph, golden, numbers, &operation);
    const bool known = bench.ops->has_operator(bench.self, 0, operation.op->name) != 0;
    if (known) {
        double *got = golden->arguments[golden->count - 1].out;
        const struct cuda_words words = words_of(&operation);
        memset(output, 0xee, (size_t)operation.output.count * sizeof(float));
        go(&words);
        for (int64_t i = 0; i < operation.output.count; i++)
            got[i] = ((const float *)(const void *)output)[i];
        const int64_t at = golden_differs(golden, got, 4e-6);
        cr_expect(eq(i64, at, -1), "%s: element %lld is %.9g, expected %.9g", golden->line,
                  (long long)at, at < 0 ? 0 : got[at], at < 0 ? 0 : golden->wanted[at]);
        cr_expect(eq(u64, result.operator_ns, result.wall_ns));
    }
    hone_graph_destroy(graph);
    return known;
}

static void compare_all(const char *fake) {
    uint32_t compared = 0;
    open_with(fake);
    start("", (const struct hone_plan_entry[1]){{0}}, 0, 0);
    for (size_t k = 0; k < GOLDEN_FAMILIES; k++) {
        FILE *file = golden_open(golden_families[k]);
        for (struct golden golden; golden_next(file, &golden); golden_free(&golden))
            compared += compare(&golden);
        fclose(file);
    }
    cr_expect(lt(u32, 70, compared));
    close_all();
}

Test(cuda_operators, give_golden_values_by_libraries) {
    compare_all("");
}

Test(cuda_operators, give_golden_values_by_kernels_of_our_own) {
    compare_all("no_cublas,no_cudnn");
}

/* ---- steps of all kinds ---- */

static void set_floats(char *memory, uint64_t offset, int64_t count, float value) {
    for (int64_t i = 0; i < count; i++)
        ((float *)(void *)(memory + offset))[i] = value;
}

static void add_spin(struct cuda_words *words, uint64_t ns) {
    cuda_step(words, SPIN, (uint64_t[]){CUDA_OUTPUT, ns});
}

/* Own steps around an operator that is two kernels. */
static double share_of(const char *fake, uint64_t own_ns) {
    struct cuda_words words = {.count = 0};
    open_with(fake);
    start(CUDA_NAMES, cuda_entries, CUDA_ENTRIES, 0);
    set_floats(input, 0, 8 * 80, 1);
    set_floats(input, 4096, 80 * 8, 2);
    add_spin(&words, own_ns);
    add_product(&words, "matmul", 4096, 8, 8, 80);
    add_spin(&words, own_ns);
    go(&words);
    cr_expect(eq(flt, *(float *)(void *)output, 160));
    const double share = (double)result.operator_ns / (double)result.wall_ns;
    go(&words); /* by what the first run told */
    cr_expect(lt(dbl, fabs((double)result.operator_ns / (double)result.wall_ns - share), 0.2));
    close_all();
    return share;
}

Test(cuda_operators, take_the_share_of_a_plan_that_the_clock_says) {
    const double large = share_of("long_library", 1000), small = share_of("", 20000000);
    cr_expect(lt(dbl, 0.5, large));
    cr_expect(lt(dbl, large, 1));
    cr_expect(lt(dbl, 0, small));
    cr_expect(lt(dbl, small, 0.2));
}

Test(cuda_operators, take_nothing_where_there_are_none) {
    struct cuda_words words = {.count = 0};
    open_with("");
    start(CUDA_NAMES, cuda_entries, CUDA_ENTRIES, 0);
    add_spin(&words, 1000);
    go(&words);
    cr_expect(eq(u64, result.operator_ns, 0));
    close_all();
}

/* The records of a library's two kernels are both its step's, and the next is the next. */
Test(cuda_operators, have_rows_of_their_step_in_a_profile) {
    struct cuda_words words = {.count = 0};
    struct hone_profile_row rows[8];
    struct hone_profile profile = {.size = sizeof profile, .rows = rows, .row_capacity = 8};
    open_with("");
    start(CUDA_NAMES, cuda_entries, CUDA_ENTRIES, 0);
    add_product(&words, "linear", 4096, 4, 4, 70);
    add_spin(&words, 1000);
    const struct hone_go request = {.size = sizeof request,
                                    .count = 1,
                                    .word_count = words.count,
                                    .words = words.words,
                                    .limit_ns = 5 * CUDA_SECOND};
    cr_assert(eq(int, bench.ops->profile(process, &request, &profile, &result), 0));
    cr_assert(eq(u32, profile.row_count, 3));
    cr_expect(eq(str, rows[0].name, "library_product"));
    cr_expect(eq(u32, rows[0].plan_step, 0));
    cr_expect(eq(u32, rows[1].plan_step, 0));
    cr_expect(eq(u32, rows[2].plan_step, 1));
    close_all();
}

/* 16-bit floats by the library, and the same by our kernel. */
static void multiply_halves(const char *fake) {
    struct cuda_words words = {.count = 0};
    open_with(fake);
    start("", (const struct hone_plan_entry[1]){{0}}, 0, 0);
    const uint32_t head = begin_operator(&words, "linear", 2, 0);
    for (int i = 0; i < 2; i++)
        put_tensor(&words, CUDA_INPUT + 4096u * (uint32_t)i, HONE_TYPE_BFLOAT, 16, 2,
                   (int64_t[]){5, 9});
    put_tensor(&words, CUDA_OUTPUT, HONE_TYPE_BFLOAT, 16, 2, (int64_t[]){5, 5});
    end_operator(&words, head);
    for (int i = 0; i < 45; i++) {
        ((uint16_t *)(void *)input)[i] = 0x3fc0;          /* 1.5 */
        ((uint16_t *)(void *)(input + 4096))[i] = 0x4000; /* 2 */
    }
    go(&words);
    for (int i = 0; i < 25; i++)
        cr_assert(eq(u16, ((uint16_t *)(void *)output)[i], 0x41d8), "%d", i); /* 27 */
    close_all();
}

Test(cuda_operators, multiply_floats_of_16_bits) {
    multiply_halves("");
    multiply_halves("no_cublas");
}

/* identity of `count` elements of one dtype into another. */
static void convert(enum hone_dtype from, enum hone_dtype to, int64_t count) {
    static const uint32_t codes[] = {
        [HONE_F32] = HONE_TYPE_FLOAT, [HONE_F16] = HONE_TYPE_FLOAT, [HONE_BF16] = HONE_TYPE_BFLOAT};
    struct cuda_words words = {.count = 0};
    const uint32_t head = begin_operator(&words, "identity", 1, 0);
    put_tensor(&words, CUDA_INPUT, codes[from], from == HONE_F32 ? 32 : 16, 1, &count);
    put_tensor(&words, CUDA_OUTPUT, codes[to], to == HONE_F32 ? 32 : 16, 1, &count);
    end_operator(&words, head);
    go(&words);
}

/* All there are of 16 bits, and f32s of every size, as the judge reads and rounds them. */
static void expect_rounding(enum hone_dtype dtype) {
    enum { VALUES = 65536 };
    static double exact[VALUES];
    static uint16_t wanted[VALUES];
    for (int i = 0; i < VALUES; i++)
        ((uint16_t *)(void *)input)[i] = (uint16_t)i;
    hone_elements_read(dtype, input, VALUES, exact);
    convert(dtype, HONE_F32, VALUES);
    for (int i = 0; i < VALUES; i++)
        if (!isnan(exact[i]))
            cr_assert(eq(flt, ((float *)(void *)output)[i], (float)exact[i]), "%x", i);
    for (int i = 0; i < VALUES; i++) /* ties of halves among them */
        ((uint32_t *)(void *)input)[i] = (uint32_t)i << 16 | (uint32_t)i * 0x1000u % 0x10000u;
    hone_elements_read(HONE_F32, input, VALUES, exact);
    hone_elements_write(dtype, exact, VALUES, wanted);
    convert(HONE_F32, dtype, VALUES);
    for (int i = 0; i < VALUES; i++)
        if (!isnan(exact[i]))
            cr_assert(eq(u16, ((uint16_t *)(void *)output)[i], wanted[i]), "%a", exact[i]);
}

Test(cuda_operators, round_to_16_bits_as_the_judge_does) {
    open_with("");
    start("", (const struct hone_plan_entry[1]){{0}}, 0, 0);
    expect_rounding(HONE_F16);
    expect_rounding(HONE_BF16);
    close_all();
}

/* Words are the supervisor's; what they would have the launcher read or write beyond is refused. */
Test(cuda_operators, refuse_words_that_end_early_or_point_elsewhere) {
    for (int i = 0; i < 6; i++) {
        struct cuda_words words = {.count = 0};
        open_with("");
        start("", (const struct hone_plan_entry[1]){{0}}, 0, 0);
        add_product(&words, "matmul", 4096, 4, 4, 4);
        if (i == 0)
            words.words[1] += 7ull << 32; /* more words than there are */
        if (i == 1)
            words.words[2] = 9; /* operands */
        if (i == 2)
            words.words[7] = 0x1234; /* the first one's address */
        if (i == 3)
            memset(words.words + 3, 'x', 8 * HONE_OPERATOR_NAME_WORDS); /* a name without end */
        if (i == 4)
            words.words[9] = MEMORY; /* rows that do not fit in its region */
        if (i == 5)
            words.words[8] = HONE_TYPE_INT | 32 << 8 | 2 << 16; /* no floats */
        cr_expect(lt(int, cuda_go(&bench, process, &words, CUDA_SECOND, &result), 0));
        cr_expect(eq(u32, result.status, HONE_GO_LOST));
        close_all();
    }
}

/* ---- functions of libraries ---- */

static const struct hone_plan_entry gemv = {
    "cublas_gemv",
    HONE_STEP_CALL,
    3,
    5,
    0,
    (const struct hone_plan_entry_argument[]){
        INT64,
        INT64,
        {.kind = HONE_ARGUMENT_POINTER, .type_code = HONE_TYPE_FLOAT, .type_bits = 32},
        {.kind = HONE_ARGUMENT_POINTER, .type_code = HONE_TYPE_FLOAT, .type_bits = 32},
        {.kind = HONE_ARGUMENT_POINTER, .type_code = HONE_TYPE_FLOAT, .type_bits = 32}}};

Test(cuda_operators, are_not_all_that_a_baseline_may_call) {
    struct cuda_words words = {
        .words = {1, HONE_STEP_CALL, 5, 4, 6, CUDA_INPUT, CUDA_INPUT + 4096, CUDA_OUTPUT},
        .count = 8};
    open_with("");
    start("", &gemv, 1, HONE_PROCESS_LIBRARY);
    set_floats(input, 0, 24, 2);
    set_floats(input, 4096, 6, 3);
    go(&words);
    for (int i = 0; i < 4; i++)
        cr_expect(eq(flt, ((float *)(void *)output)[i], 36));
    close_all();
}

static void expect_refused(const struct hone_plan_entry *entry, uint32_t flags, const char *why) {
    start("", entry, 1, flags);
    cr_expect(eq(u32, result.status, HONE_GO_REFUSED));
    cr_expect(ne(ptr, strstr(result.text, why), NULL), "%s", result.text);
}

Test(cuda_operators, are_not_functions_that_a_candidate_calls) {
    struct hone_plan_entry entry = gemv;
    open_with("");
    expect_refused(&gemv, 0, "can only launch kernels");
    entry.name = "cublasDestroy";
    expect_refused(&entry, HONE_PROCESS_LIBRARY, "is no function of a library");
    entry = gemv;
    entry.argument_count = 4;
    expect_refused(&entry, HONE_PROCESS_LIBRARY, "takes other arguments");
    close_all();
}

Test(cuda_operators, say_why_a_library_cannot_be_used) {
    struct hone_feature feature = {.size = sizeof feature};
    bool seen = false;
    open_with("no_cublas");
    for (uint32_t i = 0; bench.ops->features(bench.self, 0, i, &feature) == 0; i++) {
        if (strcmp(feature.name, "cublas") == 0) {
            seen = true;
            cr_expect(eq(u32, feature.there, 0));
            cr_expect(ne(ptr, strstr(feature.text, "gives no handle: status 1"), NULL), "%s",
                      feature.text);
        }
        feature.size = sizeof feature;
    }
    cr_expect(seen);
    close_all();
}
