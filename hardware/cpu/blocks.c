#include "hardware/cpu/cpu.h"

#include <stdio.h>
#include <string.h>

struct hone_control *hone_cpu_control(const struct process *process) {
    return (struct hone_control *)(void *)(process->runner->slots +
                                           process->slot * HONE_SLOT_BYTES);
}

static struct hone_report *find_report(const struct process *process) {
    return (struct hone_report *)(void *)(process->runner->reports +
                                          process->slot * HONE_REPORT_BYTES);
}

void hone_cpu_control_begin(struct process *process, const struct hone_process_request *request,
                            uint64_t stack_bytes) {
    struct hone_control *control = hone_cpu_control(process);
    const uint32_t most = HONE_CONTROL_REGIONS_MAX;
    const bool is_checked = request->flags & HONE_PROCESS_CHECKING;
    process->blocks = request->plan_entry_count && request->entries[0].kind == HONE_STEP_LAUNCH;
    memset(find_report(process), 0, sizeof(struct hone_report));
    /* Sizes of arguments are for the checks alone: other processes may have workloads of which
     * nobody shall know them. */
    *control = (struct hone_control){.order = HONE_ORDER_FORWARD, .stack_bytes = stack_bytes};
    if (is_checked)
        control->region_count = request->region_count < most ? request->region_count : most;
    const bool exact = request->size >= sizeof *request && request->extents;
    for (uint32_t i = 0; i < control->region_count; i++) {
        const struct hone_region *region = &request->regions[i];
        control->regions[i].address = exact ? request->extents[i].address : region->address;
        control->regions[i].bytes = exact ? request->extents[i].bytes : region->bytes;
        control->regions[i].writable = region->writable != 0;
    }
}

/* It may say anything: a reason that is none of these means nothing. */
static bool is_reason(uint32_t reason) {
    return reason == HONE_REASON_SIGNAL || reason == HONE_REASON_NONDETERMINISTIC ||
           reason == HONE_REASON_OUT_OF_BOUNDS;
}

/* Whatever bytes it left, the text is printable ASCII. */
static void copy_text(char *to, size_t size, const char *from, size_t most) {
    size_t length = 0;
    for (; length + 1 < size && length < most && from[length]; length++)
        to[length] = from[length] >= ' ' && from[length] <= '~' ? from[length] : '?';
    to[length] = '\0';
}

bool hone_cpu_read_report(const struct process *process, struct hone_go_result *result) {
    const struct hone_report *report = find_report(process);
    if (!process->blocks || report->magic != HONE_REPORT_MAGIC || !is_reason(report->reason))
        return false;
    result->status = HONE_GO_REPORTED;
    result->code = (int32_t)report->reason;
    copy_text(result->report, sizeof result->report, report->text, sizeof report->text);
    return true;
}
