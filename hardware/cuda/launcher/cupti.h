/* cupti.h - CUPTI, found at run time: the calls for records of kernels and for counters, and what
 * of their structs is used. Every struct of the profiling calls begins with the size that the
 * caller knows, and a kernel's record has kept these places since CUDA 11.6, so one declaration
 * serves every version (tests/test_cuda_driver.c compares them with the toolkit's headers).
 */
#ifndef HONE_CUDA_LAUNCHER_CUPTI_H
#define HONE_CUDA_LAUNCHER_CUPTI_H

#include <stddef.h>
#include <stdint.h>

enum {
    CUPTI_NO_MORE_RECORDS = 12,
    CUPTI_NOT_PERMITTED = 35,
    CUPTI_KIND_KERNEL = 3,
    CUPTI_KIND_CONCURRENT_KERNEL = 10,
    CUPTI_FLUSH_FORCED = 1,
    CUPTI_RANGE_OF_USER = 2,
    CUPTI_REPLAY_BY_USER = 3,
    CUPTI_RANGE_PROFILER = 0,
};

/* The front of CUpti_ActivityKernel7 and later. */
struct cupti_kernel {
    uint32_t kind;
    uint8_t caches, shared_config;
    uint16_t registers;
    uint32_t carveout, requested_carveout;
    uint64_t begin_ns, end_ns, completed_ns;
    uint32_t device, context, stream;
    int32_t grid[3], block[3];
    int32_t static_shared, dynamic_shared;
    uint32_t local_of_thread, local_total;
    uint32_t correlation;
    int64_t id;
    const char *name;
    void *reserved;
    uint64_t queued, submitted;
    uint8_t launch[4];
    uint32_t shared_executed;
    uint64_t graph_node;
    uint32_t shared_limit;
    uint32_t graph;
};

/* Every one begins with its size and a NULL. */
#define CUPTI_HEAD                                                                                 \
    size_t size;                                                                                   \
    void *unused
struct cupti_nothing {
    CUPTI_HEAD;
};
struct cupti_chip {
    CUPTI_HEAD;
    size_t device;
    const char *name;
};
struct cupti_availability {
    CUPTI_HEAD;
    void *context;
    size_t bytes;
    uint8_t *image;
};
struct cupti_host {
    CUPTI_HEAD;
    int type;
    const char *chip;
    const uint8_t *availability;
    void *host;
};
struct cupti_of_host {
    CUPTI_HEAD;
    void *host;
};
struct cupti_add {
    CUPTI_HEAD;
    void *host;
    const char **names;
    size_t count;
};
struct cupti_config_size {
    CUPTI_HEAD;
    void *host;
    size_t bytes;
};
struct cupti_config {
    CUPTI_HEAD;
    void *host;
    size_t bytes;
    uint8_t *image;
};
struct cupti_values {
    CUPTI_HEAD;
    void *host;
    const uint8_t *data;
    size_t bytes, range;
    const char **names;
    size_t count;
    double *values;
};
struct cupti_enable {
    CUPTI_HEAD;
    void *context;
    void *profiler;
};
struct cupti_of_profiler {
    CUPTI_HEAD;
    void *profiler;
};
struct cupti_data_size {
    CUPTI_HEAD;
    void *profiler;
    const char **names;
    size_t count, ranges;
    uint32_t nodes;
    size_t bytes;
};
struct cupti_data {
    CUPTI_HEAD;
    void *profiler;
    size_t bytes;
    uint8_t *data;
};
struct cupti_set {
    CUPTI_HEAD;
    void *profiler;
    size_t config_bytes;
    const uint8_t *config;
    size_t data_bytes;
    uint8_t *data;
    int range, replay;
    size_t ranges;
    uint16_t levels, least_level;
    size_t pass;
    uint16_t target_level;
};
struct cupti_stop {
    CUPTI_HEAD;
    void *profiler;
    size_t pass, level;
    uint8_t all_submitted;
};
struct cupti_range {
    CUPTI_HEAD;
    void *profiler;
    const char *name;
};
struct cupti_decode {
    CUPTI_HEAD;
    void *profiler;
    size_t dropped;
};
#undef CUPTI_HEAD

/* The size that a library of CUPTI expects: up to the end of the last field, not of the padding. */
#define CUPTI_SIZE(type, last) (offsetof(type, last) + sizeof(((type *)0)->last))

/* member, symbol, parameters. The first are needed for records, the others for counters. */
#define HONE_CUPTI_RECORD_CALLS(CALL)                                                              \
    CALL(result_text, cuptiGetResultString, (int result, const char **text))                       \
    CALL(register_callbacks, cuptiActivityRegisterCallbacks,                                       \
         (void (*request)(uint8_t **, size_t *, size_t *),                                         \
          void (*complete)(void *, uint32_t, uint8_t *, size_t, size_t)))                          \
    CALL(enable, cuptiActivityEnable, (int kind))                                                  \
    CALL(disable, cuptiActivityDisable, (int kind))                                                \
    CALL(flush, cuptiActivityFlushAll, (uint32_t flags))                                           \
    CALL(next_record, cuptiActivityGetNextRecord, (uint8_t * buffer, size_t bytes, void **record))

#define HONE_CUPTI_COUNTER_CALLS(CALL)                                                             \
    CALL(profiler_init, cuptiProfilerInitialize, (struct cupti_nothing *))                         \
    CALL(chip_name, cuptiDeviceGetChipName, (struct cupti_chip *))                                 \
    CALL(availability, cuptiProfilerGetCounterAvailability, (struct cupti_availability *))         \
    CALL(host_init, cuptiProfilerHostInitialize, (struct cupti_host *))                            \
    CALL(host_finish, cuptiProfilerHostDeinitialize, (struct cupti_of_host *))                     \
    CALL(host_add, cuptiProfilerHostConfigAddMetrics, (struct cupti_add *))                        \
    CALL(host_config_size, cuptiProfilerHostGetConfigImageSize, (struct cupti_config_size *))      \
    CALL(host_config, cuptiProfilerHostGetConfigImage, (struct cupti_config *))                    \
    CALL(host_values, cuptiProfilerHostEvaluateToGpuValues, (struct cupti_values *))               \
    CALL(profiler_enable, cuptiRangeProfilerEnable, (struct cupti_enable *))                       \
    CALL(profiler_disable, cuptiRangeProfilerDisable, (struct cupti_of_profiler *))                \
    CALL(data_size, cuptiRangeProfilerGetCounterDataSize, (struct cupti_data_size *))              \
    CALL(data_init, cuptiRangeProfilerCounterDataImageInitialize, (struct cupti_data *))           \
    CALL(profiler_set, cuptiRangeProfilerSetConfig, (struct cupti_set *))                          \
    CALL(profiler_start, cuptiRangeProfilerStart, (struct cupti_of_profiler *))                    \
    CALL(range_push, cuptiRangeProfilerPushRange, (struct cupti_range *))                          \
    CALL(range_pop, cuptiRangeProfilerPopRange, (struct cupti_of_profiler *))                      \
    CALL(profiler_stop, cuptiRangeProfilerStop, (struct cupti_stop *))                             \
    CALL(profiler_decode, cuptiRangeProfilerDecodeData, (struct cupti_decode *))

#define HONE_CUPTI_MEMBER(name, symbol, parameters) int(*name) parameters;
struct cupti {
    void *object;
    HONE_CUPTI_RECORD_CALLS(HONE_CUPTI_MEMBER)
    HONE_CUPTI_COUNTER_CALLS(HONE_CUPTI_MEMBER)
    int has_counters;
};
#undef HONE_CUPTI_MEMBER

/* `path` is an absolute path; "": what the dynamic loader finds by name. 0, or -1 with a text. */
int cupti_open(struct cupti *cupti, const char *path, char *text, size_t size);

#endif
