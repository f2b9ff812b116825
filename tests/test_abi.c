/* Numbers written down once: what crosses the plugin ABI. If a line here must change, so must
 * HONE_PLUGIN_ABI; adding at the end is what is allowed, and adds a line. */
#include "plugins/detector.h"
#include "plugins/operators.h"
#include "plugins/reward.h"
#include "plugins/task.h"
#include "tests/abi/build.h"
#include "tests/abi/place.h"

#include <glob.h>

Test(abi, never_moves_a_field_of_hone_error) {
    SIZE(struct hone_error, 512);
    PLACE(struct hone_error, text, 0);
}

Test(abi, never_moves_a_field_of_hone_option) {
    SIZE(struct hone_option, 56);
    PLACE(struct hone_option, name, 0);
    PLACE(struct hone_option, fallback, 8);
    PLACE(struct hone_option, summary, 16);
    PLACE(struct hone_option, choices, 24);
    PLACE(struct hone_option, low, 32);
    PLACE(struct hone_option, high, 40);
    PLACE(struct hone_option, type, 48);
    PLACE(struct hone_option, reserved, 52);
}

Test(abi, never_moves_a_field_of_hone_setting) {
    SIZE(struct hone_setting, 16);
    PLACE(struct hone_setting, name, 0);
    PLACE(struct hone_setting, value, 8);
}

Test(abi, never_moves_a_field_of_hone_host) {
    SIZE(struct hone_host, 40);
    PLACE(struct hone_host, size, 0);
    PLACE(struct hone_host, reserved, 4);
    PLACE(struct hone_host, self, 8);
    PLACE(struct hone_host, log, 16);
    PLACE(struct hone_host, now_ns, 24);
    PLACE(struct hone_host, service, 32);
}

Test(abi, never_moves_a_field_of_hone_plugin) {
    SIZE(struct hone_plugin, 72);
    PLACE(struct hone_plugin, abi, 0);
    PLACE(struct hone_plugin, size, 4);
    PLACE(struct hone_plugin, kind, 8);
    PLACE(struct hone_plugin, flags, 12);
    PLACE(struct hone_plugin, name, 16);
    PLACE(struct hone_plugin, version, 24);
    PLACE(struct hone_plugin, summary, 32);
    PLACE(struct hone_plugin, options, 40);
    PLACE(struct hone_plugin, create, 48);
    PLACE(struct hone_plugin, destroy, 56);
    PLACE(struct hone_plugin, task, 64);
    PLACE(struct hone_plugin, reward, 64);
    PLACE(struct hone_plugin, detector, 64);
    PLACE(struct hone_plugin, hardware, 64);
    PLACE(struct hone_plugin, ops, 64);
}

Test(abi, never_moves_a_field_of_hone_tensor) {
    SIZE(struct hone_operator_attribute, 24);
    PLACE(struct hone_operator_attribute, name, 0);
    PLACE(struct hone_operator_attribute, values, 8);
    PLACE(struct hone_operator_attribute, count, 16);
    SIZE(struct hone_tensor, 48);
    PLACE(struct hone_tensor, data, 0);
    PLACE(struct hone_tensor, device_type, 8);
    PLACE(struct hone_tensor, device_id, 12);
    PLACE(struct hone_tensor, ndim, 16);
    PLACE(struct hone_tensor, type_code, 20);
    PLACE(struct hone_tensor, type_bits, 21);
    PLACE(struct hone_tensor, type_lanes, 22);
    PLACE(struct hone_tensor, shape, 24);
    PLACE(struct hone_tensor, strides, 32);
    PLACE(struct hone_tensor, byte_offset, 40);
}

Test(abi, never_moves_a_field_of_hone_task_file) {
    SIZE(struct hone_task_file, 24);
    PLACE(struct hone_task_file, name, 0);
    PLACE(struct hone_task_file, text, 8);
    PLACE(struct hone_task_file, bytes, 16);
}

Test(abi, never_moves_a_field_of_hone_task_description) {
    SIZE(struct hone_task_description, 24);
    PLACE(struct hone_task_description, size, 0);
    PLACE(struct hone_task_description, file_count, 4);
    PLACE(struct hone_task_description, files, 8);
    PLACE(struct hone_task_description, origin, 16);
}

Test(abi, never_moves_a_field_of_hone_task_workload) {
    SIZE(struct hone_task_workload, 24);
    PLACE(struct hone_task_workload, size, 0);
    PLACE(struct hone_task_workload, axis_count, 4);
    PLACE(struct hone_task_workload, id, 8);
    PLACE(struct hone_task_workload, axes, 16);
}

Test(abi, never_moves_a_field_of_hone_task_argument) {
    SIZE(struct hone_task_argument, 72);
    PLACE(struct hone_task_argument, name, 0);
    PLACE(struct hone_task_argument, tensor, 8);
    PLACE(struct hone_task_argument, real, 56);
    PLACE(struct hone_task_argument, integer, 64);
}

Test(abi, never_moves_a_field_of_hone_task_ops) {
    SIZE(struct hone_task_ops, 40);
    PLACE(struct hone_task_ops, size, 0);
    PLACE(struct hone_task_ops, reserved, 4);
    PLACE(struct hone_task_ops, count, 8);
    PLACE(struct hone_task_ops, describe, 16);
    PLACE(struct hone_task_ops, inputs, 24);
    PLACE(struct hone_task_ops, oracle, 32);
}

Test(abi, never_moves_a_field_of_hone_reward_ops) {
    SIZE(struct hone_reward_ops, 24);
    PLACE(struct hone_reward_ops, size, 0);
    PLACE(struct hone_reward_ops, reserved, 4);
    PLACE(struct hone_reward_ops, score, 8);
    PLACE(struct hone_reward_ops, score_group, 16);
}

Test(abi, never_moves_a_field_of_hone_findings) {
    SIZE(struct hone_findings, 24);
    PLACE(struct hone_findings, size, 0);
    PLACE(struct hone_findings, reserved, 4);
    PLACE(struct hone_findings, host, 8);
    PLACE(struct hone_findings, report, 16);
}

Test(abi, never_moves_a_field_of_hone_source) {
    SIZE(struct hone_source, 32);
    PLACE(struct hone_source, size, 0);
    PLACE(struct hone_source, bytes, 4);
    PLACE(struct hone_source, text, 8);
    PLACE(struct hone_source, language, 16);
    PLACE(struct hone_source, task, 24);
}

Test(abi, never_moves_a_field_of_hone_binary) {
    SIZE(struct hone_binary, 64);
    PLACE(struct hone_binary, size, 0);
    PLACE(struct hone_binary, reserved, 4);
    PLACE(struct hone_binary, image, 8);
    PLACE(struct hone_binary, image_bytes, 16);
    PLACE(struct hone_binary, listing, 24);
    PLACE(struct hone_binary, listing_bytes, 32);
    PLACE(struct hone_binary, language, 40);
    PLACE(struct hone_binary, task, 48);
    PLACE(struct hone_binary, entries, 56);
}

Test(abi, never_moves_a_field_of_hone_detector_ops) {
    SIZE(struct hone_detector_ops, 40);
    PLACE(struct hone_detector_ops, size, 0);
    PLACE(struct hone_detector_ops, reserved, 4);
    PLACE(struct hone_detector_ops, inspect_source, 8);
    PLACE(struct hone_detector_ops, inspect_binary, 16);
    PLACE(struct hone_detector_ops, inspect_run, 24);
    PLACE(struct hone_detector_ops, needs, 32);
    PLACE(struct hone_detector_ops, reserved_needs, 36);
}

/* DLTensor of DLPack 0.6 (dmlc/dlpack, include/dlpack/dlpack.h), 64-bit: data 0, device {type 8, id
 * 12}, ndim 16, dtype {code 20, bits 21, lanes 22}, shape 24, strides 32, byte_offset 40, 48 bytes;
 * the same in 1.1. */
Test(abi, lays_a_tensor_out_as_dlpack_does) {
    union {
        struct hone_tensor tensor;
        unsigned char bytes[48];
    } view = {.tensor = {.device_type = 0x01020304,
                         .device_id = 5,
                         .ndim = 6,
                         .type_code = 7,
                         .type_bits = 8,
                         .type_lanes = 0x0a09,
                         .byte_offset = 11}};
    cr_expect(eq(sz, sizeof view, 48));
    cr_expect(eq(u8, view.bytes[8], 4));
    cr_expect(eq(u8, view.bytes[11], 1));
    cr_expect(eq(u8, view.bytes[12], 5));
    cr_expect(eq(u8, view.bytes[16], 6));
    cr_expect(eq(u8, view.bytes[20], 7));
    cr_expect(eq(u8, view.bytes[21], 8));
    cr_expect(eq(u8, view.bytes[22], 9));
    cr_expect(eq(u8, view.bytes[23], 10));
    cr_expect(eq(u8, view.bytes[40], 11));
    cr_expect(eq(int, HONE_TYPE_INT, 0));    /* kDLInt */
    cr_expect(eq(int, HONE_TYPE_UINT, 1));   /* kDLUInt */
    cr_expect(eq(int, HONE_TYPE_FLOAT, 2));  /* kDLFloat */
    cr_expect(eq(int, HONE_TYPE_BFLOAT, 4)); /* kDLBfloat */
    cr_expect(eq(int, HONE_TYPE_BOOL, 6));   /* kDLBool, since 0.7 */
}

Test(abi, never_renumbers_what_a_plugin_says_of_itself) {
    cr_expect(eq(u32, HONE_PLUGIN_ABI, 1));
    cr_expect(eq(int, HONE_TASK, 1));
    cr_expect(eq(int, HONE_HARDWARE, 4));
    cr_expect(eq(int, HONE_FLAG, 1));
    cr_expect(eq(int, HONE_CHOICE, 5));
    cr_expect(eq(int, HONE_PLUGIN_CONCURRENT, 1));
    cr_expect(eq(int, HONE_PLUGIN_TRIVIAL, 2));
}

/* An author's compiler may be older, newer, or a C++ compiler; a header must not need another
 * before it. */
static int compiles_alone(const char *compiler, const char *language, const char *standard,
                          const char *path) {
    char root[512], include[600];
    int status;
    pid_t pid;
    abi_root(root);
    snprintf(include, sizeof include, "-I%s", root);
    char *const arguments[] = {
        (char *)compiler, "-x",      (char *)language, (char *)standard, "-Wall",      "-Wextra",
        "-Wpedantic",     "-Werror", include,          "-fsyntax-only",  (char *)path, NULL};
    cr_assert(eq(int, posix_spawnp(&pid, compiler, NULL, NULL, arguments, environ), 0));
    cr_assert(eq(int, waitpid(pid, &status, 0), pid));
    return status;
}

Test(abi, has_headers_that_compile_alone) {
    char root[512], pattern[600];
    glob_t headers;
    abi_root(root);
    snprintf(pattern, sizeof pattern, "%s/plugins/*.h", root);
    cr_assert(eq(int, glob(pattern, 0, NULL, &headers), 0));
    cr_assert(ge(sz, headers.gl_pathc, 10));
    for (size_t i = 0; i < headers.gl_pathc; i++) {
        const char *path = headers.gl_pathv[i];
        cr_expect(eq(int, compiles_alone("gcc", "c", "-std=c11", path), 0), "%s", path);
        cr_expect(eq(int, compiles_alone("gcc", "c", "-std=c17", path), 0), "%s", path);
        cr_expect(eq(int, compiles_alone("g++", "c++", "-std=c++17", path), 0), "%s", path);
    }
    globfree(&headers);
}
