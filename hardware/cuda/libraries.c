#include "hardware/cuda/cuda.h"
#include "hardware/cuda/places.h"
#include "hardware/trust.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LIMIT_NS 60000000000ull

/* Whether it can be used is for a launcher to find out: loading one takes long. */
static bool take(void *context, const char *path) {
    char *place = context;
    if (strlen(path) >= HONE_CUDA_PATH_SIZE)
        return false;
    strcpy(place, path);
    return true;
}

/* One that nobody named: the file itself, since a link that led to it may lie where others write.
 */
static bool take_trusted(void *context, const char *path) {
    char whole[PATH_MAX];
    return realpath(path, whole) && hone_is_trusted(whole) && take(context, whole);
}

static void find(char place[HONE_CUDA_PATH_SIZE], const char *name, const char *wheel) {
    const struct hone_cuda_wanted found = {name, wheel, take_trusted, place};
    const struct hone_cuda_wanted named = {name, wheel, take, place};
    char setting[HONE_CUDA_PATH_SIZE];
    strcpy(setting, place);
    place[0] = '\0';
    if (!setting[0])
        hone_cuda_look_around(&found);
    else if (strcmp(setting, "none") != 0 && !hone_cuda_look_in(&named, setting))
        strcpy(place, setting); /* the launcher says what is wrong with it */
}

void hone_cuda_find_libraries(struct cuda *cuda) {
    if (strcmp(cuda->libcupti, "none") != 0)
        find(cuda->libcupti, "libcupti", "cuda_cupti");
    find(cuda->libcublas, "libcublas", "cublas");
    find(cuda->libcudnn, "libcudnn", "cudnn");
    snprintf(cuda->operators, sizeof cuda->operators, "%s", cuda->launcher);
    char *slash = strrchr(cuda->operators, '/');
    snprintf(slash, sizeof cuda->operators - (size_t)(slash - cuda->operators), "/operators.ptx");
}

static void ask(struct cuda *cuda, uint32_t index) {
    const struct hone_launcher_request request = {.kind = HONE_LAUNCHER_LIBRARIES};
    struct cuda_device *device = &cuda->devices[index];
    struct hone_launcher_reply reply;
    struct hone_error why = {"the launcher died while loading it"};
    int lock = hone_cuda_lock(cuda, index, NULL);
    if (lock < 0)
        return;
    int result = device->spare ? 0 : hone_cuda_worker_open(cuda, index, &device->spare, &why);
    if (result == 0) {
        result = hone_cuda_worker_ask(device->spare, &request, NULL, 0, LIMIT_NS, &reply);
        if (result == 0 && reply.status == HONE_LAUNCHER_DONE) {
            memcpy(device->libraries, device->spare->mail, sizeof device->libraries);
        } else {
            hone_cuda_worker_destroy(device->spare);
            device->spare = NULL;
            result = -1;
        }
    }
    for (int i = 0; result && i < HONE_LAUNCHER_LIBRARY_COUNT; i++)
        snprintf(device->libraries[i].text, sizeof device->libraries[i].text, "%.150s", why.text);
    close(lock);
}

const struct hone_launcher_library_state *hone_cuda_library(struct cuda *cuda, uint32_t device,
                                                            enum hone_launcher_library which) {
    pthread_mutex_lock(&cuda->mutex);
    if (!cuda->devices[device].libraries_known)
        ask(cuda, device);
    cuda->devices[device].libraries_known = true;
    pthread_mutex_unlock(&cuda->mutex);
    return &cuda->devices[device].libraries[which];
}
