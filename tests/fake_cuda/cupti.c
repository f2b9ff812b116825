#include "hardware/cuda/launcher/cupti.h"

#include "tests/fake_cuda/fake.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define API __attribute__((visibility("default")))
#define RECORDS_MOST 256
#define PASSES 2

#define DECLARE(name, symbol, parameters) API int symbol parameters;
HONE_CUPTI_RECORD_CALLS(DECLARE)
HONE_CUPTI_COUNTER_CALLS(DECLARE)

static struct {
    void (*request)(uint8_t **, size_t *, size_t *);
    void (*complete)(void *, uint32_t, uint8_t *, size_t, size_t);
    bool is_on;
    struct cupti_kernel records[RECORDS_MOST];
    uint32_t count;
} activity;

static struct {
    uint32_t metrics, pass;
    bool in_range;
    uint32_t kernels; /* counted in ranges */
} profiler;

void fake_record(const struct fake_record *record) {
    profiler.kernels += profiler.in_range;
    if (!activity.is_on || activity.count == RECORDS_MOST || fake_is("no_records"))
        return;
    struct cupti_kernel *kernel = &activity.records[activity.count++];
    const uint64_t off = fake_is("records_off") ? 5000000 : 0;
    *kernel = (struct cupti_kernel){.kind = CUPTI_KIND_CONCURRENT_KERNEL,
                                    .begin_ns = record->begin_ns,
                                    .end_ns = record->end_ns + off,
                                    .registers = 24,
                                    .static_shared = 48,
                                    .local_of_thread = 8,
                                    .name = record->name,
                                    .graph = record->in_graph};
    for (int i = 0; i < 3; i++) {
        kernel->grid[i] = (int32_t)record->grid[i];
        kernel->block[i] = (int32_t)record->block[i];
    }
}

int cuptiGetResultString(int result, const char **text) {
    *text = result == CUPTI_NOT_PERMITTED ? "CUPTI_ERROR_INSUFFICIENT_PRIVILEGES" : "CUPTI_ERROR";
    return 0;
}

int cuptiActivityRegisterCallbacks(void (*request)(uint8_t **, size_t *, size_t *),
                                   void (*complete)(void *, uint32_t, uint8_t *, size_t, size_t)) {
    activity.request = request;
    activity.complete = complete;
    return 0;
}

int cuptiActivityEnable(int kind) {
    activity.is_on = kind == CUPTI_KIND_CONCURRENT_KERNEL;
    return 0;
}

int cuptiActivityDisable(int kind) {
    activity.is_on = activity.is_on && kind != CUPTI_KIND_CONCURRENT_KERNEL;
    return 0;
}

int cuptiActivityFlushAll(uint32_t flags) {
    uint8_t *buffer;
    size_t bytes, most;
    (void)flags;
    activity.request(&buffer, &bytes, &most);
    const size_t valid = activity.count * sizeof *activity.records;
    memcpy(buffer, activity.records, valid);
    activity.count = 0;
    activity.complete(NULL, 0, buffer, bytes, valid);
    return 0;
}

int cuptiActivityGetNextRecord(uint8_t *buffer, size_t bytes, void **record) {
    struct cupti_kernel *first = (void *)buffer,
                        *next = *record ? (struct cupti_kernel *)*record + 1 : first;
    if ((uint8_t *)next >= buffer + bytes)
        return CUPTI_NO_MORE_RECORDS;
    *record = next;
    return 0;
}

int cuptiProfilerInitialize(struct cupti_nothing *parameters) {
    return parameters->size == sizeof *parameters ? 0 : 1;
}

int cuptiDeviceGetChipName(struct cupti_chip *chip) {
    chip->name = "GH100";
    return 0;
}

int cuptiProfilerGetCounterAvailability(struct cupti_availability *availability) {
    availability->bytes = 16;
    return 0;
}

int cuptiProfilerHostInitialize(struct cupti_host *host) {
    host->host = &profiler;
    profiler.metrics = 0;
    return host->chip && host->availability ? 0 : 1;
}

int cuptiProfilerHostDeinitialize(struct cupti_of_host *host) {
    return host->host == &profiler ? 0 : 1;
}

/* It has no counters of tensor cores. */
int cuptiProfilerHostConfigAddMetrics(struct cupti_add *add) {
    if (add->count != 1 || strstr(add->names[0], "tensor"))
        return 1;
    profiler.metrics++;
    return 0;
}

int cuptiProfilerHostGetConfigImageSize(struct cupti_config_size *size) {
    size->bytes = 32;
    return 0;
}

int cuptiProfilerHostGetConfigImage(struct cupti_config *config) {
    memset(config->image, 1, config->bytes);
    return 0;
}

/* One that could not be counted, then 1, 2 ...; the last is how many kernels were seen. */
int cuptiProfilerHostEvaluateToGpuValues(struct cupti_values *values) {
    if (values->count != profiler.metrics)
        return 1;
    for (size_t i = 0; i < values->count; i++)
        values->values[i] = i ? (double)i : (double)NAN;
    values->values[values->count - 1] = profiler.kernels;
    return 0;
}

int cuptiRangeProfilerEnable(struct cupti_enable *enable) {
    enable->profiler = &profiler;
    profiler.pass = profiler.kernels = 0;
    return fake_is("no_permission") ? CUPTI_NOT_PERMITTED : 0;
}

int cuptiRangeProfilerDisable(struct cupti_of_profiler *of) {
    return of->profiler == &profiler ? 0 : 1;
}

int cuptiRangeProfilerGetCounterDataSize(struct cupti_data_size *size) {
    size->bytes = 64;
    return size->count == profiler.metrics ? 0 : 1;
}

int cuptiRangeProfilerCounterDataImageInitialize(struct cupti_data *data) {
    memset(data->data, 0, data->bytes);
    return 0;
}

int cuptiRangeProfilerSetConfig(struct cupti_set *set) {
    return set->range == CUPTI_RANGE_OF_USER && set->replay == CUPTI_REPLAY_BY_USER ? 0 : 1;
}

int cuptiRangeProfilerStart(struct cupti_of_profiler *of) {
    return of->profiler == &profiler ? 0 : 1;
}

int cuptiRangeProfilerPushRange(struct cupti_range *range) {
    profiler.in_range = range->name != NULL;
    return 0;
}

int cuptiRangeProfilerPopRange(struct cupti_of_profiler *of) {
    profiler.in_range = false;
    return of->profiler == &profiler ? 0 : 1;
}

int cuptiRangeProfilerStop(struct cupti_stop *stop) {
    stop->all_submitted = ++profiler.pass == PASSES;
    return 0;
}

int cuptiRangeProfilerDecodeData(struct cupti_decode *decode) {
    decode->dropped = 0;
    return profiler.pass == PASSES ? 0 : 1;
}
