#include "core/log.h"

#include "core/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static enum hone_log_level most_shown = HONE_LOG_INFO;

void hone_log_level(enum hone_log_level most) {
    most_shown = most;
}

void hone_log(enum hone_log_level level, const char *format, ...) {
    static const char *const names[] = {"error: ", "warning: ", "", "debug: "};
    if (level > most_shown)
        return;
    char line[1024];
    int used = snprintf(line, sizeof line, "hone: %s", names[level]);
    va_list arguments;
    va_start(arguments, format);
    used += vsnprintf(line + used, sizeof line - (size_t)used - 1, format, arguments);
    va_end(arguments);
    if (used > (int)sizeof line - 2)
        used = (int)sizeof line - 2;
    /* Names and texts may be anybody's: none begins a line of its own, or speaks to a terminal. */
    hone_text_line(line);
    line[used++] = '\n';
    /* One write, so that lines of several threads and processes do not mix. */
    ssize_t written = write(STDERR_FILENO, line, (size_t)used);
    (void)written;
}
