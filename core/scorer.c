#include "core/scorer.h"

#include "core/error.h"
#include "core/scorer_process.h"
#include "core/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* An oracle is plain code in double precision: far slower than the call whose limit a task states.
 */
#define ORACLE_LIMIT_S 30.0

static int make_exchange(struct hone_scorer *scorer, struct hone_error *error) {
    scorer->exchange_file = memfd_create("hone-scorer", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (scorer->exchange_file < 0 || ftruncate(scorer->exchange_file, HONE_WIRE_EXCHANGE_BYTES) ||
        fcntl(scorer->exchange_file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW))
        return hone_fail(error, -errno, "memory for a scorer: %s", strerror(errno));
    void *memory = mmap(NULL, HONE_WIRE_EXCHANGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED,
                        scorer->exchange_file, 0);
    if (memory == MAP_FAILED)
        return hone_fail(error, -errno, "memory for a scorer: %s", strerror(errno));
    scorer->exchange = memory;
    return 0;
}

static int make_settings(struct hone_scorer *scorer, struct hone_error *error) {
    char *text = hone_settings_print(scorer->settings);
    if (!text)
        return hone_fail(error, -ENOMEM, "out of memory");
    size_t size = strlen(text);
    scorer->settings_file = memfd_create("hone-settings", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    int result = 0;
    if (scorer->settings_file < 0 || write(scorer->settings_file, text, size) != (ssize_t)size ||
        fcntl(scorer->settings_file, F_ADD_SEALS,
              F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL))
        result =
            hone_fail(error, errno ? -errno : -EIO, "settings for a scorer: %s", strerror(errno));
    free(text);
    return result;
}

int hone_scorer_create(const struct hone_settings *settings, struct hone_scorer **scorer,
                       struct hone_error *error) {
    struct hone_scorer *s = calloc(1, sizeof *s);
    if (!s)
        return hone_fail(error, -ENOMEM, "out of memory");
    s->settings = settings;
    s->socket = s->exchange_file = s->settings_file = -1;
    int result = make_exchange(s, error);
    if (!result)
        result = make_settings(s, error);
    if (!result)
        result = hone_scorer_start(s, error);
    if (result) {
        hone_scorer_destroy(s);
        return result;
    }
    *scorer = s;
    return 0;
}

void hone_scorer_destroy(struct hone_scorer *scorer) {
    if (!scorer)
        return;
    hone_scorer_stop(scorer);
    if (scorer->exchange)
        munmap(scorer->exchange, HONE_WIRE_EXCHANGE_BYTES);
    if (scorer->exchange_file >= 0)
        close(scorer->exchange_file);
    if (scorer->settings_file >= 0)
        close(scorer->settings_file);
    free(scorer);
}

static uint64_t plugin_limit_ns(const struct hone_scorer *scorer) {
    return (uint64_t)hone_settings_integer(scorer->settings, "scorer", "deadline_ms") * 1000000u;
}

static uint32_t plugin_count(const struct hone_scorer *scorer, enum hone_kind kind) {
    uint32_t count;
    hone_settings_uses(scorer->settings, kind, &count);
    return count;
}

/* One request that takes every plugin of a kind, and its reply. */
static int ask(struct hone_scorer *scorer, struct hone_wire_request *request, enum hone_kind kind,
               struct hone_wire_reply *reply, struct hone_error *error) {
    int result = hone_scorer_send(scorer, request, -1, plugin_limit_ns(scorer),
                                  plugin_count(scorer, kind), error);
    return result ? result : hone_scorer_receive(scorer, reply, error);
}

static int take_findings(struct hone_scorer *scorer, const struct hone_wire_reply *reply,
                         struct hone_finding_list *findings, struct hone_error *error) {
    if (reply->bytes != reply->count * sizeof(struct hone_finding))
        return hone_fail(error, -EIO, "scorer: %u findings in %llu bytes", reply->count,
                         (unsigned long long)reply->bytes);
    const char *room = hone_wire_reply_room(scorer->exchange);
    findings->lost += reply->lost;
    for (uint32_t i = 0; i < reply->count; i++) {
        struct hone_finding finding;
        memcpy(&finding, room + i * sizeof finding, sizeof finding);
        hone_finding_settle(&finding, scorer->settings);
        hone_findings_add(findings, &finding);
    }
    return 0;
}

static int put_evidence(struct hone_scorer *scorer, const struct hone_evidence *evidence,
                        struct hone_wire_request *request, struct hone_error *error) {
    if (evidence->bytes > HONE_WIRE_ROOM_BYTES)
        return hone_fail(error, -E2BIG, "scorer: evidence of %u bytes, room for %u",
                         evidence->bytes, HONE_WIRE_ROOM_BYTES);
    memcpy(hone_wire_request_room(scorer->exchange), evidence, evidence->bytes);
    request->bytes = evidence->bytes;
    return 0;
}

struct part {
    const void *bytes; /* NULL: there is none */
    uint64_t count;
};

/* Returns the payload's size, or 0 when there is no room for it. */
static uint64_t put_parts(char *room, struct hone_wire_candidate *head,
                          const struct part parts[HONE_WIRE_PARTS]) {
    uint64_t used = sizeof *head;
    for (uint32_t i = 0; i < HONE_WIRE_PARTS; i++) {
        head->bytes[i] = parts[i].bytes ? parts[i].count : HONE_WIRE_NO_PART;
        if (!parts[i].bytes)
            continue;
        if (parts[i].count >= HONE_WIRE_ROOM_BYTES - used)
            return 0;
        memcpy(room + used, parts[i].bytes, parts[i].count);
        used += parts[i].count;
        room[used++] = '\0';
    }
    memcpy(room, head, sizeof *head);
    return used;
}

static int inspect_candidate(struct hone_scorer *scorer, uint32_t op, const char *task,
                             const char *language, const struct part parts[HONE_WIRE_PARTS],
                             struct hone_finding_list *findings, struct hone_error *error) {
    struct hone_wire_request request = {.op = op};
    struct hone_wire_reply reply;
    struct hone_wire_candidate head = {0};
    if (!plugin_count(scorer, HONE_DETECTOR))
        return 0;
    if (scorer->pending)
        return hone_fail(error, -EBUSY, "scorer: a request is still open");
    snprintf(head.task, sizeof head.task, "%s", task);
    snprintf(head.language, sizeof head.language, "%s", language);
    request.bytes = put_parts(hone_wire_request_room(scorer->exchange), &head, parts);
    if (!request.bytes)
        return hone_fail(error, -E2BIG, "scorer: a candidate of more than %zu bytes",
                         HONE_WIRE_ROOM_BYTES - sizeof head);
    int result = ask(scorer, &request, HONE_DETECTOR, &reply, error);
    return result ? result : take_findings(scorer, &reply, findings, error);
}

int hone_scorer_inspect_source(struct hone_scorer *scorer, const char *task, const char *language,
                               const char *source, uint64_t bytes,
                               struct hone_finding_list *findings, struct hone_error *error) {
    const struct part parts[HONE_WIRE_PARTS] = {{source, bytes}};
    return inspect_candidate(scorer, HONE_WIRE_SOURCE, task, language, parts, findings, error);
}

int hone_scorer_inspect_binary(struct hone_scorer *scorer, const struct hone_built *built,
                               struct hone_finding_list *findings, struct hone_error *error) {
    const struct part parts[HONE_WIRE_PARTS] = {
        {built->image, built->image_bytes},
        {built->listing, built->listing_bytes},
        {built->entries, built->entries ? strlen(built->entries) : 0}};
    return inspect_candidate(scorer, HONE_WIRE_BINARY, built->task, built->language, parts,
                             findings, error);
}

int hone_scorer_inspect_run(struct hone_scorer *scorer, const struct hone_evidence *evidence,
                            struct hone_finding_list *findings, struct hone_error *error) {
    struct hone_wire_request request = {.op = HONE_WIRE_RUN};
    struct hone_wire_reply reply;
    if (!plugin_count(scorer, HONE_DETECTOR))
        return 0;
    if (scorer->pending)
        return hone_fail(error, -EBUSY, "scorer: a request is still open");
    int result = put_evidence(scorer, evidence, &request, error);
    if (!result)
        result = ask(scorer, &request, HONE_DETECTOR, &reply, error);
    return result ? result : take_findings(scorer, &reply, findings, error);
}

int hone_scorer_score(struct hone_scorer *scorer, const struct hone_evidence *evidence,
                      double *parts, uint32_t part_count, struct hone_error *error) {
    struct hone_wire_request request = {.op = HONE_WIRE_SCORE};
    struct hone_wire_reply reply;
    uint32_t count = plugin_count(scorer, HONE_REWARD);
    if (part_count != count)
        return hone_fail(error, -EINVAL, "scorer: %u rewards are configured, %u asked for", count,
                         part_count);
    if (!count)
        return 0;
    if (scorer->pending)
        return hone_fail(error, -EBUSY, "scorer: a request is still open");
    int result = put_evidence(scorer, evidence, &request, error);
    if (!result)
        result = ask(scorer, &request, HONE_REWARD, &reply, error);
    if (result)
        return result;
    if (reply.count != count || reply.bytes != count * sizeof *parts)
        return hone_fail(error, -EIO, "scorer: %u rewards came back, expected %u", reply.count,
                         count);
    memcpy(parts, hone_wire_reply_room(scorer->exchange), count * sizeof *parts);
    return 0;
}

int hone_scorer_set_begin(struct hone_scorer *scorer, const struct hone_task *task,
                          const struct hone_workload *workload, uint64_t seed, int memory,
                          struct hone_error *error) {
    struct hone_wire_request request = {
        .op = HONE_WIRE_SET, .seed = seed, .bytes = sizeof *workload};
    if (scorer->pending)
        return hone_fail(error, -EBUSY, "scorer: a request is still open");
    memcpy(request.task_hash, task->hash, sizeof task->hash);
    memcpy(hone_wire_request_room(scorer->exchange), workload, sizeof *workload);
    double compile_s = task->compile_limit_s > 0 ? task->compile_limit_s : ORACLE_LIMIT_S;
    double call_s = task->call_limit_s > ORACLE_LIMIT_S ? task->call_limit_s : ORACLE_LIMIT_S;
    uint64_t limit_ns = (uint64_t)((compile_s + call_s) * 1e9);
    return hone_scorer_send(scorer, &request, memory, limit_ns + plugin_limit_ns(scorer), 0, error);
}

bool hone_scorer_set_ready(const struct hone_scorer *scorer) {
    return hone_scorer_answered(scorer);
}

int hone_scorer_set_end(struct hone_scorer *scorer, struct hone_error *error) {
    struct hone_wire_reply reply;
    if (!scorer->pending)
        return hone_fail(error, -EINVAL, "scorer: no set was begun");
    return hone_scorer_receive(scorer, &reply, error);
}

int hone_scorer_set(struct hone_scorer *scorer, const struct hone_task *task,
                    const struct hone_workload *workload, uint64_t seed, int memory,
                    struct hone_error *error) {
    int result = hone_scorer_set_begin(scorer, task, workload, seed, memory, error);
    return result ? result : hone_scorer_set_end(scorer, error);
}
