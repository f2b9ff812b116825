#include "core/oracle.h"
#include "tests/abi/build.h"

#include <errno.h>
#include <math.h>
#include <sys/stat.h>

static struct hone_error error;
static char folder[64];

static void begin(void) {
    abi_folder(folder);
}

static void end(void) {
    abi_remove(folder);
}

TestSuite(oracle, .init = begin, .fini = end, .timeout = 60);

static bool says(const char *part) {
    if (strstr(error.text, part))
        return true;
    fprintf(stderr, "\"%s\" is not in \"%s\"\n", part, error.text);
    return false;
}

static uint32_t count_files(const char *path) {
    uint32_t count = 0;
    DIR *files = opendir(path);
    for (struct dirent *file; files && (file = readdir(files));)
        count += file->d_name[0] != '.';
    if (files)
        closedir(files);
    return count;
}

static void use_cache(char cache[128]) {
    snprintf(cache, 128, "%s/hone/oracles", folder);
    setenv("XDG_CACHE_HOME", folder, 1);
}

static void drop_cache(char cache[128]) {
    abi_remove(cache);
    *strrchr(cache, '/') = '\0';
    rmdir(cache);
}

static const char doubles[] = "#include <stdint.h>\n"
                              "void hone_call_0(const uint64_t *w) {\n"
                              "    double *y = (double *)w[0];\n"
                              "    y[0] = 2 * y[0];\n}\n";

Test(oracle, builds_an_oracle_once_by_content) {
    char cache[128];
    struct hone_oracle oracle;
    double y = 21;
    use_cache(cache);
    cr_assert(eq(int, hone_oracle_build(doubles, &oracle, &error), 0), "%s", error.text);
    oracle.call((const uint64_t[]){(uint64_t)(uintptr_t)&y});
    cr_expect(eq(dbl, y, 42));
    cr_expect(eq(u32, count_files(cache), 1));
    cr_assert(eq(int, hone_oracle_build(doubles, &oracle, &error), 0), "%s", error.text);
    cr_expect(eq(u32, count_files(cache), 1));
    drop_cache(cache);
}

Test(oracle, says_why_an_oracle_does_not_compile) {
    char cache[128];
    struct hone_oracle oracle;
    use_cache(cache);
    cr_expect(
        eq(int, hone_oracle_build("#line 1 \"oracle.c\"\nint x = ;\n", &oracle, &error), -EIO));
    cr_expect(says("oracle.c:1:9: error"));
    cr_expect(eq(u32, count_files(cache), 0));
    drop_cache(cache);
}

Test(oracle, builds_an_oracle_again_when_its_file_is_broken) {
    char cache[128], path[600] = "";
    struct hone_oracle oracle;
    use_cache(cache);
    cr_assert(eq(int, hone_oracle_build(doubles, &oracle, &error), 0), "%s", error.text);
    DIR *files = opendir(cache);
    for (struct dirent *file; (file = readdir(files));)
        if (file->d_name[0] != '.')
            snprintf(path, sizeof path, "%s/%s", cache, file->d_name);
    closedir(files);
    /* A new file: the mapped one must stay as it is. */
    cr_assert(eq(int, unlink(path), 0));
    FILE *broken = fopen(path, "w");
    fputs("half", broken);
    fclose(broken);
    cr_expect(eq(int, hone_oracle_build(doubles, &oracle, &error), 0), "%s", error.text);
    cr_expect(ne(ptr, (void *)(uintptr_t)oracle.call, NULL));
    drop_cache(cache);
}

Test(oracle, loads_no_oracle_from_a_folder_others_may_write) {
    char cache[128];
    struct hone_oracle oracle;
    use_cache(cache);
    cr_assert(eq(int, hone_oracle_build(doubles, &oracle, &error), 0), "%s", error.text);
    cr_assert(eq(int, chmod(cache, 0777), 0));
    cr_expect(eq(int, hone_oracle_build(doubles, &oracle, &error), -EPERM));
    cr_expect(says("mode 0700"));
    drop_cache(cache);
}

/* A task by hand: f16 in, f32 inout, an f32 scalar, an axis, f32 out. */
static const struct hone_task by_hand = {
    .id = "test/by_hand",
    .axis_count = 1,
    .arg_count = 5,
    .args = {{.name = "x", .role = HONE_IN, .dtype = HONE_F16, .ndim = 1},
             {.name = "z", .role = HONE_INOUT, .dtype = HONE_F32, .ndim = 1},
             {.name = "a", .role = HONE_SCALAR, .dtype = HONE_F32},
             {.name = "n", .role = HONE_AXIS, .dtype = HONE_I64},
             {.name = "y", .role = HONE_OUT, .dtype = HONE_F32, .ndim = 1}}};
static const struct hone_workload of_four = {.id = "four", .axes = {4}, .scalar = {0, 0, 0.5}};
static const struct hone_set_layout layout = {
    .total_bytes = 256,
    .input_offset = {0, 64, UINT64_MAX, UINT64_MAX, UINT64_MAX},
    .oracle_offset = {UINT64_MAX, 128, UINT64_MAX, UINT64_MAX, 192},
    .count = {4, 4, 0, 0, 4}};

static void by_hand_oracle(const uint64_t *words) {
    const uint16_t *x = (const void *)(uintptr_t)words[0];
    double *z = (void *)(uintptr_t)words[1], *y = (void *)(uintptr_t)words[4];
    uint32_t bits = (uint32_t)words[2];
    float a;
    memcpy(&a, &bits, sizeof a);
    for (uint64_t i = 0; i < words[3]; i++) {
        y[i] = x[i];
        z[i] += (double)a;
    }
}

static void lazy_oracle(const uint64_t *words) {
    double *y = (void *)(uintptr_t)words[4];
    y[0] = y[1] = y[3] = 1;
}

Test(oracle, runs_an_oracle_on_words_with_outputs_in_double) {
    _Alignas(64) unsigned char memory[256] = {0};
    const uint16_t x[4] = {1, 2, 3, 4};
    const float z[4] = {1, 2, 3, 4};
    double got[4];
    memcpy(memory, x, sizeof x);
    memcpy(memory + 64, z, sizeof z);
    const struct hone_oracle oracle = {by_hand_oracle};
    cr_assert(eq(int, hone_oracle_run(&oracle, &by_hand, &of_four, &layout, memory, &error), 0),
              "%s", error.text);
    memcpy(got, memory + 128, sizeof got);
    cr_expect(eq(dbl, got[0], 1.5));
    cr_expect(eq(dbl, got[3], 4.5));
    memcpy(got, memory + 192, sizeof got);
    cr_expect(eq(dbl, got[2], 3));
}

Test(oracle, catches_an_oracle_that_leaves_an_element_unwritten) {
    _Alignas(64) unsigned char memory[256] = {0};
    const struct hone_oracle oracle = {lazy_oracle};
    cr_assert(eq(int, hone_oracle_run(&oracle, &by_hand, &of_four, &layout, memory, &error), -EREMOTEIO));
    cr_expect(says("test/by_hand: the oracle left element 2 of y unwritten"));
}

Test(oracle, converts_every_dtype_of_an_inout_to_double) {
    static const struct {
        enum hone_dtype dtype;
        uint64_t bits;
        double wanted;
    } cases[] = {
        {HONE_F64, 0x3ff8000000000000, 1.5},
        {HONE_F32, 0x3fc00000, 1.5},
        {HONE_F16, 0x3e00, 1.5},
        {HONE_F16, 0x8001, -0x1p-24},
        {HONE_F16, 0x7bff, 65504},
        {HONE_F16, 0xfc00, -INFINITY},
        {HONE_BF16, 0x3fc0, 1.5},
        {HONE_I64, (uint64_t)-3, -3},
        {HONE_I32, (uint32_t)-3, -3},
        {HONE_U8, 200, 200},
        {HONE_BOOL, 1, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hone_task task = {
            .id = "t", .arg_count = 1, .args = {{.role = HONE_INOUT, .dtype = cases[i].dtype}}};
        const struct hone_set_layout place = {
            .total_bytes = 128, .input_offset = {0}, .oracle_offset = {64}, .count = {1}};
        _Alignas(64) unsigned char memory[128] = {0};
        double got;
        memcpy(memory, &cases[i].bits, 8);
        hone_oracle_prepare(&task, &place, memory);
        memcpy(&got, memory + 64, sizeof got);
        cr_expect(eq(dbl, got, cases[i].wanted), "case %zu", i);
    }
}
