#include "hardware/cuda/compile.h"

#include "hardware/cuda/image.h"
#include "hardware/cuda/toolkit_internal.h"
#include "hardware/device/scan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OUTPUT_LIMIT_BYTES (32ull << 20)
#define MEMORY_LIMIT_BYTES (3ull << 30)
#define CPU_LIMIT_S 8
#define WALL_LIMIT_S 30
#define ARGUMENTS_MAX 32
#define PTX "kernel.ptx"
#define CUBIN "kernel.cubin"

/* The same for everybody. Functions without a word of where they run are the device's: there is no
 * host code. Cooperative groups in their short form cost 10 ms, in the long one 600. */
static const char *const fixed_options[] = {
    "--std=c++17",
    "--device-as-default-execution-space",
    "--define-macro=_CG_LIMIT_INCLUDED_DEPENDENCIES",
};

static const struct {
    const char *name;
    const char *option;
} choices[] = {
    {"fast_math", "--use_fast_math"},
};
#define CHOICE_COUNT (sizeof choices / sizeof *choices)

/* What the pointers of both jobs point to. */
struct job_state {
    const struct hone_toolkit *toolkit;
    struct hone_job_file files[2];
    const char *arguments[ARGUMENTS_MAX + 1];
    char folders[3][HONE_TOOLKIT_PATH_SIZE + 32];
    char toolchain[192];
    char arch[HONE_CUDA_ARCH_SIZE];
    char target[HONE_CUDA_ARCH_SIZE + 16]; /* the same in the words of a program */
    char *unit, *source;
    bool is_checked_only; /* there is no device that it could run on */
    char refusal[400];    /* not empty: what the scan found, whatever the library says */
    char *ptx;            /* what the assembler was given; NULL: there was no such job */
    uint64_t ptx_bytes;
    struct hone_plan_entry *entries; /* a copy, with all it points to, in one block */
    uint32_t entry_count;
};

const char *const *hone_cuda_compile_options(void) {
    static const char *const names[CHOICE_COUNT + 1] = {"fast_math", NULL};
    return names;
}

/* The agent's source is a file of its own, so that a comment or conditional that it leaves open
 * ends with it. The first line after it can stand nowhere but between definitions. */
static char *make_unit(const struct hone_toolkit *toolkit,
                       const struct hone_compile_request *request) {
    static const char format[] = "%s"
                                 "#line 1 \"task\"\n"
                                 "%s\n"
                                 "#include \"solve.cu\"\n"
                                 "#line 1 \"hone\"\n"
                                 "extern \"C\" __device__ void hone_end_of_source();\n"
                                 "%s\n";
    const char *own = toolkit->has_prelude ? "#include <prelude.h>\n" : "";
    const char *prelude = request->prelude ? request->prelude : "";
    const char *epilogue = request->epilogue ? request->epilogue : "";
    const size_t size = sizeof format + strlen(own) + strlen(prelude) + strlen(epilogue);
    char *unit = malloc(size);
    if (unit)
        snprintf(unit, size, format, own, prelude, epilogue);
    return unit;
}

/* The options are words, separated by spaces, and the host has checked them; so do we. */
static int choose(const char *options, const char **arguments, size_t *count,
                  struct hone_error *error) {
    for (const char *word = options ? options : ""; *word;) {
        const size_t length = strcspn(word, " ");
        size_t i = 0;
        while (i < CHOICE_COUNT &&
               (strlen(choices[i].name) != length || strncmp(word, choices[i].name, length) != 0))
            i++;
        if (length && i == CHOICE_COUNT)
            return hone_toolkit_fail(error, -EINVAL,
                                     "unknown option \"%.*s\" for cuda: fast_math is known",
                                     (int)(length < 64 ? length : 64), word);
        if (length && *count < ARGUMENTS_MAX)
            arguments[(*count)++] = choices[i].option;
        word += length;
        word += *word == ' ';
    }
    return 0;
}

static int make_arguments(const struct hone_toolkit *toolkit, const char *options,
                          struct job_state *state, struct hone_error *error) {
    const char **arguments = state->arguments;
    size_t count = 0;
    /* For a virtual architecture the library makes PTX only. */
    snprintf(state->target, sizeof state->target, "compute_%s", state->arch + 3);
    arguments[count++] = toolkit->program;
    arguments[count++] = toolkit->nvrtc;
    arguments[count++] = state->target;
    arguments[count++] = PTX;
    for (size_t i = 0; i < sizeof fixed_options / sizeof *fixed_options; i++)
        arguments[count++] = fixed_options[i];
    for (size_t i = 0; toolkit->options[i]; i++)
        arguments[count++] = toolkit->options[i];
    const char *const folders[] = {toolkit->device, toolkit->front, toolkit->include};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        snprintf(state->folders[i], sizeof state->folders[i], "--include-path=%s", folders[i]);
        if (*folders[i])
            arguments[count++] = state->folders[i];
    }
    return choose(options, arguments, &count, error);
}

static size_t entries_bytes(const struct hone_plan_entry *entries, uint32_t count) {
    size_t bytes = count * sizeof *entries;
    for (uint32_t i = 0; i < count; i++)
        bytes +=
            entries[i].argument_count * sizeof *entries[i].arguments + strlen(entries[i].name) + 1;
    return bytes;
}

/* Entries first, then their arguments, then their names. */
static int copy_entries(const struct hone_compile_request *request, struct job_state *state) {
    const uint32_t count = request->entries ? request->plan_entry_count : 0;
    if (!count)
        return 0;
    state->entries = malloc(entries_bytes(request->entries, count));
    if (!state->entries)
        return -ENOMEM;
    memcpy(state->entries, request->entries, count * sizeof *state->entries);
    struct hone_plan_entry_argument *arguments = (void *)(state->entries + count);
    for (uint32_t i = 0; i < count; i++) {
        const struct hone_plan_entry *entry = &request->entries[i];
        if (entry->argument_count)
            memcpy(arguments, entry->arguments, entry->argument_count * sizeof *arguments);
        state->entries[i].arguments = arguments;
        arguments += entry->argument_count;
    }
    char *names = (char *)arguments;
    for (uint32_t i = 0; i < count; i++) {
        state->entries[i].name = strcpy(names, request->entries[i].name);
        names += strlen(names) + 1;
    }
    state->entry_count = count;
    return 0;
}

static void free_state(struct job_state *state) {
    if (!state)
        return;
    free(state->unit);
    free(state->source);
    free(state->ptx);
    free(state->entries);
    free(state);
}

/* What is other code in emulation is none here either. What else emulation refuses, for want of a
 * device, may be fine. */
static void read_refusal(const struct hone_compile_request *request, struct job_state *state) {
    struct hone_scan scan;
    char text[320];
    hone_scan_text(request->source, request->source_bytes, &scan);
    const struct hone_scan_refusal *refusal = hone_scan_differs(&scan);
    if (!refusal)
        return;
    hone_scan_explain(refusal, text, sizeof text);
    snprintf(state->refusal, sizeof state->refusal, "solve.cu:%u:%u: %s", refusal->line,
             refusal->column, text);
}

static int fill_state(const struct hone_toolkit *toolkit,
                      const struct hone_compile_request *request, struct job_state *state,
                      struct hone_error *error) {
    read_refusal(request, state);
    state->unit = state->refusal[0] ? strdup("#error refused\n") : make_unit(toolkit, request);
    state->source = malloc(request->source_bytes + 1);
    if (!state->unit || !state->source || copy_entries(request, state))
        return hone_toolkit_fail(error, -ENOMEM, "no memory for a compile job");
    memcpy(state->source, request->source, request->source_bytes);
    state->files[0] = (struct hone_job_file){"hone.cu", state->unit, strlen(state->unit)};
    state->files[1] = (struct hone_job_file){"solve.cu", state->source, request->source_bytes};
    snprintf(state->toolchain, sizeof state->toolchain, "%s, %s%s, rules %d", toolkit->identity,
             state->arch, state->is_checked_only ? ", PTX only" : "", HONE_SCAN_RULES);
    return make_arguments(toolkit, request->options, state, error);
}

static void fill_job(const struct hone_toolkit_paths *paths, struct job_state *state,
                     uint32_t file_count, const char *output, struct hone_compile_job *job) {
    const struct hone_compile_job mine = {
        .size = job->size,
        .file_count = file_count,
        .files = state->files,
        .arguments = state->arguments,
        .output = output,
        .output_limit_bytes = OUTPUT_LIMIT_BYTES,
        .memory_limit_bytes = MEMORY_LIMIT_BYTES,
        .cpu_limit_s = CPU_LIMIT_S,
        .wall_limit_s = WALL_LIMIT_S,
        .toolchain = state->toolchain,
        .state = state,
        .paths = (const char *const *)paths->items,
    };
    memcpy(job, &mine, job->size < sizeof mine ? job->size : sizeof mine);
}

int hone_cuda_compile_begin(const struct hone_toolkit *toolkit, const char *arch,
                            const struct hone_compile_request *request,
                            struct hone_compile_job *job, struct hone_error *error) {
    const bool is_checked_only = !arch;
    arch = arch ? arch : HONE_CUDA_DEFAULT_ARCH;
    if (strcmp(request->language, "cuda") != 0)
        return hone_toolkit_fail(error, -ENOTSUP, "NVRTC compiles cuda only, not %s",
                                 request->language);
    if (!hone_cuda_arch_is_valid(arch))
        return hone_toolkit_fail(error, -EINVAL, "no architecture `%.32s`: expected sm_90 or alike",
                                 arch);
    struct job_state *state = calloc(1, sizeof *state);
    if (!state)
        return hone_toolkit_fail(error, -ENOMEM, "no memory for a compile job");
    state->toolkit = toolkit;
    state->is_checked_only = is_checked_only;
    snprintf(state->arch, sizeof state->arch, "%s", arch);
    const int result = fill_state(toolkit, request, state, error);
    if (result)
        free_state(state);
    else
        fill_job(&toolkit->paths, state, 2, PTX, job);
    return result;
}

static bool is_text(const struct hone_compile_output *output) {
    return output->byte_count && !memchr(output->bytes, '\0', output->byte_count);
}

/* ptxas, or the program that asks nvJitLink the same. */
static void make_assembly(const struct hone_assembler *assembler, struct job_state *state) {
    const bool own = assembler->kind == HONE_ASSEMBLER_PTXAS;
    const char **arguments = state->arguments;
    size_t count = 0;
    snprintf(state->target, sizeof state->target, "%s%s", own ? "--gpu-name=" : "", state->arch);
    if (own) {
        arguments[count++] = assembler->path;
        arguments[count++] = state->target;
        arguments[count++] = "--output-file=" CUBIN;
        arguments[count++] = PTX;
    } else {
        arguments[count++] = state->toolkit->program;
        arguments[count++] = "--assemble";
        arguments[count++] = assembler->path;
        arguments[count++] = state->target;
        arguments[count++] = PTX;
        arguments[count++] = CUBIN;
    }
    arguments[count] = NULL;
}

/* The text is ours from here on: it is what the assembler reads, and what the image holds for those
 * who inspect it. A compiler that the source got hold of could show one program and hand over
 * another if both came from it. */
int hone_cuda_compile_next(struct hone_compile_job *job, const struct hone_compile_output *output,
                           struct hone_error *error) {
    struct job_state *state = job->state;
    const struct hone_assembler *assembler = &state->toolkit->assembler;
    struct hone_compile_result found = {.size = sizeof found};
    if (state->ptx || state->is_checked_only || assembler->kind == HONE_ASSEMBLER_DRIVER ||
        hone_cuda_diagnose(output, &found) || found.verdict != HONE_UNDECIDED || !is_text(output))
        return 0;
    state->ptx = malloc(output->byte_count);
    if (!state->ptx)
        return hone_toolkit_fail(error, -ENOMEM, "no memory for a compile job");
    memcpy(state->ptx, output->bytes, output->byte_count);
    state->ptx_bytes = output->byte_count;
    state->files[0] = (struct hone_job_file){PTX, state->ptx, state->ptx_bytes};
    make_assembly(assembler, state);
    fill_job(&assembler->paths, state, 1, CUBIN, job);
    return 1;
}

/* Out of the cubin and the PTX it was made of; or of PTX alone, for the driver. */
static int take_image(const struct job_state *state, const struct hone_compile_output *output,
                      struct hone_compile_result *result) {
    if (state->ptx)
        result->image = hone_cuda_image_make(state->arch, output->bytes, output->byte_count,
                                             state->ptx, state->ptx_bytes, &result->image_bytes);
    else
        result->image = hone_cuda_image_make(state->arch, NULL, 0, output->bytes,
                                             output->byte_count, &result->image_bytes);
    if (!result->image)
        return -ENOMEM;
    hone_cuda_check_entries(state->entries, state->entry_count, result->image, result->image_bytes,
                            result);
    if (result->verdict == HONE_UNDECIDED)
        return 0;
    free(result->image);
    result->image = NULL;
    return 0;
}

int hone_cuda_compile_end(struct hone_compile_job *job, const struct hone_compile_output *output,
                          struct hone_compile_result *result) {
    const struct job_state *state = job->state;
    struct hone_compile_result mine = {.size = result->size};
    int failed = hone_cuda_diagnose(output, &mine);
    if (state->refusal[0] && !failed) {
        mine.verdict = HONE_POLICY_VIOLATION;
        mine.reason = HONE_REASON_IMPORT;
        snprintf(mine.message, sizeof mine.message, "%s", state->refusal);
    }
    if (!failed && mine.verdict == HONE_UNDECIDED) /* an older host has no place for an image */
        failed = result->size < sizeof mine ? -ENOTSUP : take_image(state, output, &mine);
    memcpy(result, &mine, result->size < sizeof mine ? result->size : sizeof mine);
    hone_cuda_compile_drop(job);
    return failed;
}

void hone_cuda_compile_drop(struct hone_compile_job *job) {
    free_state(job->state);
    job->state = NULL;
}

int hone_cuda_listing(const void *image, uint64_t bytes, const char **text, uint64_t *text_bytes) {
    struct hone_cuda_image opened;
    if (hone_cuda_image_open(image, bytes, &opened))
        return -EINVAL;
    *text = opened.ptx;
    *text_bytes = opened.ptx_bytes;
    return 0;
}
