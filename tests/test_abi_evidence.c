/* Numbers written down once: what runs store. If a line here must change, so must
 * HONE_EVIDENCE_VERSION; adding at the end is what is allowed, and adds a line. */
#include "plugins/evidence.h"
#include "tests/abi/place.h"

Test(abi, never_moves_a_field_of_hone_workload_row) {
    SIZE(struct hone_workload_row, 568);
    PLACE(struct hone_workload_row, id, 0);
    PLACE(struct hone_workload_row, set, 32);
    PLACE(struct hone_workload_row, verdict, 36);
    PLACE(struct hone_workload_row, reason, 40);
    PLACE(struct hone_workload_row, facts, 44);
    PLACE(struct hone_workload_row, samples, 48);
    PLACE(struct hone_workload_row, calls, 52);
    PLACE(struct hone_workload_row, axis_count, 56);
    PLACE(struct hone_workload_row, baseline_count, 60);
    PLACE(struct hone_workload_row, axes, 64);
    PLACE(struct hone_workload_row, kernel_ns, 128);
    PLACE(struct hone_workload_row, baseline_ns, 136);
    PLACE(struct hone_workload_row, speedup, 168);
    PLACE(struct hone_workload_row, speedup_low, 176);
    PLACE(struct hone_workload_row, speedup_high, 184);
    PLACE(struct hone_workload_row, max_error, 192);
    PLACE(struct hone_workload_row, rel_l2, 200);
    PLACE(struct hone_workload_row, roofline_ns, 208);
    PLACE(struct hone_workload_row, kernel_cpu_ns, 216);
    PLACE(struct hone_workload_row, flops, 224);
    PLACE(struct hone_workload_row, bytes, 232);
    PLACE(struct hone_workload_row, deviation, 240);
    PLACE(struct hone_workload_row, honest, 312);
    PLACE(struct hone_workload_row, flags, 384);
    PLACE(struct hone_workload_row, reserved, 388);
    PLACE(struct hone_workload_row, precision, 392);
    PLACE(struct hone_workload_row, honest_precision, 480);
}

Test(abi, never_moves_a_field_of_hone_precision) {
    SIZE(struct hone_precision, 88);
    PLACE(struct hone_precision, steps, 0);
    PLACE(struct hone_precision, grain, 8);
    PLACE(struct hone_precision, slope, 16);
    PLACE(struct hone_precision, lost_bits, 24);
    PLACE(struct hone_precision, chance, 56);
}

Test(abi, never_moves_a_field_of_hone_profile_row) {
    SIZE(struct hone_profile_row, 136);
    PLACE(struct hone_profile_row, name, 0);
    PLACE(struct hone_profile_row, time_ns, 64);
    PLACE(struct hone_profile_row, grid, 72);
    PLACE(struct hone_profile_row, block, 96);
    PLACE(struct hone_profile_row, plan_step, 120);
    PLACE(struct hone_profile_row, registers, 124);
    PLACE(struct hone_profile_row, shared_bytes, 128);
    PLACE(struct hone_profile_row, local_bytes, 132);
}

Test(abi, never_moves_a_field_of_hone_finding) {
    SIZE(struct hone_finding, 256);
    PLACE(struct hone_finding, rule, 0);
    PLACE(struct hone_finding, severity, 32);
    PLACE(struct hone_finding, line, 36);
    PLACE(struct hone_finding, text, 40);
}

Test(abi, never_moves_a_field_of_hone_deviation) {
    SIZE(struct hone_deviation, 72);
    PLACE(struct hone_deviation, count, 0);
    PLACE(struct hone_deviation, rel_l2, 8);
    PLACE(struct hone_deviation, mean, 16);
    PLACE(struct hone_deviation, rms, 24);
    PLACE(struct hone_deviation, outward, 32);
    PLACE(struct hone_deviation, above, 40);
    PLACE(struct hone_deviation, short_mantissa, 64);
}

Test(abi, never_moves_a_field_of_hone_probe_row) {
    SIZE(struct hone_probe_row, 104);
    PLACE(struct hone_probe_row, id, 0);
    PLACE(struct hone_probe_row, kind, 32);
    PLACE(struct hone_probe_row, set, 36);
    PLACE(struct hone_probe_row, calls, 40);
    PLACE(struct hone_probe_row, right, 44);
    PLACE(struct hone_probe_row, line, 48);
    PLACE(struct hone_probe_row, argument, 52);
    PLACE(struct hone_probe_row, ns, 56);
    PLACE(struct hone_probe_row, ns_high, 64);
    PLACE(struct hone_probe_row, reference_ns, 72);
    PLACE(struct hone_probe_row, reference_ns_low, 80);
    PLACE(struct hone_probe_row, moved, 88);
    PLACE(struct hone_probe_row, wanted_moved, 96);
}

Test(abi, never_moves_a_field_of_hone_evidence) {
    SIZE(struct hone_evidence, 680);
    PLACE(struct hone_evidence, size, 0);
    PLACE(struct hone_evidence, version, 4);
    PLACE(struct hone_evidence, bytes, 8);
    PLACE(struct hone_evidence, verdict, 12);
    PLACE(struct hone_evidence, reason, 16);
    PLACE(struct hone_evidence, flags, 20);
    PLACE(struct hone_evidence, valid, 24);
    PLACE(struct hone_evidence, stages, 28);
    PLACE(struct hone_evidence, speedup, 32);
    PLACE(struct hone_evidence, speedup_low, 40);
    PLACE(struct hone_evidence, speedup_high, 48);
    PLACE(struct hone_evidence, kernel_ns, 56);
    PLACE(struct hone_evidence, baseline_ns, 64);
    PLACE(struct hone_evidence, noise, 72);
    PLACE(struct hone_evidence, coverage, 80);
    PLACE(struct hone_evidence, roofline_ns, 88);
    PLACE(struct hone_evidence, roofline_fraction, 96);
    PLACE(struct hone_evidence, samples, 104);
    PLACE(struct hone_evidence, baseline_count, 108);
    PLACE(struct hone_evidence, baseline_name, 112);
    PLACE(struct hone_evidence, source_bytes, 240);
    PLACE(struct hone_evidence, binary_bytes, 244);
    PLACE(struct hone_evidence, plan_steps, 248);
    PLACE(struct hone_evidence, op_steps, 252);
    PLACE(struct hone_evidence, language, 256);
    PLACE(struct hone_evidence, device, 272);
    PLACE(struct hone_evidence, turn, 304);
    PLACE(struct hone_evidence, turns, 308);
    PLACE(struct hone_evidence, group, 312);
    PLACE(struct hone_evidence, parent_kernel_ns, 320);
    PLACE(struct hone_evidence, parent_speedup, 328);
    PLACE(struct hone_evidence, best_kernel_ns, 336);
    PLACE(struct hone_evidence, best_speedup, 344);
    PLACE(struct hone_evidence, stage_ns, 352);
    PLACE(struct hone_evidence, workload_offset, 432);
    PLACE(struct hone_evidence, workload_count, 436);
    PLACE(struct hone_evidence, workload_size, 440);
    PLACE(struct hone_evidence, profile_offset, 444);
    PLACE(struct hone_evidence, profile_count, 448);
    PLACE(struct hone_evidence, profile_size, 452);
    PLACE(struct hone_evidence, finding_offset, 456);
    PLACE(struct hone_evidence, finding_count, 460);
    PLACE(struct hone_evidence, finding_size, 464);
    PLACE(struct hone_evidence, reserved, 468);
    PLACE(struct hone_evidence, parent_coverage, 472);
    PLACE(struct hone_evidence, parent_roofline_fraction, 480);
    PLACE(struct hone_evidence, clock_hz, 488);
    PLACE(struct hone_evidence, memory_bandwidth, 496);
    PLACE(struct hone_evidence, peak_flops, 504);
    PLACE(struct hone_evidence, gives, 512);
    PLACE(struct hone_evidence, gathered, 516);
    PLACE(struct hone_evidence, probe_offset, 520);
    PLACE(struct hone_evidence, probe_count, 524);
    PLACE(struct hone_evidence, probe_size, 528);
    PLACE(struct hone_evidence, reserved_probe, 532);
    PLACE(struct hone_evidence, counter_offset, 536);
    PLACE(struct hone_evidence, counter_count, 540);
    PLACE(struct hone_evidence, counter_size, 544);
    PLACE(struct hone_evidence, reserved_counter, 548);
    PLACE(struct hone_evidence, profile_note, 552);
}

Test(abi, never_renumbers_what_is_stored) {
    cr_expect(eq(u32, HONE_EVIDENCE_VERSION, 1));
    cr_expect(eq(int, HONE_PASSED, 1));
    cr_expect(eq(int, HONE_PARTIAL, 2));
    cr_expect(eq(int, HONE_REJECTED, 3));
    cr_expect(eq(int, HONE_COMPILE_FAILED, 4));
    cr_expect(eq(int, HONE_POLICY_VIOLATION, 5));
    cr_expect(eq(int, HONE_CRASHED, 6));
    cr_expect(eq(int, HONE_TIMED_OUT, 7));
    cr_expect(eq(int, HONE_WRONG, 8));
    cr_expect(eq(int, HONE_HACKED, 9));
    cr_expect(eq(int, HONE_INFRA_FAILED, 10));

    cr_expect(eq(int, HONE_REASON_NONE, 0));
    cr_expect(eq(int, HONE_REASON_VALUES, 1));
    cr_expect(eq(int, HONE_REASON_NON_FINITE, 2));
    cr_expect(eq(int, HONE_REASON_UNWRITTEN, 3));
    cr_expect(eq(int, HONE_REASON_OUT_OF_BOUNDS, 4));
    cr_expect(eq(int, HONE_REASON_INPUT_CHANGED, 5));
    cr_expect(eq(int, HONE_REASON_NONDETERMINISTIC, 6));
    cr_expect(eq(int, HONE_REASON_TASK, 7));
    cr_expect(eq(int, HONE_REASON_LANGUAGE, 8));
    cr_expect(eq(int, HONE_REASON_OPTION, 9));
    cr_expect(eq(int, HONE_REASON_SOURCE_SIZE, 10));
    cr_expect(eq(int, HONE_REASON_PLAN, 11));
    cr_expect(eq(int, HONE_REASON_BUDGET, 12));
    cr_expect(eq(int, HONE_REASON_EPISODE_OVER, 13));
    cr_expect(eq(int, HONE_REASON_QUARANTINED, 14));
    cr_expect(eq(int, HONE_REASON_COMPILER, 15));
    cr_expect(eq(int, HONE_REASON_LINKER, 16));
    cr_expect(eq(int, HONE_REASON_IMPORT, 17));
    cr_expect(eq(int, HONE_REASON_SECTION, 18));
    cr_expect(eq(int, HONE_REASON_SYSTEM_CALL, 19));
    cr_expect(eq(int, HONE_REASON_LIMIT, 20));
    cr_expect(eq(int, HONE_REASON_SIGNAL, 21));
    cr_expect(eq(int, HONE_REASON_EXIT, 22));
    cr_expect(eq(int, HONE_REASON_WORKER_LOST, 23));
    cr_expect(eq(int, HONE_REASON_COMPILE_TIME, 24));
    cr_expect(eq(int, HONE_REASON_CALL_TIME, 25));
    cr_expect(eq(int, HONE_REASON_STEP_TIME, 26));
    cr_expect(eq(int, HONE_REASON_FINDING, 27));
    cr_expect(eq(int, HONE_REASON_WORKER, 28));
    cr_expect(eq(int, HONE_REASON_PLUGIN, 29));
    cr_expect(eq(int, HONE_REASON_SYSTEM, 30));
    cr_expect(eq(int, HONE_REASON_CANCELLED, 31));
    cr_expect(eq(int, HONE_STAGE_ADMIT, 0));
    cr_expect(eq(int, HONE_STAGE_INSPECT_SOURCE, 1));
    cr_expect(eq(int, HONE_STAGE_COMPILE, 2));
    cr_expect(eq(int, HONE_STAGE_INSPECT_BINARY, 3));
    cr_expect(eq(int, HONE_STAGE_VERIFY, 4));
    cr_expect(eq(int, HONE_STAGE_TIME, 5));
    cr_expect(eq(int, HONE_STAGE_PROFILE, 6));
    cr_expect(eq(int, HONE_STAGE_INSPECT_RUN, 7));
    cr_expect(eq(int, HONE_STAGE_SCORE, 8));
    cr_expect(eq(int, HONE_STAGE_OBSERVE, 9));
    cr_expect(eq(int, HONE_NOTE, 1));
    cr_expect(eq(int, HONE_WARN, 2));
    cr_expect(eq(int, HONE_ZERO, 3));
    cr_expect(eq(int, HONE_QUARANTINE, 4));
    cr_expect(eq(int, HONE_DEBUG, 1));
    cr_expect(eq(int, HONE_VERIFY, 2));
    cr_expect(eq(int, HONE_BENCH, 3));
    cr_expect(eq(int, HONE_HIDDEN, 4));
    cr_expect(eq(int, HONE_FACT_UNWRITTEN, 1));
    cr_expect(eq(int, HONE_FACT_GUARD_BROKEN, 2));
    cr_expect(eq(int, HONE_FACT_FAULT_BEYOND, 4));
    cr_expect(eq(int, HONE_FACT_INPUT_CHANGED, 8));
    cr_expect(eq(int, HONE_FACT_INPUT_FAULT, 16));
    cr_expect(eq(int, HONE_FACT_NON_FINITE, 32));
    cr_expect(eq(int, HONE_HAS_SPEEDUP, 1));
    cr_expect(eq(int, HONE_HAS_KERNEL_NS, 2));
    cr_expect(eq(int, HONE_HAS_BASELINE_NS, 4));
    cr_expect(eq(int, HONE_HAS_NOISE, 8));
    cr_expect(eq(int, HONE_HAS_COVERAGE, 16));
    cr_expect(eq(int, HONE_HAS_ROOFLINE, 32));
    cr_expect(eq(int, HONE_HAS_PARENT, 64));
    cr_expect(eq(int, HONE_HAS_BEST, 128));
    cr_expect(eq(int, HONE_EMULATED, 1));
    cr_expect(eq(int, HONE_NOISY, 2));
    cr_expect(eq(int, HONE_CONFIRMED, 4));
}
