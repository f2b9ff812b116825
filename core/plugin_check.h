/* plugin_check.h - the conformance run of a plugin for its author, and what its files share.
 *
 * It runs in a child of its own, so that a plugin that crashes or hangs is a reported failure. All
 * of it prints to stdout; one thread.
 */
#ifndef HONE_CORE_PLUGIN_CHECK_H
#define HONE_CORE_PLUGIN_CHECK_H

#include "core/loader.h"

#include <stdatomic.h>
#include <stdbool.h>

/* `hone plugin check`; returns the exit status. core/plugin_check.c */
int hone_plugin_check(const char *path);
/* What `hone plugin show` prints. core/command_plugins.c */
void hone_print_manual(const struct hone_loaded *loaded);

/* Shared with the process that waits. */
struct hone_check_board {
    char doing[128];
    _Atomic uint32_t passed, failed;
    _Atomic uint32_t finished;
};

struct hone_check {
    struct hone_check_board *board;
    const struct hone_loaded *loaded;
    void *self; /* the instance under test */
};

/* Say what is about to be tried, then how it went. */
void hone_check_doing(struct hone_check *check, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void hone_check_passed(struct hone_check *check);
void hone_check_failed(struct hone_check *check, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Exported names of an ELF file besides hone_plugin, as text: 0 and an empty text when there are
 * none. */
int hone_plugin_symbols(const char *path, char *others, size_t size, struct hone_error *error);

/* One call of each kind's tables, twice on equal bytes, with ordinary and with hostile ones. */
void hone_check_reward(struct hone_check *check);
void hone_check_detector(struct hone_check *check);
void hone_check_task(struct hone_check *check);
void hone_check_hardware(struct hone_check *check);

/* Sample evidence: NULL past the last; `name` says what is odd about it, `ordinary` that nothing
 * is. It ends at a page that cannot be touched. */
struct hone_sample {
    const char *name;
    bool ordinary;
    struct hone_evidence *evidence;
    void *mapping;
    size_t mapping_bytes;
};
bool hone_sample_make(uint32_t index, struct hone_sample *sample);
void hone_sample_finish(struct hone_sample *sample);
/* `bytes` bytes that end at a page that cannot be touched; NULL: no memory. */
void *hone_guarded(size_t bytes, void **mapping, size_t *mapping_bytes);

#endif
