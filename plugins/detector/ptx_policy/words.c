#include "plugins/detector/ptx_policy/policy.h"

#include <stdio.h>
#include <string.h>

/* A row matches a word that is, begins with, or holds as a part the given one. */
enum match { WHOLE, BEGIN, PART };

static const struct {
    enum match match;
    const char *word;
    const char *why;
} forbidden[] = {
    {WHOLE, "%clock", "reads a clock (%.*s); the observation carries the times"},
    {WHOLE, "%clock_hi", "reads a clock (%.*s); the observation carries the times"},
    {WHOLE, "%clock64", "reads a clock (%.*s); the observation carries the times"},
    {BEGIN, "%globaltimer", "reads a clock (%.*s); the observation carries the times"},
    {BEGIN, "%pm", "reads a performance counter (%.*s); profiles come with the observation"},
    {WHOLE, "%gridid", "tells one launch from another (%.*s); every call must do the same work"},
    {WHOLE, "%current_graph_exec",
     "tells one launch from another (%.*s); every call must do the "
     "same work"},
    {BEGIN, "%envreg", "reads what the driver keeps (%.*s); use arguments"},
    {WHOLE, ".managed",
     "has managed memory (%.*s), which the host can reach; use a `workspace` "
     "line of the plan"},
    {BEGIN, "createpolicy",
     "makes a cache policy (%.*s), by which data may stay in L2 from one "
     "call to the next; use ld and st with .cs"},
    {BEGIN, "applypriority", "changes what stays in L2 (%.*s) from one call to the next"},
    {BEGIN, "discard.", "throws cached data away (%.*s), so that what memory holds is undefined"},
    {PART, ".L2::cache_hint",
     "obeys a cache policy (%.*s), by which data may stay in L2 from one "
     "call to the next; use ld and st with .cs"},
    {PART, ".L2::evict_last",
     "asks for data to stay in L2 (%.*s) from one call to the next; every "
     "call begins with a cold cache"},
    {PART, ".L2::evict_unchanged", "changes what stays in L2 (%.*s) from one call to the next"},
    {WHOLE, ".texref", "has a texture (%.*s); use plain loads, or __ldg()"},
    {WHOLE, ".samplerref", "has a sampler (%.*s); use plain loads, or __ldg()"},
    {WHOLE, ".surfref", "has a surface (%.*s); use plain loads and stores"},
};

static bool holds(const struct ptx *ptx, uint32_t token, const char *part) {
    const struct ptx_token *word = &ptx->tokens[token];
    const size_t length = strlen(part);
    for (uint32_t i = 0; i + length <= word->length; i++)
        if (memcmp(ptx->text + word->at + i, part, length) == 0)
            return true;
    return false;
}

static bool matches(const struct ptx *ptx, uint32_t token, enum match match, const char *word) {
    if (match == WHOLE)
        return ptx_is(ptx, token, word);
    return match == BEGIN ? ptx_begins(ptx, token, word) : holds(ptx, token, word);
}

/* A register of a candidate's own may be called %pmean, say; the counters are %pm0 to %pm7 and
 * their halves. */
static bool is_own_register(const struct ptx *ptx, uint32_t token, const char *word) {
    const struct ptx_token *here = &ptx->tokens[token];
    if (strcmp(word, "%pm") != 0)
        return false;
    const char next = here->length > 3 ? ptx->text[here->at + 3] : '\0';
    return next < '0' || next > '9';
}

void policy_check_words(struct policy *policy) {
    const struct ptx *ptx = policy->ptx;
    for (uint32_t i = 0; i < ptx->count; i++) {
        const char first = ptx->text[ptx->tokens[i].at];
        if (ptx->tokens[i].kind != PTX_WORD ||
            (first != '%' && first != '.' && (first < 'a' || first > 'z')))
            continue;
        for (size_t k = 0; k < sizeof forbidden / sizeof *forbidden; k++)
            if (matches(ptx, i, forbidden[k].match, forbidden[k].word) &&
                !is_own_register(ptx, i, forbidden[k].word)) {
                policy_object(policy, i, forbidden[k].why);
                break;
            }
    }
}

static const char *const narrow[] = {"tf32", "f16", "bf16", "e4m3", "e5m2", "e2m1", "e2m3", "e3m2"};
#define NARROW_COUNT (sizeof narrow / sizeof *narrow)

/* A part of an opcode: ".f16", or ".f16x2". */
static bool computes_in(const struct ptx *ptx, uint32_t token, const char *type) {
    char part[16];
    snprintf(part, sizeof part, ".%s", type);
    return holds(ptx, token, part);
}

void policy_count_opcodes(const struct policy *policy) {
    const struct ptx *ptx = policy->ptx;
    uint32_t counts[NARROW_COUNT] = {0}, products = 0, any = 0;
    for (uint32_t i = 0; i < ptx->count; i++) {
        if (ptx->tokens[i].kind != PTX_WORD || ptx->text[ptx->tokens[i].at] == '.')
            continue;
        products += ptx_begins(ptx, i, "mma.sync") || ptx_begins(ptx, i, "wmma.mma") ||
                    ptx_begins(ptx, i, "wgmma.mma") || ptx_begins(ptx, i, "tcgen05.mma");
        for (size_t k = 0; k < NARROW_COUNT; k++)
            counts[k] += computes_in(ptx, i, narrow[k]);
    }
    for (size_t k = 0; k < NARROW_COUNT; k++)
        any += counts[k];
    if (!any && !products)
        return;
    char text[sizeof(((struct hone_finding *)0)->text)];
    size_t used =
        (size_t)snprintf(text, sizeof text, "%u tensor-core products; instructions in ", products);
    for (size_t k = 0; k < NARROW_COUNT && used < sizeof text; k++)
        if (counts[k])
            used +=
                (size_t)snprintf(text + used, sizeof text - used, "%s: %u, ", narrow[k], counts[k]);
    if (used >= 2 && used < sizeof text)
        text[any ? used - 2 : used - strlen("; instructions in ")] = '\0';
    policy->findings->report(policy->findings->host, "ptx_census", HONE_NOTE, 0, text);
}
