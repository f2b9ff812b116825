#include "core/task_read.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define COUNT_MAX 0x7fffffff /* of what structured generators count */

static const char *const kinds[] = {"normal",      "uniform",    "ints",    "bernoulli",
                                    "permutation", "constant",   "offsets", "csr",
                                    "lengths",     "page_table", "zipf",    NULL};

const char *const hone_task_parameter_names[HONE_PARAMETERS] = {
    [HONE_LOW] = "low",         [HONE_HIGH] = "high", [HONE_TOTAL] = "total", [HONE_MOST] = "most",
    [HONE_COLUMNS] = "columns", [HONE_BAND] = "band", [HONE_PAGES] = "pages"};

double *hone_task_parameter(struct hone_generate *generate, uint32_t parameter) {
    double *const places[HONE_PARAMETERS] = {
        [HONE_LOW] = &generate->low,         [HONE_HIGH] = &generate->high,
        [HONE_TOTAL] = &generate->total,     [HONE_MOST] = &generate->most,
        [HONE_COLUMNS] = &generate->columns, [HONE_BAND] = &generate->band,
        [HONE_PAGES] = &generate->pages};
    return places[parameter];
}

/* One "gen" being read. */
struct generator {
    const struct hone_task_reading *reading;
    const struct hone_value *json;
    enum hone_dtype dtype;
    struct hone_generate *generate;
    struct hone_generate_texts *texts;
};

/* An optional number with bounds. */
static int read_number(const struct hone_value *json, const char *key, double low, double high,
                       double *value) {
    struct hone_value member = hone_value_member(json, key);
    return member.value ? hone_value_real(&member, low, high, value) : 0;
}

/* A number with bounds, or an expression, whose value will be checked where axes are known. */
static int read_parameter(const struct generator *own, uint32_t parameter, double low,
                          double high) {
    struct hone_value member = hone_value_member(own->json, hone_task_parameter_names[parameter]);
    if (json_is_string(member.value))
        return hone_task_read_text(own->reading, &member, &own->texts->parameters[parameter]);
    return hone_value_real(&member, low, high, hone_task_parameter(own->generate, parameter));
}

/* The same, kept as it is where it is absent. */
static int read_optional(const struct generator *own, uint32_t parameter) {
    struct hone_value member = hone_value_member(own->json, hone_task_parameter_names[parameter]);
    return member.value ? read_parameter(own, parameter, 0, COUNT_MAX) : 0;
}

/* The argument that this one must agree with; which one that is, is found out per workload. */
static int read_other(const struct generator *own, const char *key, bool needed) {
    struct hone_value member = hone_value_member(own->json, key);
    if (!member.value && !needed)
        return 0;
    return hone_task_read_text(own->reading, &member, &own->texts->other);
}

static int read_normal(const struct generator *own) {
    static const char *const keys[] = {"dist", "mean", "std", "outliers", "poison", NULL};
    static const char *const outlier_keys[] = {"p", "scale", NULL};
    const struct hone_value *json = own->json;
    struct hone_generate *generate = own->generate;
    generate->deviation = 1;
    int result = hone_value_object(json, keys);
    if (result == 0)
        result = read_number(json, "mean", -1e30, 1e30, &generate->mean);
    if (result == 0)
        result = read_number(json, "std", 0, 1e30, &generate->deviation);
    if (result == 0)
        result = read_other(own, "poison", false);
    struct hone_value outliers = hone_value_member(json, "outliers");
    if (result < 0 || !outliers.value)
        return result;
    result = hone_value_object(&outliers, outlier_keys);
    struct hone_value share = hone_value_member(&outliers, "p");
    struct hone_value scale = hone_value_member(&outliers, "scale");
    if (result == 0)
        result = hone_value_real(&share, 0, 1, &generate->outlier_probability);
    return result < 0 ? result : hone_value_real(&scale, -1e6, 1e6, &generate->outlier_scale);
}

/* low and high; where one of them is an expression, the rest is seen when it is computed. */
static int read_range(const struct generator *own, double least, double most, bool whole) {
    const struct hone_generate *generate = own->generate;
    int result = read_parameter(own, HONE_LOW, least, most);
    const bool is_number = !own->texts->parameters[HONE_LOW];
    if (result == 0)
        result = read_parameter(own, HONE_HIGH, is_number ? generate->low : least, most);
    if (result < 0 || !whole)
        return result;
    if (generate->low != floor(generate->low) || generate->high != floor(generate->high))
        return hone_value_fail(own->json, "expected whole numbers as low and high");
    if (is_number && !own->texts->parameters[HONE_HIGH] && generate->high - generate->low >= 0x1p32)
        return hone_value_fail(own->json, "expected at most 2^32 different integers");
    return 0;
}

static int read_uniform(const struct generator *own) {
    static const char *const keys[] = {"dist", "low", "high", "poison", NULL};
    int result = hone_value_object(own->json, keys);
    if (result == 0)
        result = read_other(own, "poison", false);
    return result < 0 ? result : read_range(own, -1e30, 1e30, false);
}

static int read_integers(const struct generator *own) {
    static const char *const keys[] = {"dist", "low", "high", NULL};
    double low, high;
    hone_task_whole_range(own->dtype, &low, &high);
    if (own->generate->kind == HONE_GEN_LENGTHS) {
        low = 0;
        high = COUNT_MAX;
    }
    int result = hone_value_object(own->json, keys);
    return result < 0 ? result : read_range(own, low, high, true);
}

static int read_bernoulli(const struct generator *own) {
    static const char *const keys[] = {"dist", "p", NULL};
    struct hone_value share = hone_value_member(own->json, "p");
    int result = hone_value_object(own->json, keys);
    return result < 0 ? result : hone_value_real(&share, 0, 1, &own->generate->probability);
}

static int read_permutation(const struct generator *own) {
    static const char *const keys[] = {"dist", NULL};
    return hone_value_object(own->json, keys);
}

static int read_constant(const struct generator *own) {
    static const char *const keys[] = {"dist", "value", NULL};
    struct hone_value value = hone_value_member(own->json, "value");
    int result = hone_value_object(own->json, keys);
    return result < 0 ? result : hone_task_read_scalar(&value, own->dtype, &own->generate->value);
}

static int read_offsets(const struct generator *own) {
    static const char *const keys[] = {"dist", "total", "rows", "most", "empty", NULL};
    static const char *const models[] = {"uniform", "power_law", NULL};
    struct hone_value rows = hone_value_member(own->json, "rows");
    int result = hone_value_object(own->json, keys);
    own->generate->most = -1;
    if (result == 0)
        result = read_parameter(own, HONE_TOTAL, 0, COUNT_MAX);
    if (result == 0 && rows.value)
        result = hone_value_choice(&rows, models, &own->generate->rows);
    if (result == 0)
        result = read_optional(own, HONE_MOST);
    return result < 0 ? result : read_number(own->json, "empty", 0, 0.5, &own->generate->empty);
}

static int read_csr(const struct generator *own) {
    static const char *const keys[] = {"dist", "offsets", "columns", "band", "duplicates", NULL};
    struct hone_value duplicates = hone_value_member(own->json, "duplicates");
    bool allowed = false;
    int result = hone_value_object(own->json, keys);
    own->generate->band = -1;
    if (result == 0)
        result = read_other(own, "offsets", true);
    if (result == 0)
        result = read_parameter(own, HONE_COLUMNS, 1, COUNT_MAX);
    if (result == 0)
        result = read_optional(own, HONE_BAND);
    if (result == 0 && duplicates.value)
        result = hone_value_flag(&duplicates, &allowed);
    own->generate->duplicates = allowed;
    return result;
}

static int read_page_table(const struct generator *own) {
    static const char *const keys[] = {"dist", "lengths", "pages", NULL};
    int result = hone_value_object(own->json, keys);
    if (result == 0)
        result = read_other(own, "lengths", true);
    return result < 0 ? result : read_parameter(own, HONE_PAGES, 1, COUNT_MAX);
}

/* Which dtypes can hold what a kind draws, in words for who chose another. */
static int check_dtype(const struct hone_value *name, enum hone_generator kind,
                       enum hone_dtype dtype) {
    const bool is_index = dtype == HONE_I32 || dtype == HONE_I64;
    switch (kind) {
    case HONE_GEN_NORMAL:
    case HONE_GEN_UNIFORM:
        if (dtype > HONE_BF16)
            return hone_value_fail(name,
                                   "%s does not fit dtype %s; expected ints, bernoulli, "
                                   "permutation or constant",
                                   kinds[kind - HONE_GEN_NORMAL], hone_dtype_name(dtype));
        return 0;
    case HONE_GEN_INTS:
    case HONE_GEN_BERNOULLI:
    case HONE_GEN_CONSTANT:
        return 0;
    default:
        return is_index ? 0
                        : hone_value_fail(name, "%s needs dtype i32 or i64",
                                          kinds[kind - HONE_GEN_NORMAL]);
    }
}

int hone_task_read_generate(const struct hone_task_reading *reading, const struct hone_value *json,
                            enum hone_dtype dtype, struct hone_generate *generate,
                            struct hone_generate_texts *texts) {
    static int (*const readers[])(const struct generator *own) = {
        [HONE_GEN_NORMAL] = read_normal,           [HONE_GEN_UNIFORM] = read_uniform,
        [HONE_GEN_INTS] = read_integers,           [HONE_GEN_BERNOULLI] = read_bernoulli,
        [HONE_GEN_PERMUTATION] = read_permutation, [HONE_GEN_CONSTANT] = read_constant,
        [HONE_GEN_OFFSETS] = read_offsets,         [HONE_GEN_CSR] = read_csr,
        [HONE_GEN_LENGTHS] = read_integers,        [HONE_GEN_PAGE_TABLE] = read_page_table,
        [HONE_GEN_ZIPF] = read_integers,
    };
    *generate = (struct hone_generate){.other = HONE_NO_ARG};
    *texts = (struct hone_generate_texts){0};
    if (!json_is_object(json->value))
        return hone_value_fail(json, "expected an object such as {\"dist\": \"normal\"}");
    struct hone_value name = hone_value_member(json, "dist");
    uint32_t index;
    int result = hone_value_choice(&name, kinds, &index);
    if (result < 0)
        return result;
    generate->kind = (enum hone_generator)(index + HONE_GEN_NORMAL);
    const struct generator own = {
        .reading = reading, .json = json, .dtype = dtype, .generate = generate, .texts = texts};
    result = check_dtype(&name, generate->kind, dtype);
    return result < 0 ? result : readers[generate->kind](&own);
}
