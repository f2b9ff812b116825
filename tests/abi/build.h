/* build.h - tests build the plugins of tests/abi/ with gcc, as an author outside the tree would.
 * Static only: every test file that needs it includes it. */
#ifndef HONE_TESTS_ABI_BUILD_H
#define HONE_TESTS_ABI_BUILD_H

#include "core/settings.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <dirent.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The repository this test was built in. */
static inline void abi_root(char root[512]) {
    struct hone_places places;
    struct hone_error error;
    cr_assert(eq(int, hone_places(&places, &error), 0), "%s", error.text);
    snprintf(root, 512, "%s", places.settings);
    char *end = strstr(root, "/etc/hone.ini");
    cr_assert(ne(ptr, end, NULL), "%s", places.settings);
    *end = '\0';
}

static inline void abi_folder(char folder[64]) {
    snprintf(folder, 64, "/tmp/hone-abi-XXXXXX");
    cr_assert(ne(ptr, mkdtemp(folder), NULL));
}

/* Build a source as FOLDER/NAME.so; `path` gets where. */
static inline void abi_build_at(const char *folder, const char *input, const char *name,
                                char path[256]) {
    char root[512], include[600];
    int status;
    pid_t pid;
    abi_root(root);
    snprintf(include, sizeof include, "-I%s", root);
    snprintf(path, 256, "%s/%s.so", folder, name);
    char *const arguments[] = {"gcc",   "-std=c17", "-O1", "-fPIC", "-fvisibility=hidden",
                               include, "-shared",  "-o",  path,    (char *)(uintptr_t)input,
                               "-lm",   NULL};
    cr_assert(eq(int, posix_spawnp(&pid, "gcc", NULL, NULL, arguments, environ), 0));
    cr_assert(eq(int, waitpid(pid, &status, 0), pid));
    cr_assert(eq(int, status, 0), "gcc %s", input);
}

/* The same of tests/abi/SOURCE.c, or of a path below the root. */
static inline void abi_build(const char *folder, const char *source, const char *name,
                             char path[256]) {
    char root[512], input[600];
    abi_root(root);
    snprintf(input, sizeof input, "%s/%s%s.c", root, strchr(source, '/') ? "" : "tests/abi/",
             source);
    abi_build_at(folder, input, name, path);
}

/* Remove a folder made by abi_folder(). */
static inline void abi_remove(const char *folder) {
    char path[600];
    DIR *files = opendir(folder);
    for (struct dirent *file; files && (file = readdir(files));) {
        snprintf(path, sizeof path, "%s/%s", folder, file->d_name);
        unlink(path);
    }
    if (files)
        closedir(files);
    rmdir(folder);
}

#endif
