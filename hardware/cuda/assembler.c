#include "hardware/command.h"
#include "hardware/cuda/toolkit_internal.h"

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define DRIVER "driver"

static char input[] = "/dev/stdin";

/* The smallest program, in the language that this NVRTC writes: an older assembler refuses it. */
static int make_program(const struct hone_toolkit *toolkit) {
    const int fd = memfd_create("hone-probe", MFD_CLOEXEC);
    if (fd >= 0)
        dprintf(fd,
                ".version %s\n.target sm_90\n.address_size 64\n"
                ".visible .entry probe()\n{\n ret;\n}\n",
                toolkit->ptx);
    return fd;
}

static void take_library(void *paths, const char *path, int length) {
    char whole[PATH_MAX];
    snprintf(whole, sizeof whole, "%.*s", length, path);
    hone_toolkit_show(paths, whole);
}

/* "Cuda compilation tools, release 13.0, V13.0.88" */
static void name_ptxas(struct hone_assembler *assembler) {
    static char word[] = "--version";
    char *text = hone_command_run((char *[]){assembler->path, word, NULL}, NULL);
    const char *at = text ? strstr(text, "release ") : NULL;
    snprintf(assembler->name, sizeof assembler->name, "ptxas %.*s",
             at ? (int)strspn(at + 8, "0123456789.") : 1, at ? at + 8 : "?");
    free(text);
}

static bool try_ptxas(struct hone_assembler *assembler, int program) {
    static char target[] = "--gpu-name=sm_90", output[] = "--output-file=/dev/null";
    char *const words[] = {assembler->path, target, output, input, NULL};
    char *text = hone_command_run_on(words, program);
    const bool works = text != NULL;
    free(text);
    if (works) {
        assembler->kind = HONE_ASSEMBLER_PTXAS;
        name_ptxas(assembler);
        hone_toolkit_show(&assembler->paths, assembler->path);
        hone_command_libraries(assembler->path, take_library, &assembler->paths);
    }
    return works;
}

static bool try_jitlink(struct hone_toolkit *toolkit, int program) {
    static char word[] = "--probe-assembler";
    struct hone_assembler *assembler = &toolkit->assembler;
    char *const words[] = {toolkit->program, word, assembler->path, input, NULL};
    char version[16] = "?", *text = hone_command_run_on(words, program), *rest = text;
    for (char *line = text ? strsep(&rest, "\n") : NULL; line; line = strsep(&rest, "\n"))
        if (!hone_toolkit_take_file(&assembler->paths, line))
            sscanf(line, "version %15[0-9.]", version);
    const bool works = text != NULL;
    free(text);
    if (works) {
        assembler->kind = HONE_ASSEMBLER_JITLINK;
        snprintf(assembler->name, sizeof assembler->name, "nvJitLink %s", version);
        hone_toolkit_show(&assembler->paths, toolkit->program);
    }
    return works;
}

static bool try(struct hone_toolkit *toolkit, const char *path) {
    struct hone_assembler *assembler = &toolkit->assembler;
    if (!hone_toolkit_resolve(path, assembler->path) || access(assembler->path, R_OK))
        return false;
    const int program = make_program(toolkit);
    if (program < 0)
        return false;
    const char *name = strrchr(assembler->path, '/') + 1;
    const bool works = strncmp(name, "libnvJitLink", 12) == 0 ? try_jitlink(toolkit, program)
                                                              : try_ptxas(assembler, program);
    close(program);
    if (!works)
        hone_toolkit_hide(&assembler->paths);
    return works;
}

static bool try_pattern(struct hone_toolkit *toolkit, const char *pattern) {
    glob_t files;
    bool found = false;
    if (glob(pattern, 0, NULL, &files))
        return false;
    for (size_t i = files.gl_pathc; i-- > 0 && !found;)
        found = try(toolkit, files.gl_pathv[i]);
    globfree(&files);
    return found;
}

/* From the folder of the library: in its toolkit, beside it in its wheel or in another wheel; then
 * in the usual places. ptxas first, which takes half the time of the other. */
static bool look_around(struct hone_toolkit *toolkit) {
    static const char *const nearby[] = {
        "../bin/ptxas",           "../../bin/ptxas",
        "../../../bin/ptxas",     "../../cuda_nvcc/bin/ptxas",
        "libnvJitLink.so.[0-9]*", "../../nvjitlink/lib/libnvJitLink.so.[0-9]*",
    };
    static const char *const usual[] = {"/usr/local/cuda/bin/ptxas", "/opt/cuda/bin/ptxas",
                                        "/usr/bin/ptxas"};
    char pattern[PATH_MAX + 64];
    const int length = (int)(strrchr(toolkit->nvrtc, '/') - toolkit->nvrtc);
    for (size_t i = 0; i < sizeof nearby / sizeof *nearby; i++) {
        snprintf(pattern, sizeof pattern, "%.*s/%s", length, toolkit->nvrtc, nearby[i]);
        if (try_pattern(toolkit, pattern))
            return true;
    }
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (try_pattern(toolkit, usual[i]))
            return true;
    return false;
}

int hone_toolkit_find_assembler(struct hone_toolkit *toolkit, const char *setting,
                                struct hone_error *error) {
    const bool given = setting && *setting, driver = given && strcmp(setting, DRIVER) == 0;
    if (given && !driver && !try(toolkit, setting))
        return hone_toolkit_fail(error, -ENOENT,
                                 "no assembler at %s that takes what NVRTC %s writes: expected "
                                 "ptxas, libnvJitLink.so or " DRIVER,
                                 setting, toolkit->version);
    if (!driver && (given || look_around(toolkit)))
        return 0;
    toolkit->assembler.kind = HONE_ASSEMBLER_DRIVER;
    toolkit->assembler.path[0] = '\0';
    snprintf(toolkit->assembler.name, sizeof toolkit->assembler.name, DRIVER);
    return 0;
}
