#include "hardware/cuda/launcher/tracer.h"
#include "hardware/cuda/launcher/cupti.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER_BYTES (1u << 20)
#define BUFFER_ALIGNMENT 8u
#define ROWS_MOST 8192u

struct tracer {
    struct cupti cupti;
    pthread_mutex_t mutex; /* of the rows: CUPTI hands over buffers on a thread of its own */
    bool is_on;
    struct trace_row *rows;
    uint32_t count;
};

/* CUPTI's callbacks are given nothing of ours, so there is one. */
static struct tracer the_tracer = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static void request_buffer(uint8_t **buffer, size_t *bytes, size_t *most_records) {
    *buffer = aligned_alloc(BUFFER_ALIGNMENT, BUFFER_BYTES);
    *bytes = *buffer ? BUFFER_BYTES : 0;
    *most_records = 0;
}

static uint32_t positive(int32_t value) {
    return value > 0 ? (uint32_t)value : 0;
}

static void keep(struct tracer *tracer, const struct cupti_kernel *record) {
    if (!tracer->is_on || tracer->count == ROWS_MOST)
        return;
    struct trace_row *row = &tracer->rows[tracer->count++];
    *row = (struct trace_row){
        .begin_ns = record->begin_ns,
        .end_ns = record->end_ns,
        .registers = record->registers,
        .shared_bytes = positive(record->static_shared) + positive(record->dynamic_shared),
        .local_bytes = record->local_of_thread,
        .in_graph = record->graph != 0,
    };
    for (int i = 0; i < 3; i++) {
        row->grid[i] = positive(record->grid[i]);
        row->block[i] = positive(record->block[i]);
    }
    snprintf(row->name, sizeof row->name, "%s", record->name ? record->name : "");
}

static void take_buffer(void *context, uint32_t stream, uint8_t *buffer, size_t bytes,
                        size_t valid) {
    struct tracer *tracer = &the_tracer;
    void *record = NULL;
    (void)context;
    (void)stream;
    (void)bytes;
    pthread_mutex_lock(&tracer->mutex);
    while (valid && tracer->cupti.next_record(buffer, valid, &record) == 0) {
        const struct cupti_kernel *kernel = record;
        if (kernel->kind == CUPTI_KIND_KERNEL || kernel->kind == CUPTI_KIND_CONCURRENT_KERNEL)
            keep(tracer, kernel);
    }
    pthread_mutex_unlock(&tracer->mutex);
    free(buffer);
}

int tracer_open(const char *path, struct tracer **opened, char *text, size_t size) {
    struct tracer *tracer = &the_tracer;
    *opened = NULL;
    text[0] = '\0';
    if (cupti_open(&tracer->cupti, path, text, size))
        return -1;
    tracer->rows = malloc(ROWS_MOST * sizeof *tracer->rows);
    int result = tracer->rows ? tracer->cupti.register_callbacks(request_buffer, take_buffer) : -1;
    if (result) {
        const char *why = "out of memory";
        if (tracer->rows)
            tracer->cupti.result_text(result, &why);
        snprintf(text, size, "CUPTI takes no callbacks: %s", why);
        return -1;
    }
    *opened = tracer;
    return 0;
}

const struct cupti *tracer_cupti(const struct tracer *tracer) {
    return &tracer->cupti;
}

static void set_on(struct tracer *tracer, bool is_on) {
    pthread_mutex_lock(&tracer->mutex);
    tracer->is_on = is_on;
    if (is_on)
        tracer->count = 0;
    pthread_mutex_unlock(&tracer->mutex);
}

int tracer_begin(struct tracer *tracer) {
    set_on(tracer, true);
    return tracer->cupti.enable(CUPTI_KIND_CONCURRENT_KERNEL) ? -1 : 0;
}

static int compare(const void *left, const void *right) {
    const struct trace_row *a = left, *b = right;
    return (a->begin_ns > b->begin_ns) - (a->begin_ns < b->begin_ns);
}

int tracer_end(struct tracer *tracer, struct trace_row *rows, uint32_t capacity) {
    int result = tracer->cupti.flush(CUPTI_FLUSH_FORCED);
    int disabled = tracer->cupti.disable(CUPTI_KIND_CONCURRENT_KERNEL);
    set_on(tracer, false);
    if (result || disabled)
        return -1;
    pthread_mutex_lock(&tracer->mutex);
    const uint32_t count = tracer->count < capacity ? tracer->count : capacity;
    qsort(tracer->rows, tracer->count, sizeof *tracer->rows, compare);
    memcpy(rows, tracer->rows, count * sizeof *rows);
    pthread_mutex_unlock(&tracer->mutex);
    return (int)count;
}
