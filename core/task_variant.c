#include "core/task_read.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

static const char *const dtype_names[] = {"f64", "f32", "f16",  "bf16", "i64",
                                          "i32", "u8",  "bool", NULL};

/* Different dtypes, in the order they are given. */
static int read_list(const struct hone_value *json, enum hone_dtype dtypes[HONE_DTYPES_MAX],
                     uint32_t *count) {
    size_t found;
    int result = hone_value_array(json, 1, HONE_DTYPES_MAX, &found);
    for (uint32_t i = 0; result == 0 && i < found; i++) {
        struct hone_value element = hone_value_element(json, i);
        uint32_t index;
        result = hone_value_choice(&element, dtype_names, &index);
        if (result < 0)
            return result;
        dtypes[i] = (enum hone_dtype)(index + HONE_F64);
        for (uint32_t j = 0; j < i; j++)
            if (dtypes[j] == dtypes[i])
                return hone_value_fail(&element, "%s is there already", dtype_names[index]);
    }
    *count = result < 0 ? 0 : (uint32_t)found;
    return result;
}

int hone_task_read_dtypes(const struct hone_task_reading *reading, const struct hone_value *json) {
    struct hone_task *task = reading->task;
    int result = read_list(json, task->dtypes, &task->dtype_count);
    for (uint32_t i = 0; result == 0 && i < task->dtype_count; i++)
        if (task->dtypes[i] > HONE_BF16) {
            struct hone_value element = hone_value_element(json, i);
            return hone_value_fail(&element, "expected f64, f32, f16 or bf16");
        }
    return result;
}

int hone_task_in_variant(const struct hone_task_reading *reading, const struct hone_value *entry,
                         bool *in) {
    const struct hone_task *task = reading->task;
    struct hone_value json = hone_value_member(entry, "dtypes");
    enum hone_dtype dtypes[HONE_DTYPES_MAX];
    uint32_t count;
    *in = true;
    if (!json.value)
        return 0;
    int result = read_list(&json, dtypes, &count);
    if (result < 0)
        return result;
    *in = false;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t k = 0;
        while (k < task->dtype_count && task->dtypes[k] != dtypes[i])
            k++;
        struct hone_value element = hone_value_element(&json, i);
        if (k == task->dtype_count)
            return hone_value_fail(&element, "the task's own \"dtypes\" do not have %s",
                                   hone_dtype_name(dtypes[i]));
        *in |= k == task->variant;
    }
    return 0;
}

int hone_task_read_dtype(const struct hone_task_reading *reading, const struct hone_value *json,
                         enum hone_dtype *dtype, bool *varies) {
    const struct hone_task *task = reading->task;
    uint32_t index;
    *varies = json_is_string(json->value) && strcmp(json_string_value(json->value), "T") == 0;
    if (*varies && !task->dtype_count)
        return hone_value_fail(json, "\"T\" stands for the task's \"dtypes\", which are not given");
    int result = *varies ? 0 : hone_value_choice(json, dtype_names, &index);
    if (result == 0)
        *dtype = *varies ? task->dtypes[task->variant] : (enum hone_dtype)(index + HONE_F64);
    return result;
}

int hone_task_read_expression(const struct hone_task_reading *reading,
                              const struct hone_value *json, const char **text) {
    static const char wanted[] = "sizeof(T)";
    struct hone_task *task = reading->task;
    const char *borrowed;
    int result = hone_value_text(json, &borrowed);
    if (result < 0)
        return result;
    const char *dtype = task->dtype_count ? hone_dtype_name(task->dtypes[task->variant]) : "T";
    /* A dtype has at most three letters more. */
    char *kept = hone_task_allocate(task, strlen(borrowed) * 2 + 1);
    if (!kept)
        return -ENOMEM;
    *text = kept;
    for (const char *found; (found = strstr(borrowed, wanted)); borrowed = found + strlen(wanted))
        kept += sprintf(kept, "%.*ssizeof(%s)", (int)(found - borrowed), borrowed, dtype);
    strcpy(kept, borrowed);
    return 0;
}

int hone_task_read_expressions(const struct hone_task_reading *reading,
                               const struct hone_value *json, const char *const keys[],
                               const char **const texts[]) {
    if (!json->value)
        return 0;
    int result = hone_value_object(json, keys);
    for (uint32_t i = 0; result == 0 && keys[i]; i++) {
        struct hone_value member = hone_value_member(json, keys[i]);
        if (member.value)
            result = hone_task_read_expression(reading, &member, texts[i]);
    }
    return result;
}

static int read_limits(const struct hone_task_reading *reading, const struct hone_value *json,
                       struct hone_tolerance *tolerance) {
    static const char *const keys[] = {"atol", "rtol", "rel_l2", NULL};
    const char **const texts[] = {&tolerance->atol, &tolerance->rtol, &tolerance->rel_l2};
    return hone_task_read_expressions(reading, json, keys, texts);
}

/* One for all outputs; or by dtype, as a task must that comes in several. */
int hone_task_read_tolerance(const struct hone_task_reading *reading,
                             const struct hone_value *json) {
    static const char *const floats[] = {"f64", "f32", "f16", "bf16", NULL};
    struct hone_task *task = reading->task;
    bool by_dtype = task->dtype_count > 0;
    for (uint32_t i = 0; floats[i]; i++)
        by_dtype |= hone_value_member(json, floats[i]).value != NULL;
    if (!by_dtype) {
        struct hone_tolerance all = {0};
        int result = read_limits(reading, json, &all);
        for (uint32_t i = HONE_F64; result == 0 && i <= HONE_BF16; i++)
            task->tolerance[i] = all;
        return result;
    }
    int result = hone_value_object(json, floats);
    for (uint32_t i = 0; result == 0 && floats[i]; i++) {
        struct hone_value member = hone_value_member(json, floats[i]);
        if (member.value)
            result = read_limits(reading, &member, &task->tolerance[HONE_F64 + i]);
    }
    return result;
}

int hone_task_name_variant(const struct hone_task_reading *reading, const struct hone_value *root) {
    struct hone_task *task = reading->task;
    struct hone_value dtypes = hone_value_member(root, "dtypes");
    bool used = false;
    for (uint32_t i = 0; i < task->arg_count; i++)
        used |= task->args[i].varies;
    if (task->dtype_count && !used)
        return hone_value_fail(&dtypes, "no argument is of \"dtype\": \"T\"");
    if (!task->variant)
        return 0;
    const char *dtype = hone_dtype_name(task->dtypes[task->variant]);
    char id[64];
    if (snprintf(id, sizeof id, "%s@%s", task->id, dtype) >= (int)sizeof id)
        return hone_value_fail(&dtypes, "\"%.64s@%s\" is longer than 63 bytes", task->id, dtype);
    task->id = hone_task_keep(task, id);
    if (!task->id)
        return -ENOMEM;
    /* Its draws, its results and its programs are not the default's. */
    strcat(strcat(strcpy(id, task->hash), "@"), dtype);
    XXH128_hash_t hash = XXH3_128bits(id, strlen(id));
    task->hash64 = hash.low64;
    snprintf(task->hash, sizeof task->hash, "%016llx%016llx", (unsigned long long)hash.high64,
             (unsigned long long)hash.low64);
    return 0;
}

bool hone_task_is_wrong(const struct hone_task *task, const char *file, const char *language) {
    const char *suffix = strcmp(language, "cuda") == 0 ? ".cu" : ".c";
    const size_t length = strlen(file), end = strlen(suffix);
    if (strncmp(file, "wrong/", 6) != 0 || length <= 6 + end ||
        strcmp(file + length - end, suffix) != 0)
        return false;
    const size_t folder = strcspn(file + 6, "/");
    if (!file[6 + folder])
        return true;
    const char *dtype = task->dtype_count ? hone_dtype_name(task->dtypes[task->variant]) : "";
    return strlen(dtype) == folder && strncmp(file + 6, dtype, folder) == 0;
}
