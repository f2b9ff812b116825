/* tasks_bench.c - `hone tasks --bench`: how long baselines take, and how far that is from what the
 * machine could do. */
#include "core/command_task.h"
#include "core/error.h"
#include "core/gate_private.h"
#include "core/tasks_ceiling.h"
#include "core/text.h"

#include <errno.h>
#include <math.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

/* Every baseline of a task in C, compiled; the images are the sources'. */
static int build(struct hone_gate *gate, const struct hone_task *task,
                 struct hone_gate_source sources[HONE_BASELINES_MAX],
                 struct hone_measure_request *request, struct hone_error *error) {
    const uint32_t count = task->baseline_count;
    for (uint32_t i = 0; i < count; i++)
        sources[i] = (struct hone_gate_source){.name = task->baselines[i].name,
                                               .language = task->baselines[i].language,
                                               .text = task->baselines[i].source,
                                               .library = task->baselines[i].library};
    int code = hone_gate_compile(gate, task, sources, count, error);
    for (uint32_t i = 0; !code && i < count; i++) {
        const struct hone_compiled *compiled = &sources[i].compiled;
        if (compiled->verdict)
            return hone_fail(error, -EINVAL, "%s: baseline %s does not compile: %.300s", task->id,
                             sources[i].name, compiled->message);
        request->baselines[i] = (struct hone_image){.bytes = compiled->image,
                                                    .size = compiled->image_bytes,
                                                    .plan = sources[i].plan,
                                                    .library = sources[i].library != NULL};
    }
    return code;
}

/* Calibrates on the measuring core; compilers may use every core again afterwards. */
static int calibrate(struct hone_measurement *measurement) {
    const int core = measurement->meter->description.measuring_cpu;
    cpu_set_t before, one;
    const bool pinned = core >= 0 && !sched_getaffinity(0, sizeof before, &before);
    CPU_ZERO(&one);
    if (pinned) {
        CPU_SET((size_t)core, &one);
        sched_setaffinity(0, sizeof one, &one);
    }
    int code = -EAGAIN;
    for (int attempt = 0; code == -EAGAIN && attempt < 10; attempt++)
        code = hone_measure_calibrate(measurement);
    if (pinned)
        sched_setaffinity(0, sizeof before, &before);
    return code;
}

int hone_tasks_time(struct hone_gate *gate, struct hone_meter *meter, const struct hone_task *task,
                    double *ns[HONE_BASELINES_MAX], struct hone_error *error) {
    struct hone_gate_source sources[HONE_BASELINES_MAX] = {{0}};
    struct hone_measure_request request = {.task = task};
    struct hone_measurement measurement = {
        .meter = meter ? meter : gate->meter, .request = &request, .task = task, .error = error};
    int code = build(gate, task, sources, &request, error);
    if (!code)
        code = calibrate(&measurement);
    const size_t bytes = task->workload_count * sizeof(double);
    for (uint32_t b = 0; !code && b < task->baseline_count; b++) {
        if (!measurement.known->known[b])
            continue;
        ns[b] = malloc(bytes);
        if (ns[b])
            memcpy(ns[b], measurement.known->ns[b], bytes);
        else
            code = hone_fail(error, -ENOMEM, "out of memory");
    }
    for (uint32_t i = 0; i < HONE_BASELINES_MAX; i++)
        hone_gate_source_finish(&sources[i]);
    return code;
}

/* One bench workload: floor and score baselines, the least time there is, and the other baselines.
 */
struct line {
    const struct hone_task *task;
    const struct hone_workload *workload;
    double *const *ns; /* by baseline, then by workload */
    double naive_ns, tuned_ns, roofline_ns;
    bool by_bytes; /* moving takes longer than computing */
};

static bool is_other(const struct hone_task *task, uint32_t baseline) {
    return baseline > 0 && baseline != hone_task_floor(task);
}

static double time_of(const struct line *line, uint32_t baseline) {
    const ptrdiff_t workload = line->workload - line->task->workloads;
    return baseline < line->task->baseline_count && line->ns[baseline]
               ? line->ns[baseline][workload]
               : (double)NAN;
}

static void print_time(double ns) {
    if (isnan(ns))
        printf("  %10s", "-");
    else
        printf("  %7.*f %s",
               ns < 1e4   ? 2
               : ns < 1e6 ? 1
                          : 2,
               ns < 1e6 ? ns * 1e-3 : ns * 1e-6, ns < 1e6 ? "us" : "ms");
}

static void print_ratio(double ratio) {
    if (isnan(ratio))
        printf("  %14s", "-");
    else
        printf("  %13.2fx", ratio);
}

static void print_head(const struct hone_ceiling *ceiling) {
    printf("one core: %.1f GFLOP/s in fused multiplications; copies", ceiling->flops * 1e-9);
    for (uint32_t i = 0; i < HONE_CEILING_SIZES; i++)
        printf("%s %.3g MB at %.1f GB/s", i ? "," : "", ceiling->bytes[i] * 1e-6,
               ceiling->bandwidth[i] * 1e-9);
    printf("\n\n%-28s %-10s  %10s  %10s  %10s  %14s  %14s\n", "task", "workload", "naive", "score",
           "roofline", "score/roofline", "naive/score");
}

static void print_line(const struct line *line) {
    printf("%-28s %-10s", line->task->id, line->workload->id);
    print_time(line->naive_ns);
    print_time(line->tuned_ns);
    print_time(line->roofline_ns);
    print_ratio(line->tuned_ns / line->roofline_ns);
    print_ratio(line->naive_ns / line->tuned_ns);
    printf("  %s", isnan(line->roofline_ns) ? "" : line->by_bytes ? "memory" : "compute");
    for (uint32_t b = 1; b < line->task->baseline_count; b++)
        if (is_other(line->task, b)) {
            printf("  %s", line->task->baselines[b].name);
            print_time(time_of(line, b));
        }
    putchar('\n');
    fflush(stdout);
}

static json_t *line_object(const struct line *line) {
    double flops, bytes;
    json_t *others = json_object();
    hone_task_cost(line->task, line->workload, &flops, &bytes);
    for (uint32_t b = 1; b < line->task->baseline_count; b++)
        if (is_other(line->task, b))
            json_object_set_new(others, line->task->baselines[b].name,
                                hone_json_real(time_of(line, b)));
    return json_pack(
        "{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:s*}", "workload", line->workload->id,
        "naive_ns", hone_json_real(line->naive_ns), "tuned_ns", hone_json_real(line->tuned_ns),
        "roofline_ns", hone_json_real(line->roofline_ns), "tuned_over_roofline",
        hone_json_real(line->tuned_ns / line->roofline_ns), "naive_over_tuned",
        hone_json_real(line->naive_ns / line->tuned_ns), "flops", hone_json_real(flops), "bytes",
        hone_json_real(bytes), "score", line->task->baselines[0].name, "others_ns", others, "bound",
        isnan(line->roofline_ns) ? NULL
        : line->by_bytes         ? "memory"
                                 : "compute");
}

static int bench_task(struct hone_gate *gate, const struct hone_task *task,
                      const struct hone_ceiling *ceiling, json_t *list, struct hone_error *error) {
    double *ns[HONE_BASELINES_MAX] = {NULL};
    json_t *lines = json_array();
    int code = hone_tasks_time(gate, NULL, task, ns, error);
    for (uint32_t w = 0; !code && w < task->workload_count; w++) {
        struct line line = {.task = task, .workload = &task->workloads[w], .ns = ns};
        double flops, bytes;
        if (line.workload->set != HONE_BENCH)
            continue;
        hone_task_cost(task, line.workload, &flops, &bytes);
        line.naive_ns = time_of(&line, hone_task_floor(task));
        line.tuned_ns = time_of(&line, 0);
        line.roofline_ns = hone_ceiling_ns(ceiling, flops, bytes);
        line.by_bytes = !(hone_ceiling_ns(ceiling, flops, (double)NAN) >= line.roofline_ns);
        if (list)
            json_array_append_new(lines, line_object(&line));
        else
            print_line(&line);
    }
    if (list && !code)
        json_array_append_new(list, json_pack("{s:s, s:s, s:O}", "id", task->id, "hash", task->hash,
                                              "workloads", lines));
    json_decref(lines);
    for (uint32_t b = 0; b < HONE_BASELINES_MAX; b++)
        free(ns[b]);
    return code;
}

static json_t *ceiling_object(const struct hone_ceiling *ceiling) {
    json_t *copies = json_array();
    for (uint32_t i = 0; i < HONE_CEILING_SIZES; i++)
        json_array_append_new(copies,
                              json_pack("{s:o, s:o}", "bytes", hone_json_real(ceiling->bytes[i]),
                                        "bytes_per_s", hone_json_real(ceiling->bandwidth[i])));
    return json_pack("{s:o, s:o}", "flops_per_s", hone_json_real(ceiling->flops), "copies", copies);
}

static void note_refused(void *context, const char *text) {
    ++*(uint32_t *)context;
    fprintf(stderr, "hone tasks: %s\n", text);
}

static int bench_all(struct hone_gate *gate, bool as_json, struct hone_error *error) {
    struct hone_ceiling ceiling;
    uint32_t count, failed = 0;
    struct hone_task *const *tasks = hone_gate_tasks(gate, &count);
    fputs("measuring what one core can do\n", stderr);
    int code = hone_ceiling_measure(gate, &ceiling, error);
    if (code)
        return code;
    json_t *list = as_json ? json_array() : NULL;
    if (!as_json)
        print_head(&ceiling);
    for (uint32_t i = 0; i < count; i++) {
        fprintf(stderr, "timing %s (%u of %u)\n", tasks[i]->id, i + 1, count);
        if (bench_task(gate, tasks[i], &ceiling, list, error)) {
            fprintf(stderr, "hone tasks: %s: %s\n", tasks[i]->id, error->text);
            failed++;
        }
    }
    if (list) {
        json_t *whole = json_pack("{s:o, s:o}", "ceiling", ceiling_object(&ceiling), "tasks", list);
        hone_command_print_json(whole);
        json_decref(whole);
    }
    return failed ? hone_fail(error, -EIO, "%u tasks could not be timed", failed) : 0;
}

int hone_tasks_bench(const struct hone_overrides *overrides, bool as_json) {
    struct hone_settings *settings = NULL;
    struct hone_gate *gate = NULL;
    struct hone_error error = {""};
    uint32_t refused = 0;
    int code = hone_overrides_open(overrides, &settings, &error);
    const int status = code ? HONE_EXIT_USAGE : HONE_EXIT_FAILED;
    if (!code)
        code = hone_gate_open(settings, 0, note_refused, &refused, &gate, &error);
    if (!code)
        code = bench_all(gate, as_json, &error);
    if (code)
        hone_command_fail("tasks", &error);
    hone_gate_close(gate);
    hone_settings_close(settings);
    return code || refused ? status : 0;
}
