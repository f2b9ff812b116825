#include "hardware/cuda/agreement.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#define US 1000u

static char text[160];

/* A call of 100 us, swept before for 60, launched at a cost of 8. */
static struct hone_launcher_times honest(void) {
    return (struct hone_launcher_times){
        .kernel_ns = 100 * US, .device_ns = 160 * US, .host_ns = 167 * US, .overhead_ns = 8 * US};
}

static bool holds_after(const struct hone_launcher_times *times, uint32_t goes,
                        struct agreement *agreement) {
    for (uint32_t i = 0; i < goes; i++)
        agreement_note(agreement, times, 1);
    return agreement_holds(agreement, text, sizeof text);
}

Test(cuda_agreement, believes_clocks_that_agree) {
    struct agreement agreement = {0};
    struct hone_launcher_times times = honest();
    cr_expect(holds_after(&times, 100, &agreement));
    times.traced_calls = 1;
    times.traced_kernel_ns = times.kernel_ns;
    times.traced_ns = 97 * US;
    cr_expect(holds_after(&times, 100, &agreement));
}

Test(cuda_agreement, forgives_a_busy_machine_now_and_then) {
    struct agreement agreement = {0};
    struct hone_launcher_times times = honest(), late = honest();
    late.host_ns = 900 * US;
    for (int i = 0; i < 100; i++)
        agreement_note(&agreement, i % 5 ? &times : &late, 1);
    cr_expect(agreement_holds(&agreement, text, sizeof text));
}

Test(cuda_agreement, disputes_a_host_that_always_waits_longer) {
    struct agreement agreement = {0};
    struct hone_launcher_times times = honest();
    times.host_ns = 200 * US;
    cr_expect(holds_after(&times, 3, &agreement));
    cr_expect(not(holds_after(&times, 1, &agreement)));
    cr_expect(strstr(text, "4 of 4") != NULL, "%s", text);
}

Test(cuda_agreement, forgives_any_wait_for_a_core_and_nothing_beside_it) {
    struct agreement agreement = {0};
    struct hone_launcher_times times = honest();
    times.host_ns += 2000 * US;
    times.waited_ns = 2000 * US;
    cr_expect(holds_after(&times, 100, &agreement));
    times.host_ns += 33 * US;
    agreement = (struct agreement){0};
    cr_expect(not(holds_after(&times, 4, &agreement)));
}

Test(cuda_agreement, disputes_events_longer_than_the_host_saw) {
    struct agreement agreement = {0};
    struct hone_launcher_times times = honest();
    times.device_ns = 190 * US;
    cr_expect(holds_after(&times, 1, &agreement));
    cr_expect(not(holds_after(&times, 1, &agreement)));
}

Test(cuda_agreement, disputes_a_plan_longer_than_itself_with_the_sweep) {
    struct agreement agreement = {0};
    struct hone_launcher_times times = honest();
    times.kernel_ns = 165 * US;
    cr_expect(not(holds_after(&times, 2, &agreement)));
}

Test(cuda_agreement, disputes_records_that_differ_or_lack_three_times) {
    struct agreement agreement = {0};
    struct hone_launcher_times times = honest();
    times.traced_calls = 1;
    times.traced_kernel_ns = times.kernel_ns;
    times.traced_ns = 109 * US;
    cr_expect(holds_after(&times, 2, &agreement));
    times.missing_calls = 1;
    cr_expect(not(holds_after(&times, 1, &agreement)));
    cr_expect(strstr(text, "3 of 3") != NULL, "%s", text);
}

Test(cuda_agreement, allows_what_tracing_costs_on_this_device) {
    struct agreement agreement = {0};
    struct hone_launcher_times times = honest();
    times.traced_calls = 1;
    times.traced_kernel_ns = times.kernel_ns;
    times.traced_ns = 89 * US;
    times.trace_overhead_ns = 7 * US;
    cr_expect(holds_after(&times, 10, &agreement));
    times.trace_overhead_ns = 4 * US;
    agreement = (struct agreement){0};
    cr_expect(not(holds_after(&times, 3, &agreement)));
}

Test(cuda_agreement, forgives_a_record_that_got_lost) {
    struct agreement agreement = {0};
    struct hone_launcher_times times = honest(), lost;
    times.traced_calls = 1;
    times.traced_kernel_ns = times.traced_ns = times.kernel_ns;
    lost = times;
    lost.missing_calls = 1;
    for (int i = 0; i < 100; i++)
        agreement_note(&agreement, i % 10 ? &times : &lost, 1);
    cr_expect(agreement_holds(&agreement, text, sizeof text));
}
