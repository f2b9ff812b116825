#include "core/task_read.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

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

void hone_task_whole_range(enum hone_dtype dtype, double *low, double *high) {
    static const double limits[][2] = {
        [HONE_F64] = {-0x1p53, 0x1p53}, [HONE_F32] = {-0x1p24, 0x1p24},
        [HONE_F16] = {-0x1p11, 0x1p11}, [HONE_BF16] = {-0x1p8, 0x1p8},
        [HONE_I64] = {-0x1p53, 0x1p53}, [HONE_I32] = {-0x1p31, 0x1p31 - 1},
        [HONE_U8] = {0, 255},           [HONE_BOOL] = {0, 1},
        [HONE_U32] = {0, 0x1p32 - 1},   [HONE_U64] = {0, 0x1p53},
    };
    *low = limits[dtype][0];
    *high = limits[dtype][1];
}

int hone_task_read_scalar(const struct hone_value *json, enum hone_dtype dtype, double *value) {
    if (dtype <= HONE_BF16)
        return hone_value_real(json, -1e30, 1e30, value);
    double low, high;
    hone_task_whole_range(dtype, &low, &high);
    int result = hone_value_real(json, low, high, value);
    if (result == 0 && *value != floor(*value))
        return hone_value_fail(json, "expected a whole number for %s", hone_dtype_name(dtype));
    return result;
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
        return hone_task_read_generate(reading, &generate, arg->dtype, &arg->generate, &arg->texts);
    if (arg->dtype > HONE_BF16)
        return hone_value_fail(json, "expected \"gen\": inputs of dtype %s have no default",
                               hone_dtype_name(arg->dtype));
    arg->generate =
        (struct hone_generate){.kind = HONE_GEN_NORMAL, .other = HONE_NO_ARG, .deviation = 1};
    return 0;
}

static int read_scalar_arg(const struct hone_value *json, struct hone_arg *arg) {
    static const char *const keys[] = {"name", "role", "dtype", "value", NULL};
    int result = hone_value_object(json, keys);
    if (result < 0)
        return result;
    if ((arg->dtype != HONE_F32 && arg->dtype != HONE_F64 && arg->dtype != HONE_I32 &&
         arg->dtype != HONE_I64) ||
        arg->varies) {
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
    result = hone_task_read_dtype(reading, &dtype, &arg->dtype, &arg->varies);
    if (result < 0)
        return result;
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
