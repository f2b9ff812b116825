#include "core/station.h"

#include "core/error.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

struct job {
    const struct hone_measure_request *request;
    struct hone_measure_result *result;
    struct hone_error *error;
    int code;
    bool done;
    struct job *next;
};

struct hone_station {
    const struct hone_instance *hardware;
    uint32_t device;
    struct hone_scorer *scorer;
    struct hone_meter_options options;
    int measuring_cpu;
    cpu_set_t allowed; /* what this process may use */
    char protocol[17];

    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct job *first, **last;
    bool open, stop;
    uint32_t timing; /* jobs queued or running whose times count */
    int open_code;
    struct hone_error open_error;
};

static bool is_timed(const struct hone_measure_request *request) {
    return request->stages & 1u << HONE_STAGE_TIME;
}

static void pin(const struct hone_station *station) {
    if (station->measuring_cpu < 0)
        return;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET((size_t)station->measuring_cpu, &one);
    sched_setaffinity(0, sizeof one, &one);
}

static void serve(struct hone_station *station, struct hone_meter *meter) {
    pthread_mutex_lock(&station->lock);
    bool idle_work = true;
    while (!station->stop) {
        struct job *job = station->first;
        if (!job) {
            if (!idle_work) {
                pthread_cond_wait(&station->changed, &station->lock);
                continue;
            }
            pthread_mutex_unlock(&station->lock);
            idle_work = hone_meter_idle(meter);
            pthread_mutex_lock(&station->lock);
            continue;
        }
        station->first = job->next;
        if (!station->first)
            station->last = &station->first;
        pthread_mutex_unlock(&station->lock);
        job->code = hone_measure(meter, job->request, job->result, job->error);
        pthread_mutex_lock(&station->lock);
        job->done = true;
        station->timing -= is_timed(job->request);
        idle_work = true;
        pthread_cond_broadcast(&station->changed);
    }
    pthread_mutex_unlock(&station->lock);
}

static void *run(void *context) {
    struct hone_station *station = context;
    pin(station);
    struct hone_meter *meter = NULL;
    int code =
        hone_meter_create(station->hardware, station->device, station->scorer, &station->options,
                          &meter, station->protocol, &station->open_error);
    pthread_mutex_lock(&station->lock);
    station->open = true;
    station->open_code = code;
    pthread_cond_broadcast(&station->changed);
    pthread_mutex_unlock(&station->lock);
    if (!code)
        serve(station, meter);
    hone_meter_destroy(meter);
    return NULL;
}

int hone_station_create(const struct hone_instance *hardware, uint32_t device,
                        struct hone_scorer *scorer, const struct hone_meter_options *options,
                        struct hone_station **out, struct hone_error *error) {
    struct hone_device description = {.size = sizeof description};
    int code = hardware->loaded.plugin->hardware->describe(hardware->self, device, &description);
    if (code)
        return hone_fail(error, code, "%s: cannot describe device %u", hardware->loaded.path,
                         device);
    struct hone_station *station = calloc(1, sizeof *station);
    if (!station)
        return hone_fail(error, -ENOMEM, "station: out of memory");
    station->hardware = hardware;
    station->device = device;
    station->scorer = scorer;
    station->options = *options;
    station->measuring_cpu = description.measuring_cpu;
    station->last = &station->first;
    sched_getaffinity(0, sizeof station->allowed, &station->allowed);
    pthread_mutex_init(&station->lock, NULL);
    pthread_cond_init(&station->changed, NULL);
    code = -pthread_create(&station->thread, NULL, run, station);
    if (code) {
        free(station);
        return hone_fail(error, code, "station: cannot start a thread: %s", strerror(-code));
    }
    pthread_mutex_lock(&station->lock);
    while (!station->open)
        pthread_cond_wait(&station->changed, &station->lock);
    code = station->open_code;
    pthread_mutex_unlock(&station->lock);
    if (code) {
        hone_fail(error, code, "%s", station->open_error.text);
        hone_station_destroy(station);
        return code;
    }
    *out = station;
    return 0;
}

void hone_station_destroy(struct hone_station *station) {
    if (!station)
        return;
    pthread_mutex_lock(&station->lock);
    station->stop = true;
    pthread_cond_broadcast(&station->changed);
    pthread_mutex_unlock(&station->lock);
    pthread_join(station->thread, NULL);
    pthread_cond_destroy(&station->changed);
    pthread_mutex_destroy(&station->lock);
    free(station);
}

const char *hone_station_protocol(const struct hone_station *station) {
    return station->protocol;
}

int hone_station_measure(struct hone_station *station, const struct hone_measure_request *request,
                         struct hone_measure_result *result, struct hone_error *error) {
    struct job job = {.request = request, .result = result, .error = error};
    pthread_mutex_lock(&station->lock);
    *station->last = &job;
    station->last = &job.next;
    station->timing += is_timed(request);
    pthread_cond_broadcast(&station->changed);
    while (!job.done)
        pthread_cond_wait(&station->changed, &station->lock);
    pthread_mutex_unlock(&station->lock);
    return job.code;
}

void hone_station_make_way(struct hone_station *station) {
    pthread_mutex_lock(&station->lock);
    bool busy = station->timing > 0;
    pthread_mutex_unlock(&station->lock);
    cpu_set_t set = station->allowed;
    if (busy && station->measuring_cpu >= 0 && CPU_COUNT(&set) > 1)
        CPU_CLR((size_t)station->measuring_cpu, &set);
    sched_setaffinity(0, sizeof set, &set);
}
