#include "hardware/command.h"
#include "hardware/cpu/cpu.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

static void add(struct words *paths, const char *path, size_t length) {
    while (length > 1 && path[length - 1] == '/')
        length--;
    for (size_t i = 0; i < paths->count; i++)
        if (strlen(paths->items[i]) == length && strncmp(paths->items[i], path, length) == 0)
            return;
    hone_cpu_words_add(paths, path, length);
}

static void take_library(void *paths, const char *path, int length) {
    add(paths, path, (size_t)length);
}

static void add_libraries(struct words *paths, char *program) {
    hone_command_libraries(program, take_library, paths);
}

void hone_cpu_paths_add(struct words *paths, const char *program) {
    char path[HONE_CPU_PATH_SIZE];
    snprintf(path, sizeof path, "%s", program);
    add(paths, path, strlen(path));
    add_libraries(paths, path);
}

/* A program of the compiler's. The driver names those that are its own by a path, and others by a
 * word to be looked for as in a jail. */
static bool find_program(const struct cpu *cpu, const char *name, char path[HONE_CPU_PATH_SIZE]) {
    static const char *const folders[] = {"", "/usr/local/bin/", "/usr/bin/", "/bin/"};
    char compiler[HONE_CPU_PATH_SIZE], question[64];
    memcpy(compiler, cpu->compiler, sizeof compiler);
    snprintf(question, sizeof question, "-print-prog-name=%s", name);
    char *answer = hone_command_run((char *[]){compiler, question, NULL}, NULL);
    bool found = false;
    if (answer)
        answer[strcspn(answer, "\n")] = '\0';
    for (size_t i = 0; answer && !found && i < sizeof folders / sizeof *folders; i++) {
        snprintf(path, HONE_CPU_PATH_SIZE, "%s%s", folders[i], answer);
        found = path[0] == '/' && access(path, X_OK) == 0;
    }
    free(answer);
    return found;
}

static int add_programs(struct cpu *cpu, struct hone_error *error) {
    const struct {
        const char *name;
        char *path;
    } programs[] = {{"cc1", cpu->cc1}, {"as", cpu->as}, {"ld", cpu->ld}, {"collect2", NULL}};
    add(&cpu->paths, cpu->compiler, strlen(cpu->compiler));
    add_libraries(&cpu->paths, cpu->compiler);
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        char path[HONE_CPU_PATH_SIZE];
        if (!find_program(cpu, programs[i].name, path))
            return hone_cpu_fail(error, -ENOENT, "%s cannot find its program %s: is it installed?",
                                 cpu->compiler, programs[i].name);
        add(&cpu->paths, path, strlen(path));
        add_libraries(&cpu->paths, path);
        if (programs[i].path)
            memcpy(programs[i].path, path, HONE_CPU_PATH_SIZE);
    }
    return 0;
}

static bool is_below(const char *path, const char *folder) {
    size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 && path[length] == '/';
}

/* Programs and headers come with packages, which replace files and so touch the folders they are
 * in. Reading them all would cost more than a compile. */
uint64_t hone_cpu_hash_path(const char *path, const char *below, uint64_t hash) {
    char whole[HONE_CPU_PATH_SIZE];
    struct stat status;
    snprintf(whole, sizeof whole, "%s%s", path, below);
    if (stat(whole, &status))
        return hash;
    const uint64_t facts[] = {(uint64_t)status.st_ino, (uint64_t)status.st_size,
                              (uint64_t)status.st_mtim.tv_sec, (uint64_t)status.st_mtim.tv_nsec};
    hash = XXH3_64bits_withSeed(whole, strlen(whole), hash);
    return XXH3_64bits_withSeed(facts, sizeof facts, hash);
}

/* The folders that the compiler looks for headers in, out of what it says with -v. One that lies in
 * another is seen with that. */
static void add_includes(struct cpu *cpu, const char *text) {
    static const char *const below[] = {"", "/bits", "/sys"};
    const char *line = strstr(text, "#include <...> search starts here:");
    const char *end = line ? strstr(line, "End of search list.") : NULL;
    struct words folders = {0};
    for (line = end ? strchr(line, '\n') : NULL; line && line + 1 < end;
         line = strchr(line, '\n')) {
        line += 1 + strspn(line + 1, " ");
        add(&folders, line, strcspn(line, "\n"));
    }
    for (size_t i = 0; i < folders.count; i++) {
        bool inside = folders.items[i][0] != '/';
        for (size_t j = 0; j < sizeof below / sizeof *below; j++)
            cpu->files_hash = hone_cpu_hash_path(folders.items[i], below[j], cpu->files_hash);
        for (size_t j = 0; j < folders.count; j++)
            inside |= is_below(folders.items[i], folders.items[j]);
        if (!inside)
            add(&cpu->paths, folders.items[i], strlen(folders.items[i]));
    }
    hone_cpu_words_finish(&folders);
}

static void add_libgcc(struct cpu *cpu) {
    char compiler[HONE_CPU_PATH_SIZE];
    memcpy(compiler, cpu->compiler, sizeof compiler);
    char *path = hone_command_run((char *[]){compiler, "-print-libgcc-file-name", NULL}, NULL);
    if (path && path[0] == '/')
        add(&cpu->paths, path, strcspn(path, "\n"));
    free(path);
}

int hone_cpu_find_files(struct cpu *cpu, const char *verbose, struct hone_error *error) {
    int result = add_programs(cpu, error);
    if (result)
        return result;
    add_libgcc(cpu);
    for (size_t i = 0; i < cpu->paths.count; i++)
        cpu->files_hash = hone_cpu_hash_path(cpu->paths.items[i], "", cpu->files_hash);
    add_includes(cpu, verbose);
    return cpu->paths.failed ? hone_cpu_fail(error, -ENOMEM, "no memory for a compiler's files")
                             : 0;
}
