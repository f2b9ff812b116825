/* condition.h - what an #if of a CUDA text asks, and whether every device answers alike.
 *
 * A source must be the same code on all of them. So it may ask for what it defines itself, for what
 * nobody predefines, and for the macros of hone_words_macros, nothing else that compilers answer.
 * Untrusted text; linear, nothing allocated. */
#ifndef HONE_DEVICE_CONDITION_H
#define HONE_DEVICE_CONDITION_H

#include "hardware/device/tokens.h"

#include <stdbool.h>
#include <stdint.h>

enum hone_condition { HONE_CONDITION_UNKNOWN, HONE_CONDITION_HOLDS, HONE_CONDITION_FAILS };

/* Names with a leading underscore that the source defines; more, or longer ones, are not known. */
#define HONE_OWN_MACROS_MAX 64
#define HONE_OWN_MACRO_SIZE 64
struct hone_own_macros {
    uint32_t count;
    char names[HONE_OWN_MACROS_MAX][HONE_OWN_MACRO_SIZE];
};

/* Begins like the names that belong to compilers: `__`, or `_` and a capital letter. */
bool hone_macro_is_reserved(const char *name);
void hone_own_macros_add(struct hone_own_macros *own, const struct hone_token *name);
bool hone_own_macros_have(const struct hone_own_macros *own, const char *name);

/* Whether devices may differ in what they make of a word in a condition. */
bool hone_condition_differs(const struct hone_own_macros *own, const struct hone_token *word);
/* Whether the one name behind #ifdef is defined; whether the expression behind #if holds. */
enum hone_condition hone_condition_defined(struct hone_tokens line,
                                           const struct hone_own_macros *own);
enum hone_condition hone_condition_holds(struct hone_tokens line,
                                         const struct hone_own_macros *own);

#endif
