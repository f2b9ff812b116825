#include "hardware/cuda/compile.h"

#include "hardware/cuda/cubin.h"
#include "hardware/cuda/image.h"
#include "hardware/cuda/ptx.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void refuse(struct hone_compile_result *result, enum hone_reason reason, const char *format,
                   ...) __attribute__((format(printf, 3, 4)));

static void refuse(struct hone_compile_result *result, enum hone_reason reason, const char *format,
                   ...) {
    va_list arguments;
    result->verdict = HONE_COMPILE_FAILED;
    result->reason = reason;
    va_start(arguments, format);
    vsnprintf(result->message, sizeof result->message, format, arguments);
    va_end(arguments);
}

static const struct {
    const char *name;
    uint32_t bytes;
} kinds[] = {
    [HONE_ARGUMENT_POINTER] = {"a pointer", 8}, [HONE_ARGUMENT_INT64] = {"an int64_t", 8},
    [HONE_ARGUMENT_INT32] = {"an int", 4},      [HONE_ARGUMENT_F32] = {"a float", 4},
    [HONE_ARGUMENT_F64] = {"a double", 8},
};

/* Integers pass as int64_t unless the plan says otherwise, which is what goes wrong most. */
static void refuse_size(const struct hone_plan_entry *entry, uint32_t index, uint32_t bytes,
                        struct hone_compile_result *result) {
    const uint32_t kind = entry->arguments[index].kind;
    const char *hint = "";
    if (kind == HONE_ARGUMENT_INT64 && bytes == 4)
        hint = "; declare it int64_t, or write (int) before it in the plan";
    else if (kind == HONE_ARGUMENT_INT32 && bytes == 8)
        hint = "; declare it int, or leave (int) out of the plan";
    refuse(result, HONE_REASON_PLAN,
           "line %u: the plan passes %s (%u bytes) as argument %u of `%.64s`, whose parameter has "
           "%u bytes%s",
           entry->line, kinds[kind].name, kinds[kind].bytes, index + 1, entry->name, bytes, hint);
}

/* False when it was refused. */
static bool check_entry(const struct hone_plan_entry *entry, const struct hone_cubin *cubin,
                        struct hone_compile_result *result) {
    const struct hone_cubin_kernel *kernel = hone_cubin_find(cubin, entry->name);
    if (!kernel) {
        refuse(result, HONE_REASON_PLAN,
               "line %u: the plan launches `%.64s`, and the source defines no such kernel; it must "
               "be declared extern \"C\" __global__ void",
               entry->line, entry->name);
        return false;
    }
    if (kernel->parameter_count != entry->argument_count) {
        refuse(result, HONE_REASON_PLAN,
               "line %u: the plan passes %u arguments to `%.64s`, which takes %u", entry->line,
               entry->argument_count, entry->name, kernel->parameter_count);
        return false;
    }
    for (uint32_t i = 0; i < entry->argument_count; i++) {
        const uint32_t kind = entry->arguments[i].kind;
        if (kind == 0 || kind >= sizeof kinds / sizeof *kinds || i >= HONE_CUBIN_PARAMETERS_MAX ||
            !kernel->parameters[i].known) {
            refuse(result, HONE_REASON_PLAN, "line %u: nothing is known of parameter %u of `%.64s`",
                   entry->line, i + 1, entry->name);
            return false;
        }
        if (kernel->parameters[i].bytes != kinds[kind].bytes) {
            refuse_size(entry, i, kernel->parameters[i].bytes, result);
            return false;
        }
    }
    return true;
}

static const char *read_kernels(const struct hone_cuda_image *image, char *ptx,
                                struct hone_cubin *cubin) {
    if (!cubin || !ptx)
        return "there is no memory to read it";
    return image->cubin ? hone_cubin_read(image->cubin, image->cubin_bytes, cubin)
                        : hone_ptx_read(ptx, cubin);
}

/* A line for each kernel, as many as there is room for. */
static void note_facts(const struct hone_cubin *cubin, char *note, size_t size) {
    for (uint32_t i = 0; i < cubin->kernel_count; i++) {
        const struct hone_cubin_kernel *kernel = &cubin->kernels[i];
        char line[192];
        const int length =
            snprintf(line, sizeof line,
                     "%.64s: %u registers, %u bytes of shared memory, %u bytes of local memory\n",
                     kernel->name, kernel->registers, kernel->shared_bytes, kernel->local_bytes);
        if ((size_t)length >= size)
            return;
        memcpy(note, line, (size_t)length + 1);
        note += length;
        size -= (size_t)length;
    }
}

void hone_cuda_check_entries(const struct hone_plan_entry *entries, uint32_t count,
                             const void *image, uint64_t bytes,
                             struct hone_compile_result *result) {
    struct hone_cuda_image opened;
    struct hone_cubin *cubin = malloc(sizeof *cubin);
    const char *wrong = hone_cuda_image_open(image, bytes, &opened);
    char *ptx = wrong ? NULL : strdup(opened.ptx);
    if (!wrong)
        wrong = read_kernels(&opened, ptx, cubin);
    if (wrong)
        refuse(result, HONE_REASON_LINKER, "what the compiler left cannot be loaded: %s", wrong);
    for (uint32_t i = 0; !wrong && i < count; i++)
        if (entries[i].kind == HONE_STEP_LAUNCH && !check_entry(&entries[i], cubin, result))
            break;
    if (!wrong && opened.cubin && result->verdict == HONE_UNDECIDED)
        note_facts(cubin, result->note, sizeof result->note);
    free(ptx);
    free(cubin);
}
