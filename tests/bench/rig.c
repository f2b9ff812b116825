#include "tests/bench/rig.h"

#include "core/jail.h"
#include "tests/lab.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define OPTIONS_MAX 16
#define INPUT 0x100000000000ull
#define OUTPUT 0x200000000000ull
#define BYTES (RIG_COUNT * sizeof(float))

static float *make_memory(int *file) {
    *file = memfd_create("bench", MFD_CLOEXEC);
    if (*file < 0 || ftruncate(*file, BYTES))
        lab_die("no memory for arguments");
    float *base = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, *file, 0);
    if (base == MAP_FAILED)
        lab_die("no memory for arguments");
    return base;
}

bool rig_open(struct rig *rig, const char *name, const char *value) {
    struct hone_setting settings[OPTIONS_MAX + 1] = {{0}};
    static const struct hone_host host = {.size = sizeof host};
    struct hone_error error = {""};
    bool known = !name;
    *rig = (struct rig){.device = {.size = sizeof rig->device}};
    char *path = realpath(lab_program("plugins/hardware/cpu.so"), NULL);
    rig->object = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
    free(path);
    rig->plugin = rig->object ? dlsym(rig->object, "hone_plugin") : NULL;
    if (!rig->plugin)
        lab_die("the cpu backend does not load: %s", dlerror());
    const struct hone_option *options = rig->plugin->options;
    for (uint32_t i = 0; options && options[i].name && i < OPTIONS_MAX; i++) {
        bool chosen = name && !strcmp(options[i].name, name);
        settings[i] = (struct hone_setting){options[i].name, chosen ? value : options[i].fallback};
        known |= chosen;
    }
    rig->ops = rig->plugin->hardware;
    if (!known) {
        dlclose(rig->object);
        return false;
    }
    if (rig->plugin->create(&host, settings, &rig->self, &error) ||
        rig->ops->describe(rig->self, 0, &rig->device) ||
        rig->ops->runner_open(rig->self, 0, &rig->runner, &error))
        lab_die("the cpu backend does not start: %s", error.text);
    rig->input = make_memory(&rig->input_file);
    rig->output = make_memory(&rig->output_file);
    return true;
}

void rig_close(struct rig *rig) {
    rig->ops->runner_close(rig->runner);
    rig->plugin->destroy(rig->self);
    munmap(rig->input, BYTES);
    munmap(rig->output, BYTES);
    close(rig->input_file);
    close(rig->output_file);
    free(rig->image);
    dlclose(rig->object);
}

void rig_job(struct rig *rig, const char *source, struct hone_compile_job *job) {
    struct hone_error error = {""};
    const struct hone_compile_request request = {
        .size = sizeof request,
        .language = "c",
        .source = source,
        .source_bytes = strlen(source),
        .options = "",
        .prelude = RIG_PRELUDE,
        .epilogue = RIG_EPILOGUE,
        .entry_count = 1,
    };
    *job = (struct hone_compile_job){.size = sizeof *job};
    if (rig->ops->compile_begin(rig->self, &request, job, &error))
        lab_die("no compile job: %s", error.text);
}

void rig_compile(struct rig *rig, const char *source) {
    struct hone_compile_job job;
    struct hone_jail_result jailed;
    struct hone_compile_result result = {.size = sizeof result};
    struct hone_error error = {""};
    rig_job(rig, source, &job);
    if (hone_jail_run(&job, NULL, &jailed, &error))
        lab_die("the compiler: %s", error.text);
    rig->ops->compile_end(rig->self, &job, &jailed.output, &result);
    if (result.verdict)
        lab_die("a source of ours does not compile: %s", result.message);
    rig->image_bytes = jailed.output.byte_count;
    rig->image = malloc(rig->image_bytes);
    if (!rig->image)
        lab_die("out of memory");
    memcpy(rig->image, jailed.output.bytes, rig->image_bytes);
    hone_jail_finish(&jailed);
}

void rig_evaluate(struct rig *rig) {
    const struct hone_region regions[] = {
        {.address = INPUT, .bytes = BYTES, .fd = rig->input_file},
        {.address = OUTPUT, .bytes = BYTES, .fd = rig->output_file, .writable = 1},
    };
    const struct hone_process_request request = {
        .size = sizeof request,
        .region_count = 2,
        .regions = regions,
        .image = rig->image,
        .image_bytes = rig->image_bytes,
        .stack_bytes = 8u << 20,
        .memory_limit_bytes = 256u << 20,
        .start_limit_ns = 5000000000u,
    };
    const uint64_t words[] = {INPUT, OUTPUT, RIG_COUNT};
    const struct hone_go go = {
        .size = sizeof go, .count = 1, .word_count = 3, .words = words, .limit_ns = 5000000000u};
    struct hone_go_result result = {.size = sizeof result};
    void *process = NULL;
    int failed = rig->ops->process_start(rig->runner, &request, &process, &result);
    if (!failed && result.status == HONE_GO_DONE)
        failed = rig->ops->process_go(process, &go, &result);
    if (failed || result.status != HONE_GO_DONE)
        lab_die("an evaluation failed: %d, status %u: %s", failed, result.status, result.text);
    rig->ops->process_stop(process);
}
