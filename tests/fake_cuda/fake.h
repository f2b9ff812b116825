/* fake.h - a CUDA driver, a CUPTI, a cuBLAS and a cuDNN that lie in memory and processor of the
 * host: for tests of the launcher where there is no GPU. One library stands for all.
 *
 * Device memory is host memory with the protections that the driver would give it; a stream's work
 * is done when it is queued; kernels are the functions of kernels.c and tasks.c, found by name in
 * an "image" that is text, a name in each line after FAKE. A fault in one is error 700 and stays.
 * What goes wrong beyond that is asked for in the environment: FAKE_CUDA is a list of words.
 *
 *   no_device        there is a driver and no device       no_vmm      no virtual memory management
 *   read_write       VMM without read-only views           sick        the canary fails
 *   events_fast      around kernels that are not the launcher's own, events count a tenth
 *   events_slow      of the time, or ten times as much
 *   no_records       CUPTI is silent                       records_off its times are others
 *   no_permission    counters are for administrators      no_uploads only little comes in
 *   no_cublas        cuBLAS gives no handle                no_cudnn    nor does cuDNN
 *   long_library     its kernels take 2 ms longer
 *   hmm              the device says that it reaches all memory of its process
 *
 * Events count a tenth of solve_unseen's time without being asked. The canary never ends while
 * there is a file that FAKE_CUDA_STUCK names.
 */
#ifndef HONE_TESTS_FAKE_CUDA_FAKE_H
#define HONE_TESTS_FAKE_CUDA_FAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAKE_PARAMETERS_MAX 20
#define FAKE_BLOCK_BYTES 1024

struct fake_kernel {
    const char *name;
    const char *sizes; /* a digit for each parameter; *: a block, of an operator */
    void (*run)(void *const *parameters, const uint32_t grid[3], const uint32_t block[3]);
};

/* NULL: no such kernel. */
const struct fake_kernel *fake_kernel_find(const char *name, size_t length);

/* The kernels of tasks (tasks.c), of the operators (operators.c), and of the libraries, likewise.
 */
const struct fake_kernel *fake_task_find(const char *name, size_t length);
const struct fake_kernel *fake_operator_find(const char *name, size_t length);

/* Queue a kernel of a library's, by its name: run, or kept for the graph that is being made. */
int fake_launch(const char *name, const uint64_t *values);

/* What they keep from call to call, with the module that they are in. */
void fake_kernels_forget(void);

/* material.c: the launcher's own, from their source. */
#define FAKE_KERNEL(name)                                                                          \
    void fake_##name(void *const *parameters, const uint32_t grid[3], const uint32_t block[3])
FAKE_KERNEL(fill);
FAKE_KERNEL(look);
FAKE_KERNEL(gather);
FAKE_KERNEL(sum);
/* Where the launcher's notes lay when something was last filled. */
uint64_t fake_told(void);

/* Whether FAKE_CUDA has the word. */
bool fake_is(const char *word);

/* A kernel that has run, for CUPTI. */
struct fake_record {
    const char *name;
    uint64_t begin_ns, end_ns;
    uint32_t grid[3], block[3];
    bool in_graph;
};
void fake_record(const struct fake_record *record);

#endif
