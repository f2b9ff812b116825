/* The library of operators in single precision, against golden values and against the operators in
 * double precision on larger shapes. */
#include "core/element.h"
#include "core/operators/operator.h"
#include "plugins/operators.h"
#include "tests/operators/golden.h"

#include <dlfcn.h>
#include <errno.h>

TestSuite(operators_library, .timeout = 60);

static struct {
    int (*run)(const char *name, const struct hone_tensor *operands, uint32_t operand_count,
               const struct hone_tensor *output, const struct hone_operator_attribute *attributes,
               uint32_t attribute_count);
    void (*use_product)(void (*product)(int64_t m, int64_t n, int64_t k, const float *a,
                                        const float *b, float *c));
} library;

static void open_library(void) {
    const char *build = getenv("HONE_BUILD");
    char path[256];
    snprintf(path, sizeof path, "%s%s/lib/hone-operators.so", build && *build == '/' ? "" : "./",
             build ? build : "build/release");
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    cr_assert(ne(ptr, handle, NULL), "%s", dlerror());
    *(void **)&library.run = dlsym(handle, "hone_operator_run");
    *(void **)&library.use_product = dlsym(handle, "hone_operator_use_product");
    cr_assert(ne(ptr, *(void **)&library.run, NULL));
    cr_assert(ne(ptr, *(void **)&library.use_product, NULL));
}

/* An array as a tensor of its own: of floats, or of whole numbers of 32 bits. */
static struct hone_tensor tensor_of(struct hone_array *array, bool indices) {
    void *data = malloc((size_t)array->count * 4 + 1);
    for (int64_t i = 0; array->data && i < array->count; i++)
        if (indices)
            ((int32_t *)data)[i] = (int32_t)array->data[i];
        else
            ((float *)data)[i] = (float)array->data[i];
    return (struct hone_tensor){.data = data,
                                .device_type = 1,
                                .ndim = (int32_t)array->ndim,
                                .type_code = indices ? HONE_TYPE_INT : HONE_TYPE_FLOAT,
                                .type_bits = 32,
                                .type_lanes = 1,
                                .shape = array->shape};
}

/* What the library makes of an operation whose operands have data; `got` is as large as its
 * output. */
static int run_library(struct hone_operation *operation, double *got) {
    struct hone_tensor operands[HONE_OPERANDS_MAX], output = tensor_of(&operation->output, false);
    struct hone_operator_attribute attributes[HONE_ATTRIBUTES_MAX];
    uint32_t count = 0;
    for (uint32_t i = 0; i < operation->operand_count; i++)
        operands[i] =
            tensor_of(&operation->operands[i], hone_operator_reads_indices(operation->op->name, i));
    for (; operation->op->attributes[count].name; count++)
        attributes[count] =
            (struct hone_operator_attribute){.name = operation->op->attributes[count].name,
                                             .values = operation->attributes[count].values,
                                             .count = operation->attributes[count].count};
    int result = library.run(operation->op->name, operands, operation->operand_count, &output,
                             attributes, count);
    for (int64_t i = 0; i < operation->output.count; i++)
        got[i] = ((const float *)output.data)[i];
    for (uint32_t i = 0; i < operation->operand_count; i++)
        free(operands[i].data);
    free(output.data);
    return result;
}

/* The one operation of a graph, with its data. */
static struct hone_operation operation_of(const struct hone_graph *graph,
                                          const struct hone_graph_argument *arguments,
                                          double numbers[HONE_OPERANDS_MAX]) {
    struct hone_operation operation;
    struct hone_error error = {""};
    uint32_t count;
    const struct hone_graph_step *step = hone_graph_steps(graph, &count);
    cr_assert(eq(u32, count, 1));
    cr_assert(eq(int, hone_graph_resolve(graph, arguments, &operation, numbers, &error), 0), "%s",
              error.text);
    for (uint32_t i = 0; i < step->operand_count; i++)
        if (step->operands[i].source == HONE_GRAPH_ARGUMENT)
            operation.operands[i].data = arguments[step->operands[i].index].array.data;
    return operation;
}

Test(operators_library, agrees_with_golden_values) {
    open_library();
    uint32_t compared = 0;
    for (size_t k = 0; k < GOLDEN_FAMILIES; k++) {
        FILE *file = golden_open(golden_families[k]);
        for (struct golden golden; golden_next(file, &golden); golden_free(&golden)) {
            struct hone_graph *graph = golden_graph(&golden);
            double numbers[HONE_OPERANDS_MAX];
            struct hone_operation operation = operation_of(graph, golden.arguments, numbers);
            double *got = golden.arguments[golden.count - 1].out;
            int result = run_library(&operation, got);
            cr_expect(eq(int, result, 0), "%s", golden.line);
            const int64_t at = result ? -1 : golden_differs(&golden, got, 2e-6);
            cr_expect(eq(i64, at, -1), "%s: element %lld is %.9g, expected %.9g", golden.line,
                      (long long)at, at < 0 ? 0 : got[at], at < 0 ? 0 : golden.wanted[at]);
            compared++;
            hone_graph_destroy(graph);
        }
        fclose(file);
    }
    cr_expect(lt(u32, 120, compared));
}

/* ---- larger shapes, against double precision ---- */

static uint64_t state = 20251120;

static double draw(void) { /* about normal: a sum of four */
    double sum = 0;
    for (int i = 0; i < 4; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        sum += (double)(state >> 40) * 0x1p-24 - 0.5;
    }
    return (double)(float)(sum * 1.7);
}

/* The relative l2 error of a line on operands [shape], drawn. */
static double error_of(const char *line, const struct hone_array *shapes, uint32_t count) {
    static const char *const names[] = {"a", "b", "c"};
    struct hone_graph_argument arguments[4];
    struct hone_error error = {""};
    struct hone_graph *graph = NULL;
    for (uint32_t i = 0; i < count; i++) {
        arguments[i] = (struct hone_graph_argument){
            .name = names[i], .role = HONE_GRAPH_INPUT, .array = shapes[i]};
        arguments[i].array.count = 1;
        for (uint32_t k = 0; k < shapes[i].ndim; k++)
            arguments[i].array.count *= shapes[i].shape[k];
        arguments[i].array.data = malloc((size_t)arguments[i].array.count * sizeof(double));
        for (int64_t k = 0; k < arguments[i].array.count; k++)
            arguments[i].array.data[k] = draw();
    }
    arguments[count] = (struct hone_graph_argument){.name = "y", .role = HONE_GRAPH_OUTPUT};
    arguments[count].array.ndim = UINT32_MAX; /* learnt below */
    char text[200];
    snprintf(text, sizeof text, "z = %s\ny = sum(z)", line);
    arguments[count].array.ndim = 0;
    cr_assert(
        eq(int, hone_graph_parse(text, strlen(text), "g", arguments, count + 1, &graph, &error), 0),
        "%s", error.text);
    struct hone_operation operations[2];
    double numbers[2 * HONE_OPERANDS_MAX];
    cr_assert(eq(int, hone_graph_resolve(graph, arguments, operations, numbers, &error), 0), "%s",
              error.text);
    struct hone_operation *operation = &operations[0];
    for (uint32_t i = 0; i < operation->operand_count; i++)
        operation->operands[i].data = arguments[i].array.data;
    const int64_t size = operation->output.count;
    double *wanted = operation->output.data = malloc((size_t)size * sizeof *wanted);
    double *got = malloc((size_t)size * sizeof *got), off = 0, all = 0;
    cr_assert(eq(int, operation->op->run(operation, &error), 0), "%s", error.text);
    operation->output.data = NULL;
    cr_assert(eq(int, run_library(operation, got), 0), "%s", line);
    for (int64_t i = 0; i < size; i++) {
        off += (got[i] - wanted[i]) * (got[i] - wanted[i]);
        all += wanted[i] * wanted[i];
    }
    for (uint32_t i = 0; i < count; i++)
        free(arguments[i].array.data);
    free(wanted);
    free(got);
    hone_graph_destroy(graph);
    return sqrt(off / all);
}

#define SHAPE(...)                                                                                 \
    {                                                                                              \
        .ndim = sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t), .shape = { __VA_ARGS__ }       \
    }
#define EXPECT_CLOSE(line, limit, ...)                                                             \
    do {                                                                                           \
        const struct hone_array shapes[] = {__VA_ARGS__};                                          \
        const double off = error_of(line, shapes, sizeof shapes / sizeof *shapes);                 \
        cr_expect(off <= limit, "%s is off by %g, expected at most %g", line, off, limit);         \
    } while (0)

/* An f32 sum of K terms in blocks errs by well under sqrt(K) / 2 roundings: here 2^-24 each. */
Test(operators_library, multiplies_as_double_precision_does) {
    open_library();
    EXPECT_CLOSE("matmul(a, b)", 1e-6, SHAPE(67, 301), SHAPE(301, 45));
    EXPECT_CLOSE("matmul(a, b, transpose_a=true)", 1e-6, SHAPE(515, 3), SHAPE(515, 17));
    EXPECT_CLOSE("linear(a, b, c)", 1e-6, SHAPE(5, 700), SHAPE(33, 700), SHAPE(33));
    EXPECT_CLOSE("linear(a, b, c)", 1e-6, SHAPE(99, 70), SHAPE(33, 70), SHAPE(33));
    EXPECT_CLOSE("matmul(a, b, transpose_a=true, transpose_b=true)", 1e-6, SHAPE(70, 5),
                 SHAPE(33, 70));
    EXPECT_CLOSE("matmul(a, b, transpose_a=true, transpose_b=true)", 1e-6, SHAPE(7, 50),
                 SHAPE(33, 7));
    EXPECT_CLOSE("matmul(a, b)", 1e-6, SHAPE(3, 1, 20, 31), SHAPE(4, 31, 9));
}

Test(operators_library, convolves_as_double_precision_does) {
    open_library();
    EXPECT_CLOSE("conv2d(a, b, c, padding=1)", 1e-6, SHAPE(2, 8, 19, 23), SHAPE(12, 8, 3, 3),
                 SHAPE(12));
    EXPECT_CLOSE("conv2d(a, b, stride=[2, 3], groups=4)", 1e-6, SHAPE(1, 8, 21, 40),
                 SHAPE(8, 2, 5, 3));
    EXPECT_CLOSE("conv_transpose2d(a, b, c, stride=2, padding=1, output_padding=1)", 1e-6,
                 SHAPE(2, 12, 9, 11), SHAPE(12, 8, 3, 3), SHAPE(8));
    EXPECT_CLOSE("max_pool2d(a, size=3, stride=2, padding=1)", 1e-6, SHAPE(2, 5, 33, 40));
    EXPECT_CLOSE("avg_pool3d(a, size=[2, 3, 2])", 1e-6, SHAPE(2, 3, 10, 12, 9));
    EXPECT_CLOSE("conv3d(a, b, dilation=2, padding=2)", 1e-6, SHAPE(1, 3, 9, 8, 10),
                 SHAPE(5, 3, 3, 3, 3));
}

Test(operators_library, normalises_as_double_precision_does) {
    open_library();
    EXPECT_CLOSE("softmax(a)", 1e-6, SHAPE(13, 1001));
    EXPECT_CLOSE("softmax(a, axis=0)", 1e-6, SHAPE(301, 7));
    EXPECT_CLOSE("batch_norm(a)", 1e-6, SHAPE(40, 12));
    EXPECT_CLOSE("rmsnorm(a, b, dims=2)", 1e-6, SHAPE(9, 7, 11), SHAPE(7, 11));
    EXPECT_CLOSE("layer_norm(a, b, c)", 1e-6, SHAPE(9, 777), SHAPE(777), SHAPE(777));
    EXPECT_CLOSE("rmsnorm(a, b)", 1e-6, SHAPE(9, 777), SHAPE(777));
    EXPECT_CLOSE("group_norm(a, b, c, groups=3)", 1e-6, SHAPE(4, 12, 17, 5), SHAPE(12), SHAPE(12));
    EXPECT_CLOSE("batch_norm(a)", 1e-6, SHAPE(8, 12, 17, 5));
}

Test(operators_library, attends_as_double_precision_does) {
    open_library();
    EXPECT_CLOSE("attention(a, b, c, causal=true)", 1e-6, SHAPE(2, 4, 37, 40), SHAPE(2, 2, 37, 40),
                 SHAPE(2, 2, 37, 40));
}

Test(operators_library, transforms_as_double_precision_does) {
    open_library();
    EXPECT_CLOSE("fft(a)", 1e-6, SHAPE(3, 2048, 2));
    EXPECT_CLOSE("jacobi2d(a, steps=20)", 2e-6, SHAPE(70, 51));
    EXPECT_CLOSE("nbody(a, eps=0.1)", 2e-6, SHAPE(300, 4));
}

Test(operators_library, maps_as_double_precision_does) {
    open_library();
    EXPECT_CLOSE("silu(a)", 1e-6, SHAPE(10007));
    EXPECT_CLOSE("gelu(a)", 1e-6, SHAPE(10007));
    EXPECT_CLOSE("exp(a)", 1e-6, SHAPE(10007));
    EXPECT_CLOSE("mul(a, b)", 1e-6, SHAPE(40, 50, 3), SHAPE(50, 1));
    EXPECT_CLOSE("sum(a, axes=[0, 2])", 1e-6, SHAPE(40, 50, 30));
}

static uint32_t products;

static void counted_product(int64_t m, int64_t n, int64_t k, const float *a, const float *b,
                            float *c) {
    products++;
    for (int64_t i = 0; i < m * n; i++) {
        double sum = 0;
        for (int64_t p = 0; p < k; p++)
            sum += (double)a[i / n * k + p] * b[p * n + i % n];
        c[i] = (float)sum;
    }
}

Test(operators_library, takes_another_product) {
    open_library();
    library.use_product(counted_product);
    EXPECT_CLOSE("matmul(a, b)", 1e-6, SHAPE(7, 31), SHAPE(31, 5));
    EXPECT_CLOSE("conv2d(a, b)", 1e-6, SHAPE(1, 2, 9, 9), SHAPE(3, 2, 3, 3));
    cr_expect(eq(u32, products, 2));
    library.use_product(NULL);
    EXPECT_CLOSE("matmul(a, b)", 1e-6, SHAPE(7, 31), SHAPE(31, 5));
    cr_expect(eq(u32, products, 2));
}

Test(operators_library, refuses_an_index_outside_its_table) {
    open_library();
    float table[6] = {0}, out[4];
    int32_t index[2] = {1, 3};
    int64_t shapes[3][2] = {{3, 2}, {2, 0}, {2, 2}};
    const struct hone_tensor operands[] = {{.data = table,
                                            .ndim = 2,
                                            .type_code = HONE_TYPE_FLOAT,
                                            .type_bits = 32,
                                            .shape = shapes[0]},
                                           {.data = index,
                                            .ndim = 1,
                                            .type_code = HONE_TYPE_INT,
                                            .type_bits = 32,
                                            .shape = shapes[1]}};
    const struct hone_tensor output = {
        .data = out, .ndim = 2, .type_code = HONE_TYPE_FLOAT, .type_bits = 32, .shape = shapes[2]};
    cr_expect(eq(int, library.run("embedding", operands, 2, &output, NULL, 0), -ERANGE));
    index[1] = 2;
    cr_expect(eq(int, library.run("embedding", operands, 2, &output, NULL, 0), 0));
    cr_expect(eq(int, library.run("embeddings", operands, 2, &output, NULL, 0), -ENOENT));
}

/* ---- 16 bits ---- */

static struct hone_tensor tensor_as(enum hone_dtype dtype, void *data, int64_t *count) {
    return (struct hone_tensor){.data = data,
                                .ndim = 1,
                                .type_code =
                                    dtype == HONE_BF16 ? HONE_TYPE_BFLOAT : HONE_TYPE_FLOAT,
                                .type_bits = dtype == HONE_F32 ? 32 : 16,
                                .shape = count};
}

/* Every value there is, and every tie between two of them with its neighbours in f32, as the judge
 * reads and rounds them. */
static void expect_rounding(enum hone_dtype dtype) {
    enum { VALUES = 65536 };
    static uint16_t bits[VALUES], got[3 * VALUES], wanted[3 * VALUES];
    static float wide[VALUES], near[3 * VALUES];
    static double exact[3 * VALUES];
    int64_t count = VALUES;
    for (int i = 0; i < VALUES; i++)
        bits[i] = (uint16_t)i;
    hone_elements_read(dtype, bits, VALUES, exact);
    const struct hone_tensor in = tensor_as(dtype, bits, &count);
    const struct hone_tensor out = tensor_as(HONE_F32, wide, &count);
    cr_assert(eq(int, library.run("identity", &in, 1, &out, NULL, 0), 0));
    for (int i = 0; i < VALUES; i++)
        if (!isnan(exact[i]))
            cr_assert(eq(dbl, (double)wide[i], exact[i]), "%x", i);
        else
            cr_assert(eq(int, isnan(wide[i]) != 0, 1), "%x", i);
    for (int i = 0; i < VALUES; i++) {
        const float next = wide[i + 1 < VALUES ? i + 1 : i];
        near[3 * i] =
            isfinite(wide[i]) && isfinite(next) ? (float)((exact[i] + next) / 2) : wide[i];
        near[3 * i + 1] = nextafterf(near[3 * i], INFINITY);
        near[3 * i + 2] = nextafterf(near[3 * i], -INFINITY);
    }
    count = 3 * VALUES;
    for (int i = 0; i < count; i++)
        exact[i] = (double)near[i];
    hone_elements_write(dtype, exact, (uint32_t)count, wanted);
    const struct hone_tensor from = tensor_as(HONE_F32, near, &count);
    const struct hone_tensor to = tensor_as(dtype, got, &count);
    cr_assert(eq(int, library.run("identity", &from, 1, &to, NULL, 0), 0));
    for (int i = 0; i < count; i++)
        if (!isnan(near[i]))
            cr_assert(eq(u16, got[i], wanted[i]), "%a", (double)near[i]);
}

Test(operators_library, rounds_to_16_bits_as_the_judge_does) {
    open_library();
    expect_rounding(HONE_F16);
    expect_rounding(HONE_BF16);
}
