#include "hardware/command.h"
#include "hardware/cpu/cpu.h"
#include "hardware/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define CLEARLY 0.95
#define ROUNDS 3 /* of all core types, one after the other: a neighbour disturbs one round */

/* Those that differ in their products, of what x86-64 has today. One that this processor lacks, or
 * this OpenBLAS does not know, is found out by trying. */
static const char *const core_types[] = {"Sandybridge", "Haswell",    "Zen",
                                         "SkylakeX",    "Cooperlake", "Sapphirerapids"};
#define CORE_TYPES (sizeof core_types / sizeof *core_types)

/* What `hone-library` answers. */
struct answer {
    char path[HONE_CPU_PATH_SIZE], version[32], core[32];
    double score;
};

static bool take_line(char **text, char *line, size_t size) {
    size_t length = strcspn(*text, "\n");
    if ((*text)[length] != '\n' || length == 0 || length >= size)
        return false;
    memcpy(line, *text, length);
    line[length] = '\0';
    *text += length + 1;
    return true;
}

static bool ask(const struct cpu *cpu, const char *path, const char *core, const char *what,
                struct answer *answer) {
    char program[HONE_CPU_PATH_SIZE + 16], words[3][HONE_CPU_PATH_SIZE], score[32];
    snprintf(program, sizeof program, "%s/hone-library", cpu->library);
    snprintf(words[0], sizeof words[0], "%s", path);
    snprintf(words[1], sizeof words[1], "%s", core);
    snprintf(words[2], sizeof words[2], "%s", what);
    char *text = hone_command_run((char *[]){program, words[0], words[1], words[2], NULL}, NULL);
    char *at = text;
    bool good = at && take_line(&at, answer->path, sizeof answer->path) &&
                take_line(&at, answer->version, sizeof answer->version) &&
                take_line(&at, answer->core, sizeof answer->core) &&
                take_line(&at, score, sizeof score);
    answer->score = good ? strtod(score, NULL) : 0;
    free(text);
    return good;
}

/* Where the choice of this library on this processor is remembered; empty: nowhere. */
static void name_memory(const struct cpu *cpu, const struct answer *answer, char *path,
                        size_t size) {
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    char folder[HONE_CPU_PATH_SIZE];
    struct stat status = {0};
    path[0] = '\0';
    if (stat(answer->path, &status))
        return;
    const uint64_t facts[] = {(uint64_t)status.st_ino, (uint64_t)status.st_size,
                              (uint64_t)status.st_mtim.tv_sec, (uint64_t)status.st_mtim.tv_nsec};
    uint64_t hash = XXH3_64bits(cpu->name, strlen(cpu->name));
    hash = XXH3_64bits_withSeed(answer->path, strlen(answer->path), hash);
    hash = XXH3_64bits_withSeed(answer->version, strlen(answer->version), hash);
    /* Its own choice follows the processor's features, which a name may hide. */
    hash = XXH3_64bits_withSeed(answer->core, strlen(answer->core), hash);
    hash = XXH3_64bits_withSeed(facts, sizeof facts, hash);
    if (cache && *cache == '/')
        snprintf(folder, sizeof folder, "%s/hone", cache);
    else if (home && *home == '/')
        snprintf(folder, sizeof folder, "%s/.cache/hone", home);
    else
        return;
    snprintf(path, size, "%s/openblas-%016llx", folder, (unsigned long long)hash);
    char *slash = strrchr(folder, '/');
    *slash = '\0';
    mkdir(folder, 0700); /* whatever fails here fails again when the file is written */
    *slash = '/';
    mkdir(folder, 0700);
}

static bool is_core_type(const char *name, const struct answer *own) {
    bool known = strcmp(name, own->core) == 0;
    for (size_t i = 0; i < CORE_TYPES; i++)
        known |= strcmp(name, core_types[i]) == 0;
    return known;
}

static bool recall(const char *memory, const struct answer *own, char core[32]) {
    uint64_t bytes;
    /* Who wrote it chose how fast the library is. */
    char *text = *memory && hone_is_trusted(memory) ? hone_cpu_read_file(memory, &bytes) : NULL;
    char *at = text;
    bool found = text && take_line(&at, core, 32) && is_core_type(core, own);
    free(text);
    return found;
}

/* In one step, since another process may be reading. */
static void remember(const char *memory, const char *core) {
    char temporary[HONE_CPU_PATH_SIZE + 80];
    if (!*memory)
        return;
    snprintf(temporary, sizeof temporary, "%s.%ld", memory, (long)getpid());
    int file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool written = file >= 0 && dprintf(file, "%s\n", core) > 0;
    if (file >= 0 && (close(file) || !written || rename(temporary, memory)))
        unlink(temporary);
}

/* Its own choice stands, unless another is faster by more than noise. */
static void time_core_types(const struct cpu *cpu, const struct answer *own, char core[32]) {
    double best[CORE_TYPES + 1];
    for (size_t i = 0; i <= CORE_TYPES; i++)
        best[i] = 1e300;
    for (size_t i = 0; i < ROUNDS * (CORE_TYPES + 1); i++) {
        const size_t index = i % (CORE_TYPES + 1);
        const char *name = index < CORE_TYPES ? core_types[index] : own->core;
        struct answer answer;
        if (ask(cpu, own->path, name, "time", &answer) && strcasecmp(answer.core, name) == 0 &&
            answer.score < best[index])
            best[index] = answer.score;
    }
    size_t chosen = CORE_TYPES;
    for (size_t i = 0; i < CORE_TYPES; i++)
        if (best[i] < best[chosen] && best[i] < CLEARLY * best[CORE_TYPES])
            chosen = i;
    snprintf(core, 32, "%s", chosen < CORE_TYPES ? core_types[chosen] : own->core);
}

static int read_stubs(struct cpu *cpu, struct cpu_library *library) {
    char path[HONE_CPU_PATH_SIZE + 32];
    snprintf(path, sizeof path, "%s/library.ld", cpu->library);
    library->stubs = hone_cpu_read_file(path, &library->stubs_bytes);
    snprintf(path, sizeof path, "%s/cblas.h", cpu->library);
    library->header = library->stubs ? hone_cpu_read_file(path, &library->header_bytes) : NULL;
    if (!library->header) {
        snprintf(library->text, sizeof library->text, "cannot read %.100s: %s", path,
                 strerror(errno));
        return -ENOENT;
    }
    uint64_t hash = XXH3_64bits(library->stubs, library->stubs_bytes) ^
                    XXH3_64bits_withSeed(library->header, library->header_bytes, 1) ^
                    XXH3_64bits_withSeed(cpu->linker_script, cpu->linker_script_bytes, 2);
    snprintf(library->toolchain, sizeof library->toolchain, "%s, library %016llx",
             cpu->compiler_identity, (unsigned long long)hash);
    return 0;
}

void hone_cpu_library_find(struct cpu *cpu, const char *name) {
    struct cpu_library *library = &cpu->openblas;
    char memory[HONE_CPU_PATH_SIZE + 40];
    struct answer own;
    *library = (struct cpu_library){0};
    if (strcmp(name, "none") == 0) {
        snprintf(library->text, sizeof library->text,
                 "turned off by the settings: baselines do without");
        return;
    }
    if (!ask(cpu, name, "", "describe", &own)) {
        snprintf(library->text, sizeof library->text,
                 "%.48s cannot be loaded: baselines do without (Debian: libopenblas0-serial)",
                 name);
        return;
    }
    if (read_stubs(cpu, library))
        return;
    name_memory(cpu, &own, memory, sizeof memory);
    if (!recall(memory, &own, library->core)) {
        time_core_types(cpu, &own, library->core);
        remember(memory, library->core);
    }
    library->there = true;
    memcpy(library->path, own.path, sizeof library->path);
    snprintf(library->text, sizeof library->text, "%s %s", own.version, library->core);
}

void hone_cpu_library_forget(struct cpu *cpu) {
    free(cpu->openblas.stubs);
    free(cpu->openblas.header);
    cpu->openblas = (struct cpu_library){0};
}
