#include "plugins/detector/ptx_policy/policy.h"

#include <errno.h>
#include <string.h>

#define PASSES_MAX 64

/* What an instruction does with an address that it is given. */
enum use {
    COMPUTES, /* makes another of it: its first operand */
    READS,    /* reads there */
    COPIES,   /* reads there, unless it is its first operand: then it writes */
    ESCAPES,  /* anything else: it may write, or hand it on */
};

static const char *const computing[] = {
    "abs",  "add",  "addc", "and",  "bfe",  "bfi",      "brev", "bfind", "clz",   "cnot",
    "cvt",  "cvta", "dp2a", "dp4a", "fns",  "isspacep", "lop3", "mad",   "mad24", "madc",
    "mapa", "max",  "min",  "mov",  "mul",  "mul24",    "neg",  "not",   "or",    "popc",
    "prmt", "rem",  "sad",  "div",  "selp", "set",      "setp", "shf",   "shfl",  "shl",
    "shr",  "slct", "sub",  "subc", "vote", "match",    "xor",  "redux",
};
static const char *const reading[] = {"ld", "ldu", "ldmatrix", "prefetch", "prefetchu"};

static bool is_one_of(const struct ptx *ptx, uint32_t token, const char *const *words,
                      size_t count) {
    const char *text = ptx->text + ptx->tokens[token].at;
    const uint32_t length = ptx->tokens[token].length;
    const char *dot = memchr(text, '.', length);
    const size_t base = dot ? (size_t)(dot - text) : length;
    for (size_t i = 0; i < count; i++)
        if (strlen(words[i]) == base && memcmp(text, words[i], base) == 0)
            return true;
    return false;
}

static enum use use_of(const struct ptx *ptx, uint32_t opcode) {
    if (is_one_of(ptx, opcode, computing, sizeof computing / sizeof *computing))
        return COMPUTES;
    if (is_one_of(ptx, opcode, reading, sizeof reading / sizeof *reading) ||
        ptx_begins(ptx, opcode, "wmma.load") || ptx_begins(ptx, opcode, "cp.async.bulk.prefetch"))
        return READS;
    return ptx_begins(ptx, opcode, "cp.async.") ? COPIES : ESCAPES;
}

/* Where the first operand ends: a ',' outside brackets, or the ';'. */
static uint32_t end_of_first(const struct ptx *ptx, const struct instruction *instruction) {
    uint32_t nested = 0, i = instruction->first + 1;
    for (; i < instruction->end; i++) {
        if (ptx->tokens[i].kind != PTX_MARK)
            continue;
        const char mark = ptx->text[ptx->tokens[i].at];
        nested += mark == '[' || mark == '{' || mark == '(';
        nested -= nested && (mark == ']' || mark == '}' || mark == ')');
        if (mark == ',' && !nested)
            break;
    }
    return i;
}

/* The variable whose address is in one of the words from `begin` on, as its token; or NULL. */
static const uint32_t *address_in(const struct ptx *ptx, const struct names *variables,
                                  const struct names *registers, uint32_t begin, uint32_t end) {
    for (uint32_t i = begin; i < end; i++) {
        if (ptx->tokens[i].kind != PTX_WORD)
            continue;
        const uint32_t *found = names_get(variables, ptx, i);
        found = found ? found : names_get(registers, ptx, i);
        if (found)
            return found;
    }
    return NULL;
}

/* True when a register was not known to hold an address and is now. */
static bool take(const struct ptx *ptx, struct names *registers, uint32_t begin, uint32_t end,
                 uint32_t variable) {
    bool more = false;
    for (uint32_t i = begin; i < end; i++)
        if (ptx->tokens[i].kind == PTX_WORD)
            more |= names_add(registers, ptx, i, variable);
    return more;
}

static bool follow_one(const struct ptx *ptx, const struct names *variables,
                       struct names *registers, const struct instruction *instruction) {
    const uint32_t first = instruction->first, second = end_of_first(ptx, instruction);
    const uint32_t *variable = address_in(ptx, variables, registers, second, instruction->end);
    if (!variable && instruction->guard)
        variable = names_get(registers, ptx, instruction->guard);
    return variable && use_of(ptx, first) == COMPUTES &&
           take(ptx, registers, first + 1, second, *variable);
}

static void judge_one(struct policy *policy, const struct names *variables,
                      const struct names *registers, const struct instruction *instruction) {
    const struct ptx *ptx = policy->ptx;
    const enum use use = use_of(ptx, instruction->first);
    if (use == COMPUTES || use == READS)
        return;
    const uint32_t end = use == COPIES ? end_of_first(ptx, instruction) : instruction->end;
    const uint32_t *variable = address_in(ptx, variables, registers, instruction->first + 1, end);
    if (!variable && instruction->guard)
        variable = names_get(registers, ptx, instruction->guard);
    if (variable)
        policy_object(policy, *variable,
                      "may write to the module's variable `%.*s`, which outlives a call; use a "
                      "`workspace` line of the plan");
}

int policy_follow(struct policy *policy, const struct names *variables,
                  const struct instruction *instructions, uint32_t count) {
    struct names registers = {0};
    bool more = true;
    for (int turn = 0; more && turn < PASSES_MAX; turn++) {
        more = false;
        for (uint32_t i = 0; i < count; i++)
            more |= follow_one(policy->ptx, variables, &registers, &instructions[i]);
    }
    if (more)
        policy_object(policy, instructions[0].first,
                      "does too much with addresses of the module's variables, from `%.*s` on");
    for (uint32_t i = 0; i < count; i++)
        judge_one(policy, variables, &registers, &instructions[i]);
    const int result = registers.failed ? -ENOMEM : 0;
    names_finish(&registers);
    return result;
}
