/* What a server takes up of a run: records of any contents in any order, whose checksums hold. The
 * engine is played, and answers steps that run again at once. */
#include "core/environment_private.h"
#include "core/evidence.h"
#include "core/journal_layout.h"
#include "core/journal_record.h"
#include "core/log.h"
#include "core/recall.h"
#include "core/store_sql.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REQUIRE(condition)                                                                         \
    do                                                                                             \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            abort();                                                                               \
        }                                                                                          \
    while (0)

#define RUN 42
#define RECORDS_MOST 48
#define SLOTS 3
#define TOKENS 3

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- the engine and the session that the linker puts in the place of theirs ---- */

static const struct hone_task task = {.id = "a/b", .hash = "1", .hash64 = 1, .version = "1"};
static const struct hone_task *const tasks[] = {&task};
static const struct hone_device device = {.size = sizeof device, .id = "cpu"};
static struct hone_counters counters;
static uint64_t submitted;

const struct hone_task *const *__wrap_hone_engine_tasks(const struct hone_engine *, uint32_t *);
const struct hone_task *__wrap_hone_engine_task(const struct hone_engine *, const char *);
const struct hone_device *__wrap_hone_engine_device(const struct hone_engine *);
const struct hone_reward_name *__wrap_hone_engine_rewards(const struct hone_engine *, uint32_t *);
const char *__wrap_hone_engine_protocol(const struct hone_engine *);
uint64_t __wrap_hone_engine_seed(const struct hone_engine *, const struct hone_task *, uint64_t,
                                 const char *);
void __wrap_hone_engine_submit(struct hone_engine *, struct hone_step *);
struct hone_counters *__wrap_hone_session_counters(struct hone_session *);

const struct hone_task *const *__wrap_hone_engine_tasks(const struct hone_engine *engine,
                                                        uint32_t *count) {
    (void)engine;
    *count = 1;
    return tasks;
}

const struct hone_task *__wrap_hone_engine_task(const struct hone_engine *engine, const char *id) {
    (void)engine;
    return strcmp(id, task.id) ? NULL : &task;
}

const struct hone_device *__wrap_hone_engine_device(const struct hone_engine *engine) {
    (void)engine;
    return &device;
}

const struct hone_reward_name *__wrap_hone_engine_rewards(const struct hone_engine *engine,
                                                          uint32_t *count) {
    static const struct hone_reward_name names[] = {{"speedup", 1}, {"bonus", 2}};
    (void)engine;
    *count = 2;
    return names;
}

const char *__wrap_hone_engine_protocol(const struct hone_engine *engine) {
    (void)engine;
    return "p";
}

uint64_t __wrap_hone_engine_seed(const struct hone_engine *engine, const struct hone_task *of,
                                 uint64_t episode, const char *purpose) {
    (void)engine, (void)of, (void)purpose;
    return episode + 1;
}

void __wrap_hone_engine_submit(struct hone_engine *engine, struct hone_step *step) {
    (void)engine;
    submitted++;
    step->verdict = HONE_WRONG;
    REQUIRE(hone_evidence_build(step, &device) == 0);
    step->done(step->context, step);
}

struct hone_counters *__wrap_hone_session_counters(struct hone_session *session) {
    (void)session;
    return &counters;
}

/* ---- a journal out of what the fuzzer says ---- */

struct input {
    const uint8_t *at, *end;
};

static uint8_t byte(struct input *input) {
    return input->at < input->end ? *input->at++ : 0;
}

/* Mostly small, so that records meet each other; else anything. */
static uint64_t number(struct input *input) {
    const uint8_t first = byte(input);
    uint64_t value = first;
    if (first < 250)
        return first % 16;
    for (int i = 0; i < 7; i++)
        value = value << 8 | byte(input);
    return first == 255 ? value : value % 200000;
}

static double real(struct input *input) {
    const uint64_t bits = number(input);
    double value;
    memcpy(&value, &bits, sizeof value);
    return bits < 16 ? (double)bits : value;
}

static struct hone_slice text(struct input *input, const char *usual) {
    const uint8_t length = byte(input);
    if (length < 200)
        return hone_slice(usual);
    const uint64_t left = (uint64_t)(input->end - input->at), wanted = length - 200u;
    const struct hone_slice slice = {(const char *)input->at, wanted < left ? wanted : left};
    input->at += slice.size;
    return slice;
}

/* Sound but for a few bytes of it. */
static struct hone_slice evidence(struct input *input, struct hone_evidence *block) {
    hone_evidence_clear(block);
    block->verdict = byte(input) % 12;
    block->speedup = real(input);
    block->kernel_ns = real(input);
    for (uint8_t count = byte(input) % 8; count; count--)
        ((uint8_t *)block)[(number(input) * 8 + byte(input)) % sizeof *block] = byte(input);
    return (struct hone_slice){(const char *)block, sizeof *block};
}

static void make_episode(struct input *input, struct hone_record_episode *episode) {
    static const char *const whys[] = {"", "turns", "stopped", "reset"};
    *episode = (struct hone_record_episode){
        .episode = number(input),
        .seed = number(input),
        .time_ns = (int64_t)number(input),
        .terminated = byte(input) % 2,
        .task = text(input, task.id),
        .group = text(input, "g"),
        .why = text(input, whys[byte(input) % 4]),
        .task_hash = text(input, task.hash),
        .token = number(input) % (TOKENS + 2),
        .trunk = number(input),
        .slot = (uint32_t)number(input) % (SLOTS + 1),
        .turns = (uint32_t)number(input),
        .evaluations = (int64_t)number(input),
        .wall_seconds = real(input),
        .device_seconds = real(input),
        .goal_speedup = real(input),
    };
}

static void make_action(struct input *input, struct hone_record_action *action) {
    *action = (struct hone_record_action){
        .step = number(input),
        .episode = number(input),
        .node = number(input),
        .parent = number(input),
        .source = number(input),
        .context = number(input),
        .seed = number(input),
        .time_ns = (int64_t)number(input),
        .turn = (uint32_t)number(input),
        .stages = (uint32_t)number(input),
        .flags = byte(input),
    };
}

static void make_result(struct input *input, struct hone_evidence *block, bool repeats,
                        struct hone_record_result *result) {
    *result = (struct hone_record_result){
        .step = number(input),
        .repeats = number(input),
        .time_ns = (int64_t)number(input),
        .reward = real(input),
        .part_count = byte(input) % (HONE_STORE_PARTS_MAX + 1),
        .device_ns = number(input),
        .repeatable = byte(input),
    };
    if (repeats)
        return;
    result->message = text(input, "said");
    result->feedback = text(input, "");
    result->diagnostics = text(input, "");
    result->evidence = evidence(input, block);
    result->images[0] = number(input);
}

static bool make_record(struct input *input, struct hone_evidence *block,
                        struct hone_record *record) {
    record->kind = byte(input) % 14;
    switch (record->kind) {
    case HONE_RECORD_SOURCE:
        record->source = (struct hone_record_source){number(input), text(input, "void solve();")};
        return true;
    case HONE_RECORD_CONTEXT:
        record->context = (struct hone_record_context){number(input),          text(input, task.id),
                                                       text(input, task.hash), text(input, "c"),
                                                       text(input, ""),        text(input, "g")};
        return true;
    case HONE_RECORD_EPISODE_BEGIN:
    case HONE_RECORD_EPISODE_END:
        make_episode(input, &record->episode);
        return true;
    case HONE_RECORD_ACTION:
        make_action(input, &record->action);
        return true;
    case HONE_RECORD_RESULT:
    case HONE_RECORD_REPEAT:
        make_result(input, block, record->kind == HONE_RECORD_REPEAT, &record->result);
        return true;
    case HONE_RECORD_CONTINUED:
        record->moment.time_ns = (int64_t)number(input);
        return true;
    case HONE_RECORD_GOTO:
        record->moved = (struct hone_record_goto){number(input), number(input), 0};
        return true;
    case HONE_RECORD_IMAGE:
        record->image = (struct hone_record_image){number(input), text(input, "image"),
                                                   text(input, ""), text(input, "k")};
        return true;
    default:
        return false;
    }
}

/* A journal's first page, as its writer makes it, and what follows. */
struct file {
    char *bytes;
    uint64_t size, capacity;
};

/* Room for a record, whose payload is then to be written and sealed. */
static void *claim(struct file *file, uint64_t bytes) {
    const uint64_t end = file->size + HONE_JOURNAL_RECORD_HEADER + journal_padded(bytes);
    if (end > file->capacity) {
        file->capacity = 2 * end;
        file->bytes = realloc(file->bytes, file->capacity);
        REQUIRE(file->bytes);
    }
    memset(file->bytes + file->size, 0, end - file->size);
    return file->bytes + file->size + HONE_JOURNAL_RECORD_HEADER;
}

static void seal(struct file *file, uint64_t bytes, uint16_t kind) {
    struct journal_record *record = (void *)(file->bytes + file->size);
    const uint32_t length = (uint32_t)(HONE_JOURNAL_RECORD_HEADER + bytes);
    record->kind = kind;
    record->checksum = journal_checksum(RUN, file->size, kind, length, record + 1);
    atomic_store(&record->length, length);
    file->size += journal_padded(length);
}

static void append(struct file *file, const struct hone_record *record) {
    uint64_t bytes;
    REQUIRE(hone_record_size(record, &bytes) == 0);
    hone_record_encode(record, claim(file, bytes));
    seal(file, bytes, (uint16_t)record->kind);
}

static void append_bytes(struct file *file, struct input *input) {
    const struct hone_slice bytes = text(input, "");
    memcpy(claim(file, bytes.size), bytes.bytes, bytes.size);
    seal(file, bytes.size, byte(input));
}

/* What most runs begin with, so that what comes then finds something. */
static void append_usual(struct file *file) {
    append(file, &(struct hone_record){.kind = HONE_RECORD_SOURCE,
                                       .source = {1, hone_slice("void solve();")}});
    append(file,
           &(struct hone_record){.kind = HONE_RECORD_CONTEXT,
                                 .context = {1, hone_slice(task.id), hone_slice(task.hash),
                                             hone_slice("c"), hone_slice(""), hone_slice("")}});
    append(file, &(struct hone_record){.kind = HONE_RECORD_EPISODE_BEGIN,
                                       .episode = {.episode = 1,
                                                   .task = hone_slice(task.id),
                                                   .group = hone_slice(""),
                                                   .why = hone_slice(""),
                                                   .task_hash = hone_slice(task.hash),
                                                   .token = 1,
                                                   .turns = 8,
                                                   .evaluations = -1}});
    append(file, &(struct hone_record){
                     .kind = HONE_RECORD_ACTION,
                     .action = {.step = 1, .episode = 1, .node = 1, .source = 1, .context = 1}});
}

static void write_journal(int journal, struct input *input) {
    static struct file file;
    file.size = 0;
    memset(claim(&file, HONE_JOURNAL_START), 0, HONE_JOURNAL_START);
    file.size = HONE_JOURNAL_START;
    struct journal_header header = {.magic = JOURNAL_MAGIC,
                                    .version = HONE_JOURNAL_VERSION,
                                    .start = HONE_JOURNAL_START,
                                    .id = RUN};
    header.checksum = journal_header_checksum(&header);
    memcpy(file.bytes, &header, sizeof header);
    if (byte(input) % 4)
        append_usual(&file);
    for (int i = 0; i < RECORDS_MOST && input->at < input->end; i++) {
        struct hone_evidence block;
        struct hone_record record = {0};
        if (make_record(input, &block, &record))
            append(&file, &record);
        else
            append_bytes(&file, input);
    }
    REQUIRE(ftruncate(journal, 0) == 0);
    REQUIRE(pwrite(journal, file.bytes, file.size, 0) == (ssize_t)file.size);
}

/* ---- taking it up ---- */

static char path[] = "/tmp/hone-fuzz-restore-XXXXXX", name[64];

static void recall_all(void) {
    struct hone_recall *recall;
    struct hone_recalled recalled;
    struct hone_image_record image;
    void *memory;
    REQUIRE(hone_recall_open(path, &recall, NULL) == 0);
    const uint64_t steps = hone_recall_steps(recall);
    for (uint64_t id = 0; id <= (steps < 16 ? steps + 1 : 16); id++) {
        if (hone_recall_step(recall, NULL, id, &recalled) == 0) {
            REQUIRE(recalled.step->task == &task);
            hone_recalled_finish(&recalled);
        }
        if (hone_recall_image(recall, id, 0, &image, &memory) == 0)
            free(memory);
    }
    hone_recall_close(recall);
}

/* An agent for each token; what it has is in order whatever was recorded. */
static void adopt_all(struct hone_environment *environment) {
    for (uint64_t token = 1; token <= TOKENS; token++) {
        struct agent *agent = calloc(1, sizeof *agent + SLOTS * sizeof agent->slots[0]);
        struct account account = {0};
        agent->token = token;
        agent->slot_count = SLOTS;
        agent->account = &account;
        for (uint32_t i = 0; i < SLOTS; i++)
            agent->slots[i] = (struct slot){.agent = agent, .index = i};
        hone_environment_adopt(environment, agent);
        for (uint32_t i = 0; i < SLOTS; i++) {
            const struct slot *slot = &agent->slots[i];
            REQUIRE(!slot->flight);
            REQUIRE(slot->episode.state == HONE_EPISODE_EMPTY || slot->episode.task == &task);
            hone_answer_forget(&agent->slots[i].answer);
        }
        free(agent);
    }
}

static void clean_up(void) {
    unlink(name);
    rmdir(path);
}

static int make_journal(void) {
    hone_log_level(HONE_LOG_ERROR);
    REQUIRE(mkdtemp(path));
    snprintf(name, sizeof name, "%s/%s", path, HONE_JOURNAL_FILE);
    const int journal = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    REQUIRE(journal >= 0 && atexit(clean_up) == 0);
    return journal;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static int journal = -1;
    if (journal < 0)
        journal = make_journal();
    struct input input = {data, data + size};
    write_journal(journal, &input);
    recall_all();
    struct hone_environment environment = {0};
    REQUIRE(hone_environment_restore(&environment, path, NULL) == 0);
    for (uint64_t i = 0; i < environment.nodes.count; i++)
        REQUIRE(environment.nodes.rows[i].id == i + 1 && environment.nodes.rows[i].parent <= i);
    adopt_all(&environment);
    hone_environment_forget_past(&environment);
    hone_nodes_finish(&environment.nodes);
    return 0;
}
