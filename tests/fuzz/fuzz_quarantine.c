/* A file of the quarantine's folder, of any bytes. */
#include "core/quarantine_file.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct hone_quarantined one;
    char *exact = malloc(size ? size : 1);
    if (!exact)
        return 0;
    memcpy(exact, data, size);
    if (!hone_quarantine_parse(exact, size, &one) &&
        (one.source < exact || one.source + one.source_bytes != exact + size || !*one.rule))
        abort();
    free(exact);
    return 0;
}
