#include "plugins/detector/ptx_policy/policy.h"

#include <errno.h>
#include <string.h>

#define PASSES_MAX 64
#define PASSES_MIN 3
#define TOKENS_MAX 4000000u /* in all passes: half a second or so */

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
/* Those of computing whose result is still an address, when no other operand is made of one. */
static const char *const moving[] = {"add", "cvta", "mad",  "mapa", "mov",
                                     "or",  "selp", "shfl", "sub"};
static const char *const carrying[] = {"addc", "madc", "subc"};

/* What is known of a function's registers. */
struct flow {
    const struct names *variables;
    struct names addresses; /* made of a variable's address in any way */
    struct names pieces;    /* of these, those that are none themselves, but tell of one */
    uint32_t carry;         /* the variable that the carry flag tells of; 0: none */
};

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
static const uint32_t *address_in(const struct ptx *ptx, const struct flow *flow, uint32_t begin,
                                  uint32_t end) {
    for (uint32_t i = begin; i < end; i++) {
        if (ptx->tokens[i].kind != PTX_WORD)
            continue;
        const uint32_t *found = names_get(flow->variables, ptx, i);
        found = found ? found : names_get(&flow->addresses, ptx, i);
        if (found)
            return found;
    }
    return NULL;
}

static bool has_piece(const struct ptx *ptx, const struct flow *flow, uint32_t begin,
                      uint32_t end) {
    for (uint32_t i = begin; i < end; i++)
        if (ptx->tokens[i].kind == PTX_WORD && names_get(&flow->pieces, ptx, i))
            return true;
    return false;
}

static bool holds_brace(const struct ptx *ptx, uint32_t begin, uint32_t end) {
    for (uint32_t i = begin; i < end; i++)
        if (ptx_is(ptx, i, "{"))
            return true;
    return false;
}

/* Whether the result is an address and nothing less: with such one, only what the variable itself
 * holds can be read. */
static bool moves(const struct ptx *ptx, const struct flow *flow,
                  const struct instruction *instruction, uint32_t second) {
    const uint32_t opcode = instruction->first;
    const bool same = is_one_of(ptx, opcode, moving, sizeof moving / sizeof *moving) ||
                      ptx_is(ptx, opcode, "cvt.u64.u64") || ptx_is(ptx, opcode, "cvt.s64.s64");
    return same && !instruction->guard && !holds_brace(ptx, opcode, instruction->end) &&
           !has_piece(ptx, flow, second, instruction->end);
}

/* True when a name was not known and is now. */
static bool take(const struct ptx *ptx, struct names *names, uint32_t begin, uint32_t end,
                 uint32_t variable) {
    bool more = false;
    for (uint32_t i = begin; i < end; i++)
        if (ptx->tokens[i].kind == PTX_WORD)
            more |= names_add(names, ptx, i, variable);
    return more;
}

static bool sets_carry(const struct ptx *ptx, uint32_t opcode) {
    const char *text = ptx->text + ptx->tokens[opcode].at;
    for (uint32_t i = 0; i + 3 <= ptx->tokens[opcode].length; i++)
        if (memcmp(text + i, ".cc", 3) == 0)
            return true;
    return false;
}

static bool follow_one(const struct ptx *ptx, struct flow *flow,
                       const struct instruction *instruction) {
    const uint32_t first = instruction->first, second = end_of_first(ptx, instruction);
    const uint32_t *variable = address_in(ptx, flow, second, instruction->end);
    if (!variable && instruction->guard)
        variable = names_get(&flow->addresses, ptx, instruction->guard);
    if (!variable && flow->carry &&
        is_one_of(ptx, first, carrying, sizeof carrying / sizeof *carrying))
        variable = &flow->carry;
    if (!variable || use_of(ptx, first) != COMPUTES)
        return false;
    const uint32_t token = *variable;
    bool more = !flow->carry && sets_carry(ptx, first);
    if (more)
        flow->carry = token;
    more |= take(ptx, &flow->addresses, first + 1, second, token);
    if (!moves(ptx, flow, instruction, second))
        more |= take(ptx, &flow->pieces, first + 1, second, token);
    return more;
}

/* One that reads where a part of an address says finds out that part. */
static const uint32_t *tells(const struct ptx *ptx, const struct flow *flow,
                             const struct instruction *instruction) {
    const uint32_t second = end_of_first(ptx, instruction);
    if (instruction->guard && names_get(&flow->addresses, ptx, instruction->guard))
        return names_get(&flow->addresses, ptx, instruction->guard);
    return has_piece(ptx, flow, second, instruction->end)
               ? address_in(ptx, flow, second, instruction->end)
               : NULL;
}

static void judge_one(struct policy *policy, const struct flow *flow,
                      const struct instruction *instruction) {
    const struct ptx *ptx = policy->ptx;
    const enum use use = use_of(ptx, instruction->first);
    if (use == COMPUTES)
        return;
    const uint32_t end = use == ESCAPES ? instruction->end : end_of_first(ptx, instruction);
    const uint32_t *variable =
        use == READS ? NULL : address_in(ptx, flow, instruction->first + 1, end);
    if (!variable && use == ESCAPES && instruction->guard)
        variable = names_get(&flow->addresses, ptx, instruction->guard);
    if (!variable && use != ESCAPES)
        variable = tells(ptx, flow, instruction);
    if (variable)
        policy_object(policy, *variable,
                      "may write to the module's variable `%.*s`, which outlives a call; use a "
                      "`workspace` line of the plan");
}

/* Passes over all instructions, of which long functions get fewer: code that compilers make needs
 * two. */
static uint32_t passes_for(const struct instruction *instructions, uint32_t count) {
    const uint32_t tokens = instructions[count - 1].end - instructions[0].first;
    const uint32_t passes = TOKENS_MAX / (tokens + 1);
    return passes < PASSES_MIN ? PASSES_MIN : passes < PASSES_MAX ? passes : PASSES_MAX;
}

int policy_follow(struct policy *policy, const struct names *variables,
                  const struct instruction *instructions, uint32_t count) {
    struct flow flow = {.variables = variables};
    bool more = true;
    for (uint32_t left = passes_for(instructions, count); more && left > 0; left--) {
        more = false;
        for (uint32_t i = 0; i < count; i++)
            more |= follow_one(policy->ptx, &flow, &instructions[i]);
    }
    if (more)
        policy_object(policy, instructions[0].first,
                      "does too much with addresses of the module's variables, from `%.*s` on");
    for (uint32_t i = 0; i < count; i++)
        judge_one(policy, &flow, &instructions[i]);
    const int result = flow.addresses.failed || flow.pieces.failed ? -ENOMEM : 0;
    names_finish(&flow.addresses);
    names_finish(&flow.pieces);
    return result;
}
