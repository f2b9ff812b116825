#include "hardware/cuda/launcher/cupti.h"
#include "hardware/cuda/launcher/tracer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MOST 24

/* Sets of the field, as their users know them; names that a chip does not have are left out. */
static const struct {
    const char *name;
    const char *counters[NAMES_MOST];
} sets[] = {
    {"kf4", /* KernelFoundry's four throughputs */
     {"sm__throughput.avg.pct_of_peak_sustained_elapsed",
      "dram__throughput.avg.pct_of_peak_sustained_elapsed",
      "l1tex__throughput.avg.pct_of_peak_sustained_active",
      "lts__throughput.avg.pct_of_peak_sustained_elapsed"}},
    {"cm12", /* CUDAMaster's twelve */
     {"sm__throughput.avg.pct_of_peak_sustained_elapsed",
      "gpu__compute_memory_throughput.avg.pct_of_peak_sustained_elapsed",
      "dram__bytes.sum.per_second", "dram__throughput.avg.pct_of_peak_sustained_elapsed",
      "sm__instruction_throughput.avg.pct_of_peak_sustained_active",
      "sm__inst_issued.avg.pct_of_peak_sustained_active", "sm__inst_executed.avg.per_cycle_active",
      "sm__inst_executed.avg.per_cycle_elapsed",
      "gpu__compute_memory_access_throughput.avg.pct_of_peak_sustained_elapsed",
      "gpu__compute_memory_request_throughput.avg.pct_of_peak_sustained_elapsed",
      "sm__memory_throughput.avg.pct_of_peak_sustained_elapsed", "l1tex__t_sector_hit_rate.pct",
      "lts__t_sector_hit_rate.pct"}},
    {"kb", /* KernelBlaster's list */
     {"sm__cycles_elapsed.max", "sm__throughput.avg.pct_of_peak_sustained_elapsed",
      "gpu__compute_memory_throughput.avg.pct_of_peak_sustained_elapsed",
      "dram__throughput.avg.pct_of_peak_sustained_elapsed",
      "sm__warps_active.avg.pct_of_peak_sustained_active", "sm__maximum_warps_per_active_cycle_pct",
      "smsp__warps_active.avg.per_cycle_active", "smsp__warps_eligible.avg.per_cycle_active",
      "smsp__thread_inst_executed_per_inst_executed.ratio",
      "smsp__cycles_active.avg.pct_of_peak_sustained_elapsed",
      "lts__t_sectors.avg.pct_of_peak_sustained_elapsed",
      "l1tex__data_pipe_lsu_wavefronts_mem_shared.avg.pct_of_peak_sustained_elapsed",
      "smsp__inst_executed_pipe_fp64.avg.pct_of_peak_sustained_active",
      "smsp__pipe_fma_cycles_active.avg.pct_of_peak_sustained_active",
      "smsp__inst_executed_pipe_fp16.avg.pct_of_peak_sustained_active",
      "sm__pipe_tensor_op_hmma_cycles_active.avg.pct_of_peak_sustained_active",
      "sm__pipe_tensor_cycles_active.avg.pct_of_peak_sustained_active",
      "smsp__sass_thread_inst_executed_op_integer_pred_on.avg.pct_of_peak_sustained_active"}},
#define STALL(reason) "smsp__average_warps_issue_stalled_" reason "_per_issue_active.ratio"
    {"stall",
     {STALL("long_scoreboard"), STALL("short_scoreboard"), STALL("barrier"), STALL("wait"),
      STALL("lg_throttle"), STALL("mio_throttle"), STALL("math_pipe_throttle"),
      STALL("not_selected"), STALL("selected"), STALL("no_instruction"), STALL("membar")}},
#undef STALL
    {"mem",
     {"smsp__sass_average_data_bytes_per_sector_mem_global_op_ld.pct",
      "smsp__sass_average_data_bytes_per_sector_mem_global_op_st.pct",
      "l1tex__data_bank_conflicts_pipe_lsu_mem_shared_op_ld.sum",
      "l1tex__data_bank_conflicts_pipe_lsu_mem_shared_op_st.sum", "lts__t_sectors.sum",
      "lts__t_sector_hit_rate.pct", "l1tex__t_sector_hit_rate.pct", "dram__bytes_read.sum",
      "dram__bytes_write.sum"}},
};

struct counters {
    const struct cupti *cupti;
    const char *names[NAMES_MOST];
    uint32_t count;
    void *host, *profiler;
    uint8_t *availability, *config, *data;
    size_t config_bytes, data_bytes;
    const char *doing; /* what failed, and with what */
    int result;
};

/* Remember the first call that failed. */
static bool did(struct counters *counters, const char *doing, int result) {
    if (result && !counters->result) {
        counters->doing = doing;
        counters->result = result;
    }
    return result == 0;
}

void counters_say(const struct counters *counters, char *text, size_t size) {
    const char *why = "";
    counters->cupti->result_text(counters->result, &why);
    if (counters->result == CUPTI_NOT_PERMITTED)
        snprintf(text, size,
                 "not_permitted: counters need CAP_SYS_ADMIN or the driver's option "
                 "NVreg_RestrictProfilingToAdminUsers=0");
    else
        snprintf(text, size, "failed: %s gave %d (%.60s)", counters->doing, counters->result,
                 why ? why : "");
}

/* What this chip can count at all, here. */
static bool open_host(struct counters *counters, int device, void *context) {
    const struct cupti *cupti = counters->cupti;
    struct cupti_nothing init = {.size = sizeof init};
    struct cupti_chip chip = {.size = CUPTI_SIZE(struct cupti_chip, name),
                              .device = (size_t)device};
    struct cupti_availability available = {.size = CUPTI_SIZE(struct cupti_availability, image),
                                           .context = context};
    if (!did(counters, "cuptiProfilerInitialize", cupti->profiler_init(&init)) ||
        !did(counters, "cuptiDeviceGetChipName", cupti->chip_name(&chip)) ||
        !did(counters, "cuptiProfilerGetCounterAvailability", cupti->availability(&available)))
        return false;
    counters->availability = available.image = calloc(1, available.bytes + 1);
    if (!available.image ||
        !did(counters, "cuptiProfilerGetCounterAvailability", cupti->availability(&available)))
        return false;
    struct cupti_host host = {.size = CUPTI_SIZE(struct cupti_host, host),
                              .type = CUPTI_RANGE_PROFILER,
                              .chip = chip.name,
                              .availability = available.image};
    if (!did(counters, "cuptiProfilerHostInitialize", cupti->host_init(&host)))
        return false;
    counters->host = host.host;
    return true;
}

/* One by one: a name that is not there must not cost the others. */
static void choose(struct counters *counters, const char *const *names) {
    for (int i = 0; i < NAMES_MOST && names[i]; i++) {
        const char *name = names[i];
        struct cupti_add add = {.size = CUPTI_SIZE(struct cupti_add, count),
                                .host = counters->host,
                                .names = &name,
                                .count = 1};
        if (counters->cupti->host_add(&add) == 0)
            counters->names[counters->count++] = name;
    }
}

static bool make_config(struct counters *counters) {
    struct cupti_config_size size = {.size = CUPTI_SIZE(struct cupti_config_size, bytes),
                                     .host = counters->host};
    if (!did(counters, "cuptiProfilerHostGetConfigImageSize",
             counters->cupti->host_config_size(&size)))
        return false;
    counters->config_bytes = size.bytes;
    counters->config = calloc(1, size.bytes + 1);
    struct cupti_config config = {.size = CUPTI_SIZE(struct cupti_config, image),
                                  .host = counters->host,
                                  .bytes = size.bytes,
                                  .image = counters->config};
    return config.image &&
           did(counters, "cuptiProfilerHostGetConfigImage", counters->cupti->host_config(&config));
}

static bool open_profiler(struct counters *counters, void *context) {
    const struct cupti *cupti = counters->cupti;
    struct cupti_enable enable = {.size = CUPTI_SIZE(struct cupti_enable, profiler),
                                  .context = context};
    if (!did(counters, "cuptiRangeProfilerEnable", cupti->profiler_enable(&enable)))
        return false;
    counters->profiler = enable.profiler;
    struct cupti_data_size size = {.size = CUPTI_SIZE(struct cupti_data_size, bytes),
                                   .profiler = counters->profiler,
                                   .names = counters->names,
                                   .count = counters->count,
                                   .ranges = 1,
                                   .nodes = 1};
    if (!did(counters, "cuptiRangeProfilerGetCounterDataSize", cupti->data_size(&size)))
        return false;
    counters->data_bytes = size.bytes;
    counters->data = calloc(1, size.bytes + 1);
    struct cupti_data data = {.size = CUPTI_SIZE(struct cupti_data, data),
                              .profiler = counters->profiler,
                              .bytes = size.bytes,
                              .data = counters->data};
    struct cupti_set set = {.size = CUPTI_SIZE(struct cupti_set, target_level),
                            .profiler = counters->profiler,
                            .config_bytes = counters->config_bytes,
                            .config = counters->config,
                            .data_bytes = size.bytes,
                            .data = counters->data,
                            .range = CUPTI_RANGE_OF_USER,
                            .replay = CUPTI_REPLAY_BY_USER,
                            .ranges = 1,
                            .levels = 1,
                            .least_level = 1,
                            .target_level = 1};
    return data.data &&
           did(counters, "cuptiRangeProfilerCounterDataImageInitialize", cupti->data_init(&data)) &&
           did(counters, "cuptiRangeProfilerSetConfig", cupti->profiler_set(&set));
}

static const char *const *find_set(const char *name) {
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        if (strcmp(sets[i].name, name) == 0)
            return sets[i].counters;
    return NULL;
}

int counters_open(struct tracer *tracer, int device, void *context, const char *set,
                  struct counters **opened, char *text, size_t size) {
    const char *const *names = find_set(set);
    *opened = NULL;
    if (!names) {
        snprintf(text, size, "unknown_set: no set of counters `%.20s`: cm12, kb, kf4, mem, stall",
                 set);
        return -1;
    }
    if (!tracer_cupti(tracer)->has_counters) {
        snprintf(text, size, "unsupported: this CUPTI has no range profiler (12.6 and later do)");
        return -1;
    }
    struct counters *counters = calloc(1, sizeof *counters);
    if (!counters) {
        snprintf(text, size, "failed: out of memory");
        return -1;
    }
    counters->cupti = tracer_cupti(tracer);
    bool opens = open_host(counters, device, context);
    if (opens) {
        choose(counters, names);
        opens = counters->count && make_config(counters) && open_profiler(counters, context);
    }
    if (opens) {
        *opened = counters;
        return 0;
    }
    if (counters->result)
        counters_say(counters, text, size);
    else
        snprintf(text, size, "unsupported: this device has no counter of the set `%.20s`", set);
    counters_close(counters);
    return -1;
}

void counters_close(struct counters *counters) {
    if (!counters)
        return;
    struct cupti_of_profiler disable = {.size = sizeof disable, .profiler = counters->profiler};
    struct cupti_of_host finish = {.size = sizeof finish, .host = counters->host};
    if (counters->profiler)
        counters->cupti->profiler_disable(&disable);
    if (counters->host)
        counters->cupti->host_finish(&finish);
    free(counters->availability);
    free(counters->config);
    free(counters->data);
    free(counters);
}

int counters_pass_begin(struct counters *counters) {
    struct cupti_of_profiler start = {.size = sizeof start, .profiler = counters->profiler};
    struct cupti_range range = {.size = CUPTI_SIZE(struct cupti_range, name),
                                .profiler = counters->profiler,
                                .name = "plan"};
    return did(counters, "cuptiRangeProfilerStart", counters->cupti->profiler_start(&start)) &&
                   did(counters, "cuptiRangeProfilerPushRange", counters->cupti->range_push(&range))
               ? 0
               : -1;
}

int counters_pass_end(struct counters *counters, bool *more) {
    struct cupti_of_profiler pop = {.size = sizeof pop, .profiler = counters->profiler};
    struct cupti_stop stop = {.size = CUPTI_SIZE(struct cupti_stop, all_submitted),
                              .profiler = counters->profiler};
    bool good = did(counters, "cuptiRangeProfilerPopRange", counters->cupti->range_pop(&pop)) &&
                did(counters, "cuptiRangeProfilerStop", counters->cupti->profiler_stop(&stop));
    *more = good && !stop.all_submitted;
    return good ? 0 : -1;
}

int counters_read(struct counters *counters, struct hone_profile_counter *values,
                  uint32_t capacity) {
    double numbers[NAMES_MOST];
    struct cupti_decode decode = {.size = CUPTI_SIZE(struct cupti_decode, dropped),
                                  .profiler = counters->profiler};
    struct cupti_values evaluate = {.size = CUPTI_SIZE(struct cupti_values, values),
                                    .host = counters->host,
                                    .data = counters->data,
                                    .bytes = counters->data_bytes,
                                    .names = counters->names,
                                    .count = counters->count,
                                    .values = numbers};
    if (!did(counters, "cuptiRangeProfilerDecodeData", counters->cupti->profiler_decode(&decode)) ||
        !did(counters, "cuptiProfilerHostEvaluateToGpuValues",
             counters->cupti->host_values(&evaluate)))
        return -1;
    uint32_t count = 0;
    for (uint32_t i = 0; i < counters->count && count < capacity; i++) {
        if (!isfinite(numbers[i]))
            continue;
        values[count] = (struct hone_profile_counter){.value = numbers[i]};
        snprintf(values[count++].name, sizeof values->name, "%s", counters->names[i]);
    }
    return (int)count;
}
