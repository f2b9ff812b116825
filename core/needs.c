#include "core/needs.h"

#include "core/error.h"
#include "core/loader.h"
#include "core/log.h"
#include "core/watch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const names[] = {"same_inputs", "one_element", "leave_out", "deviation",
                                    "cpu_time",    "clock_rate",  "profile",   "counters"};
#define NAMES (sizeof names / sizeof *names)

uint32_t hone_needs_given(const struct hone_device *device) {
    uint32_t given = device->gives | HONE_NEED_PROBES | HONE_NEED_DEVIATION;
    if (device->clock_hz > 0)
        given |= HONE_NEED_CLOCK_RATE;
    return given;
}

uint32_t hone_needs_of(const struct hone_plugin *detector) {
    return HONE_HAS(detector->detector, needs) ? detector->detector->needs : 0;
}

void hone_needs_text(uint32_t needs, char *text, size_t size) {
    size_t used = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < NAMES && used < size; i++)
        if (needs & 1u << i)
            used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "", names[i]);
    if (needs >> NAMES && used < size)
        snprintf(text + used, size - used, "%ssomething newer than this host", used ? ", " : "");
}

int hone_detectors_check(const struct hone_settings *settings, struct hone_error *error) {
    uint32_t count;
    const struct hone_use *uses = hone_settings_uses(settings, HONE_DETECTOR, &count);
    for (uint32_t i = 0; i < count; i++) {
        struct hone_error why = {""};
        char path[512];
        int code = hone_load_find(uses[i].name, HONE_DETECTOR, path, sizeof path, &why);
        if (code && !uses[i].audit)
            return hone_fail(error, code,
                             "%.300s; nothing is judged without a rule that may object: "
                             "`--set detectors.%.60s=off` if that is meant",
                             why.text, uses[i].name);
        if (code)
            hone_log(HONE_LOG_WARN, "%s; it is an audit, so steps are judged without it", why.text);
    }
    return 0;
}

bool hone_audit_is_absent(const struct hone_use *use) {
    char path[512];
    return use->audit && hone_load_find(use->name, HONE_DETECTOR, path, sizeof path, NULL);
}

int hone_needs_collect(const struct hone_settings *settings, const struct hone_device *device,
                       uint32_t *needs, uint32_t *advised, struct hone_error *error) {
    const uint32_t given = hone_needs_given(device);
    uint32_t count, live = 0, all = 0;
    const struct hone_use *uses = hone_settings_uses(settings, HONE_DETECTOR, &count);
    for (uint32_t i = 0; i < count; i++) {
        struct hone_loaded loaded;
        if (hone_audit_is_absent(&uses[i]))
            continue;
        /* What is live has been loaded by a scorer before; an audit has not. */
        int code = uses[i].audit ? hone_watch_load(uses[i].name, HONE_DETECTOR, &loaded, error)
                                 : hone_load(uses[i].name, HONE_DETECTOR, &loaded, error);
        if (code)
            return code;
        const uint32_t mine = hone_needs_of(loaded.plugin);
        if (mine & ~given)
            continue;
        all |= mine;
        live |= uses[i].audit ? 0 : mine;
    }
    *needs = all;
    *advised = all & ~live;
    return 0;
}

int hone_needs_met(const struct hone_plugin *detector, const struct hone_evidence *evidence,
                   struct hone_error *error) {
    const uint32_t needs = hone_needs_of(detector);
    const uint32_t missing = needs & ~evidence->gathered;
    if (needs & ~evidence->gives)
        return 0;
    if (!missing || evidence->verdict != HONE_UNDECIDED ||
        !(evidence->stages & 1u << HONE_STAGE_TIME))
        return 1;
    char text[160];
    hone_needs_text(missing, text, sizeof text);
    return hone_fail(error, -EIO,
                     "detector/%s: the evidence of this step lacks %s, which device %s gives",
                     detector->name, text, evidence->device);
}
