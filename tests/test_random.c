#include "plugins/random.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Known answers of the authors: Random123 1.14, tests/kat_vectors, "philox4x32 10". */
Test(random, agrees_with_the_published_vectors) {
    uint32_t out[4];
    hone_random_block(0, 0, 0, 0, out);
    cr_expect(eq(u32, out[0], 0x6627e8d5));
    cr_expect(eq(u32, out[1], 0xe169c58d));
    cr_expect(eq(u32, out[2], 0xbc57ac4c));
    cr_expect(eq(u32, out[3], 0x9b00dbd8));
    hone_random_block(UINT64_MAX, UINT64_MAX, UINT32_MAX, UINT32_MAX, out);
    cr_expect(eq(u32, out[0], 0x408f276d));
    cr_expect(eq(u32, out[1], 0x41c83b0e));
    cr_expect(eq(u32, out[2], 0xa20bc7c6));
    cr_expect(eq(u32, out[3], 0x6d5451fd));
    hone_random_block(0x299f31d0a4093822, 0x85a308d3243f6a88, 0x13198a2e, 0x03707344, out);
    cr_expect(eq(u32, out[0], 0xd16cfe09));
    cr_expect(eq(u32, out[1], 0x94fdcceb));
    cr_expect(eq(u32, out[2], 0x5001e420));
    cr_expect(eq(u32, out[3], 0x24126ea1));
}

Test(random, gives_the_same_word_alone_as_in_its_block) {
    uint32_t block[4];
    for (uint64_t i = 0; i < 64; i++) {
        hone_random_block(9, i / 4, 2, 1, block);
        cr_expect(eq(u32, hone_random_word(9, i, 2, 1), block[i % 4]));
    }
}

Test(random, draws_normals_with_the_documented_moments) {
    const int count = 1 << 20;
    const float scale = hone_random_normal_scale(1);
    double sum = 0, squares = 0, fourths = 0, largest = 0;
    for (int i = 0; i < count; i++) {
        double z = hone_random_normal(hone_random_word(1, (uint64_t)i, 0, 0),
                                      hone_random_word(1, (uint64_t)i, 0, 1), scale, 0);
        sum += z;
        squares += z * z;
        fourths += z * z * z * z;
        largest = fmax(largest, fabs(z));
    }
    double variance = squares / count;
    cr_expect(lt(dbl, fabs(sum / count), 5e-3));  /* 5 sigma */
    cr_expect(lt(dbl, fabs(variance - 1), 7e-3)); /* 5 sigma */
    cr_expect(lt(dbl, fabs(fourths / count / (variance * variance) - 2.94), 0.03));
    cr_expect(lt(dbl, largest, 5.96));
    cr_expect(lt(dbl, 4.0, largest));
}

Test(random, reaches_both_ends_of_a_normal_and_no_further) {
    const float scale = hone_random_normal_scale(1);
    cr_expect(eq(dbl, hone_random_normal(0, 0, scale, 0),
                 -hone_random_normal(UINT32_MAX, UINT32_MAX, scale, 0)));
    cr_expect(lt(dbl, fabs(hone_random_normal(0, 0, scale, 0) + 5.9488), 1e-3));
}

Test(random, stays_within_uniform_and_integer_bounds) {
    const float step = hone_random_uniform_step(-2, 3);
    cr_expect(eq(dbl, hone_random_uniform(0, -2, step), -2));
    cr_expect(lt(dbl, hone_random_uniform(UINT32_MAX, -2, step), 3));
    cr_expect(lt(dbl, 2.999999, hone_random_uniform(UINT32_MAX, -2, step)));
    cr_expect(eq(i64, hone_random_integer(0, -3, 4), -3));
    cr_expect(eq(i64, hone_random_integer(UINT32_MAX, -3, 4), 4));
    cr_expect(eq(i64, hone_random_integer(UINT32_MAX, INT32_MIN, INT32_MAX), INT32_MAX));
    cr_expect(eq(i64, hone_random_integer(0, INT32_MIN, INT32_MAX), INT32_MIN));
    cr_expect(eq(i64, hone_random_integer(123456789, 5, 5), 5));
    uint32_t seen[8] = {0};
    for (uint64_t i = 0; i < 8000; i++)
        seen[hone_random_integer(hone_random_word(3, i, 0, 0), 0, 7)]++;
    for (int i = 0; i < 8; i++)
        cr_expect(lt(u32, 850, seen[i]));
}

Test(random, permutes_every_count_without_repeats) {
    for (uint64_t count = 1; count < 300; count += count < 40 ? 1 : 37) {
        bool seen[300] = {false};
        for (uint64_t i = 0; i < count; i++) {
            uint64_t place = hone_random_permute(77, 3, count, i);
            cr_assert(lt(u64, place, count));
            cr_assert(not(seen[place]), "%d of %d twice", (int)place, (int)count);
            seen[place] = true;
        }
    }
}

Test(random, moves_elements_when_it_permutes) {
    uint32_t fixed = 0, same = 0;
    for (uint64_t i = 0; i < 10000; i++) {
        uint64_t place = hone_random_permute(1, 0, 10000, i);
        fixed += place == i;
        same += place == hone_random_permute(2, 0, 10000, i);
    }
    cr_expect(lt(u32, fixed, 12)); /* one is expected */
    cr_expect(lt(u32, same, 12));
}

Test(random, rounds_to_bf16_as_a_double_does) {
    cr_expect(eq(u16, hone_random_to_bf16(1.0f), 0x3f80));
    cr_expect(eq(u16, hone_random_to_bf16(1.00390625f), 0x3f80)); /* a tie goes to even */
    cr_expect(eq(u16, hone_random_to_bf16(1.01171875f), 0x3f82));
    cr_expect(eq(u16, hone_random_to_bf16(1.00390637f), 0x3f81));
    cr_expect(eq(u16, hone_random_to_bf16(-2.5f), 0xc020));
}

/* The compiler's own _Float16 is the judge, over every f16 and the halves between neighbours. */
Test(random, rounds_to_f16_as_the_compiler_does) {
    for (uint32_t bits = 0; bits < 0x7c00; bits++) {
        uint16_t half = (uint16_t)bits, next = (uint16_t)(bits + 1);
        __extension__ _Float16 low, high, want;
        memcpy(&low, &half, 2);
        memcpy(&high, &next, 2);
        float middle = next == 0x7c00 ? 65520.0f : ((float)low + (float)high) / 2;
        const float tries[] = {(float)low, middle, nextafterf(middle, 0), nextafterf(middle, 1e9f),
                               -middle};
        for (int i = 0; i < 5; i++) {
            want = tries[i];
            uint16_t wanted;
            memcpy(&wanted, &want, 2);
            cr_assert(eq(u16, hone_random_to_f16(tries[i]), wanted), "of %a", (double)tries[i]);
        }
    }
    cr_expect(eq(u16, hone_random_to_f16(1e30f), 0x7c00));
}

/* ---- the same bits whatever compiles it ---- */

/* Prints one hash over every conversion. FNV-1a, so that the program needs nothing of ours but the
 * header; valid C and C++. */
static const char program[] =
    "#include \"plugins/structure.h\"\n"
    "#include <stdio.h>\n"
    "static uint64_t hash = 0xcbf29ce484222325u;\n"
    "static void add(const void *data, size_t size) {\n"
    "    for (size_t i = 0; i < size; i++)\n"
    "        hash = (hash ^ ((const unsigned char *)data)[i]) * 0x100000001b3u;\n"
    "}\n"
    "int main(int argc, char **argv) {\n"
    "    double mean = argc > 9 ? 0 : 0.37, low = -1.7; (void)argv;\n"
    "    float scale = hone_random_normal_scale(1.3 * argc);\n"
    "    float step = hone_random_uniform_step(low, 2.9);\n"
    "    static float normals[4096], uniforms[4096];\n"
    "    static double wide[4096];\n"
    "    uint64_t order[4096];\n"
    "    for (uint64_t i = 0; i < 4096; i++) {\n"
    "        uint64_t at = i;\n"
    "#ifdef BACKWARDS\n"
    "        at = 4095 - i;\n"
    "#endif\n"
    "        uint32_t u = hone_random_word(42, at, 3, 0), v = hone_random_word(42, at, 3, 1);\n"
    "        wide[at] = hone_random_normal(u, v, scale, mean);\n"
    "        normals[at] = (float)wide[at];\n"
    "        uniforms[at] = (float)hone_random_uniform(u, low, step);\n"
    "        order[at] = hone_random_permute(42, 1, 4096, at);\n"
    "    }\n"
    "    static uint64_t structured[1000][6];\n"
    "    struct hone_offsets rows = {42, 3, 0, 1000, 20000u * (unsigned)argc, 900, 1u << 28};\n"
    "    struct hone_offsets heavy = {42, 3, 1, 1000, 20000u * (unsigned)argc, 900, 0};\n"
    "    struct hone_columns matrix = {42, 4, 1, 1000, 3000, 950};\n"
    "    struct hone_pages table = {42, 5, 1100, 10, {42, 6, 100, 1, 160}};\n"
    "    for (uint64_t i = 0; i < 1000; i++) {\n"
    "        uint64_t at = i;\n"
    "#ifdef BACKWARDS\n"
    "        at = 999 - i;\n"
    "#endif\n"
    "        struct hone_offsets_walk walk;\n"
    "        hone_offsets_begin(&walk, &rows, at);\n"
    "        structured[at][0] = walk.before;\n"
    "        uint64_t count = hone_offsets_next(&walk);\n"
    "        structured[at][1] = count ? hone_columns_at(&matrix, at, walk.before, count, count / "
    "2) : 0;\n"
    "        hone_offsets_begin(&walk, &heavy, at);\n"
    "        structured[at][2] = walk.before;\n"
    "        structured[at][3] = hone_lengths_at(&table.lengths, at % 100);\n"
    "        structured[at][4] = hone_pages_at(&table, at) * 100 + hone_pages_used(&table, at, "
    "16);\n"
    "        structured[at][5] = hone_random_zipf(42, 7, 777, at);\n"
    "    }\n"
    "    add(structured, sizeof structured);\n"
    "    for (int i = 0; i < 4096; i++) {\n"
    "        uint16_t b = hone_random_to_bf16(normals[i]), h = hone_random_to_f16(normals[i]);\n"
    "        add(&b, 2); add(&h, 2);\n"
    "    }\n"
    "    add(normals, sizeof normals); add(uniforms, sizeof uniforms);\n"
    "    add(wide, sizeof wide); add(order, sizeof order);\n"
    "    printf(\"%016llx\\n\", (unsigned long long)hash);\n"
    "    return 0;\n"
    "}\n";

static void spawn(const char *const *arguments) {
    pid_t child;
    int status = -1;
    cr_assert(eq(
        int, posix_spawnp(&child, arguments[0], NULL, NULL, (char *const *)arguments, environ), 0));
    waitpid(child, &status, 0);
    cr_assert(eq(int, status, 0), "%s failed", arguments[0]);
}

/* The hash that the program prints when built by this compiler with these flags. */
static void build_and_run(const char *folder, const char *compiler, const char *level,
                          const char *first, const char *second, char hash[32]) {
    char source[128], binary[128], command[160];
    snprintf(source, sizeof source, "%s/random.%s", folder, strchr(compiler, '+') ? "cc" : "c");
    snprintf(binary, sizeof binary, "%s/random", folder);
    snprintf(command, sizeof command, "%s", binary);
    FILE *file = fopen(source, "w");
    fputs(program, file);
    fclose(file);
    const char *arguments[] = {compiler,  level,     first,
                               second,    "-I.",     "-Wall",
                               "-Wextra", "-Werror", "-Wno-unused-function",
                               "-o",      binary,    source,
                               NULL};
    spawn(arguments);
    FILE *output = popen(command, "r");
    cr_assert(ne(ptr, fgets(hash, 32, output), NULL));
    cr_assert(eq(int, pclose(output), 0));
}

Test(random, gives_the_same_bits_whatever_compiles_it) {
    static const char *const builds[][4] = {
        {"gcc", "-O0", "-std=c17", "-DFORWARDS"},
        {"gcc", "-O3", "-march=native", "-ffp-contract=fast"},
        {"gcc", "-O3", "-march=native", "-DBACKWARDS"},
        {"g++", "-O2", "-std=c++17", "-march=haswell"},
        {"clang", "-O0", "-std=c17", "-DBACKWARDS"},
        {"clang", "-O3", "-march=native", "-ffp-contract=fast"},
    };
    char folder[] = "/tmp/hone-random-XXXXXX", first[32] = "";
    cr_assert(ne(ptr, mkdtemp(folder), NULL));
    for (size_t i = 0; i < sizeof builds / sizeof *builds; i++) {
        char hash[32] = "";
        build_and_run(folder, builds[i][0], builds[i][1], builds[i][2], builds[i][3], hash);
        if (i == 0)
            strcpy(first, hash);
        cr_expect(eq(str, hash, first), "%s %s %s %s", builds[i][0], builds[i][1], builds[i][2],
                  builds[i][3]);
    }
    cr_expect(eq(sz, strlen(first), 17));
    const char *clean[] = {"rm", "-r", folder, NULL};
    spawn(clean);
}
