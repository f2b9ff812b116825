#include "hardware/cuda/launcher/library.h"

#include "hardware/cuda/launcher/launcher.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Shared: calls follow one another on one stream. */
static bool has_memory(struct launcher *launcher, char *text, size_t size) {
    struct library *library = &launcher->library;
    if (!library->memory && launcher->driver.memory_alloc(&library->memory, HONE_LIBRARY_MEMORY)) {
        library->memory = 0;
        snprintf(text, size, "no device memory for the library");
    }
    return library->memory != 0;
}

struct cublas *library_cublas(struct launcher *launcher) {
    struct library *library = &launcher->library;
    struct cublas *cublas = &library->cublas;
    char *text = library->cublas_text;
    const size_t size = sizeof library->cublas_text;
    if (cublas->handle)
        return cublas;
    if (text[0]) /* tried before */
        return NULL;
    if (!*library->cublas_path)
        snprintf(text, size, "no cuBLAS on this machine");
    else if ((cublas->object || cublas_open(cublas, library->cublas_path, text, size) == 0) &&
             has_memory(launcher, text, size)) {
        int result = cublas_start(cublas, launcher->stream, library->memory, HONE_LIBRARY_MEMORY);
        if (result == 0)
            return cublas;
        snprintf(text, size, "%.120s gives no handle: status %d", library->cublas_path, result);
    }
    return NULL;
}

struct cudnn *library_cudnn(struct launcher *launcher) {
    struct library *library = &launcher->library;
    struct cudnn *cudnn = &library->cudnn;
    char *text = library->cudnn_text;
    const size_t size = sizeof library->cudnn_text;
    if (cudnn->handle)
        return cudnn;
    if (text[0])
        return NULL;
    if (!*library->cudnn_path)
        snprintf(text, size, "no cuDNN on this machine");
    else if ((cudnn->object || cudnn_open(cudnn, library->cudnn_path, text, size) == 0) &&
             has_memory(launcher, text, size)) {
        int result = cudnn_start(cudnn, launcher->stream, library->memory, HONE_LIBRARY_MEMORY);
        if (result == 0)
            return cudnn;
        snprintf(text, size, "%.120s gives no handle: status %d", library->cudnn_path, result);
    }
    return NULL;
}

void library_rest(struct launcher *launcher) {
    cublas_stop(&launcher->library.cublas);
    cudnn_stop(&launcher->library.cudnn);
}

static char *read_text(const char *path) {
    struct stat status;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *text = NULL;
    if (fd >= 0 && fstat(fd, &status) == 0 && status.st_size > 0)
        text = calloc(1, (size_t)status.st_size + 1);
    if (text && read(fd, text, (size_t)status.st_size) != status.st_size) {
        free(text);
        text = NULL;
    }
    if (fd >= 0)
        close(fd);
    return text;
}

/* PTX, which the driver compiles for the device it has. */
static void open_operators(struct launcher *launcher) {
    struct library *library = &launcher->library;
    char *text = read_text(library->operators_path);
    if (!text)
        snprintf(library->operators_text, sizeof library->operators_text,
                 "built without NVRTC: there are no kernels for operators");
    else if (launcher->driver.module_load(&library->operators, text))
        snprintf(library->operators_text, sizeof library->operators_text,
                 "%.100s: the driver does not take it", library->operators_path);
    free(text);
}

void *library_kernel(struct launcher *launcher, const char *name) {
    struct library *library = &launcher->library;
    char whole[64];
    void *function = NULL;
    if (!library->operators && !library->operators_text[0])
        open_operators(launcher);
    snprintf(whole, sizeof whole, "hone_op_%.48s", name);
    if (library->operators &&
        launcher->driver.module_function(&function, library->operators, whole))
        return NULL;
    return function;
}

static void put_state(struct launcher *launcher, enum hone_launcher_library which, bool there,
                      const char *text) {
    struct hone_launcher_library_state state = {.there = there};
    snprintf(state.text, sizeof state.text, "%s", text);
    memcpy(launcher->mail + which * sizeof state, &state, sizeof state);
}

int launcher_libraries(struct launcher *launcher, struct hone_launcher_reply *reply) {
    struct library *library = &launcher->library;
    char text[sizeof((struct hone_launcher_library_state *)0)->text] = "";
    int version = 0;
    if (!launcher->context)
        return launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, 0, "not open");
    const struct cublas *cublas = library_cublas(launcher);
    if (cublas && cublas->version(cublas->handle, &version) == 0)
        snprintf(text, sizeof text, "cuBLAS %d, %.130s", version, library->cublas_path);
    put_state(launcher, HONE_LIBRARY_CUBLAS, cublas, cublas ? text : library->cublas_text);
    const struct cudnn *cudnn = library_cudnn(launcher);
    if (cudnn)
        snprintf(text, sizeof text, "cuDNN %zu, %.130s", cudnn->version(), library->cudnn_path);
    put_state(launcher, HONE_LIBRARY_CUDNN, cudnn, cudnn ? text : library->cudnn_text);
    const bool operators = library_kernel(launcher, "unary") != NULL;
    put_state(launcher, HONE_LIBRARY_OPERATORS, operators,
              operators ? "as steps of plans, by libraries and by kernels of our own"
                        : library->operators_text);
    library_rest(launcher);
    return 0;
}
