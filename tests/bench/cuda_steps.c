/* How many unique CUDA sources a core takes from text to verdict: CPU time of a server and of all
 * that it starts, so that other work on the machine does not count. */
#include "tests/bench/bench.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define FEW 4u
#define MANY 24u

static const struct text {
    const char *name, *body;
} texts[] = {
    {"a thread an element",
     "extern \"C\" __global__ void k(const float *x, float *out, int64_t n) {\n"
     "    int64_t i = blockIdx.x * (int64_t)blockDim.x + threadIdx.x;\n"
     "    if (i < n) out[i] = x[i] * x[i] + 1;\n"
     "}\n"},
    {"two reductions in shared memory",
     "extern \"C\" __global__ void k(const float *x, float *out, int64_t n) {\n"
     "    __shared__ float part[256];\n"
     "    int64_t i = blockIdx.x * (int64_t)blockDim.x + threadIdx.x;\n"
     "    float most, sum;\n"
     "    part[threadIdx.x] = i < n ? x[i] : -INFINITY;\n"
     "    __syncthreads();\n"
     "    for (int half = 128; half > 0; half /= 2) {\n"
     "        if (threadIdx.x < half) part[threadIdx.x] = fmaxf(part[threadIdx.x],\n"
     "                                                         part[threadIdx.x + half]);\n"
     "        __syncthreads();\n"
     "    }\n"
     "    most = part[0];\n"
     "    __syncthreads();\n"
     "    part[threadIdx.x] = i < n ? expf(x[i] - most) : 0;\n"
     "    __syncthreads();\n"
     "    for (int half = 128; half > 0; half /= 2) {\n"
     "        if (threadIdx.x < half) part[threadIdx.x] += part[threadIdx.x + half];\n"
     "        __syncthreads();\n"
     "    }\n"
     "    sum = part[0];\n"
     "    if (i < n) out[i] = x[i] * x[i] + (sum > 0 ? 1 : 2);\n"
     "}\n"},
};

/* CPU seconds of a server that is started, takes so many, and ends. */
static double spend(const struct text *text, uint32_t count) {
    static uint32_t unique;
    struct lab lab;
    struct rusage before, after;
    getrusage(RUSAGE_CHILDREN, &before);
    bench_serve(
        &lab, true,
        (const char *const[]){"--set", "compile.cache_bytes=0", "--set", "cache.entries=0", NULL});
    struct hone *hone = lab_attach(&lab, 1);
    lab_reset(hone, 0, "lab/tiny");
    for (uint32_t i = 0; i < count; i++) {
        char source[2048];
        const struct hone_observation *seen;
        snprintf(source, sizeof source,
                 "// %d %u\n//@hone launch k grid=(ceil_div(n, 256)) block=(256) args=(x, out, n)\n"
                 "%s",
                 (int)getpid(), unique++, text->body);
        struct hone_action action = {
            .language = "cuda", .source_bytes = strlen(source), .stages = bench_verify_stages()};
        lab_put(hone, 0, source, strlen(source));
        if (hone_step(hone, 0, &action, &seen))
            lab_die("step: %s", hone_message(hone));
        if (seen->verdict != HONE_OUTCOME_PARTIAL)
            lab_die("%s: %s", seen->verdict_name, hone_text(seen, HONE_MESSAGE));
    }
    hone_close(hone);
    bench_stop(&lab);
    getrusage(RUSAGE_CHILDREN, &after);
    return (double)(after.ru_utime.tv_sec + after.ru_stime.tv_sec - before.ru_utime.tv_sec -
                    before.ru_stime.tv_sec) +
           1e-6 * (double)(after.ru_utime.tv_usec + after.ru_stime.tv_usec -
                           before.ru_utime.tv_usec - before.ru_stime.tv_usec);
}

#define STEPS 4u

static void send_naive(struct hone *hone, const char *task, const char *kernel, uint32_t number) {
    const struct hone_observation *seen;
    const size_t size = strlen(kernel) + 64;
    char *source = malloc(size);
    if (!source)
        lab_die("out of memory");
    snprintf(source, size, "%s// %d %u\n", kernel, (int)getpid(), number);
    struct hone_action action = {
        .language = "cuda", .source_bytes = strlen(source), .stages = bench_verify_stages()};
    lab_put(hone, 0, source, strlen(source));
    if (hone_step(hone, 0, &action, &seen))
        lab_die("step: %s", hone_message(hone));
    if (seen->verdict != HONE_OUTCOME_PARTIAL)
        lab_die("%s: %s: %s", task, seen->verdict_name, hone_text(seen, HONE_MESSAGE));
    free(source);
}

/* Of one task, with its inputs and results there: what an episode adds once is not in it. */
static double spend_on_task(const struct lab *lab, struct hone *hone, const char *path) {
    char task[128];
    size_t bytes;
    snprintf(task, sizeof task, "%s", path + strlen("tasks/"));
    *strrchr(task, '/') = '\0';
    char *kernel = lab_read(path, &bytes);
    lab_reset(hone, 0, task);
    send_naive(hone, task, kernel, 0);
    const double before = bench_cpu_seconds(lab->pid);
    for (uint32_t i = 1; i <= STEPS; i++)
        send_naive(hone, task, kernel, i);
    const double each = (bench_cpu_seconds(lab->pid) - before) / STEPS;
    free(kernel);
    printf("    %-30s %6.1f ms\n", task, each * 1e3);
    return each;
}

static void run_tasks(void) {
    struct lab lab;
    glob_t paths;
    double sum = 0;
    bench_serve(
        &lab, false,
        (const char *const[]){"--set", "compile.cache_bytes=0", "--set", "cache.entries=0", NULL});
    struct hone *hone = lab_attach(&lab, 1);
    if (glob("tasks/*/*/naive.cu", 0, NULL, &paths) || !paths.gl_pathc)
        lab_die("no naive kernels in tasks/");
    for (size_t i = 0; i < paths.gl_pathc; i++)
        sum += spend_on_task(&lab, hone, paths.gl_pathv[i]);
    printf("%-32s %5.1f ms of CPU from text to verdict: %.1f a second and core (goal 12)\n",
           "the naive kernel of each task", sum / (double)paths.gl_pathc * 1e3,
           (double)paths.gl_pathc / sum);
    globfree(&paths);
    hone_close(hone);
    bench_stop(&lab);
}

void bench_cuda_steps(void) {
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        double least = 1e9;
        for (int turn = 0; turn < 2; turn++) {
            const double few = spend(&texts[i], FEW), many = spend(&texts[i], MANY);
            const double each = (many - few) / (MANY - FEW);
            least = each < least ? each : least;
        }
        printf("%-32s %5.1f ms of CPU from text to verdict: %.1f a second and core (goal 12)\n",
               texts[i].name, least * 1e3, 1 / least);
    }
    run_tasks();
}
