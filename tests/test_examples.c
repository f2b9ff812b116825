/* The plugins and agents of examples/ as their users build them: in a folder of their own, through
 * pkg-config, against an install tree. */
#include "core/loader.h"
#include "core/settings.h"
#include "tests/support.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <glob.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct hone_test_server folders;
static struct hone_error error;

/* Run a line of shell in the root of the source tree, with $at, where everything goes, and $mode,
 * the build under test; what was compiled once is found again. Fails the test with what was said.
 */
__attribute__((format(printf, 1, 2))) static void shell(const char *format, ...) {
    char line[2048], command[4096];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    const char *build = getenv("HONE_BUILD") ? getenv("HONE_BUILD") : "build/release";
    snprintf(command, sizeof command,
             "unset MAKEFLAGS MAKELEVEL; at='%s'; mode=\"$(basename '%s')\"; "
             "export PKG_CONFIG_PATH=\"$at/prefix/lib/pkgconfig\" HOME=\"$at\" "
             "XDG_STATE_HOME=\"$at\" XDG_CACHE_HOME=\"$(realpath '%s')/test-cache\"; "
             "{ %s; } >\"$at/log\" 2>&1",
             folders.root, build, build, line);
    int status = system(command);
    if (status) {
        snprintf(command, sizeof command, "%s/log", folders.root);
        cr_fatal("%s: %d\n%s", line, status, hone_test_read(command));
    }
}

static void make(void) {
    hone_test_folders(&folders);
    shell("make --no-print-directory install MODE=$mode PREFIX=\"$at/prefix\"");
}

static void clean(void) {
    hone_test_clean(&folders);
}

TestSuite(examples, .init = make, .fini = clean, .timeout = 200);

static void build(const char *name) {
    shell("mkdir \"$at/%s\" && cp examples/%s/*.c examples/%s/Makefile \"$at/%s\" && "
          "make -C \"$at/%s\" CFLAGS='-O2 -Wall -Wextra -Werror'",
          name, name, name, name, name);
}

static const char *path_of(const char *plugin) {
    static char path[256];
    snprintf(path, sizeof path, "%s/%s.so", folders.root, plugin);
    return path;
}

/* ---- what is installed ---- */

/* No header needs another before it. */
static void include_every_header(void) {
    static const char *const compilers[] = {"gcc -x c -std=c11", "clang++ -x c++ -std=c++17"};
    for (size_t i = 0; i < sizeof compilers / sizeof *compilers; i++)
        shell("for h in plugins/*.h ipc/hone.h; do echo $h; printf '#include <hone/%%s>\\n' "
              "\"$(basename $h)\" | %s -Wall -Wextra -Wpedantic -Werror "
              "$(pkg-config --cflags hone) -fsyntax-only - || exit 1; done",
              compilers[i]);
}

static void ask_pkg_config(void) {
    shell(
        "[ \"$(pkg-config --variable=includedir hone)\" = \"$at/prefix/include\" ] && "
        "[ -r \"$(pkg-config --variable=plugindir hone)/reward/speedup.so\" ] && "
        "[ \"hone $(pkg-config --modversion hone)\" = \"$(\"$at/prefix/bin/hone\" --version)\" ]");
    shell("gcc -std=c17 -Wall -Werror $(pkg-config --cflags hone) examples/tiny.c "
          "$(pkg-config --libs hone) -o \"$at/tiny\" && "
          "ASAN_OPTIONS=verify_asan_link_order=0 " /* the library may be instrumented */
          "LD_LIBRARY_PATH=\"$(pkg-config --variable=libdir hone)\" \"$at/tiny\" 2>&1 | "
          "grep usage");
}

static void use_a_reward_in_cpp(void) {
    struct hone_loaded loaded;
    void *self;
    double reward = 0;
    const struct hone_evidence evidence = {.size = sizeof evidence, .turn = 4};
    const struct hone_setting none = {NULL, NULL};
    const struct hone_host host = {.size = sizeof host};
    shell("g++ -std=c++20 -Wall -Wextra -Wpedantic -Werror -fPIC -fvisibility=hidden "
          "$(pkg-config --cflags hone) -shared -o \"$at/cpp_reward.so\" tests/abi/cpp_reward.cc");
    cr_assert(eq(int, hone_load(path_of("cpp_reward"), HONE_REWARD, &loaded, &error), 0), "%s",
              error.text);
    cr_assert(eq(int, loaded.plugin->create(&host, &none, &self, &error), 0));
    cr_assert(eq(int, loaded.plugin->reward->score(self, &evidence, &reward), 0));
    cr_expect(eq(dbl, reward, 4.5));
    loaded.plugin->destroy(self);
}

Test(examples, find_all_they_need_in_an_install_tree_be_it_for_c_or_cpp) {
    include_every_header();
    ask_pkg_config();
    use_a_reward_in_cpp();
}

/* ---- in use ---- */

Test(examples, conform_and_work_in_an_evaluation) {
    build("my_reward");
    build("my_detector");
    shell("for p in my_reward/my_reward my_detector/raw_address my_detector/uneven_speedup; do "
          "\"$at/prefix/bin/hone\" plugin check \"$at/$p.so\" || exit 1; done");
    shell("cat >\"$at/kernel.c\" <<'END'\n"
          "void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {\n"
          "    if (n < 0)\n"
          "        *(volatile int *)0x1000 = 1;\n"
          "    for (int64_t i = 0; i < n; i++)\n"
          "        out[i] = a * x[i] + b * y[i];\n"
          "}\n"
          "END\n"
          "cd \"$at\" && prefix/bin/hone eval --quiet --json --trusted --task algebra/axpby "
          "--reward ./my_reward/my_reward.so=2 --detector ./my_detector/raw_address.so "
          "--detector ./my_detector/uneven_speedup.so --set detector.uneven_speedup.ratio=1 "
          "kernel.c >report && cd / && \"$at/prefix/bin/hone\" rescore last");
    char path[128];
    snprintf(path, sizeof path, "%s/report", folders.root);
    char *text = hone_test_read(path);
    cr_expect(ne(ptr, strstr(text, "0x1000 is made into a pointer"), NULL), "%s", text);
    cr_expect(ne(ptr, strstr(text, "the speedup of "), NULL), "%s", text);
    json_t *report = json_loads(text, 0, NULL);
    cr_assert(ne(ptr, report, NULL), "%s", text);
    const json_t *parts = json_object_get(report, "components");
    cr_expect(le(dbl, 1, json_number_value(json_object_get(parts, "my_reward"))));
    json_decref(report);
    free(text);
}

/* ---- what the detectors say ---- */

struct heard {
    uint32_t count, line;
    char text[256];
};

static void hear(void *host, const char *rule, uint32_t severity, uint32_t line, const char *text) {
    (void)rule, (void)severity;
    struct heard *heard = host;
    heard->count++;
    heard->line = line;
    snprintf(heard->text, sizeof heard->text, "%s", text);
}

static void open_detector(const char *name, const char *setting, struct hone_settings **settings,
                          struct hone_instance *instance) {
    char use[300];
    const char *path = path_of(name);
    snprintf(use, sizeof use, "detectors.%s=on", path);
    const char *const overrides[] = {use, setting, NULL};
    cr_assert(eq(int, hone_settings_open(NULL, overrides, settings, &error), 0), "%s", error.text);
    cr_assert(eq(int,
                 hone_instance_create(*settings, path, HONE_DETECTOR, NULL, NULL, instance, &error),
                 0),
              "%s", error.text);
}

static void see_addresses_in_code_and_nowhere_else(void) {
    static const struct {
        const char *text;
        uint32_t line; /* of the first; 0: none */
    } sources[] = {
        {"*(volatile int *)0x1000 = 1;", 1},
        {"int a;\n((float*)4096)[0] = 1;", 2},
        {"int *p = (int *const) ( 0x10UL );", 1},
        {"int *p = (int *)(uintptr_t)16;", 1},
        {"int *p = (int *)(unsigned long)(16);", 1},
        {"char c = '\\''; *(int *)8 = 1;", 1},
        {"char *s = \"\\\"/*\"; *(int *)8 = 1; /* \" */", 1},
        {"/* a\n */ x = *(int *)\\\n8;", 2},
        {"int *p = (int *)0;", 0},
        {"int *p = NULL;", 0},
        {"// *(int *)8 = 1;", 0},
        {"/* *(int *)8 */", 0},
        {"char *s = \"*(int *)8\";", 0},
        {"float y = x[i] * (8) * 2;", 0},
        {"float *p = (float *)(8 + q);", 0},
        {"float *p = (float *)align(16);", 0},
        {"float *p = (float *)(q) + 16;", 0},
        {"void (*call)(int) = f;", 0},
        {"size_t n = sizeof(int *) * 8;", 0},
    };
    struct hone_settings *settings;
    struct hone_instance detector;
    open_detector("my_detector/raw_address", NULL, &settings, &detector);
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        struct heard heard = {0};
        const struct hone_findings findings = {
            .size = sizeof findings, .host = &heard, .report = hear};
        const struct hone_source source = {.size = sizeof source,
                                           .bytes = (uint32_t)strlen(sources[i].text),
                                           .text = sources[i].text,
                                           .language = "c",
                                           .task = "t"};
        const struct hone_detector_ops *ops = detector.loaded.plugin->detector;
        cr_assert(eq(int, ops->inspect_source(detector.self, &source, &findings), 0));
        cr_expect(eq(u32, heard.count, sources[i].line != 0), "%s", sources[i].text);
        cr_expect(eq(u32, heard.line, sources[i].line), "%s", sources[i].text);
    }
    hone_instance_destroy(&detector);
    hone_settings_close(settings);
}

struct block {
    struct hone_evidence evidence;
    struct hone_workload_row rows[4];
};

static struct heard inspect_speedups(const struct hone_instance *detector, double first) {
    struct heard heard = {0};
    const struct hone_findings findings = {.size = sizeof findings, .host = &heard, .report = hear};
    struct block block = {
        .evidence = {.size = sizeof block.evidence,
                     .version = HONE_EVIDENCE_VERSION,
                     .bytes = sizeof block,
                     .verdict = HONE_PASSED,
                     .workload_offset = offsetof(struct block, rows),
                     .workload_count = 4,
                     .workload_size = sizeof block.rows[0]},
        .rows = {{.id = "fast", .set = HONE_BENCH, .verdict = HONE_PASSED, .speedup = first},
                 {.id = "one", .set = HONE_BENCH, .verdict = HONE_PASSED, .speedup = 0.5},
                 {.id = "two", .set = HONE_BENCH, .verdict = HONE_PASSED, .speedup = 2},
                 {.set = HONE_HIDDEN, .verdict = HONE_PASSED, .speedup = 1e6}}};
    const struct hone_detector_ops *ops = detector->loaded.plugin->detector;
    cr_assert(eq(int, ops->inspect_run(detector->self, &block.evidence, &findings), 0));
    return heard;
}

/* The geometric mean of the others is 1. */
static void see_a_speedup_far_above_the_others(void) {
    struct hone_settings *settings;
    struct hone_instance detector;
    open_detector("my_detector/uneven_speedup", "detector.uneven_speedup.ratio=3", &settings,
                  &detector);
    cr_expect(eq(u32, inspect_speedups(&detector, 2.9).count, 0));
    struct heard heard = inspect_speedups(&detector, 3.1);
    cr_expect(eq(u32, heard.count, 1));
    cr_expect(ne(ptr, strstr(heard.text, "of fast is 3.1, the mean"), NULL), "%s", heard.text);
    hone_instance_destroy(&detector);
    hone_settings_close(settings);
}

Test(examples, detect_what_they_say_and_nothing_else) {
    build("my_detector");
    see_addresses_in_code_and_nowhere_else();
    see_a_speedup_far_above_the_others();
}
