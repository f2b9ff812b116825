#include "core/error.h"
#include "core/session_private.h"

#include "core/text.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALLS_MAX 1024u

enum rpc_error {
    RPC_PARSE = -32700,
    RPC_REQUEST = -32600,
    RPC_METHOD = -32601,
    RPC_PARAMS = -32602,
    RPC_ENVIRONMENT = -32000,
};

static void send_object(struct hone_lane *lane, json_t *object) {
    char *text = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    if (!text) {
        hone_lane_doom(lane, "the server is out of memory");
        return;
    }
    size_t count = strlen(text);
    text[count] = '\n'; /* in place of the NUL */
    hone_lane_send(lane, text, count + 1);
    free(text);
}

static void send_result(struct hone_lane *lane, json_t *id, json_t *result) {
    if (id)
        send_object(lane,
                    json_pack("{s:s, s:O, s:o}", "jsonrpc", "2.0", "id", id, "result", result));
    else /* a notification */
        json_decref(result);
}

static void send_error(struct hone_lane *lane, json_t *id, int code, const char *message,
                       json_t *data) {
    json_t *error = json_pack("{s:i, s:o}", "code", code, "message", hone_json_text(message));
    if (data)
        json_object_set_new(error, "data", data);
    json_t *named = id ? json_incref(id) : json_null();
    send_object(lane, json_pack("{s:s, s:o, s:o}", "jsonrpc", "2.0", "id", named, "error", error));
}

void hone_json_dropped(struct hone_lane *lane) {
    json_t *line = json_pack("{s:s, s:s, s:{s:o}}", "jsonrpc", "2.0", "method", "dropped", "params",
                             "reason", hone_json_text(lane->reason));
    send_object(lane, line);
}

void hone_json_finish(struct hone_lane *lane) {
    for (uint32_t i = 0; i < lane->call_count; i++)
        json_decref(lane->calls[i].id);
    free(lane->calls);
    lane->calls = NULL;
    lane->call_count = 0;
}

static int remember(struct hone_lane *lane, uint64_t tag, json_t *id) {
    if (lane->call_count == CALLS_MAX)
        return -EAGAIN;
    struct hone_json_call *calls =
        realloc(lane->calls, (lane->call_count + 1) * sizeof *lane->calls);
    if (!calls)
        return -ENOMEM;
    lane->calls = calls;
    calls[lane->call_count++] = (struct hone_json_call){tag, json_incref(id)};
    return 0;
}

/* The caller's reference now; NULL: a notification, or not one of ours. */
static json_t *recall(struct hone_lane *lane, uint64_t tag) {
    for (uint32_t i = 0; i < lane->call_count; i++) {
        if (lane->calls[i].tag != tag)
            continue;
        json_t *id = lane->calls[i].id;
        lane->calls[i] = lane->calls[--lane->call_count];
        return id;
    }
    return NULL;
}

void hone_json_reply(struct hone_lane *lane, const struct hone_reply *reply) {
    json_t *id = recall(lane, reply->tag);
    if (!id)
        return;
    json_t *observation =
        reply->observation ? hone_json_observation(reply->observation, reply) : NULL;
    if (reply->status < 0) {
        const char *name = strerrorname_np(-reply->status);
        json_t *data = json_pack("{s:i, s:s}", "errno", reply->status, "name", name ? name : "");
        if (observation)
            json_object_set_new(data, "observation", observation);
        send_error(lane, id, RPC_ENVIRONMENT,
                   reply->message && reply->message[0] ? reply->message : strerror(-reply->status),
                   data);
    } else {
        send_result(lane, id, observation ? observation : json_pack("{s:i}", "status", 0));
    }
    json_decref(id);
}

/* Reading parameters: the first that does not fit is named in `wrong`, the rest are skipped. */
struct reading {
    const json_t *parameters;
    char wrong[96];
};

static const json_t *find(struct reading *reading, const char *name) {
    const json_t *value = json_object_get(reading->parameters, name);
    return reading->wrong[0] || json_is_null(value) ? NULL : value;
}

static void complain(struct reading *reading, const char *name, const char *want) {
    snprintf(reading->wrong, sizeof reading->wrong, "'%s' must be %s", name, want);
}

static uint64_t read_u64(struct reading *reading, const char *name, uint64_t fallback) {
    const json_t *value = find(reading, name);
    if (!value)
        return fallback;
    if (json_is_integer(value) && json_integer_value(value) >= 0)
        return (uint64_t)json_integer_value(value);
    const char *text = json_string_value(value);
    char *end = NULL;
    errno = 0;
    if (text && text[0] >= '0' && text[0] <= '9') {
        uint64_t number = strtoull(text, &end, 0);
        if (!errno && !*end)
            return number;
    }
    complain(reading, name, "a number from 0, or one as text");
    return fallback;
}

static uint32_t read_u32(struct reading *reading, const char *name, uint32_t fallback) {
    uint64_t value = read_u64(reading, name, fallback);
    if (value <= UINT32_MAX)
        return (uint32_t)value;
    complain(reading, name, "below 2^32");
    return fallback;
}

static double read_real(struct reading *reading, const char *name) {
    const json_t *value = find(reading, name);
    if (!value)
        return (double)NAN;
    if (json_is_number(value) && json_number_value(value) > 0)
        return json_number_value(value);
    complain(reading, name, "a number above 0");
    return (double)NAN;
}

static void read_text(struct reading *reading, const char *name, char *to, size_t size) {
    const json_t *value = find(reading, name);
    to[0] = '\0';
    if (!value)
        return;
    const char *text = json_string_value(value);
    if (text && strlen(text) < size) {
        snprintf(to, size, "%s", text);
        return;
    }
    char want[40];
    snprintf(want, sizeof want, "a text of at most %zu bytes", size - 1);
    complain(reading, name, want);
}

static uint32_t read_flag(struct reading *reading, const char *name, uint32_t flag) {
    const json_t *value = find(reading, name);
    if (value && !json_is_boolean(value))
        complain(reading, name, "true or false");
    return json_is_true(value) ? flag : 0;
}

static void read_reset(struct reading *reading, struct hone_request *request) {
    read_text(reading, "task", request->task, sizeof request->task);
    read_text(reading, "group", request->group, sizeof request->group);
    request->seed = read_u64(reading, "seed", 0);
    request->turns = read_u32(reading, "turns", 0);
    request->goal_speedup = read_real(reading, "goal_speedup");
}

static void read_step(struct reading *reading, struct hone_request *request, size_t limit) {
    read_text(reading, "language", request->language, sizeof request->language);
    read_text(reading, "options", request->options, sizeof request->options);
    request->stages = read_u32(reading, "stages", 0);
    request->flags = read_u32(reading, "flags", 0) |
                     read_flag(reading, "force", HONE_ACTION_FORCE) |
                     read_flag(reading, "profile", HONE_ACTION_PROFILE) |
                     read_flag(reading, "confirm", HONE_ACTION_CONFIRM) |
                     read_flag(reading, "stop", HONE_ACTION_STOP);
    request->turn = read_u64(reading, "turn", 0);
    request->predicted_speedup = read_real(reading, "predicted_speedup");
    const json_t *source = find(reading, "source");
    if (reading->wrong[0])
        return;
    size_t bytes = json_string_length(source);
    char want[40];
    snprintf(want, sizeof want, "a text of at most %zu bytes", limit);
    if (!json_is_string(source) || bytes > limit) {
        complain(reading, "source", want);
        return;
    }
    request->source = malloc(bytes + 1);
    if (!request->source) {
        complain(reading, "source", "smaller: the server is out of memory");
        return;
    }
    memcpy(request->source, json_string_value(source), bytes + 1);
    request->source_bytes = bytes;
}

static uint32_t find_op(const char *method) {
    static const struct {
        const char *method;
        uint32_t op;
    } ops[] = {{"reset", HONE_OP_RESET}, {"step", HONE_OP_STEP},     {"goto", HONE_OP_GOTO},
               {"fork", HONE_OP_FORK},   {"cancel", HONE_OP_CANCEL}, {"stop", HONE_OP_STOP}};
    for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++)
        if (!strcmp(ops[i].method, method))
            return ops[i].op;
    return 0;
}

static void call_environment(struct hone_lane *lane, uint32_t op, json_t *id,
                             const json_t *parameters) {
    struct hone_request request = {
        .op = op, .tag = lane->next_tag++, .goal_speedup = NAN, .predicted_speedup = NAN};
    struct reading reading = {.parameters = parameters};
    request.slot = read_u32(&reading, "slot", 0);
    if (op == HONE_OP_RESET)
        read_reset(&reading, &request);
    if (op == HONE_OP_STEP)
        read_step(&reading, &request,
                  lane->session->options.action_bytes - sizeof(struct hone_action_block));
    if (op == HONE_OP_GOTO || op == HONE_OP_FORK)
        request.node = read_u64(&reading, "node", 0);
    if (op == HONE_OP_FORK)
        request.to_slot = read_u32(&reading, "to_slot", 0);
    if (reading.wrong[0]) {
        free(request.source);
        send_error(lane, id, RPC_PARAMS, reading.wrong, NULL);
        return;
    }
    if (id && remember(lane, request.tag, id)) {
        free(request.source);
        send_error(lane, id, RPC_ENVIRONMENT, "too many requests without an answer", NULL);
        return;
    }
    hone_lane_request(lane, &request);
}

static json_t *attach_result(const struct hone_lane *lane) {
    char session[24], token[24];
    snprintf(session, sizeof session, "%016" PRIx64, lane->session->id);
    snprintf(token, sizeof token, "%016" PRIx64, lane->token);
    return json_pack("{s:s, s:i, s:i, s:s, s:i, s:i}", "session", session, "lane", (int)lane->id,
                     "slots", (int)lane->slots, "token", token, "major", HONE_LAYOUT_MAJOR, "minor",
                     HONE_LAYOUT_MINOR);
}

/* An agent may say how many slots it wants, or just begin: then it has one. */
static bool attach(struct hone_lane *lane, json_t *id, const char *method,
                   const json_t *parameters) {
    bool asked = !strcmp(method, "attach");
    if (lane->attached && !asked)
        return true;
    struct reading reading = {.parameters = asked ? parameters : NULL};
    uint32_t slots = read_u32(&reading, "slots", 1);
    char token[24];
    read_text(&reading, "token", token, sizeof token);
    struct hone_error error = {.text = ""};
    int status = 0;
    if (reading.wrong[0])
        status = hone_fail(&error, -EINVAL, "%s", reading.wrong);
    else if (lane->attached)
        status = hone_fail(&error, -EALREADY, "attached already");
    else
        status = hone_lane_attach(lane, slots, strtoull(token, NULL, 16), &error);
    if (status)
        send_error(lane, id, RPC_ENVIRONMENT, error.text, json_pack("{s:i}", "errno", status));
    else if (asked)
        send_result(lane, id, attach_result(lane));
    return !status && !asked;
}

static void call(struct hone_lane *lane, const char *method, json_t *id, const json_t *parameters) {
    struct hone_session *session = lane->session;
    if (!attach(lane, id, method, parameters))
        return;
    uint32_t op = find_op(method);
    if (op) {
        call_environment(lane, op, id, parameters);
        return;
    }
    hone_session_counters(session)->requests++;
    if (!strcmp(method, "ping")) {
        send_result(lane, id, json_pack("{s:i}", "status", 0));
    } else if (!strcmp(method, "stats")) {
        send_result(lane, id, hone_json_counters(hone_session_counters(session)));
    } else if (!strcmp(method, "tasks")) {
        json_t *tasks = json_loads(session->catalogue, JSON_DECODE_ANY, NULL);
        send_result(lane, id, tasks ? tasks : json_array());
    } else {
        send_error(lane, id, RPC_METHOD,
                   "unknown method: use attach, reset, step, goto, fork, cancel, stop, ping, stats "
                   "or tasks",
                   NULL);
    }
}

void hone_json_input(struct hone_lane *lane, const char *line, size_t count) {
    json_error_t where;
    json_t *root = json_loadb(line, count, 0, &where);
    json_t *id = json_object_get(root, "id");
    const char *method = json_string_value(json_object_get(root, "method"));
    const json_t *parameters = json_object_get(root, "params");
    bool id_fits = !id || json_is_string(id) || json_is_number(id) || json_is_null(id);
    if (!root) {
        send_error(lane, NULL, RPC_PARSE, where.text, NULL);
        hone_lane_strike(lane, "a line that is not JSON");
    } else if (!method || !id_fits || (parameters && !json_is_object(parameters))) {
        send_error(lane, id_fits ? id : NULL, RPC_REQUEST,
                   "a request is one object with method (text), params (object) and id", NULL);
        hone_lane_strike(lane, "a line that is no JSON-RPC request");
    } else {
        call(lane, method, id, parameters);
    }
    json_decref(root);
}
