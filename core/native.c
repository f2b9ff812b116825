#include "core/native.h"

#include "core/error.h"
#include "core/log.h"
#include "plugins/evidence.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct hone_native {
    const struct hone_settings *settings;
    bool always;
    pthread_mutex_t lock;
    bool known, there;
    struct hone_instance cuda;
};

/* A compile job is as far as its compiler is needed. */
static int try(struct hone_native *native, struct hone_error *error) {
    int code = hone_instance_create(native->settings, "cuda", HONE_HARDWARE, NULL, NULL,
                                    &native->cuda, error);
    if (code)
        return code;
    const struct hone_hardware_ops *ops = native->cuda.loaded.plugin->hardware;
    const struct hone_compile_request request = {
        .size = sizeof request,
        .device = HONE_NO_DEVICE,
        .language = "cuda",
        .source = "",
        .options = "",
        .prelude = "",
        .epilogue = "",
    };
    struct hone_compile_job job = {.size = sizeof job};
    code = ops->compile_begin(native->cuda.self, &request, &job, error);
    if (code) {
        hone_instance_destroy(&native->cuda);
        native->cuda = (struct hone_instance){0};
        return code;
    }
    ops->compile_drop(native->cuda.self, &job);
    return 0;
}

static int find(struct hone_native *native, struct hone_error *error) {
    int code = 0;
    pthread_mutex_lock(&native->lock);
    if (!native->known) {
        code = try(native, error);
        native->known = true;
        native->there = code == 0;
    }
    pthread_mutex_unlock(&native->lock);
    return code;
}

int hone_native_create(const struct hone_settings *settings, struct hone_native **out,
                       struct hone_error *error) {
    const char *choice = hone_settings_text(settings, "compile", "nvrtc");
    *out = NULL;
    if (strcmp(choice, "off") == 0)
        return 0;
    struct hone_native *native = calloc(1, sizeof *native);
    if (!native)
        return hone_fail(error, -ENOMEM, "no memory for what compiles for other hardware");
    native->settings = settings;
    native->always = strcmp(choice, "on") == 0;
    pthread_mutex_init(&native->lock, NULL);
    struct hone_error why = {""};
    int code = native->always ? find(native, &why) : 0;
    if (code) {
        hone_native_destroy(native);
        return hone_fail(error, code, "compile.nvrtc is on, but there is no NVRTC: %.200s",
                         why.text);
    }
    *out = native;
    return 0;
}

void hone_native_destroy(struct hone_native *native) {
    if (!native)
        return;
    hone_instance_destroy(&native->cuda);
    pthread_mutex_destroy(&native->lock);
    free(native);
}

const struct hone_instance *hone_native_backend(struct hone_native *native, uint32_t stages) {
    struct hone_error why = {""};
    if (!native || (!native->always && !(stages & 1u << HONE_STAGE_TIME)))
        return NULL;
    if (find(native, &why))
        hone_log(HONE_LOG_INFO, "emulated candidates are not compiled for a GPU: %s", why.text);
    return native->there ? &native->cuda : NULL;
}
