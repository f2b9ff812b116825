#include "hardware/cuda/cuda.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PROBE_LIMIT_NS 60000000000ull
#define CEILINGS_LIMIT_NS 30000000000ull

/* In a process of its own: once the driver is initialised, nothing may be forked. */
static void probe(struct cuda *cuda) {
    const struct hone_launcher_request request = {.kind = HONE_LAUNCHER_PROBE};
    struct hone_launcher_reply reply;
    struct hone_error why = {""};
    struct worker *worker;
    if (hone_cuda_worker_start(cuda, &worker, &why)) {
        snprintf(cuda->absent, sizeof cuda->absent, "%.150s", why.text);
        return;
    }
    int result = hone_cuda_worker_ask(worker, &request, NULL, 0, PROBE_LIMIT_NS, &reply);
    if (result || reply.status != HONE_LAUNCHER_DONE) {
        snprintf(cuda->absent, sizeof cuda->absent, "%.150s",
                 result == -ETIMEDOUT ? "the CUDA driver does not answer"
                 : result             ? "the launcher died while looking for devices"
                                      : reply.text);
    } else {
        for (uint32_t i = 0; i < reply.count && i < HONE_LAUNCHER_DEVICES_MAX; i++) {
            struct hone_launcher_device *facts = &cuda->devices[i].facts;
            memcpy(facts, worker->mail + i * sizeof *facts, sizeof *facts);
            cuda->device_count++;
        }
    }
    hone_cuda_worker_destroy(worker);
}

uint32_t hone_cuda_devices(struct cuda *cuda) {
    pthread_mutex_lock(&cuda->mutex);
    if (!cuda->probed)
        probe(cuda);
    cuda->probed = true;
    pthread_mutex_unlock(&cuda->mutex);
    return cuda->device_count;
}

static void measure(struct cuda *cuda, uint32_t index) {
    const struct hone_launcher_request request = {.kind = HONE_LAUNCHER_CEILINGS};
    struct cuda_device *device = &cuda->devices[index];
    struct hone_launcher_reply reply;
    int lock = hone_cuda_lock(cuda, index, NULL);
    if (lock < 0)
        return;
    if (hone_cuda_worker_open(cuda, index, &device->spare, NULL) == 0) {
        int result =
            hone_cuda_worker_ask(device->spare, &request, NULL, 0, CEILINGS_LIMIT_NS, &reply);
        if (result == 0 && reply.status == HONE_LAUNCHER_DONE) {
            memcpy(&device->facts, device->spare->mail, sizeof device->facts);
        } else {
            hone_cuda_worker_destroy(device->spare);
            device->spare = NULL;
        }
    }
    close(lock);
}

void hone_cuda_measure_device(struct cuda *cuda, uint32_t index) {
    pthread_mutex_lock(&cuda->mutex);
    if (!cuda->devices[index].measured)
        measure(cuda, index);
    cuda->devices[index].measured = true;
    pthread_mutex_unlock(&cuda->mutex);
}
