/* rule.h - what detectors share: reporting with a format, options that are numbers, and instances
 * without state. For one .so each: everything is static. */
#ifndef HONE_DETECTOR_RULE_H
#define HONE_DETECTOR_RULE_H

#include "plugins/detector.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNUSED __attribute__((unused))

/* One finding; the text says what was seen and what would be honest, in 215 bytes. */
__attribute__((format(printf, 5, 6))) UNUSED static void say(const struct hone_findings *findings,
                                                             const char *rule, uint32_t severity,
                                                             uint32_t line, const char *format,
                                                             ...) {
    char text[sizeof(((struct hone_finding *)0)->text)];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    findings->report(findings->host, rule, severity, line, text);
}

/* What a person may be told a workload is called. */
UNUSED static const char *name_of(const char *id, uint32_t set) {
    return set == HONE_HIDDEN || !*id ? "a hidden workload" : id;
}

/* The instance of a rule with at most four options, all numbers, in the order of its list. */
struct numbers {
    double value[4];
};

UNUSED static int create_numbers(const struct hone_host *host, const struct hone_setting *settings,
                                 void **self, struct hone_error *error) {
    (void)host;
    struct numbers *numbers = calloc(1, sizeof *numbers);
    if (!numbers) {
        if (error)
            snprintf(error->text, sizeof error->text, "out of memory");
        return -ENOMEM;
    }
    for (int i = 0; i < 4 && settings[i].name; i++)
        numbers->value[i] = strtod(settings[i].value, NULL);
    *self = numbers;
    return 0;
}

UNUSED static double number(const void *self, int index) {
    return ((const struct numbers *)self)->value[index];
}

UNUSED static int create_nothing(const struct hone_host *host, const struct hone_setting *settings,
                                 void **self, struct hone_error *error) {
    (void)host, (void)settings, (void)error;
    *self = NULL;
    return 0;
}

/* The end of either. */
UNUSED static void destroy_rule(void *self) {
    free(self);
}

UNUSED static const struct hone_option no_options[] = {{.name = NULL}};

/* What every built-in rule says of itself alike. */
#define RULE(rule_name, rule_summary, rule_options, rule_create)                                   \
    const struct hone_plugin hone_plugin = {                                                       \
        .abi = HONE_PLUGIN_ABI,                                                                    \
        .size = sizeof hone_plugin,                                                                \
        .kind = HONE_DETECTOR,                                                                     \
        .flags = HONE_PLUGIN_CONCURRENT,                                                           \
        .name = rule_name,                                                                         \
        .version = "1.0",                                                                          \
        .summary = rule_summary,                                                                   \
        .options = rule_options,                                                                   \
        .create = rule_create,                                                                     \
        .destroy = destroy_rule,                                                                   \
        .detector = &ops,                                                                          \
    }

#endif
