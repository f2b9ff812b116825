/* What the launcher says of the driver's binary interface, against the toolkit's header where there
 * is one. */
#include "hardware/cuda/launcher/driver.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#if __has_include(<cuda.h>)
#include <cuda.h>

#define SAME(mine, theirs) _Static_assert((long long)(mine) == (long long)(theirs), #theirs)
SAME(CUDA_INVALID_VALUE, CUDA_ERROR_INVALID_VALUE);
SAME(CUDA_OUT_OF_MEMORY, CUDA_ERROR_OUT_OF_MEMORY);
SAME(CUDA_NO_DEVICE, CUDA_ERROR_NO_DEVICE);
SAME(CUDA_NOT_READY, CUDA_ERROR_NOT_READY);
SAME(CUDA_ILLEGAL_ADDRESS, CUDA_ERROR_ILLEGAL_ADDRESS);
SAME(CUDA_WARP_SIZE, CU_DEVICE_ATTRIBUTE_WARP_SIZE);
SAME(CUDA_CLOCK_RATE, CU_DEVICE_ATTRIBUTE_CLOCK_RATE);
SAME(CUDA_SM_COUNT, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
SAME(CUDA_MEMORY_CLOCK_RATE, CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE);
SAME(CUDA_MEMORY_BUS_BITS, CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH);
SAME(CUDA_L2_BYTES, CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE);
SAME(CUDA_CAPABILITY_MAJOR, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
SAME(CUDA_CAPABILITY_MINOR, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
SAME(CUDA_MAX_SHARED_OPTIN, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
SAME(CUDA_PAGEABLE_ACCESS, CU_DEVICE_ATTRIBUTE_PAGEABLE_MEMORY_ACCESS);
SAME(CUDA_VIRTUAL_MEMORY, CU_DEVICE_ATTRIBUTE_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED);
SAME(CUDA_FUNCTION_SHARED, CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES);
SAME(CUDA_FUNCTION_LOCAL, CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES);
SAME(CUDA_FUNCTION_REGISTERS, CU_FUNC_ATTRIBUTE_NUM_REGS);
SAME(CUDA_FUNCTION_MAX_DYNAMIC_SHARED, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES);
SAME(CUDA_FUNCTION_LARGE_CLUSTERS, CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED);
SAME(CUDA_LIMIT_MALLOC_HEAP, CU_LIMIT_MALLOC_HEAP_SIZE);
SAME(CUDA_LIMIT_PERSISTING_L2, CU_LIMIT_PERSISTING_L2_CACHE_SIZE);
SAME(CUDA_CONTEXT_SPIN, CU_CTX_SCHED_SPIN);
SAME(CUDA_STREAM_NON_BLOCKING, CU_STREAM_NON_BLOCKING);
SAME(CUDA_CAPTURE_THREAD_LOCAL, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
SAME(CUDA_ATTRIBUTE_CLUSTER, CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION);
SAME(CUDA_MEMORY_PINNED, CU_MEM_ALLOCATION_TYPE_PINNED);
SAME(CUDA_LOCATION_DEVICE, CU_MEM_LOCATION_TYPE_DEVICE);
SAME(CUDA_ACCESS_READ, CU_MEM_ACCESS_FLAGS_PROT_READ);
SAME(CUDA_ACCESS_READ_WRITE, CU_MEM_ACCESS_FLAGS_PROT_READWRITE);
SAME(CUDA_JIT_LOG, CU_JIT_ERROR_LOG_BUFFER);
SAME(CUDA_JIT_LOG_BYTES, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES);
SAME(sizeof(struct cuda_memory), sizeof(CUmemAllocationProp));
SAME(offsetof(struct cuda_memory, location), offsetof(CUmemAllocationProp, location));
SAME(sizeof(struct cuda_access), sizeof(CUmemAccessDesc));
SAME(offsetof(struct cuda_access, flags), offsetof(CUmemAccessDesc, flags));
SAME(sizeof(struct cuda_launch), sizeof(CUlaunchConfig));
SAME(offsetof(struct cuda_launch, shared_bytes), offsetof(CUlaunchConfig, sharedMemBytes));
SAME(offsetof(struct cuda_launch, stream), offsetof(CUlaunchConfig, hStream));
SAME(offsetof(struct cuda_launch, attribute_count), offsetof(CUlaunchConfig, numAttrs));
SAME(sizeof(struct cuda_launch_attribute), sizeof(CUlaunchAttribute));
SAME(offsetof(struct cuda_launch_attribute, value), offsetof(CUlaunchAttribute, value));
#endif

#if __has_include(<cupti.h>)
#include "hardware/cuda/launcher/cupti.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpragmas"
#include <cupti.h>
#pragma GCC diagnostic pop

#define PLACE(mine, theirs)                                                                        \
    SAME(offsetof(struct cupti_kernel, mine), offsetof(CUpti_ActivityKernel9, theirs))
PLACE(registers, registersPerThread);
PLACE(begin_ns, start);
PLACE(end_ns, end);
PLACE(grid, gridX);
PLACE(block, blockX);
PLACE(static_shared, staticSharedMemory);
PLACE(dynamic_shared, dynamicSharedMemory);
PLACE(local_of_thread, localMemoryPerThread);
PLACE(correlation, correlationId);
PLACE(name, name);
PLACE(graph_node, graphNodeId);
PLACE(graph, graphId);
SAME(CUPTI_NO_MORE_RECORDS, CUPTI_ERROR_MAX_LIMIT_REACHED);
SAME(CUPTI_NOT_PERMITTED, CUPTI_ERROR_INSUFFICIENT_PRIVILEGES);
SAME(CUPTI_KIND_KERNEL, CUPTI_ACTIVITY_KIND_KERNEL);
SAME(CUPTI_KIND_CONCURRENT_KERNEL, CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL);
SAME(CUPTI_FLUSH_FORCED, CUPTI_ACTIVITY_FLAG_FLUSH_FORCED);
#endif

Test(cuda_driver, says_what_lacks_where_there_is_no_driver) {
    struct cuda_driver driver;
    char text[160];
    cr_expect(eq(int, cuda_driver_open(&driver, "/nowhere/libcuda.so", text, sizeof text), -1));
    cr_expect(strstr(text, "no CUDA driver") && strstr(text, "/nowhere"), "%s", text);
}

Test(cuda_driver, names_the_call_that_an_older_driver_lacks) {
    struct cuda_driver driver;
    char text[160];
    cr_expect(eq(int, cuda_driver_open(&driver, "libm.so.6", text, sizeof text), -1));
    cr_expect(strstr(text, "cuInit") != NULL, "%s", text);
}
