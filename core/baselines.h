/* baselines.h - the baselines of every task in use, compiled once for the device. Any thread. */
#ifndef HONE_CORE_BASELINES_H
#define HONE_CORE_BASELINES_H

#include "core/compile.h"
#include "core/measure.h"

struct hone_baselines;
struct hone_settings;

/* Both must outlive it; `cache` may be NULL. */
struct hone_baselines *hone_baselines_create(struct hone_compile_cache *cache,
                                             const struct hone_instance *hardware, uint32_t device);
void hone_baselines_destroy(struct hone_baselines *baselines);

/* Whether a device has feature or library `name` (plugins/hardware.h). */
bool hone_device_has(const struct hone_instance *hardware, uint32_t device, const char *name);

/* [setup] Choose what of `tasks` a device runs. Baselines: which libraries it has is what the
 * backend lists under their names among its features. Sizes: as "measure.profile" says, or by
 * whether the device has memory of its own. */
void hone_baselines_settle(struct hone_task *const *tasks, uint32_t count,
                           const struct hone_settings *settings,
                           const struct hone_instance *hardware, uint32_t device);

/* The task as candidates in `language` meet it (core/task_view.h), and the images of its baselines
 * in the view's order; all live as long as `baselines`. A baseline that does not compile is a fault
 * of the task: -EINVAL with the compiler's words. */
int hone_baselines_get(struct hone_baselines *baselines, const struct hone_task *task,
                       const char *language, bool emulated, const struct hone_task **view,
                       struct hone_image images[HONE_BASELINES_MAX], struct hone_error *error);

#endif
