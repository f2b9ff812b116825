/* Any bytes are rewritten: lines stay, and without what was put in it is the same text. What is put
 * in has no other characters than these. */
#include "hardware/cpu/cuda_text.h"

#include <stdlib.h>
#include <string.h>

static const char put_in[] = "{hone_turn();}hone_look(), true, ()";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t count_lines(const char *text, size_t size) {
    size_t lines = 0;
    for (size_t i = 0; i < size; i++)
        lines += text[i] == '\n';
    return lines;
}

/* Whether all of the text is there, in its order. */
static int has_all(const char *changed, size_t bytes, const char *text, size_t size) {
    size_t at = 0;
    for (size_t i = 0; i < bytes; i++)
        if (at < size && changed[i] == text[at])
            at++;
        else if (!changed[i] || !strchr(put_in, changed[i]))
            return 0;
    return at == size;
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
    if (!has_all(changed, bytes, text, size) ||
        count_lines(changed, bytes) != count_lines(text, size))
        abort();
    free(changed);
    free(text);
    return 0;
}
