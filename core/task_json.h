/* task_json.h - read JSON strictly: every value knows where it stands, so that an error can say so.
 *
 * A hone_value is a borrowed view: a value, and the chain of its parents on the caller's stack.
 * Readers return 0 or -EINVAL with a text such as
 *
 *   tasks/algebra/gemm/task.json: args[2].shape[1]: expected text, found a number
 *
 * Any thread; nothing here outlives the json_t it was made from.
 */
#ifndef HONE_CORE_TASK_JSON_H
#define HONE_CORE_TASK_JSON_H

#include "plugins/plugin.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct hone_value {
    json_t *value; /* NULL: absent */
    const struct hone_value *parent;
    const char *key;  /* in an object; NULL: an element */
    size_t index;     /* in an array */
    const char *file; /* of the root */
    struct hone_error *error;
};

/* Parse a whole file; duplicate keys are errors. The caller json_decref()s root->value. */
int hone_value_open(const char *text, uint64_t bytes, const char *file, struct hone_value *root,
                    struct hone_error *error);

/* Say what is wrong with this value; returns -EINVAL. */
int hone_value_fail(const struct hone_value *json, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A member or an element; its value is NULL where there is none. The parent must stay where it is.
 */
struct hone_value hone_value_member(const struct hone_value *object, const char *key);
struct hone_value hone_value_element(const struct hone_value *array, size_t index);

/* Is this an object with no keys but the named ones, which end with NULL? */
int hone_value_object(const struct hone_value *json, const char *const *keys);
int hone_value_array(const struct hone_value *json, size_t low, size_t high, size_t *count);
int hone_value_text(const struct hone_value *json, const char **text); /* borrowed; not empty */
int hone_value_integer(const struct hone_value *json, int64_t low, int64_t high, int64_t *value);
int hone_value_real(const struct hone_value *json, double low, double high, double *value);
int hone_value_flag(const struct hone_value *json, bool *value);
/* One of `words`, which end with NULL: its index. */
int hone_value_choice(const struct hone_value *json, const char *const *words, uint32_t *index);

#endif
