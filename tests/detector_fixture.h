/* detector_fixture.h - one detector with its own defaults, as a scorer has it. */
#ifndef HONE_TESTS_DETECTOR_FIXTURE_H
#define HONE_TESTS_DETECTOR_FIXTURE_H

#include "core/loader.h"
#include "core/settings.h"
#include "plugins/detector.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static struct hone_settings *settings;
static struct hone_instance detector;

static inline void open_detector(const char *name) {
    struct hone_error error;
    cr_assert(eq(int, hone_settings_open(NULL, NULL, &settings, &error), 0), "%s", error.text);
    int failed = hone_instance_create(settings, name, HONE_DETECTOR, NULL, NULL, &detector, &error);
    cr_assert(eq(int, failed, 0), "%s", error.text);
}

static inline void close_detector(void) {
    hone_instance_destroy(&detector);
    hone_settings_close(settings);
}

static inline const struct hone_detector_ops *detector_ops(void) {
    return detector.loaded.plugin->detector;
}

#endif
