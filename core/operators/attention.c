/* Attention, over whole sequences and over a cache in pages, and rotary positions. */
#include "core/operators/operator.h"

#include "core/error.h"

#include <errno.h>
#include <stdlib.h>

/* ---- rope: pairs i, i + d/2 turn by position * base^(-2i/d) (Su et al. 2021) ---- */

static int shape_rope(struct hone_operation *operation, struct hone_error *error) {
    const struct hone_array *x = &operation->operands[0], *position = &operation->operands[1];
    int result = hone_operand_rank(operation, 0, 3, error);
    if (result == 0)
        result = hone_operand_rank(operation, 1, 1, error);
    if (result == 0 && (position->shape[0] != x->shape[0] || x->shape[2] % 2))
        return hone_operands_fail(operation, error,
                                  "expected a position for each of x [t, heads, even]");
    return result < 0 ? result : hone_shape_same(operation, error);
}

static int run_rope(struct hone_operation *operation, struct hone_error *error) {
    (void)error;
    const struct hone_array *x = &operation->operands[0];
    const int64_t heads = x->shape[1], d = x->shape[2], half = d / 2;
    const double base = hone_attribute_real(operation, "base");
    double *y = operation->output.data;
    for (int64_t i = 0; i < half; i++) {
        const double frequency = pow(base, -2 * (double)i / (double)d);
        for (int64_t r = 0; r < x->shape[0]; r++) {
            const double angle = operation->operands[1].data[r] * frequency;
            const double cosine = cos(angle), sine = sin(angle);
            for (int64_t h = 0; h < heads; h++) {
                const int64_t at = (r * heads + h) * d + i;
                y[at] = x->data[at] * cosine - x->data[at + half] * sine;
                y[at + half] = x->data[at + half] * cosine + x->data[at] * sine;
            }
        }
    }
    return 0;
}

/* ---- softmax(scale q k) v of one query over `count` tokens ---- */

struct tokens {
    const double *key, *value; /* of token 0 */
    int64_t stride;            /* of a token, of both */
    const int64_t *order;      /* NULL: tokens lie as they come */
};

static void attend(const double *query, const struct tokens *tokens, int64_t count, int64_t d,
                   double scale, double *weight, double *out) {
    double largest = -INFINITY;
    long double total = 0;
    for (int64_t t = 0; t < count; t++) {
        const double *key = tokens->key + (tokens->order ? tokens->order[t] : t) * tokens->stride;
        double sum[4] = {0};
        int64_t c = 0;
        for (; c + 4 <= d; c += 4)
            for (int lane = 0; lane < 4; lane++)
                sum[lane] += query[c + lane] * key[c + lane];
        for (; c < d; c++)
            sum[0] += query[c] * key[c];
        weight[t] = ((sum[0] + sum[1]) + (sum[2] + sum[3])) * scale;
        largest = weight[t] > largest ? weight[t] : largest;
    }
    for (int64_t t = 0; t < count; t++)
        total += weight[t] = exp(weight[t] - largest);
    for (int64_t c = 0; c < d; c++)
        out[c] = 0;
    for (int64_t t = 0; t < count; t++) {
        const double *value =
            tokens->value + (tokens->order ? tokens->order[t] : t) * tokens->stride;
        const double share = weight[t] / (double)total;
        for (int64_t c = 0; c < d; c++)
            out[c] += share * value[c];
    }
}

static double scale_of(const struct hone_operation *operation, int64_t d) {
    const struct hone_attribute_value *scale = hone_attribute(operation, "scale");
    return scale->count ? scale->values[0] : 1 / sqrt((double)d);
}

/* ---- attention: q [b, hq, s, d], k and v [b, hkv, t, d]; heads of q share those of k ---- */

static int shape_attention(struct hone_operation *operation, struct hone_error *error) {
    const int64_t *q = operation->operands[0].shape, *k = operation->operands[1].shape;
    const int64_t *v = operation->operands[2].shape;
    const bool causal = hone_attribute_integer(operation, "causal") != 0;
    int result = 0;
    for (uint32_t i = 0; result == 0 && i < 3; i++)
        result = hone_operand_rank(operation, i, 4, error);
    if (result < 0)
        return result;
    bool fits = q[0] == k[0] && k[1] > 0 && q[1] % k[1] == 0 && q[3] == k[3] && k[2] > 0;
    for (uint32_t i = 0; i < 4; i++)
        fits &= k[i] == v[i];
    if (!fits || (causal && q[2] > k[2]))
        return hone_operands_fail(operation, error,
                                  "expected q [b, hq, s, d], k and v [b, hkv, t, d], hq a multiple "
                                  "of hkv%s",
                                  causal ? ", s at most t" : "");
    return hone_shape_same(operation, error);
}

/* Causal: the last query sees every token, each one before it one less. */
static int run_attention(struct hone_operation *operation, struct hone_error *error) {
    (void)error;
    const int64_t *q = operation->operands[0].shape, *k = operation->operands[1].shape;
    const bool causal = hone_attribute_integer(operation, "causal") != 0;
    const double scale = scale_of(operation, q[3]);
    double *weight = malloc((size_t)k[2] * sizeof *weight);
    if (!weight)
        return -ENOMEM;
    for (int64_t head = 0; head < q[0] * q[1]; head++) {
        const int64_t shared = head / q[1] * k[1] + head % q[1] / (q[1] / k[1]);
        const struct tokens tokens = {.key = operation->operands[1].data + shared * k[2] * k[3],
                                      .value = operation->operands[2].data + shared * k[2] * k[3],
                                      .stride = k[3]};
        for (int64_t i = 0; i < q[2]; i++) {
            const int64_t at = (head * q[2] + i) * q[3];
            attend(operation->operands[0].data + at, &tokens, causal ? k[2] - q[2] + i + 1 : k[2],
                   q[3], scale, weight, operation->output.data + at);
        }
    }
    free(weight);
    return 0;
}

/* ---- attention_paged: one query each, tokens in pages that a table names ---- */

static int shape_paged(struct hone_operation *operation, struct hone_error *error) {
    static const uint32_t ranks[] = {3, 4, 4, 2, 1};
    const int64_t *q = operation->operands[0].shape, *k = operation->operands[1].shape;
    const int64_t *v = operation->operands[2].shape;
    int result = 0;
    for (uint32_t i = 0; result == 0 && i < 5; i++)
        result = hone_operand_rank(operation, i, ranks[i], error);
    if (result < 0)
        return result;
    bool fits = q[2] == k[3] && k[2] > 0 && q[1] % k[2] == 0 && k[1] > 0 &&
                operation->operands[3].shape[0] == q[0] && operation->operands[4].shape[0] == q[0];
    for (uint32_t i = 0; i < 4; i++)
        fits &= k[i] == v[i];
    if (!fits)
        return hone_operands_fail(operation, error,
                                  "expected q [b, hq, d], caches [pages, page, hkv, d], table [b, "
                                  "most], length [b]");
    return hone_shape_same(operation, error);
}

/* Where the tokens of sequence `i` lie, in slots of a page. */
static int find_tokens(const struct hone_operation *operation, int64_t i, int64_t *slots,
                       int64_t *count, struct hone_error *error) {
    const struct hone_array *table = &operation->operands[3];
    const int64_t pages = operation->operands[1].shape[0], page = operation->operands[1].shape[1];
    const int64_t most = table->shape[1];
    int result = hone_index(&operation->operands[4], i, most * page + 1, "length", count, error);
    for (int64_t t = 0; result == 0 && t < *count; t++) {
        int64_t at;
        result = hone_index(table, i * most + t / page, pages, "table", &at, error);
        slots[t] = at * page + t % page;
    }
    return result;
}

static int run_paged(struct hone_operation *operation, struct hone_error *error) {
    const int64_t *q = operation->operands[0].shape, *k = operation->operands[1].shape;
    const double scale = scale_of(operation, q[2]);
    const int64_t most = operation->operands[3].shape[1] * k[1];
    int64_t *slots = malloc((size_t)(most + 1) * sizeof *slots);
    double *weight = malloc((size_t)(most + 1) * sizeof *weight);
    int result = slots && weight ? 0 : -ENOMEM;
    for (int64_t i = 0; result == 0 && i < q[0]; i++) {
        int64_t count;
        result = find_tokens(operation, i, slots, &count, error);
        for (int64_t j = 0; result == 0 && j < q[1]; j++) {
            const int64_t shared = j / (q[1] / k[2]) * k[3], at = (i * q[1] + j) * q[2];
            const struct tokens tokens = {.key = operation->operands[1].data + shared,
                                          .value = operation->operands[2].data + shared,
                                          .stride = k[2] * k[3],
                                          .order = slots};
            attend(operation->operands[0].data + at, &tokens, count, q[2], scale, weight,
                   operation->output.data + at);
        }
    }
    free(slots);
    free(weight);
    return result;
}

#define SCALE                                                                                      \
    { "scale", HONE_ATTRIBUTE_REAL, HONE_ATTRIBUTE_ABSENT } /* 1 / sqrt(d) */

const struct hone_operator hone_operators_attention[] = {
    {.name = "rope",
     .operands = "x position",
     .shape = shape_rope,
     .run = run_rope,
     .attributes = {{"base", HONE_ATTRIBUTE_REAL, 10000}}},
    {.name = "attention",
     .operands = "q k v",
     .shape = shape_attention,
     .run = run_attention,
     .attributes = {{"causal", HONE_ATTRIBUTE_FLAG, 0}, SCALE}},
    {.name = "attention_paged",
     .operands = "q k_cache v_cache table length",
     .shape = shape_paged,
     .run = run_paged,
     .attributes = {SCALE}},
    {.name = NULL},
};
