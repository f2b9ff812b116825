/* Any bytes are rewritten: lines stay, and without what was put in it is the same text. */
#include "hardware/cpu/cuda_text.h"

#include <stdlib.h>
#include <string.h>

static const char put_in[] = "hone_turn(), (";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t count_lines(const char *text, size_t size) {
    size_t lines = 0;
    for (size_t i = 0; i < size; i++)
        lines += text[i] == '\n';
    return lines;
}

static size_t count_put_in(const char *text, size_t size) {
    size_t count = 0;
    for (size_t i = 0; i + sizeof put_in - 1 <= size; i++)
        count += memcmp(text + i, put_in, sizeof put_in - 1) == 0;
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size ? size : 1); /* exact, so that reading on is seen */
    uint64_t bytes = 0;
    if (!text)
        abort();
    memcpy(text, data, size);
    char *changed = hone_cuda_spins(text, size, &bytes);
    if (!changed)
        abort();
    const size_t count = count_put_in(changed, bytes) - count_put_in(text, size);
    if (bytes != size + count * sizeof put_in || /* with a bracket that closes */
        count_lines(changed, bytes) != count_lines(text, size))
        abort();
    free(changed);
    free(text);
    return 0;
}
