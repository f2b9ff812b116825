/* ptx_policy.c - device code that keeps state from call to call, looks at clocks, or reaches beyond
 * its module.
 *
 * On the PTX, not on the text: macros and inline assembly have been expanded there. What it is made
 * of: tokens (ptx.c), forbidden words (words.c), declarations and instructions (module.c), and
 * where the addresses of the module's variables go (follow.c).
 */
#include "plugins/detector/ptx_policy/policy.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool is_told(const struct policy *policy, uint32_t token) {
    const struct ptx_token *here = &policy->ptx->tokens[token];
    for (uint32_t i = 0; i < policy->said; i++) {
        const struct ptx_token *other = &policy->ptx->tokens[policy->told[i]];
        if (other->length == here->length &&
            memcmp(policy->ptx->text + other->at, policy->ptx->text + here->at, here->length) == 0)
            return true;
    }
    return false;
}

void policy_object(struct policy *policy, uint32_t token, const char *format) {
    const struct ptx_token *here = &policy->ptx->tokens[token];
    char text[sizeof(((struct hone_finding *)0)->text)];
    if (policy->said == POLICY_FINDINGS_MAX || is_told(policy, token))
        return;
    policy->told[policy->said++] = token;
    snprintf(text, sizeof text, format, (int)(here->length < 64 ? here->length : 64),
             policy->ptx->text + here->at);
    policy->findings->report(policy->findings->host, "ptx_policy", HONE_ZERO, 0, text);
}

static int inspect_binary(void *self, const struct hone_binary *binary,
                          const struct hone_findings *findings) {
    struct ptx ptx;
    uint32_t line;
    (void)self;
    if (!binary->listing)
        return 0;
    int result = ptx_open(binary->listing, binary->listing_bytes, &ptx, &line);
    if (result == -EINVAL || result == -EFBIG) {
        char text[96];
        snprintf(text, sizeof text,
                 "its PTX cannot be read (line %u); leave inline assembly to "
                 "instructions",
                 line);
        findings->report(findings->host, "ptx_policy", HONE_ZERO, 0, text);
        return 0;
    }
    if (result)
        return result;
    struct policy policy = {
        .ptx = &ptx,
        .findings = findings,
        .entries = HONE_HAS(binary, entries) ? binary->entries : NULL,
    };
    policy_check_words(&policy);
    result = policy_check_module(&policy);
    policy_count_opcodes(&policy);
    ptx_finish(&ptx);
    return result;
}

static int create(const struct hone_host *host, const struct hone_setting *settings, void **self,
                  struct hone_error *error) {
    (void)host, (void)settings, (void)error;
    *self = NULL;
    return 0;
}

static void destroy(void *self) {
    (void)self;
}

static const struct hone_detector_ops ops = {.size = sizeof ops, .inspect_binary = inspect_binary};

static const struct hone_option options[] = {{.name = NULL}};

const struct hone_plugin hone_plugin = {
    .abi = HONE_PLUGIN_ABI,
    .size = sizeof hone_plugin,
    .kind = HONE_DETECTOR,
    .flags = HONE_PLUGIN_CONCURRENT,
    .name = "ptx_policy",
    .version = "1.0",
    .summary = "device code that keeps state, reads clocks or reaches beyond its module",
    .options = options,
    .create = create,
    .destroy = destroy,
    .detector = &ops,
};
