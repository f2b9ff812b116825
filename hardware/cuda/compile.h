/* compile.h - language cuda for a GPU: jobs that turn text into an image (image.h), and what came
 * of them.
 *
 * Two jobs, each in a jail of its own: NVRTC makes PTX of the text, then an assembler the machine
 * code of that PTX. So what is inspected is what is assembled, and of all that reads a candidate
 * the assembler alone can change what runs. Without an assembler the driver gets the PTX; without a
 * device nobody does, and the second job, a third of the time, is left out.
 *
 * In the shape of struct hone_hardware_ops, with the toolkit in place of the plugin; [any] thread.
 * The toolkit must outlive the job. Nothing of a candidate lasts beyond its jobs: one process, one
 * compilation.
 */
#ifndef HONE_CUDA_COMPILE_H
#define HONE_CUDA_COMPILE_H

#include "hardware/cuda/toolkit.h"
#include "plugins/hardware.h"

#define HONE_CUDA_DEFAULT_ARCH "sm_90" /* where there is no device */

/* What a candidate may choose from, NULL-terminated. */
const char *const *hone_cuda_compile_options(void);

/* `arch`: of the device; NULL: there is none, see whether it compiles for the default. */
int hone_cuda_compile_begin(const struct hone_toolkit *toolkit, const char *arch,
                            const struct hone_compile_request *request,
                            struct hone_compile_job *job, struct hone_error *error);

int hone_cuda_compile_next(struct hone_compile_job *job, const struct hone_compile_output *output,
                           struct hone_error *error);

/* Good to load means: an image that can be read, and which has every kernel that the plan launches,
 * with parameters as the plan passes them. */
int hone_cuda_compile_end(struct hone_compile_job *job, const struct hone_compile_output *output,
                          struct hone_compile_result *result);
void hone_cuda_compile_drop(struct hone_compile_job *job);

/* The PTX of an image, in place: the `listing` of struct hone_binary. -EINVAL: it is no image. */
int hone_cuda_listing(const void *image, uint64_t bytes, const char **text, uint64_t *text_bytes);

/* What hone_cuda_compile_end() is made of. diagnose.c: the verdict on a compiler that failed, from
 * what it wrote, or HONE_UNDECIDED; a negative errno when that was a fault of ours. */
int hone_cuda_diagnose(const struct hone_compile_output *output,
                       struct hone_compile_result *result);

/* check.c: whether the program has what the plan's entries call for; and its facts as a note. */
void hone_cuda_check_entries(const struct hone_plan_entry *entries, uint32_t count,
                             const void *image, uint64_t bytes, struct hone_compile_result *result);

#endif
