#include "hardware/cpu/cpu.h"

#include <errno.h>
#include <gnu/libc-version.h>
#include <math.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#define CACHE_BYTES_PER_CYCLE 64 /* a line each cycle: no kernel works on more */

/* Of the GPU that CUDA sources find here. A plan that asks for blocks by the number of
 * multiprocessors shall have several, though one runs after the other. */
#define EMULATED_SM_COUNT 4
#define EMULATED_WARP_SIZE 32
#define EMULATED_SHARED_BYTES (227 << 10)

int hone_cpu_fail(struct hone_error *error, int code, const char *format, ...) {
    if (!error)
        return code;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    return code;
}

/* The last core of ours: interrupts and other people's work tend to the first. */
static int find_measuring_cpu(void) {
    cpu_set_t set;
    int found = -1;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        for (size_t i = 0; i < CPU_SETSIZE; i++)
            if (CPU_ISSET(i, &set))
                found = (int)i;
    return found;
}

/* The value of the first `key : value` line of /proc/cpuinfo. */
static bool read_cpuinfo(const char *key, char *value, size_t size) {
    FILE *file = fopen("/proc/cpuinfo", "re");
    char line[512];
    bool found = false;
    while (file && !found && fgets(line, sizeof line, file)) {
        const char *colon = strchr(line, ':');
        if (!colon || strncmp(line, key, strlen(key)) != 0)
            continue;
        line[strcspn(line, "\n")] = '\0';
        snprintf(value, size, "%s", colon[1] ? colon + 2 : "");
        found = true;
    }
    if (file)
        fclose(file);
    return found;
}

/* Measured clocks wander; the highest that the kernel admits to is the steadier number. */
static double find_clock_hz(int cpu) {
    char path[96], text[64];
    double value = NAN;
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/cpufreq/cpuinfo_max_freq", cpu);
    FILE *file = fopen(path, "re");
    if (file && fscanf(file, "%63s", text) == 1)
        value = strtod(text, NULL) * 1e3;
    else if (read_cpuinfo("cpu MHz", text, sizeof text))
        value = strtod(text, NULL) * 1e6;
    if (file)
        fclose(file);
    return value > 0 ? value : NAN;
}

/* No kernel is faster than this: two fused multiply-adds of the widest vectors each cycle. */
static double find_flops_per_cycle(void) {
    const double lanes = __builtin_cpu_supports("avx512f") ? 16
                         : __builtin_cpu_supports("fma")   ? 8
                                                           : 4;
    return 2 * 2 * lanes;
}

static int create(const struct hone_host *host, const struct hone_setting *settings, void **self,
                  struct hone_error *error) {
    const char *compiler = "gcc", *most = "A", *openblas = "libopenblas.so.0";
    for (; settings && settings->name; settings++)
        if (strcmp(settings->name, "compiler") == 0)
            compiler = settings->value;
        else if (strcmp(settings->name, "confinement") == 0)
            most = settings->value;
        else if (strcmp(settings->name, "openblas") == 0)
            openblas = settings->value;
    struct cpu *cpu = calloc(1, sizeof *cpu);
    if (!cpu)
        return hone_cpu_fail(error, -ENOMEM, "no memory for the cpu backend");
    if (host) {
        size_t known = host->size < sizeof cpu->host ? host->size : sizeof cpu->host;
        memcpy(&cpu->host, host, known);
    }
    int result = hone_cpu_find_toolchain(cpu, compiler, error);
    if (result) {
        free(cpu);
        return result;
    }
    cpu->measuring_cpu = find_measuring_cpu();
    cpu->clock_hz = find_clock_hz(cpu->measuring_cpu);
    if (!read_cpuinfo("model name", cpu->name, sizeof cpu->name))
        snprintf(cpu->name, sizeof cpu->name, "x86-64");
    hone_cpu_level_find(cpu, *most);
    hone_cpu_library_find(cpu, openblas);
    *self = cpu;
    return 0;
}

static void destroy(void *self) {
    if (!self)
        return;
    hone_cpu_library_forget(self);
    hone_cpu_forget_toolchain(self);
    free(self);
}

static int device_count(void *self, uint32_t *count) {
    (void)self;
    *count = 1;
    return 0;
}

static int describe(void *self, uint32_t device, struct hone_device *description) {
    const struct cpu *cpu = self;
    if (device != 0)
        return -ENODEV;
    struct utsname system = {0};
    uname(&system);
    long l2_bytes = sysconf(_SC_LEVEL2_CACHE_SIZE);
    struct hone_device mine = {
        .size = description->size,
        .measuring_cpu = cpu->measuring_cpu,
        .id = "cpu",
        .confinement = {cpu->level.letter},
        .clock_hz = cpu->clock_hz,
        .memory_bandwidth = CACHE_BYTES_PER_CYCLE * cpu->clock_hz,
        .peak_flops = find_flops_per_cycle() * cpu->clock_hz,
        .l2_bytes = l2_bytes > 0 ? l2_bytes : 0,
        .sm_count = cpu->cuda.there ? EMULATED_SM_COUNT : 0,
        .warp_size = cpu->cuda.there ? EMULATED_WARP_SIZE : 0,
        .max_shared_bytes = cpu->cuda.there ? EMULATED_SHARED_BYTES : 0,
        .gives = HONE_NEED_CPU_TIME,
    };
    snprintf(mine.protocol, sizeof mine.protocol, "cpu/2 wall go-done %s one-core",
             cpu->level.features & HONE_FEATURE_FILTER ? "notification" : "pipe");
    memcpy(mine.name, cpu->name, sizeof mine.name);
    snprintf(mine.fingerprint, sizeof mine.fingerprint,
             "%.80s, linux %.50s, gcc %.16s, glibc %.10s, guest %s, %sopenblas%s%.36s", cpu->name,
             system.release, cpu->compiler_version, gnu_get_libc_version(), cpu->guest_hash,
             cpu->openblas.there ? "" : "no ", cpu->openblas.there ? " " : "",
             cpu->openblas.there ? cpu->openblas.text : "");
    memcpy(description, &mine, description->size < sizeof mine ? description->size : sizeof mine);
    return 0;
}

static int features(void *self, uint32_t device, uint32_t index, struct hone_feature *feature) {
    const struct cpu *cpu = self;
    if (device != 0)
        return -ENODEV;
    const struct cpu_note notes[] = {
        {.there = cpu->openblas.there, .name = "openblas"},
        {.there = true, .name = "operators"},
    };
    if (index >= cpu->level.note_count + sizeof notes / sizeof *notes)
        return -ENOENT;
    const bool is_level = index < cpu->level.note_count;
    const struct cpu_note *note =
        is_level ? &cpu->level.notes[index] : &notes[index - cpu->level.note_count];
    struct hone_feature mine = {.size = feature->size, .there = note->there};
    snprintf(mine.name, sizeof mine.name, "%s", note->name);
    snprintf(mine.text, sizeof mine.text, "%s",
             is_level                         ? note->text
             : index == cpu->level.note_count ? cpu->openblas.text
             : cpu->openblas.there            ? "in C, products by openblas"
                                              : "in C");
    memcpy(feature, &mine, feature->size < sizeof mine ? feature->size : sizeof mine);
    return 0;
}

static uint32_t supports(void *self, uint32_t device, const char *language) {
    const struct cpu *cpu = self;
    if (device == 0 && strcmp(language, "cuda") == 0 && cpu->cuda.there)
        return HONE_EMULATED_LANGUAGE;
    return device == 0 && strcmp(language, "c") == 0 ? HONE_NATIVE : HONE_UNSUPPORTED;
}

static const struct hone_option options[] = {
    {.name = "compiler",
     .fallback = "gcc",
     .summary = "the gcc to compile candidates with: a name in PATH or an absolute path",
     .type = HONE_TEXT},
    {.name = "confinement",
     .fallback = "A",
     .summary = "the strongest confinement to use, where this machine allows it",
     .choices = "A C F",
     .type = HONE_CHOICE},
    {.name = "openblas",
     .fallback = "libopenblas.so.0",
     .summary = "the OpenBLAS that baselines may call: a name, an absolute path, or none",
     .type = HONE_TEXT},
    {0},
};

static const struct hone_hardware_ops operations = {
    .size = sizeof operations,
    .device_count = device_count,
    .describe = describe,
    .supports = supports,
    .options = hone_cpu_options,
    .compile_begin = hone_cpu_compile_begin,
    .compile_end = hone_cpu_compile_end,
    .compile_drop = hone_cpu_compile_drop,
    .runner_open = hone_cpu_runner_open,
    .runner_close = hone_cpu_runner_close,
    .process_start = hone_cpu_process_start,
    .process_go = hone_cpu_process_go,
    .process_stop = hone_cpu_process_stop,
    .features = features,
};

const struct hone_plugin hone_plugin = {
    .abi = HONE_PLUGIN_ABI,
    .size = sizeof hone_plugin,
    .kind = HONE_HARDWARE,
    .name = "cpu",
    .version = "1",
    .summary = "candidates in C, and emulated ones in CUDA, on one core of this machine",
    .options = options,
    .create = create,
    .destroy = destroy,
    .hardware = &operations,
};
