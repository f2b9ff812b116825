#include "tests/fake_cuda/fake.h"

#include "hardware/cuda/launcher/driver.h"
#include "hardware/cuda/operators/operation.h"

#include <elf.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define API __attribute__((visibility("default")))
#define GRANULARITY 65536u
#define UPLOAD_MOST (5u << 18) /* of who is to make the rest himself */

#define DECLARE(name, symbol, parameters) API int symbol parameters;
HONE_CUDA_CALLS(DECLARE)
API int cuFuncGetParamInfo(void *function, size_t index, size_t *offset, size_t *bytes);

enum {
    GOOD = 0,
    INVALID = CUDA_INVALID_VALUE,
    NO_MEMORY = CUDA_OUT_OF_MEMORY,
    NO_DEVICE = CUDA_NO_DEVICE,
    NO_BINARY = 209,
    NOT_FOUND = 500,
    NOT_READY = CUDA_NOT_READY,
    ILLEGAL_ADDRESS = CUDA_ILLEGAL_ADDRESS,
    UNSUPPORTED = 801,
};

struct node {
    const struct fake_kernel *kernel; /* NULL: an event */
    void *event;
    uint32_t grid[3], block[3];
    uint64_t values[FAKE_PARAMETERS_MAX];
    _Alignas(8) uint8_t operation[FAKE_BLOCK_BYTES];
    struct node *next;
};

struct graph {
    struct node *first, **last;
};

struct module {
    char *bytes;
    size_t size;
};

struct event {
    uint64_t ns;
    bool recorded;
};

/* One context, one stream, one thread: a launcher has no more. */
static struct {
    int failed;            /* an error that stays */
    bool hung;             /* what is queued now is never done */
    bool foreign;          /* the last kernel was not the launcher's own */
    bool unseen;           /* nor one that events see */
    struct graph *capture; /* being made */
} context;

_Static_assert(sizeof(struct hone_operation) <= FAKE_BLOCK_BYTES, "an operator fits a node");

static sigjmp_buf fault;

bool fake_is(const char *word) {
    const char *words = getenv("FAKE_CUDA");
    const size_t length = strlen(word);
    for (; words && *words; words += strcspn(words, ","), words += *words == ',')
        if (strcspn(words, ",") == length && !strncmp(words, word, length))
            return true;
    return false;
}

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void on_fault(int signal) {
    (void)signal;
    siglongjmp(fault, 1);
}

static bool is_stuck(const struct fake_kernel *kernel) {
    const char *file = getenv("FAKE_CUDA_STUCK");
    return !strcmp(kernel->name, "hang") || !strcmp(kernel->name, "solve_hang") ||
           (!strcmp(kernel->name, "hone_canary") && file && !access(file, F_OK));
}

static int run(struct node *node, bool in_graph) {
    void *parameters[FAKE_PARAMETERS_MAX];
    struct fake_record record = {.in_graph = in_graph};
    struct sigaction caught = {.sa_handler = on_fault, .sa_flags = SA_NODEFER}, segv, bus;
    if (context.failed)
        return context.failed;
    if (!node->kernel)
        return cuEventRecord(node->event, NULL);
    context.hung = context.hung || is_stuck(node->kernel);
    context.foreign = strncmp(node->kernel->name, "hone_", 5) != 0;
    context.unseen = !strcmp(node->kernel->name, "solve_unseen");
    if (context.hung)
        return GOOD;
    record.name = node->kernel->name;
    for (int i = 0; i < FAKE_PARAMETERS_MAX; i++)
        parameters[i] = &node->values[i];
    if (node->kernel->sizes[0] == '*')
        parameters[0] = node->operation;
    sigaction(SIGSEGV, &caught, &segv);
    sigaction(SIGBUS, &caught, &bus);
    record.begin_ns = now_ns();
    if (sigsetjmp(fault, 1))
        context.failed = ILLEGAL_ADDRESS;
    else
        node->kernel->run(parameters, node->grid, node->block);
    record.end_ns = now_ns();
    sigaction(SIGSEGV, &segv, NULL);
    sigaction(SIGBUS, &bus, NULL);
    memcpy(record.grid, node->grid, sizeof record.grid);
    memcpy(record.block, node->block, sizeof record.block);
    fake_record(&record);
    return GOOD; /* as on a device, it is told later */
}

API int cuInit(unsigned flags) {
    (void)flags;
    return fake_is("no_device") ? NO_DEVICE : GOOD;
}

API int cuDriverGetVersion(int *version) {
    *version = 13000;
    return GOOD;
}

API int cuGetErrorName(int result, const char **text) {
    *text = result == ILLEGAL_ADDRESS ? "CUDA_ERROR_ILLEGAL_ADDRESS"
            : result == NO_DEVICE     ? "CUDA_ERROR_NO_DEVICE"
                                      : "CUDA_ERROR_OF_THE_FAKE";
    return GOOD;
}

API int cuGetErrorString(int result, const char **text) {
    *text = result == ILLEGAL_ADDRESS ? "an illegal memory access was encountered" : "it failed";
    return GOOD;
}

API int cuDeviceGetCount(int *count) {
    *count = 2;
    return GOOD;
}

API int cuDeviceGet(int *device, int index) {
    *device = index;
    return index < 2 ? GOOD : INVALID;
}

API int cuDeviceGetName(char *name, int size, int device) {
    snprintf(name, (size_t)size, "Fake GPU %d", device);
    return GOOD;
}

API int cuDeviceGetUuid_v2(uint8_t uuid[16], int device) {
    memset(uuid, 0xfa, 16);
    uuid[15] = (uint8_t)device;
    return GOOD;
}

API int cuDeviceGetPCIBusId(char *text, int size, int device) {
    snprintf(text, (size_t)size, "0000:0%d:00.0", device);
    return GOOD;
}

API int cuDeviceTotalMem_v2(size_t *bytes, int device) {
    (void)device;
    *bytes = (size_t)256 << 20;
    return GOOD;
}

API int cuDeviceGetAttribute(int *value, int attribute, int device) {
    static const int pairs[][2] = {{10, 32},   {13, 1980000}, {16, 132}, {36, 3201000}, {37, 6144},
                                   {38, 1024}, {75, 9},       {76, 0},   {97, 232448}};
    (void)device;
    *value = attribute == 102 ? !fake_is("no_vmm") : attribute == 88 ? fake_is("hmm") : 0;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (pairs[i][0] == attribute)
            *value = pairs[i][1];
    return GOOD;
}

API int cuCtxCreate_v2(void **made, unsigned flags, int device) {
    (void)flags;
    (void)device;
    *made = &context;
    return GOOD;
}

API int cuCtxSetLimit(int limit, size_t value) {
    (void)limit;
    (void)value;
    return GOOD;
}

API int cuCtxResetPersistingL2Cache(void) {
    return GOOD;
}

/* --- programs --- */

/* Text, or what a compiler made for a device: its kernels are known by their names. */
static size_t image_size(const void *image) {
    const Elf64_Ehdr *elf = image;
    if (!strncmp(image, "FAKE\n", 5) || !strncmp(image, "//", 2))
        return strlen(image);
    if (memcmp(elf->e_ident, ELFMAG, SELFMAG) != 0)
        return 0;
    const size_t sections = elf->e_shoff + (size_t)elf->e_shnum * elf->e_shentsize;
    const size_t programs = elf->e_phoff + (size_t)elf->e_phnum * elf->e_phentsize;
    return sections > programs ? sections : programs;
}

API int cuModuleLoadData(void **made, const void *image) {
    const size_t size = image_size(image);
    if (!size)
        return NO_BINARY;
    fake_kernels_forget();
    struct module *module = malloc(sizeof *module);
    *module = (struct module){.bytes = malloc(size), .size = size};
    memcpy(module->bytes, image, size);
    *made = module;
    return GOOD;
}

/* What it says of a text that is no program: as the real one, only when it was text. */
API int cuModuleLoadDataEx(void **made, const void *image, unsigned count, int *options,
                           void **values) {
    const int result = cuModuleLoadData(made, image);
    char *log = NULL;
    size_t size = 0;
    for (unsigned i = 0; i < count; i++) {
        if (options[i] == CUDA_JIT_LOG)
            log = values[i];
        else if (options[i] == CUDA_JIT_LOG_BYTES)
            size = (size_t)values[i];
    }
    if (result && log && strncmp(image, ".version", 8) == 0)
        snprintf(log, size,
                 "ptxas info  : 0 bytes\nptxas line 3; error   : no fake kernel\nmore\n");
    return result;
}

API int cuModuleUnload(void *unloaded) {
    struct module *module = unloaded;
    free(module->bytes);
    free(module);
    return GOOD;
}

API int cuModuleGetFunction(void **function, void *from, const char *name) {
    const struct module *module = from;
    const struct fake_kernel *kernel = fake_kernel_find(name, strlen(name));
    *function = (void *)(uintptr_t)kernel;
    return kernel && memmem(module->bytes, module->size, name, strlen(name)) ? GOOD : NOT_FOUND;
}

API int cuFuncGetAttribute(int *value, int attribute, void *function) {
    (void)function;
    *value = attribute == 4 ? 24 : 0;
    return GOOD;
}

API int cuFuncSetAttribute(void *function, int attribute, int value) {
    (void)function;
    return attribute == 8 && value > 232448 ? INVALID : GOOD;
}

API int cuFuncGetParamInfo(void *function, size_t index, size_t *offset, size_t *bytes) {
    const struct fake_kernel *kernel = function;
    if (index >= strlen(kernel->sizes))
        return INVALID;
    *offset = 8 * index;
    *bytes = (size_t)(kernel->sizes[index] - '0');
    return GOOD;
}

/* --- memory --- */

API int cuMemAlloc_v2(uint64_t *address, size_t bytes) {
    size_t *memory =
        mmap(NULL, bytes + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return NO_MEMORY;
    memory[0] = bytes + 4096;
    *address = (uint64_t)(uintptr_t)memory + 4096;
    return GOOD;
}

API int cuMemFree_v2(uint64_t address) {
    size_t *memory = (size_t *)(uintptr_t)(address - 4096);
    return munmap(memory, memory[0]) ? INVALID : GOOD;
}

API int cuMemGetAllocationGranularity(size_t *bytes, const struct cuda_memory *memory, int option) {
    (void)memory;
    (void)option;
    *bytes = GRANULARITY;
    return GOOD;
}

API int cuMemAddressReserve(uint64_t *address, size_t bytes, size_t alignment, uint64_t wish,
                            unsigned long long flags) {
    (void)alignment;
    (void)wish;
    (void)flags;
    void *place = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    *address = (uint64_t)(uintptr_t)place;
    return place == MAP_FAILED ? NO_MEMORY : GOOD;
}

API int cuMemAddressFree(uint64_t address, size_t bytes) {
    return munmap((void *)(uintptr_t)address, bytes) ? INVALID : GOOD;
}

API int cuMemCreate(uint64_t *handle, size_t bytes, const struct cuda_memory *memory,
                    unsigned long long flags) {
    (void)memory;
    (void)flags;
    int fd = memfd_create("fake-device", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, (off_t)bytes))
        return NO_MEMORY;
    *handle = (uint64_t)fd;
    return bytes % GRANULARITY ? INVALID : GOOD;
}

API int cuMemRelease(uint64_t handle) {
    return close((int)handle) ? INVALID : GOOD;
}

API int cuMemMap(uint64_t address, size_t bytes, size_t offset, uint64_t handle,
                 unsigned long long flags) {
    (void)flags;
    void *place = mmap((void *)(uintptr_t)address, bytes, PROT_NONE, MAP_SHARED | MAP_FIXED,
                       (int)handle, (off_t)offset);
    return place == MAP_FAILED ? NO_MEMORY : GOOD;
}

API int cuMemUnmap(uint64_t address, size_t bytes) {
    void *place = mmap((void *)(uintptr_t)address, bytes, PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    return place == MAP_FAILED ? INVALID : GOOD;
}

API int cuMemSetAccess(uint64_t address, size_t bytes, const struct cuda_access *access,
                       size_t count) {
    const int flags = access->flags;
    if (flags == 1 && fake_is("read_write"))
        return UNSUPPORTED;
    const int protection = flags == 3 ? PROT_READ | PROT_WRITE : flags == 1 ? PROT_READ : PROT_NONE;
    return count != 1 || mprotect((void *)(uintptr_t)address, bytes, protection) ? INVALID : GOOD;
}

API int cuMemcpyHtoDAsync_v2(uint64_t to, const void *from, size_t bytes, void *stream) {
    (void)stream;
    if (bytes > UPLOAD_MOST && fake_is("no_uploads"))
        return INVALID;
    if (!context.failed)
        memcpy((void *)(uintptr_t)to, from, bytes);
    return context.failed;
}

API int cuMemcpyDtoHAsync_v2(void *to, uint64_t from, size_t bytes, void *stream) {
    (void)stream;
    if (!context.failed)
        memcpy(to, (const void *)(uintptr_t)from, bytes);
    return context.failed;
}

API int cuMemsetD8Async(uint64_t to, unsigned char value, size_t count, void *stream) {
    (void)stream;
    if (!context.failed)
        memset((void *)(uintptr_t)to, value, count);
    return context.failed;
}

/* --- streams and graphs --- */

API int cuStreamCreate(void **stream, unsigned flags) {
    (void)flags;
    *stream = &context.hung;
    return GOOD;
}

API int cuStreamSynchronize(void *stream) {
    (void)stream;
    while (context.hung)
        pause();
    return context.failed;
}

API int cuStreamBeginCapture_v2(void *stream, int mode) {
    (void)stream;
    (void)mode;
    struct graph *graph = calloc(1, sizeof *graph);
    graph->last = &graph->first;
    context.capture = graph;
    return GOOD;
}

API int cuStreamEndCapture(void *stream, void **graph) {
    (void)stream;
    *graph = context.capture;
    context.capture = NULL;
    return GOOD;
}

static int queue(struct node *node) {
    if (!context.capture)
        return run(node, false);
    struct node *kept = malloc(sizeof *kept);
    *kept = *node;
    *context.capture->last = kept;
    context.capture->last = &kept->next;
    return GOOD;
}

API int cuLaunchKernelEx(const struct cuda_launch *launch, void *function, void **parameters,
                         void **extra) {
    struct node node = {.kernel = function};
    (void)extra;
    if (context.failed)
        return context.failed;
    if ((uint64_t)launch->block[0] * launch->block[1] * launch->block[2] > 1024)
        return INVALID;
    memcpy(node.grid, launch->grid, sizeof node.grid);
    memcpy(node.block, launch->block, sizeof node.block);
    if (node.kernel->sizes[0] == '*')
        memcpy(node.operation, parameters[0], sizeof(struct hone_operation));
    else
        for (size_t i = 0; node.kernel->sizes[i]; i++)
            memcpy(&node.values[i], parameters[i], (size_t)(node.kernel->sizes[i] - '0'));
    return queue(&node);
}

int fake_launch(const char *name, const uint64_t *values) {
    struct node node = {.kernel = fake_operator_find(name, strlen(name)), .grid = {7, 1, 1}};
    memcpy(node.values, values, strlen(node.kernel->sizes) * sizeof *values);
    return context.failed ? context.failed : queue(&node);
}

API int cuStreamGetCaptureInfo_v2(void *stream, int *status, uint64_t *id, void **graph,
                                  const void **dependencies, size_t *count) {
    (void)stream;
    (void)dependencies;
    (void)count;
    *status = context.capture != NULL;
    *id = 1;
    *graph = context.capture;
    return GOOD;
}

API int cuGraphGetNodes(void *of, void **nodes, size_t *count) {
    const struct graph *graph = of;
    size_t found = 0;
    for (struct node *node = graph->first; node; node = node->next)
        if (nodes)
            nodes[found++] = node;
        else
            found++;
    *count = found;
    return GOOD;
}

API int cuGraphNodeGetType(void *of, int *type) {
    const struct node *node = of;
    *type = node->kernel ? CUDA_NODE_KERNEL : 7;
    return GOOD;
}

API int cuGraphInstantiateWithFlags(void **instance, void *graph, unsigned long long flags) {
    (void)flags;
    *instance = graph;
    return graph ? GOOD : INVALID;
}

API int cuGraphUpload(void *instance, void *stream) {
    (void)instance;
    (void)stream;
    return GOOD;
}

API int cuGraphLaunch(void *instance, void *stream) {
    const struct graph *graph = instance;
    int result = GOOD;
    (void)stream;
    for (struct node *node = graph->first; node && result == GOOD; node = node->next)
        result = run(node, true);
    return result;
}

API int cuGraphDestroy(void *destroyed) {
    struct graph *graph = destroyed;
    for (struct node *node = graph->first, *next; node; node = next) {
        next = node->next;
        free(node);
    }
    free(graph);
    return GOOD;
}

API int cuGraphExecDestroy(void *instance) {
    (void)instance;
    return GOOD;
}

/* --- events --- */

API int cuEventCreate(void **event, unsigned flags) {
    (void)flags;
    *event = calloc(1, sizeof(struct event));
    return GOOD;
}

API int cuEventRecord(void *recorded, void *stream) {
    struct event *event = recorded;
    (void)stream;
    event->ns = now_ns();
    event->recorded = !context.hung;
    return GOOD;
}

API int cuEventRecordWithFlags(void *event, void *stream, unsigned flags) {
    struct node node = {.event = event};
    return flags == CUDA_EVENT_RECORD_NODE ? queue(&node) : cuEventRecord(event, stream);
}

API int cuEventQuery(void *queried) {
    const struct event *event = queried;
    return context.failed ? context.failed : event->recorded ? GOOD : NOT_READY;
}

API int cuEventElapsedTime(float *ms, void *begin, void *end) {
    const uint64_t ns = ((struct event *)end)->ns - ((struct event *)begin)->ns;
    *ms = (float)((double)ns / 1e6);
    if (context.foreign)
        *ms *= context.unseen || fake_is("events_fast") ? 0.1f
               : fake_is("events_slow")                 ? 10.0f
                                                        : 1.0f;
    return GOOD;
}
