#include "core/inputs.h"
#include "plugins/random.h"
#include "tests/task_text.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <errno.h>
#include <stdlib.h>
#include <xxhash.h>

#define SEED 0x0123456789abcdefu

/* One argument of one workload, with bytes behind it that must stay as they are. */
static void *filled(const struct hone_task *task, uint32_t workload, uint64_t seed, uint32_t arg,
                    int64_t *count) {
    *count = hone_task_shape(task, &task->workloads[workload], arg, NULL);
    size_t bytes = (size_t)*count * hone_dtype_bytes(task->args[arg].dtype);
    unsigned char *data = malloc(bytes + 64);
    memset(data, 0xa5, bytes + 64);
    cr_assert(eq(int, hone_inputs_fill(task, &task->workloads[workload], seed, arg, data), 0));
    for (size_t i = 0; i < 64; i++)
        cr_assert(eq(u8, data[bytes + i], 0xa5));
    return data;
}

Test(inputs, are_the_documented_function_of_seed_argument_and_element) {
    struct hone_task *task = task_text_small();
    int64_t count;
    float *x = filled(task, 2, SEED, 0, &count);
    const float scale = hone_random_normal_scale(2), large = hone_random_normal_scale(200);
    int64_t outliers = 0;
    cr_assert(eq(i64, count, 16384));
    for (int64_t i = count - 1; i >= 0; i--) {
        bool is_outlier = hone_random_word(SEED, (uint64_t)i, 0, HONE_STREAM_OUTLIER) < 0x40000000u;
        float want = (float)hone_random_normal(hone_random_word(SEED, (uint64_t)i, 0, 0),
                                               hone_random_word(SEED, (uint64_t)i, 0, 1),
                                               is_outlier ? large : scale, 0);
        cr_assert(eq(flt, x[i], want));
        outliers += is_outlier;
    }
    cr_expect(lt(i64, 3800, outliers));
    cr_expect(lt(i64, outliers, 4400));
    free(x);
    hone_task_destroy(task);
}

/* A change here is a change of every stored result: it needs a new schema. */
Test(inputs, never_change) {
    struct hone_task *task = task_text_small();
    int64_t count;
    float *x = filled(task, 2, SEED, 0, &count);
    double *state = filled(task, 2, SEED, 3, &count);
    int32_t *index = filled(task, 2, SEED, 2, &count);
    cr_expect(eq(u64, XXH3_64bits(x, 16384 * sizeof *x), 16162759567653194077u));
    cr_expect(eq(u64, XXH3_64bits(state, 3075 * sizeof *state), 3143477239210877588u));
    cr_expect(eq(u64, XXH3_64bits(index, 1024 * sizeof *index), 12501269648271949596u));
    free(x);
    free(state);
    free(index);
    hone_task_destroy(task);
}

Test(inputs, differ_between_seeds_and_arguments) {
    struct hone_task *task = task_text_small();
    int64_t count;
    uint16_t *w = filled(task, 0, SEED, 1, &count), *other = filled(task, 0, SEED + 1, 1, &count);
    uint16_t *high = filled(task, 0, SEED ^ (uint64_t)1 << 63, 1, &count);
    cr_expect(ne(int, memcmp(w, other, (size_t)count * 2), 0));
    cr_expect(ne(int, memcmp(w, high, (size_t)count * 2), 0));
    struct hone_workload same = task->workloads[0];
    same.generate[0] = same.generate[1];
    float *x = malloc((size_t)count * sizeof *x);
    cr_assert(eq(int, hone_inputs_fill(task, &same, SEED, 0, x), 0));
    int64_t equal = 0;
    for (int64_t i = 0; i < count; i++)
        equal += hone_random_to_bf16(x[i]) == w[i];
    cr_expect(lt(i64, equal, count / 2));
    free(w);
    free(other);
    free(high);
    free(x);
    hone_task_destroy(task);
}

Test(inputs, keep_to_the_values_their_generator_names) {
    struct hone_task *task = task_text_small();
    int64_t count;
    float *ints = filled(task, 1, SEED, 0, &count);
    bool seen[8] = {false};
    for (int64_t i = 0; i < count; i++) {
        cr_assert(ints[i] >= -3 && ints[i] <= 4 && ints[i] == (float)(int)ints[i]);
        seen[(int)ints[i] + 3] = true;
    }
    for (int i = 0; i < 8; i++)
        cr_expect(seen[i]);
    uint16_t *constant = filled(task, 1, SEED, 1, &count);
    for (int64_t i = 0; i < count; i++)
        cr_assert(eq(u16, constant[i], 0x3fc0)); /* 1.5 */
    double *uniform = filled(task, 1, SEED, 3, &count), sum = 0;
    for (int64_t i = 0; i < count; i++) {
        cr_assert(uniform[i] >= -1 && uniform[i] <= 2);
        sum += uniform[i];
    }
    cr_expect(lt(dbl, sum / (double)count, 0.6));
    cr_expect(lt(dbl, 0.4, sum / (double)count));
    uint8_t *bits = filled(task, 1, SEED, 4, &count);
    int64_t ones = 0;
    for (int64_t i = 0; i < count; i++) {
        cr_assert(bits[i] <= 1);
        ones += bits[i];
    }
    cr_expect(lt(i64, 200, ones)); /* of 1021, a quarter is expected */
    cr_expect(lt(i64, ones, 310));
    free(ints);
    free(constant);
    free(uniform);
    free(bits);
    hone_task_destroy(task);
}

Test(inputs, permute_all_elements) {
    struct hone_task *task = task_text_small();
    int64_t count;
    int32_t *index = filled(task, 1, SEED, 2, &count);
    bool seen[1021] = {false};
    cr_assert(eq(i64, count, 1021));
    for (int64_t i = 0; i < count; i++) {
        cr_assert(index[i] >= 0 && index[i] < 1021 && !seen[index[i]]);
        seen[index[i]] = true;
    }
    free(index);
    hone_task_destroy(task);
}

Test(inputs, are_refused_for_what_is_no_input) {
    struct hone_task *task = task_text_small();
    double data[16];
    struct hone_workload workload = task->workloads[0];
    cr_expect(eq(int, hone_inputs_fill(task, &workload, SEED, 8, data), -EINVAL)); /* out */
    cr_expect(eq(int, hone_inputs_fill(task, &workload, SEED, 5, data), -EINVAL)); /* scalar */
    cr_expect(eq(int, hone_inputs_fill(task, &workload, SEED, 99, data), -EINVAL));
    workload.generate[4].kind = HONE_GEN_NORMAL; /* into u8 */
    cr_expect(eq(int, hone_inputs_fill(task, &workload, SEED, 4, data), -EINVAL));
    workload.generate[4].kind = HONE_GEN_CSR; /* into u8 */
    cr_expect(eq(int, hone_inputs_fill(task, &workload, SEED, 4, data), -EINVAL));
    workload.generate[2].kind = HONE_GEN_CSR; /* of offsets that are none */
    cr_expect(eq(int, hone_inputs_fill(task, &workload, SEED, 2, data), -EINVAL));
    workload.generate[2].kind = HONE_GEN_PAGE_TABLE;
    cr_expect(eq(int, hone_inputs_fill(task, &workload, SEED, 2, data), -EINVAL));
    workload.generate[2].kind = HONE_GEN_LENGTHS;
    workload.generate[0].other = 2; /* poisoned by lengths */
    cr_expect(eq(int, hone_inputs_fill(task, &workload, SEED, 0, data), -EINVAL));
    hone_task_destroy(task);
}

/* Inputs that agree with each other: a matrix, and a paged cache. */
static const char structured_text[] =
    "{\"schema\": 1, \"id\": \"test/structured\", \"version\": \"1\", \"title\": \"t\",\n"
    " \"axes\": {\"rows\": {\"var\": [1, 9999]}, \"cols\": {\"var\": [1, 9999]},\n"
    "   \"nnz\": {\"var\": [0, 99999]}},\n"
    " \"args\": [\n"
    "  {\"name\": \"col\", \"role\": \"in\", \"dtype\": \"i64\", \"shape\": [\"nnz\"],\n"
    "   \"gen\": {\"dist\": \"csr\", \"offsets\": \"row_ptr\", \"columns\": \"cols\"}},\n"
    "  {\"name\": \"row_ptr\", \"role\": \"in\", \"dtype\": \"i32\", \"shape\": [\"rows + 1\"],\n"
    "   \"gen\": {\"dist\": \"offsets\", \"total\": \"nnz\", \"most\": \"min(cols, 40)\", "
    "\"empty\": "
    "0.1}},\n"
    "  {\"name\": \"cache\", \"role\": \"in\", \"dtype\": \"f16\", \"shape\": [17, 4, 3],\n"
    "   \"gen\": {\"dist\": \"uniform\", \"low\": 1, \"high\": 2, \"poison\": \"table\"}},\n"
    "  {\"name\": \"table\", \"role\": \"in\", \"dtype\": \"i32\", \"shape\": [5, 3],\n"
    "   \"gen\": {\"dist\": \"page_table\", \"lengths\": \"length\", \"pages\": 17}},\n"
    "  {\"name\": \"length\", \"role\": \"in\", \"dtype\": \"i64\", \"shape\": [5],\n"
    "   \"gen\": {\"dist\": \"lengths\", \"low\": 1, \"high\": \"3*4\"}},\n"
    "  {\"name\": \"y\", \"role\": \"out\", \"dtype\": \"f32\", \"shape\": [1]}],\n"
    " \"workloads\": [\n"
    "  {\"id\": \"a\", \"set\": \"debug\", \"axes\": {\"rows\": 300, \"cols\": 200, \"nnz\": "
    "4000}},\n"
    "  {\"id\": \"b\", \"set\": \"verify\", \"axes\": {\"rows\": 300, \"cols\": 200, \"nnz\": "
    "4000},\n"
    "   \"gen\": {\"row_ptr\": {\"dist\": \"offsets\", \"total\": \"nnz\", \"rows\": "
    "\"power_law\", "
    "\"most\": \"cols\"}}},\n"
    "  {\"id\": \"c\", \"set\": \"bench\", \"axes\": {\"rows\": 1, \"cols\": 1, \"nnz\": 0}}],\n"
    " \"baselines\": [{\"name\": \"t\", \"lang\": \"c\", \"file\": \"tuned.c\", \"role\": "
    "\"score\"}],\n"
    " \"oracle\": {\"c\": \"oracle.c\"}}\n";

static struct hone_task *structured(void) {
    struct hone_task *task = NULL;
    struct hone_error error = {""};
    int result = task_text_parse(structured_text, &task, &error);
    cr_assert(eq(int, result, 0), "%s", error.text);
    return task;
}

Test(inputs, make_matrices_whose_rows_and_columns_agree) {
    struct hone_task *task = structured();
    for (uint32_t workload = 0; workload < 3; workload++) {
        int64_t rows, count, longest = 0, empty = 0;
        int64_t *col = filled(task, workload, SEED, 0, &count);
        int32_t *row_ptr = filled(task, workload, SEED, 1, &rows);
        cr_expect(eq(int, row_ptr[0], 0));
        cr_assert(eq(i64, row_ptr[rows - 1], count));
        for (int64_t row = 0; row + 1 < rows; row++) {
            cr_assert(le(int, row_ptr[row], row_ptr[row + 1]));
            int64_t own = row_ptr[row + 1] - row_ptr[row];
            longest = own > longest ? own : longest;
            empty += own == 0;
            for (int64_t i = row_ptr[row]; i < row_ptr[row + 1]; i++) {
                cr_assert(col[i] >= 0 && col[i] < task->workloads[workload].axes[1]);
                cr_assert(i == row_ptr[row] || col[i] > col[i - 1]);
            }
        }
        if (workload == 0) {
            cr_expect(le(i64, longest, 40));
            cr_expect(lt(i64, 15, empty)); /* 30 */
        } else if (workload == 1) {
            cr_expect(eq(i64, longest, 200)); /* a twentieth of all */
        }
        free(col);
        free(row_ptr);
    }
    hone_task_destroy(task);
}

Test(inputs, poison_what_no_sequence_uses) {
    struct hone_task *task = structured();
    int64_t count;
    uint16_t *cache = filled(task, 0, SEED, 2, &count);
    int32_t *table = filled(task, 0, SEED, 3, &count);
    int64_t *length = filled(task, 0, SEED, 4, &count);
    bool used[17][4] = {{false}};
    for (int64_t sequence = 0; sequence < 5; sequence++)
        for (int64_t i = 0; i < length[sequence]; i++)
            used[table[sequence * 3 + i / 4]][i % 4] = true;
    int64_t wrong = 0, poisoned = 0;
    for (int64_t page = 0; page < 17; page++)
        for (int64_t slot = 0; slot < 4; slot++)
            for (int64_t i = 0; i < 3; i++) {
                uint16_t value = cache[(page * 4 + slot) * 3 + i];
                bool is_nan = (value & 0x7c00) == 0x7c00 && (value & 0x3ff);
                wrong += is_nan == used[page][slot];
                poisoned += is_nan;
            }
    cr_expect(eq(i64, wrong, 0));
    cr_expect(ge(i64, poisoned, 2 * 4 * 3)); /* two pages are in no table */
    free(cache);
    free(table);
    free(length);
    hone_task_destroy(task);
}

/* As above: a change here is a change of every stored result. */
Test(inputs, with_structure_never_change) {
    struct hone_task *task = structured();
    static const uint64_t wanted[2][5] = {
        {6633710755038530184u, 17727835369719727441u, 16526877419852523939u, 2871569182271630764u,
         5231506694720311725u},
        {16076299917006087827u, 8561326438217903393u, 16526877419852523939u, 2871569182271630764u,
         5231506694720311725u}};
    for (uint32_t workload = 0; workload < 2; workload++)
        for (uint32_t arg = 0; arg < 5; arg++) {
            int64_t count;
            void *data = filled(task, workload, SEED, arg, &count);
            size_t bytes = (size_t)count * hone_dtype_bytes(task->args[arg].dtype);
            cr_expect(eq(u64, XXH3_64bits(data, bytes), wanted[workload][arg]));
            free(data);
        }
    hone_task_destroy(task);
}

Test(seed, depends_on_every_field) {
    uint8_t secret[32] = {1}, other[32] = {1};
    other[31] = 1;
    uint64_t seeds[] = {
        hone_seed(secret, 1, "a", 1, 1), hone_seed(other, 1, "a", 1, 1),
        hone_seed(secret, 2, "a", 1, 1), hone_seed(secret, 1, "b", 1, 1),
        hone_seed(secret, 1, "", 1, 1),  hone_seed(secret, 1, "a", 2, 1),
        hone_seed(secret, 1, "a", 1, 2), hone_seed(secret, 1, "aa", 1, 1),
    };
    for (int i = 0; i < 8; i++)
        for (int j = 0; j < i; j++)
            cr_expect(ne(u64, seeds[i], seeds[j]), "%d and %d", i, j);
    cr_expect(eq(u64, hone_seed(secret, 1, "a", 1, 1), seeds[0]));
}
