#include "core/scorer.h"

#include "core/error.h"
#include "core/evidence.h"
#include "core/findings.h"
#include "core/log.h"
#include "core/needs.h"
#include "core/scorer_child.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* Where a detector puts its findings. */
struct collector {
    const struct hone_settings *settings;
    const char *detector;
    struct hone_finding_list list;
};

void hone_child_announce(struct hone_scorer_child *child, enum hone_kind kind, const char *name,
                         const char *operation) {
    struct hone_wire_status *status = child->exchange;
    snprintf(status->plugin, sizeof status->plugin, "%s/%s", hone_kind_name(kind), name);
    snprintf(status->operation, sizeof status->operation, "%s", operation);
    atomic_fetch_add_explicit(&status->calls, 1, memory_order_release);
}

int hone_child_ended(struct hone_scorer_child *child, enum hone_kind kind, const char *name,
                     const char *operation, int result, struct hone_error *error) {
    const char *left = hone_process_state_restore(&child->state);
    if (left) {
        child->spoilt = true;
        return hone_fail(error, -EREMOTEIO, "%s/%s: %s %s; the scorer starts anew",
                         hone_kind_name(kind), name, operation, left);
    }
    if (result > 0)
        return hone_fail(error, -EREMOTEIO, "%s/%s: %s returned %d, expected 0 or a negative errno",
                         hone_kind_name(kind), name, operation, result);
    return result ? hone_fail(error, -EREMOTEIO, "%s/%s: %s failed: %s", hone_kind_name(kind), name,
                              operation, hone_error_text(result))
                  : 0;
}

static void report(void *host, const char *rule, uint32_t severity, uint32_t line,
                   const char *text) {
    struct collector *collector = host;
    struct hone_finding finding =
        hone_finding_make(collector->detector, rule, severity, line, text);
    hone_finding_settle(&finding, collector->settings);
    hone_findings_add(&collector->list, &finding);
}

/* A candidate in the exchange, checked: the head and where its parts begin. */
struct candidate {
    struct hone_wire_candidate head;
    const char *parts[HONE_WIRE_PARTS]; /* NULL: there is none */
};

static int check_candidate(const struct hone_scorer_child *child,
                           const struct hone_wire_request *request, struct candidate *candidate,
                           struct hone_error *error) {
    const char *room = hone_wire_request_room(child->exchange);
    struct hone_wire_candidate *head = &candidate->head;
    uint64_t used = sizeof *head;
    if (request->bytes < sizeof *head + 1)
        return hone_fail(error, -EINVAL, "scorer: a candidate without its head");
    memcpy(head, room, sizeof *head);
    bool good = memchr(head->task, '\0', sizeof head->task) &&
                memchr(head->language, '\0', sizeof head->language) &&
                head->bytes[0] != HONE_WIRE_NO_PART;
    for (uint32_t i = 0; i < HONE_WIRE_PARTS && good; i++) {
        if (head->bytes[i] == HONE_WIRE_NO_PART)
            continue;
        good = head->bytes[i] < request->bytes - used && !room[used + head->bytes[i]];
        candidate->parts[i] = room + used;
        used += head->bytes[i] + 1;
    }
    return good && used == request->bytes
               ? 0
               : hone_fail(error, -EINVAL, "scorer: a malformed candidate");
}

/* One detector's say about this request; `operation` is NULL when it has none. */
static int detect(struct hone_scorer_child *child, const struct hone_instance *instance,
                  const struct hone_wire_request *request, const struct candidate *candidate,
                  const struct hone_findings *findings, struct hone_error *error) {
    const struct hone_plugin *plugin = instance->loaded.plugin;
    const struct hone_detector_ops *ops = plugin->detector;
    const struct hone_wire_candidate *head = &candidate->head;
    const char *operation = NULL;
    int result = 0;
    if (request->op == HONE_WIRE_SOURCE && HONE_HAS(ops, inspect_source)) {
        struct hone_source source = {.size = sizeof source,
                                     .bytes = (uint32_t)head->bytes[0],
                                     .text = candidate->parts[0],
                                     .language = head->language,
                                     .task = head->task};
        hone_child_announce(child, HONE_DETECTOR, plugin->name, operation = "inspect_source");
        result = ops->inspect_source(instance->self, &source, findings);
    } else if (request->op == HONE_WIRE_BINARY && HONE_HAS(ops, inspect_binary)) {
        struct hone_binary binary = {.size = sizeof binary,
                                     .image = candidate->parts[0],
                                     .image_bytes = head->bytes[0],
                                     .listing = candidate->parts[1],
                                     .listing_bytes = candidate->parts[1] ? head->bytes[1] : 0,
                                     .language = head->language,
                                     .task = head->task,
                                     .entries = candidate->parts[2]};
        hone_child_announce(child, HONE_DETECTOR, plugin->name, operation = "inspect_binary");
        result = ops->inspect_binary(instance->self, &binary, findings);
    } else if (request->op == HONE_WIRE_RUN && HONE_HAS(ops, inspect_run)) {
        const int met =
            hone_needs_met(plugin, (const void *)hone_wire_request_room(child->exchange), error);
        if (met <= 0)
            return met;
        hone_child_announce(child, HONE_DETECTOR, plugin->name, operation = "inspect_run");
        result = ops->inspect_run(instance->self,
                                  (const void *)hone_wire_request_room(child->exchange), findings);
    }
    return operation
               ? hone_child_ended(child, HONE_DETECTOR, plugin->name, operation, result, error)
               : 0;
}

/* Let one detector look; its findings lie behind those of the ones before it. */
static int consult(struct hone_scorer_child *child, uint32_t index,
                   const struct hone_wire_request *request, const struct candidate *candidate,
                   struct hone_wire_reply *reply, struct hone_error *error) {
    const uint32_t most = HONE_WIRE_ROOM_BYTES / sizeof(struct hone_finding) - reply->count;
    struct collector collector = {
        .settings = child->settings,
        .detector = child->plugins[HONE_DETECTOR][index].loaded.plugin->name,
        .list = {.rows = (struct hone_finding *)(void *)hone_wire_reply_room(child->exchange) +
                         reply->count,
                 .capacity = most < HONE_WIRE_FINDINGS_EACH ? most : HONE_WIRE_FINDINGS_EACH}};
    const struct hone_findings findings = {
        .size = sizeof findings, .host = &collector, .report = report};
    int result =
        detect(child, &child->plugins[HONE_DETECTOR][index], request, candidate, &findings, error);
    reply->count += collector.list.count;
    reply->lost += collector.list.lost;
    return result;
}

static int inspect(struct hone_scorer_child *child, const struct hone_wire_request *request,
                   struct hone_wire_reply *reply, struct hone_error *error) {
    struct candidate candidate = {0};
    int result =
        request->op == HONE_WIRE_RUN
            ? hone_evidence_check(hone_wire_request_room(child->exchange), request->bytes, error)
            : check_candidate(child, request, &candidate, error);
    for (uint32_t i = 0; i < child->plugin_count[HONE_DETECTOR] && !result; i++)
        result = consult(child, i, request, &candidate, reply, error);
    reply->bytes = reply->count * sizeof(struct hone_finding);
    return result;
}

static int score(struct hone_scorer_child *child, const struct hone_wire_request *request,
                 struct hone_wire_reply *reply, struct hone_error *error) {
    const void *evidence = hone_wire_request_room(child->exchange);
    double *parts = (void *)hone_wire_reply_room(child->exchange);
    int result = hone_evidence_check(evidence, request->bytes, error);
    for (uint32_t i = 0; i < child->plugin_count[HONE_REWARD] && !result; i++) {
        const struct hone_instance *instance = &child->plugins[HONE_REWARD][i];
        const char *name = instance->loaded.plugin->name;
        double value = (double)NAN;
        hone_child_announce(child, HONE_REWARD, name, "score");
        result = instance->loaded.plugin->reward->score(instance->self, evidence, &value);
        result = hone_child_ended(child, HONE_REWARD, name, "score", result, error);
        if (!result && !isfinite(value))
            result = hone_fail(error, -EREMOTEIO,
                               "reward/%s: score gave %g, expected a finite number", name, value);
        parts[i] = value;
    }
    reply->count = child->plugin_count[HONE_REWARD];
    reply->bytes = reply->count * sizeof *parts;
    return result;
}

static void answer(struct hone_scorer_child *child, const struct hone_wire_request *request,
                   int memory, struct hone_wire_reply *reply) {
    struct hone_error error = {{0}};
    *reply = (struct hone_wire_reply){.magic = HONE_WIRE_MAGIC, .sequence = request->sequence};
    if (request->magic != HONE_WIRE_MAGIC || request->bytes > HONE_WIRE_ROOM_BYTES)
        reply->status = hone_fail(&error, -EINVAL, "scorer: a malformed request");
    else if (request->op == HONE_WIRE_TASK_COUNT)
        reply->status = hone_child_task_count(child, request, reply, &error);
    else if (request->op == HONE_WIRE_TASK_DESCRIBE)
        reply->status = hone_child_describe(child, request, reply, &error);
    else if (request->op == HONE_WIRE_SET)
        reply->status = hone_child_fill_set(child, request, memory, &error);
    else if (request->op == HONE_WIRE_SCORE)
        reply->status = score(child, request, reply, &error);
    else if (request->op >= HONE_WIRE_SOURCE && request->op <= HONE_WIRE_RUN)
        reply->status = inspect(child, request, reply, &error);
    else
        reply->status = hone_fail(&error, -ENOSYS, "scorer: request %u is unknown", request->op);
    memcpy(reply->text, error.text, sizeof reply->text);
}

/* 0 when the supervisor has gone, else the size of the packet; *memory is a descriptor that came
 * with it, or -1. */
static ssize_t next_request(struct hone_wire_request *request, int *memory) {
    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec packet = {.iov_base = request, .iov_len = sizeof *request};
    struct msghdr message = {.msg_iov = &packet,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    ssize_t size;
    *memory = -1;
    do
        size = recvmsg(HONE_WIRE_SOCKET, &message, MSG_CMSG_CLOEXEC);
    while (size < 0 && errno == EINTR);
    struct cmsghdr *head = size > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (head && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS)
        memcpy(memory, CMSG_DATA(head), sizeof *memory);
    return size;
}

static const void *lend_service(void *self, const char *id) {
    const struct hone_scorer_child *child = self;
    return strcmp(id, "hone.places/1") ? NULL : child->places.tasks;
}

static int load_plugins(struct hone_scorer_child *child, const struct hone_settings *settings,
                        struct hone_error *error) {
    for (enum hone_kind kind = HONE_TASK; kind <= HONE_DETECTOR; kind++) {
        uint32_t count;
        const struct hone_use *uses = hone_settings_uses(settings, kind, &count);
        child->plugins[kind] = calloc((size_t)count + 1, sizeof *child->plugins[kind]);
        if (!child->plugins[kind])
            return hone_fail(error, -ENOMEM, "out of memory");
        for (uint32_t i = 0; i < count; i++) {
            if (uses[i].audit)
                continue; /* never has a say in a live step */
            hone_child_announce(child, kind, uses[i].name, "create");
            int result =
                hone_instance_create(settings, uses[i].name, kind, lend_service, child,
                                     &child->plugins[kind][child->plugin_count[kind]], error);
            if (result)
                return result;
            child->plugin_count[kind]++;
            result = hone_child_ended(child, kind, uses[i].name, "create", 0, error);
            if (result)
                return result;
        }
    }
    return 0;
}

static void unload_plugins(struct hone_scorer_child *child) {
    hone_child_forget_tasks(child);
    for (enum hone_kind kind = HONE_TASK; kind <= HONE_DETECTOR; kind++) {
        for (uint32_t i = 0; i < child->plugin_count[kind]; i++)
            hone_instance_destroy(&child->plugins[kind][i]);
        free(child->plugins[kind]);
    }
}

static bool reply_to(const struct hone_wire_reply *reply) {
    ssize_t sent;
    do
        sent = send(HONE_WIRE_SOCKET, reply, sizeof *reply, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)sizeof *reply;
}

/* Who took it cannot be told: what one plugin left, the next one's call may have made resident. */
static bool is_full(const struct hone_scorer_child *child) {
    const uint64_t excess = hone_process_state_excess(&child->state);
    if (excess)
        hone_log(HONE_LOG_WARN,
                 "scorer: plugins hold %llu MiB more than when they were made; it starts anew",
                 (unsigned long long)(excess >> 20));
    return excess > 0;
}

static void serve(struct hone_scorer_child *child) {
    struct hone_wire_request request;
    struct hone_wire_reply reply;
    int memory;
    for (;;) {
        ssize_t size = next_request(&request, &memory);
        if (size == (ssize_t)sizeof request)
            answer(child, &request, memory, &reply);
        if (memory >= 0)
            close(memory);
        if (size != (ssize_t)sizeof request)
            return;
        reply.last = child->spoilt || is_full(child);
        if (!reply_to(&reply) || reply.last)
            return;
    }
}

/* It holds oracle outputs and seeds: nobody may attach to it or read its core, and it goes with its
 * supervisor, even when a plugin hangs. Where memory runs out it is the first to go: a plugin that
 * takes all there is must not take the server. */
static void confine(void) {
    struct rlimit none = {0, 0};
    int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (file >= 0) {
        (void)!write(file, "800", 3);
        close(file);
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_DUMPABLE, 0);
    setrlimit(RLIMIT_CORE, &none);
}

/* Evidence and sources are for every plugin to read, and for none to change before the next one
 * reads them; what was only needed to come so far is nobody's to write to. */
static void close_doors(void *exchange) {
    close(HONE_WIRE_SETTINGS);
    close(HONE_WIRE_EXCHANGE);
    mprotect(hone_wire_request_room(exchange), HONE_WIRE_ROOM_BYTES, PROT_READ);
}

static int run(const struct hone_settings *settings) {
    struct hone_scorer_child child = {.settings = settings, .state = {.folder = -1}};
    struct hone_wire_reply ready = {.magic = HONE_WIRE_MAGIC};
    struct hone_error error = {{0}};
    confine();
    child.exchange = mmap(NULL, HONE_WIRE_EXCHANGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED,
                          HONE_WIRE_EXCHANGE, 0);
    if (child.exchange == MAP_FAILED) {
        hone_log(HONE_LOG_ERROR, "hone scorer is started by the server, not by hand");
        return 2;
    }
    close_doors(child.exchange);
    ready.status = hone_places(&child.places, &error);
    if (!ready.status)
        ready.status = hone_process_state_keep(&child.state, &error);
    if (!ready.status)
        ready.status = load_plugins(&child, settings, &error);
    hone_process_state_weigh(&child.state);
    memcpy(ready.text, error.text, sizeof ready.text);
    bool heard = reply_to(&ready);
    if (heard && !ready.status)
        serve(&child);
    unload_plugins(&child);
    hone_process_state_drop(&child.state);
    munmap(child.exchange, HONE_WIRE_EXCHANGE_BYTES);
    return ready.status ? 1 : 0;
}

int hone_command_scorer(int argc, char **argv) {
    struct hone_settings *settings;
    struct hone_error error = {{0}};
    (void)argc, (void)argv;
    int result = hone_settings_open("/proc/self/fd/4", NULL, &settings, &error);
    if (result) {
        hone_log(HONE_LOG_ERROR, "hone scorer is started by the server, not by hand: %s",
                 error.text);
        return 2;
    }
    result = run(settings);
    hone_settings_close(settings);
    return result;
}
