/* Any bytes as hone.ini: either an error with a text, or settings whose print reads back as
 * themselves. */
#include "core/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int open_bytes(const void *bytes, size_t size, struct hone_settings **settings) {
    char path[64];
    struct hone_error error = {{0}};
    int file = memfd_create("ini", MFD_CLOEXEC);
    if (file < 0 || write(file, bytes, size) != (ssize_t)size)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    int result = hone_settings_open(path, NULL, settings, &error);
    close(file);
    if (result && !error.text[0])
        abort(); /* every error has a reason */
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct hone_settings *first, *second;
    if (open_bytes(data, size, &first))
        return 0;
    char *once = hone_settings_print(first);
    if (!once || open_bytes(once, strlen(once), &second))
        abort();
    char *twice = hone_settings_print(second);
    if (!twice || strcmp(once, twice))
        abort();
    free(once);
    free(twice);
    hone_settings_close(first);
    hone_settings_close(second);
    return 0;
}
