/* command_plugins.c - `hone plugins`, `hone plugin show`, `hone plugin check`: the manuals of
 * plugins, read before any of their code runs. */
#include "core/command.h"

#include "core/command_line.h"
#include "core/error.h"
#include "core/loader.h"
#include "core/plugin_check.h"
#include "core/settings.h"
#include "core/settings_schema.h"
#include "core/watch.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const option_types[] = {"unknown", "flag", "integer", "real", "text", "choice"};

static const char *option_type(uint32_t type) {
    return type <= HONE_CHOICE ? option_types[type] : option_types[0];
}

/* jansson drops a whole object on bytes that are not UTF-8. */
static json_t *text_or_null(const char *text) {
    json_t *value = text ? json_string(text) : json_null();
    return value ? value : json_string("(not UTF-8)");
}

static json_t *option_object(const struct hone_option *option) {
    json_t *object = json_object();
    json_object_set_new(object, "name", text_or_null(option->name));
    json_object_set_new(object, "type", text_or_null(option_type(option->type)));
    json_object_set_new(object, "default", text_or_null(option->fallback));
    json_object_set_new(object, "summary", text_or_null(option->summary));
    if (option->type == HONE_INTEGER || option->type == HONE_REAL) {
        json_object_set_new(object, "low", json_real(option->low));
        json_object_set_new(object, "high", json_real(option->high));
    }
    if (option->type == HONE_CHOICE)
        json_object_set_new(object, "choices", text_or_null(option->choices));
    return object;
}

static json_t *plugin_object(const struct hone_loaded *loaded) {
    const struct hone_plugin *plugin = loaded->plugin;
    json_t *object = json_object(), *options = json_array();
    json_object_set_new(object, "kind", text_or_null(hone_kind_name(plugin->kind)));
    json_object_set_new(object, "name", text_or_null(plugin->name));
    json_object_set_new(object, "version", text_or_null(plugin->version));
    json_object_set_new(object, "summary", text_or_null(plugin->summary));
    json_object_set_new(object, "path", text_or_null(loaded->path));
    json_object_set_new(object, "hash", text_or_null(loaded->hash));
    json_object_set_new(object, "abi", json_integer(plugin->abi));
    json_object_set_new(object, "concurrent", json_boolean(plugin->flags & HONE_PLUGIN_CONCURRENT));
    json_object_set_new(object, "trivial", json_boolean(plugin->flags & HONE_PLUGIN_TRIVIAL));
    for (const struct hone_option *o = plugin->options; o && o->name; o++)
        json_array_append_new(options, option_object(o));
    json_object_set_new(object, "options", options);
    return object;
}

void hone_print_manual(const struct hone_loaded *loaded) {
    const struct hone_plugin *plugin = loaded->plugin;
    printf("%s/%s %s: %s\n", hone_kind_name(plugin->kind), plugin->name, plugin->version,
           plugin->summary);
    printf("  file %s\n  hash %s\n", loaded->path, loaded->hash);
    if (!plugin->options || !plugin->options->name) {
        printf("  no options\n");
        return;
    }
    printf("  options, in [%s.%s] of hone.ini:\n", hone_kind_name(plugin->kind), plugin->name);
    for (const struct hone_option *o = plugin->options; o->name; o++) {
        char expected[256];
        hone_option_expects(o, expected, sizeof expected);
        printf("    %s = %s\n        %s; %s\n", o->name, o->fallback ? o->fallback : "(required)",
               o->summary ? o->summary : "", expected);
    }
}

static int is_plugin_file(const struct dirent *entry) {
    size_t length = strlen(entry->d_name);
    return length > 3 && !strcmp(entry->d_name + length - 3, ".so");
}

/* Whether an earlier folder has a file of this name, so that this one is never loaded by name. */
static bool is_hidden(const struct hone_folders *folders, uint32_t index, enum hone_kind kind,
                      const char *file) {
    char path[1024];
    for (uint32_t i = 0; i < index; i++) {
        snprintf(path, sizeof path, "%s/%s/%s", folders->path[i], hone_kind_name(kind), file);
        if (!access(path, R_OK))
            return true;
    }
    return false;
}

/* Returns how many could not be loaded. */
static int list_folder(const struct hone_folders *folders, uint32_t index, enum hone_kind kind,
                       json_t *list) {
    char folder[600], path[1024];
    struct dirent **entries;
    int failures = 0;
    snprintf(folder, sizeof folder, "%s/%s", folders->path[index], hone_kind_name(kind));
    int count = scandir(folder, &entries, is_plugin_file, alphasort);
    for (int i = 0; i < count; i++) {
        struct hone_loaded loaded;
        struct hone_error error = {{0}};
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        if (is_hidden(folders, index, kind, entries[i]->d_name)) {
            /* The first one found is the one that is used. */
        } else if (hone_watch_load(path, kind, &loaded, &error)) {
            hone_command_fail("plugins", &error);
            failures++;
        } else if (list) {
            json_array_append_new(list, plugin_object(&loaded));
        } else {
            printf("%-9s %-20s %-8s %s\n", hone_kind_name(kind), loaded.plugin->name,
                   loaded.plugin->version, loaded.plugin->summary);
        }
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    return failures;
}

static int list(bool as_json) {
    struct hone_folders folders;
    uint32_t count = hone_load_folders(&folders);
    json_t *plugins = as_json ? json_array() : NULL;
    int failures = 0;
    for (enum hone_kind kind = HONE_TASK; kind <= HONE_HARDWARE; kind++)
        for (uint32_t i = 0; i < count; i++)
            failures += list_folder(&folders, i, kind, plugins);
    if (as_json)
        hone_command_print_json(plugins);
    json_decref(plugins);
    return failures ? HONE_EXIT_FAILED : 0;
}

int hone_command_plugins(int argc, char **argv) {
    bool as_json = false;
    const struct hone_command_option options[] = {
        {"json", NULL, "an array; `hone plugin show --json` of each", hone_take_yes, &as_json, 0},
        {0},
    };
    const struct hone_command_line line = {
        .command = "hone plugins",
        .synopsis = "",
        .purpose = "List the plugins that are found by name, and say why one cannot be used.",
        .options = options,
    };
    int status;
    return hone_command_line_read(&line, argc, argv, &status) ? list(as_json) : status;
}

/* NAME is a path, kind/name, or a name that only one kind has. */
static int find(const char *name, struct hone_loaded *loaded, struct hone_error *error) {
    char path[512];
    for (enum hone_kind kind = HONE_TASK; kind <= HONE_HARDWARE; kind++) {
        const char *word = hone_kind_name(kind);
        size_t length = strlen(word);
        if (!strncmp(name, word, length) && name[length] == '/' &&
            !strchr(name + length + 1, '/') &&
            !hone_load_find(name + length + 1, kind, path, sizeof path, NULL))
            return hone_watch_load(name + length + 1, kind, loaded, error);
    }
    if (strchr(name, '/'))
        return hone_watch_load(name, 0, loaded, error);
    enum hone_kind found = 0;
    for (enum hone_kind kind = HONE_TASK; kind <= HONE_HARDWARE; kind++) {
        if (hone_load_find(name, kind, path, sizeof path, NULL))
            continue;
        if (found)
            return hone_fail(error, -EINVAL, "%s is a %s and a %s plugin: say %s/%s", name,
                             hone_kind_name(found), hone_kind_name(kind), hone_kind_name(found),
                             name);
        found = kind;
    }
    return found
               ? hone_watch_load(name, found, loaded, error)
               : hone_fail(error, -ENOENT,
                           "no plugin \"%.100s\": `hone plugins` lists them; a file is named with "
                           "a slash",
                           name);
}

static int show(const char *name, bool as_json) {
    struct hone_loaded loaded;
    struct hone_error error = {{0}};
    if (find(name, &loaded, &error))
        return hone_command_fail("plugin show", &error);
    if (!as_json) {
        hone_print_manual(&loaded);
        return 0;
    }
    json_t *object = plugin_object(&loaded);
    hone_command_print_json(object);
    json_decref(object);
    return 0;
}

static int command_show(int argc, char **argv) {
    const char *name = NULL;
    bool as_json = false;
    const struct hone_command_option options[] = {
        {"json", NULL, "an object", hone_take_yes, &as_json, 0},
        {0},
    };
    const struct hone_command_line line = {
        .command = "hone plugin show",
        .synopsis = "NAME",
        .purpose = "Print a plugin's manual: what it does, and its options.\n"
                   "NAME is its name, KIND/NAME, or the path of a file.",
        .options = options,
        .operands = &name,
        .least = 1,
        .most = 1,
    };
    int status;
    return hone_command_line_read(&line, argc, argv, &status) ? show(name, as_json) : status;
}

static int command_check(int argc, char **argv) {
    const char *path = NULL;
    const struct hone_command_option options[] = {{0}};
    const struct hone_command_line line = {
        .command = "hone plugin check",
        .synopsis = "FILE",
        .purpose = "Try whether a plugin's file keeps the promises of plugins/plugin.h.",
        .options = options,
        .more = "exit: 0 it does, 1 it does not, 2 usage",
        .operands = &path,
        .least = 1,
        .most = 1,
    };
    int status;
    return hone_command_line_read(&line, argc, argv, &status) ? hone_plugin_check(path) : status;
}

int hone_command_plugin(int argc, char **argv) {
    static const struct hone_command commands[] = {
        {"show", command_show, "print a plugin's manual"},
        {"check", command_check, "try a plugin's file"},
        {0},
    };
    return hone_command_choose("hone plugin", commands, argc, argv);
}
