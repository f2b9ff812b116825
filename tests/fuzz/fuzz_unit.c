/* Any bytes make a unit that ends in its entries; of the source nothing is repeated in it but a
 * kernel's parameters, which hold no directive. */
#include "hardware/cpu/cuda_text.h"

#include <stdlib.h>
#include <string.h>

static const char repeated[] = "typedef void hone_written_0(";
static const char end[] = "hone_run(words, hone_kernels, 1);\n}\n";

static const struct hone_plan_entry_argument arguments[] = {
    {.kind = HONE_ARGUMENT_POINTER, .type_bits = 32},
    {.kind = HONE_ARGUMENT_INT32},
};
static const struct hone_plan_entry entry = {
    .name = "k", .line = 1, .argument_count = 2, .arguments = arguments};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect_parameters(const char *unit) {
    const char *at = strstr(unit, repeated);
    const char *after = at ? strstr(at, ";\n#line 1 \"solve.cu\"\n") : NULL;
    if (!at)
        return;
    if (!after || after[-1] != ')' || memchr(at, '#', (size_t)(after - at)) ||
        memchr(at, '"', (size_t)(after - at)) || strstr(after, repeated))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *source = malloc(size + 1); /* exact, so that reading on is seen */
    if (!source)
        abort();
    memcpy(source, data, size);
    source[size] = '\0';
    const struct hone_compile_request request = {
        .source = source, .source_bytes = size, .entries = &entry, .plan_entry_count = 1};
    char *unit = hone_cuda_unit(&request, false, false);
    if (!unit || strlen(unit) < sizeof end ||
        strcmp(unit + strlen(unit) - (sizeof end - 1), end) != 0)
        abort();
    expect_parameters(unit);
    free(unit);
    free(source);
    return 0;
}
