/* layout.h - what a server and its agents share. Made from ipc/layout.txt: change that, then
 * `make layout`.
 *
 * Fixed-width, little-endian, offsets and no pointers, so that any language can map it. Each
 * direction of a lane is a ring of 64-byte lines with one writer and one reader.
 *
 * Memory order, the whole contract: the writer writes the payload (line and block), then stores
 * `sequence` with release; the reader loads `sequence` with acquire, and only when it is the one
 * it expects next reads the payload. Who then may sleep announces it in its `parked` word, passes
 * a sequentially consistent fence and looks again; who publishes passes such a fence and reads the
 * other side's `parked`.
 */
/* clang-format off */
#ifndef HONE_IPC_LAYOUT_H
#define HONE_IPC_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define HONE_LAYOUT_ASSERT static_assert
#else
#define HONE_LAYOUT_ASSERT _Static_assert
#endif

#define HONE_LAYOUT_MAJOR 1
#define HONE_LAYOUT_MINOR 0
#define HONE_LAYOUT_HASH 0xfc590bf8d209fef3ull
#define HONE_LAYOUT_MAGIC 0x53534553454e4f48ull /* the bytes "HONESESS" */
#define HONE_LAYOUT_ENDIAN 0x01020304u /* how the server sees these bytes */
#define HONE_TEXT_TASK 96u
#define HONE_TEXT_GROUP 64u
#define HONE_TEXT_LANGUAGE 16u
#define HONE_TEXT_OPTIONS 128u
#define HONE_SLOTS_MAX 256u /* of one lane */
#define HONE_COMPONENTS_MAX 16u
#define HONE_OBSERVATION_STAGES 10u
#define HONE_BLOCK_BYTES_MAX 1048576u /* the largest action or observation block */
#define HONE_SPIN_PAUSES 200u /* before yielding */
#define HONE_SPIN_YIELDS 32u /* before parking */
#define HONE_PARK_MS 100u /* the longest an agent sleeps without looking whether its server lives */

enum hone_segment_kind {
    HONE_SEGMENT_CTL = 1,
    HONE_SEGMENT_UP = 2,
    HONE_SEGMENT_DOWN = 3,
};

enum hone_op { /* what a line asks; a reply repeats it */
    HONE_OP_RESET = 1, /* begin an episode in a slot */
    HONE_OP_STEP = 2, /* submit a candidate */
    HONE_OP_GOTO = 3, /* move a slot's cursor to a node of its episode */
    HONE_OP_FORK = 4, /* begin an episode in to_slot whose history ends at a node; the reply is to_slot's */
    HONE_OP_CANCEL = 5, /* give up what runs in a slot */
    HONE_OP_STOP = 6, /* end a slot's episode without another step */
    HONE_OP_PING = 7,
    HONE_OP_STATS = 8,
};

enum hone_action_flag {
    HONE_ACTION_FORCE = 1, /* measure again even if the result is known */
    HONE_ACTION_PROFILE = 2,
    HONE_ACTION_CONFIRM = 4, /* measure as records are measured */
    HONE_ACTION_STOP = 8, /* the agent ends its episode with this step */
};

enum hone_observation_flag {
    HONE_OBSERVATION_TERMINATED = 1,
    HONE_OBSERVATION_TRUNCATED = 2,
    HONE_OBSERVATION_CACHED = 4, /* answered from the result cache */
    HONE_OBSERVATION_EMULATED = 8, /* times are of an emulation, comparable only with their own kind */
    HONE_OBSERVATION_NOISY = 16, /* samples stayed noisy */
    HONE_OBSERVATION_PARTIAL = 32, /* the stage mask ended the step early */
    HONE_OBSERVATION_CONFIRMED = 64,
    HONE_OBSERVATION_REPLAYED = 128, /* this turn had been taken before; the recorded answer */
    HONE_OBSERVATION_FIRST = 256, /* the first of an episode */
};

enum hone_outcome { /* how a step ended; the same numbers as the verdicts of plugins/evidence.h */
    HONE_OUTCOME_UNDECIDED = 0,
    HONE_OUTCOME_PASSED = 1,
    HONE_OUTCOME_PARTIAL = 2,
    HONE_OUTCOME_REJECTED = 3,
    HONE_OUTCOME_COMPILE_FAILED = 4,
    HONE_OUTCOME_POLICY_VIOLATION = 5,
    HONE_OUTCOME_CRASHED = 6,
    HONE_OUTCOME_TIMED_OUT = 7,
    HONE_OUTCOME_WRONG = 8,
    HONE_OUTCOME_HACKED = 9,
    HONE_OUTCOME_INFRA_FAILED = 10,
};

struct hone_header { /* at the start of every segment; written by the server before an agent sees it */
    uint64_t magic; /* HONE_LAYOUT_MAGIC */
    uint16_t major;
    uint16_t minor;
    uint32_t endian; /* HONE_LAYOUT_ENDIAN */
    uint64_t layout_hash; /* HONE_LAYOUT_HASH */
    uint64_t session_id; /* random; another at every start of a server */
    uint32_t header_bytes; /* of this struct */
    uint32_t kind; /* enum hone_segment_kind */
    uint64_t total_bytes; /* of the segment */
    uint32_t lane;
    uint32_t slots;
    uint32_t line_bytes; /* 64 */
    uint32_t line_count; /* of the ring; a power of two */
    uint32_t ring_offset;
    uint32_t block_offset; /* of slot 0's block */
    uint32_t block_bytes; /* from one slot's block to the next */
    uint32_t block_count;
    uint32_t text_offset; /* CTL: the catalogue of tasks, JSON */
    uint32_t text_bytes;
    int32_t server_pid; /* for people; never a proof of life */
    uint8_t reserved_1[160]; /* 0 */
    uint32_t ready; /* 1, stored last */
};
HONE_LAYOUT_ASSERT(sizeof(struct hone_header) == 256, "size");
HONE_LAYOUT_ASSERT(offsetof(struct hone_header, magic) == 0, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_header, major) == 8, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_header, minor) == 10, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_header, endian) == 12, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_header, layout_hash) == 16, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_header, session_id) == 24, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_header, header_bytes) == 32, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_header, kind) == 36, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_header, total_bytes) == 40, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_header, lane) == 48, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_header, slots) == 52, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_header, line_bytes) == 56, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_header, line_count) == 60, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_header, ring_offset) == 64, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_header, block_offset) == 68, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_header, block_bytes) == 72, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_header, block_count) == 76, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_header, text_offset) == 80, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_header, text_bytes) == 84, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_header, server_pid) == 88, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_header, reserved_1) == 92, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_header, ready) == 252, "offset");

struct hone_line { /* one message; everything first, `sequence` last */
    uint16_t op; /* enum hone_op */
    uint16_t flags; /* 0 */
    uint32_t slot;
    int32_t status; /* a reply's: 0 or a negative errno */
    uint32_t bytes; /* of source in the action block (up), of the observation block in use, 0 for none (down) */
    uint64_t tag; /* a reply's: the sequence of the line it answers */
    uint64_t node; /* goto, fork */
    uint32_t to_slot; /* fork */
    uint8_t reserved_1[20]; /* 0 */
    uint64_t sequence; /* from 1; line i of a ring holds the sequences s with (s - 1) % line_count == i */
};
HONE_LAYOUT_ASSERT(sizeof(struct hone_line) == 64, "size");
HONE_LAYOUT_ASSERT(offsetof(struct hone_line, op) == 0, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_line, flags) == 2, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_line, slot) == 4, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_line, status) == 8, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_line, bytes) == 12, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_line, tag) == 16, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_line, node) == 24, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_line, to_slot) == 32, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_line, reserved_1) == 36, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_line, sequence) == 56, "offset");

struct hone_action_block { /* one per slot in UP; the source follows, its length is in the line */
    uint64_t seed; /* reset; 0: the server chooses */
    uint64_t turn; /* step; 0, or the turn this is meant to be, which makes sending it again safe */
    double goal_speedup; /* reset; NaN: none */
    double predicted_speedup; /* step; NaN: none */
    uint32_t turns; /* reset: limit; 0: the server's default */
    uint32_t stages; /* step: mask; 0: all */
    uint32_t flags; /* step: enum hone_action_flag */
    uint8_t reserved_1[4]; /* 0 */
    char task[96]; /* reset; empty: the server samples */
    char group[64]; /* reset */
    char language[16]; /* step */
    char options[128]; /* step */
    uint8_t reserved_2[160]; /* 0 */
};
HONE_LAYOUT_ASSERT(sizeof(struct hone_action_block) == 512, "size");
HONE_LAYOUT_ASSERT(offsetof(struct hone_action_block, seed) == 0, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_action_block, turn) == 8, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_action_block, goal_speedup) == 16, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_action_block, predicted_speedup) == 24, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_action_block, turns) == 32, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_action_block, stages) == 36, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_action_block, flags) == 40, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_action_block, reserved_1) == 44, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_action_block, task) == 48, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_action_block, group) == 144, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_action_block, language) == 208, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_action_block, options) == 224, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_action_block, reserved_2) == 352, "offset");

struct hone_component { /* one part of a reward */
    char name[24];
    double value;
};
HONE_LAYOUT_ASSERT(sizeof(struct hone_component) == 32, "size");
HONE_LAYOUT_ASSERT(offsetof(struct hone_component, name) == 0, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_component, value) == 24, "offset");

struct hone_observation { /* one per slot in DOWN; texts follow. NaN: not measured */
    uint32_t size; /* of this struct, as the server knows it */
    uint32_t verdict; /* enum hone_outcome */
    uint32_t reason; /* number; reason_name is the same in words */
    uint32_t flags; /* enum hone_observation_flag */
    int32_t status; /* 0, or a negative errno: the environment refused or failed, `message` says why */
    uint32_t slot;
    uint32_t turn; /* from 1; 0 after a reset */
    uint32_t turns; /* limit; 0: none */
    double reward; /* NaN after infra_failed */
    double speedup; /* over the score baseline */
    double speedup_low;
    double speedup_high;
    double kernel_ns;
    double baseline_ns;
    double noise;
    double coverage;
    double roofline_fraction;
    uint32_t samples; /* timed rounds */
    uint32_t component_count;
    struct hone_component components[16];
    uint64_t stage_ns[10];
    uint32_t stages; /* mask of those that ran */
    uint32_t finding_count;
    int64_t evaluations_left; /* -1: no limit */
    double best_reward; /* of the episode so far */
    double best_speedup;
    uint64_t best_node;
    uint64_t node; /* this step's; 0: none */
    uint64_t parent;
    uint64_t episode;
    uint64_t step;
    uint64_t seed; /* of the debug workloads */
    char confinement[4]; /* level, A to F */
    uint32_t op; /* enum hone_op it answers */
    uint64_t tag; /* of the line it answers */
    char verdict_name[24];
    char reason_name[24];
    char task[96];
    char device[32];
    uint32_t message_offset; /* from the start of this struct; 0: none. Texts are UTF-8 and NUL-terminated */
    uint32_t message_bytes; /* without the NUL */
    uint32_t feedback_offset;
    uint32_t feedback_bytes;
    uint32_t prompt_offset;
    uint32_t prompt_bytes;
    uint32_t json_offset;
    uint32_t json_bytes;
    uint8_t reserved_1[16]; /* 0 */
};
HONE_LAYOUT_ASSERT(sizeof(struct hone_observation) == 1024, "size");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, size) == 0, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, verdict) == 4, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, reason) == 8, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, flags) == 12, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, status) == 16, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, slot) == 20, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, turn) == 24, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, turns) == 28, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, reward) == 32, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, speedup) == 40, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, speedup_low) == 48, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, speedup_high) == 56, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, kernel_ns) == 64, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, baseline_ns) == 72, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, noise) == 80, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, coverage) == 88, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, roofline_fraction) == 96, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, samples) == 104, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, component_count) == 108, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, components) == 112, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, stage_ns) == 624, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, stages) == 704, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, finding_count) == 708, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, evaluations_left) == 712, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, best_reward) == 720, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, best_speedup) == 728, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, best_node) == 736, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, node) == 744, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, parent) == 752, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, episode) == 760, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, step) == 768, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, seed) == 776, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, confinement) == 784, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, op) == 788, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, tag) == 792, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, verdict_name) == 800, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, reason_name) == 824, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, task) == 848, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, device) == 944, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, message_offset) == 976, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, message_bytes) == 980, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, feedback_offset) == 984, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, feedback_bytes) == 988, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, prompt_offset) == 992, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, prompt_bytes) == 996, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, json_offset) == 1000, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, json_bytes) == 1004, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_observation, reserved_1) == 1008, "offset");

struct hone_counters { /* in CTL; written by the server only */
    uint64_t lanes; /* attached now */
    uint64_t lanes_attached; /* ever */
    uint64_t lanes_dropped; /* for a protocol error or a policy */
    uint64_t protocol_errors;
    uint64_t requests;
    uint64_t replies;
    uint64_t tasks;
    uint64_t episodes;
    uint64_t steps; /* finished */
    uint64_t evaluations; /* steps that were measured, not answered from a cache */
    uint64_t cached;
    uint64_t running; /* accepted and not finished */
    uint64_t started_ns; /* CLOCK_MONOTONIC */
    uint64_t verdicts[16]; /* finished steps by enum hone_outcome */
    uint8_t reserved_1[24]; /* 0 */
};
HONE_LAYOUT_ASSERT(sizeof(struct hone_counters) == 256, "size");
HONE_LAYOUT_ASSERT(offsetof(struct hone_counters, lanes) == 0, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_counters, lanes_attached) == 8, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_counters, lanes_dropped) == 16, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_counters, protocol_errors) == 24, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_counters, requests) == 32, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_counters, replies) == 40, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_counters, tasks) == 48, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_counters, episodes) == 56, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_counters, steps) == 64, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_counters, evaluations) == 72, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_counters, cached) == 80, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_counters, running) == 88, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_counters, started_ns) == 96, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_counters, verdicts) == 104, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_counters, reserved_1) == 232, "offset");

struct hone_ctl { /* the CTL segment; the catalogue follows */
    struct hone_header header;
    struct hone_counters counters;
};
HONE_LAYOUT_ASSERT(sizeof(struct hone_ctl) == 512, "size");
HONE_LAYOUT_ASSERT(offsetof(struct hone_ctl, header) == 0, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_ctl, counters) == 256, "offset");

struct hone_up { /* the UP segment: agent writes. Ring and action blocks follow */
    struct hone_header header; /* a copy for people; the server never reads it back */
    uint32_t parked; /* the agent sleeps, or is about to: ring it */
    uint8_t reserved_1[124]; /* 0 */
    uint64_t consumed; /* lines of DOWN the agent is done with */
    uint8_t reserved_2[120]; /* 0 */
    uint64_t semaphore[8]; /* a process-shared sem_t of 64-bit glibc, when the agent parks on it */
    uint8_t reserved_3[448]; /* 0 */
};
HONE_LAYOUT_ASSERT(sizeof(struct hone_up) == 1024, "size");
HONE_LAYOUT_ASSERT(offsetof(struct hone_up, header) == 0, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_up, parked) == 256, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_up, reserved_1) == 260, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_up, consumed) == 384, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_up, reserved_2) == 392, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_up, semaphore) == 512, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_up, reserved_3) == 576, "offset");

struct hone_down { /* the DOWN segment: server writes. Ring and observation blocks follow */
    struct hone_header header;
    uint32_t bell; /* a futex word, counts up with every line */
    uint8_t reserved_1[124]; /* 0 */
    uint32_t parked; /* the server sleeps, or is about to: ring it by a newline on the socket */
    uint32_t held; /* lines that wait for room in this ring: ring the server when some were read */
    uint8_t reserved_2[120]; /* 0 */
    uint64_t consumed; /* lines of UP the server is done with */
    uint8_t reserved_3[120]; /* 0 */
    uint32_t dropped; /* 1: this lane was dropped, `reason` says why */
    uint32_t reserved;
    char reason[120];
    uint32_t progress[256]; /* stage a slot's step is in, plus 1, while that stage is a long one; else 0 */
    uint8_t reserved_4[256]; /* 0 */
};
HONE_LAYOUT_ASSERT(sizeof(struct hone_down) == 2048, "size");
HONE_LAYOUT_ASSERT(offsetof(struct hone_down, header) == 0, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_down, bell) == 256, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_down, reserved_1) == 260, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_down, parked) == 384, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_down, held) == 388, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_down, reserved_2) == 392, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_down, consumed) == 512, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_down, reserved_3) == 520, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_down, dropped) == 640, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_down, reserved) == 644, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_down, reason) == 648, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_down, progress) == 768, "offset");
HONE_LAYOUT_ASSERT(offsetof(struct hone_down, reserved_4) == 1792, "offset");

/* X(type, name, count) for every field of struct hone_observation; count 0: not an array. */
#define HONE_OBSERVATION_FIELDS(X) \
    X(u32, size, 0) \
    X(u32, verdict, 0) \
    X(u32, reason, 0) \
    X(u32, flags, 0) \
    X(i32, status, 0) \
    X(u32, slot, 0) \
    X(u32, turn, 0) \
    X(u32, turns, 0) \
    X(f64, reward, 0) \
    X(f64, speedup, 0) \
    X(f64, speedup_low, 0) \
    X(f64, speedup_high, 0) \
    X(f64, kernel_ns, 0) \
    X(f64, baseline_ns, 0) \
    X(f64, noise, 0) \
    X(f64, coverage, 0) \
    X(f64, roofline_fraction, 0) \
    X(u32, samples, 0) \
    X(u32, component_count, 0) \
    X(hone_component, components, 16) \
    X(u64, stage_ns, 10) \
    X(u32, stages, 0) \
    X(u32, finding_count, 0) \
    X(i64, evaluations_left, 0) \
    X(f64, best_reward, 0) \
    X(f64, best_speedup, 0) \
    X(u64, best_node, 0) \
    X(u64, node, 0) \
    X(u64, parent, 0) \
    X(u64, episode, 0) \
    X(u64, step, 0) \
    X(u64, seed, 0) \
    X(char, confinement, 4) \
    X(u32, op, 0) \
    X(u64, tag, 0) \
    X(char, verdict_name, 24) \
    X(char, reason_name, 24) \
    X(char, task, 96) \
    X(char, device, 32) \
    X(u32, message_offset, 0) \
    X(u32, message_bytes, 0) \
    X(u32, feedback_offset, 0) \
    X(u32, feedback_bytes, 0) \
    X(u32, prompt_offset, 0) \
    X(u32, prompt_bytes, 0) \
    X(u32, json_offset, 0) \
    X(u32, json_bytes, 0)

/* X(type, name, count) for every field of struct hone_counters; count 0: not an array. */
#define HONE_COUNTERS_FIELDS(X) \
    X(u64, lanes, 0) \
    X(u64, lanes_attached, 0) \
    X(u64, lanes_dropped, 0) \
    X(u64, protocol_errors, 0) \
    X(u64, requests, 0) \
    X(u64, replies, 0) \
    X(u64, tasks, 0) \
    X(u64, episodes, 0) \
    X(u64, steps, 0) \
    X(u64, evaluations, 0) \
    X(u64, cached, 0) \
    X(u64, running, 0) \
    X(u64, started_ns, 0) \
    X(u64, verdicts, 16)

#undef HONE_LAYOUT_ASSERT
#endif
