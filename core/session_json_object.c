#include "core/session_private.h"

#include "core/text.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXACT_INTEGERS (1ull << 53) /* beyond, many languages round: such numbers go as text */

static json_t *make_u32(uint32_t value) {
    return json_integer((json_int_t)value);
}

static json_t *make_i32(int32_t value) {
    return json_integer(value);
}

static json_t *make_i64(int64_t value) {
    return json_integer(value);
}

static json_t *make_u64(uint64_t value) {
    if (value <= EXACT_INTEGERS)
        return json_integer((json_int_t)value);
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, value);
    return json_string(text);
}

static json_t *make_f64(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *make_char(const char *text, size_t size) {
    char ended[256];
    size_t length = strnlen(text, size < sizeof ended ? size : sizeof ended - 1);
    memcpy(ended, text, length);
    ended[length] = '\0';
    return hone_json_text(ended);
}

static json_t *make_components(const struct hone_observation *observation) {
    json_t *object = json_object();
    uint32_t count = observation->component_count;
    for (uint32_t i = 0; i < count && i < HONE_COMPONENTS_MAX; i++) {
        char name[sizeof observation->components[i].name + 1] = "";
        memcpy(name, observation->components[i].name, sizeof observation->components[i].name);
        json_object_set_new_nocheck(object, name, make_f64(observation->components[i].value));
    }
    return object;
}

static json_t *make_u64_array(const uint64_t *values, size_t count) {
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, make_u64(values[i]));
    return array;
}

static bool is_place(const char *name) {
    const char *end = strrchr(name, '_');
    return end && (!strcmp(end, "_offset") || (!strcmp(end, "_bytes")));
}

/* One expression for a field of any type the layout has; what does not apply is never evaluated. */
#define MAKE_u32(from, count) make_u32(from)
#define MAKE_i32(from, count) make_i32(from)
#define MAKE_i64(from, count) make_i64(from)
#define MAKE_f64(from, count) make_f64(from)
#define MAKE_char(from, count) make_char(from, count)
#define MAKE_u64(from, count) MAKE_u64_##count(from)
#define MAKE_u64_0(from) make_u64(from)
#define MAKE_u64_10(from) make_u64_array(from, 10)
#define MAKE_u64_16(from) make_u64_array(from, 16)
#define MAKE_hone_component(from, count) make_components(observation)

json_t *hone_json_observation(const struct hone_observation *observation,
                              const struct hone_reply *reply) {
    json_t *object = json_object();
#define ADD(type, name, count)                                                                     \
    if (!is_place(#name))                                                                          \
        json_object_set_new(object, #name, MAKE_##type(observation->name, count));
    HONE_OBSERVATION_FIELDS(ADD)
#undef ADD
    json_object_set_new(object, "status", json_integer(reply->status));
    json_object_set_new(object, "slot", make_u32(reply->slot));
    json_object_set_new(object, "op", make_u32(reply->op));
    json_object_set_new(object, "tag", make_u64(reply->tag));
    json_object_set_new(object, "terminated",
                        json_boolean(observation->flags & HONE_OBSERVATION_TERMINATED));
    json_object_set_new(object, "truncated",
                        json_boolean(observation->flags & HONE_OBSERVATION_TRUNCATED));
    json_object_set_new(object, "cached",
                        json_boolean(observation->flags & HONE_OBSERVATION_CACHED));
    json_object_set_new(object, "message", hone_json_text(reply->message ? reply->message : ""));
    json_object_set_new(object, "feedback", hone_json_text(reply->feedback ? reply->feedback : ""));
    json_object_set_new(object, "prompt", hone_json_text(reply->prompt ? reply->prompt : ""));
    json_t *detail = reply->json ? json_loads(reply->json, 0, NULL) : NULL;
    json_object_set_new(object, "json", detail ? detail : json_null());
    return object;
}

json_t *hone_json_counters(const struct hone_counters *counters) {
    json_t *object = json_object();
#define ADD(type, name, count)                                                                     \
    json_object_set_new(object, #name, MAKE_##type(counters->name, count));
    HONE_COUNTERS_FIELDS(ADD)
#undef ADD
    return object;
}
