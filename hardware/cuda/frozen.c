#include "hardware/cuda/cuda.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A build that was carried to a machine without NVRTC, with a cache of what NVRTC made of kernels
 * elsewhere: the file says which NVRTC, and so which images of the cache are meant. What is not in
 * the cache cannot be compiled. */
struct hone_toolkit *hone_cuda_frozen_toolkit(const char *library) {
    char path[HONE_CUDA_PATH_SIZE + 32], identity[sizeof((struct hone_toolkit *)0)->identity];
    snprintf(path, sizeof path, "%s/nvrtc.identity", library);
    FILE *file = fopen(path, "re");
    if (!file)
        return NULL;
    const bool got = fgets(identity, sizeof identity, file) != NULL;
    fclose(file);
    struct hone_toolkit *toolkit = got ? calloc(1, sizeof *toolkit) : NULL;
    if (!toolkit)
        return NULL;
    identity[strcspn(identity, "\n")] = '\0';
    memcpy(toolkit->identity, identity, sizeof identity);
    snprintf(toolkit->program, sizeof toolkit->program, "%.400s/hone-nvrtc", library);
    snprintf(toolkit->nvrtc, sizeof toolkit->nvrtc, "libnvrtc.so");
    return toolkit;
}
