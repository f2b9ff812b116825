/* Emulation and NVRTC, where it is, take a source for the same code: what it may ask has one
 * answer. */
#include "hardware/device/condition.h"
#include "hardware/device/scan.h"
#include "hardware/device/words.h"
#include "tests/nvrtc_direct.h"
#include "tests/support.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FLAGS                                                                                      \
    "-x c++ -std=c++17 -march=native -mno-avx512f -nostdinc -undef "                               \
    "-isystem hardware/device/cpu -isystem hardware/device/common -include cuda.h -w "

static const char *const compilers[] = {"g++ " FLAGS, "clang++ -DHONE_CLANG " FLAGS};

TestSuite(device_parity, .timeout = 240);

static bool is_there(const char *compiler) {
    char command[64];
    snprintf(command, sizeof command, "command -v %.*s >/dev/null", (int)strcspn(compiler, " "),
             compiler);
    return system(command) == 0;
}

/* What a command writes; malloc()ed. */
static char *run(const char *command, int *status) {
    char *text = NULL;
    size_t size = 0;
    FILE *from = popen(command, "r"), *to = open_memstream(&text, &size);
    cr_assert(from && to);
    for (int c; (c = fgetc(from)) != EOF;)
        fputc(c, to);
    fclose(to);
    *status = pclose(from);
    return text;
}

static char *keep(const char *text, char path[32]) {
    strcpy(path, "/tmp/hone-parity-XXXXXX");
    int file = mkstemp(path);
    cr_assert(file >= 0);
    cr_assert(write(file, text, strlen(text)) == (ssize_t)strlen(text));
    close(file);
    return path;
}

/* By every compiler of emulation, and by NVRTC. */
static void both_take(const struct nvrtc_direct *nvrtc, const char *text) {
    char path[32], command[512], log[4000];
    keep(text, path);
    for (size_t i = 0; i < sizeof compilers / sizeof *compilers; i++) {
        int status = 0;
        snprintf(command, sizeof command, "%s -fsyntax-only %s 2>&1", compilers[i], path);
        char *said = is_there(compilers[i]) ? run(command, &status) : strdup("");
        cr_expect(status == 0, "%.8s: %.3000s", compilers[i], said);
        free(said);
    }
    unlink(path);
    cr_expect(nvrtc_direct_compile(nvrtc, text, log, sizeof log) == 0, "nvrtc: %s", log);
}

static void put_question(FILE *to, const struct hone_word_macro *macro) {
    const bool pattern = strchr(macro->word, '*') != NULL;
    if (macro->kind == HONE_MACRO_BY_DEVICE || pattern)
        return;
    if (macro->kind == HONE_MACRO_NOWHERE)
        fprintf(to, "#ifdef %s\n#error %s is defined\n#endif\n", macro->word, macro->word);
    else
        fprintf(to, "#ifndef %s\n#error %s is not defined\n#endif\n", macro->word, macro->word);
    if (macro->kind == HONE_MACRO_EVERYWHERE)
        fprintf(to, "#if %s != %lld\n#error %s is something else\n#endif\n", macro->word,
                (long long)macro->value, macro->word);
}

Test(device_parity, answers_alike_what_a_source_may_ask) {
    struct nvrtc_direct nvrtc = {0};
    char *text = NULL;
    size_t size = 0;
    if (!nvrtc_direct_open(&nvrtc))
        cr_skip_test("no libnvrtc here");
    FILE *to = open_memstream(&text, &size);
    for (const struct hone_word_macro *macro = hone_words_macros; macro->word; macro++)
        put_question(to, macro);
    fputs("static_assert(sizeof(long) == 8 && sizeof(long double) == 16 && sizeof(wchar_t) == 4);\n"
          "static_assert(sizeof(NULL) == 4 && char(-1) < 0);\n",
          to);
    fclose(to);
    both_take(&nvrtc, text);
    free(text);
    nvrtc_direct_close(&nvrtc);
}

/* --- every name that is a macro somewhere --- */

#define HEADERS                                                                                    \
    "#include <cuda_fp16.h>\n#include <cuda_bf16.h>\n#include <mma.h>\n"                           \
    "#include <cuda_pipeline.h>\n#include <cooperative_groups.h>\n"

static int compare(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

struct names {
    char *text, **items;
    size_t count;
};

/* The names behind `#define` in what a command writes, sorted, each once. */
static void read_names(const char *command, struct names *names) {
    int status;
    *names = (struct names){.text = run(command, &status)};
    names->items = calloc(strlen(names->text) / 8 + 1, sizeof *names->items);
    for (char *at = names->text; (at = strstr(at, "define"));) {
        at += strlen("define") + strspn(at + strlen("define"), " \t");
        names->items[names->count++] = at;
        while (isalnum((unsigned char)*at) || *at == '_')
            at++;
        at += *at != '\0' ? (*at = '\0', 1) : 0;
    }
    qsort(names->items, names->count, sizeof *names->items, compare);
    size_t kept = 0;
    for (size_t i = 0; i < names->count; i++)
        if (*names->items[i] && (!kept || strcmp(names->items[kept - 1], names->items[i]) != 0))
            names->items[kept++] = names->items[i];
    names->count = kept;
}

static bool has(const struct names *names, const char *name) {
    return bsearch(&name, names->items, names->count, sizeof name, compare) != NULL;
}

/* Whether the scan lets a source ask for it, and does not know better that it may differ. */
static bool may_be_asked(const char *name) {
    const struct hone_own_macros none = {0};
    struct hone_token token = {.kind = HONE_TOKEN_WORD, .length = strlen(name)};
    if (token.length >= sizeof token.text)
        return false;
    strcpy(token.text, name);
    const struct hone_word_macro *macro = hone_word_macro(name, token.length);
    return !hone_condition_differs(&none, &token) &&
           (!macro || macro->kind != HONE_MACRO_BY_DEVICE);
}

static void forget_names(struct names *names) {
    free(names->items);
    free(names->text);
}

Test(device_parity, lets_nobody_ask_for_a_macro_of_one_device) {
    struct nvrtc_direct nvrtc = {0};
    struct names emulated, all;
    char path[32], command[1024], *text = NULL, log[4000];
    size_t size = 0, asked = 0;
    if (!nvrtc_direct_open(&nvrtc))
        cr_skip_test("no libnvrtc here");
    if (!is_there("g++") || access("/usr/local/cuda/include/cuda_fp16.h", R_OK) != 0)
        cr_skip_test("no g++, or no toolkit");
    keep(HEADERS, path);
    snprintf(command, sizeof command, "%s -dM -E %s", compilers[0], path);
    read_names(command, &emulated);
    snprintf(command, sizeof command,
             "{ %s -dM -E %s; g++ -x c++ -std=gnu++17 -march=native -dM -E /dev/null; "
             "clang++ -x c++ -std=gnu++17 -dM -E /dev/null; cat hardware/device/common/*.h; "
             "cd /usr/local/cuda/include && cat *.h *.hpp crt/* cooperative_groups/*.h nv/* | "
             "grep '^ *# *define'; } 2>/dev/null",
             compilers[0], path);
    read_names(command, &all);
    FILE *to = open_memstream(&text, &size);
    fputs(HEADERS, to);
    for (size_t i = 0; i < all.count; i++)
        if (may_be_asked(all.items[i])) {
            const bool there = has(&emulated, all.items[i]);
            fprintf(to, "#%s %s\n#error %s %s\n#endif\n", there ? "ifndef" : "ifdef", all.items[i],
                    all.items[i], there ? "is emulation's only" : "is not emulation's");
            asked++;
        }
    fclose(to);
    cr_expect(lt(sz, 200, asked));
    cr_expect(nvrtc_direct_compile(&nvrtc, text, log, sizeof log) == 0, "%s", log);
    unlink(path);
    free(text);
    forget_names(&all);
    forget_names(&emulated);
    nvrtc_direct_close(&nvrtc);
}

/* --- what the scan says --- */

static struct hone_scan scan;

static void is_other_code(const char *text) {
    hone_scan_text(text, strlen(text), &scan);
    cr_expect(hone_scan_differs(&scan) != NULL, "not refused: %s", text);
}

static void is_refused_by_emulation(const char *text) {
    hone_scan_text(text, strlen(text), &scan);
    cr_expect(hone_scan_refused(&scan, HONE_SCAN_CPU) != NULL, "not refused: %s", text);
    cr_expect(hone_scan_refused(&scan, HONE_SCAN_CUDA) == NULL, "refused by a GPU: %s", text);
}

static void is_one_code(const char *text) {
    hone_scan_text(text, strlen(text), &scan);
    cr_expect(scan.refusal_count == 0, "`%s` is refused: %s", scan.refusals[0].word, text);
}

Test(device_parity, refuses_what_devices_answer_differently) {
    is_other_code("#ifdef __GNUC__\n#endif\n");
    is_other_code("#if N > 1 && defined(__x86_64__)\n#endif\n");
    is_other_code("#ifdef OWN\n#elif !defined __EDG__\n#endif\n");
    is_other_code("#if __has_include(<x.h>)\n#endif\n");
    is_other_code("#if __VERSION__\n#endif\n");
    is_other_code("#ifdef threadIdx\n#endif\n");
    is_other_code("#if #cpu(x86_64)\n#endif\n");
    is_other_code("#if 0\n#elifdef OWN\n#endif\n");
    is_other_code("#ifdef OWN\n#ifdef _LP64\n#endif\n#endif\n");
    is_other_code("#ifdef __CUD\\\nACC_RTC_INT128__\n#endif\n");
    is_other_code("#define ASK defined(X)\n");
    is_other_code("#define IT __EDG__\n");
    is_other_code("#undef __CUDACC__\n");
    is_other_code("#define __CUDA_ARCH__ 1\n");
    is_other_code("int a = __COUNTER__;");
    is_other_code("int a = sizeof __PRETTY_FUNCTION__;");
    is_other_code("int a = __builtin_constant_p(1);");
    is_other_code("#pragma push_macro(\"A\")\n");
    is_other_code("_Pragma(\"GCC optimize(1)\")");
    is_other_code("typedef int v __attribute__((aligned(4), vector_size(16)));");
    is_other_code("typedef int v __attribute__((unused)) __attribute__((__mode__(DI)));");
    is_other_code("typedef int v [[gnu::vector_size(16)]];");
    is_other_code("typedef int v [[using gnu: vector_size(16)]];");
    is_other_code("int a = decltype(threadIdx)::x;");
    is_other_code("int a = n(__syncthreads);");
    is_other_code("int a = n(&atomicAdd<int>);");
    is_other_code("template <class T> auto f(T t) -> decltype(g((__syncthreads(t), 0)));");
    is_other_code("int a = sizeof(__shfl_sync(1u, 2, 3, 4, 5));");
    is_other_code("int a = __is_trivial(half);");
    is_other_code("int a = noexcept(expf(1.0f));");
    is_other_code("int a = sizeof __shfl_sync(1u, 2, 3);");
    is_other_code("int a = noexcept((blockDim));");
    is_other_code("struct a { [[no_unique_address]] b c; };");
    is_other_code("int v __attribute__((aligned));");
}

/* A source with inline PTX is no emulation's, and may be made of such texts. */
Test(device_parity, leaves_texts_of_macros_to_those_who_write_ptx) {
    is_refused_by_emulation("#define TEXT(x) #x\n");
    is_refused_by_emulation("#define TEXT(x) L###x\n");
    is_refused_by_emulation("#define TEXT(x) %:x\n");
    is_refused_by_emulation("#define LOAD(kind) asm(\"ld.\" #kind \".f32\");\n");
}

Test(device_parity, takes_what_honest_sources_ask) {
    is_one_code("#ifdef __CUDACC__\n#define F __device__\n#else\n#define F\nprintf();\n#endif\n");
    is_one_code("#if defined(__CUDA_ARCH__) && (__CUDA_ARCH__ >= 800)\n#endif\n");
    is_one_code("#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ < 530\n#else\n#endif\n");
    is_one_code("#ifndef M_PI\n#define M_PI 3.14\n#endif\n");
    is_one_code("#if __cplusplus < 201703L\nnew int;\n#elif 1\n#else\nprintf();\n#endif\n");
    is_one_code("#if CUDART_VERSION >= 12000 && __CUDACC_VER_MAJOR__ > 11\n#endif\n");
    is_one_code("#ifdef __HIP_PLATFORM_AMD__\nprintf();\n#endif\n");
    is_one_code("#if 0\n#ifdef __GNUC__\n#endif\n#endif\n");
    is_one_code("#ifndef __cpp_if_constexpr\n#endif\n#if TILE % 4 == 0 && N\n#endif\n");
    is_one_code("#define __MINE 4\n#if __MINE > 2\n#endif\nint a[__MINE];\n");
    is_one_code("#define UNROLL(n) _Pragma(\"unroll\")\n#define P(x) _Pragma(#x)\n");
    is_one_code("#define CHECK(c) static_assert(c, #c)\n#define NAME(a, b) a##_##b\n");
    is_one_code("struct __attribute__((aligned(16), __packed__)) a {}; [[maybe_unused]] int b;");
    is_one_code("#define BARRIER __syncthreads\n#define SYNC() __syncwarp()\n");
    is_one_code(
        "void k(int *atomics) noexcept(true) { int a = atomicAdd (atomics, sizeof(int)); }");
    is_one_code("dim3 a = blockDim; decltype(threadIdx.x) b; int c = sizeof(gridDim);");
    is_one_code("int k(const int *p) { return __builtin_expect(__LINE__ + *p, 1); }");
}

/* What is decided is not left to the compiler: it is refused where it is taken, and only there. */
Test(device_parity, decides_conditions_as_compilers_do) {
    static const char *const taken[] = {"defined __CUDACC__",
                                        "__CUDACC__ == 1 && __cplusplus >= 201402L",
                                        "!defined(__NVCC__)",
                                        "(__cplusplus) > 0x10",
                                        "UNKNOWN || __STDC__",
                                        "!(0 || 0)",
                                        "1 <= 1",
                                        "2 != 3u"};
    char text[128];
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
        snprintf(text, sizeof text, "#if %s\nprintf();\n#endif\n", taken[i]);
        hone_scan_text(text, strlen(text), &scan);
        cr_expect(eq(u32, scan.refusal_count, 1), "%s", taken[i]);
        snprintf(text, sizeof text, "#if !(%s)\nprintf();\n#else\nint a;\n#endif\n", taken[i]);
        is_one_code(text);
    }
    is_one_code("#if UNKNOWN\nprintf();\n#endif\n");
    is_one_code("#ifdef CUDA_VERSION\nprintf();\n#else\nprintf();\n#endif\n"); /* a plan's? */
    is_one_code("#if 1 +\nprintf();\n#endif\n#if 1 << 2\nprintf();\n#endif\n");
    is_one_code("#if 0xffffffffffffffffff\nprintf();\n#endif\n#if 1 ? 2 : 3\nprintf();\n#endif\n");
}
