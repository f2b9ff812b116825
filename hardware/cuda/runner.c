#include "hardware/cuda/cuda.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

int hone_cuda_runner_open(void *self, uint32_t device, void **opened, struct hone_error *error) {
    struct cuda *cuda = self;
    int result = 0;
    if (device >= hone_cuda_devices(cuda))
        return hone_cuda_fail(error, -ENODEV, "no device cuda:%u: %s", device,
                              cuda->device_count ? "there are fewer" : cuda->absent);
    struct cuda_runner *runner = calloc(1, sizeof *runner);
    if (!runner)
        return hone_cuda_fail(error, -ENOMEM, "no memory for a runner");
    *runner = (struct cuda_runner){.cuda = cuda, .device = device, .lock = -1};
    pthread_mutex_lock(&cuda->mutex);
    runner->workers[0] = cuda->devices[device].spare;
    cuda->devices[device].spare = NULL;
    if (!runner->workers[0])
        result = hone_cuda_worker_open(cuda, device, &runner->workers[0], error);
    pthread_mutex_unlock(&cuda->mutex);
    if (result)
        hone_cuda_runner_close(runner);
    else
        *opened = runner;
    return result;
}

static void destroy(struct cuda_runner *runner, struct worker *worker) {
    struct cuda_device *device = &runner->cuda->devices[runner->device];
    int result = hone_cuda_worker_destroy(worker);
    pthread_mutex_lock(&runner->cuda->mutex);
    device->suspect = true;
    if (result)
        strcpy(device->quarantine, "a launcher that was killed does not end");
    pthread_mutex_unlock(&runner->cuda->mutex);
}

void hone_cuda_runner_close(void *closed) {
    struct cuda_runner *runner = closed;
    if (!runner)
        return;
    for (uint32_t i = 0; i < HONE_CUDA_WORKERS_MAX; i++)
        hone_cuda_worker_destroy(runner->workers[i]);
    if (runner->lock >= 0)
        close(runner->lock);
    free(runner);
}

static void unlock_idle(struct cuda_runner *runner) {
    if (runner->processes || runner->lock < 0)
        return;
    close(runner->lock);
    runner->lock = -1;
}

int hone_cuda_runner_lend(struct cuda_runner *runner, struct worker **lent,
                          struct hone_error *error) {
    struct cuda *cuda = runner->cuda;
    struct worker **place = NULL;
    int result = 0;
    for (uint32_t i = 0; i < HONE_CUDA_WORKERS_MAX; i++) {
        struct worker **at = &runner->workers[i];
        if (*at && !(*at)->is_busy) {
            place = at;
            break;
        }
        if (!*at && !place)
            place = at;
    }
    if (!place)
        return hone_cuda_fail(error, -EAGAIN, "all launchers of a runner are in use");
    if (runner->processes == 0 && (runner->lock = hone_cuda_lock(cuda, runner->device, error)) < 0)
        return runner->lock;
    pthread_mutex_lock(&cuda->mutex);
    if (!*place)
        result = hone_cuda_worker_open(cuda, runner->device, place, error);
    pthread_mutex_unlock(&cuda->mutex);
    if (result == 0) {
        (*place)->is_busy = true;
        *lent = *place;
        runner->processes++;
    }
    unlock_idle(runner);
    return result;
}

void hone_cuda_runner_return(struct cuda_runner *runner, struct worker *worker, bool is_well) {
    for (uint32_t i = 0; i < HONE_CUDA_WORKERS_MAX; i++)
        if (runner->workers[i] == worker && !is_well)
            runner->workers[i] = NULL;
    worker->is_busy = false;
    if (!is_well)
        destroy(runner, worker);
    runner->processes--;
    unlock_idle(runner);
}

/* The least recently started program makes room. */
struct judged *hone_cuda_runner_judged(struct cuda_runner *runner, const void *program,
                                       uint64_t bytes) {
    const uint64_t hash = XXH3_64bits(program, bytes);
    struct judged *oldest = &runner->judged[0];
    runner->starts++;
    for (uint32_t i = 0; i < HONE_CUDA_JUDGED_MAX; i++) {
        struct judged *judged = &runner->judged[i];
        if (judged->used && judged->hash == hash) {
            judged->used = runner->starts;
            return judged;
        }
        if (judged->used < oldest->used)
            oldest = judged;
    }
    *oldest = (struct judged){.hash = hash, .used = runner->starts};
    return oldest;
}
