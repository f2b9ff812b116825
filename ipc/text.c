#include "hone.h"

const char *hone_text(const struct hone_observation *observation, enum hone_text_kind kind) {
    if (!observation)
        return "";
    uint32_t offset = 0;
    switch (kind) {
    case HONE_MESSAGE:
        offset = observation->message_offset;
        break;
    case HONE_FEEDBACK:
        offset = observation->feedback_offset;
        break;
    case HONE_PROMPT:
        offset = observation->prompt_offset;
        break;
    case HONE_JSON:
        offset = observation->json_offset;
        break;
    }
    return offset ? (const char *)observation + offset : "";
}

const char *hone_outcome_name(uint32_t outcome) {
    static const char *const names[] = {
        [HONE_OUTCOME_UNDECIDED] = "undecided",
        [HONE_OUTCOME_PASSED] = "passed",
        [HONE_OUTCOME_PARTIAL] = "partial",
        [HONE_OUTCOME_REJECTED] = "rejected",
        [HONE_OUTCOME_COMPILE_FAILED] = "compile_failed",
        [HONE_OUTCOME_POLICY_VIOLATION] = "policy_violation",
        [HONE_OUTCOME_CRASHED] = "crashed",
        [HONE_OUTCOME_TIMED_OUT] = "timed_out",
        [HONE_OUTCOME_WRONG] = "wrong",
        [HONE_OUTCOME_HACKED] = "hacked",
        [HONE_OUTCOME_INFRA_FAILED] = "infra_failed",
    };
    return outcome < sizeof names / sizeof names[0] ? names[outcome] : "unknown";
}
