#include "hardware/command.h"
#include "hardware/cpu/cpu.h"

#include <dlfcn.h>
#include <errno.h>
#include <gnu/libc-version.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define FILE_BYTES_MAX (64u << 20)

char *hone_cpu_read_file(const char *path, uint64_t *bytes) {
    FILE *file = fopen(path, "re");
    struct stat stat;
    char *text = NULL;
    if (!file)
        return NULL;
    if (fstat(fileno(file), &stat) == 0) {
        if (stat.st_size > FILE_BYTES_MAX)
            errno = EFBIG;
        else if ((text = malloc((size_t)stat.st_size + 1)))
            text[ *bytes = fread(text, 1, (size_t)stat.st_size, file)] = '\0';
    }
    fclose(file);
    return text;
}

static int find_compiler(struct cpu *cpu, const char *name, struct hone_error *error) {
    if (strchr(name, '/')) {
        if (name[0] == '/' && access(name, X_OK) == 0) {
            snprintf(cpu->compiler, sizeof cpu->compiler, "%s", name);
            return 0;
        }
        return hone_cpu_fail(error, -ENOENT, "no compiler at %s: give an absolute path", name);
    }
    const char *path = getenv("PATH");
    for (path = path ? path : "/usr/bin:/bin"; *path; path += *path == ':') {
        size_t length = strcspn(path, ":");
        snprintf(cpu->compiler, sizeof cpu->compiler, "%.*s/%s", (int)length, path, name);
        if (path[0] == '/' && access(cpu->compiler, X_OK) == 0)
            return 0;
        path += length;
    }
    return hone_cpu_fail(error, -ENOENT, "no %s in PATH: install gcc and libc6-dev", name);
}

/* The plugin lies in .../plugins/hardware/, what it needs in .../lib/, or in ... when installed. */
static int find_library(struct cpu *cpu, struct hone_error *error) {
    Dl_info info;
    char path[PATH_MAX], guest[PATH_MAX + 32];
    if (!dladdr((const void *)&hone_plugin, &info) || !realpath(info.dli_fname, path))
        return hone_cpu_fail(error, -ENOENT, "cannot find the folder of the cpu backend");
    for (int i = 0; i < 3; i++) {
        char *slash = strrchr(path, '/');
        if (slash)
            *slash = '\0';
    }
    snprintf(guest, sizeof guest, "%s/lib/hone-guest", path);
    if (access(guest, X_OK))
        snprintf(guest, sizeof guest, "%s/hone-guest", path);
    if (strlen(guest) >= sizeof cpu->library || access(guest, X_OK))
        return hone_cpu_fail(error, -ENOENT, "no program at %s: build and install all of hone",
                             guest);
    snprintf(cpu->library, sizeof cpu->library, "%.*s", (int)(strrchr(guest, '/') - guest), guest);
    return 0;
}

static int read_version(struct cpu *cpu, struct hone_error *error) {
    char *text = hone_command_run((char *[]){cpu->compiler, "-dumpfullversion", NULL}, NULL);
    if (!text || !text[0] || text[0] < '0' || text[0] > '9') {
        free(text);
        return hone_cpu_fail(error, -ENOEXEC,
                             "%s does not tell its version as gcc does: set the option `compiler`",
                             cpu->compiler);
    }
    text[strcspn(text, "\n")] = '\0';
    snprintf(cpu->compiler_version, sizeof cpu->compiler_version, "%s", text);
    free(text);
    return 0;
}

/* What -march=native and the defaults stand for here, as the driver spells them out. */
static char *ask_target(const struct cpu *cpu, struct hone_error *error) {
    char compiler[HONE_CPU_PATH_SIZE];
    memcpy(compiler, cpu->compiler, sizeof compiler);
    char *text = hone_command_run((char *[]){compiler, "-v", "-march=native", "-E", "-x", "c",
                                             "/dev/null", "-o", "/dev/null", NULL},
                                  NULL);
    if (!text)
        hone_cpu_fail(error, -ENOEXEC, "%s does not know -march=native", cpu->compiler);
    return text;
}

static char *read_part(const struct cpu *cpu, const char *name, uint64_t *bytes,
                       struct hone_error *error) {
    char path[HONE_CPU_PATH_SIZE + 32];
    snprintf(path, sizeof path, "%s/%s", cpu->library, name);
    char *text = hone_cpu_read_file(path, bytes);
    if (!text)
        hone_cpu_fail(error, -ENOENT, "cannot read %s: %s", path, strerror(errno));
    return text;
}

static void identify(struct cpu *cpu, uint64_t target) {
    Dl_info self;
    uint64_t link = XXH3_64bits(cpu->linker_script, cpu->linker_script_bytes) ^
                    XXH3_64bits_withSeed(cpu->stubs, cpu->stubs_bytes, 1);
    snprintf(cpu->compiler_identity, sizeof cpu->compiler_identity,
             "gcc %s, target %016llx, files %016llx, glibc %s", cpu->compiler_version,
             (unsigned long long)target, (unsigned long long)cpu->files_hash,
             gnu_get_libc_version());
    if (dladdr((const void *)&hone_plugin, &self)) /* what it refuses, and puts around a source */
        link = hone_cpu_hash_path(self.dli_fname, "", link);
    snprintf(cpu->toolchain, sizeof cpu->toolchain, "%s, guest %s, link %016llx",
             cpu->compiler_identity, cpu->guest_hash, (unsigned long long)link);
}

static int read_parts(struct cpu *cpu, struct hone_error *error) {
    uint64_t guest_bytes;
    char *guest = read_part(cpu, "hone-guest", &guest_bytes, error);
    if (!guest)
        return -ENOENT;
    uint64_t hash = XXH3_64bits(guest, guest_bytes);
    free(guest);
    guest =
        read_part(cpu, "hone-library", &guest_bytes, error); /* what operators take is measured */
    if (!guest)
        return -ENOENT;
    hash = XXH3_64bits_withSeed(guest, guest_bytes, hash);
    free(guest);
    snprintf(cpu->guest_hash, sizeof cpu->guest_hash, "%016llx", (unsigned long long)hash);
    cpu->linker_script = read_part(cpu, "hone.ld", &cpu->linker_script_bytes, error);
    cpu->stubs = read_part(cpu, "stubs.ld", &cpu->stubs_bytes, error);
    if (!cpu->linker_script || !cpu->stubs)
        return -ENOENT;
    char *target = ask_target(cpu, error);
    int result = target ? hone_cpu_find_files(cpu, target, error) : -ENOEXEC;
    if (result == 0)
        identify(cpu, XXH3_64bits(target, strlen(target)));
    free(target);
    return result;
}

int hone_cpu_find_toolchain(struct cpu *cpu, const char *compiler, struct hone_error *error) {
    int result = find_compiler(cpu, compiler, error);
    result = result ? result : find_library(cpu, error);
    result = result ? result : read_version(cpu, error);
    result = result ? result : read_parts(cpu, error);
    if (result)
        hone_cpu_forget_toolchain(cpu);
    else
        hone_cpu_find_commands(cpu);
    if (result == 0)
        hone_cpu_cuda_find(cpu);
    return result;
}

void hone_cpu_forget_toolchain(struct cpu *cpu) {
    free(cpu->linker_script);
    free(cpu->stubs);
    cpu->linker_script = cpu->stubs = NULL;
    hone_cpu_words_finish(&cpu->paths);
    hone_cpu_words_finish(&cpu->direct);
    hone_cpu_cuda_forget(cpu);
}
