/* reward_fixture.h - one built-in reward, as the scorer holds it. */
#ifndef HONE_TESTS_REWARD_FIXTURE_H
#define HONE_TESTS_REWARD_FIXTURE_H

#include "core/loader.h"
#include "core/settings.h"
#include "plugins/reward.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static struct hone_error error;

/* One instance of a built-in reward, with up to two of its options set. */
struct reward {
    struct hone_settings *settings;
    struct hone_instance instance;
};

static inline struct reward reward_make(const char *name, const char *first, const char *second) {
    struct reward reward;
    const char *const overrides[] = {first, first ? second : NULL, NULL};
    cr_assert(eq(int, hone_settings_open(NULL, overrides, &reward.settings, &error), 0), "%s",
              error.text);
    cr_assert(eq(int,
                 hone_instance_create(reward.settings, name, HONE_REWARD, NULL, NULL,
                                      &reward.instance, &error),
                 0),
              "%s", error.text);
    return reward;
}

static inline void reward_drop(struct reward *reward) {
    hone_instance_destroy(&reward->instance);
    hone_settings_close(reward->settings);
}

#endif
