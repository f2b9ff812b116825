#include "core/tasks_ceiling.h"

#include "core/error.h"
#include "core/gate_private.h"
#include "core/inputs.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define POOL_BYTES (256u << 20)

#define REPEATS 3u /* workloads of one size: the best counts */
#define SHOWN 2u   /* workloads before those that are timed */

static const int64_t copy_counts[HONE_CEILING_SIZES] = {8192, 65536, 262144, 1048576, 2097152};
static const int64_t fma_count = 192, fma_steps = 262144;

static const char copy_call[] = "#include <string.h>\n"
                                "void solve(const float *x, float *y, int64_t n, int64_t steps) {\n"
                                "    (void)steps;\n"
                                "    memcpy(y, x, (size_t)n * sizeof *y);\n"
                                "}\n";

static const char copy_loop[] =
    "#pragma GCC optimize(\"no-tree-loop-distribute-patterns\")\n"
    "void solve(const float *restrict x, float *restrict y, int64_t n, int64_t steps) {\n"
    "    (void)steps;\n"
    "    for (int64_t i = 0; i < n; i++)\n"
    "        y[i] = x[i];\n"
    "}\n";

/* Twelve chains a -> a/2 + x/2, which end at x: enough to keep two units busy, and few enough for
 * sixteen registers. Each starts elsewhere, or a compiler would see that they are one. */
static const char fma_chains[] =
    "#ifdef __AVX512F__\n"
    "#define WIDTH 16\n"
    "#else\n"
    "#define WIDTH 8\n"
    "#endif\n"
    "#define CHAINS 12\n"
    "typedef float vector __attribute__((vector_size(4 * WIDTH)));\n"
    "void solve(const float *x, float *y, int64_t n, int64_t steps) {\n"
    "    for (int64_t first = 0; first < n; first += CHAINS * WIDTH) {\n"
    "        vector a[CHAINS], add, half;\n"
    "        for (int k = 0; k < WIDTH; k++) {\n"
    "            half[k] = 0.5f;\n"
    "            add[k] = 0.5f * x[k % 8];\n"
    "        }\n"
    "        for (int c = 0; c < CHAINS; c++)\n"
    "            a[c] = (float)c * add;\n"
    "        for (int64_t s = 0; s < steps; s++)\n"
    "#pragma GCC unroll 12\n"
    "            for (int c = 0; c < CHAINS; c++)\n"
    "                a[c] = a[c] * half + add;\n"
    "        for (int c = 0; c < CHAINS; c++)\n"
    "            __builtin_memcpy(y + first + c * WIDTH, &a[c], sizeof a[c]);\n"
    "    }\n"
    "}\n";

/* Both tasks write x, again and again where there is less of it. */
static int fill(void *context, const struct hone_task *task, const struct hone_workload *workload,
                uint64_t seed, int memory, struct hone_error *error) {
    (void)context;
    struct hone_set_layout layout;
    hone_set_layout(task, workload, &layout);
    uint8_t *base = mmap(NULL, layout.total_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    if (base == MAP_FAILED)
        return hone_fail(error, -errno, "memory for a set: %s", strerror(errno));
    const float *x = (const void *)(base + layout.input_offset[0]);
    double *y = (void *)(base + layout.oracle_offset[1]);
    int code = hone_inputs_fill(task, workload, seed, 0, base + layout.input_offset[0]);
    for (int64_t i = 0; i < layout.count[1]; i++)
        y[i] = (double)x[i % layout.count[0]];
    munmap(base, layout.total_bytes);
    return code ? hone_fail(error, code, "inputs of %s: %s", task->id, strerror(-code)) : 0;
}

static void write_workload(FILE *out, const char *id, const char *set, int64_t n, int64_t steps) {
    fprintf(out, "{\"id\": \"%s\", \"set\": \"%s\", \"axes\": {\"n\": %lld, \"steps\": %lld}}", id,
            set, (long long)n, (long long)steps);
}

/* A task with one input and one output; the caller frees. NULL: out of memory. */
static char *describe(const char *name, const char *input, const int64_t *counts, uint32_t count,
                      int64_t steps) {
    char *text = NULL, id[16];
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return NULL;
    fprintf(out,
            "{\"schema\": 1, \"id\": \"ceiling/%s\", \"version\": \"1\", \"title\": \"%s\",\n"
            "\"axes\": {\"n\": {\"var\": [1, 4194304]}, \"steps\": {\"var\": [1, 1048576]}},\n"
            "\"args\": [{\"name\": \"x\", \"role\": \"in\", \"dtype\": \"f32\", \"shape\": [%s]},\n"
            "{\"name\": \"y\", \"role\": \"out\", \"dtype\": \"f32\", \"shape\": [\"n\"]},\n"
            "{\"name\": \"n\", \"role\": \"axis\"}, {\"name\": \"steps\", \"role\": \"axis\"}],\n"
            "\"workloads\": [\n",
            name, name, input);
    write_workload(out, "debug", "debug", counts[0], steps);
    fputs(",\n", out);
    write_workload(out, "verify", "verify", counts[0], steps);
    for (uint32_t i = 0; i < REPEATS * count; i++) {
        snprintf(id, sizeof id, "b%u", i);
        fputs(",\n", out);
        write_workload(out, id, "bench", counts[i / REPEATS], steps);
    }
    fputs("],\n\"baselines\": [\n"
          "{\"name\": \"one\", \"lang\": \"c\", \"file\": \"one.c\", \"role\": \"score\"},\n"
          "{\"name\": \"two\", \"lang\": \"c\", \"file\": \"two.c\", \"role\": \"floor\"}]}\n",
          out);
    const bool failed = ferror(out);
    if (fclose(out) || failed) {
        free(text);
        return NULL;
    }
    return text;
}

static int parse(char *json, const char *one, const char *two, struct hone_task **task,
                 struct hone_error *error) {
    if (!json)
        return hone_fail(error, -ENOMEM, "out of memory");
    const struct hone_task_file files[] = {
        {"one.c", one, strlen(one)},
        {"prompt.md", "", 0},
        {"task.json", json, strlen(json)},
        {"two.c", two, strlen(two)},
    };
    const struct hone_task_description description = {.size = sizeof description,
                                                      .file_count = sizeof files / sizeof *files,
                                                      .files = files,
                                                      .origin = "ceiling"};
    int code = hone_task_parse(&description, task, error);
    free(json);
    return code;
}

/* The least time of one size, over its repeats and both kernels. */
static double best_of(double *const ns[HONE_BASELINES_MAX], uint32_t size) {
    double best = (double)INFINITY;
    for (uint32_t b = 0; b < HONE_BASELINES_MAX; b++)
        for (uint32_t i = 0; ns[b] && i < REPEATS; i++)
            best = fmin(best, ns[b][SHOWN + REPEATS * size + i]);
    return best;
}

/* Times in ns, by size. The task must outlive the meter. */
static int measure(struct hone_gate *gate, struct hone_meter *meter, const struct hone_task *task,
                   double *best, uint32_t count, struct hone_error *error) {
    double *ns[HONE_BASELINES_MAX] = {NULL};
    int code = hone_tasks_time(gate, meter, task, ns, error);
    for (uint32_t i = 0; !code && i < count; i++)
        best[i] = best_of(ns, i);
    for (uint32_t b = 0; b < HONE_BASELINES_MAX; b++)
        free(ns[b]);
    return code;
}

int hone_ceiling_measure(struct hone_gate *gate, struct hone_ceiling *ceiling,
                         struct hone_error *error) {
    const struct hone_pool_source source = {.fill = fill};
    const struct hone_meter_options options = {.pool_bytes = POOL_BYTES};
    struct hone_meter *meter = NULL;
    struct hone_task *copy = NULL, *fma = NULL;
    double copy_ns[HONE_CEILING_SIZES], fma_ns;
    char protocol[17];
    *ceiling = (struct hone_ceiling){0};
    int code = parse(describe("copy", "\"n\"", copy_counts, HONE_CEILING_SIZES, 1), copy_call,
                     copy_loop, &copy, error);
    if (!code)
        code = parse(describe("fma", "8", &fma_count, 1, fma_steps), fma_chains, fma_chains, &fma,
                     error);
    if (!code)
        code = hone_meter_open(&gate->hardware, gate->device, &source, &options, &meter, protocol,
                               error);
    if (!code)
        code = measure(gate, meter, fma, &fma_ns, 1, error);
    if (!code)
        code = measure(gate, meter, copy, copy_ns, HONE_CEILING_SIZES, error);
    for (uint32_t i = 0; !code && i < HONE_CEILING_SIZES; i++) {
        ceiling->bytes[i] = 2 * sizeof(float) * (double)copy_counts[i];
        ceiling->bandwidth[i] = ceiling->bytes[i] / copy_ns[i] * 1e9;
    }
    if (!code)
        ceiling->flops = 2 * (double)(fma_count * fma_steps) / fma_ns * 1e9;
    hone_meter_destroy(meter);
    hone_task_destroy(copy);
    hone_task_destroy(fma);
    return code;
}

/* Between two sizes that were measured, as a power of the size. */
static double bandwidth_at(const struct hone_ceiling *ceiling, double bytes) {
    uint32_t i = 1;
    if (bytes <= ceiling->bytes[0])
        return ceiling->bandwidth[0];
    while (i < HONE_CEILING_SIZES && bytes > ceiling->bytes[i])
        i++;
    if (i == HONE_CEILING_SIZES)
        return ceiling->bandwidth[i - 1];
    const double share =
        log(bytes / ceiling->bytes[i - 1]) / log(ceiling->bytes[i] / ceiling->bytes[i - 1]);
    return ceiling->bandwidth[i - 1] *
           pow(ceiling->bandwidth[i] / ceiling->bandwidth[i - 1], share);
}

double hone_ceiling_ns(const struct hone_ceiling *ceiling, double flops, double bytes) {
    const double moved = bytes > 0 ? bytes / bandwidth_at(ceiling, bytes) : (double)NAN;
    return 1e9 * fmax(flops / ceiling->flops, moved); /* fmax drops a NaN */
}
