/* Any bytes are scanned: every refusal has a place in the text and a sentence, every kernel a name.
 */
#include "hardware/device/scan.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t count_lines(const uint8_t *data, size_t size) {
    uint32_t lines = 1;
    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n';
    return lines;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size ? size : 1); /* exact, so that reading on is seen */
    struct hone_scan *scan = malloc(sizeof *scan);
    if (!text || !scan)
        abort();
    memcpy(text, data, size);
    hone_scan_text(text, size, scan);
    uint32_t lines = count_lines(data, size);
    if (scan->refusal_count > HONE_SCAN_REFUSALS_MAX || scan->kernel_count > HONE_SCAN_KERNELS_MAX)
        abort();
    for (uint32_t i = 0; i < scan->refusal_count; i++) {
        const struct hone_scan_refusal *refusal = &scan->refusals[i];
        char sentence[512];
        hone_scan_explain(refusal, sentence, sizeof sentence);
        if (!refusal->line || refusal->line > lines || !refusal->column ||
            refusal->column > size || !refusal->devices || !strstr(sentence, "; use "))
            abort();
    }
    for (uint32_t i = 0; i < scan->kernel_count; i++)
        if (!scan->kernels[i].name[0] || scan->kernels[i].line > lines)
            abort();
    free(scan);
    free(text);
    return 0;
}
