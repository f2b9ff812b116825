/* Numbers written down once: what crosses plugins/hardware.h, as test_abi.c. */
#include "plugins/hardware.h"
#include "tests/abi/place.h"

Test(abi, never_moves_a_field_of_hone_device) {
    SIZE(struct hone_device, 552);
    PLACE(struct hone_device, size, 0);
    PLACE(struct hone_device, measuring_cpu, 4);
    PLACE(struct hone_device, id, 8);
    PLACE(struct hone_device, name, 40);
    PLACE(struct hone_device, fingerprint, 136);
    PLACE(struct hone_device, confinement, 392);
    PLACE(struct hone_device, protocol, 396);
    PLACE(struct hone_device, clock_hz, 464);
    PLACE(struct hone_device, memory_bandwidth, 472);
    PLACE(struct hone_device, peak_flops, 480);
    PLACE(struct hone_device, sm_count, 488);
    PLACE(struct hone_device, warp_size, 496);
    PLACE(struct hone_device, max_shared_bytes, 504);
    PLACE(struct hone_device, l2_bytes, 512);
    PLACE(struct hone_device, peak_tf32, 520);
    PLACE(struct hone_device, peak_bf16, 528);
    PLACE(struct hone_device, memory_bytes, 536);
    PLACE(struct hone_device, gives, 544);
    PLACE(struct hone_device, flags, 548);
}

Test(abi, never_moves_a_field_of_hone_plan_entry) {
    SIZE(struct hone_plan_entry, 32);
    PLACE(struct hone_plan_entry, name, 0);
    PLACE(struct hone_plan_entry, kind, 8);
    PLACE(struct hone_plan_entry, line, 12);
    PLACE(struct hone_plan_entry, argument_count, 16);
    PLACE(struct hone_plan_entry, reserved, 20);
    PLACE(struct hone_plan_entry, arguments, 24);
}

Test(abi, never_moves_a_field_of_hone_plan_entry_argument) {
    SIZE(struct hone_plan_entry_argument, 12);
    PLACE(struct hone_plan_entry_argument, kind, 0);
    PLACE(struct hone_plan_entry_argument, type_code, 4);
    PLACE(struct hone_plan_entry_argument, type_bits, 5);
    PLACE(struct hone_plan_entry_argument, writes, 6);
    PLACE(struct hone_plan_entry_argument, reserved, 7);
}

Test(abi, never_moves_a_field_of_hone_compile_request) {
    SIZE(struct hone_compile_request, 88);
    PLACE(struct hone_compile_request, size, 0);
    PLACE(struct hone_compile_request, device, 4);
    PLACE(struct hone_compile_request, language, 8);
    PLACE(struct hone_compile_request, source, 16);
    PLACE(struct hone_compile_request, source_bytes, 24);
    PLACE(struct hone_compile_request, options, 32);
    PLACE(struct hone_compile_request, prelude, 40);
    PLACE(struct hone_compile_request, epilogue, 48);
    PLACE(struct hone_compile_request, entry_count, 56);
    PLACE(struct hone_compile_request, flags, 60);
    PLACE(struct hone_compile_request, entries, 64);
    PLACE(struct hone_compile_request, plan_entry_count, 72);
    PLACE(struct hone_compile_request, plan_reserved, 76);
    PLACE(struct hone_compile_request, library, 80);
}

Test(abi, never_moves_a_field_of_hone_job_file) {
    SIZE(struct hone_job_file, 24);
    PLACE(struct hone_job_file, name, 0);
    PLACE(struct hone_job_file, bytes, 8);
    PLACE(struct hone_job_file, size, 16);
}

Test(abi, never_moves_a_field_of_hone_compile_job) {
    SIZE(struct hone_compile_job, 104);
    PLACE(struct hone_compile_job, size, 0);
    PLACE(struct hone_compile_job, file_count, 4);
    PLACE(struct hone_compile_job, files, 8);
    PLACE(struct hone_compile_job, arguments, 16);
    PLACE(struct hone_compile_job, output, 24);
    PLACE(struct hone_compile_job, output_limit_bytes, 32);
    PLACE(struct hone_compile_job, memory_limit_bytes, 40);
    PLACE(struct hone_compile_job, cpu_limit_s, 48);
    PLACE(struct hone_compile_job, wall_limit_s, 52);
    PLACE(struct hone_compile_job, toolchain, 56);
    PLACE(struct hone_compile_job, state, 64);
    PLACE(struct hone_compile_job, paths, 72);
    PLACE(struct hone_compile_job, header, 80);
    PLACE(struct hone_compile_job, process_limit, 88);
    PLACE(struct hone_compile_job, header_count, 92);
    PLACE(struct hone_compile_job, without_headers, 96);
}

Test(abi, never_moves_a_field_of_hone_compile_output) {
    SIZE(struct hone_compile_output, 48);
    PLACE(struct hone_compile_output, size, 0);
    PLACE(struct hone_compile_output, status, 4);
    PLACE(struct hone_compile_output, timed_out, 8);
    PLACE(struct hone_compile_output, reserved, 12);
    PLACE(struct hone_compile_output, diagnostics, 16);
    PLACE(struct hone_compile_output, diagnostics_bytes, 24);
    PLACE(struct hone_compile_output, bytes, 32);
    PLACE(struct hone_compile_output, byte_count, 40);
}

Test(abi, never_moves_a_field_of_hone_compile_result) {
    SIZE(struct hone_compile_result, 1056);
    PLACE(struct hone_compile_result, size, 0);
    PLACE(struct hone_compile_result, verdict, 4);
    PLACE(struct hone_compile_result, reason, 8);
    PLACE(struct hone_compile_result, reserved, 12);
    PLACE(struct hone_compile_result, message, 16);
    PLACE(struct hone_compile_result, image, 528);
    PLACE(struct hone_compile_result, image_bytes, 536);
    PLACE(struct hone_compile_result, note, 544);
}

Test(abi, never_moves_a_field_of_hone_region) {
    SIZE(struct hone_region, 32);
    PLACE(struct hone_region, address, 0);
    PLACE(struct hone_region, offset, 8);
    PLACE(struct hone_region, bytes, 16);
    PLACE(struct hone_region, fd, 24);
    PLACE(struct hone_region, writable, 28);
}

Test(abi, never_moves_a_field_of_hone_extent) {
    SIZE(struct hone_extent, 16);
    PLACE(struct hone_extent, address, 0);
    PLACE(struct hone_extent, bytes, 8);
}

Test(abi, never_moves_a_field_of_hone_process_request) {
    SIZE(struct hone_process_request, 80);
    PLACE(struct hone_process_request, size, 0);
    PLACE(struct hone_process_request, region_count, 4);
    PLACE(struct hone_process_request, regions, 8);
    PLACE(struct hone_process_request, image, 16);
    PLACE(struct hone_process_request, image_bytes, 24);
    PLACE(struct hone_process_request, stack_bytes, 32);
    PLACE(struct hone_process_request, memory_limit_bytes, 40);
    PLACE(struct hone_process_request, start_limit_ns, 48);
    PLACE(struct hone_process_request, entries, 56);
    PLACE(struct hone_process_request, plan_entry_count, 64);
    PLACE(struct hone_process_request, flags, 68);
    PLACE(struct hone_process_request, extents, 72);
}

Test(abi, never_moves_a_field_of_hone_go) {
    SIZE(struct hone_go, 56);
    PLACE(struct hone_go, size, 0);
    PLACE(struct hone_go, entry, 4);
    PLACE(struct hone_go, count, 8);
    PLACE(struct hone_go, word_count, 12);
    PLACE(struct hone_go, words, 16);
    PLACE(struct hone_go, limit_ns, 24);
    PLACE(struct hone_go, cpu_limit_ns, 32);
    PLACE(struct hone_go, order, 40);
    PLACE(struct hone_go, reserved, 44);
    PLACE(struct hone_go, order_seed, 48);
}

Test(abi, never_moves_a_field_of_hone_go_result) {
    SIZE(struct hone_go_result, 696);
    PLACE(struct hone_go_result, size, 0);
    PLACE(struct hone_go_result, status, 4);
    PLACE(struct hone_go_result, signal, 8);
    PLACE(struct hone_go_result, code, 12);
    PLACE(struct hone_go_result, address, 16);
    PLACE(struct hone_go_result, write_fault, 24);
    PLACE(struct hone_go_result, reserved, 28);
    PLACE(struct hone_go_result, wall_ns, 32);
    PLACE(struct hone_go_result, cpu_ns, 40);
    PLACE(struct hone_go_result, text, 48);
    PLACE(struct hone_go_result, report, 176);
    PLACE(struct hone_go_result, operator_ns, 688);
}

Test(abi, never_moves_a_field_of_hone_feature) {
    SIZE(struct hone_feature, 232);
    PLACE(struct hone_feature, size, 0);
    PLACE(struct hone_feature, there, 4);
    PLACE(struct hone_feature, name, 8);
    PLACE(struct hone_feature, text, 40);
}

Test(abi, never_moves_a_field_of_hone_hardware_ops) {
    SIZE(struct hone_hardware_ops, 160);
    PLACE(struct hone_hardware_ops, size, 0);
    PLACE(struct hone_hardware_ops, reserved, 4);
    PLACE(struct hone_hardware_ops, device_count, 8);
    PLACE(struct hone_hardware_ops, describe, 16);
    PLACE(struct hone_hardware_ops, supports, 24);
    PLACE(struct hone_hardware_ops, options, 32);
    PLACE(struct hone_hardware_ops, compile_begin, 40);
    PLACE(struct hone_hardware_ops, compile_end, 48);
    PLACE(struct hone_hardware_ops, compile_drop, 56);
    PLACE(struct hone_hardware_ops, runner_open, 64);
    PLACE(struct hone_hardware_ops, runner_close, 72);
    PLACE(struct hone_hardware_ops, process_start, 80);
    PLACE(struct hone_hardware_ops, process_go, 88);
    PLACE(struct hone_hardware_ops, process_stop, 96);
    PLACE(struct hone_hardware_ops, features, 104);
    PLACE(struct hone_hardware_ops, listing, 112);
    PLACE(struct hone_hardware_ops, profile, 120);
    PLACE(struct hone_hardware_ops, compile_next, 128);
    PLACE(struct hone_hardware_ops, process_prepare, 136);
    PLACE(struct hone_hardware_ops, process_look, 144);
    PLACE(struct hone_hardware_ops, has_operator, 152);
}

Test(abi, never_moves_a_field_of_what_a_device_makes_and_sees) {
    SIZE(struct hone_material, 88);
    PLACE(struct hone_material, address, 0);
    PLACE(struct hone_material, count, 8);
    PLACE(struct hone_material, kind, 16);
    PLACE(struct hone_material, format, 20);
    PLACE(struct hone_material, seed, 24);
    PLACE(struct hone_material, threshold, 32);
    PLACE(struct hone_material, low, 40);
    PLACE(struct hone_material, high, 48);
    PLACE(struct hone_material, center, 56);
    PLACE(struct hone_material, spread, 64);
    PLACE(struct hone_material, scale, 72);
    PLACE(struct hone_material, outlier_scale, 76);
    PLACE(struct hone_material, argument, 80);
    SIZE(struct hone_run, 16);
    PLACE(struct hone_run, before, 8);
    SIZE(struct hone_seen, 72);
    PLACE(struct hone_seen, changed, 0);
    PLACE(struct hone_seen, first_changed, 8);
    PLACE(struct hone_seen, last_changed, 16);
    PLACE(struct hone_seen, unwritten, 24);
    PLACE(struct hone_seen, poisoned_infinities, 32);
    PLACE(struct hone_seen, non_finite, 40);
    PLACE(struct hone_seen, first_strange, 48);
    PLACE(struct hone_seen, first_same, 56);
    PLACE(struct hone_seen, digest, 64);
    SIZE(struct hone_look, 256);
    PLACE(struct hone_look, kind, 0);
    PLACE(struct hone_look, unpoisoned, 4);
    PLACE(struct hone_look, material, 8);
    PLACE(struct hone_look, runs, 96);
    PLACE(struct hone_look, run_count, 104);
    PLACE(struct hone_look, element_count, 112);
    PLACE(struct hone_look, elements, 120);
    PLACE(struct hone_look, outer, 128);
    PLACE(struct hone_look, length, 136);
    PLACE(struct hone_look, inner, 144);
    PLACE(struct hone_look, sums, 152);
    PLACE(struct hone_look, sign_seed, 160);
    PLACE(struct hone_look, sign_argument, 168);
    PLACE(struct hone_look, digest_seed, 176);
    PLACE(struct hone_look, seen, 184);
}

Test(abi, never_moves_a_field_of_hone_profile) {
    SIZE(struct hone_profile_counter, 104);
    PLACE(struct hone_profile_counter, value, 96);
    SIZE(struct hone_profile, 176);
    PLACE(struct hone_profile, size, 0);
    PLACE(struct hone_profile, source, 4);
    PLACE(struct hone_profile, set, 8);
    PLACE(struct hone_profile, rows, 16);
    PLACE(struct hone_profile, row_capacity, 24);
    PLACE(struct hone_profile, row_count, 28);
    PLACE(struct hone_profile, counters, 32);
    PLACE(struct hone_profile, counter_capacity, 40);
    PLACE(struct hone_profile, counter_count, 44);
    PLACE(struct hone_profile, reason, 48);
}
