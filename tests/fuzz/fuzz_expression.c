/* Any text is an expression or an error with a column; never more. */
#include "core/expression.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct hone_name rows[] = {{.name = "m", .integer = 7},
                                            {.name = "n", .integer = INT64_MAX},
                                            {.name = "scale", .is_real = true, .real = 0.5}};
    static const struct hone_names names = {rows, 3};
    char *text = malloc(size + 1); /* exact, so that reading on is seen */
    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    struct hone_error error = {""};
    int64_t whole;
    double value;
    if (hone_expression_integer(text, &names, &whole, &error) < 0 && !*error.text)
        abort();
    int result = hone_expression_real(text, &names, &value, &error);
    if ((result < 0 && !*error.text) || (result == 0 && !isfinite(value)))
        abort();
    free(text);
    return 0;
}
