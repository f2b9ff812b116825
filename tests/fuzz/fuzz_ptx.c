/* Any text is PTX that may pass or a finding; never more. */
#include "plugins/detector.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void hear(void *host, const char *rule, uint32_t severity, uint32_t line, const char *text) {
    (void)line;
    if (!*rule || !*text || severity < HONE_NOTE || severity > HONE_ZERO || ++*(int *)host > 17)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    int count = 0;
    const struct hone_findings findings = {.size = sizeof findings, .host = &count, .report = hear};
    char *text = malloc(size + 1); /* exact, so that reading on is seen */
    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    const struct hone_binary binary = {
        .size = sizeof binary,
        .listing = text,
        .listing_bytes = size,
        .language = "cuda",
        .task = "",
        .entries = "k",
    };
    if (hone_plugin.detector->inspect_binary(NULL, &binary, &findings))
        abort();
    free(text);
    return 0;
}
