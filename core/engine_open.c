#include "core/engine_private.h"

#include "core/error.h"
#include "core/folders.h"
#include "core/jail.h"

#include <errno.h>
#include <string.h>

/* The first device of the first backend that has one, or the one that was asked for. */
static int find_device(struct hone_engine *engine, const struct hone_engine_options *options,
                       struct hone_error *error) {
    uint32_t use_count;
    const struct hone_use *uses = hone_settings_uses(engine->settings, HONE_HARDWARE, &use_count);
    for (uint32_t i = 0; i < use_count; i++) {
        int code = hone_instance_create(engine->settings, uses[i].name, HONE_HARDWARE, NULL, NULL,
                                        &engine->hardware, error);
        if (code)
            return code;
        const struct hone_hardware_ops *ops = engine->hardware.loaded.plugin->hardware;
        uint32_t count = 0;
        ops->device_count(engine->hardware.self, &count);
        for (uint32_t device = 0; device < count; device++) {
            struct hone_device *description = &engine->pipeline.device;
            *description = (struct hone_device){.size = sizeof *description};
            code = ops->describe(engine->hardware.self, device, description);
            if (!code && (!options->device || !strcmp(options->device, description->id))) {
                engine->pipeline.device_index = device;
                hone_jail_bound(description->confinement);
                return 0;
            }
        }
        hone_instance_destroy(&engine->hardware);
        engine->hardware = (struct hone_instance){0};
    }
    return hone_fail(error, -ENODEV, "no device `%s`; `hone doctor` lists what there is",
                     options->device ? options->device : "");
}

static int check_confinement(const struct hone_engine *engine, bool trusted,
                             struct hone_error *error) {
    const char *level = engine->pipeline.device.confinement;
    if (*level >= 'A' && *level <= 'C')
        return 0;
    return trusted
               ? 0
               : hone_fail(error, -EPERM,
                           "confinement %s of device %s is too weak for code nobody has read; pass "
                           "--trusted to run it all the same",
                           level, engine->pipeline.device.id);
}

int hone_engine_open_device(struct hone_engine *engine, const struct hone_engine_options *options,
                            struct hone_error *error) {
    int code = find_device(engine, options, error);
    return code ? code : check_confinement(engine, options->trusted, error);
}

int hone_engine_open_caches(struct hone_engine *engine, const struct hone_engine_options *options,
                            struct hone_error *error) {
    const struct hone_settings *settings = engine->settings;
    char folder[512];
    uint64_t most = (uint64_t)hone_settings_integer(settings, "compile", "cache_bytes");
    if (most && !hone_folder_cache("images", folder, sizeof folder))
        engine->pipeline.compile_cache = hone_compile_cache_create(folder, most);
    engine->cache = hone_cache_create((uint64_t)hone_settings_integer(settings, "cache", "entries"),
                                      (uint64_t)hone_settings_integer(settings, "cache", "bytes"));
    engine->pipeline.baselines = hone_baselines_create(
        engine->pipeline.compile_cache, &engine->hardware, engine->pipeline.device_index);
    bool lasting = options->lasting && !hone_folder_state("quarantine", folder, sizeof folder);
    engine->quarantine = hone_quarantine_create(lasting ? folder : NULL);
    if (!engine->cache || !engine->quarantine || !engine->pipeline.baselines)
        return hone_fail(error, -ENOMEM, "engine: out of memory");
    const struct hone_hardware_ops *ops = engine->hardware.loaded.plugin->hardware;
    const uint32_t cuda =
        ops->supports(engine->hardware.self, engine->pipeline.device_index, "cuda");
    return cuda == HONE_EMULATED_LANGUAGE
               ? hone_native_create(settings, &engine->pipeline.native, error)
               : 0;
}
