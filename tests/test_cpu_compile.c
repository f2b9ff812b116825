#include "tests/cpu_fixture.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>

static struct cpu_bench bench;

static void set_up(void) {
    struct hone_error error;
    cr_assert(cpu_open(&bench, false, &error), "%s", error.text);
}

static void tear_down(void) {
    cpu_close(&bench);
}

TestSuite(cpu_compile, .init = set_up, .fini = tear_down, .timeout = 60);

/* Compile, and compare how it ended; every text of `texts` must be in the message. */
static void expect_as(const char *source, const char *options, const char *prelude,
                      const char *epilogue, enum hone_verdict verdict, enum hone_reason reason,
                      const char *const texts[]) {
    struct cpu_build build;
    cpu_compile_as(&bench, source, options, prelude, epilogue, &build);
    cr_assert(eq(int, build.failed, 0), "%s", build.error.text);
    cr_assert(eq(u32, build.result.verdict, verdict), "%s\n%s", build.result.message,
              build.jail.diagnostics);
    cr_assert(eq(u32, build.result.reason, reason), "%s", build.result.message);
    for (; *texts; texts++)
        cr_assert(strstr(build.result.message, *texts) != NULL, "%s is not in: %s\n%s", *texts,
                  build.result.message, build.jail.diagnostics);
    hone_jail_finish(&build.jail);
}

static void expect(const char *source, enum hone_verdict verdict, enum hone_reason reason,
                   const char *text, const char *more) {
    const char *texts[] = {text, more, NULL};
    expect_as(source, "", CPU_PRELUDE, CPU_EPILOGUE, verdict, reason, texts);
}

static void expect_good(const char *source, const char *options) {
    expect_as(source, options, CPU_PRELUDE, CPU_EPILOGUE, HONE_UNDECIDED, HONE_REASON_NONE,
              (const char *[]){NULL});
}

#define BODY "{ for (int64_t i = 0; i < n; i++) y[i] = alpha * x[i]; }"

Test(cpu_compile, takes_every_option_it_offers) {
    const char *const *options = bench.ops->options(bench.self, "c");
    char all[256] = "";
    int count = 0;
    for (; options[count]; count++)
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s ", options[count]);
    cr_assert(eq(int, count, 3));
    expect_good(CPU_SOLVE BODY, all);
    cr_assert(zero(ptr, (void *)bench.ops->options(bench.self, "cuda")[0]));
}

Test(cpu_compile, refuses_options_and_languages_it_does_not_know) {
    struct cpu_build build;
    cpu_compile(&bench, CPU_SOLVE BODY, "O2 -fplugin=x.so", &build);
    cr_assert(eq(int, build.failed, -EINVAL));
    cr_assert(eq(u32, bench.ops->supports(bench.self, 0, "c"), HONE_NATIVE));
    cr_assert(eq(u32, bench.ops->supports(bench.self, 0, "fortran"), HONE_UNSUPPORTED));
}

Test(cpu_compile, names_the_line_of_an_error) {
    expect("\n\n" CPU_SOLVE "{\n y[0] = nonsense; }", HONE_COMPILE_FAILED, HONE_REASON_COMPILER,
           "solve.c:4:", "'nonsense' undeclared");
}

Test(cpu_compile, names_the_line_of_a_wrong_signature_and_the_right_one) {
    expect("\nvoid solve(const double *x, float *y, int64_t n, float alpha) " BODY,
           HONE_COMPILE_FAILED, HONE_REASON_COMPILER, "solve.c:2:6: error: conflicting types",
           "'void(const float *, float *, int64_t,  float)'");
}

Test(cpu_compile, says_that_a_comment_is_open_and_where_it_began) {
    expect(CPU_SOLVE BODY "\n/* the end", HONE_COMPILE_FAILED, HONE_REASON_COMPILER, "solve.c:2:1",
           "unterminated comment");
}

Test(cpu_compile, says_that_a_conditional_is_open_and_where_it_began) {
    expect(CPU_SOLVE BODY "\n#if 0\n", HONE_COMPILE_FAILED, HONE_REASON_COMPILER,
           "solve.c:2:", "unterminated #if");
}

Test(cpu_compile, says_that_the_source_ends_inside_a_function) {
    expect(CPU_SOLVE "{ if (n) { y[0] = 1; }", HONE_COMPILE_FAILED, HONE_REASON_COMPILER,
           "ends inside a function", "`}`");
    expect(CPU_SOLVE BODY "\nstatic int table[2] = {1, 2}", HONE_COMPILE_FAILED,
           HONE_REASON_COMPILER, "ends inside a function", "`;`");
    expect(CPU_SOLVE BODY "\nstatic", HONE_COMPILE_FAILED, HONE_REASON_COMPILER,
           "ends inside a function", "`;`");
}

Test(cpu_compile, takes_a_source_without_a_last_newline_or_with_a_last_backslash) {
    expect_good(CPU_SOLVE BODY, "");
    expect_good(CPU_SOLVE BODY " // the end \\", "");
}

Test(cpu_compile, says_that_the_function_is_missing) {
    expect("int unrelated;", HONE_COMPILE_FAILED, HONE_REASON_LINKER, "does not define", "`solve`");
    expect("#define solve other\n" CPU_SOLVE BODY "\n#undef solve\n", HONE_COMPILE_FAILED,
           HONE_REASON_LINKER, "does not define", "`solve`");
}

Test(cpu_compile, notices_a_source_that_takes_the_harness_apart) {
    expect(CPU_SOLVE BODY "\nvoid hone_call_0(const uint64_t *w) { (void)w; }", HONE_COMPILE_FAILED,
           HONE_REASON_COMPILER, "harness's call does not compile", "redefinition");
    expect(CPU_SOLVE BODY "\n#define hone_call_0 other\n", HONE_COMPILE_FAILED, HONE_REASON_LINKER,
           "hone_call_0", "macro");
}

Test(cpu_compile, names_a_forbidden_import_and_what_to_use_instead) {
    expect("#include <stdlib.h>\n" CPU_SOLVE "{ (void)alpha; float *t = malloc(8); t[n] = x[0];"
           " y[0] = t[1]; free(t); }",
           HONE_POLICY_VIOLATION, HONE_REASON_IMPORT, "`malloc`", "workspace");
    expect("#include <stdio.h>\n" CPU_SOLVE
           "{ (void)alpha, (void)y; printf(\"%f %d\", x[0], (int)n); }",
           HONE_POLICY_VIOLATION, HONE_REASON_IMPORT, "`printf`", "observation");
    expect("int frobnicate(void);" CPU_SOLVE
           "{ (void)x, (void)alpha; y[n] = (float)frobnicate(); }",
           HONE_POLICY_VIOLATION, HONE_REASON_IMPORT, "`frobnicate`", "define it");
}

Test(cpu_compile, refuses_constructors) {
    expect("static float z; __attribute__((constructor)) void early(void) { z = 1; }\n" CPU_SOLVE
           "{ (void)x, (void)alpha; y[n] = z; }",
           HONE_POLICY_VIOLATION, HONE_REASON_SECTION, "constructor", "function itself");
}

Test(cpu_compile, refuses_thread_local_variables) {
    expect("_Thread_local float z; float *zp(void) { return &z; }\n" CPU_SOLVE
           "{ (void)x, (void)alpha; y[n] = ++*zp(); }",
           HONE_POLICY_VIOLATION, HONE_REASON_SECTION, "thread-local", "local or static");
}

Test(cpu_compile, refuses_indirect_functions) {
    expect("static float one(void) { return 1; }\n"
           "static float (*pick(void))(void) { return one; }\n"
           "float f(void) __attribute__((ifunc(\"pick\")));\n" CPU_SOLVE
           "{ (void)x, (void)alpha; y[n] = f(); }",
           HONE_POLICY_VIOLATION, HONE_REASON_SECTION, "ifunc", NULL);
}

Test(cpu_compile, refuses_sections_of_the_source_s_own) {
    expect("__asm__(\".section .evil,\\\"awx\\\"\\n.byte 0\\n.text\");\n" CPU_SOLVE BODY,
           HONE_POLICY_VIOLATION, HONE_REASON_SECTION, "`.evil`", NULL);
}

Test(cpu_compile, refuses_trampolines_on_the_stack) {
    expect("float apply(float (*f)(float), float v) { return f(v); }\n" CPU_SOLVE
           "{ float add(float v) { return v + alpha; } (void)n;\n"
           " float (*volatile f)(float) = add; y[0] = apply(f, x[0]); }",
           HONE_COMPILE_FAILED, HONE_REASON_COMPILER, "solve.c:2:", "trampoline");
}

Test(cpu_compile, refuses_the_time_of_the_build) {
    expect("const char *when = __TIME__;\n" CPU_SOLVE BODY, HONE_COMPILE_FAILED,
           HONE_REASON_COMPILER, "solve.c:1:", "reproducible");
}

Test(cpu_compile, is_not_fooled_by_line_directives) {
    expect("#line 1 \"hone\"\n" CPU_SOLVE "{ nonsense }\n", HONE_COMPILE_FAILED,
           HONE_REASON_COMPILER, "", NULL);
    expect_good("#line 7 \"/etc/passwd\"\n" CPU_SOLVE BODY, "");
}

Test(cpu_compile, takes_no_words_of_the_source_for_a_tool_s) {
    expect("#error out of memory, undefined reference to `x', hone refuses constructors\n",
           HONE_COMPILE_FAILED, HONE_REASON_COMPILER, "solve.c:1:2: error: #error out of", NULL);
    expect(CPU_SOLVE "{ nonsense; /* : CPU time limit exceeded */ }", HONE_COMPILE_FAILED,
           HONE_REASON_COMPILER, "'nonsense' undeclared", NULL);
}

Test(cpu_compile, says_that_the_compiler_ran_out_of_memory) {
    expect(CPU_SOLVE "{ (void)x, (void)y, (void)n, (void)alpha; }\n"
                     "__asm__(\".rept 2000000000\\n nop\\n.endr\");",
           HONE_COMPILE_FAILED, HONE_REASON_LIMIT, "out of memory", NULL);
}

Test(cpu_compile, stops_a_source_that_includes_itself) {
    expect("#include \"solve.c\"\n" CPU_SOLVE BODY, HONE_COMPILE_FAILED, HONE_REASON_COMPILER,
           "#include", NULL);
}

Test(cpu_compile, says_that_a_program_is_too_large) {
    expect("const char table[64 << 20] = {1};\n" CPU_SOLVE
           "{ (void)x, (void)alpha; y[0] = table[n]; }",
           HONE_COMPILE_FAILED, HONE_REASON_LIMIT, "too large", NULL);
    expect("static float table[1ul << 29];\n" CPU_SOLVE
           "{ (void)x, (void)alpha; y[0] = ++table[n]; }",
           HONE_POLICY_VIOLATION, HONE_REASON_SECTION, "static data", NULL);
}

Test(cpu_compile, lets_a_source_use_what_libgcc_has) {
    expect_good(
        "#include <complex.h>\n" CPU_SOLVE
        "{ __int128 q = (__int128)n * n; double complex z = x[0] + 2 * I, w = z * alpha * z;\n"
        "y[0] = (float)(q / (n + 1)); y[1] = (float)creal(w / z); _Float16 h = (_Float16)alpha;"
        " y[2] = (float)h; y[3] = __builtin_powif(alpha, (int)n); }",
        "");
}

Test(cpu_compile, tells_toolchains_apart) {
    struct hone_compile_request request = {.size = sizeof request,
                                           .language = "c",
                                           .source = "",
                                           .options = "",
                                           .prelude = "",
                                           .epilogue = "",
                                           .entry_count = 1};
    struct hone_compile_job job = {.size = sizeof job};
    struct hone_error error;
    cr_assert(eq(int, bench.ops->compile_begin(bench.self, &request, &job, &error), 0));
    cr_assert(strstr(job.toolchain, "gcc ") != NULL);
    cr_assert(strstr(job.toolchain, "guest ") != NULL);
    cr_assert(eq(chr, job.arguments[0][0], '/'));
    bench.ops->compile_drop(bench.self, &job);
    request.entry_count = 0;
    cr_assert(eq(int, bench.ops->compile_begin(bench.self, &request, &job, &error), -EINVAL));
}

Test(cpu_compile, says_which_compiler_is_missing) {
    static const struct hone_setting settings[] = {{"compiler", "/nowhere/gcc"}, {NULL, NULL}};
    struct hone_error error;
    void *self = NULL;
    cr_assert(eq(int, bench.plugin->create(NULL, settings, &self, &error), -ENOENT));
    cr_assert(strstr(error.text, "/nowhere/gcc") != NULL, "%s", error.text);
}
