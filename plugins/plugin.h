/* plugin.h - what a plugin and its host promise each other.
 *
 * A plugin is one shared object that exports one constant, `hone_plugin`. The host finds it with
 * dlsym() and reads its manual (kind, options, summary) before any of its code runs.
 *
 * Growth. Tables only grow at the end. A table's `size` says how much of it its author knew;
 * HONE_HAS() asks whether an entry is both known and provided. Elements of arrays and structs that
 * the other side fills are frozen, and say so. Enums cross as fixed-width integers.
 *
 * Threads. [setup] one thread, before the first and after the last episode. [episode] never two
 * calls at once on one instance, though the thread may differ. [any] concurrent.
 *
 * Ownership. Whoever allocates, frees. Arguments are borrowed for the call; a returned pointer
 * lives as long as the instance unless it says otherwise.
 *
 * Process. Tasks, rewards and detectors share one that is not the server's. What a call changes of
 * it (rounding, locale, signal mask, timers, umask, folder, environment) is as before after the
 * call. What it was given to read cannot be written to. A call that crashes, is late, ends the
 * process, closes its host's descriptors or leaves more and more of its own open costs its step,
 * which names the plugin.
 *
 * Results. 0 or a negative errno: the environment failed. A wrong, slow or cheating kernel is an
 * outcome, not an error.
 */
#ifndef HONE_PLUGIN_H
#define HONE_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HONE_PLUGIN_ABI 1u

enum hone_kind { HONE_TASK = 1, HONE_REWARD, HONE_DETECTOR, HONE_HARDWARE };

enum hone_plugin_flag {
    HONE_PLUGIN_CONCURRENT = 1u << 0, /* [episode] calls on one instance may overlap */
    HONE_PLUGIN_TRIVIAL = 1u << 1,    /* a reward cheap and safe enough for the supervisor, which
                                         believes it of the project's own only */
};

enum hone_log_level { HONE_LOG_ERROR, HONE_LOG_WARN, HONE_LOG_INFO, HONE_LOG_DEBUG };

/* Why a call failed, for people. A NULL pointer to one is always allowed. Frozen. */
struct hone_error {
    char text[512];
};

enum hone_option_type {
    HONE_FLAG = 1, /* yes or no */
    HONE_INTEGER,  /* low <= value <= high */
    HONE_REAL,     /* low <= value <= high */
    HONE_TEXT,     /* any bytes but a line end */
    HONE_CHOICE,   /* one of `choices`, which are separated by spaces */
};

/* One setting a plugin accepts; a NULL name ends the list. Frozen. */
struct hone_option {
    const char *name;
    const char *fallback; /* NULL: the user must give one */
    const char *summary;  /* one line */
    const char *choices;  /* HONE_CHOICE only, else NULL */
    double low, high;     /* HONE_INTEGER and HONE_REAL only */
    uint32_t type;        /* enum hone_option_type */
    uint32_t reserved;
};

/* One setting as text. The host has checked its name, its type and its bounds, and hands over every
 * option of the list in the list's order, fallbacks filled in; a NULL name ends the array. Frozen.
 */
struct hone_setting {
    const char *name;
    const char *value;
};

/* Services the host lends; valid until destroy() returns. */
struct hone_host {
    uint32_t size;
    uint32_t reserved;
    void *self;
    void (*log)(void *self, int32_t level, const char *text); /* [any] */
    uint64_t (*now_ns)(void *self);                           /* [any] CLOCK_MONOTONIC */
    const void *(*service)(void *self, const char *id);       /* [setup] NULL when unknown */
};

struct hone_task_ops;
struct hone_reward_ops;
struct hone_detector_ops;
struct hone_hardware_ops;

struct hone_plugin {
    uint32_t abi;
    uint32_t size;
    uint32_t kind;    /* enum hone_kind */
    uint32_t flags;   /* enum hone_plugin_flag */
    const char *name; /* 1 to 31 letters, digits, '_', '.' and '-' */
    const char *version;
    const char *summary; /* one line, as the version is */
    const struct hone_option *options;

    /* [setup] create that fails leaves nothing behind and is not destroyed. */
    int (*create)(const struct hone_host *host, const struct hone_setting *settings, void **self,
                  struct hone_error *error);
    void (*destroy)(void *self); /* [setup] NULL is allowed */

    union { /* chosen by kind */
        const struct hone_task_ops *task;
        const struct hone_reward_ops *reward;
        const struct hone_detector_ops *detector;
        const struct hone_hardware_ops *hardware;
        const void *ops; /* every table begins with a uint32_t size */
    };
};

#define HONE_HAS(table, entry)                                                                     \
    ((table)->size >= offsetof(__typeof__(*(table)), entry) + sizeof((table)->entry) &&            \
     (table)->entry)

/* The one symbol. */
extern const struct hone_plugin hone_plugin __attribute__((visibility("default")));

#ifdef __cplusplus
}
#endif
#endif
