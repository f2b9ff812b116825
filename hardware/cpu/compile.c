#include "hardware/cpu/cpu.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OUTPUT_LIMIT_BYTES (16ull << 20)
#define MEMORY_LIMIT_BYTES (1ull << 30)
#define CPU_LIMIT_S 8
#define WALL_LIMIT_S 20
#define ARGUMENTS_MAX 48
#define PROCESSES_MAX 16 /* of the driver; the programs it stands for start none */
#define CHOSEN_MAX 16

#define UNIT "hone.c"
#define VECTORS "vectors.h"

/* The same for everybody; the agent's choices follow. */
static const char *const fixed_arguments[] = {
    "-std=gnu17",
    "-O3",
    "-march=native",
    "-fno-pic",
    "-fopenmp-simd",
    "-fno-stack-protector",
    "-U_FORTIFY_SOURCE",
    "-fcf-protection=none",
    "-fno-asynchronous-unwind-tables",
    "-Wdate-time",
    "-Werror=date-time",
    "-Werror=trampolines",
    "-pipe",
    "-fdiagnostics-color=never",
    "-fmax-errors=20",
    "-fmax-include-depth=20",
};

static const char *const link_arguments[] = {
    "-static",
    "-no-pie",
    "-nostdlib",
    "-fno-use-linker-plugin",
    "-Wl,--orphan-handling=error",
    "-Wl,-z,max-page-size=4096",
    "-Wl,-z,noexecstack",
    "-Wl,--build-id=none",
    "-Wl,-T,hone.ld",
    "-o",
    "image",
    UNIT,
    "-lgcc",
    NULL,
};

static const struct {
    const char *name;
    const char *argument;
} choices[] = {
    {"O2", "-O2"},
    {"fast_math", "-ffast-math"},
    {"unroll_loops", "-funroll-loops"},
};
#define CHOICE_COUNT (sizeof choices / sizeof *choices)

/* What a job's pointers point to. */
struct job_state {
    enum cpu_job kind; /* first in both */
    struct hone_job_file files[7];
    uint32_t
        file_count; /* the last are there when the source begins with vectors, or calls a library */
    bool vectors;
    const char **arguments;
    const char *header_arguments[ARGUMENTS_MAX];
    struct hone_job_header header;
    char *unit;    /* hone.c */
    char *entries; /* entries.ld */
    char *source;
    char *prelude;
};

const char *const *hone_cpu_options(void *self, const char *language) {
    static const char *const names[CHOICE_COUNT + 1] = {"O2", "fast_math", "unroll_loops", NULL};
    static const char *const none[] = {NULL};
    (void)self;
    return strcmp(language, "c") == 0 ? names : none;
}

/* The agent's source is a file of its own, so that a comment, conditional or line that it leaves
 * open ends with it, and gcc says where it began. The first line after it can stand nowhere but
 * between definitions: a source that ends within one fails there (hone:1) and nowhere stranger.
 *
 * A source that begins with <immintrin.h> gets it from in front of the task's text, whether that is
 * there in a form that is read faster or not: what is compiled is the same. */
static char *make_unit(const struct hone_compile_request *request, bool vectors) {
    static const char format[] = "#include %s\n"
                                 "#include <stddef.h>\n"
                                 "#line 1 \"task\"\n"
                                 "%s\n"
                                 "#include \"solve.c\"\n"
                                 "#line 1 \"hone\"\n"
                                 "static void hone_end_of_source(void);\n"
                                 "%s\n";
    const char *prelude = request->prelude ? request->prelude : "";
    const char *epilogue = request->epilogue ? request->epilogue : "";
    size_t size = sizeof format + sizeof VECTORS + strlen(prelude) + strlen(epilogue);
    char *unit = malloc(size);
    if (unit)
        snprintf(unit, size, format, vectors ? "\"" VECTORS "\"" : "<stdint.h>", prelude, epilogue);
    return unit;
}

/* Written by the linker, out of reach of the source's macros and sections. */
static char *make_entries(uint32_t count, bool library) {
    size_t size = 64 + (size_t)count * 32, length = 0;
    char *text = malloc(size);
    if (!text)
        return NULL;
    length += (size_t)snprintf(text, size, "QUAD(0x%llx)\nQUAD(%u)\n",
                               library ? HONE_LIBRARY_MAGIC : HONE_ENTRIES_MAGIC, count);
    for (uint32_t i = 0; i < count; i++)
        length += (size_t)snprintf(text + length, size - length, "QUAD(hone_call_%u)\n", i);
    return text;
}

/* The options are words, separated by spaces, and the host has checked them; so do we. What they
 * stand for goes to `chosen`, of CHOSEN_MAX. */
static int choose(const char *options, const char **chosen, struct hone_error *error) {
    size_t count = 0;
    for (const char *word = options ? options : ""; *word;) {
        size_t length = strcspn(word, " "), i;
        for (i = 0; length && i < CHOICE_COUNT; i++)
            if (strlen(choices[i].name) == length && strncmp(word, choices[i].name, length) == 0)
                break;
        if (length && i == CHOICE_COUNT)
            return hone_cpu_fail(
                error, -EINVAL, "unknown option \"%.*s\" for c: O2, fast_math and unroll_loops are",
                (int)(length < 64 ? length : 64), word);
        if (length && count < CHOSEN_MAX - 1)
            chosen[count++] = choices[i].argument;
        word += length;
        word += *word == ' ';
    }
    chosen[count] = NULL;
    return 0;
}

static size_t append(const char **arguments, size_t count, const char *const *more, size_t size) {
    memcpy(arguments + count, more, size * sizeof *more);
    return count + size;
}

static size_t count_words(const char *const *words) {
    size_t count = 0;
    while (words[count])
        count++;
    return count;
}

#define APPEND(arguments, count, array)                                                            \
    append(arguments, count, array, sizeof(array) / sizeof *(array))

/* The driver's command line. `arguments` has ARGUMENTS_MAX places. */
static void drive(const struct cpu *cpu, const char *const *chosen, const char *const *rest,
                  const char **arguments) {
    size_t count = 0;
    arguments[count++] = cpu->compiler;
    count = APPEND(arguments, count, fixed_arguments);
    count = append(arguments, count, chosen, count_words(chosen));
    count = append(arguments, count, rest, count_words(rest));
    arguments[count] = NULL;
}
_Static_assert(1 + sizeof fixed_arguments / sizeof *fixed_arguments + CHOSEN_MAX +
                       sizeof link_arguments / sizeof *link_arguments <=
                   ARGUMENTS_MAX,
               "no room for the driver's arguments");

/* The same by cc1, as and ld, one after the other. */
static void run_directly(const struct cpu *cpu, const char *const *chosen, const char **arguments) {
    const char *const *words = (const char *const *)cpu->direct.items;
    size_t count = append(arguments, 0, words, cpu->direct_choices);
    count = append(arguments, count, chosen, count_words(chosen));
    count = append(arguments, count, words + cpu->direct_choices,
                   cpu->direct.count - cpu->direct_choices);
    arguments[count] = NULL;
}

void hone_cpu_find_commands(struct cpu *cpu) {
    static const char *const head[] = {"-###", "-x", "c", NULL};
    const char *arguments[ARGUMENTS_MAX + 3];
    char *mutable[ARGUMENTS_MAX + 3];
    drive(cpu, head, link_arguments, arguments);
    for (size_t i = 0; arguments[i]; i++)
        if (strcmp(arguments[i], UNIT) == 0)
            arguments[i] = "/dev/null";
    memcpy(mutable, arguments, sizeof mutable);
    hone_cpu_ask_driver(cpu, mutable, UNIT);
}

static int make_arguments(const struct cpu *cpu, const char *options, struct job_state *state,
                          struct hone_error *error) {
    static const char *const header[] = {"-x", "c-header", VECTORS, "-o", VECTORS ".gch", NULL};
    const char *chosen[CHOSEN_MAX];
    int result = choose(options, chosen, error);
    if (result)
        return result;
    size_t room = cpu->direct.count + CHOSEN_MAX + ARGUMENTS_MAX;
    state->arguments = calloc(room, sizeof *state->arguments);
    if (!state->arguments)
        return hone_cpu_fail(error, -ENOMEM, "no memory for a compile job");
    if (cpu->direct.count)
        run_directly(cpu, chosen, state->arguments);
    else
        drive(cpu, chosen, link_arguments, state->arguments);
    drive(cpu, chosen, header, state->header_arguments);
    state->header = (struct hone_job_header){
        .name = VECTORS,
        .output = VECTORS ".gch",
        .arguments = state->header_arguments,
        .identity = cpu->compiler_identity,
    };
    return 0;
}

static void free_state(struct job_state *state) {
    if (!state)
        return;
    free(state->arguments);
    free(state->unit);
    free(state->entries);
    free(state->source);
    free(state->prelude);
    free(state);
}

static int fill_state(const struct cpu *cpu, const struct hone_compile_request *request,
                      struct job_state *state, struct hone_error *error) {
    static const char vectors[] = "#include <stdint.h>\n#include <immintrin.h>\n";
    const bool begins = hone_cpu_begins_with_vectors(request->source);
    const bool library = request->library;
    state->unit = make_unit(request, begins);
    state->entries = make_entries(request->entry_count, library);
    state->source = malloc(request->source_bytes + 1);
    state->prelude = strdup(request->prelude ? request->prelude : "");
    if (!state->unit || !state->entries || !state->source || !state->prelude)
        return hone_cpu_fail(error, -ENOMEM, "no memory for a compile job");
    memcpy(state->source, request->source, request->source_bytes);
    const struct hone_job_file files[] = {
        {UNIT, state->unit, strlen(state->unit)},
        {"solve.c", state->source, request->source_bytes},
        {"entries.ld", state->entries, strlen(state->entries)},
        {"hone.ld", cpu->linker_script, cpu->linker_script_bytes},
        {"stubs.ld", library ? cpu->openblas.stubs : cpu->stubs,
         library ? cpu->openblas.stubs_bytes : cpu->stubs_bytes},
    };
    memcpy(state->files, files, sizeof files);
    state->file_count = sizeof files / sizeof *files;
    state->vectors = begins;
    if (begins)
        state->files[state->file_count++] =
            (struct hone_job_file){VECTORS, vectors, sizeof vectors - 1};
    if (library)
        state->files[state->file_count++] =
            (struct hone_job_file){"cblas.h", cpu->openblas.header, cpu->openblas.header_bytes};
    return make_arguments(cpu, request->options, state, error);
}

int hone_cpu_compile_begin(void *self, const struct hone_compile_request *request,
                           struct hone_compile_job *job, struct hone_error *error) {
    const struct cpu *cpu = self;
    if (strcmp(request->language, "cuda") == 0 && cpu->cuda.there)
        return hone_cpu_cuda_begin(cpu, request, job, error);
    if (strcmp(request->language, "c") != 0 || request->device != 0)
        return hone_cpu_fail(error, -ENOTSUP, "the cpu backend compiles c and cuda, not %s",
                             request->language);
    if (request->entry_count == 0 || request->entry_count > HONE_ENTRIES_MAX)
        return hone_cpu_fail(error, -EINVAL, "%u entries: the cpu backend takes 1 to %d",
                             request->entry_count, HONE_ENTRIES_MAX);
    if (request->library && (strcmp(request->library, "openblas") != 0 || !cpu->openblas.there))
        return hone_cpu_fail(error, -ENOTSUP, "no library \"%.32s\" for the cpu backend%s%s",
                             request->library, cpu->openblas.there ? "" : ": ",
                             cpu->openblas.there ? "" : cpu->openblas.text);
    struct job_state *state = calloc(1, sizeof *state);
    if (!state)
        return hone_cpu_fail(error, -ENOMEM, "no memory for a compile job");
    state->kind = CPU_JOB_C;
    int result = fill_state(cpu, request, state, error);
    if (result) {
        free_state(state);
        return result;
    }
    struct hone_compile_job mine = {
        .size = job->size,
        .file_count = state->file_count,
        .files = state->files,
        .arguments = state->arguments,
        .output = "image",
        .output_limit_bytes = OUTPUT_LIMIT_BYTES,
        .memory_limit_bytes = MEMORY_LIMIT_BYTES,
        .cpu_limit_s = CPU_LIMIT_S,
        .wall_limit_s = WALL_LIMIT_S,
        .toolchain = request->library ? cpu->openblas.toolchain : cpu->toolchain,
        .state = state,
        .paths = (const char *const *)cpu->paths.items,
        .header = state->vectors ? &state->header : NULL,
        .process_limit = cpu->direct.count ? 0 : PROCESSES_MAX,
    };
    memcpy(job, &mine, job->size < sizeof mine ? job->size : sizeof mine);
    return 0;
}

/* Both kinds of a job's state begin with what they are. */
static bool is_cuda(const struct hone_compile_job *job) {
    return job->state && *(const enum cpu_job *)job->state == CPU_JOB_CUDA;
}

int hone_cpu_compile_end(void *self, struct hone_compile_job *job,
                         const struct hone_compile_output *output,
                         struct hone_compile_result *result) {
    struct hone_compile_result mine = {.size = result->size};
    if (is_cuda(job))
        hone_cpu_cuda_end(job, output, &mine);
    else
        hone_cpu_diagnose(output, ((struct job_state *)job->state)->prelude, &mine);
    memcpy(result, &mine, result->size < sizeof mine ? result->size : sizeof mine);
    hone_cpu_compile_drop(self, job);
    return 0;
}

void hone_cpu_compile_drop(void *self, struct hone_compile_job *job) {
    (void)self;
    if (is_cuda(job))
        hone_cpu_cuda_drop(job);
    else
        free_state(job->state);
    job->state = NULL;
}
