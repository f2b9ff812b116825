/* loader.h - find one plugin, check that it speaks our ABI, and make instances of it.
 *
 * Never dlclose()s. Threads: as the plugin's own tags say.
 */
#ifndef HONE_CORE_LOADER_H
#define HONE_CORE_LOADER_H

#include "plugins/detector.h"
#include "plugins/hardware.h"
#include "plugins/reward.h"
#include "plugins/task.h"

struct hone_settings;

struct hone_loaded {
    const struct hone_plugin *plugin;
    char path[512];
    char hash[33]; /* XXH3-128 of the file, hex */
};

/* A name with '/' is a path; else $HONE_PLUGIN_PATH (colon-separated), then the tree's plugins, as
 * <kind>/<name>.so. Checks, in this order: dlopen, symbol, abi, size, kind, required entries. */
int hone_load(const char *name, enum hone_kind kind, struct hone_loaded *loaded,
              struct hone_error *error);
int hone_load_any(const char *path, struct hone_loaded *loaded, struct hone_error *error);

/* Where hone_load() would look first successfully, without loading it: -ENOENT with a text when
 * nowhere. */
int hone_load_find(const char *name, enum hone_kind kind, char *path, size_t size,
                   struct hone_error *error);

/* The folders that are searched, in order; the <kind> folders are inside. Returns how many. */
#define HONE_FOLDERS_MAX 16
struct hone_folders {
    char path[HONE_FOLDERS_MAX][512];
};
uint32_t hone_load_folders(struct hone_folders *folders);

/* A loaded plugin with its settings resolved. `settings` point into the hone_settings they came
 * from, which must outlive the instance. */
struct hone_instance {
    struct hone_loaded loaded;
    struct hone_setting *settings;
    void *self;
    void *host; /* what create() was lent; NULL: it was not called */
};
/* Load and resolve, for which none of the plugin's functions is called, though its constructors
 * run; then its create(), which fails as -EREMOTEIO, whatever it returned. `service` may be NULL;
 * it offers host services by id. A start that fails leaves what was looked at. */
int hone_instance_look(const struct hone_settings *settings, const char *name, enum hone_kind kind,
                       struct hone_instance *instance, struct hone_error *error);
int hone_instance_start(struct hone_instance *instance,
                        const void *(*service)(void *self, const char *id), void *service_self,
                        struct hone_error *error);
/* Both at once; a failure leaves nothing. */
int hone_instance_create(const struct hone_settings *settings, const char *name,
                         enum hone_kind kind, const void *(*service)(void *self, const char *id),
                         void *service_self, struct hone_instance *instance,
                         struct hone_error *error);
void hone_instance_destroy(struct hone_instance *instance);

const char *hone_kind_name(enum hone_kind kind); /* "task", "reward", "detector", "hardware" */

#endif
