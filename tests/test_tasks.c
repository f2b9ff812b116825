/* The shipped tasks: baselines are right on every workload, and each bug in wrong/ is seen on some
 * verify and some bench workload. HONE_TASKS_REPORT=1 also prints how fast the baselines are,
 * HONE_TASKS_ARCH=haswell compiles for another processor, HONE_TASKS_SEED=n draws other inputs. */
#include "core/element.h"
#include "core/inputs.h"
#include "core/oracle.h"
#include "core/task.h"
#include "plugins/random.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/parameterized.h>

#include <dlfcn.h>
#include <glob.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

#define CODES_MAX 16
#define DRAWS_MAX 8 /* seeds tried of every hidden entry */

typedef void entry(const uint64_t *words);

/* One compiled source. */
struct code {
    const char *name;
    entry *call;
    bool failed_verify, failed_bench;
};

/* A tensor that ends right before an unmapped page. */
struct buffer {
    void *mapping;
    size_t mapped;
    void *data;
    size_t bytes;
};

/* What one workload needs in memory. */
struct stage {
    const struct hone_task *task;
    const struct hone_workload *workload;
    struct buffer args[HONE_ARGS_MAX];
    double *truth[HONE_ARGS_MAX];   /* of outputs */
    double *widened[HONE_ARGS_MAX]; /* inputs that an oracle reads as doubles */
    int64_t count[HONE_ARGS_MAX];
};

/* ---- compiling ---- */

static entry *compile(const char *folder, const char *name, const struct hone_task *task,
                      const char *source, bool oracle) {
    const char *function = oracle ? "oracle" : "solve";
    char *prelude = hone_task_prelude(task, function, oracle);
    char *epilogue = hone_task_epilogue(task, function, oracle);
    char text[512], object[512];
    snprintf(text, sizeof text, "%s/code.c", folder);
    snprintf(object, sizeof object, "%s/%s.so", folder, name);
    for (char *slash = object + strlen(folder) + 1; *slash; slash++)
        *slash = *slash == '/' ? '_' : *slash;
    FILE *file = fopen(text, "w");
    fprintf(file, "%s#line 1\n%s%s", prelude, source, epilogue);
    fclose(file);
    free(prelude);
    free(epilogue);
    char architecture[64];
    const char *wanted = getenv("HONE_TASKS_ARCH");
    snprintf(architecture, sizeof architecture, "-march=%s", wanted ? wanted : "native");
    char *arguments[] = {"gcc",
                         "-std=gnu17",
                         "-O3",
                         architecture,
                         "-fopenmp-simd",
                         "-fno-stack-protector",
                         "-fPIC",
                         "-shared",
                         "-o",
                         object,
                         text,
                         "-lm",
                         NULL};
    pid_t child;
    int status = -1;
    cr_assert(eq(int, posix_spawnp(&child, "gcc", NULL, NULL, arguments, environ), 0));
    waitpid(child, &status, 0);
    cr_assert(eq(int, status, 0), "%s does not compile", name);
    void *library = dlopen(object, RTLD_NOW | RTLD_LOCAL);
    cr_assert(ne(ptr, library, NULL), "%s", dlerror());
    entry *call;
    *(void **)&call = dlsym(library, "hone_call_0"); /* as POSIX has it */
    cr_assert(ne(ptr, *(void **)&call, NULL));
    return call;
}

/* ---- memory ---- */

static struct buffer make_buffer(size_t bytes) {
    struct buffer buffer = {.bytes = bytes};
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t usable = (bytes + page - 1) / page * page;
    buffer.mapped = usable + page;
    buffer.mapping =
        mmap(NULL, buffer.mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    cr_assert(ne(ptr, buffer.mapping, MAP_FAILED));
    mprotect((char *)buffer.mapping + usable, page, PROT_NONE);
    buffer.data = (char *)buffer.mapping + (usable - bytes) / 64 * 64;
    return buffer;
}

static uint64_t scalar_word(const struct hone_arg *arg, double value) {
    uint64_t word = 0;
    float single = (float)value;
    if (arg->dtype == HONE_F32)
        memcpy(&word, &single, sizeof single);
    else if (arg->dtype == HONE_F64)
        memcpy(&word, &value, sizeof value);
    else
        word = (uint64_t)(int64_t)value;
    return word;
}

static void make_words(const struct stage *stage, bool oracle, uint64_t words[HONE_ARGS_MAX]) {
    for (uint32_t i = 0; i < stage->task->arg_count; i++) {
        const struct hone_arg *arg = &stage->task->args[i];
        if (arg->role == HONE_AXIS)
            words[i] = (uint64_t)stage->workload->axes[arg->axis];
        else if (arg->role == HONE_SCALAR)
            words[i] = scalar_word(arg, stage->workload->scalar[i]);
        else if (oracle && hone_arg_is_output(arg))
            words[i] = (uintptr_t)stage->truth[i];
        else if (oracle && arg->varies)
            words[i] = (uintptr_t)stage->widened[i];
        else
            words[i] = (uintptr_t)stage->args[i].data;
    }
}

static uint64_t input_seed(void) {
    const char *text = getenv("HONE_TASKS_SEED");
    return text ? strtoull(text, NULL, 10) : 20251120;
}

static void open_stage(struct stage *stage, const struct hone_task *task,
                       const struct hone_workload *workload, uint64_t seed, entry *oracle) {
    *stage = (struct stage){.task = task, .workload = workload};
    for (uint32_t i = 0; i < task->arg_count; i++) {
        const struct hone_arg *arg = &task->args[i];
        if (!hone_arg_is_tensor(arg))
            continue;
        stage->count[i] = hone_task_shape(task, workload, i, NULL);
        cr_assert(ge(i64, stage->count[i], 1));
        stage->args[i] = make_buffer((size_t)stage->count[i] * hone_dtype_bytes(arg->dtype));
        if (arg->role != HONE_OUT) {
            cr_assert(eq(int, hone_inputs_fill(task, workload, seed, i, stage->args[i].data), 0));
            mprotect(stage->args[i].mapping, stage->args[i].mapped - 4096, PROT_READ);
        }
        if (hone_arg_is_output(arg))
            stage->truth[i] = calloc((size_t)stage->count[i], sizeof(double));
        else if (arg->varies)
            stage->widened[i] = malloc((size_t)stage->count[i] * sizeof(double));
        if (stage->widened[i])
            hone_elements_read(arg->dtype, stage->args[i].data, (uint32_t)stage->count[i],
                               stage->widened[i]);
    }
    if (task->graph) {
        const void *inputs[HONE_ARGS_MAX];
        struct hone_error error = {""};
        for (uint32_t i = 0; i < task->arg_count; i++)
            inputs[i] = task->args[i].role == HONE_OUT ? NULL : stage->args[i].data;
        cr_assert(eq(int, hone_oracle_compute(task, workload, inputs, stage->truth, &error), 0),
                  "%s", error.text);
        return;
    }
    uint64_t words[HONE_ARGS_MAX];
    make_words(stage, true, words);
    oracle(words);
}

static void close_stage(struct stage *stage) {
    for (uint32_t i = 0; i < stage->task->arg_count; i++) {
        free(stage->truth[i]);
        free(stage->widened[i]);
        if (stage->args[i].mapping)
            munmap(stage->args[i].mapping, stage->args[i].mapped);
    }
}

/* ---- judging, the plain way ---- */

/* Largest |error| / allowed of one output, and its relative l2 / allowed: right when both are at
 * most 1. */
static double judge_output(const struct stage *stage, uint32_t arg) {
    const float *got = stage->args[arg].data;
    const double *truth = stage->truth[arg];
    double squares = 0, error_squares = 0, worst = 0;
    for (int64_t i = 0; i < stage->count[arg]; i++)
        squares += truth[i] * truth[i];
    struct hone_limits limits;
    double rms = sqrt(squares / (double)stage->count[arg]);
    cr_assert(eq(int, hone_task_limits(stage->task, stage->workload, arg, rms, &limits), 0));
    for (int64_t i = 0; i < stage->count[arg]; i++) {
        cr_assert(isfinite(truth[i]));
        if (stage->workload->exact) {
            if (got[i] != (float)truth[i])
                return INFINITY;
            continue;
        }
        double error = fabs((double)got[i] - truth[i]);
        if (!isfinite(error))
            return INFINITY;
        error_squares += error * error;
        worst = fmax(worst, error / (limits.atol + limits.rtol * fabs(truth[i])));
    }
    double l2 = squares > 0 ? sqrt(error_squares / squares) / limits.rel_l2 : 0;
    return fmax(worst, l2);
}

static double run(const struct stage *stage, entry *call) {
    for (uint32_t i = 0; i < stage->task->arg_count; i++)
        if (stage->task->args[i].role == HONE_OUT)
            memset(stage->args[i].data, 0xff, stage->args[i].bytes); /* NaN */
    uint64_t words[HONE_ARGS_MAX];
    make_words(stage, false, words);
    call(words);
    double worst = 0;
    for (uint32_t i = 0; i < stage->task->arg_count; i++)
        if (hone_arg_is_output(&stage->task->args[i]))
            worst = fmax(worst, judge_output(stage, i));
    return worst;
}

/* ---- outputs that no task may take ---- */

enum mutant { ZEROS, ONES, MEAN, OTHER_SEED, COPIED, HALF, LAST, NUDGED, ROUNDED, MUTANTS };

static const char *const mutant_names[] = {"zeros",
                                           "ones",
                                           "the mean",
                                           "another seed's output",
                                           "the input copied",
                                           "the first half only",
                                           "all but the last element",
                                           "one element off by four times the tolerance",
                                           "bf16 output"};

static float round_to_bf16(double value) {
    uint32_t bits = (uint32_t)hone_random_to_bf16((float)value) << 16;
    float rounded;
    memcpy(&rounded, &bits, sizeof rounded);
    return rounded;
}

static double mean_of(const double *values, int64_t count) {
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += values[i];
    return sum / (double)count;
}

/* The first input of floats, which is what a kernel might copy. */
static uint32_t first_floats(const struct hone_task *task) {
    uint32_t arg = 0;
    while (arg < task->arg_count - 1 &&
           !(hone_arg_is_tensor(&task->args[arg]) && task->args[arg].role != HONE_OUT &&
             task->args[arg].dtype == HONE_F32))
        arg++;
    return arg;
}

/* Write what a mutant would have left in one output; `other` has inputs of another seed. */
static void mutate(const struct stage *stage, const struct stage *other, uint32_t arg,
                   enum mutant mutant) {
    float *got = stage->args[arg].data;
    const double *truth = stage->truth[arg];
    const int64_t count = stage->count[arg];
    const uint32_t copied = first_floats(stage->task);
    const float *input = stage->args[copied].data;
    const double mean = mean_of(truth, count);
    double squares = 0;
    struct hone_limits limits;
    for (int64_t i = 0; i < count; i++) {
        squares += truth[i] * truth[i];
        got[i] = (float)truth[i];
        if (mutant == ZEROS || mutant == ONES)
            got[i] = mutant == ONES;
        else if (mutant == MEAN)
            got[i] = (float)mean;
        else if (mutant == OTHER_SEED)
            got[i] = (float)other->truth[arg][i];
        else if (mutant == COPIED)
            got[i] = input[i % stage->count[copied]];
        else if (mutant == ROUNDED)
            got[i] = round_to_bf16(truth[i]);
        else if ((mutant == HALF && i >= count / 2) || (mutant == LAST && i == count - 1))
            got[i] = 0; /* not NaN, which would be too easy */
    }
    hone_task_limits(stage->task, stage->workload, arg, sqrt(squares / (double)count), &limits);
    if (mutant == NUDGED)
        got[count / 3] += 4 * (float)(limits.atol + limits.rtol * fabs(truth[count / 3]));
}

/* Note which mutants of this workload's outputs were refused. */
static void try_mutants(const struct stage *stage, entry *oracle, bool refused[MUTANTS]) {
    struct stage other;
    open_stage(&other, stage->task, stage->workload, input_seed() + 1, oracle);
    for (int mutant = 0; mutant < MUTANTS; mutant++) {
        double least_wrong = INFINITY; /* every output must tell by itself */
        for (uint32_t i = 0; i < stage->task->arg_count; i++)
            if (hone_arg_is_output(&stage->task->args[i])) {
                mutate(stage, &other, i, (enum mutant)mutant);
                least_wrong = fmin(least_wrong, judge_output(stage, i));
            }
        refused[mutant] |= least_wrong > 1;
    }
    close_stage(&other);
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void report(const struct stage *stage, const struct code *code, double worst) {
    uint64_t words[HONE_ARGS_MAX];
    double flops, bytes, best = INFINITY;
    make_words(stage, false, words);
    for (int i = 0; i < 15; i++) {
        double start = seconds();
        code->call(words);
        best = fmin(best, seconds() - start);
    }
    hone_task_cost(stage->task, stage->workload, &flops, &bytes);
    fprintf(stderr, "%-18s %-8s %-6s %8.3f ms %7.1f GFLOP/s %6.1f GB/s  error/allowed %.3g\n",
            stage->task->id, stage->workload->id, code->name, best * 1e3, flops / best * 1e-9,
            bytes / best * 1e-9, worst);
}

/* ---- one task ---- */

static void try_workload(const struct hone_task *task, const struct hone_workload *workload,
                         entry *oracle, struct code *codes, uint32_t count,
                         bool refused[HONE_HIDDEN + 1][MUTANTS]) {
    struct stage stage;
    open_stage(&stage, task, workload, input_seed(), oracle);
    for (uint32_t i = 0; i < count; i++) {
        double worst = run(&stage, codes[i].call);
        bool right = worst <= 1;
        if (strncmp(codes[i].name, "wrong/", 6) != 0) {
            cr_expect(right, "%s %s is wrong on %s: %g times what is allowed", task->id,
                      codes[i].name, workload->id, worst);
            if (workload->set == HONE_BENCH && getenv("HONE_TASKS_REPORT"))
                report(&stage, &codes[i], worst);
        } else if (!right) {
            codes[i].failed_verify |= workload->set == HONE_VERIFY;
            codes[i].failed_bench |= workload->set == HONE_BENCH;
        }
    }
    if (workload->set != HONE_HIDDEN)
        try_mutants(&stage, oracle, refused[workload->set]);
    close_stage(&stage);
}

static void try_task(const struct hone_task *task, const char *folder) {
    struct code codes[CODES_MAX];
    bool refused[HONE_HIDDEN + 1][MUTANTS] = {{false}};
    uint32_t count = 0, wrong = 0;
    for (; count < task->baseline_count; count++)
        codes[count] = (struct code){.name = task->baselines[count].name,
                                     .call = compile(folder, task->baselines[count].name, task,
                                                     task->baselines[count].source, false)};
    for (uint32_t i = 0; i < task->file_count; i++) {
        const struct hone_task_file *file = &task->files[i];
        if (!hone_task_is_wrong(task, file->name, "c"))
            continue;
        cr_assert(lt(u32, count, CODES_MAX));
        codes[count++] = (struct code){
            .name = file->name, .call = compile(folder, file->name, task, file->text, false)};
        wrong++;
    }
    cr_expect(ge(u32, wrong, 4), "%s has few bugs", task->id);
    entry *oracle = task->graph ? NULL : compile(folder, "oracle", task, task->oracle, true);
    for (uint32_t i = 0; i < task->workload_count; i++)
        try_workload(task, &task->workloads[i], oracle, codes, count, refused);
    for (uint32_t i = 0; i < task->hidden_count; i++)
        for (uint64_t seed = 0; seed < DRAWS_MAX; seed++) {
            struct hone_workload drawn;
            cr_assert(eq(int, hone_task_draw(task, i, seed, &drawn), 0));
            try_workload(task, &drawn, oracle, codes, task->baseline_count, refused);
        }
    for (uint32_t i = task->baseline_count; i < count; i++)
        cr_expect(codes[i].failed_verify && codes[i].failed_bench,
                  "%s %s: seen by verify %d, by bench %d", task->id, codes[i].name,
                  codes[i].failed_verify, codes[i].failed_bench);
    for (int mutant = 0; mutant < MUTANTS; mutant++)
        cr_expect(refused[HONE_VERIFY][mutant] && refused[HONE_BENCH][mutant],
                  "%s takes %s: refused by verify %d, by bench %d", task->id, mutant_names[mutant],
                  refused[HONE_VERIFY][mutant], refused[HONE_BENCH][mutant]);
}

/* The tree this program was built in: build/<mode>/test. */
static void tree(char *path, size_t size, const char *below) {
    char program[400];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    cr_assert(lt(i64, 0, length));
    program[length] = '\0';
    *strrchr(program, '/') = '\0';
    snprintf(path, size, "%s/%s", program, below);
}

static const struct hone_task_ops *open_folder(void **self, const struct hone_plugin **plugin) {
    char path[512], tasks[512];
    struct hone_error error = {""};
    tree(path, sizeof path, "plugins/task/folder.so");
    tree(tasks, sizeof tasks, "../../tasks");
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    cr_assert(ne(ptr, library, NULL), "%s", dlerror());
    *plugin = dlsym(library, "hone_plugin");
    const struct hone_setting settings[] = {{"path", tasks}, {NULL, NULL}};
    cr_assert(eq(int, (*plugin)->create(NULL, settings, self, &error), 0), "%s", error.text);
    return (*plugin)->task;
}

static void admit(const char *id) {
    void *self;
    const struct hone_plugin *plugin;
    const struct hone_task_ops *ops = open_folder(&self, &plugin);
    uint32_t count, found = 0;
    char folder[] = "/tmp/hone-tasks-XXXXXX";
    cr_assert(ne(ptr, mkdtemp(folder), NULL));
    cr_assert(eq(int, ops->count(self, &count), 0));
    for (uint32_t i = 0; i < count; i++) {
        struct hone_task_description description = {.size = sizeof description};
        struct hone_error error = {""};
        struct hone_task *task = NULL;
        int result = ops->describe(self, i, &description, &error);
        if (result == 0)
            result = hone_task_parse(&description, &task, &error);
        if (result == 0 && strcmp(task->id, id) == 0) {
            try_task(task, folder);
            found++;
        }
        cr_expect(result == 0 || !strstr(error.text, id), "%s", error.text);
        hone_task_destroy(task);
    }
    cr_expect(eq(u32, found, 1), "%s", id);
    plugin->destroy(self);
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", folder);
    cr_expect(eq(int, system(command), 0));
}

/* Every folder below tasks/ is one test. */
struct name {
    char id[128];
};

ParameterizedTestParameters(tasks, tell_baselines_from_bugs) {
    static struct name names[64];
    size_t count = 0;
    char pattern[512];
    glob_t found = {0};
    tree(pattern, sizeof pattern, "../../tasks/*/*/task.json");
    if (glob(pattern, 0, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc && count < sizeof names / sizeof *names; i++) {
            char *end = strrchr(found.gl_pathv[i], '/'), *id = end;
            *end = '\0';
            for (int slashes = 0; slashes < 2; id--)
                slashes += id[-1] == '/';
            snprintf(names[count++].id, sizeof names->id, "%s", id + 1);
        }
    globfree(&found);
    return cr_make_param_array(struct name, names, count);
}

ParameterizedTest(struct name *name, tasks, tell_baselines_from_bugs) {
    admit(name->id);
}
