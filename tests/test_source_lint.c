/* What the text rule reads as code, and on which line. */

#include "tests/detector_fixture.h"

#include <stdio.h>
#include <string.h>

static uint32_t count, line;

static void hear(void *host, const char *rule, uint32_t severity, uint32_t at, const char *text) {
    (void)host, (void)text;
    cr_expect(eq(str, (char *)(uintptr_t)rule, "source_lint"));
    cr_expect(le(u32, severity, HONE_WARN), "advice never costs the step");
    count++;
    line = at;
}

static void set_up(void) {
    open_detector("source_lint");
}

TestSuite(source_lint, .init = set_up, .fini = close_detector);

/* How many findings; the line of the last in `line`. */
static uint32_t lint(const char *text) {
    const struct hone_findings findings = {.size = sizeof findings, .report = hear};
    const struct hone_source source = {.size = sizeof source,
                                       .bytes = (uint32_t)strlen(text),
                                       .text = text,
                                       .language = "c",
                                       .task = "t"};
    count = line = 0;
    cr_assert(eq(int, detector_ops()->inspect_source(detector.self, &source, &findings), 0));
    return count;
}

Test(source_lint, finds_words_in_code_with_their_line) {
    cr_expect(eq(u32, lint("int a;\n\nlong t = __rdtsc();\n"), 1));
    cr_expect(eq(u32, line, 3));
    cr_expect(eq(u32, lint("__rdtsc(); __rdtsc();\n__rdtsc();"), 1), "once is enough");
}

Test(source_lint, wants_whole_words) {
    cr_expect(eq(u32, lint("int asmara, my__rdtsc, clock;\n"), 0));
    cr_expect(eq(u32, lint("clock  (1)"), 1));
}

Test(source_lint, leaves_out_comments_strings_and_characters) {
    cr_expect(eq(u32, lint("// __rdtsc\n/* syscall\n * asm */ char *s = \"asm \\\" asm\";"), 0));
    cr_expect(eq(u32, lint("char c = '\"'; __rdtsc(); char d = '\"';"), 1));
    cr_expect(eq(u32, lint("char c = '\\''; __rdtsc();"), 1));
    cr_expect(eq(u32, lint("/* // */ __rdtsc();"), 1));
    cr_expect(eq(u32, lint("/*/ __rdtsc(); */"), 0));
}

Test(source_lint, joins_lines_as_the_compiler_does) {
    cr_expect(eq(u32, lint("// a comment \\\n__rdtsc();\n"), 0));
    cr_expect(eq(u32, lint("long t = __rd\\\ntsc();\n"), 1));
    cr_expect(eq(u32, line, 1));
    cr_expect(eq(u32, lint("a\\\n\\\nb;\n__rdtsc();\n"), 1));
    cr_expect(eq(u32, line, 4));
}

Test(source_lint, takes_bytes_that_no_compiler_would) {
    cr_expect(eq(u32, lint("\r\r\x01"), 0));
    cr_expect(eq(u32, lint("a\x01\x01\x01hash"), 1));
    cr_expect(eq(u32, line, 1));
}

Test(source_lint, sees_a_pointer_that_outlives_the_call) {
    cr_expect(eq(u32, lint("static int n;\nstatic const float *last;\n"), 1));
    cr_expect(eq(u32, line, 2));
    cr_expect(eq(u32, lint("float *seen = 0;"), 1));
    cr_expect(eq(u32, lint("void f(void) {\n static float\n *at; }"), 1));
    cr_expect(eq(u32, lint("static float *f(float *x) { float *y = x; return y; }"), 0));
    cr_expect(eq(u32, lint("typedef float *row;"), 0));
    cr_expect(eq(u32, lint("struct s { float *x; };\nstatic int n = 2 * 3;"), 0));
}

Test(source_lint, sees_a_kernel_that_no_line_launches) {
    static const char plan[] = "//@hone launch work grid=(1) block=(1) args=(x)\n";
    static const char spare[] = "__global__ void work(float *x) {}\n"
                                "__global__ void __launch_bounds__(64) spare(float *x) {}\n";
    char text[256];
    snprintf(text, sizeof text, "%s%s", plan, spare);
    cr_expect(eq(u32, lint(text), 1));
    cr_expect(eq(u32, line, 3));
    cr_expect(eq(u32, lint(spare), 0), "there is no plan to miss it in");
}

Test(source_lint, knows_numbers_that_outlive_the_call) {
    cr_expect(eq(u32, lint("static int seen;\nvoid f(void) { if (seen++ < 3) g(); }\n"), 1));
    cr_expect(eq(u32, line, 1));
    cr_expect(eq(u32, lint("void f(void) {\n  static long a, b = 1;\n  b = b + 1;\n}\n"), 1));
    cr_expect(eq(u32, line, 2));
    cr_expect(eq(u32, lint("float phase = 1;\nvoid f(void) { phase = -phase; }\n"), 1));
    cr_expect(eq(u32, lint("unsigned turn;\nvoid f(void) { turn ^= 1; }\n"), 1));
    cr_expect(eq(u32, lint("char tick;\nvoid f(void) { --tick; }\n"), 1));
}

Test(source_lint, leaves_scratch_and_settings_alone) {
    cr_expect(eq(u32, lint("static int top;\nvoid f(void) { top = 0; top++; }\n"), 0));
    cr_expect(eq(u32, lint("static int made;\nvoid f(void) { if (!made) made = 1; }\n"), 0));
    cr_expect(eq(u32, lint("static int sums[9];\nvoid f(int i) { sums[i]++; }\n"), 0));
    cr_expect(eq(u32, lint("int f(int a, int b, int c);\nvoid g(int b) { b++; }\n"), 0));
    cr_expect(eq(u32, lint("#define ADD(a, b) a += b; \\\n b\nvoid g(int b) { b++; }\n"), 0));
    cr_expect(
        eq(u32, lint("static const int step = 4;\nvoid g(void) { for (;; i += step); }\n"), 0));
    cr_expect(eq(u32, lint("void g(void) { int sum = 0; sum += 2; }\n"), 0));
    cr_expect(
        eq(u32, lint("static int last;\nvoid g(void) { if (last == 3) h(); last = 3; }\n"), 0));
}
