#include "core/task_json.h"

#include "core/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TEXT_MAX (64 * 1024)

static size_t append(char *out, size_t size, size_t used, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static size_t append(char *out, size_t size, size_t used, const char *format, ...) {
    if (used + 1 >= size)
        return used;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(out + used, size - used, format, arguments);
    va_end(arguments);
    if (length < 0)
        return used;
    size_t room = size - used - 1;
    return used + ((size_t)length < room ? (size_t)length : room);
}

/* "args[2].shape[1]"; the root has no name. Depth is bounded: chains are as deep as our own code
 * goes. */
static size_t write_path(const struct hone_value *json, char *out, size_t size) {
    if (!json->parent)
        return 0;
    size_t used = write_path(json->parent, out, size);
    if (!json->key)
        return append(out, size, used, "[%zu]", json->index);
    return append(out, size, used, "%s%.40s", used ? "." : "", json->key);
}

int hone_value_fail(const struct hone_value *json, const char *format, ...) {
    char path[160] = "", what[320];
    write_path(json, path, sizeof path);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    const struct hone_value *root = json;
    while (root->parent)
        root = root->parent;
    return hone_fail(json->error, -EINVAL, "%s: %s%s%s", root->file, path, *path ? ": " : "", what);
}

static const char *describe(const json_t *value) {
    if (!value)
        return "nothing";
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "text";
    case JSON_INTEGER:
        return "an integer";
    case JSON_REAL:
        return "a real number";
    case JSON_TRUE:
    case JSON_FALSE:
        return "a truth value";
    default:
        return "null";
    }
}

static int wrong_type(const struct hone_value *json, const char *expected) {
    return hone_value_fail(json, "expected %s, found %s", expected, describe(json->value));
}

int hone_value_open(const char *text, uint64_t bytes, const char *file, struct hone_value *root,
                    struct hone_error *error) {
    json_error_t where;
    json_t *value = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, &where);
    *root = (struct hone_value){.value = value, .file = file, .error = error};
    if (value)
        return 0;
    return hone_fail(error, -EINVAL, "%s: line %d, column %d: %s", file, where.line, where.column,
                     where.text);
}

struct hone_value hone_value_member(const struct hone_value *object, const char *key) {
    return (struct hone_value){.value = json_object_get(object->value, key),
                               .parent = object,
                               .key = key,
                               .error = object->error};
}

struct hone_value hone_value_element(const struct hone_value *array, size_t index) {
    return (struct hone_value){.value = json_array_get(array->value, index),
                               .parent = array,
                               .index = index,
                               .error = array->error};
}

int hone_value_object(const struct hone_value *json, const char *const *keys) {
    if (!json_is_object(json->value))
        return wrong_type(json, "an object");
    const char *key;
    json_t *value;
    json_object_foreach(json->value, key, value) {
        uint32_t i = 0;
        while (keys[i] && strcmp(key, keys[i]) != 0)
            i++;
        if (keys[i])
            continue;
        char known[240] = "";
        size_t used = 0;
        for (i = 0; keys[i]; i++)
            used = append(known, sizeof known, used, "%s%s", i ? ", " : "", keys[i]);
        return hone_value_fail(json, "unknown key \"%.40s\"; expected one of: %s", key, known);
    }
    return 0;
}

int hone_value_array(const struct hone_value *json, size_t low, size_t high, size_t *count) {
    if (!json_is_array(json->value))
        return wrong_type(json, "an array");
    *count = json_array_size(json->value);
    if (*count < low || *count > high)
        return hone_value_fail(json, "expected %zu to %zu elements, found %zu", low, high, *count);
    return 0;
}

int hone_value_text(const struct hone_value *json, const char **text) {
    if (!json_is_string(json->value))
        return wrong_type(json, "text");
    size_t length = json_string_length(json->value);
    if (length == 0 || length > TEXT_MAX)
        return hone_value_fail(json, "expected 1 to %d bytes of text, found %zu", TEXT_MAX, length);
    *text = json_string_value(json->value);
    return 0;
}

int hone_value_integer(const struct hone_value *json, int64_t low, int64_t high, int64_t *value) {
    if (!json_is_integer(json->value))
        return wrong_type(json, "an integer");
    *value = json_integer_value(json->value);
    if (*value < low || *value > high)
        return hone_value_fail(json, "%lld is not in %lld..%lld", (long long)*value, (long long)low,
                               (long long)high);
    return 0;
}

int hone_value_real(const struct hone_value *json, double low, double high, double *value) {
    if (!json_is_number(json->value))
        return wrong_type(json, "a number");
    *value = json_number_value(json->value);
    if (!(*value >= low && *value <= high))
        return hone_value_fail(json, "%g is not in %g..%g", *value, low, high);
    return 0;
}

int hone_value_flag(const struct hone_value *json, bool *value) {
    if (!json_is_boolean(json->value))
        return wrong_type(json, "true or false");
    *value = json_is_true(json->value);
    return 0;
}

int hone_value_choice(const struct hone_value *json, const char *const *words, uint32_t *index) {
    const char *text;
    int result = hone_value_text(json, &text);
    if (result < 0)
        return result;
    for (*index = 0; words[*index]; ++*index)
        if (strcmp(text, words[*index]) == 0)
            return 0;
    char known[240] = "";
    size_t used = 0;
    for (uint32_t i = 0; words[i]; i++)
        used = append(known, sizeof known, used, "%s%s", i ? ", " : "", words[i]);
    return hone_value_fail(json, "unknown word \"%.40s\"; expected one of: %s", text, known);
}
