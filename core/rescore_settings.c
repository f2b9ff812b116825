/* What a run was scored with, as its facts tell it, made into settings again. */
#include "core/rescore.h"

#include "core/error.h"
#include "core/loader.h"
#include "core/run_json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OVERRIDES_MAX 512

struct overrides {
    char *texts[OVERRIDES_MAX + 1]; /* NULL-terminated */
    uint32_t count;
    FILE *notes;
};

static int add(struct overrides *overrides, const char *section, const char *name,
               const char *value, struct hone_error *error) {
    if (overrides->count == OVERRIDES_MAX)
        return hone_fail(error, -E2BIG, "the run's facts hold more than %d settings",
                         OVERRIDES_MAX);
    char **text = &overrides->texts[overrides->count];
    if (asprintf(text, "%s.%s=%s", section, name, value) < 0) {
        *text = NULL;
        return hone_fail(error, -ENOMEM, "out of memory");
    }
    overrides->count++;
    return 0;
}

static const char *text_of(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

/* By which name settings find the plugin: its file where it was named by one. */
static const char *use_of(const json_t *plugin) {
    const char *file = text_of(plugin, "file");
    return *file ? file : text_of(plugin, "name");
}

/* A plugin that is not where it was, or not what it was. */
static int look_at(struct overrides *overrides, const json_t *plugin, enum hone_kind kind,
                   struct hone_error *error) {
    struct hone_loaded loaded;
    const char *name = text_of(plugin, "name"), *use = use_of(plugin);
    if (hone_load(use, kind, &loaded, NULL))
        return hone_fail(error, -ENOENT,
                         "%s %s, which scored this run, is not found as %s; name its file: %s",
                         hone_kind_name(kind), name, use,
                         kind == HONE_REWARD ? "--reward ./FILE.so=WEIGHT, with all other rewards"
                                             : "--detector ./FILE.so=audit");
    if (strcmp(loaded.hash, text_of(plugin, "hash")))
        fprintf(overrides->notes, "%s %s is another file than the one that scored this run\n",
                hone_kind_name(kind), name);
    return 0;
}

static int add_plugin(struct overrides *overrides, const json_t *plugin, enum hone_kind kind,
                      struct hone_error *error) {
    const char *name = text_of(plugin, "name"), *option;
    char section[128], value[64] = "audit";
    json_t *setting;
    int failed = look_at(overrides, plugin, kind, error);
    if (failed)
        return failed;
    if (kind == HONE_REWARD)
        snprintf(value, sizeof value, "%.17g",
                 json_number_value(json_object_get(plugin, "weight")));
    failed =
        add(overrides, kind == HONE_REWARD ? "rewards" : "detectors", use_of(plugin), value, error);
    snprintf(section, sizeof section, "%s.%s", hone_kind_name(kind), name);
    json_object_foreach(json_object_get(plugin, "settings"), option, setting) if (!failed) failed =
        add(overrides, section, option, json_string_value(setting), error);
    return failed;
}

/* An audit that the server did without, and that is still not there. */
static bool is_missed(const json_t *plugin) {
    char path[512];
    return json_is_true(json_object_get(plugin, "absent")) &&
           hone_load_find(use_of(plugin), HONE_DETECTOR, path, sizeof path, NULL);
}

static int add_all(struct overrides *overrides, const json_t *facts, struct hone_error *error) {
    size_t index;
    json_t *plugin;
    int failed = add(overrides, "rewards", "*", "off", error);
    if (!failed)
        failed = add(overrides, "detectors", "*", "off", error);
    json_array_foreach(json_object_get(facts, "rewards"), index, plugin) if (!failed) failed =
        add_plugin(overrides, plugin, HONE_REWARD, error);
    json_array_foreach(json_object_get(facts, "detectors"), index,
                       plugin) if (!failed && json_is_true(json_object_get(plugin, "audit")) &&
                                   !is_missed(plugin)) failed =
        add_plugin(overrides, plugin, HONE_DETECTOR, error);
    return failed;
}

static int read_facts(struct hone_run *run, json_t **facts, struct hone_error *error) {
    json_t *rows;
    int failed = hone_run_query(run, "SELECT facts AS \"json:facts\" FROM run", 0, &rows, error);
    if (failed)
        return failed;
    *facts = json_incref(json_object_get(json_array_get(rows, 0), "facts"));
    json_decref(rows);
    if (json_is_array(json_object_get(*facts, "rewards")))
        return 0;
    json_decref(*facts);
    return hone_fail(error, -ENODATA, "run %s does not say with what it was scored",
                     hone_run_name(run));
}

int hone_rescore_settings(struct hone_run *run, struct hone_settings **settings, char **notes,
                          struct hone_error *error) {
    struct overrides overrides = {.count = 0};
    size_t size;
    json_t *facts;
    *notes = NULL;
    int failed = read_facts(run, &facts, error);
    if (failed)
        return failed;
    overrides.notes = open_memstream(notes, &size);
    if (overrides.notes) {
        failed = add_all(&overrides, facts, error);
        fclose(overrides.notes);
    } else {
        failed = hone_fail(error, -ENOMEM, "out of memory");
    }
    if (!failed)
        failed = hone_settings_open(NULL, (const char *const *)overrides.texts, settings, error);
    while (overrides.count > 0)
        free(overrides.texts[--overrides.count]);
    json_decref(facts);
    if (failed) {
        free(*notes);
        *notes = NULL;
    }
    return failed;
}
