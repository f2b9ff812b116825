#include "core/verdict.h"

#include <errno.h>
#include <string.h>

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof(array)[0]))

static const struct {
    const char *name;
    int exit_code;
} verdicts[HONE_VERDICT_COUNT] = {
    [HONE_UNDECIDED] = {"undecided", 20},
    [HONE_PASSED] = {"passed", 0},
    [HONE_PARTIAL] = {"partial", 9},
    [HONE_REJECTED] = {"rejected", 10},
    [HONE_COMPILE_FAILED] = {"compile_failed", 11},
    [HONE_POLICY_VIOLATION] = {"policy_violation", 12},
    [HONE_CRASHED] = {"crashed", 13},
    [HONE_TIMED_OUT] = {"timed_out", 14},
    [HONE_WRONG] = {"wrong", 15},
    [HONE_HACKED] = {"hacked", 16},
    [HONE_INFRA_FAILED] = {"infra_failed", 20},
};

static const char *const reasons[HONE_REASON_COUNT] = {
    [HONE_REASON_NONE] = "none",
    [HONE_REASON_VALUES] = "values",
    [HONE_REASON_NON_FINITE] = "non_finite",
    [HONE_REASON_UNWRITTEN] = "unwritten",
    [HONE_REASON_OUT_OF_BOUNDS] = "out_of_bounds",
    [HONE_REASON_INPUT_CHANGED] = "input_changed",
    [HONE_REASON_NONDETERMINISTIC] = "nondeterministic",
    [HONE_REASON_TASK] = "task",
    [HONE_REASON_LANGUAGE] = "language",
    [HONE_REASON_OPTION] = "option",
    [HONE_REASON_SOURCE_SIZE] = "source_size",
    [HONE_REASON_PLAN] = "plan",
    [HONE_REASON_BUDGET] = "budget",
    [HONE_REASON_EPISODE_OVER] = "episode_over",
    [HONE_REASON_QUARANTINED] = "quarantined",
    [HONE_REASON_COMPILER] = "compiler",
    [HONE_REASON_LINKER] = "linker",
    [HONE_REASON_IMPORT] = "import",
    [HONE_REASON_SECTION] = "section",
    [HONE_REASON_SYSTEM_CALL] = "system_call",
    [HONE_REASON_LIMIT] = "limit",
    [HONE_REASON_SIGNAL] = "signal",
    [HONE_REASON_EXIT] = "exit",
    [HONE_REASON_WORKER_LOST] = "worker_lost",
    [HONE_REASON_COMPILE_TIME] = "compile_time",
    [HONE_REASON_CALL_TIME] = "call_time",
    [HONE_REASON_STEP_TIME] = "step_time",
    [HONE_REASON_FINDING] = "finding",
    [HONE_REASON_WORKER] = "worker",
    [HONE_REASON_PLUGIN] = "plugin",
    [HONE_REASON_SYSTEM] = "system",
    [HONE_REASON_CANCELLED] = "cancelled",
};

static const char *const stages[HONE_STAGE_COUNT] = {
    [HONE_STAGE_ADMIT] = "admit",     [HONE_STAGE_INSPECT_SOURCE] = "inspect_source",
    [HONE_STAGE_COMPILE] = "compile", [HONE_STAGE_INSPECT_BINARY] = "inspect_binary",
    [HONE_STAGE_VERIFY] = "verify",   [HONE_STAGE_TIME] = "time",
    [HONE_STAGE_PROFILE] = "profile", [HONE_STAGE_INSPECT_RUN] = "inspect_run",
    [HONE_STAGE_SCORE] = "score",     [HONE_STAGE_OBSERVE] = "observe",
};

static const char *const sets[] = {
    [HONE_DEBUG] = "debug",
    [HONE_VERIFY] = "verify",
    [HONE_BENCH] = "bench",
    [HONE_HIDDEN] = "hidden",
};

static const char *const severities[] = {
    [HONE_NOTE] = "note",
    [HONE_WARN] = "warn",
    [HONE_ZERO] = "zero",
    [HONE_QUARANTINE] = "quarantine",
};

static const char *name_of(const char *const *names, uint32_t count, uint32_t number) {
    return number < count && names[number] ? names[number] : "unknown";
}

const char *hone_verdict_name(uint32_t verdict) {
    return verdict < HONE_VERDICT_COUNT ? verdicts[verdict].name : "unknown";
}

const char *hone_reason_name(uint32_t reason) {
    return name_of(reasons, COUNT(reasons), reason);
}

const char *hone_stage_name(uint32_t stage) {
    return name_of(stages, COUNT(stages), stage);
}

const char *hone_set_name(uint32_t set) {
    return name_of(sets, COUNT(sets), set);
}

const char *hone_severity_name(uint32_t severity) {
    return name_of(severities, COUNT(severities), severity);
}

int hone_verdict_exit_code(uint32_t verdict) {
    return verdict < HONE_VERDICT_COUNT ? verdicts[verdict].exit_code : 20;
}

int hone_stage_mask(const char *names, uint32_t *mask) {
    uint32_t found = 0;
    for (const char *at = names;; at++) {
        size_t length = strcspn(at, ",");
        uint32_t stage = 0;
        while (stage < HONE_STAGE_COUNT &&
               (strlen(stages[stage]) != length || strncmp(stages[stage], at, length)))
            stage++;
        if (stage == HONE_STAGE_COUNT)
            return -EINVAL;
        found |= 1u << stage;
        at += length;
        if (!*at)
            break;
    }
    *mask = found;
    return 0;
}

uint32_t hone_stage_mask_fill(uint32_t mask) {
    uint32_t before = mask & ((1u << HONE_STAGE_SCORE) - 1);
    while (before & (before + 1))
        before |= before >> 1;
    return (mask & ((1u << HONE_STAGE_COUNT) - 1)) | before;
}
