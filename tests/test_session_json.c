#include "tests/echo_server.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <jansson.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

struct agent {
    struct echo echo;
    int socket;
    FILE *in;
};

static int connect_to(const struct echo *echo) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", echo->socket);
    int made = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert(eq(int, connect(made, (const void *)&address, sizeof address), 0));
    struct timeval limit = {.tv_sec = 10};
    setsockopt(made, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    return made;
}

static struct agent begin(void) {
    struct agent agent;
    cr_assert(echo_start(&agent.echo, (struct hone_session_options){.lanes_max = 4}));
    agent.socket = connect_to(&agent.echo);
    agent.in = fdopen(agent.socket, "r");
    return agent;
}

static void finish(struct agent *agent) {
    fclose(agent->in);
    cr_assert(echo_stop(&agent->echo));
}

static void say(const struct agent *agent, const char *line) {
    size_t done = 0, count = strlen(line);
    while (done < count) {
        ssize_t sent = send(agent->socket, line + done, count - done, MSG_NOSIGNAL);
        cr_assert(lt(i64, 0, sent));
        done += (size_t)sent;
    }
}

static json_t *hear(const struct agent *agent) {
    char *line = NULL;
    size_t size = 0;
    cr_assert(lt(i64, 0, getline(&line, &size, agent->in)), "the server closed");
    json_t *root = json_loads(line, 0, NULL);
    cr_assert(ne(ptr, root, NULL), "not JSON: %s", line);
    free(line);
    return root;
}

static json_t *ask(const struct agent *agent, const char *line) {
    say(agent, line);
    return hear(agent);
}

static json_int_t error_code(const json_t *answer) {
    return json_integer_value(json_object_get(json_object_get(answer, "error"), "code"));
}

static const char *error_text(const json_t *answer) {
    const char *text =
        json_string_value(json_object_get(json_object_get(answer, "error"), "message"));
    return text ? text : "";
}

static const char *text_in(const json_t *answer, const char *key) {
    const char *text = json_string_value(json_object_get(json_object_get(answer, "result"), key));
    return text ? text : "";
}

Test(session_json, carries_a_whole_episode, .timeout = 20) {
    struct agent agent = begin();
    json_t *answer = ask(&agent, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"reset\",\"params\":"
                                 "{\"task\":\"dl/softmax\",\"seed\":\"18446744073709551615\","
                                 "\"group\":\"g\"}}\n");
    cr_assert(eq(str, (char *)text_in(answer, "prompt"), "write dl/softmax (g)"));
    cr_assert(eq(str, (char *)text_in(answer, "seed"), "18446744073709551615"));
    json_decref(answer);
    answer = ask(&agent, "\n\r\n{\"id\":\"two\",\"method\":\"step\",\"params\":{\"source\":"
                         "\"int main;\\n\",\"language\":\"c\",\"force\":true,\"turn\":1}}\n");
    const json_t *result = json_object_get(answer, "result");
    cr_assert(eq(str, (char *)json_string_value(json_object_get(answer, "id")), "two"));
    cr_assert(eq(str, (char *)text_in(answer, "verdict_name"), "passed"));
    cr_assert(eq(str, (char *)text_in(answer, "feedback"), "int main;\n"));
    cr_assert(eq(str, (char *)text_in(answer, "message"), "c||0|1|1|nan"));
    cr_assert(eq(dbl, json_number_value(json_object_get(result, "reward")), 10.0));
    cr_assert(eq(int, json_typeof(json_object_get(result, "kernel_ns")), JSON_NULL));
    cr_assert(eq(
        dbl, json_number_value(json_object_get(json_object_get(result, "components"), "speedup")),
        0.5));
    cr_assert(eq(int, json_array_size(json_object_get(result, "stage_ns")), 10));
    cr_assert(eq(
        i64, json_integer_value(json_object_get(json_object_get(result, "json"), "answer")), 42));
    cr_assert(eq(int, json_typeof(json_object_get(result, "terminated")), JSON_FALSE));
    json_decref(answer);
    finish(&agent);
}

Test(session_json, answers_out_of_order_by_id, .timeout = 20) {
    struct agent agent = begin();
    json_decref(ask(&agent, "{\"id\":0,\"method\":\"attach\",\"params\":{\"slots\":3}}\n"));
    say(&agent, "{\"id\":10,\"method\":\"step\",\"params\":{\"slot\":1,\"source\":\"hold\"}}\n"
                "{\"id\":11,\"method\":\"step\",\"params\":{\"slot\":2,\"source\":\"x\"}}\n"
                "{\"id\":12,\"method\":\"cancel\",\"params\":{\"slot\":1}}\n");
    static const json_int_t order[] = {11, 12, 10};
    for (int i = 0; i < 3; i++) {
        json_t *answer = hear(&agent);
        json_int_t id = json_integer_value(json_object_get(answer, "id")), wanted = order[i];
        cr_assert(eq(i64, id, wanted));
        json_decref(answer);
    }
    finish(&agent);
}

Test(session_json, turns_an_environment_error_into_an_error_object, .timeout = 20) {
    struct agent agent = begin();
    json_t *answer =
        ask(&agent, "{\"id\":1,\"method\":\"reset\",\"params\":{\"task\":\"none\"}}\n");
    cr_assert(eq(i64, error_code(answer), -32000));
    cr_assert(eq(str, (char *)error_text(answer), "there is no task 'none'"));
    const json_t *data = json_object_get(json_object_get(answer, "error"), "data");
    cr_assert(eq(str, (char *)json_string_value(json_object_get(data, "name")), "ENOENT"));
    json_decref(answer);
    finish(&agent);
}

Test(session_json, names_the_parameter_that_is_wrong, .timeout = 20) {
    struct agent agent = begin();
    static const char *const cases[][2] = {
        {"{\"id\":1,\"method\":\"step\",\"params\":{\"slot\":0}}\n", "'source'"},
        {"{\"id\":1,\"method\":\"step\",\"params\":{\"source\":\"x\",\"stages\":-1}}\n",
         "'stages'"},
        {"{\"id\":1,\"method\":\"step\",\"params\":{\"source\":\"x\",\"force\":1}}\n", "'force'"},
        {"{\"id\":1,\"method\":\"step\",\"params\":{\"source\":\"x\",\"language\":"
         "\"a language of more bytes\"}}\n",
         "'language'"},
        {"{\"id\":1,\"method\":\"reset\",\"params\":{\"seed\":\"12x\"}}\n", "'seed'"},
        {"{\"id\":1,\"method\":\"reset\",\"params\":{\"turns\":4294967296}}\n", "'turns'"},
        {"{\"id\":1,\"method\":\"goto\",\"params\":{\"node\":1.5}}\n", "'node'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_t *answer = ask(&agent, cases[i][0]);
        cr_assert(eq(i64, error_code(answer), -32602));
        const char *name = cases[i][1];
        cr_assert(ne(ptr, strstr(error_text(answer), name), NULL), "%s: %s", name,
                  error_text(answer));
        json_decref(answer);
    }
    json_t *answer = ask(&agent, "{\"id\":1,\"method\":\"fly\"}\n");
    cr_assert(eq(i64, error_code(answer), -32601));
    json_decref(answer);
    answer = ask(&agent, "{\"id\":1,\"method\":\"ping\"}\n");
    cr_assert(ne(ptr, json_object_get(answer, "result"), NULL));
    json_decref(answer);
    finish(&agent);
}

Test(session_json, refuses_a_busy_slot_and_one_that_is_not_there, .timeout = 20) {
    struct agent agent = begin();
    say(&agent, "{\"id\":1,\"method\":\"step\",\"params\":{\"source\":\"hold\"}}\n");
    json_t *answer = ask(&agent, "{\"id\":2,\"method\":\"step\",\"params\":{\"source\":\"x\"}}\n");
    cr_assert(eq(i64, json_integer_value(json_object_get(answer, "id")), 2));
    cr_assert(ne(ptr, strstr(error_text(answer), "busy"), NULL));
    json_decref(answer);
    answer = ask(&agent, "{\"id\":3,\"method\":\"reset\",\"params\":{\"slot\":1}}\n");
    cr_assert(eq(str, (char *)error_text(answer), "no such slot"));
    json_decref(answer);
    finish(&agent);
}

Test(session_json, drops_an_agent_after_three_lines_of_garbage, .timeout = 20) {
    struct agent agent = begin();
    json_decref(ask(&agent, "{\"id\":1,\"method\":\"ping\"}\n"));
    for (int i = 0; i < 3; i++) {
        json_t *answer = ask(&agent, i == 1 ? "[1,2]\n" : "{\"id\":\n");
        cr_assert(ne(i64, error_code(answer), 0));
        json_decref(answer);
    }
    json_t *farewell = hear(&agent);
    cr_assert(eq(str, (char *)json_string_value(json_object_get(farewell, "method")), "dropped"));
    json_decref(farewell);
    cr_assert(eq(int, fgetc(agent.in), EOF));
    finish(&agent);
}

Test(session_json, tells_tasks_and_counters, .timeout = 20) {
    struct agent agent = begin();
    json_t *answer = ask(&agent, "{\"id\":1,\"method\":\"tasks\"}\n");
    cr_assert(eq(int, json_array_size(json_object_get(answer, "result")), 1));
    json_decref(answer);
    answer = ask(&agent, "{\"id\":1,\"method\":\"stats\"}\n");
    const json_t *result = json_object_get(answer, "result");
    cr_assert(eq(i64, json_integer_value(json_object_get(result, "lanes")), 1));
    cr_assert(eq(int, json_array_size(json_object_get(result, "verdicts")), 16));
    json_decref(answer);
    finish(&agent);
}

Test(session_json, does_not_answer_a_notification, .timeout = 20) {
    struct agent agent = begin();
    json_t *answer = ask(&agent, "{\"method\":\"step\",\"params\":{\"source\":\"x\"}}\n"
                                 "{\"id\":2,\"method\":\"ping\"}\n");
    cr_assert(eq(i64, json_integer_value(json_object_get(answer, "id")), 2));
    json_decref(answer);
    finish(&agent);
}

/* Many calls, and behind them one for the counters. */
static void flood(const struct agent *agent, int calls) {
    static const char call[] = "{\"id\":1,\"method\":\"tasks\"}\n";
    char *text = malloc((size_t)calls * (sizeof call - 1) + 64);
    for (int i = 0; i < calls; i++)
        memcpy(text + (size_t)i * (sizeof call - 1), call, sizeof call - 1);
    strcpy(text + (size_t)calls * (sizeof call - 1), "{\"id\":2,\"method\":\"stats\"}\n");
    say(agent, text);
    free(text);
}

/* How many requests of everybody the server had had when it came to the last one. */
static json_int_t await_flood(const struct agent *agent, int calls) {
    for (int i = 0; i < calls; i++)
        json_decref(hear(agent));
    json_t *answer = hear(agent);
    json_int_t requests =
        json_integer_value(json_object_get(json_object_get(answer, "result"), "requests"));
    json_decref(answer);
    return requests;
}

Test(session_json, gives_every_agent_its_turn, .timeout = 20) {
    enum { CALLS = 1500 };
    struct agent agent = begin();
    struct agent other = {.echo = agent.echo, .socket = connect_to(&agent.echo)};
    other.in = fdopen(other.socket, "r");
    json_decref(ask(&agent, "{\"id\":0,\"method\":\"ping\"}\n"));
    json_decref(ask(&other, "{\"id\":0,\"method\":\"ping\"}\n"));
    /* A server that is stopped finds both floods when it goes on. */
    kill(agent.echo.pid, SIGSTOP);
    flood(&agent, CALLS);
    flood(&other, CALLS);
    kill(agent.echo.pid, SIGCONT);
    json_int_t one = await_flood(&agent, CALLS), two = await_flood(&other, CALLS);
    cr_expect(lt(i64, CALLS + CALLS / 4, one));
    cr_expect(lt(i64, CALLS + CALLS / 4, two));
    fclose(other.in);
    finish(&agent);
}

Test(session_json, attaches_with_more_slots_after_a_refusal, .timeout = 20) {
    struct agent agent = begin();
    json_t *answer = ask(&agent, "{\"id\":1,\"method\":\"attach\",\"params\":{\"slots\":1,"
                                 "\"token\":\"bad\"}}\n");
    cr_assert(eq(i64, error_code(answer), -32000));
    json_decref(answer);
    answer = ask(&agent, "{\"id\":2,\"method\":\"attach\",\"params\":{\"slots\":16}}\n");
    cr_assert(eq(
        int, json_integer_value(json_object_get(json_object_get(answer, "result"), "slots")), 16));
    json_decref(answer);
    answer =
        ask(&agent, "{\"id\":3,\"method\":\"step\",\"params\":{\"slot\":15,\"source\":\"x\"}}\n");
    cr_assert(eq(str, (char *)text_in(answer, "verdict_name"), "passed"));
    json_decref(answer);
    finish(&agent);
}

Test(session_json, takes_a_source_in_many_pieces_and_sends_a_large_answer, .timeout = 20) {
    struct agent agent = begin();
    size_t size = 200000;
    char *line = malloc(size + 100);
    int head = sprintf(line, "{\"id\":1,\"method\":\"step\",\"params\":{\"source\":\"");
    memset(line + head, 'z', size);
    strcpy(line + head + size, "\"}}\n");
    json_t *answer = ask(&agent, line);
    cr_assert(eq(sz, strlen(text_in(answer, "feedback")), size));
    json_decref(answer);
    free(line);
    finish(&agent);
}

Test(session_json, cuts_off_a_line_without_an_end, .timeout = 20) {
    struct agent agent = begin();
    char *flood = malloc(1u << 20);
    memset(flood, 'f', 1u << 20);
    ssize_t sent = 1;
    for (int i = 0; i < 64 && sent > 0; i++)
        sent = send(agent.socket, flood, 1u << 20, MSG_NOSIGNAL);
    cr_assert(lt(i64, sent, 0));
    free(flood);
    finish(&agent);
}

Test(session_json, gives_the_same_episodes_to_a_token_that_returns, .timeout = 20) {
    struct agent agent = begin();
    json_t *answer = ask(&agent, "{\"id\":0,\"method\":\"attach\",\"params\":{\"slots\":2}}\n");
    char line[256];
    snprintf(line, sizeof line,
             "{\"id\":0,\"method\":\"attach\",\"params\":{\"token\":\"%s\"}}\n"
             "{\"id\":1,\"method\":\"reset\",\"params\":{\"task\":\"t\"}}\n",
             text_in(answer, "token"));
    json_decref(answer);
    fclose(agent.in);
    agent.socket = connect_to(&agent.echo);
    agent.in = fdopen(agent.socket, "r");
    json_decref(ask(&agent, line));
    answer = hear(&agent);
    cr_assert(eq(str, (char *)text_in(answer, "prompt"), "write t (again)"));
    json_decref(answer);
    finish(&agent);
}
