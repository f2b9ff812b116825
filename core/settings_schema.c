#include "core/settings_schema.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FLAG(name, fallback, summary)                                                              \
    { name, fallback, summary, NULL, 0, 0, HONE_FLAG, 0 }
#define INTEGER(name, fallback, low, high, summary)                                                \
    { name, fallback, summary, NULL, low, high, HONE_INTEGER, 0 }
#define REAL(name, fallback, low, high, summary)                                                   \
    { name, fallback, summary, NULL, low, high, HONE_REAL, 0 }
#define TEXT(name, fallback, summary)                                                              \
    { name, fallback, summary, NULL, 0, 0, HONE_TEXT, 0 }

#define CHOICE(name, fallback, choices, summary)                                                   \
    { name, fallback, summary, choices, 0, 0, HONE_CHOICE, 0 }

#define KIB 1024.0
#define MIB (1024.0 * KIB)
#define TIB (1024.0 * 1024.0 * MIB)

const struct hone_schema_option hone_schema[] = {
    {"server", TEXT("name", "default", "agents attach by this name")},
    {"server", INTEGER("slots", "64", 1, 4096, "episodes at once, over all agents")},
    {"server", INTEGER("lanes", "64", 1, 1024, "agents at once")},
    {"server", INTEGER("workers", "0", 0, 1024, "steps worked on at once; 0: one for each core")},
    {"server", INTEGER("action_bytes", "262144", 4 * KIB, MIB, "room for one action")},
    {"server", INTEGER("observation_bytes", "65536", 4 * KIB, MIB, "room for one observation")},
    {"server", FLAG("trusted", "no", "run candidates below confinement level C")},
    {"server", TEXT("directory", "", "of the socket; empty: $XDG_RUNTIME_DIR/hone")},

    {"episode", INTEGER("turns", "8", 0, 1e6, "steps in an episode; 0: no limit")},
    {"episode", REAL("goal_speedup", "0", 0, 1e9, "an episode ends above it; 0: none")},
    {"episode", INTEGER("evaluations", "0", 0, 1e9, "measured steps in an episode; 0: no limit")},
    {"episode", REAL("compile_seconds", "0", 0, 1e9, "of compiler time; 0: no limit")},
    {"episode", REAL("device_seconds", "0", 0, 1e9, "of device time; 0: no limit")},
    {"episode", REAL("wall_seconds", "0", 0, 1e9, "from reset to the end; 0: no limit")},

    {"measure", TEXT("device", "", "\"cpu\", \"cuda:0\"; empty: the first that is native")},
    {"measure",
     CHOICE("profile", "auto", "auto cpu gpu", "sizes of workloads; auto: the device's")},
    {"measure", CHOICE("counters", "kf4", "none kf4 cm12 kb stall mem",
                       "a set of hardware counters, for profiles on devices that have some")},
    {"measure", INTEGER("pool_bytes", "536870912", MIB, TIB, "of inputs and oracle outputs kept")},
    {"measure",
     REAL("step_seconds", "5", 0.1, 3600, "most time of a core that measuring one step may take")},
    {"measure", REAL("timing_ms", "300", 10, 1e6, "timing a full evaluation is sized for")},

    {"compile", INTEGER("cache_bytes", "268435456", 0, TIB, "of built images kept; 0: none")},
    {"compile",
     {"nvrtc", "auto", "whether emulated CUDA is compiled for a GPU too; auto: when it is timed",
      "auto on off", 0, 0, HONE_CHOICE, 0}},
    {"compile", REAL("seconds", "30", 1, 3600, "most time of one compiler run")},

    {"cache", INTEGER("entries", "65536", 0, 1e9, "results kept in memory; 0: none")},
    {"cache", INTEGER("bytes", "268435456", 0, TIB, "of results kept in memory")},

    {"store", TEXT("path", "", "of the runs; empty: $XDG_STATE_HOME/hone/runs")},
    {"store", FLAG("images", "yes", "keep what was compiled, for audits")},
    {"store", FLAG("fsync", "no", "survive power loss, at the price of a disk write a step")},

    {"scorer", INTEGER("deadline_ms", "1000", 10, 600000, "most time of one plugin call")},

    {"limits", INTEGER("journal_bytes", "268435456", 0, TIB,
                       "of the run's journal that one agent may write at once; 0: no limit")},
    {"limits", INTEGER("journal_rate", "1048576", 1, TIB, "more of it each second, in bytes")},
    {"limits", INTEGER("source_bytes", "131072", 1, MIB, "of a candidate's source")},

    {NULL, {NULL, NULL, NULL, NULL, 0, 0, 0, 0}},
};

const struct hone_schema_use hone_schema_uses[] = {
    {"tasks", "folder", "on"},
    {"rewards", "correctness", "0.5"},
    {"rewards", "speedup", "0.5"},
    {"rewards", "profiling", "0.5"},
    {"detectors", "unwritten_output", "on"},
    {"detectors", "input_mutation", "on"},
    {"detectors", "out_of_bounds", "on"},
    {"detectors", "memoization", "on"},
    {"detectors", "nondeterminism", "on"},
    {"detectors", "constant_output", "on"},
    {"detectors", "shape_gate", "on"},
    {"detectors", "value_gate", "on"},
    {"detectors", "low_precision", "on"},
    {"detectors", "tolerance_edge", "on"},
    {"detectors", "decoy", "on"},
    {"detectors", "lazy", "on"},
    {"detectors", "faster_than_light", "on"},
    {"detectors", "timer_disagreement", "on"},
    {"detectors", "elf_policy", "on"},
    {"detectors", "ptx_policy", "on"},
    {"detectors", "source_lint", "on"},
    {"hardware", "cpu", "on"},
    {"hardware", "cuda", "auto"},
    {NULL, NULL, NULL},
};

int hone_schema_find(const char *section, const char *name) {
    for (int i = 0; hone_schema[i].section; i++)
        if (!strcmp(hone_schema[i].section, section) && !strcmp(hone_schema[i].option.name, name))
            return i;
    return -1;
}

bool hone_schema_section(const char *section) {
    for (int i = 0; hone_schema[i].section; i++)
        if (!strcmp(hone_schema[i].section, section))
            return true;
    return false;
}

/* strtoll() and strtod() also take leading spaces, hexadecimal, "inf" and "nan"; a setting does
 * not. */
static bool starts_as_number(const char *text) {
    text += *text == '-' || *text == '+';
    text += *text == '.';
    return *text >= '0' && *text <= '9' && !strpbrk(text, "xX");
}

bool hone_parse_integer(const char *text, int64_t *value) {
    if (!starts_as_number(text))
        return false;
    char *end;
    errno = 0;
    long long parsed = strtoll(text, &end, 10);
    if (errno || *end)
        return false;
    *value = parsed;
    return true;
}

bool hone_parse_real(const char *text, double *value) {
    if (!starts_as_number(text))
        return false;
    char *end;
    double parsed = strtod(text, &end);
    if (*end || !isfinite(parsed))
        return false;
    *value = parsed;
    return true;
}

static bool is_choice(const char *choices, const char *value) {
    size_t length = strlen(value);
    for (const char *at = choices; length && *at;) {
        size_t word = strcspn(at, " ");
        if (word == length && !memcmp(at, value, length))
            return true;
        at += word;
        at += strspn(at, " ");
    }
    return false;
}

bool hone_option_accepts(const struct hone_option *option, const char *value) {
    int64_t integer;
    double real;
    switch (option->type) {
    case HONE_FLAG:
        return !strcmp(value, "yes") || !strcmp(value, "no");
    case HONE_INTEGER:
        return hone_parse_integer(value, &integer) && (double)integer >= option->low &&
               (double)integer <= option->high;
    case HONE_REAL:
        return hone_parse_real(value, &real) && real >= option->low && real <= option->high;
    case HONE_TEXT:
        return !strpbrk(value, "\r\n");
    case HONE_CHOICE:
        return option->choices && is_choice(option->choices, value);
    default:
        return false;
    }
}

void hone_option_expects(const struct hone_option *option, char *text, size_t size) {
    switch (option->type) {
    case HONE_FLAG:
        snprintf(text, size, "yes or no");
        return;
    case HONE_INTEGER:
        snprintf(text, size, "an integer from %.0f to %.0f", option->low, option->high);
        return;
    case HONE_REAL:
        if (option->low <= -DBL_MAX && option->high >= DBL_MAX)
            snprintf(text, size, "a number");
        else
            snprintf(text, size, "a number from %g to %g", option->low, option->high);
        return;
    case HONE_TEXT:
        snprintf(text, size, "one line of text");
        return;
    case HONE_CHOICE:
        snprintf(text, size, "one of: %s", option->choices ? option->choices : "");
        return;
    default:
        snprintf(text, size, "nothing: its type %u is unknown to this host", option->type);
    }
}
