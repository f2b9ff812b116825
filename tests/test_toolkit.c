/* Where NVRTC and an assembler are found, in made-up folders laid out as packages do. */
#include "core/settings.h"
#include "hardware/cuda/toolkit.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SITE "lib/python3.12/site-packages/nvidia/"

static char root[PATH_MAX];
static struct hone_toolkit *toolkit;
static struct hone_error error;

static void set_up(void) {
    char made[] = "/tmp/hone-toolkit-XXXXXX";
    cr_assert(mkdtemp(made) != NULL);
    cr_assert(realpath(made, root) != NULL);
}

static void tear_down(void) {
    char command[PATH_MAX + 16];
    hone_toolkit_close(toolkit);
    snprintf(command, sizeof command, "rm -rf '%s'", root);
    cr_expect(zero(int, system(command)));
}

TestSuite(toolkit, .init = set_up, .fini = tear_down, .timeout = 60);

/* The path of a file below the root, whose folders are made. */
static const char *place(const char *name) {
    static char path[2 * PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", root, name);
    for (char *slash = strchr(path + strlen(root) + 1, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0755);
        *slash = '/';
    }
    return path;
}

static void put_text(const char *name, const char *text, mode_t mode) {
    const char *path = place(name);
    FILE *file = fopen(path, "w");
    cr_assert(file != NULL, "%s", path);
    fputs(text, file);
    fclose(file);
    cr_assert(zero(int, chmod(path, mode)));
}

static void put_library(const char *name) {
    char command[3 * PATH_MAX];
    const char *build = getenv("HONE_BUILD");
    snprintf(command, sizeof command, "cp %s/tests/fake_nvrtc.so '%s'",
             build ? build : "build/release", place(name));
    cr_assert(zero(int, system(command)));
}

/* A ptxas that takes one version of the language, of which the machine's own knows nothing. */
static void put_ptxas(const char *name, const char *language) {
    char text[512];
    snprintf(text, sizeof text,
             "#!/bin/sh\n"
             "if [ \"$1\" = --version ]; then echo 'tools, release 12.8, V12.8.1'; exit; fi\n"
             "for file; do :; done; read -r line <\"$file\"\n"
             "[ \"$line\" = '.version %s' ] && [ \"$1\" = --gpu-name=sm_90 ]\n",
             language);
    put_text(name, text, 0755);
}

static int open_root(const char *assembler) {
    struct hone_places places;
    cr_assert(zero(int, hone_places(&places, &error)), "%s", error.text);
    return hone_toolkit_open(root, assembler, places.library, &toolkit, &error);
}

static bool shows(const struct hone_toolkit_paths *paths, const char *end) {
    for (size_t i = 0; i < paths->count; i++) {
        const size_t length = strlen(paths->items[i]), tail = strlen(end);
        if (length >= tail && strcmp(paths->items[i] + length - tail, end) == 0)
            return true;
    }
    return false;
}

Test(toolkit, takes_the_wheels_of_cuda_12) {
    put_library(SITE "cuda_nvrtc/lib/libnvrtc.so.12");
    put_library(SITE "cuda_nvrtc/lib/libnvrtc-builtins.so.12.9");
    put_library(SITE "nvjitlink/lib/libnvJitLink.so.12");
    put_text(SITE "cuda_runtime/include/cuda_fp16.h", "#include \"cuda_fp16.hpp\"\n", 0644);
    put_text(SITE "cuda_runtime/include/cuda_fp16.hpp", "\n", 0644);
    cr_assert(zero(int, open_root(NULL)), "%s", error.text);
    cr_expect(eq(str, toolkit->version, "12.9"));
    cr_expect(eq(str, toolkit->ptx, "99.1"));
    cr_expect(eq(str, (char *)toolkit->options[0], "--no-cache"));
    cr_expect(shows(&toolkit->paths, "libnvrtc.so.12"));
    cr_expect(shows(&toolkit->paths, "libnvrtc-builtins.so.12.9"));
    cr_expect(shows(&toolkit->paths, "cuda_fp16.h"));
    cr_expect(shows(&toolkit->paths, "cuda_fp16.hpp"));
    cr_expect(not(shows(&toolkit->paths, "libnvJitLink.so.12")));
    cr_expect(eq(int, toolkit->assembler.kind, HONE_ASSEMBLER_JITLINK));
    cr_expect(eq(str, toolkit->assembler.name, "nvJitLink 12.9"));
    cr_expect(shows(&toolkit->assembler.paths, "libnvJitLink.so.12"));
    cr_expect(shows(&toolkit->assembler.paths, "hone-nvrtc"));
    cr_expect(not(shows(&toolkit->assembler.paths, "libnvrtc.so.12")));
    cr_expect(strstr(toolkit->identity, "nvrtc 12.9, nvJitLink 12.9, files ") != NULL, "%s",
              toolkit->identity);
}

Test(toolkit, takes_the_wheel_of_cuda_13) {
    put_library(SITE "cu13/lib/libnvrtc.so.13");
    put_library(SITE "cu13/lib/libnvJitLink.so.13");
    put_text(SITE "cu13/include/cuda_fp16.h", "\n", 0644);
    put_ptxas(SITE "cu13/bin/ptxas", "99.1");
    cr_assert(zero(int, open_root(NULL)), "%s", error.text);
    cr_expect(shows(&toolkit->paths, "cu13/include/cuda_fp16.h"));
    cr_expect(eq(int, toolkit->assembler.kind, HONE_ASSEMBLER_PTXAS));
    cr_expect(eq(str, toolkit->assembler.name, "ptxas 12.8"));
    cr_expect(shows(&toolkit->assembler.paths, "cu13/bin/ptxas"));
}

Test(toolkit, passes_over_an_assembler_that_is_too_old_for_the_compiler) {
    put_library(SITE "cu13/lib/libnvrtc.so.13");
    put_ptxas(SITE "cu13/bin/ptxas", "99.0");
    put_library(SITE "cu13/lib/libnvJitLink.so.13");
    cr_assert(zero(int, open_root(NULL)), "%s", error.text);
    cr_expect(eq(int, toolkit->assembler.kind, HONE_ASSEMBLER_JITLINK));
    cr_expect(not(shows(&toolkit->assembler.paths, "ptxas")));
}

Test(toolkit, takes_a_toolkit_and_the_assembler_in_it) {
    put_library("targets/x86_64-linux/lib/libnvrtc.so.13");
    put_text("targets/x86_64-linux/include/cuda_fp16.h", "\n", 0644);
    put_ptxas("bin/ptxas", "99.1");
    cr_assert(zero(int, open_root(NULL)), "%s", error.text);
    cr_expect(shows(&toolkit->paths, "targets/x86_64-linux/include/cuda_fp16.h"));
    cr_expect(shows(&toolkit->assembler.paths, "/bin/ptxas"));
}

Test(toolkit, leaves_the_assembling_to_the_driver_when_told_to) {
    put_library("lib64/libnvrtc.so.13");
    put_ptxas("bin/ptxas", "99.1");
    cr_assert(zero(int, open_root("driver")), "%s", error.text);
    cr_expect(eq(int, toolkit->assembler.kind, HONE_ASSEMBLER_DRIVER));
    cr_expect(strstr(toolkit->identity, "nvrtc 12.9, driver, files ") != NULL, "%s",
              toolkit->identity);
}

Test(toolkit, refuses_a_named_assembler_that_does_not_work) {
    put_library("lib64/libnvrtc.so.13");
    put_ptxas("old/ptxas", "99.0");
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s", place("old/ptxas"));
    cr_expect(eq(int, open_root(path), -ENOENT));
    cr_expect(strstr(error.text, path) && strstr(error.text, "NVRTC 12.9"), "%s", error.text);
}

Test(toolkit, tells_the_assemblers_apart_in_what_names_an_image) {
    char first[sizeof toolkit->identity];
    put_library("lib64/libnvrtc.so.13");
    put_ptxas("bin/ptxas", "99.1");
    cr_assert(zero(int, open_root(NULL)), "%s", error.text);
    memcpy(first, toolkit->identity, sizeof first);
    hone_toolkit_close(toolkit);
    put_ptxas("bin/ptxas", "99.1' ] && [ 'another' = 'another"); /* that works as well */
    cr_assert(zero(int, open_root(NULL)), "%s", error.text);
    cr_expect(ne(str, toolkit->identity, first));
}

/* Where a variable leads, not the setting: found only if nobody else could have put it there. */
Test(toolkit, loads_nothing_that_others_could_have_put_where_a_variable_leads) {
    struct hone_places places;
    char path[2 * PATH_MAX], inside[2 * PATH_MAX];
    put_library("lib64/libnvrtc.so.12");
    snprintf(path, sizeof path, "%s", place("lib64/libnvrtc.so.12"));
    snprintf(inside, sizeof inside, "%s/lib64", root);
    cr_assert(zero(int, hone_places(&places, &error)), "%s", error.text);
    setenv("CUDA_HOME", root, 1);
    const struct {
        const char *path;
        mode_t bad, good;
    } walls[] = {{path, 0666, 0644}, {inside, 0777, 0755}, {root, 0777, 0700}};
    for (size_t i = 0; i < sizeof walls / sizeof *walls; i++) {
        cr_assert(zero(int, chmod(walls[i].path, walls[i].bad)));
        if (hone_toolkit_open(NULL, "driver", places.library, &toolkit, &error) == 0)
            cr_expect(ne(str, toolkit->nvrtc, path));
        else
            cr_expect(ne(ptr, strstr(error.text, path), NULL), "%s", error.text);
        hone_toolkit_close(toolkit);
        cr_assert(zero(int, chmod(walls[i].path, walls[i].good)));
    }
    if (geteuid() == 0) {
        cr_assert(zero(int, chown(path, 65534, 65534)));
        if (hone_toolkit_open(NULL, "driver", places.library, &toolkit, &error) == 0)
            cr_expect(ne(str, toolkit->nvrtc, path));
        hone_toolkit_close(toolkit);
        cr_assert(zero(int, chown(path, 0, 0)));
    }
    cr_assert(zero(int, hone_toolkit_open(NULL, "driver", places.library, &toolkit, &error)));
    cr_expect(eq(str, toolkit->nvrtc, path));
}
