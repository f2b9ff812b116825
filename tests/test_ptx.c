/* What PTX says of its kernels, for programs that the driver assembles. */
#include "hardware/cuda/ptx.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The text is changed by its reader and must outlive the facts. */
static struct hone_cubin *read_text(char **text, const char *given, const char **wrong) {
    struct hone_cubin *cubin = malloc(sizeof *cubin);
    *text = strdup(given);
    cr_assert(cubin != NULL && *text != NULL);
    *wrong = hone_ptx_read(*text, cubin);
    return cubin;
}

#define HEAD ".version 9.0\n.target sm_90\n.address_size 64\n"

Test(ptx, names_kernels_and_the_sizes_of_their_parameters) {
    char *text;
    const char *wrong;
    struct hone_cubin *cubin = read_text(
        &text,
        HEAD ".visible .entry first(\n\t.param .u64 .ptr .global .align 1 first_param_0,\n"
             "\t.param .u32 first_param_1,\n\t.param .align 8 .b8 first_param_2[24],\n"
             "\t.param .f64 first_param_3,\n\t.param .b16 first_param_4\n)\n"
             ".maxntid 96, 1, 1\n{\n\tret;\n}\n.entry second{ret;}\n.entry third()\n{ret;}\n",
        &wrong);
    cr_assert(zero(ptr, (void *)wrong), "%s", wrong);
    cr_assert(eq(u32, cubin->kernel_count, 3));
    const struct hone_cubin_kernel *kernel = hone_cubin_find(cubin, "first");
    cr_assert(kernel != NULL);
    const uint32_t sizes[] = {8, 4, 24, 8, 2};
    cr_assert(eq(u32, kernel->parameter_count, 5));
    for (uint32_t i = 0; i < 5; i++) {
        cr_expect(kernel->parameters[i].known, "%u", i);
        cr_expect(eq(u32, kernel->parameters[i].bytes, sizes[i]), "%u", i);
    }
    cr_assert(hone_cubin_find(cubin, "second") != NULL);
    cr_assert(hone_cubin_find(cubin, "third") != NULL);
    cr_expect(zero(u32, hone_cubin_find(cubin, "second")->parameter_count));
    cr_expect(zero(u32, hone_cubin_find(cubin, "third")->parameter_count));
    free(cubin);
    free(text);
}

Test(ptx, sees_no_kernel_in_comments_and_strings) {
    char *text;
    const char *wrong;
    struct hone_cubin *cubin =
        read_text(&text,
                  HEAD "// .entry one()\n/* .entry two() \n */ .file 1 \".entry three()\"\n"
                       ".visible .entry /* here */ k(.param /* .u64 , */ .u32 // .u8\n x)\n{}\n",
                  &wrong);
    cr_assert(zero(ptr, (void *)wrong), "%s", wrong);
    cr_assert(eq(u32, cubin->kernel_count, 1));
    cr_expect(eq(str, (char *)cubin->kernels[0].name, "k"));
    cr_expect(eq(u32, cubin->kernels[0].parameters[0].bytes, 4));
    free(cubin);
    free(text);
}

Test(ptx, leaves_out_what_it_does_not_understand) {
    static const char *const parameters[] = {".param .odd x",   ".param .u64 .u32 x",
                                             ".param .b8 x[0]", ".param .b8 x[-1]",
                                             ".param .b8 x[n]", ".param x[4]"};
    for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++) {
        char given[256], *text;
        const char *wrong;
        snprintf(given, sizeof given, HEAD ".entry k(%s)\n{}\n", parameters[i]);
        struct hone_cubin *cubin = read_text(&text, given, &wrong);
        cr_assert(eq(u32, cubin->kernel_count, 1), "%s", parameters[i]);
        cr_expect(eq(u32, cubin->kernels[0].parameter_count, 1), "%s", parameters[i]);
        cr_expect(cubin->kernels[0].parameters[0].known == false, "%s", parameters[i]);
        free(cubin);
        free(text);
    }
}

Test(ptx, refuses_kernels_that_cannot_be_told_apart) {
    char *text;
    const char *wrong;
    free(read_text(&text, HEAD ".entry k(){}\n.entry k(){}\n", &wrong));
    cr_expect(wrong && strstr(wrong, "one name"));
    free(text);
    free(read_text(&text, HEAD ".entry", &wrong));
    cr_expect(wrong && strstr(wrong, "no name"));
    free(text);
    free(read_text(&text, HEAD ".entry k", &wrong));
    cr_expect(zero(ptr, (void *)wrong));
    free(text);
}
