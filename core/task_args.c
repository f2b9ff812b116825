#include "core/task_read.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const dtype_names[] = {"f64", "f32", "f16",  "bf16", "i64",
                                          "i32", "u8",  "bool", NULL};

int hone_task_read_name(const struct hone_value *json, const char *text) {
    static const char *const taken[] = {
        "auto",     "break",    "case",    "char",     "const",    "continue", "default",  "do",
        "double",   "else",     "enum",    "extern",   "float",    "for",      "goto",     "if",
        "inline",   "int",      "long",    "register", "restrict", "return",   "short",    "signed",
        "sizeof",   "static",   "struct",  "switch",   "typedef",  "union",    "unsigned", "void",
        "volatile", "while",    "asm",     "typeof",   "bool",     "class",    "delete",   "false",
        "new",      "operator", "private", "public",   "template", "this",     "true",     "solve",
        "oracle",   "words"};
    size_t length = strlen(text);
    bool good = length < HONE_NAME_SIZE && !(text[0] >= '0' && text[0] <= '9') && text[0] != '_';
    for (size_t i = 0; i < length; i++)
        good &= (text[i] >= 'a' && text[i] <= 'z') || (text[i] >= 'A' && text[i] <= 'Z') ||
                (text[i] >= '0' && text[i] <= '9') || text[i] == '_';
    if (!good)
        return hone_value_fail(json,
                               "\"%.60s\" is no name; expected letters, digits and '_', at "
                               "most %d, starting with a letter",
                               text, HONE_NAME_SIZE - 1);
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (strcmp(text, taken[i]) == 0)
            return hone_value_fail(json, "the name \"%s\" is taken; choose another", text);
    return 0;
}

static int find_axis(const struct hone_task *task, const char *name) {
    for (uint32_t i = 0; i < task->axis_count; i++)
        if (strcmp(task->axes[i].name, name) == 0)
            return (int)i;
    return -ENOENT;
}

static int read_axis(const struct hone_task_reading *reading, const struct hone_value *json,
                     struct hone_axis *axis) {
    static const char *const keys[] = {"var", "expr", NULL};
    int result = hone_task_read_name(json, json->key);
    if (result < 0)
        return result;
    if (hone_expression_reserved(json->key) || strcmp(json->key, "scale") == 0 ||
        strcmp(json->key, "K") == 0)
        return hone_value_fail(
            json, "the name \"%s\" means something in expressions; choose another", json->key);
    if (find_axis(reading->task, json->key) >= 0)
        return hone_value_fail(json, "a second axis of this name");
    result = hone_value_object(json, keys);
    if (result < 0)
        return result;
    axis->name = hone_task_keep(reading->task, json->key);
    if (!axis->name)
        return -ENOMEM;
    struct hone_value variable = hone_value_member(json, "var");
    struct hone_value expression = hone_value_member(json, "expr");
    if (!variable.value == !expression.value)
        return hone_value_fail(json, "expected either \"var\": [low, high] or \"expr\": text");
    if (expression.value)
        return hone_task_read_text(reading, &expression, &axis->expression);
    size_t count;
    result = hone_value_array(&variable, 2, 2, &count);
    if (result < 0)
        return result;
    struct hone_value low = hone_value_element(&variable, 0);
    struct hone_value high = hone_value_element(&variable, 1);
    result = hone_value_integer(&low, 0, HONE_TENSOR_BYTES_MAX, &axis->low);
    return result < 0 ? result
                      : hone_value_integer(&high, axis->low, HONE_TENSOR_BYTES_MAX, &axis->high);
}

int hone_task_read_axes(const struct hone_task_reading *reading, const struct hone_value *json) {
    struct hone_task *task = reading->task;
    if (!json_is_object(json->value))
        return hone_value_fail(json, "expected an object of axes");
    const char *key;
    json_t *value;
    json_object_foreach(json->value, key, value) {
        if (task->axis_count == HONE_AXES_MAX)
            return hone_value_fail(json, "expected at most %d axes", HONE_AXES_MAX);
        struct hone_value member = hone_value_member(json, key);
        int result = read_axis(reading, &member, &task->axes[task->axis_count]);
        if (result < 0)
            return result;
        task->axis_count++;
    }
    return 0;
}

/* The whole numbers a dtype holds exactly. */
static void whole_range(enum hone_dtype dtype, double *low, double *high) {
    static const double limits[][2] = {
        [HONE_F64] = {-0x1p53, 0x1p53}, [HONE_F32] = {-0x1p24, 0x1p24},
        [HONE_F16] = {-0x1p11, 0x1p11}, [HONE_BF16] = {-0x1p8, 0x1p8},
        [HONE_I64] = {-0x1p53, 0x1p53}, [HONE_I32] = {-0x1p31, 0x1p31 - 1},
        [HONE_U8] = {0, 255},           [HONE_BOOL] = {0, 1},
    };
    *low = limits[dtype][0];
    *high = limits[dtype][1];
}

/* An optional number with bounds. */
static int read_number(const struct hone_value *json, const char *key, double low, double high,
                       double *value) {
    struct hone_value member = hone_value_member(json, key);
    return member.value ? hone_value_real(&member, low, high, value) : 0;
}

static int read_normal(const struct hone_value *json, struct hone_generate *generate) {
    static const char *const keys[] = {"dist", "mean", "std", "outliers", NULL};
    static const char *const outlier_keys[] = {"p", "scale", NULL};
    generate->deviation = 1;
    int result = hone_value_object(json, keys);
    if (result == 0)
        result = read_number(json, "mean", -1e30, 1e30, &generate->mean);
    if (result == 0)
        result = read_number(json, "std", 0, 1e30, &generate->deviation);
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

/* low and high of uniform and ints. */
static int read_range(const struct hone_value *json, double least, double most, bool whole,
                      struct hone_generate *generate) {
    static const char *const keys[] = {"dist", "low", "high", NULL};
    int result = hone_value_object(json, keys);
    if (result < 0)
        return result;
    struct hone_value low = hone_value_member(json, "low");
    struct hone_value high = hone_value_member(json, "high");
    result = hone_value_real(&low, least, most, &generate->low);
    if (result == 0)
        result = hone_value_real(&high, generate->low, most, &generate->high);
    if (result < 0 || !whole)
        return result;
    if (generate->low != floor(generate->low) || generate->high != floor(generate->high))
        return hone_value_fail(json, "expected whole numbers as low and high");
    if (generate->high - generate->low >= 0x1p32)
        return hone_value_fail(json, "expected at most 2^32 different integers");
    return 0;
}

static int read_single(const struct hone_value *json, const char *key, double low, double high,
                       double *value) {
    const char *const keys[] = {"dist", key, NULL};
    int result = hone_value_object(json, keys);
    if (result < 0 || !key)
        return result;
    struct hone_value member = hone_value_member(json, key);
    return hone_value_real(&member, low, high, value);
}

int hone_task_read_scalar(const struct hone_value *json, enum hone_dtype dtype, double *value) {
    if (dtype <= HONE_BF16)
        return hone_value_real(json, -1e30, 1e30, value);
    double low, high;
    whole_range(dtype, &low, &high);
    int result = hone_value_real(json, low, high, value);
    if (result == 0 && *value != floor(*value))
        return hone_value_fail(json, "expected a whole number for %s", hone_dtype_name(dtype));
    return result;
}

int hone_task_read_generate(const struct hone_value *json, enum hone_dtype dtype,
                            struct hone_generate *generate) {
    static const char *const kinds[] = {"normal",      "uniform",    "ints",    "bernoulli",
                                        "permutation", "constant",   "offsets", "csr",
                                        "lengths",     "page_table", NULL};
    *generate = (struct hone_generate){0};
    if (!json_is_object(json->value))
        return hone_value_fail(json, "expected an object such as {\"dist\": \"normal\"}");
    struct hone_value name = hone_value_member(json, "dist");
    uint32_t index;
    int result = hone_value_choice(&name, kinds, &index);
    if (result < 0)
        return result;
    generate->kind = (enum hone_generator)(index + HONE_GEN_NORMAL);
    double low, high;
    whole_range(dtype, &low, &high);
    switch (generate->kind) {
    case HONE_GEN_NORMAL:
    case HONE_GEN_UNIFORM:
        if (dtype > HONE_BF16)
            return hone_value_fail(&name,
                                   "%s does not fit dtype %s; expected ints, bernoulli, "
                                   "permutation or constant",
                                   kinds[index], hone_dtype_name(dtype));
        return generate->kind == HONE_GEN_NORMAL ? read_normal(json, generate)
                                                 : read_range(json, -1e30, 1e30, false, generate);
    case HONE_GEN_INTS:
        return read_range(json, low, high, true, generate);
    case HONE_GEN_BERNOULLI:
        return read_single(json, "p", 0, 1, &generate->probability);
    case HONE_GEN_PERMUTATION:
        if (dtype != HONE_I32 && dtype != HONE_I64)
            return hone_value_fail(&name, "permutation needs dtype i32 or i64");
        return read_single(json, NULL, 0, 0, NULL);
    case HONE_GEN_CONSTANT: {
        static const char *const keys[] = {"dist", "value", NULL};
        struct hone_value value = hone_value_member(json, "value");
        result = hone_value_object(json, keys);
        return result < 0 ? result : hone_task_read_scalar(&value, dtype, &generate->value);
    }
    default:
        return hone_value_fail(&name, "%s is not supported yet", kinds[index]);
    }
}

static int read_shape(const struct hone_task_reading *reading, const struct hone_value *json,
                      struct hone_arg *arg) {
    size_t count;
    int result = hone_value_array(json, 1, HONE_DIMS_MAX, &count);
    for (size_t i = 0; result == 0 && i < count; i++) {
        struct hone_value extent = hone_value_element(json, i);
        if (json_is_integer(extent.value)) {
            int64_t value;
            result = hone_value_integer(&extent, 0, HONE_TENSOR_BYTES_MAX, &value);
            char text[24];
            snprintf(text, sizeof text, "%lld", (long long)value);
            arg->shape[i] = result < 0 ? NULL : hone_task_keep(reading->task, text);
            if (result == 0 && !arg->shape[i])
                result = -ENOMEM;
        } else {
            result = hone_task_read_text(reading, &extent, &arg->shape[i]);
        }
    }
    arg->ndim = (uint32_t)count;
    return result;
}

static int read_tensor(const struct hone_task_reading *reading, const struct hone_value *json,
                       struct hone_arg *arg) {
    static const char *const keys[] = {"name", "role", "dtype", "shape", "gen", NULL};
    int result = hone_value_object(json, keys);
    struct hone_value shape = hone_value_member(json, "shape");
    if (result == 0)
        result = read_shape(reading, &shape, arg);
    if (result < 0)
        return result;
    struct hone_value generate = hone_value_member(json, "gen");
    if (arg->role == HONE_OUT)
        return generate.value ? hone_value_fail(&generate, "an output has no generator") : 0;
    if (generate.value)
        return hone_task_read_generate(&generate, arg->dtype, &arg->generate);
    if (arg->dtype > HONE_BF16)
        return hone_value_fail(json, "expected \"gen\": inputs of dtype %s have no default",
                               hone_dtype_name(arg->dtype));
    arg->generate = (struct hone_generate){.kind = HONE_GEN_NORMAL, .deviation = 1};
    return 0;
}

static int read_scalar_arg(const struct hone_value *json, struct hone_arg *arg) {
    static const char *const keys[] = {"name", "role", "dtype", "value", NULL};
    int result = hone_value_object(json, keys);
    if (result < 0)
        return result;
    if (arg->dtype != HONE_F32 && arg->dtype != HONE_F64 && arg->dtype != HONE_I32 &&
        arg->dtype != HONE_I64) {
        struct hone_value dtype = hone_value_member(json, "dtype");
        return hone_value_fail(&dtype, "expected f32, f64, i32 or i64 for a scalar");
    }
    struct hone_value value = hone_value_member(json, "value");
    return hone_task_read_scalar(&value, arg->dtype, &arg->scalar);
}

static int read_axis_arg(const struct hone_task *task, const struct hone_value *json,
                         struct hone_arg *arg) {
    static const char *const keys[] = {"name", "role", NULL};
    int result = hone_value_object(json, keys);
    if (result < 0)
        return result;
    int axis = find_axis(task, arg->name);
    struct hone_value name = hone_value_member(json, "name");
    if (axis < 0)
        return hone_value_fail(&name, "no axis is called \"%s\"", arg->name);
    arg->axis = (uint32_t)axis;
    arg->dtype = HONE_I64;
    return 0;
}

static int read_arg(const struct hone_task_reading *reading, const struct hone_value *json,
                    struct hone_arg *arg) {
    static const char *const roles[] = {"in", "inout", "param", "out", "scalar", "axis", NULL};
    const struct hone_task *task = reading->task;
    if (!json_is_object(json->value))
        return hone_value_fail(json, "expected an object with name, role, dtype and shape");
    struct hone_value name = hone_value_member(json, "name");
    struct hone_value role = hone_value_member(json, "role");
    struct hone_value dtype = hone_value_member(json, "dtype");
    int result = hone_task_read_text(reading, &name, &arg->name);
    if (result == 0)
        result = hone_task_read_name(&name, arg->name);
    if (result < 0)
        return result;
    for (uint32_t i = 0; i < task->arg_count; i++)
        if (strcmp(task->args[i].name, arg->name) == 0)
            return hone_value_fail(&name, "a second argument called \"%s\"", arg->name);
    uint32_t index;
    result = hone_value_choice(&role, roles, &index);
    if (result < 0)
        return result;
    arg->role = (enum hone_role)(index + HONE_IN);
    if (arg->role == HONE_AXIS)
        return read_axis_arg(task, json, arg);
    if (find_axis(task, arg->name) >= 0)
        return hone_value_fail(&name, "an axis is called \"%s\" too", arg->name);
    result = hone_value_choice(&dtype, dtype_names, &index);
    if (result < 0)
        return result;
    arg->dtype = (enum hone_dtype)(index + HONE_F64);
    return arg->role == HONE_SCALAR ? read_scalar_arg(json, arg) : read_tensor(reading, json, arg);
}

int hone_task_read_args(const struct hone_task_reading *reading, const struct hone_value *json) {
    struct hone_task *task = reading->task;
    size_t count;
    int result = hone_value_array(json, 1, HONE_ARGS_MAX, &count);
    bool has_output = false;
    for (size_t i = 0; result == 0 && i < count; i++) {
        struct hone_value element = hone_value_element(json, i);
        struct hone_arg *arg = &task->args[i];
        result = read_arg(reading, &element, arg);
        has_output |= arg->role == HONE_OUT || arg->role == HONE_INOUT;
        task->arg_count = (uint32_t)i + 1;
    }
    if (result == 0 && !has_output)
        return hone_value_fail(json, "expected an output: an argument with role out or inout");
    return result;
}
