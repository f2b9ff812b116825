#include "hardware/cuda/places.h"

#include <glob.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The highest version that matches; alternative builds of a library are not for everybody. */
static bool offer_pattern(const struct hone_cuda_wanted *wanted, const char *pattern) {
    glob_t files;
    bool taken = false;
    if (glob(pattern, GLOB_NOCHECK, NULL, &files))
        return false;
    for (size_t i = files.gl_pathc; i-- > 0 && !taken;)
        taken = access(files.gl_pathv[i], R_OK) == 0 &&
                wanted->take(wanted->context, files.gl_pathv[i]);
    globfree(&files);
    return taken;
}

bool hone_cuda_look_in(const struct hone_cuda_wanted *wanted, const char *folder) {
    static const char *const below[] = {"/lib64", "/lib", "/targets/x86_64-linux/lib",
                                        "/extras/CUPTI/lib64", ""};
    char pattern[PATH_MAX + 128];
    struct stat status;
    if (stat(folder, &status) == 0 && S_ISREG(status.st_mode) &&
        wanted->take(wanted->context, folder))
        return true;
    for (size_t i = 0; i < sizeof below / sizeof *below; i++) {
        snprintf(pattern, sizeof pattern, "%s%s/%s.so.[0-9]*", folder, below[i], wanted->name);
        if (offer_pattern(wanted, pattern))
            return true;
    }
    return false;
}

bool hone_cuda_look_in_wheels(const struct hone_cuda_wanted *wanted, const char *prefix) {
    const char *const wheels[] = {"cu[0-9]*", wanted->wheel};
    char pattern[PATH_MAX + 128];
    bool taken = false;
    for (size_t i = 0; !taken && i < sizeof wheels / sizeof *wheels; i++) {
        snprintf(pattern, sizeof pattern, "%s/lib/python3*/*-packages/nvidia/%s/lib/%s.so.[0-9]*",
                 prefix, wheels[i], wanted->name);
        taken = offer_pattern(wanted, pattern);
    }
    return taken;
}

bool hone_cuda_look_around(const struct hone_cuda_wanted *wanted) {
    static const char *const variables[] = {"CUDA_HOME", "CUDA_PATH"};
    static const char *const folders[] = {"/usr/local/cuda", "/opt/cuda",
                                          "/usr/lib/x86_64-linux-gnu", "/usr/lib64"};
    static const char *const prefixes[] = {"/usr/local", "/usr"};
    const char *value;
    char home[PATH_MAX];
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        if ((value = getenv(variables[i])) && *value && hone_cuda_look_in(wanted, value))
            return true;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (hone_cuda_look_in(wanted, folders[i]))
            return true;
    if ((value = getenv("VIRTUAL_ENV")) && hone_cuda_look_in_wheels(wanted, value))
        return true;
    if ((value = getenv("CONDA_PREFIX")) &&
        (hone_cuda_look_in(wanted, value) || hone_cuda_look_in_wheels(wanted, value)))
        return true;
    snprintf(home, sizeof home, "%s/.local", (value = getenv("HOME")) ? value : "");
    if (value && hone_cuda_look_in_wheels(wanted, home))
        return true;
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (hone_cuda_look_in_wheels(wanted, prefixes[i]))
            return true;
    return false;
}
