#include "hardware/command.h"
#include "hardware/cpu/cpu.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define ARGUMENTS_MAX 64

#define DRIVEN 3 /* builds that a driver is asked for; the others are made from one of these */

/* One way to make hone.o from hone.cc: a driver's name in PATH, and how it takes what we ask. */
struct compiler {
    const char *name;
    int commands; /* that the driver runs: cc1plus and as, or clang alone */
    const char *const *arguments;
    const char *const *builds[DRIVEN];
};

/* A fiber may be left anywhere, so nothing lies below the stack pointer. Arithmetic is a GPU's:
 * contracted, and without errno. No macros of the compiler's: a source must not know it. */
static const char *const common[] = {"-###",
                                     "-c",
                                     "-x",
                                     "c++",
                                     "/dev/null",
                                     "-o",
                                     "hone.o",
                                     "-std=c++17",
                                     "-march=native",
                                     "-nostdinc",
                                     "-undef",
                                     "-fno-pic",
                                     "-ftls-model=local-exec",
                                     "-fno-exceptions",
                                     "-fno-rtti",
                                     "-fno-threadsafe-statics",
                                     "-fno-math-errno",
                                     "-fno-trapping-math",
                                     "-ffp-contract=fast",
                                     "-mno-red-zone",
                                     "-fomit-frame-pointer",
                                     "-fno-stack-protector",
                                     "-fno-asynchronous-unwind-tables",
                                     "-fcf-protection=none",
                                     "-U_FORTIFY_SOURCE",
                                     "-Wdate-time",
                                     "-Werror=date-time",
                                     "-Werror=vla",
                                     "-fdiagnostics-color=never",
                                     "-pipe",
                                     NULL};

static const char *const gcc_arguments[] = {"-fno-gnu-unique", "-fno-extern-tls-init",
                                            "-fmax-errors=20", "-Wno-volatile", NULL};
static const char *const gcc_fibers[] = {"-O2",
                                         "-mno-avx512f",
                                         "-fpeel-loops",
                                         "--param",
                                         "max-completely-peeled-insns=120",
                                         "-fsanitize=bounds",
                                         "-fsanitize-undefined-trap-on-error",
                                         NULL};
static const char *const gcc_loop[] = {"-O3", NULL};
static const char *const gcc_checking[] = {"-Og",
                                           "-ftree-sra",
                                           "-g1",
                                           "-gdwarf-4",
                                           "-gno-column-info",
                                           "-gno-statement-frontiers",
                                           "-mno-avx512f",
                                           "-fsanitize=thread,alignment,bounds",
                                           "-fno-sanitize-recover=alignment,bounds",
                                           "--param",
                                           "tsan-instrument-func-entry-exit=0",
                                           "--param",
                                           "tsan-distinguish-volatile=1",
                                           "-fno-builtin-memcpy",
                                           "-fno-builtin-memset",
                                           NULL};

static const char *const clang_arguments[] = {"-ferror-limit=20", "-DHONE_CLANG", NULL};
static const char *const clang_fibers[] = {"-O2", "-mno-avx512f", "-fsanitize=bounds",
                                           "-fsanitize-trap=bounds", NULL};
static const char *const clang_loop[] = {"-O3", NULL};
static const char *const clang_checking[] = {"-O1",
                                             "-mno-avx512f",
                                             "-gline-tables-only",
                                             "-gdwarf-4",
                                             "-fsanitize=thread,alignment,bounds",
                                             "-fno-sanitize-recover=alignment,bounds",
                                             "-mllvm",
                                             "-tsan-instrument-func-entry-exit=0",
                                             "-mllvm",
                                             "-tsan-distinguish-volatile=1",
                                             "-fno-builtin-memcpy",
                                             "-fno-builtin-memset",
                                             NULL};

static const struct compiler gcc = {"g++", 2, gcc_arguments, {gcc_fibers, gcc_loop, gcc_checking}};
static const struct compiler clang = {
    "clang++", 1, clang_arguments, {clang_fibers, clang_loop, clang_checking}};

static bool find_in_path(const char *name, char found[HONE_CPU_PATH_SIZE]) {
    const char *path = getenv("PATH");
    for (path = path ? path : "/usr/bin:/bin"; *path; path += *path == ':') {
        size_t length = strcspn(path, ":");
        snprintf(found, HONE_CPU_PATH_SIZE, "%.*s/%s", (int)length, path, name);
        if (path[0] == '/' && access(found, X_OK) == 0)
            return true;
        path += length;
    }
    return false;
}

static void add(struct words *words, const char *text) {
    hone_cpu_words_add(words, text, strlen(text));
}

static size_t append(char **to, size_t count, const char *const *words) {
    for (; *words && count < ARGUMENTS_MAX - 8; words++)
        memcpy(&to[count++], words, sizeof *words); /* which posix_spawn() does not change */
    return count;
}

/* The commands as the jail runs them. A driver names its own programs by path, and `as` perhaps
 * not.
 */
static void take(struct cpu *cpu, const struct words *commands, int count, struct words *to) {
    for (int c = 0; c < count; c++)
        for (size_t i = 0; i < commands[c].count; i++) {
            const char *word = commands[c].items[i];
            if (c == 1 && i == 0)
                word = cpu->as;
            if (i == 0)
                hone_cpu_paths_add(&cpu->cuda.paths, word);
            if (c == 0 && i == 0 && to->count) /* is there, with the prelude */
                continue;
            add(to, strcmp(word, "/dev/null") == 0 ? "hone.cc" : word);
        }
}

/* Which build it is, only these say: on the command line it would be said once more behind the
 * precompiled prelude, where no source may name it any longer. */
const char *const hone_cpu_prelude_texts[CPU_BUILDS] = {
    [CPU_FIBERS] = "#include \"cuda.h\"\n",
    [CPU_LOOP] = "#define HONE_LOOP 1\n#include \"cuda.h\"\n",
    [CPU_CHECKING] = "#define HONE_CHECKING 1\n#include \"cuda.h\"\n",
    [CPU_FIBERS_UNTIMED] = "#include \"cuda.h\"\n",
    [CPU_LOOP_UNTIMED] = "#define HONE_LOOP 1\n#include \"cuda.h\"\n",
};
const char *const hone_cpu_preludes[CPU_BUILDS][2] = {
    [CPU_FIBERS] = {"fibers.h", "fibers.h.gch"},
    [CPU_LOOP] = {"loop.h", "loop.h.gch"},
    [CPU_CHECKING] = {"checking.h", "checking.h.gch"},
    [CPU_FIBERS_UNTIMED] = {"fibers.h", "fibers.h.gch"},
    [CPU_LOOP_UNTIMED] = {"loop.h", "loop.h.gch"},
};

/* The same command from the prelude to its precompiled form; 20 ms of each compile. clang must be
 * told what to read, and reads it only where what it was made of still has the path it had: so it
 * is made of a file that stays, not of the job's. */
static void take_clang_prelude(struct cpu *cpu, const struct words *cc1, enum cpu_build build) {
    struct words *to = &cpu->cuda.preludes[build], *reading = &cpu->cuda.readings[build];
    char prelude[HONE_CPU_PATH_SIZE + 32];
    snprintf(prelude, sizeof prelude, "%s/device/cpu/%s", cpu->library,
             hone_cpu_preludes[build][0]);
    for (size_t i = 0; i < cc1->count; i++) {
        const char *word = cc1->items[i];
        if (strcmp(word, "-emit-obj") == 0)
            word = "-emit-pch";
        else if (strcmp(word, "c++") == 0)
            word = "c++-header";
        else if (strcmp(word, "/dev/null") == 0)
            word = prelude;
        else if (strcmp(word, "hone.o") == 0)
            word = hone_cpu_preludes[build][1];
        add(to, word);
    }
    add(reading, "-fno-validate-pch");
    add(reading, "-include-pch");
    add(reading, hone_cpu_preludes[build][1]);
}

/* The same command up to the pipe, from the prelude to its precompiled form, as the driver would
 * run it: 10 to 18 ms of each compile. */
static void take_prelude(struct cpu *cpu, const struct words *cc1, enum cpu_build build) {
    struct words *to = &cpu->cuda.preludes[build], *command = &cpu->cuda.commands[build];
    char output[64];
    snprintf(output, sizeof output, "--output-pch=%s", hone_cpu_preludes[build][1]);
    for (size_t i = 0; i < cc1->count && strcmp(cc1->items[i], "|") != 0; i++) {
        const char *word = cc1->items[i];
        if (strcmp(word, "-o") == 0) /* and "-" behind it */
            i++;
        else
            add(to, strcmp(word, "/dev/null") == 0 ? hone_cpu_preludes[build][0] : word);
    }
    add(to, "-o");
    add(to, "prelude.s");
    add(to, output);
    add(command, cc1->items[0]);
    add(command, "-include");
    add(command, hone_cpu_preludes[build][0]);
}

/* The fibers' commands, but for what takes a compiler its time: with -Og it takes g++ two thirds of
 * -O2's, less than half of what clang takes with -O3, and small workloads lose less than that. */
static void take_untimed(struct cpu *cpu, const struct words commands[2], int count) {
    struct words soon = {0};
    for (size_t i = 0; i < commands[0].count; i++)
        add(&soon, strcmp(commands[0].items[i], "-O2") == 0 ? "-Og" : commands[0].items[i]);
    const struct words pair[2] = {soon, commands[1]};
    for (int build = CPU_FIBERS_UNTIMED; build <= CPU_LOOP_UNTIMED && !soon.failed; build++) {
        take_prelude(cpu, &soon, build);
        take(cpu, pair, count, &cpu->cuda.commands[build]);
    }
    hone_cpu_words_finish(&soon);
}

static bool ask(struct cpu *cpu, const struct compiler *compiler, enum cpu_build build) {
    char path[HONE_CPU_PATH_SIZE], headers[HONE_CPU_PATH_SIZE + 32],
        shared[HONE_CPU_PATH_SIZE + 32];
    char *arguments[ARGUMENTS_MAX];
    static char system[] = "-isystem", halves[] = "-DHONE_F16C";
    struct words commands[2] = {{0}, {0}};
    if (!find_in_path(compiler->name, path))
        return false;
    snprintf(headers, sizeof headers, "%s/device/cpu", cpu->library);
    snprintf(shared, sizeof shared, "%s/device/common", cpu->library);
    size_t count = 0;
    arguments[count++] = path;
    count = append(arguments, count, common);
    count = append(arguments, count, compiler->arguments);
    count = append(arguments, count, compiler->builds[build]);
    if (__builtin_cpu_supports("avx2")) /* whoever has that converts halves too */
        arguments[count++] = halves;
    arguments[count++] = system;
    arguments[count++] = headers;
    if (access(shared, R_OK) == 0) {
        arguments[count++] = system;
        arguments[count++] = shared;
    }
    arguments[count] = NULL;
    char *text = hone_command_run(arguments, NULL);
    bool good = text && hone_cpu_read_commands(text, commands, compiler->commands);
    if (good && compiler == &gcc)
        take_prelude(cpu, &commands[0], build);
    else if (good)
        take_clang_prelude(cpu, &commands[0], build);
    if (good)
        take(cpu, commands, compiler->commands, &cpu->cuda.commands[build]);
    if (good && compiler == &gcc && build == CPU_FIBERS)
        take_untimed(cpu, commands, compiler->commands);
    for (int i = 0; i < 2; i++)
        hone_cpu_words_finish(&commands[i]);
    free(text);
    return good && !cpu->cuda.commands[build].failed;
}

static char *read_part(const struct cpu *cpu, const char *name, uint64_t *bytes) {
    char path[HONE_CPU_PATH_SIZE + 32];
    snprintf(path, sizeof path, "%s/%s", cpu->library, name);
    return hone_cpu_read_file(path, bytes);
}

static bool read_parts(struct cpu *cpu) {
    struct cpu_cuda *cuda = &cpu->cuda;
    char compiler[HONE_CPU_PATH_SIZE];
    memcpy(compiler, cpu->compiler, sizeof compiler);
    cuda->script = read_part(cpu, "cuda.ld", &cuda->script_bytes);
    cuda->runtime[0] = read_part(cpu, "blocks.o", &cuda->runtime_bytes[0]);
    cuda->runtime[1] = read_part(cpu, "checks.o", &cuda->runtime_bytes[1]);
    char *libgcc = hone_command_run((char *[]){compiler, "-print-libgcc-file-name", NULL}, NULL);
    if (libgcc)
        snprintf(cuda->libgcc, sizeof cuda->libgcc, "%.*s", (int)strcspn(libgcc, "\n"), libgcc);
    free(libgcc);
    return cuda->script && cuda->runtime[0] && cuda->runtime[1] && cuda->libgcc[0] == '/';
}

static uint64_t hash_headers(const char *folder, uint64_t hash) {
    struct dirent **entries = NULL;
    const int count = scandir(folder, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        char path[HONE_CPU_PATH_SIZE + 300];
        uint64_t bytes;
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        char *text = entries[i]->d_type == DT_REG ? hone_cpu_read_file(path, &bytes) : NULL;
        hash = XXH3_64bits_withSeed(path, strlen(path), hash);
        if (text)
            hash = XXH3_64bits_withSeed(text, bytes, hash);
        else if (entries[i]->d_type == DT_DIR && entries[i]->d_name[0] != '.' &&
                 strlen(path) < HONE_CPU_PATH_SIZE + 30)
            hash = hash_headers(path, hash);
        free(text);
        free(entries[i]);
    }
    free(entries);
    return hash;
}

/* Programs by what the file system says of them, ours by what is in them. */
static void identify(struct cpu *cpu) {
    struct cpu_cuda *cuda = &cpu->cuda;
    char headers[HONE_CPU_PATH_SIZE + 16];
    snprintf(headers, sizeof headers, "%s/device", cpu->library);
    uint64_t hash = XXH3_64bits(cuda->script, cuda->script_bytes);
    for (int i = 0; i < 2; i++)
        hash = XXH3_64bits_withSeed(cuda->runtime[i], cuda->runtime_bytes[i], hash);
    for (size_t i = 0; i < cuda->paths.count; i++)
        hash = hone_cpu_hash_path(cuda->paths.items[i], "", hash);
    hash = hash_headers(headers, hash);
    for (int build = 0; build < CPU_BUILDS; build++)
        for (size_t i = 0; i < cuda->commands[build].count; i++) {
            const char *word = cuda->commands[build].items[i];
            hash = XXH3_64bits_withSeed(word, strlen(word), hash);
        }
    snprintf(cuda->toolchain, sizeof cuda->toolchain, "%s, cuda %016llx", cpu->toolchain,
             (unsigned long long)hash);
    snprintf(cuda->untimed_toolchain, sizeof cuda->untimed_toolchain, "%s, untimed",
             cuda->toolchain);
}

/* g++ starts and compiles faster; clang runs several turns of a loop of threads at once. */
void hone_cpu_cuda_find(struct cpu *cpu) {
    struct cpu_cuda *cuda = &cpu->cuda;
    char headers[HONE_CPU_PATH_SIZE + 16];
    snprintf(headers, sizeof headers, "%s/device", cpu->library);
    bool there = read_parts(cpu) && access(headers, R_OK) == 0;
    for (int build = 0; there && build < DRIVEN; build++) {
        const bool vectors = build == CPU_LOOP;
        there =
            ask(cpu, vectors ? &clang : &gcc, build) || ask(cpu, vectors ? &gcc : &clang, build);
    }
    if (there) {
        hone_cpu_paths_add(&cuda->paths, cpu->ld);
        add(&cuda->paths, cuda->libgcc);
        add(&cuda->paths, headers);
        identify(cpu);
    }
    cuda->there = there && !cuda->paths.failed;
}

void hone_cpu_cuda_forget(struct cpu *cpu) {
    struct cpu_cuda *cuda = &cpu->cuda;
    for (int build = 0; build < CPU_BUILDS; build++) {
        hone_cpu_words_finish(&cuda->commands[build]);
        hone_cpu_words_finish(&cuda->preludes[build]);
        hone_cpu_words_finish(&cuda->readings[build]);
    }
    hone_cpu_words_finish(&cuda->paths);
    free(cuda->script);
    free(cuda->runtime[0]);
    free(cuda->runtime[1]);
    *cuda = (struct cpu_cuda){0};
}
