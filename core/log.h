/* log.h - one sink for messages to the person who runs the server: standard error, one line each.
 * Set-up, teardown and environment failures only; steps are records, not log lines. Any thread. */
#ifndef HONE_CORE_LOG_H
#define HONE_CORE_LOG_H

#include "plugins/plugin.h"

void hone_log_level(enum hone_log_level most); /* before any thread starts; default HONE_LOG_INFO */
void hone_log(enum hone_log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
