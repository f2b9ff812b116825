/* command_doctor.c - `hone doctor`: what this machine can do, what is missing, and what that costs.
 */
#include "core/command.h"

#include "core/folders.h"
#include "core/jail.h"
#include "core/loader.h"
#include "core/needs.h"
#include "core/overrides.h"
#include "core/scorer.h"
#include "core/text.h"
#include "core/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum state { GOOD, MISSING, BROKEN };

/* One line of the report. */
static void note(json_t *checks, const char *name, enum state state, const char *text) {
    static const char *const states[] = {"ok", "missing", "broken"};
    json_array_append_new(checks, json_pack("{s:s, s:s, s:o}", "check", name, "state",
                                            states[state], "text", hone_json_text(text)));
}

/* Try a namespace in a child: some systems forbid what their headers offer. */
static bool can_unshare(int flags) {
    pid_t child = fork();
    if (child == 0)
        _exit(unshare(flags) ? 1 : 0);
    int status;
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static bool has_user_notification(void) {
    uint32_t action = SECCOMP_RET_USER_NOTIF;
    return !syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action);
}

static void check_kernel(json_t *checks) {
    int user = geteuid() ? CLONE_NEWUSER : 0;
    bool namespaces = can_unshare(user | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC);
    note(checks, "namespaces", namespaces ? GOOD : MISSING,
         namespaces ? "mount, pid, net and ipc namespaces can be made"
                    : "no namespaces for this user: confinement C at best");
    bool notification = has_user_notification();
    note(checks, "seccomp", notification ? GOOD : MISSING,
         notification ? "filters with user notification"
                      : "no user notification: confinement D at best");
    bool two = !access("/sys/fs/cgroup/cgroup.controllers", R_OK);
    bool one = !access("/sys/fs/cgroup/memory", R_OK);
    note(checks, "cgroup", two || one ? GOOD : MISSING,
         two   ? "version 2"
         : one ? "version 1"
               : "none: memory limits by rlimit alone");
}

/* Put up, not looked up: some systems forbid what they seem to offer. */
static void check_jail(json_t *checks) {
    char why[256], text[320];
    char level = hone_jail_level(why, sizeof why);
    snprintf(text, sizeof text, "level %c: %s", level, why);
    note(checks, "compile jail", level <= 'C' ? GOOD : MISSING, text);
}

static void check_folders(json_t *checks) {
    char path[512];
    int code = hone_folder_state("", path, sizeof path);
    note(checks, "state folder", code ? BROKEN : GOOD, code ? strerror(-code) : path);
    code = hone_folder_cache("", path, sizeof path);
    note(checks, "cache folder", code ? MISSING : GOOD, code ? strerror(-code) : path);
}

static void check_compiler(json_t *checks) {
    char line[256] = "";
    FILE *compiler = popen("gcc --version 2>/dev/null", "r");
    if (compiler) {
        if (!fgets(line, sizeof line, compiler))
            line[0] = 0;
        pclose(compiler);
    }
    line[strcspn(line, "\n")] = 0;
    note(checks, "gcc", *line ? GOOD : BROKEN, *line ? line : "not found: install gcc");
}

/* What a device's confinement is made of, as its backend found it. */
static void check_features(const struct hone_instance *instance, uint32_t device,
                           const char *device_name, json_t *checks) {
    const struct hone_hardware_ops *ops = instance->loaded.plugin->hardware;
    if (ops->size < offsetof(struct hone_hardware_ops, features) + sizeof ops->features ||
        !ops->features)
        return;
    struct hone_feature feature = {.size = sizeof feature};
    for (uint32_t i = 0; !ops->features(instance->self, device, i, &feature); i++) {
        char name[2 * HONE_NAME_SIZE];
        snprintf(name, sizeof name, "%s %s", device_name, feature.name);
        note(checks, name, feature.there ? GOOD : MISSING, feature.text);
        feature.size = sizeof feature;
    }
}

/* The detectors that a device cannot give what they need to see. */
static void check_needs(const struct hone_settings *settings, const struct hone_device *device,
                        json_t *checks) {
    uint32_t count;
    const struct hone_use *uses = hone_settings_uses(settings, HONE_DETECTOR, &count);
    for (uint32_t i = 0; i < count; i++) {
        struct hone_loaded loaded;
        char name[2 * HONE_NAME_SIZE], lacks[160], text[256];
        if (hone_watch_load(uses[i].name, HONE_DETECTOR, &loaded, NULL))
            continue; /* said above */
        hone_needs_text(hone_needs_of(loaded.plugin) & ~hone_needs_given(device), lacks,
                        sizeof lacks);
        if (!*lacks)
            continue;
        snprintf(name, sizeof name, "%.31s %.31s", device->id, loaded.plugin->name);
        snprintf(text, sizeof text, "switched off: the device does not give %s", lacks);
        note(checks, name, MISSING, text);
    }
}

/* The devices of a backend, and what each lacks. */
static void check_devices(const struct hone_settings *settings, const char *name,
                          struct hone_instance *instance, json_t *checks, json_t *devices) {
    const struct hone_hardware_ops *ops = instance->loaded.plugin->hardware;
    uint32_t count = 0;
    ops->device_count(instance->self, &count);
    if (!count) /* a backend may say why */
        check_features(instance, 0, name, checks);
    for (uint32_t i = 0; i < count; i++) {
        struct hone_device device = {.size = sizeof device};
        if (ops->describe(instance->self, i, &device))
            continue;
        check_features(instance, i, device.id, checks);
        check_needs(settings, &device, checks);
        hone_jail_bound(device.confinement);
        json_array_append_new(devices,
                              json_pack("{s:o, s:o, s:o, s:o}", "id", hone_json_text(device.id),
                                        "name", hone_json_text(device.name), "confinement",
                                        hone_json_text(device.confinement), "fingerprint",
                                        hone_json_text(device.fingerprint)));
    }
}

/* One plugin in use, loaded; hardware is started too. */
static void check_plugin(const struct hone_settings *settings, enum hone_kind kind,
                         const char *plugin, json_t *checks, json_t *devices) {
    char name[128];
    struct hone_error error = {""};
    struct hone_instance instance = {0};
    snprintf(name, sizeof name, "%s %s", hone_kind_name(kind), plugin);
    int code = hone_watch_load(plugin, kind, &instance.loaded, &error);
    if (!code && kind == HONE_HARDWARE)
        code = hone_instance_create(settings, plugin, kind, NULL, NULL, &instance, &error);
    if (code) {
        note(checks, name, BROKEN, error.text);
        return;
    }
    note(checks, name, GOOD, instance.loaded.plugin->summary);
    if (kind != HONE_HARDWARE)
        return;
    check_devices(settings, plugin, &instance, checks, devices);
    hone_instance_destroy(&instance);
}

static void check_plugins(const struct hone_settings *settings, json_t *checks, json_t *devices) {
    for (enum hone_kind kind = HONE_TASK; kind <= HONE_HARDWARE; kind++) {
        uint32_t count;
        const struct hone_use *uses = hone_settings_uses(settings, kind, &count);
        for (uint32_t i = 0; i < count; i++)
            check_plugin(settings, kind, uses[i].name, checks, devices);
    }
}

/* What a server begins with: plugins made with the options they are given, where they run. */
static void check_scorer(const struct hone_settings *settings, json_t *checks) {
    struct hone_scorer *scorer;
    struct hone_error error = {""};
    if (hone_scorer_create(settings, &scorer, &error)) {
        note(checks, "scorer", BROKEN, error.text);
        return;
    }
    note(checks, "scorer", GOOD, "every task, reward and detector plugin in use can be made");
    hone_scorer_destroy(scorer);
}

static void print_text(const json_t *checks, const json_t *devices) {
    size_t index;
    json_t *one;
    printf("hone %s\n", HONE_VERSION);
    json_array_foreach(checks, index, one)
        printf("%-8s %-28s %s\n", json_string_value(json_object_get(one, "state")),
               json_string_value(json_object_get(one, "check")),
               json_string_value(json_object_get(one, "text")));
    json_array_foreach(devices, index, one)
        printf("device   %-28s %s; confinement %s\n", json_string_value(json_object_get(one, "id")),
               json_string_value(json_object_get(one, "fingerprint")),
               json_string_value(json_object_get(one, "confinement")));
}

static bool is_healthy(const json_t *checks) {
    size_t index;
    json_t *one;
    json_array_foreach(checks, index, one) {
        if (!strcmp(json_string_value(json_object_get(one, "state")), "broken"))
            return false;
    }
    return true;
}

/* The exit status. */
static int examine(const struct hone_settings *settings, bool as_json) {
    json_t *checks = json_array(), *devices = json_array();
    check_kernel(checks);
    check_jail(checks);
    check_folders(checks);
    check_compiler(checks);
    check_plugins(settings, checks, devices);
    check_scorer(settings, checks);
    int status = is_healthy(checks) ? 0 : HONE_EXIT_FAILED;
    if (as_json) {
        json_t *all = json_pack("{s:s, s:O, s:O}", "version", HONE_VERSION, "checks", checks,
                                "devices", devices);
        hone_command_print_json(all);
        json_decref(all);
    } else {
        print_text(checks, devices);
    }
    json_decref(checks);
    json_decref(devices);
    return status;
}

int hone_command_doctor(int argc, char **argv) {
    struct hone_overrides overrides = {0};
    bool as_json = false;
    const struct hone_command_option options[] = {
        {"json", NULL, "an object: checks and devices", hone_take_yes, &as_json, 0},
        HONE_SETTINGS_OPTIONS(&overrides),
        {0},
    };
    const struct hone_command_line line = {
        .command = "hone doctor",
        .synopsis = "",
        .purpose = "Say what this machine offers: confinement, compilers, devices, plugins.",
        .options = options,
        .more = "exit: 0 nothing is broken, 1 something is, 2 usage",
    };
    struct hone_settings *settings;
    struct hone_error error;
    int status;
    if (!hone_command_line_read(&line, argc, argv, &status))
        return status;
    if (hone_overrides_open(&overrides, &settings, &error)) {
        hone_command_fail("doctor", &error);
        return HONE_EXIT_USAGE;
    }
    status = examine(settings, as_json);
    hone_settings_close(settings);
    return status;
}
