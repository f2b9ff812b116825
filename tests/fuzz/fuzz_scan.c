/* Any bytes are scanned: every refusal has a place in the text and a sentence, every kernel a name.
 * What is other code elsewhere is so for every device, and stays so before and behind other text;
 * what a condition is found to be, its contrary is not. */
#include "hardware/device/condition.h"
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

/* The text twice, on lines of its own: a `;` keeps its last word from being part of the next. */
static void check_twice(const char *text, size_t size, bool differs) {
    struct hone_scan *scan = malloc(sizeof *scan);
    char *twice = malloc(2 * size + 3);
    if (!twice || !scan)
        abort();
    memcpy(twice, text, size);
    memcpy(twice + size, ";\n", 2);
    memcpy(twice + size + 2, text, size);
    hone_scan_text(twice, 2 * size + 2, scan);
    if (differs && !hone_scan_differs(scan))
        abort();
    free(twice);
    free(scan);
}

/* The text's first line as a condition, and `!(` `)` around it. */
static void check_condition(const char *text, size_t size) {
    static struct hone_own_macros own;
    const char *end = memchr(text, '\n', size);
    const size_t length = end ? (size_t)(end - text) : size;
    char *contrary = malloc(length + 3);
    struct hone_tokens line, other;
    if (!contrary)
        abort();
    contrary[0] = '!';
    contrary[1] = '(';
    memcpy(contrary + 2, text, length);
    contrary[length + 2] = ')';
    hone_tokens_begin(&line, text, length);
    hone_tokens_begin(&other, contrary, length + 3);
    line.first = other.first = false;
    const enum hone_condition is = hone_condition_holds(line, &own);
    const enum hone_condition is_not = hone_condition_holds(other, &own);
    if (is == HONE_CONDITION_HOLDS && is_not == HONE_CONDITION_HOLDS)
        abort();
    if (is == HONE_CONDITION_FAILS && is_not == HONE_CONDITION_FAILS)
        abort();
    hone_condition_defined(line, &own);
    free(contrary);
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
        if (!refusal->line || refusal->line > lines || !refusal->column || refusal->column > size ||
            !refusal->devices || !strstr(sentence, "; use "))
            abort();
    }
    check_twice(text, size, hone_scan_differs(scan) != NULL);
    check_condition(text, size);
    const struct hone_scan_refusal *differs = hone_scan_differs(scan);
    if (differs && differs->devices != (HONE_SCAN_CPU | HONE_SCAN_CUDA))
        abort();
    for (uint32_t i = 0; i < scan->kernel_count; i++)
        if (!scan->kernels[i].name[0] || scan->kernels[i].line > lines)
            abort();
    free(scan);
    free(text);
    return 0;
}
