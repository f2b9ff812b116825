#include "core/loader.h"
#include "core/command.h"
#include "core/plugin_check.h"
#include "tests/abi/build.h"

#include <errno.h>
#include <fenv.h>
#include <sys/stat.h>

static struct hone_error error;
static char folder[64];

static void make_folder(void) {
    abi_folder(folder);
}

static void remove_folder(void) {
    abi_remove(folder);
}

TestSuite(loader, .init = make_folder, .fini = remove_folder);

static bool says(const char *part) {
    if (strstr(error.text, part))
        return true;
    fprintf(stderr, "\"%s\" is not in \"%s\"\n", part, error.text);
    return false;
}

static double score_of(const struct hone_loaded *loaded) {
    void *self;
    double reward = 0;
    const struct hone_evidence evidence = {.turn = 4};
    const struct hone_setting none = {NULL, NULL};
    const struct hone_host host = {.size = sizeof host};
    cr_assert(eq(int, loaded->plugin->create(&host, &none, &self, &error), 0));
    cr_assert(eq(int, loaded->plugin->reward->score(self, &evidence, &reward), 0));
    loaded->plugin->destroy(self);
    return reward;
}

Test(loader, runs_a_plugin_built_against_a_shorter_table) {
    struct hone_loaded loaded;
    char path[256];
    abi_build(folder, "short_reward", "short_reward", path);
    cr_assert(eq(int, hone_load(path, HONE_REWARD, &loaded, &error), 0), "%s", error.text);
    bool has_group = HONE_HAS(loaded.plugin->reward, score_group);
    cr_expect(not(has_group));
    cr_expect(eq(dbl, score_of(&loaded), 4.25));
}

Test(loader, runs_a_plugin_built_against_a_longer_table) {
    struct hone_loaded loaded;
    char path[256];
    abi_build(folder, "long_reward", "long_reward", path);
    cr_assert(eq(int, hone_load(path, HONE_REWARD, &loaded, &error), 0), "%s", error.text);
    cr_expect(eq(dbl, score_of(&loaded), 4.75));
}

static void hear(void *host, const char *rule, uint32_t severity, uint32_t line, const char *text) {
    (void)rule, (void)severity;
    if (line == 7)
        snprintf(host, 16, "%s", text);
}

Test(loader, hears_detectors_built_against_shorter_and_longer_tables) {
    static const char *const names[] = {"short_detector", "long_detector"};
    static const char *const words[] = {"older", "newer"};
    for (int i = 0; i < 2; i++) {
        struct hone_loaded loaded;
        char path[256], heard[16] = "";
        const struct hone_findings findings = {
            .size = sizeof findings, .host = heard, .report = hear};
        const struct hone_source source = {.size = sizeof source, .bytes = 7, .text = "int\n a;"};
        abi_build(folder, names[i], names[i], path);
        cr_assert(eq(int, hone_load(path, HONE_DETECTOR, &loaded, &error), 0), "%s", error.text);
        const struct hone_detector_ops *ops = loaded.plugin->detector;
        bool has_run = HONE_HAS(ops, inspect_run);
        cr_expect(not(has_run));
        cr_expect(eq(int, ops->inspect_source(NULL, &source, &findings), 0));
        cr_expect(eq(str, heard, (char *)words[i]));
    }
}

Test(loader, lists_tasks_built_against_shorter_and_longer_tables) {
    static const char *const names[] = {"short_task", "long_task"};
    static const char *const origins[] = {"as it was", "the future"};
    for (int i = 0; i < 2; i++) {
        struct hone_loaded loaded;
        char path[256];
        struct {
            struct hone_task_description known;
            char behind[8];
        } description = {{.size = sizeof description.known, .origin = "as it was"}, "guarded"};
        abi_build(folder, names[i], names[i], path);
        cr_assert(eq(int, hone_load(path, HONE_TASK, &loaded, &error), 0), "%s", error.text);
        const struct hone_task_ops *ops = loaded.plugin->task;
        bool has_oracle = HONE_HAS(ops, oracle);
        cr_expect(not(has_oracle));
        cr_assert(eq(int, ops->describe(NULL, 0, &description.known, &error), 0));
        cr_expect(eq(u32, description.known.file_count, 4));
        cr_expect(eq(str, (char *)description.known.origin, (char *)origins[i]));
        cr_expect(eq(str, description.behind, "guarded"));
    }
}

/* tests/abi/spoken.c with a word of its own. */
static int load_spoken(const char *define, struct hone_loaded *loaded) {
    static int count; /* a file that was loaded stays loaded */
    char root[512], source[128], name[32], path[256];
    abi_root(root);
    snprintf(name, sizeof name, "spoken%d", ++count);
    snprintf(source, sizeof source, "%s/spoken.c", folder);
    FILE *file = fopen(source, "w");
    cr_assert(ne(ptr, file, NULL));
    fprintf(file, "%s\n#include \"%s/tests/abi/spoken.c\"\n", define, root);
    fclose(file);
    abi_build_at(folder, source, name, path);
    return hone_load(path, HONE_REWARD, loaded, &error);
}

/* They are keys of settings, columns of stores and lines on terminals. */
Test(loader, refuses_words_that_cannot_stand_anywhere) {
    struct hone_loaded loaded;
    static const char *const bad[][2] = {
        {"#define NAME \"\"", "its name"},
        {"#define NAME \"a/b\"", "its name"},
        {"#define NAME \"a b\"", "its name"},
        {"#define NAME \"a\\nb\"", "its name"},
        {"#define NAME \"\\xc3\\xa9\"", "its name"},
        {"#define NAME \"a23456789b23456789c23456789d2345\"", "its name"},
        {"#define VERSION \"1\\n2\"", "its version"},
        {"#define VERSION \"\\xff\"", "its version"},
        {"#define SUMMARY \"\\33[31mred\"", "its summary"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_expect(eq(int, load_spoken(bad[i][0], &loaded), -EINVAL), "%s", bad[i][0]);
        cr_expect(says(bad[i][1]));
        cr_expect(says("/spoken"));
    }
    cr_expect(eq(int, load_spoken("#define NAME \"a23456789b23456789c23456789d234\"", &loaded), 0),
              "%s", error.text);
    cr_expect(eq(int, load_spoken("#define SUMMARY \"\\xc3\\xa9tendu\"", &loaded), 0), "%s",
              error.text);
}

/* As the start of -ffast-math does it to whoever loads it. */
Test(loader, computes_as_before_whatever_a_constructor_changed) {
    struct hone_loaded loaded;
    cr_assert(eq(int, load_spoken("", &loaded), 0), "%s", error.text);
    cr_expect(eq(int, fegetround(), FE_TONEAREST));
}

Test(loader, names_the_file_and_both_abi_numbers) {
    struct hone_loaded loaded;
    char path[256], wanted[128];
    abi_build(folder, "other_abi", "other_abi", path);
    cr_assert(eq(int, hone_load(path, HONE_REWARD, &loaded, &error), -EPROTO));
    snprintf(wanted, sizeof wanted, "/other_abi.so: abi %u, host has %u", HONE_PLUGIN_ABI + 1,
             HONE_PLUGIN_ABI);
    cr_expect(says(wanted));
}

Test(loader, refuses_a_library_without_the_symbol) {
    struct hone_loaded loaded;
    char path[256];
    abi_build(folder, "no_symbol", "no_symbol", path);
    cr_assert(eq(int, hone_load(path, HONE_REWARD, &loaded, &error), -ENOEXEC));
    cr_expect(says("/no_symbol.so: exports no hone_plugin"));
}

Test(loader, refuses_the_wrong_kind_and_says_both) {
    struct hone_loaded loaded;
    char path[256];
    abi_build(folder, "reporter", "reporter", path);
    cr_assert(eq(int, hone_load(path, HONE_REWARD, &loaded, &error), -EINVAL));
    cr_expect(says("/reporter.so: a detector plugin, wanted a reward plugin"));
}

Test(loader, refuses_a_table_that_ends_before_a_required_entry) {
    struct hone_loaded loaded;
    char path[256];
    abi_build(folder, "no_score", "no_score", path);
    cr_assert(eq(int, hone_load(path, HONE_REWARD, &loaded, &error), -EINVAL));
    cr_expect(says("/no_score.so: no score or score_group, host needs it of a reward plugin"));
}

/* Each a plugin that the others would be one with. */
Test(loader, refuses_a_plugin_that_lacks_what_every_one_has) {
    static const struct {
        const char *field, *value;
        int code;
        const char *text;
    } rows[] = {
        {"size", "16", -EPROTO, "hone_plugin has 16 bytes, host needs"},
        {"kind", "0", -EINVAL, "kind 0, host knows 1 to"},
        {"kind", "5", -EINVAL, "kind 5, host knows 1 to"},
        {"name", "NULL", -EINVAL, "name is NULL"},
        {"version", "NULL", -EINVAL, "version is NULL"},
        {"summary", "NULL", -EINVAL, "summary is NULL"},
        {"create", "NULL", -EINVAL, "no create, host needs it"},
        {"destroy", "NULL", -EINVAL, "no destroy, host needs it"},
        {"reward", "NULL", -EINVAL, "no table of operations, host needs it"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct hone_loaded loaded;
        char source[128], name[32], path[256];
        snprintf(source, sizeof source, "%s/lacking.c", folder);
        FILE *file = fopen(source, "w");
        cr_assert(ne(ptr, file, NULL));
        fprintf(file, "#define FIELD %s\n#define VALUE %s\n#include \"tests/abi/lacking.c\"\n",
                rows[i].field, rows[i].value);
        fclose(file);
        snprintf(name, sizeof name, "lacking%zu", i);
        abi_build_at(folder, source, name, path);
        cr_expect(eq(int, hone_load_any(path, &loaded, &error), rows[i].code), "%s = %s",
                  rows[i].field, rows[i].value);
        cr_expect(says(rows[i].text));
    }
}

Test(loader, refuses_what_is_no_shared_object) {
    struct hone_loaded loaded;
    char path[256];
    snprintf(path, sizeof path, "%s/text.so", folder);
    FILE *file = fopen(path, "w");
    cr_assert(ne(ptr, file, NULL));
    fputs("not an object\n", file);
    fclose(file);
    cr_assert(eq(int, hone_load(path, HONE_REWARD, &loaded, &error), -ENOEXEC));
    cr_expect(says("text.so"));
    cr_assert(eq(int, hone_load("/no/where.so", HONE_REWARD, &loaded, &error), -ENOENT));
    cr_expect(says("/no/where.so"));
}

Test(loader, takes_a_name_without_a_slash_for_a_file_that_is_here) {
    struct hone_loaded loaded;
    char path[256];
    abi_build(folder, "short_reward", "short_reward", path);
    cr_assert(eq(int, chdir(folder), 0));
    cr_expect(eq(int, hone_load_any("short_reward.so", &loaded, &error), 0), "%s", error.text);
    cr_expect(eq(int, hone_load_any("libm.so.6", &loaded, &error), -ENOENT), "the system's");
}

Test(loader, says_where_it_looked) {
    struct hone_loaded loaded;
    cr_assert(eq(int, hone_load("nonsense", HONE_DETECTOR, &loaded, &error), -ENOENT));
    cr_expect(says("no detector plugin \"nonsense\""));
    cr_expect(says("detector/nonsense.so"));
    cr_expect(says("$HONE_PLUGIN_PATH"));
}

Test(loader, searches_the_plugin_path_before_the_tree) {
    struct hone_loaded loaded;
    char path[256], kind[128], value[300];
    snprintf(kind, sizeof kind, "%s/reward", folder);
    cr_assert(eq(int, mkdir(kind, 0700), 0));
    abi_build(kind, "short_reward", "speedup", path);
    snprintf(value, sizeof value, "/nonexistent:%s", folder);
    setenv("HONE_PLUGIN_PATH", value, 1);
    cr_assert(eq(int, hone_load("speedup", HONE_REWARD, &loaded, &error), 0), "%s", error.text);
    cr_expect(eq(str, loaded.path, path));
    cr_expect(eq(str, (char *)loaded.plugin->name, "short_reward"));
    cr_expect(eq(sz, strlen(loaded.hash), 32));
    abi_remove(kind);
}

Test(loader, loads_every_built_in_by_name) {
    static const char *const rewards[] = {"correctness", "speedup", "profiling"};
    static const char *const detectors[] = {
        "unwritten_output",  "input_mutation",     "out_of_bounds", "memoization",
        "nondeterminism",    "constant_output",    "shape_gate",    "value_gate",
        "low_precision",     "tolerance_edge",     "decoy",         "lazy",
        "faster_than_light", "timer_disagreement", "elf_policy",    "source_lint",
    };
    struct hone_loaded loaded;
    for (int i = 0; i < 3; i++) {
        cr_assert(eq(int, hone_load(rewards[i], HONE_REWARD, &loaded, &error), 0), "%s",
                  error.text);
        cr_expect(eq(u32, loaded.plugin->flags & HONE_PLUGIN_TRIVIAL, HONE_PLUGIN_TRIVIAL));
    }
    for (size_t i = 0; i < sizeof detectors / sizeof *detectors; i++) {
        cr_assert(eq(int, hone_load(detectors[i], HONE_DETECTOR, &loaded, &error), 0), "%s",
                  error.text);
    }
}

Test(loader, gives_the_hash_of_the_file) {
    struct hone_loaded first, second, other;
    char path[256];
    cr_assert(eq(int, hone_load("speedup", HONE_REWARD, &first, &error), 0), "%s", error.text);
    cr_assert(eq(int, hone_load("speedup", HONE_REWARD, &second, &error), 0), "%s", error.text);
    abi_build(folder, "short_reward", "short_reward", path);
    cr_assert(eq(int, hone_load(path, HONE_REWARD, &other, &error), 0), "%s", error.text);
    cr_expect(eq(str, first.hash, second.hash));
    cr_expect(ne(str, first.hash, other.hash));
}

static int make_instance(const char *how, struct hone_settings **settings,
                         struct hone_instance *instance) {
    char path[256], use[300], option[64];
    abi_build(folder, "misbehaving", "misbehaving", path);
    snprintf(use, sizeof use, "rewards.%s=1", path);
    snprintf(option, sizeof option, "reward.misbehaving.how=%s", how);
    const char *const overrides[] = {"rewards.*=off", use, option, NULL};
    cr_assert(eq(int, hone_settings_open(NULL, overrides, settings, &error), 0), "%s", error.text);
    return hone_instance_create(*settings, path, HONE_REWARD, NULL, NULL, instance, &error);
}

Test(loader, makes_an_instance_with_its_resolved_settings) {
    struct hone_settings *settings;
    struct hone_instance instance;
    cr_assert(eq(int, make_instance("fail", &settings, &instance), 0), "%s", error.text);
    cr_expect(eq(str, (char *)instance.settings[0].name, "how"));
    cr_expect(eq(str, (char *)instance.settings[0].value, "fail"));
    hone_instance_destroy(&instance);
    hone_settings_close(settings);
}

Test(loader, passes_on_why_create_failed) {
    struct hone_settings *settings;
    struct hone_instance instance;
    cr_assert(eq(int, make_instance("refuse", &settings, &instance), -EREMOTEIO));
    cr_expect(says("/misbehaving.so: not in the mood"));
    hone_instance_destroy(&instance);
    hone_settings_close(settings);
}

/* The conformance run writes to standard output: into a file here. */
static int check(const char *path, char *text, size_t size) {
    char log[128];
    snprintf(log, sizeof log, "%s/log", folder);
    cr_assert(ne(ptr, freopen(log, "w", stdout), NULL));
    int status = hone_plugin_check(path);
    fflush(stdout);
    FILE *file = fopen(log, "r");
    size_t length = fread(text, 1, size - 1, file);
    text[length] = '\0';
    fclose(file);
    return status;
}

Test(loader, finds_every_built_in_conforming) {
    static const char *const names[] = {
        "reward/correctness",
        "reward/speedup",
        "reward/profiling",
        "detector/unwritten_output",
        "detector/input_mutation",
        "detector/out_of_bounds",
        "detector/memoization",
        "detector/nondeterminism",
        "detector/constant_output",
        "detector/shape_gate",
        "detector/value_gate",
        "detector/low_precision",
        "detector/tolerance_edge",
        "detector/decoy",
        "detector/lazy",
        "detector/faster_than_light",
        "detector/timer_disagreement",
        "detector/elf_policy",
        "detector/source_lint",
    };
    char path[700], *text = malloc(1 << 16);
    struct hone_places places;
    cr_assert(eq(int, hone_places(&places, &error), 0));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s.so", places.plugins, names[i]);
        cr_expect(eq(int, check(path, text, 1 << 16), 0), "%s", text);
    }
    free(text);
}

Test(loader, finds_plugins_of_other_ages_conforming) {
    static const char *const names[] = {"short_reward",  "long_reward", "short_detector",
                                        "long_detector", "short_task",  "long_task"};
    char path[256], *text = malloc(1 << 16);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        abi_build(folder, names[i], names[i], path);
        cr_expect(eq(int, check(path, text, 1 << 16), 0), "%s", text);
    }
    free(text);
}

Test(loader, finds_a_plugin_that_knows_its_own_day_only) {
    static const char *const wanted[] = {
        "ok    score: passed",
        "FAIL  score: rows larger than known, passed: gave",
        "ok    score: fields not known yet",
        "FAIL  score: an earlier release's fields: crashed with signal 11",
    };
    char path[256], *text = malloc(1 << 16);
    abi_build(folder, "forgetful", "forgetful", path);
    cr_expect(eq(int, check(path, text, 1 << 16), 1));
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        cr_expect(ne(ptr, strstr(text, wanted[i]), NULL), "no \"%s\" in:\n%s", wanted[i], text);
    free(text);
}

Test(loader, finds_what_does_not_conform) {
    char path[256], *text = malloc(1 << 16);
    abi_build(folder, "nonconforming", "nonconforming", path);
    cr_expect(eq(int, check(path, text, 1 << 16), 1));
    static const char *const wanted[] = {
        "FAIL  symbols: exports besides hone_plugin: leaked_symbol",
        "FAIL  name, version, summary: the file nonconforming.so holds the plugin \"another_name\"",
        "FAIL  score: wrong: gave 0 (0), then 1 (0) on the same bytes",
        "FAIL  score: infinite times: gave inf",
        "ok    score: passed",
        "FAIL  score: counts at their limits: crashed with signal 11",
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        cr_expect(ne(ptr, strstr(text, wanted[i]), NULL), "no \"%s\" in:\n%s", wanted[i], text);
    free(text);
}

Test(loader, finds_other_commands_usage_wrong) {
    char *const none[] = {"plugin", NULL}, *const odd[] = {"plugins", "--jsno", NULL};
    cr_expect(eq(int, hone_command_plugin(1, (char **)none), 2));
    cr_expect(eq(int, hone_command_plugins(2, (char **)odd), 2));
}
