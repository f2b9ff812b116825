/* policy.h - what PTX may not do, found in its tokens. */
#ifndef HONE_PTX_POLICY_POLICY_H
#define HONE_PTX_POLICY_POLICY_H

#include "plugins/detector.h"
#include "plugins/detector/ptx_policy/ptx.h"

#define POLICY_FINDINGS_MAX 16

/* One inspection, lent to its parts. */
struct policy {
    const struct ptx *ptx;
    const struct hone_findings *findings;
    const char *entries; /* that the plan launches, separated by spaces; NULL: not known */
    uint32_t said;       /* findings so far; no more than POLICY_FINDINGS_MAX are told */
    uint32_t told[POLICY_FINDINGS_MAX]; /* the tokens that they are about */
};

/* A forbidden thing at a token, once for each spelling; `format` has one %.*s, for that. */
void policy_object(struct policy *policy, uint32_t token, const char *format)
    __attribute__((format(printf, 3, 0)));

/* Words that are forbidden wherever they stand. */
void policy_check_words(struct policy *policy);

/* Declarations and instructions: entries, functions and variables of others, and stores to the
 * module's variables. 0 or -ENOMEM. */
int policy_check_module(struct policy *policy);

/* A note on how many instructions compute in a lower precision than f32. */
void policy_count_opcodes(const struct policy *policy);

/* A set of names, each with a number. */
struct names {
    struct name {
        uint32_t token; /* where it is written; +1, 0: empty */
        uint32_t value;
    } * rows;
    uint32_t count, room; /* the latter a power of two */
    bool failed;          /* out of memory */
};

/* The number of the name at `token`, or NULL. */
const uint32_t *names_get(const struct names *names, const struct ptx *ptx, uint32_t token);
/* True when it is new; the first number stays. */
bool names_add(struct names *names, const struct ptx *ptx, uint32_t token, uint32_t value);
void names_finish(struct names *names);

/* An instruction: its opcode at `first`, operands up to the ';' at `end`. */
struct instruction {
    uint32_t first, end;
    uint32_t guard; /* token of its predicate; 0: none (no module begins with one) */
};

/* Follow the addresses of `variables` through the instructions of one function; object where one
 * may be written through. 0 or -ENOMEM. */
int policy_follow(struct policy *policy, const struct names *variables,
                  const struct instruction *instructions, uint32_t count);

#endif
