#include "core/facts.h"

#include "core/error.h"
#include "core/needs.h"
#include "core/text.h"
#include "core/verdict.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* `use` is the plugin's name in the settings: where one that is named by its path lies is told too,
 * so that it is found again from any folder. */
static json_t *describe(const struct hone_loaded *loaded, const char *use,
                        const struct hone_setting *settings) {
    json_t *values = json_object();
    for (; settings && settings->name; settings++)
        json_object_set_new(values, settings->name, hone_json_text(settings->value));
    json_t *one = json_pack("{s:s, s:s, s:s, s:o}", "name", loaded->plugin->name, "version",
                            loaded->plugin->version, "hash", loaded->hash, "settings", values);
    char *file = strchr(use, '/') ? realpath(loaded->path, NULL) : NULL;
    if (file)
        json_object_set_new(one, "file", hone_json_text(file));
    free(file);
    return one;
}

/* Plugins that run in scorers are only looked at here: the file, not an instance. */
static json_t *describe_uses(const struct hone_settings *settings, enum hone_kind kind,
                             const struct hone_device *device, struct hone_error *error) {
    uint32_t count;
    const struct hone_use *uses = hone_settings_uses(settings, kind, &count);
    json_t *list = json_array();
    for (uint32_t i = 0; i < count; i++) {
        struct hone_loaded loaded;
        struct hone_setting *values = NULL;
        if (kind == HONE_DETECTOR && hone_audit_is_absent(&uses[i])) {
            json_array_append_new(
                list, json_pack("{s:s, s:b, s:b}", "name", uses[i].name, "audit", 1, "absent", 1));
            continue;
        }
        if (hone_load(uses[i].name, kind, &loaded, error) ||
            hone_settings_plugin(settings, loaded.plugin, &values, error)) {
            json_decref(list);
            return NULL;
        }
        json_t *one = describe(&loaded, uses[i].name, values);
        if (kind == HONE_DETECTOR) {
            char lacks[160];
            const uint32_t needs = hone_needs_of(loaded.plugin);
            hone_needs_text(needs & ~hone_needs_given(device), lacks, sizeof lacks);
            json_object_set_new(one, "audit", json_boolean(uses[i].audit));
            json_object_set_new(one, "lacks", *lacks ? json_string(lacks) : json_null());
        }
        json_array_append_new(list, one);
        free(values);
    }
    return list;
}

/* The core's own settings that a verdict may depend on. */
static json_t *describe_judging(const struct hone_settings *settings) {
    json_t *severities = json_object();
    uint32_t severity;
    const char *rule;
    for (uint32_t i = 0; (rule = hone_settings_rule(settings, i, &severity)); i++)
        json_object_set_new(severities, rule, json_string(hone_severity_name(severity)));
    return json_pack("{s:o, s:s, s:s, s:s, s:I}", "severity", severities, "profile",
                     hone_settings_text(settings, "measure", "profile"), "counters",
                     hone_settings_text(settings, "measure", "counters"), "nvrtc",
                     hone_settings_text(settings, "compile", "nvrtc"), "source_bytes",
                     (json_int_t)hone_settings_integer(settings, "limits", "source_bytes"));
}

char *hone_facts(const struct hone_settings *settings, const struct hone_device *device,
                 const char *protocol, const struct hone_instance *hardware,
                 const struct hone_rewards *rewards, struct hone_error *error) {
    json_t *tasks = describe_uses(settings, HONE_TASK, device, error);
    json_t *detectors = tasks ? describe_uses(settings, HONE_DETECTOR, device, error) : NULL;
    if (!detectors) {
        json_decref(tasks);
        return NULL;
    }
    json_t *parts = json_array();
    uint32_t count;
    const struct hone_use *uses = hone_settings_uses(settings, HONE_REWARD, &count);
    for (uint32_t i = 0; i < rewards->count; i++) {
        const struct hone_instance *reward = &rewards->instances[i];
        json_t *one = describe(&reward->loaded, uses[i].name, reward->settings);
        json_object_set_new(one, "weight", hone_json_real(rewards->names[i].weight));
        json_array_append_new(parts, one);
    }
    json_t *facts = json_pack(
        "{s:s, s:{s:s, s:s, s:s, s:s, s:s}, s:s, s:o, s:o, s:o, s:o, s:o}", "version", HONE_VERSION,
        "device", "id", device->id, "name", device->name, "fingerprint", device->fingerprint,
        "confinement", device->confinement, "protocol", device->protocol, "protocol", protocol,
        "hardware", describe(&hardware->loaded, "", hardware->settings), "tasks", tasks, "rewards",
        parts, "detectors", detectors, "judging", describe_judging(settings));
    /* Every bit of a weight, so that a run can be scored again exactly. */
    char *text = facts ? json_dumps(facts, JSON_REAL_PRECISION(17) | JSON_COMPACT) : NULL;
    json_decref(facts);
    if (!text)
        hone_fail(error, -1, "facts: out of memory");
    return text;
}
