#include "hardware/cpu/cpu.h"
#include "hardware/cpu/cuda_text.h"
#include "hardware/device/scan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OUTPUT_LIMIT_BYTES (32ull << 20)
#define MEMORY_LIMIT_BYTES (2ull << 30)
#define CPU_LIMIT_S 12
#define WALL_LIMIT_S 30
#define FILES 9

/* What a job's pointers point to. */
struct cuda_state {
    enum cpu_job kind;
    struct hone_job_file files[FILES];
    struct words arguments, without_headers;
    struct hone_job_header headers[HONE_JOB_HEADERS_MAX];
    uint32_t header_count;
    char *unit, *source, *known;
    char refusal[400]; /* not empty: what the scan found, whatever the compiler says */
};

/* Of threads that wait for each other, or for what another does to memory. Then a loop will not do;
 * where none waits, it may. Nor will it where an index is more than its members: only a fiber's are
 * the variables that a GPU's are. */
#define WAITING                                                                                    \
    (HONE_SCAN_INDEX | HONE_SCAN_BARRIER | HONE_SCAN_WARP | HONE_SCAN_SPIN | HONE_SCAN_VOLATILE |  \
     HONE_SCAN_SHARED | HONE_SCAN_GROUPS | HONE_SCAN_MATRIX)

static void free_state(struct cuda_state *state) {
    hone_cpu_words_finish(&state->arguments);
    hone_cpu_words_finish(&state->without_headers);
    free(state->unit);
    free(state->source);
    free(state->known);
    free(state);
}

static void add(struct words *to, const char *text) {
    hone_cpu_words_add(to, text, strlen(text));
}

static void add_all(struct words *to, const char *const *texts) {
    for (; *texts; texts++)
        add(to, *texts);
}

/* One build: compile, then link with the runtime, and with the other build if that is to go along.
 */
static void add_build(const struct cpu *cpu, enum cpu_build build, bool with_header,
                      struct words *to) {
    static const char *const link[] = {
        "-static", "-nostdlib",   "--orphan-handling=error", "-z", "max-page-size=4096",
        "-z",      "noexecstack", "--build-id=none",         "-T", "cuda.ld",
        "hone.o",  NULL};
    static const char *const plain[] = {"--defsym=hone_constructors=0",
                                        "blocks.o",
                                        "-b",
                                        "binary",
                                        "checking",
                                        "-b",
                                        "elf64-x86-64",
                                        "-o",
                                        "image",
                                        NULL};
    static const char *const checking[] = {"--defsym=hone_constructors=16", "checks.o", "-o",
                                           "checking", NULL};
    const struct words *command = &cpu->cuda.commands[build];
    const struct words *reading = &cpu->cuda.readings[build];
    if (to->count)
        add(to, "&&");
    for (size_t i = 0; i < command->count; i++)
        add(to, command->items[i]);
    for (size_t i = 0; with_header && i < reading->count; i++)
        add(to, reading->items[i]);
    if (!with_header && reading->count) {
        add(to, "-include");
        add(to, hone_cpu_preludes[build][0]);
    }
    add(to, "&&");
    add(to, cpu->ld);
    add_all(to, link);
    add_all(to, build == CPU_CHECKING ? checking : plain);
    add(to, cpu->cuda.libgcc);
}

static void read_refusal(const struct hone_scan *scan, struct cuda_state *state) {
    const struct hone_scan_refusal *refusal = hone_scan_refused(scan, HONE_SCAN_CPU);
    char text[320];
    if (!refusal)
        return;
    hone_scan_explain(refusal, text, sizeof text);
    snprintf(state->refusal, sizeof state->refusal, "solve.cu:%u:%u: %s", refusal->line,
             refusal->column, text);
}

/* A loop where no thread waits for another; what is soon compiled where nobody takes the time. */
static enum cpu_build choose_build(const struct cpu_cuda *cuda, const struct hone_scan *scan,
                                   bool untimed) {
    const bool waits = scan->facts & WAITING;
    const enum cpu_build soon = waits ? CPU_FIBERS_UNTIMED : CPU_LOOP_UNTIMED;
    if (untimed && cuda->commands[soon].count)
        return soon;
    return waits ? CPU_FIBERS : CPU_LOOP;
}

static void add_header(const struct cpu_cuda *cuda, enum cpu_build build,
                       struct cuda_state *state) {
    if (cuda->preludes[build].count)
        state->headers[state->header_count++] = (struct hone_job_header){
            .name = hone_cpu_preludes[build][0],
            .output = hone_cpu_preludes[build][1],
            .arguments = (const char *const *)cuda->preludes[build].items,
            .identity = cuda->toolchain,
        };
}

/* As the threads of a block that wait for each other need it. */
static char *write_source(const struct hone_compile_request *request, const struct hone_scan *scan,
                          enum cpu_build build, uint64_t *bytes) {
    char *text;
    if (build == CPU_FIBERS)
        text = hone_cuda_unrolled(request->source, request->source_bytes, bytes);
    else if ((text = malloc(*bytes + 1)))
        memcpy(text, request->source, *bytes);
    if (!text || !(scan->facts & WAITING) || !(scan->facts & HONE_SCAN_VOLATILE))
        return text;
    char *spinning = hone_cuda_spins(text, *bytes, bytes);
    free(text);
    return spinning;
}

static int fill_state(const struct cpu *cpu, const struct hone_compile_request *request,
                      struct cuda_state *state, struct hone_error *error) {
    static const char table[] = "QUAD(1)\nQUAD(hone_call_0)\n";
    const struct cpu_cuda *cuda = &cpu->cuda;
    struct hone_scan scan;
    hone_scan_text(request->source, request->source_bytes, &scan);
    read_refusal(&scan, state);
    state->kind = CPU_JOB_CUDA;
    state->unit = hone_cuda_unit(request, scan.facts & WAITING, state->refusal[0] != '\0');
    state->known = hone_cuda_names(request);
    const bool untimed = request->flags & HONE_COMPILE_UNTIMED;
    const enum cpu_build plain = choose_build(cuda, &scan, untimed);
    uint64_t source_bytes = request->source_bytes;
    state->source = write_source(request, &scan, plain, &source_bytes);
    for (int with = 0; with < 2; with++) {
        struct words *to = with ? &state->arguments : &state->without_headers;
        add_build(cpu, CPU_CHECKING, with, to);
        add_build(cpu, plain, with, to);
    }
    add_header(cuda, CPU_CHECKING, state);
    add_header(cuda, plain, state);
    if (!state->unit || !state->known || !state->source || state->arguments.failed ||
        state->without_headers.failed)
        return hone_cpu_fail(error, -ENOMEM, "no memory for a compile job");
    const struct hone_job_file files[FILES] = {
        {"hone.cc", state->unit, strlen(state->unit)},
        {"solve.cu", state->source, source_bytes},
        {"entries.ld", table, sizeof table - 1},
        {"cuda.ld", cuda->script, cuda->script_bytes},
        {"stubs.ld", cpu->stubs, cpu->stubs_bytes},
        {"blocks.o", cuda->runtime[0], cuda->runtime_bytes[0]},
        {"checks.o", cuda->runtime[1], cuda->runtime_bytes[1]},
        {hone_cpu_preludes[CPU_CHECKING][0], hone_cpu_prelude_texts[CPU_CHECKING],
         strlen(hone_cpu_prelude_texts[CPU_CHECKING])},
        {hone_cpu_preludes[plain][0], hone_cpu_prelude_texts[plain],
         strlen(hone_cpu_prelude_texts[plain])},
    };
    memcpy(state->files, files, sizeof files);
    return 0;
}

int hone_cpu_cuda_begin(const struct cpu *cpu, const struct hone_compile_request *request,
                        struct hone_compile_job *job, struct hone_error *error) {
    if (request->entry_count != 1 || !request->entries || !request->plan_entry_count)
        return hone_cpu_fail(error, -EINVAL, "a candidate in cuda needs a plan with a launch");
    if (request->options && request->options[strspn(request->options, " ")])
        return hone_cpu_fail(error, -EINVAL, "there are no options for cuda on the cpu");
    struct cuda_state *state = calloc(1, sizeof *state);
    if (!state)
        return hone_cpu_fail(error, -ENOMEM, "no memory for a compile job");
    int result = fill_state(cpu, request, state, error);
    if (result) {
        free_state(state);
        return result;
    }
    struct hone_compile_job mine = {
        .size = job->size,
        .file_count = FILES,
        .files = state->files,
        .arguments = (const char *const *)state->arguments.items,
        .output = "image",
        .output_limit_bytes = OUTPUT_LIMIT_BYTES,
        .memory_limit_bytes = MEMORY_LIMIT_BYTES,
        .cpu_limit_s = CPU_LIMIT_S,
        .wall_limit_s = WALL_LIMIT_S,
        .toolchain = request->flags & HONE_COMPILE_UNTIMED ? cpu->cuda.untimed_toolchain
                                                           : cpu->cuda.toolchain,
        .state = state,
        .paths = (const char *const *)cpu->cuda.paths.items,
        .header = state->header_count ? state->headers : NULL,
        .header_count = state->header_count,
        .without_headers = (const char *const *)state->without_headers.items,
    };
    memcpy(job, &mine, job->size < sizeof mine ? job->size : sizeof mine);
    return 0;
}

/* What a header of ours objects to, g++ says at the header's line, and in a later one where in the
 * source that came from: "solve.cu:17:14:   required from here". The latter is the author's. */
static void place_error(const char *text, struct hone_compile_result *result) {
    const char *sentence = strstr(result->message, "error: ");
    const char *error = text ? strstr(text, ": error: ") : NULL, *here = error;
    if (result->verdict != HONE_COMPILE_FAILED || !sentence || !error ||
        strncmp(result->message, "solve.cu:", strlen("solve.cu:")) == 0)
        return;
    for (const char *line = text; line && line < error;
         line = strchr(line, '\n'), line = line ? line + 1 : NULL)
        if (strncmp(line, "solve.cu:", strlen("solve.cu:")) == 0)
            here = line;
    if (here == error)
        return;
    char moved[sizeof result->message];
    snprintf(moved, sizeof moved, "%.*s %s", (int)strcspn(here, " \n"), here, sentence);
    memcpy(result->message, moved, sizeof moved);
}

/* What compilers say of two declarations that differ is not what to do about it. */
static void explain_names(struct hone_compile_result *result) {
    static const struct {
        const char *said, *also, *instead;
    } reasons[] = {
        {"conflicting declaration of", "with 'C' linkage",
         "; a kernel that the plan launches is declared extern \"C\" __global__ void"},
        {"has a different language linkage", "",
         "; a kernel that the plan launches is declared extern \"C\" __global__ void"},
        {"conflicting declaration of C function", "",
         "; CUDA, or the source, has another function of this name with C linkage: rename it"},
    };
    const size_t length = strlen(result->message);
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (result->verdict == HONE_COMPILE_FAILED && strstr(result->message, reasons[i].said) &&
            strstr(result->message, reasons[i].also)) {
            snprintf(result->message + length, sizeof result->message - length, "%s",
                     reasons[i].instead);
            return;
        }
}

void hone_cpu_cuda_end(struct hone_compile_job *job, const struct hone_compile_output *output,
                       struct hone_compile_result *result) {
    const struct cuda_state *state = job->state;
    hone_cpu_diagnose(output, state->known, result);
    place_error(output->diagnostics, result);
    explain_names(result);
    if (!state->refusal[0])
        return;
    result->verdict = HONE_POLICY_VIOLATION;
    result->reason = HONE_REASON_IMPORT;
    snprintf(result->message, sizeof result->message, "%s", state->refusal);
}

void hone_cpu_cuda_drop(struct hone_compile_job *job) {
    free_state(job->state);
    job->state = NULL;
}
