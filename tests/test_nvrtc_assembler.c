/* From PTX to what a GPU runs. Where there is no NVRTC, every test says so and passes. */
#include "tests/nvrtc_fixture.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <glob.h>

#define KERNEL "extern \"C\" __global__ void k(float *y, int n) "

static struct hone_toolkit *toolkit;

static void set_up(void) {
    toolkit = nvrtc_open();
    if (!toolkit)
        cr_skip("no NVRTC on this machine");
}

static void tear_down(void) {
    hone_toolkit_close(toolkit);
}

TestSuite(nvrtc_assembler, .init = set_up, .fini = tear_down, .timeout = 120);

/* The same with an assembler of another kind, "driver" or a library. */
static struct hone_toolkit *open_with(const char *assembler) {
    struct hone_places places;
    struct hone_toolkit *other = NULL;
    struct hone_error error;
    cr_assert(eq(int, hone_places(&places, &error), 0));
    cr_assert(
        eq(int, hone_toolkit_open(toolkit->nvrtc, assembler, places.library, &other, &error), 0),
        "%s", error.text);
    return other;
}

static void expect_image(struct hone_toolkit *other, bool has_cubin) {
    struct nvrtc_build build;
    struct hone_cuda_image image;
    nvrtc_compile(other, KERNEL "{ y[0] = n; }", &build);
    cr_assert(eq(u32, build.result.verdict, HONE_UNDECIDED), "%s%s", build.result.message,
              build.error.text);
    cr_assert(hone_cuda_image_open(build.result.image, build.result.image_bytes, &image) == NULL);
    cr_expect(eq(int, image.cubin != NULL, has_cubin));
    cr_expect(strstr(image.ptx, ".entry k(") != NULL);
    nvrtc_finish(&build);
    nvrtc_compile(other, KERNEL "{ asm(\"frob.u32;\"); }", &build);
    cr_expect(eq(u32, build.result.verdict, has_cubin ? HONE_COMPILE_FAILED : HONE_UNDECIDED));
    cr_expect(has_cubin == (strstr(build.result.message, "frob") != NULL), "%s",
              build.result.message);
    nvrtc_finish(&build);
}

Test(nvrtc_assembler, leaves_ptx_alone_to_the_driver_where_there_is_no_assembler) {
    struct hone_toolkit *other = open_with("driver");
    expect_image(other, false);
    cr_expect(ne(str, other->identity, toolkit->identity));
    hone_toolkit_close(other);
}

Test(nvrtc_assembler, assembles_with_nvjitlink_as_well) {
    glob_t files;
    char pattern[HONE_TOOLKIT_PATH_SIZE + 64];
    snprintf(pattern, sizeof pattern, "%.*s/libnvJitLink.so.[0-9]*",
             (int)(strrchr(toolkit->nvrtc, '/') - toolkit->nvrtc), toolkit->nvrtc);
    if (glob(pattern, 0, NULL, &files))
        cr_skip("no nvJitLink beside NVRTC");
    struct hone_toolkit *other = open_with(files.gl_pathv[0]);
    cr_expect(eq(int, other->assembler.kind, HONE_ASSEMBLER_JITLINK));
    expect_image(other, true);
    hone_toolkit_close(other);
    globfree(&files);
}

/* Whatever a compiler says, of whom a source may have got hold, the assembler reads the text that
 * is inspected, and nothing that the compiler left beside it. */
Test(nvrtc_assembler, assembles_the_very_text_that_is_inspected) {
    if (toolkit->assembler.kind == HONE_ASSEMBLER_DRIVER)
        cr_skip("no assembler");
    static const char shown[] = ".version 8.0\n.target sm_90\n.address_size 64\n"
                                ".visible .entry k() { ret; }\n";
    const struct hone_compile_request request = {
        .size = sizeof request, .language = "cuda", .source = "", .options = ""};
    struct hone_compile_job job = {.size = sizeof job};
    struct hone_compile_result result = {.size = sizeof result};
    struct hone_jail_result jailed;
    struct hone_cuda_image image;
    struct hone_error error;
    cr_assert(eq(int, hone_cuda_compile_begin(toolkit, "sm_90", &request, &job, &error), 0));
    char *text = strdup(shown);
    const struct hone_compile_output output = {
        .size = sizeof output, .diagnostics = "", .bytes = text, .byte_count = strlen(text)};
    cr_assert(eq(int, hone_cuda_compile_next(&job, &output, &error), 1));
    memset(text, 'x', strlen(text));
    free(text);
    cr_assert(eq(u32, job.file_count, 1));
    cr_expect(eq(u64, job.files[0].size, strlen(shown)));
    cr_expect(zero(int, memcmp(job.files[0].bytes, shown, strlen(shown))));
    for (const char *const *path = job.paths; *path; path++)
        cr_expect(strstr(*path, "nvrtc.so") == NULL, "%s", *path);
    cr_assert(eq(int, hone_jail_run(&job, NULL, &jailed, &error), 0), "%s", error.text);
    cr_expect(eq(int, hone_cuda_compile_next(&job, &jailed.output, &error), 0));
    cr_assert(eq(int, hone_cuda_compile_end(&job, &jailed.output, &result), 0));
    cr_assert(eq(u32, result.verdict, HONE_UNDECIDED), "%s", result.message);
    cr_assert(hone_cuda_image_open(result.image, result.image_bytes, &image) == NULL);
    cr_expect(eq(str, (char *)image.ptx, (char *)shown));
    cr_expect(image.cubin_bytes == jailed.output.byte_count &&
              memcmp(image.cubin, jailed.bytes, image.cubin_bytes) == 0);
    hone_jail_finish(&jailed);
    free(result.image);
}

/* Bytes that are no text, and a status that no assembler ends with. */
Test(nvrtc_assembler, takes_nothing_but_text_for_ptx) {
    const struct hone_compile_request request = {
        .size = sizeof request, .language = "cuda", .source = "", .options = ""};
    struct hone_compile_job job = {.size = sizeof job};
    struct hone_compile_result result = {.size = sizeof result};
    struct hone_error error;
    static const char bytes[] = ".version 8.0\n\0.entry k(){}";
    const struct hone_compile_output output = {
        .size = sizeof output, .diagnostics = "", .bytes = bytes, .byte_count = sizeof bytes - 1};
    cr_assert(eq(int, hone_cuda_compile_begin(toolkit, "sm_90", &request, &job, &error), 0));
    cr_expect(eq(int, hone_cuda_compile_next(&job, &output, &error), 0));
    cr_assert(eq(int, hone_cuda_compile_end(&job, &output, &result), 0));
    cr_expect(eq(u32, result.verdict, HONE_COMPILE_FAILED));
    cr_expect(eq(u32, result.reason, HONE_REASON_LINKER), "%s", result.message);
    cr_expect(zero(ptr, result.image));
}
