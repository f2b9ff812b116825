#include "hardware/cuda/cuda.h"
#include "hardware/cuda/compile.h"
#include "hardware/cuda/operators/list.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int hone_cuda_fail(struct hone_error *error, int code, const char *format, ...) {
    if (!error)
        return code;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    return code;
}

/* The plugin lies in .../plugins/hardware/, what it needs in .../lib/, or in ... when installed. */
static int find_launcher(struct cuda *cuda, struct hone_error *error) {
    Dl_info info;
    char path[PATH_MAX], program[PATH_MAX + 32];
    if (!dladdr((const void *)&hone_plugin, &info) || !realpath(info.dli_fname, path))
        return hone_cuda_fail(error, -ENOENT, "cannot find the folder of the cuda backend");
    for (int i = 0; i < 3; i++) {
        char *slash = strrchr(path, '/');
        if (slash)
            *slash = '\0';
    }
    snprintf(program, sizeof program, "%s/lib/hone-launcher", path);
    if (access(program, X_OK))
        snprintf(program, sizeof program, "%s/hone-launcher", path);
    if (strlen(program) >= sizeof cuda->launcher || access(program, X_OK))
        return hone_cuda_fail(error, -ENOENT, "no program at %s: build and install all of hone",
                              program);
    strcpy(cuda->launcher, program);
    return 0;
}

static void destroy(void *self) {
    struct cuda *cuda = self;
    if (!cuda)
        return;
    for (uint32_t i = 0; i < cuda->device_count; i++)
        hone_cuda_worker_destroy(cuda->devices[i].spare);
    hone_toolkit_close(cuda->toolkit);
    pthread_mutex_destroy(&cuda->mutex);
    free(cuda);
}

static int create(const struct hone_host *host, const struct hone_setting *settings, void **self,
                  struct hone_error *error) {
    struct cuda *cuda = calloc(1, sizeof *cuda);
    if (!cuda)
        return hone_cuda_fail(error, -ENOMEM, "no memory for the cuda backend");
    pthread_mutex_init(&cuda->mutex, NULL);
    const struct {
        const char *name;
        char *place;
    } texts[] = {{"libcuda", cuda->libcuda},
                 {"libcupti", cuda->libcupti},
                 {"libcublas", cuda->libcublas},
                 {"libcudnn", cuda->libcudnn},
                 {"lock_folder", cuda->lock_folder},
                 {"toolkit", cuda->toolkit_setting},
                 {"assembler", cuda->assembler_setting}};
    int result = 0;
    strcpy(cuda->libcuda, "libcuda.so.1");
    for (; settings && settings->name; settings++)
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
            if (strcmp(settings->name, texts[i].name) != 0)
                continue;
            if (strlen(settings->value) >= HONE_CUDA_PATH_SIZE)
                result = hone_cuda_fail(error, -EINVAL, "option %s: more than %d characters",
                                        settings->name, HONE_CUDA_PATH_SIZE - 1);
            else
                strcpy(texts[i].place, settings->value);
        }
    if (host) {
        size_t known = host->size < sizeof cuda->host ? host->size : sizeof cuda->host;
        memcpy(&cuda->host, host, known);
    }
    result = result ? result : find_launcher(cuda, error);
    if (result == 0)
        hone_cuda_find_libraries(cuda);
    if (result)
        destroy(cuda);
    else
        *self = cuda;
    return result;
}

static int device_count(void *self, uint32_t *count) {
    *count = hone_cuda_devices(self);
    return 0;
}

/* A toolkit is looked for when something is to be compiled: most who have the plugin have none. */
static const struct hone_toolkit *find_toolkit(struct cuda *cuda, struct hone_error *error) {
    char library[HONE_CUDA_PATH_SIZE];
    snprintf(library, sizeof library, "%s", cuda->launcher);
    *strrchr(library, '/') = '\0';
    pthread_mutex_lock(&cuda->mutex);
    if (!cuda->toolkit && !cuda->toolkit_error[0]) {
        struct hone_error why = {""};
        if (hone_toolkit_open(cuda->toolkit_setting, cuda->assembler_setting, library,
                              &cuda->toolkit, &why))
            cuda->toolkit = hone_cuda_frozen_toolkit(library);
        if (!cuda->toolkit)
            snprintf(cuda->toolkit_error, sizeof cuda->toolkit_error, "%.250s", why.text);
    }
    pthread_mutex_unlock(&cuda->mutex);
    if (!cuda->toolkit)
        hone_cuda_fail(error, -ENOENT, "%s", cuda->toolkit_error);
    return cuda->toolkit;
}

static int describe(void *self, uint32_t device, struct hone_device *description) {
    struct cuda *cuda = self;
    if (device >= hone_cuda_devices(cuda))
        return -ENODEV;
    hone_cuda_measure_device(cuda, device);
    const struct hone_launcher_device *facts = &cuda->devices[device].facts;
    const struct hone_toolkit *toolkit = find_toolkit(cuda, NULL);
    struct hone_device mine = {
        .size = description->size,
        .measuring_cpu = -1,
        /* No host code of a candidate runs, and its device code has no more than its context. */
        .confinement = {facts->shares_memory ? 'B' : 'A'},
        .clock_hz = facts->clock_khz > 0 ? facts->clock_khz * 1e3 : NAN,
        .memory_bandwidth = facts->memory_bandwidth,
        .peak_flops = facts->peak_f32,
        .sm_count = facts->sm_count,
        .warp_size = facts->warp_size,
        .max_shared_bytes = facts->max_shared_bytes,
        .l2_bytes = facts->l2_bytes,
        .peak_tf32 = facts->peak_tf32,
        .peak_bf16 = facts->peak_bf16,
        .memory_bytes = (int64_t)facts->memory_bytes,
        .gives = cuda->devices[device].records[0] ? 0 : HONE_NEED_PROFILE,
        .flags = HONE_DEVICE_OPERATORS_WITHIN,
    };
    snprintf(mine.id, sizeof mine.id, "cuda:%u", device);
    snprintf(mine.name, sizeof mine.name, "%s", facts->name);
    snprintf(mine.protocol, sizeof mine.protocol, "cuda/1 events graph sweep copy-in");
    snprintf(mine.fingerprint, sizeof mine.fingerprint,
             "%.90s %.32s, sm_%d, %d SMs, %d MHz, memory %d MHz x %d bit, CUDA driver %d.%d, %.*s",
             facts->name, facts->id, facts->capability, facts->sm_count, facts->clock_khz / 1000,
             facts->memory_clock_khz / 1000, facts->memory_bus_bits, facts->driver / 1000,
             facts->driver % 1000 / 10, toolkit ? hone_toolkit_makers_length(toolkit) : 8,
             toolkit ? toolkit->identity : "no NVRTC");
    memcpy(description, &mine, description->size < sizeof mine ? description->size : sizeof mine);
    return 0;
}

enum feature {
    FEATURE_DRIVER,
    FEATURE_USABLE,
    FEATURE_GUARDS,
    FEATURE_RECORDS,
    FEATURE_APART,
    FEATURE_CUBLAS,
    FEATURE_CUDNN,
    FEATURE_OPERATORS,
    FEATURE_COMPILER,
    FEATURE_ASSEMBLER,
    FEATURES
};

static void tell(struct hone_feature *feature, const char *name, bool there, const char *text) {
    feature->there = there;
    snprintf(feature->name, sizeof feature->name, "%s", name);
    snprintf(feature->text, sizeof feature->text, "%.*s", (int)sizeof feature->text - 1, text);
}

static void tell_assembler(struct hone_feature *feature, const struct hone_toolkit *toolkit) {
    if (!toolkit)
        tell(feature, "assembler", false, "there is no compiler to assemble for");
    else if (!toolkit->version[0])
        tell(feature, "assembler", true, "what the cache holds was assembled elsewhere");
    else if (toolkit->assembler.kind != HONE_ASSEMBLER_DRIVER)
        tell(feature, "assembler", true, toolkit->assembler.path);
    else
        tell(feature, "assembler", false,
             "no ptxas and no libnvJitLink that take what this NVRTC writes: the driver assembles "
             "when it loads a program");
}

/* Under the names by which tasks ask for them. */
static void tell_library(struct cuda *cuda, uint32_t device, enum hone_launcher_library which,
                         struct hone_feature *feature) {
    static const char *const names[] = {"cublas", "cudnn", "operators"};
    const struct hone_launcher_library_state *state = hone_cuda_library(cuda, device, which);
    tell(feature, names[which], state->there, state->text);
}

static uint32_t has_operator(void *self, uint32_t device, const char *name) {
    (void)self;
    (void)device;
    return hone_cuda_operator(name) != NULL;
}

/* Without a device, the first says why, and the last two are there all the same. */
static int features(void *self, uint32_t index, uint32_t which, struct hone_feature *feature) {
    struct cuda *cuda = self;
    const uint32_t count = hone_cuda_devices(cuda);
    struct hone_feature mine = {.size = feature->size};
    if (index >= (count ? count : 1))
        return -ENODEV;
    if (which >= (count ? FEATURES : 3))
        return -ENOENT;
    const struct cuda_device *device = &cuda->devices[index];
    const struct hone_toolkit *toolkit;
    if (count)
        hone_cuda_measure_device(cuda, index);
    if (!count && which > 0)
        which += FEATURE_COMPILER - 1;
    switch ((enum feature)which) {
    case FEATURE_DRIVER:
        tell(&mine, "driver", count > 0, count ? device->facts.name : cuda->absent);
        break;
    case FEATURE_USABLE:
        tell(&mine, "canary", !device->quarantine[0],
             device->quarantine[0] ? device->quarantine : "a program with a known result gives it");
        break;
    case FEATURE_GUARDS:
        tell(&mine, "guards", device->facts.has_virtual_memory,
             device->facts.has_virtual_memory
                 ? "unmapped memory around every argument, inputs read-only"
                 : "no virtual memory management: bands of known bytes, compared after every call");
        break;
    case FEATURE_APART:
        tell(&mine, "apart", !device->facts.shares_memory,
             device->facts.shares_memory
                 ? "kernels reach all memory of their launcher (HMM): load nvidia-uvm with "
                   "uvm_disable_hmm=1"
                 : "kernels reach no memory of the host");
        break;
    case FEATURE_COMPILER:
        toolkit = find_toolkit(cuda, NULL);
        tell(&mine, "compiler", toolkit != NULL, toolkit ? toolkit->identity : cuda->toolkit_error);
        break;
    case FEATURE_ASSEMBLER:
        tell_assembler(&mine, find_toolkit(cuda, NULL));
        break;
    case FEATURE_CUBLAS:
    case FEATURE_CUDNN:
    case FEATURE_OPERATORS:
        tell_library(cuda, index, which - FEATURE_CUBLAS, &mine);
        break;
    default:
        tell(&mine, "records", !device->records[0],
             device->records[0] ? device->records
                                : "CUPTI confirms the times of a part of all calls");
    }
    memcpy(feature, &mine, feature->size < sizeof mine ? feature->size : sizeof mine);
    return 0;
}

static uint32_t supports(void *self, uint32_t device, const char *language) {
    return device < hone_cuda_devices(self) && strcmp(language, "cuda") == 0 ? HONE_NATIVE
                                                                             : HONE_UNSUPPORTED;
}

static const char *const *compile_options(void *self, const char *language) {
    static const char *const none[] = {NULL};
    (void)self;
    return strcmp(language, "cuda") == 0 ? hone_cuda_compile_options() : none;
}

static int compile_begin(void *self, const struct hone_compile_request *request,
                         struct hone_compile_job *job, struct hone_error *error) {
    struct cuda *cuda = self;
    char arch[16];
    const struct hone_toolkit *toolkit = find_toolkit(cuda, error);
    if (!toolkit)
        return -ENOENT;
    if (request->device == HONE_NO_DEVICE)
        return hone_cuda_compile_begin(toolkit, NULL, request, job, error);
    if (request->device >= hone_cuda_devices(cuda))
        return hone_cuda_fail(error, -ENODEV, "no device cuda:%u", request->device);
    snprintf(arch, sizeof arch, "sm_%d", cuda->devices[request->device].facts.capability);
    return hone_cuda_compile_begin(toolkit, arch, request, job, error);
}

static int compile_next(void *self, struct hone_compile_job *job,
                        const struct hone_compile_output *output, struct hone_error *error) {
    (void)self;
    return hone_cuda_compile_next(job, output, error);
}

static int compile_end(void *self, struct hone_compile_job *job,
                       const struct hone_compile_output *output,
                       struct hone_compile_result *result) {
    (void)self;
    return hone_cuda_compile_end(job, output, result);
}

static void compile_drop(void *self, struct hone_compile_job *job) {
    (void)self;
    hone_cuda_compile_drop(job);
}

static int listing(void *self, const void *image, uint64_t image_bytes, const char **text,
                   uint64_t *text_bytes) {
    (void)self;
    return hone_cuda_listing(image, image_bytes, text, text_bytes);
}

static const struct hone_option options[] = {
    {.name = "libcuda",
     .fallback = "libcuda.so.1",
     .summary = "the CUDA driver: a library's name or an absolute path",
     .type = HONE_TEXT},
    {.name = "libcupti",
     .fallback = "",
     .summary = "CUPTI, for records of kernels: an absolute path; empty: looked for; none",
     .type = HONE_TEXT},
    {.name = "libcublas",
     .fallback = "",
     .summary = "cuBLAS, for baselines and operators: an absolute path; empty: looked for; none",
     .type = HONE_TEXT},
    {.name = "libcudnn", .fallback = "", .summary = "cuDNN, likewise", .type = HONE_TEXT},
    {.name = "toolkit",
     .fallback = "",
     .summary = "the CUDA toolkit, for NVRTC: its folder, a Python environment's, or the library; "
                "empty: looked for",
     .type = HONE_TEXT},
    {.name = "assembler",
     .fallback = "",
     .summary = "what makes machine code of NVRTC's PTX: ptxas or libnvJitLink.so, or driver; "
                "empty: looked for",
     .type = HONE_TEXT},
    {.name = "lock_folder",
     .fallback = "",
     .summary = "where the locks of devices are; empty: /run/lock or $XDG_RUNTIME_DIR",
     .type = HONE_TEXT},
    {0},
};

static const struct hone_hardware_ops operations = {
    .size = sizeof operations,
    .device_count = device_count,
    .describe = describe,
    .supports = supports,
    .options = compile_options,
    .compile_begin = compile_begin,
    .compile_end = compile_end,
    .compile_drop = compile_drop,
    .runner_open = hone_cuda_runner_open,
    .runner_close = hone_cuda_runner_close,
    .process_start = hone_cuda_process_start,
    .process_go = hone_cuda_process_go,
    .process_stop = hone_cuda_process_stop,
    .features = features,
    .listing = listing,
    .profile = hone_cuda_process_profile,
    .compile_next = compile_next,
    .process_prepare = hone_cuda_process_prepare,
    .process_look = hone_cuda_process_look,
    .has_operator = has_operator,
};

const struct hone_plugin hone_plugin = {
    .abi = HONE_PLUGIN_ABI,
    .size = sizeof hone_plugin,
    .kind = HONE_HARDWARE,
    .name = "cuda",
    .version = "1",
    .summary = "candidates in CUDA on the GPUs of this machine",
    .options = options,
    .create = create,
    .destroy = destroy,
    .hardware = &operations,
};
