/* Images that a compiler could not have made: the guest's loader refuses or survives them. */
#include "tests/cpu_run.h"

#include <elf.h>

TestSuite(cpu_image, .init = cpu_begin, .fini = cpu_end, .timeout = 60);

/* Change an image that is right, and see it refused with a reason. */
static void refuse_changed(const struct cpu_build *build, void (*change)(uint8_t *image),
                           const char *reason) {
    uint64_t bytes = build->jail.output.byte_count;
    struct hone_go_result started;
    void *process = NULL;
    uint8_t *image = malloc(bytes);
    memcpy(image, build->jail.output.bytes, bytes);
    change(image);
    cr_assert(eq(int, cpu_start_image(&bench, image, bytes, &process, &started), 0));
    cr_assert(eq(u32, started.status, HONE_GO_REFUSED), "%s", started.text);
    cr_assert(strstr(started.text, reason) != NULL, "%s", started.text);
    cr_assert(zero(ptr, process));
    free(image);
}

static Elf64_Phdr *header(uint8_t *image, int index) {
    Elf64_Ehdr *elf = (Elf64_Ehdr *)(void *)image;
    return (Elf64_Phdr *)(void *)(image + elf->e_phoff) + index;
}

static void make_writable(uint8_t *image) {
    header(image, 1)->p_flags |= PF_W;
}
static void move_below(uint8_t *image) {
    header(image, 1)->p_vaddr = 0x3ff000;
}
static void move_onto_guest(uint8_t *image) {
    header(image, 1)->p_vaddr = 0x60000000;
}
static void make_endless(uint8_t *image) {
    header(image, 1)->p_memsz = UINT64_MAX;
}
static void overlap(uint8_t *image) {
    header(image, 1)->p_vaddr = header(image, 0)->p_vaddr;
}
static void reach_past_the_end(uint8_t *image) {
    header(image, 0)->p_offset = UINT64_MAX - 8;
}
static void break_magic(uint8_t *image) {
    image[header(image, 0)->p_offset] ^= 1;
}
static void point_an_entry_elsewhere(uint8_t *image) {
    uint64_t guest = 0x60002000;
    memcpy(image + header(image, 0)->p_offset + 16, &guest, sizeof guest);
}
static void claim_many_entries(uint8_t *image) {
    uint64_t many = 64;
    memcpy(image + header(image, 0)->p_offset + 8, &many, sizeof many);
}
static void become_dynamic(uint8_t *image) {
    header(image, 2)->p_type = PT_DYNAMIC;
}

Test(cpu_image, is_refused_with_a_reason_when_hostile) {
    struct cpu_build build;
    void *process = start_source(
        "float g = 1;" CPU_SOLVE "{ (void)x, (void)n, (void)alpha; y[0] = g++; }", "", &build);
    bench.ops->process_stop(process);
    refuse_changed(&build, make_writable, "writable and executable");
    refuse_changed(&build, move_below, "window");
    refuse_changed(&build, move_onto_guest, "window");
    refuse_changed(&build, make_endless, "window");
    refuse_changed(&build, overlap, "overlap");
    refuse_changed(&build, reach_past_the_end, "past the end");
    refuse_changed(&build, break_magic, "magic");
    refuse_changed(&build, point_an_entry_elsewhere, "not in an executable segment");
    refuse_changed(&build, claim_many_entries, "claims");
    refuse_changed(&build, become_dynamic, "dynamically");
    hone_jail_finish(&build.jail);
}

Test(cpu_image, is_refused_or_survived_whatever_byte_of_its_headers_flips) {
    struct cpu_build build;
    struct hone_go_result started;
    void *process =
        start_source(CPU_SOLVE "{ (void)x, (void)alpha; y[0] = (float)n; }", "", &build);
    bench.ops->process_stop(process);
    uint8_t *image = malloc(build.jail.output.byte_count);
    int refused = 0;
    for (size_t at = 0; at < 64 + 3 * 56; at += 3) {
        memcpy(image, build.jail.output.bytes, build.jail.output.byte_count);
        image[at] ^= (uint8_t)(0x81 >> (at % 5));
        cr_assert(eq(
            int, cpu_start_image(&bench, image, build.jail.output.byte_count, &process, &started),
            0));
        refused += started.status == HONE_GO_REFUSED;
        bench.ops->process_stop(process);
    }
    cr_assert(lt(int, 20, refused));
    cr_assert(eq(int, cpu_start(&bench, &build, &process, &started), 0));
    bench.ops->process_stop(process);
    free(image);
    hone_jail_finish(&build.jail);
}

Test(cpu_image, is_refused_with_static_data_beyond_the_memory_limit) {
    struct cpu_build build;
    struct hone_go_result started;
    void *process = NULL;
    cpu_compile(&bench, "float g[256 << 20];" CPU_SOLVE "{ (void)x, (void)alpha; y[0] = g[n]; }",
                "", &build);
    cr_assert(eq(u32, build.result.verdict, HONE_UNDECIDED), "%s", build.result.message);
    cr_assert(eq(int, cpu_start(&bench, &build, &process, &started), 0));
    cr_assert(eq(u32, started.status, HONE_GO_REFUSED));
    cr_assert(strstr(started.text, "more than the limit") != NULL, "%s", started.text);
    hone_jail_finish(&build.jail);
}
