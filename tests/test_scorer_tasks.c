/* The scorer with real tasks: what it lists, what it draws, what its oracles say. */
#include "core/inputs.h"
#include "core/plan.h"
#include "core/sample.h"
#include "core/scorer.h"
#include "tests/abi/build.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>

static struct hone_error error;
static char cache[64];
static struct hone_settings *settings;
static struct hone_scorer *scorer;
static struct hone_task **tasks;
static uint32_t task_count;
static uint32_t refusals;
static char refusal[600];

/* test_scorer.c makes this program its own scorer. */
static void begin(void) {
    setenv("HONE_PROGRAM", "/proc/self/exe", 1);
    abi_folder(cache);
    setenv("XDG_CACHE_HOME", cache, 1);
}

static void end(void) {
    char path[128];
    for (uint32_t i = 0; i < task_count; i++)
        hone_task_destroy(tasks[i]);
    free(tasks);
    hone_scorer_destroy(scorer);
    hone_settings_close(settings);
    snprintf(path, sizeof path, "%s/hone/oracles", cache);
    abi_remove(path);
    snprintf(path, sizeof path, "%s/hone", cache);
    rmdir(path);
    abi_remove(cache);
}

TestSuite(scorer_tasks, .init = begin, .fini = end, .timeout = 120);

static void refuse(void *context, const char *text) {
    (void)context;
    refusals++;
    snprintf(refusal, sizeof refusal, "%s", text);
}

static void start(void) {
    cr_assert(eq(int, hone_settings_open(NULL, NULL, &settings, &error), 0), "%s", error.text);
    cr_assert(eq(int, hone_scorer_create(settings, &scorer, &error), 0), "%s", error.text);
    cr_assert(eq(int, hone_scorer_tasks(scorer, &tasks, &task_count, refuse, NULL, &error), 0),
              "%s", error.text);
}

static const struct hone_task *find(const char *id) {
    for (uint32_t i = 0; i < task_count; i++)
        if (!strcmp(tasks[i]->id, id))
            return tasks[i];
    cr_assert(false, "no task %s", id);
    return NULL;
}

/* Lent memory of the size a set needs. */
struct lent {
    int file;
    unsigned char *bytes;
    struct hone_set_layout layout;
};

static struct lent lend(const struct hone_task *task, const struct hone_workload *workload) {
    struct lent lent;
    hone_set_layout(task, workload, &lent.layout);
    lent.file = memfd_create("set", MFD_CLOEXEC);
    cr_assert(eq(int, ftruncate(lent.file, (off_t)lent.layout.total_bytes), 0));
    lent.bytes = mmap(NULL, lent.layout.total_bytes, PROT_READ, MAP_SHARED, lent.file, 0);
    cr_assert(ne(ptr, lent.bytes, MAP_FAILED));
    return lent;
}

static void give_back(struct lent *lent) {
    munmap(lent->bytes, lent->layout.total_bytes);
    close(lent->file);
}

Test(scorer_tasks, lists_every_task_of_the_tree) {
    start();
    cr_expect(eq(u32, refusals, 0), "%s", refusal);
    cr_expect(lt(u32, 0, task_count));
    find("dl/softmax");
}

/* The smallest workload of softmax against the definition. */
Test(scorer_tasks, fills_a_set_with_inputs_and_the_truth) {
    start();
    const struct hone_task *task = find("dl/softmax");
    const struct hone_workload *workload = &task->workloads[0];
    struct lent lent = lend(task, workload);
    cr_assert(eq(int, hone_scorer_set(scorer, task, workload, 42, lent.file, &error), 0), "%s",
              error.text);
    cr_assert(eq(str, (char *)task->args[0].name, "x"));
    cr_assert(eq(str, (char *)task->args[1].name, "y"));
    int64_t shape[HONE_DIMS_MAX], count = hone_task_shape(task, workload, 0, shape);
    float *wanted = malloc((size_t)count * sizeof *wanted);
    cr_assert(eq(int, hone_inputs_fill(task, workload, 42, 0, wanted), 0));
    const float *x = (const void *)(lent.bytes + lent.layout.input_offset[0]);
    const double *y = (const void *)(lent.bytes + lent.layout.oracle_offset[1]);
    cr_expect(eq(int, memcmp(x, wanted, (size_t)count * sizeof *x), 0));
    for (int64_t row = 0; row < shape[0]; row++) {
        double sum = 0;
        for (int64_t k = 0; k < shape[1]; k++)
            sum += exp((double)x[row * shape[1] + k]);
        for (int64_t k = 0; k < shape[1]; k++)
            cr_assert(epsilon_eq(dbl, y[row * shape[1] + k],
                                 exp((double)x[row * shape[1] + k]) / sum, 1e-12));
    }
    free(wanted);
    give_back(&lent);
}

Test(scorer_tasks, runs_the_oracle_of_every_task) {
    start();
    for (uint32_t i = 0; i < task_count; i++) {
        const struct hone_workload *workload = &tasks[i]->workloads[0];
        struct lent lent = lend(tasks[i], workload);
        cr_expect(eq(int, hone_scorer_set(scorer, tasks[i], workload, 7, lent.file, &error), 0),
                  "%s", error.text);
        give_back(&lent);
    }
}

Test(scorer_tasks, gives_one_seed_one_set_and_another_seed_another) {
    start();
    const struct hone_task *task = find("dl/softmax");
    const struct hone_workload *workload = &task->workloads[0];
    struct lent first = lend(task, workload), again = lend(task, workload),
                other = lend(task, workload);
    cr_assert(eq(int, hone_scorer_set(scorer, task, workload, 1, first.file, &error), 0));
    cr_assert(eq(int, hone_scorer_set(scorer, task, workload, 1, again.file, &error), 0));
    cr_assert(eq(int, hone_scorer_set(scorer, task, workload, 2, other.file, &error), 0));
    size_t size = first.layout.total_bytes;
    cr_expect(eq(int, memcmp(first.bytes, again.bytes, size), 0));
    cr_expect(ne(int, memcmp(first.bytes, other.bytes, size), 0));
    give_back(&first);
    give_back(&again);
    give_back(&other);
}

Test(scorer_tasks, works_on_a_set_while_its_owner_does_something_else) {
    start();
    const struct hone_task *task = find("dl/softmax");
    const struct hone_workload *workload = &task->workloads[0];
    struct lent lent = lend(task, workload);
    cr_assert(eq(int, hone_scorer_set_begin(scorer, task, workload, 1, lent.file, &error), 0));
    while (!hone_scorer_set_ready(scorer))
        poll(NULL, 0, 1);
    cr_expect(eq(int, hone_scorer_set_end(scorer, &error), 0), "%s", error.text);
    give_back(&lent);
}

Test(scorer_tasks, refuses_memory_that_is_too_small) {
    start();
    const struct hone_task *task = find("dl/softmax");
    int file = memfd_create("small", MFD_CLOEXEC);
    cr_assert(eq(int, ftruncate(file, 8), 0));
    cr_expect(
        eq(int, hone_scorer_set(scorer, task, &task->workloads[0], 1, file, &error), -EINVAL));
    cr_expect(ne(ptr, strstr(error.text, "smaller than"), NULL), "%s", error.text);
    cr_expect(eq(int, hone_scorer_set(scorer, task, &task->workloads[0], 1, -1, &error), -EINVAL));
    close(file);
}

Test(scorer_tasks, does_not_know_a_task_that_changed) {
    start();
    const struct hone_task *task = find("dl/softmax");
    struct hone_task changed = *task;
    memset(changed.hash, '0', 32);
    cr_expect(
        eq(int, hone_scorer_set(scorer, &changed, &task->workloads[0], 1, -1, &error), -ENOENT));
    cr_expect(ne(ptr, strstr(error.text, "changed since"), NULL), "%s", error.text);
}

/* A folder of tasks with one that is no JSON. */
Test(scorer_tasks, refuses_a_broken_task_by_name_and_goes_on) {
    char suite[128], folder[160], path[200];
    snprintf(suite, sizeof suite, "%s/bad", cache);
    snprintf(folder, sizeof folder, "%s/task", suite);
    snprintf(path, sizeof path, "%s/task.json", folder);
    cr_assert(eq(int, mkdir(suite, 0700), 0));
    cr_assert(eq(int, mkdir(folder, 0700), 0));
    FILE *file = fopen(path, "w");
    fputs("{ nonsense", file);
    fclose(file);
    setenv("HONE_TASKS", cache, 1);
    start();
    cr_expect(eq(u32, task_count, 0));
    cr_expect(eq(u32, refusals, 1));
    cr_expect(ne(ptr, strstr(refusal, "task.json"), NULL), "%s", refusal);
    abi_remove(folder);
    rmdir(suite);
}

/* A plan's grids and workspaces have limits, which sizes for a gpu come closest to. */
Test(scorer_tasks, have_kernels_for_a_gpu_whose_plans_hold_at_its_sizes) {
    const struct hone_device device = {.size = sizeof device,
                                       .id = "cuda:0",
                                       .sm_count = 132,
                                       .warp_size = 32,
                                       .max_shared_bytes = 232448,
                                       .l2_bytes = 50 << 20};
    uint32_t resolved = 0;
    start();
    for (uint32_t i = 0; i < task_count; i++) {
        const struct hone_task *task = tasks[i];
        hone_task_choose(tasks[i], HONE_SIZES_GPU);
        for (uint32_t b = task->baseline_count;
             b < task->baseline_count + task->cuda_baseline_count; b++) {
            const char *source = task->baselines[b].source;
            struct hone_plan *plan = NULL;
            cr_assert(
                eq(int,
                   hone_plan_parse(task, "cuda", source, strlen(source), &device, &plan, &error),
                   0),
                "%s: %s", task->id, error.text);
            for (uint32_t w = 0; w < task->workload_count; w++) {
                struct hone_plan_program *program = NULL;
                cr_expect(
                    eq(int, hone_plan_resolve(plan, &task->workloads[w], &program, &error), 0),
                    "%s on %s: %s", task->id, task->workloads[w].id, error.text);
                hone_plan_program_destroy(program);
                resolved++;
            }
            hone_plan_destroy(plan);
        }
    }
    cr_expect(lt(u32, 20 * 5, resolved));
}

/* What a set of a gpu's size holds, on a cpu's: the truth at some places is the whole truth's. */
Test(scorer_tasks, give_by_samples_what_they_give_whole) {
    uint32_t compared = 0;
    start();
    for (uint32_t i = 0; i < task_count; i++) {
        const struct hone_task *task = tasks[i];
        struct hone_workload sampled = task->workloads[task->workload_count - 1];
        const struct hone_workload *workload = &task->workloads[task->workload_count - 1];
        if (!task->sample.axis_count)
            continue;
        sampled.sampled = true;
        struct lent whole = lend(task, workload), some = lend(task, &sampled);
        cr_assert(eq(int,
                     hone_scorer_set(scorer, task, workload, hone_sample_inputs_seed(4), whole.file,
                                     &error),
                     0),
                  "%s", error.text);
        cr_assert(eq(int, hone_scorer_set(scorer, task, &sampled, 4, some.file, &error), 0), "%s",
                  error.text);
        for (uint32_t a = 0; a < task->arg_count; a++) {
            struct hone_judged_sample sample;
            if (!hone_arg_is_output(&task->args[a]))
                continue;
            cr_assert(
                eq(int,
                   hone_sample_judged(task, &sampled, &some.layout, some.bytes, a, &sample, &error),
                   0),
                "%s", error.text);
            const double *all = (const void *)(whole.bytes + whole.layout.oracle_offset[a]);
            const double *few = (const void *)(some.bytes + some.layout.oracle_offset[a]);
            for (int64_t k = 0; k < sample.count; k++)
                cr_assert(epsilon_eq(dbl, few[k], all[sample.at[k]],
                                     1e-9 * (1 + fabs(all[sample.at[k]]))),
                          "%s", task->id);
            for (int64_t f = 0; sample.sums && f < sample.outer * sample.inner; f++) {
                double sum = 0, squares = 0;
                for (int64_t j = 0; j < sample.length; j++) {
                    const double value = all[(f / sample.inner * sample.length + j) * sample.inner +
                                             f % sample.inner];
                    sum += sample.signs[j] & 1 ? -value : value;
                    squares += value * value;
                }
                cr_assert(
                    epsilon_eq(dbl, sample.sums[f * HONE_SUMS], sum, 1e-11 * (1 + sqrt(squares))),
                    "%s", task->id);
            }
            compared++;
        }
        give_back(&whole);
        give_back(&some);
    }
    cr_expect(ge(u32, compared, 12));
}
