/* driver.h - the CUDA driver, found at run time: the calls that a launcher makes, and nothing else.
 *
 * No header of the toolkit is needed: handles are void pointers, device addresses uint64_t, and the
 * few numbers and structs below are the driver's binary interface (tests/test_cuda_driver.c
 * compares them with cuda.h where there is one). Results are CUresult: 0 is good.
 */
#ifndef HONE_CUDA_LAUNCHER_DRIVER_H
#define HONE_CUDA_LAUNCHER_DRIVER_H

#include <stddef.h>
#include <stdint.h>

enum cuda_result {
    CUDA_INVALID_VALUE = 1,
    CUDA_OUT_OF_MEMORY = 2,
    CUDA_NO_DEVICE = 100,
    CUDA_NOT_READY = 600,
    CUDA_ILLEGAL_ADDRESS = 700,
    CUDA_OUT_OF_RESOURCES = 701,
};

enum cuda_attribute { /* of a device */
                      CUDA_WARP_SIZE = 10,
                      CUDA_CLOCK_RATE = 13,
                      CUDA_SM_COUNT = 16,
                      CUDA_MEMORY_CLOCK_RATE = 36,
                      CUDA_MEMORY_BUS_BITS = 37,
                      CUDA_L2_BYTES = 38,
                      CUDA_CAPABILITY_MAJOR = 75,
                      CUDA_CAPABILITY_MINOR = 76,
                      CUDA_PAGEABLE_ACCESS = 88,
                      CUDA_MAX_SHARED_OPTIN = 97,
                      CUDA_VIRTUAL_MEMORY = 102,
};

enum cuda_function_attribute {
    CUDA_FUNCTION_SHARED = 1,
    CUDA_FUNCTION_LOCAL = 3,
    CUDA_FUNCTION_REGISTERS = 4,
    CUDA_FUNCTION_MAX_DYNAMIC_SHARED = 8,
    CUDA_FUNCTION_LARGE_CLUSTERS = 14,
};

enum {
    CUDA_LIMIT_MALLOC_HEAP = 2,
    CUDA_LIMIT_PERSISTING_L2 = 6,
    CUDA_CONTEXT_SPIN = 1,
    CUDA_STREAM_NON_BLOCKING = 1,
    CUDA_CAPTURE_THREAD_LOCAL = 1,
    CUDA_ATTRIBUTE_CLUSTER = 4,
    CUDA_MEMORY_PINNED = 1,
    CUDA_LOCATION_DEVICE = 1,
    CUDA_ACCESS_READ = 1,
    CUDA_ACCESS_READ_WRITE = 3,
    CUDA_JIT_LOG = 5, /* of errors: where, and how many bytes */
    CUDA_JIT_LOG_BYTES = 6,
    CUDA_NODE_KERNEL = 0,
    CUDA_EVENT_RECORD_NODE = 1, /* during a capture: when the graph is run */
};

struct cuda_location {
    int type, id;
};

struct cuda_memory {
    int type, handle_types;
    struct cuda_location location;
    void *windows;
    uint8_t flags[8];
};

struct cuda_access {
    struct cuda_location location;
    int flags;
};

struct cuda_launch_attribute {
    int id;
    int padding;
    union {
        uint8_t bytes[64];
        uint32_t cluster[3];
    } value;
};

struct cuda_launch {
    uint32_t grid[3], block[3];
    uint32_t shared_bytes;
    void *stream;
    struct cuda_launch_attribute *attributes;
    uint32_t attribute_count;
};

/* member, symbol, parameters */
#define HONE_CUDA_CALLS(CALL)                                                                      \
    CALL(init, cuInit, (unsigned flags))                                                           \
    CALL(version, cuDriverGetVersion, (int *version))                                              \
    CALL(error_name, cuGetErrorName, (int result, const char **text))                              \
    CALL(error_text, cuGetErrorString, (int result, const char **text))                            \
    CALL(device_count, cuDeviceGetCount, (int *count))                                             \
    CALL(device_get, cuDeviceGet, (int *device, int index))                                        \
    CALL(device_name, cuDeviceGetName, (char *name, int size, int device))                         \
    CALL(device_uuid, cuDeviceGetUuid_v2, (uint8_t uuid[16], int device))                          \
    CALL(device_bus, cuDeviceGetPCIBusId, (char *text, int size, int device))                      \
    CALL(device_attribute, cuDeviceGetAttribute, (int *value, int attribute, int device))          \
    CALL(device_memory, cuDeviceTotalMem_v2, (size_t * bytes, int device))                         \
    CALL(context_create, cuCtxCreate_v2, (void **context, unsigned flags, int device))             \
    CALL(context_limit, cuCtxSetLimit, (int limit, size_t value))                                  \
    CALL(context_reset_l2, cuCtxResetPersistingL2Cache, (void))                                    \
    CALL(module_load, cuModuleLoadData, (void **module, const void *image))                        \
    CALL(module_load_saying, cuModuleLoadDataEx,                                                   \
         (void **module, const void *image, unsigned count, int *options, void **values))          \
    CALL(module_unload, cuModuleUnload, (void *module))                                            \
    CALL(module_function, cuModuleGetFunction, (void **function, void *module, const char *name))  \
    CALL(function_get, cuFuncGetAttribute, (int *value, int attribute, void *function))            \
    CALL(function_set, cuFuncSetAttribute, (void *function, int attribute, int value))             \
    CALL(memory_alloc, cuMemAlloc_v2, (uint64_t * address, size_t bytes))                          \
    CALL(memory_free, cuMemFree_v2, (uint64_t address))                                            \
    CALL(copy_in, cuMemcpyHtoDAsync_v2,                                                            \
         (uint64_t to, const void *from, size_t bytes, void *stream))                              \
    CALL(copy_out, cuMemcpyDtoHAsync_v2, (void *to, uint64_t from, size_t bytes, void *stream))    \
    CALL(fill, cuMemsetD8Async, (uint64_t to, unsigned char value, size_t count, void *stream))    \
    CALL(granularity, cuMemGetAllocationGranularity,                                               \
         (size_t * bytes, const struct cuda_memory *memory, int option))                           \
    CALL(reserve, cuMemAddressReserve,                                                             \
         (uint64_t * address, size_t bytes, size_t alignment, uint64_t wish,                       \
          unsigned long long flags))                                                               \
    CALL(unreserve, cuMemAddressFree, (uint64_t address, size_t bytes))                            \
    CALL(create, cuMemCreate,                                                                      \
         (uint64_t * handle, size_t bytes, const struct cuda_memory *memory,                       \
          unsigned long long flags))                                                               \
    CALL(release, cuMemRelease, (uint64_t handle))                                                 \
    CALL(map, cuMemMap,                                                                            \
         (uint64_t address, size_t bytes, size_t offset, uint64_t handle,                          \
          unsigned long long flags))                                                               \
    CALL(unmap, cuMemUnmap, (uint64_t address, size_t bytes))                                      \
    CALL(set_access, cuMemSetAccess,                                                               \
         (uint64_t address, size_t bytes, const struct cuda_access *access, size_t count))         \
    CALL(stream_create, cuStreamCreate, (void **stream, unsigned flags))                           \
    CALL(stream_wait, cuStreamSynchronize, (void *stream))                                         \
    CALL(capture_begin, cuStreamBeginCapture_v2, (void *stream, int mode))                         \
    CALL(capture_end, cuStreamEndCapture, (void *stream, void **graph))                            \
    CALL(capture_info, cuStreamGetCaptureInfo_v2,                                                  \
         (void *stream, int *status, uint64_t *id, void **graph, const void **dependencies,        \
          size_t *count))                                                                          \
    CALL(launch, cuLaunchKernelEx,                                                                 \
         (const struct cuda_launch *launch, void *function, void **parameters, void **extra))      \
    CALL(graph_instantiate, cuGraphInstantiateWithFlags,                                           \
         (void **instance, void *graph, unsigned long long flags))                                 \
    CALL(graph_nodes, cuGraphGetNodes, (void *graph, void **nodes, size_t *count))                 \
    CALL(node_type, cuGraphNodeGetType, (void *node, int *type))                                   \
    CALL(graph_upload, cuGraphUpload, (void *instance, void *stream))                              \
    CALL(graph_launch, cuGraphLaunch, (void *instance, void *stream))                              \
    CALL(graph_destroy, cuGraphDestroy, (void *graph))                                             \
    CALL(instance_destroy, cuGraphExecDestroy, (void *instance))                                   \
    CALL(event_create, cuEventCreate, (void **event, unsigned flags))                              \
    CALL(event_record, cuEventRecord, (void *event, void *stream))                                 \
    CALL(event_record_node, cuEventRecordWithFlags, (void *event, void *stream, unsigned flags))   \
    CALL(event_query, cuEventQuery, (void *event))                                                 \
    CALL(event_elapsed, cuEventElapsedTime, (float *ms, void *begin, void *end))

#define HONE_CUDA_MEMBER(name, symbol, parameters) int(*name) parameters;
struct cuda_driver {
    void *object;
    HONE_CUDA_CALLS(HONE_CUDA_MEMBER)
    /* Of 12.4 and later; NULL where it is not there. */
    int (*parameter_info)(void *function, size_t index, size_t *offset, size_t *bytes);
};
#undef HONE_CUDA_MEMBER

/* Find all of the table in `path`, a library's name or an absolute path. 0, or -1 with a text that
 * says what lacks. */
int cuda_driver_open(struct cuda_driver *driver, const char *path, char *text, size_t size);

/* "CUDA_ERROR_ILLEGAL_ADDRESS (an illegal memory access was encountered)" */
void cuda_driver_say(const struct cuda_driver *driver, int result, char *text, size_t size);

#endif
