#include "hardware/cpu/library/calls.h"
#include "hardware/cpu/library/cblas.h"

#include <dlfcn.h>
#include <limits.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STUB(name)                                                                                 \
    __asm__(".pushsection .text\n\t.p2align 4\n\t.globl hone_stub_" #name "\nhone_stub_" #name     \
            ":\n\tjmp *hone_slot_" #name "(%rip)\n\t.popsection");                                 \
    void *hone_slot_##name;
HONE_LIBRARY_CALLS(STUB)

static const struct {
    const char *name;
    void **slot;
} slots[] = {
#define ROW(name) {#name, &hone_slot_##name},
    HONE_LIBRARY_CALLS(ROW)
#undef ROW
};

/* Its own names for what it says of itself. */
static struct { char path[PATH_MAX], version[32], core[32]; } opened;

static const char *ask(void *object, const char *name) {
    void *symbol = dlsym(object, name);
    char *(*function)(void);
    memcpy(&function, &symbol, sizeof symbol);
    return symbol ? function() : NULL;
}

static const char *note_opened(void *object) {
    const char *config = ask(object, "openblas_get_config");
    const char *core = ask(object, "openblas_get_corename");
    const struct link_map *map = NULL;
    if (!config || !core || sscanf(config, "OpenBLAS %31s", opened.version) != 1)
        return "it is not OpenBLAS, or too old to say what it is";
    if (dlinfo(object, RTLD_DI_LINKMAP, &map) || !map || !realpath(map->l_name, opened.path))
        return "it cannot be told which file it is";
    snprintf(opened.core, sizeof opened.core, "%s", core);
    return NULL;
}

/* Its working memory is asked for at the first call that needs any, and kept: so before a process
 * loses its system calls, and shared by all that are forked. A product of this size is above the
 * limit under which it does without, for every core type. */
static void warm_up(void) {
    enum { SIDE = 256 };
    float *a = calloc((size_t)3 * SIDE * SIDE, sizeof *a);
    if (!a)
        return;
    float *b = a + SIDE * SIDE, *c = b + SIDE * SIDE;
    __typeof__(cblas_sgemm) *gemm;
    __typeof__(cblas_sgemv) *gemv;
    memcpy(&gemm, &hone_slot_cblas_sgemm, sizeof gemm);
    memcpy(&gemv, &hone_slot_cblas_sgemv, sizeof gemv);
    gemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, SIDE, SIDE, SIDE, 1, a, SIDE, b, SIDE, 0, c,
         SIDE);
    /* Long enough that its vectors do not fit where it keeps short ones, the stack. */
    gemv(CblasRowMajor, CblasNoTrans, 4, SIDE * SIDE / 4, 1, a, SIDE * SIDE / 4, b, 1, 0, c, 1);
    gemv(CblasRowMajor, CblasTrans, 4, SIDE * SIDE / 4, 1, a, SIDE * SIDE / 4, b, 1, 0, c, 1);
    free(a);
}

const char *hone_library_open(const char *path, const char *core) {
    setenv("OPENBLAS_NUM_THREADS", "1", 1);
    unsetenv("OPENBLAS_CORETYPE");
    if (*core)
        setenv("OPENBLAS_CORETYPE", core, 1);
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!object)
        return dlerror();
    const char *failed = note_opened(object);
    if (failed)
        return failed;
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++)
        if (!(*slots[i].slot = dlsym(object, slots[i].name)))
            return dlerror();
    warm_up();
    return NULL;
}

void hone_library_describe(struct hone_library *library) {
    *library = (struct hone_library){opened.path, opened.version, opened.core};
}

static double now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

double hone_library_time(void) {
    static const struct { int m, n, k; } sizes[] = {{64, 64, 64}, {250, 333, 389}, {512, 512, 512}};
    enum { REPEATS = 3, FLOATS = 512 * 512 };
    float *a = calloc((size_t)3 * FLOATS, sizeof *a);
    double sum = 0;
    if (!a)
        return 1e18;
    __typeof__(cblas_sgemm) *gemm;
    memcpy(&gemm, &hone_slot_cblas_sgemm, sizeof gemm);
    for (int i = 0; i < FLOATS; i++)
        a[i] = a[FLOATS + i] = 0.5f;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        const int m = sizes[s].m, n = sizes[s].n, k = sizes[s].k;
        double best = 1e18;
        for (int r = 0; r <= REPEATS; r++) {
            const double begun = now_ns();
            gemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, a, k, a + FLOATS, n, 0,
                 a + 2 * FLOATS, n);
            const double took = now_ns() - begun;
            best = took < best ? took : best;
        }
        sum += best / (2e-6 * m * n * k);
    }
    free(a);
    return sum / (double)(sizeof sizes / sizeof *sizes);
}
