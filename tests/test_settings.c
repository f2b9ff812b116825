#include "core/loader.h"
#include "core/settings.h"
#include "core/settings_schema.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static struct hone_error error;

/* A text as a file that nobody has to remove. */
static void write_ini(char path[64], const char *text, size_t size) {
    int file = memfd_create("ini", MFD_CLOEXEC);
    cr_assert(ge(int, file, 0));
    cr_assert(eq(long, write(file, text, size), (long)size));
    snprintf(path, 64, "/proc/self/fd/%d", file);
}

static int open_text(const char *text, const char *const *overrides,
                     struct hone_settings **settings) {
    char path[64];
    write_ini(path, text, strlen(text));
    error.text[0] = '\0';
    return hone_settings_open(path, overrides, settings, &error);
}

static bool says(const char *part) {
    if (strstr(error.text, part))
        return true;
    fprintf(stderr, "\"%s\" is not in \"%s\"\n", part, error.text);
    return false;
}

static void refuses(const char *text, const char *first, const char *second, const char *third) {
    struct hone_settings *settings;
    cr_assert(eq(int, open_text(text, NULL, &settings), -EINVAL), "accepted: %s", text);
    cr_expect(says(first));
    cr_expect(says(second));
    cr_expect(says(third));
}

Test(settings, has_defaults_that_are_the_shipped_file) {
    struct hone_places places;
    struct hone_settings *shipped, *defaults;
    cr_assert(eq(int, hone_places(&places, &error), 0), "%s", error.text);
    cr_assert(eq(int, hone_settings_open(places.settings, NULL, &shipped, &error), 0), "%s",
              error.text);
    cr_assert(eq(int, hone_settings_open(NULL, NULL, &defaults, &error), 0), "%s", error.text);
    char *from_file = hone_settings_print(shipped), *built_in = hone_settings_print(defaults);
    cr_expect(eq(str, from_file, built_in));
    free(from_file);
    free(built_in);
    hone_settings_close(shipped);
    hone_settings_close(defaults);
}

Test(settings, says_every_default_in_the_shipped_file) {
    struct hone_places places;
    char line[512], wanted[256];
    cr_assert(eq(int, hone_places(&places, &error), 0), "%s", error.text);
    for (int i = 0; hone_schema[i].section; i++) {
        FILE *file = fopen(places.settings, "r");
        cr_assert(ne(ptr, file, NULL));
        bool found = false;
        snprintf(wanted, sizeof wanted, "%s =", hone_schema[i].option.name);
        while (fgets(line, sizeof line, file))
            found = found || !strncmp(line, wanted, strlen(wanted));
        fclose(file);
        cr_expect(found, "etc/hone.ini does not say \"%s\" of [%s]", wanted,
                  hone_schema[i].section);
    }
}

Test(settings, has_defaults_within_their_own_bounds) {
    for (int i = 0; hone_schema[i].section; i++)
        cr_expect(hone_option_accepts(&hone_schema[i].option, hone_schema[i].option.fallback),
                  "[%s] %s", hone_schema[i].section, hone_schema[i].option.name);
}

Test(settings, keeps_what_the_design_promises) {
    struct hone_settings *s;
    uint32_t count;
    cr_assert(eq(int, hone_settings_open(NULL, NULL, &s, &error), 0), "%s", error.text);
    cr_expect(eq(i64, hone_settings_integer(s, "scorer", "deadline_ms"), 1000));
    cr_expect(eq(i64, hone_settings_integer(s, "measure", "pool_bytes"), 512 << 20));
    cr_expect(eq(i64, hone_settings_integer(s, "server", "action_bytes"), 262144));
    cr_expect(eq(dbl, hone_settings_real(s, "measure", "step_seconds"), 5));
    cr_expect(eq(str, (char *)hone_settings_text(s, "server", "directory"), ""));
    bool trusted = hone_settings_flag(s, "server", "trusted");
    bool fsync = hone_settings_flag(s, "store", "fsync");
    cr_expect(not(trusted));
    cr_expect(not(fsync));
    const struct hone_use *uses = hone_settings_uses(s, HONE_REWARD, &count);
    cr_assert(eq(u32, count, 3));
    cr_expect(eq(str, (char *)uses[0].name, "correctness"));
    cr_expect(eq(str, (char *)uses[2].name, "profiling"));
    cr_expect(eq(dbl, uses[1].weight, 0.5));
    hone_settings_close(s);
}

Test(settings, reads_values_lists_and_severities) {
    struct hone_settings *s;
    uint32_t count;
    cr_assert(eq(int,
                 open_text("# a comment\n[server]\nslots = 7 ; here too\n[rewards]\nspeedup = 1.5\n"
                           "correctness = off\n[detectors]\ninput_mutation = audit\n"
                           "[severity]\nout_of_bounds = quarantine\n",
                           NULL, &s),
                 0),
              "%s", error.text);
    cr_expect(eq(i64, hone_settings_integer(s, "server", "slots"), 7));
    cr_expect(eq(i64, hone_settings_integer(s, "server", "lanes"), 64));
    const struct hone_use *uses = hone_settings_uses(s, HONE_REWARD, &count);
    cr_assert(eq(u32, count, 1));
    cr_expect(eq(str, (char *)uses[0].name, "speedup"));
    cr_expect(eq(dbl, uses[0].weight, 1.5));
    uses = hone_settings_uses(s, HONE_DETECTOR, &count);
    cr_assert(eq(u32, count, 1));
    bool audit = uses[0].audit;
    cr_expect(audit);
    cr_expect(eq(u32, hone_settings_severity(s, "out_of_bounds", HONE_NOTE), HONE_QUARANTINE));
    cr_expect(eq(u32, hone_settings_severity(s, "other", HONE_NOTE), HONE_NOTE));
    hone_settings_close(s);
}

Test(settings, refuses_an_unknown_section_with_its_line) {
    refuses("[server]\nslots = 1\n[sever]\n", ":3:", "[sever]", "expected server");
}

Test(settings, refuses_an_unknown_option_and_lists_the_known_ones) {
    refuses("[server]\nslotz = 1\n", ":2:", "[server] slotz", "slots");
}

Test(settings, refuses_a_bad_type) {
    refuses("[server]\n\nslots = many\n", ":3:", "[server] slots: \"many\"",
            "an integer from 1 to 4096");
    refuses("[server]\nslots = 0x10\n", ":2:", "0x10", "an integer");
    refuses("[server]\nslots = 1.5\n", ":2:", "1.5", "an integer");
    refuses("[measure]\nstep_seconds = nan\n", ":2:", "step_seconds", "a number from 0.1 to 3600");
    refuses("[server]\ntrusted = true\n", ":2:", "trusted", "yes or no");
}

Test(settings, refuses_what_is_out_of_bounds) {
    refuses("[server]\nslots = 0\n", ":2:", "slots", "from 1 to 4096");
    refuses("[server]\naction_bytes = 1048577\n", ":2:", "action_bytes", "to 1048576");
    refuses("[server]\nslots = 99999999999999999999\n", ":2:", "slots", "integer");
}

Test(settings, refuses_a_duplicate_and_names_the_first) {
    refuses("[server]\nslots = 1\nslots = 2\n", ":3:", "[server] slots", "first in line 2");
}

Test(settings, refuses_a_bad_use) {
    refuses("[rewards]\nspeedup = lots\n", ":2:", "[rewards] speedup",
            "a weight (a number) or off");
    refuses("[rewards]\nspeedup = inf\n", ":2:", "inf", "a weight");
    refuses("[detectors]\nlazy = yes\n", ":2:", "[detectors] lazy", "on, audit, auto or off");
    refuses("[hardware]\ncpu = audit\n", ":2:", "[hardware] cpu", "on, auto or off");
    refuses("[severity]\nlazy = bad\n", ":2:", "[severity] lazy", "note, warn, zero or quarantine");
}

Test(settings, refuses_what_is_no_line) {
    refuses("[server]\nslots\n", ":2:", "expected", "name = value");
    refuses("[server\nslots = 1\n", ":1:", "expected", "[section]");
    refuses("slots = 1\n", ":1:", "before the first section", "");
    refuses("[server]\nslots = 1\n 2\n", ":3:", "starts with a space", "");
    refuses("[server]\n= 1\n", ":2:", "not an option name", "");
}

Test(settings, refuses_a_line_over_the_parsers_limit) {
    char text[512] = "[server]\nname = ";
    size_t length = strlen(text);
    memset(text + length, 'x', 300);
    strcpy(text + length + 300, "\nslots = 3\n");
    refuses(text, ":2:", "too long", "");
    /* inih would cut this name and go on. */
    snprintf(text, sizeof text, "[reward.%060d]\n", 7);
    refuses(text, ":1:", "not a section name", "");
}

Test(settings, refuses_a_nul_byte) {
    char path[64];
    struct hone_settings *settings;
    write_ini(path, "[server]\nslots = 1\0 2\nlanes = 1\n", 32);
    cr_assert(eq(int, hone_settings_open(path, NULL, &settings, &error), -EINVAL));
    cr_expect(says(":2:"));
}

Test(settings, says_which_file_is_missing) {
    struct hone_settings *settings;
    cr_assert(eq(int, hone_settings_open("/nowhere/hone.ini", NULL, &settings, &error), -ENOENT));
    cr_expect(says("/nowhere/hone.ini"));
}

Test(settings, refuses_the_section_of_a_plugin_that_does_not_exist) {
    refuses("[reward.nonsense]\nx = 1\n", ":1:", "[reward.nonsense]", "no reward plugin");
}

Test(settings, accepts_the_section_of_a_plugin_that_is_not_in_use) {
    struct hone_settings *s;
    cr_assert(
        eq(int, open_text("[rewards]\ncorrectness = 1\n[reward.speedup]\nhigh = 4\n", NULL, &s), 0),
        "%s", error.text);
    hone_settings_close(s);
    cr_assert(eq(int, open_text("[rewards]\n./x/mine.so = 1\n[reward.mine]\na = 4\n", NULL, &s), 0),
              "%s", error.text);
    hone_settings_close(s);
}

Test(settings, takes_overrides_in_order) {
    struct hone_settings *s;
    uint32_t count;
    const char *const overrides[] = {"server.slots=9",      "rewards.*=off",
                                     "rewards../my.so=2.5", "reward.speedup.high=7",
                                     "store.path=/a=b.c",   NULL};
    cr_assert(eq(int, open_text("[server]\nslots = 1\n", overrides, &s), 0), "%s", error.text);
    cr_expect(eq(i64, hone_settings_integer(s, "server", "slots"), 9));
    cr_expect(eq(str, (char *)hone_settings_text(s, "store", "path"), "/a=b.c"));
    const struct hone_use *uses = hone_settings_uses(s, HONE_REWARD, &count);
    cr_assert(eq(u32, count, 1));
    cr_expect(eq(str, (char *)uses[0].name, "./my.so"));
    cr_expect(eq(dbl, uses[0].weight, 2.5));
    hone_settings_close(s);
}

Test(settings, refuses_a_bad_override) {
    static const char *const bad[] = {"server.slots",
                                      "slots=1",
                                      "server.slots=0",
                                      "server.slotz=1",
                                      ".x=1",
                                      "server.name=a ; b",
                                      "server.name=a\nb",
                                      "reward.none.x=1",
                                      "server.=1",
                                      "=1",
                                      ""};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *const overrides[] = {bad[i], NULL};
        struct hone_settings *settings;
        error.text[0] = '\0';
        cr_expect(eq(int, hone_settings_open(NULL, overrides, &settings, &error), -EINVAL), "%s",
                  bad[i]);
        cr_expect(lt(sz, 0, strlen(error.text)));
    }
}

Test(settings, prints_what_another_process_reads_back) {
    struct hone_settings *first, *second;
    cr_assert(eq(int,
                 open_text("[server]\nname = a b = c\nslots=3\n[rewards]\n./m.so = 1\n"
                           "[detectors]\n[severity]\nlazy = zero\n[reward.m]\nx = y\n"
                           "[hardware]\ncuda = auto\ncpu = off\n",
                           NULL, &first),
                 0),
              "%s", error.text);
    char *once = hone_settings_print(first);
    cr_assert(eq(int, open_text(once, NULL, &second), 0), "%s", error.text);
    char *twice = hone_settings_print(second);
    cr_expect(eq(str, once, twice));
    uint32_t count;
    hone_settings_uses(second, HONE_DETECTOR, &count);
    cr_expect(eq(u32, count, 0));
    cr_expect(eq(u32, hone_settings_severity(second, "lazy", HONE_NOTE), HONE_ZERO));
    free(once);
    free(twice);
    hone_settings_close(first);
    hone_settings_close(second);
}

Test(settings, leaves_out_automatic_hardware_that_is_not_there) {
    struct hone_settings *s;
    uint32_t count;
    cr_assert(
        eq(int, open_text("[hardware]\nabacus = auto\n./gone.so = auto\nfoo = on\n", NULL, &s), 0),
        "%s", error.text);
    const struct hone_use *uses = hone_settings_uses(s, HONE_HARDWARE, &count);
    cr_assert(eq(u32, count, 1));
    cr_expect(eq(str, (char *)uses[0].name, "foo"));
    hone_settings_close(s);
}

static const struct hone_option sample_options[] = {
    {.name = "a", .fallback = "1", .summary = "s", .low = 0, .high = 9, .type = HONE_INTEGER},
    {.name = "b", .summary = "s", .choices = "red green", .type = HONE_CHOICE},
    {.name = NULL},
};
static const struct hone_plugin sample = {
    .kind = HONE_REWARD, .name = "m", .options = sample_options};

static int resolve(const char *section, struct hone_setting **list, struct hone_settings **s) {
    char text[256];
    snprintf(text, sizeof text, "[rewards]\n./m.so = 1\n%s", section);
    cr_assert(eq(int, open_text(text, NULL, s), 0), "%s", error.text);
    return hone_settings_plugin(*s, &sample, list, &error);
}

Test(settings, fills_in_a_plugins_fallbacks_in_its_order) {
    struct hone_settings *s;
    struct hone_setting *list;
    cr_assert(eq(int, resolve("[reward.m]\nb = green\n", &list, &s), 0), "%s", error.text);
    cr_expect(eq(str, (char *)list[0].name, "a"));
    cr_expect(eq(str, (char *)list[0].value, "1"));
    cr_expect(eq(str, (char *)list[1].value, "green"));
    cr_expect(eq(ptr, (void *)list[2].name, NULL));
    free(list);
    hone_settings_close(s);
}

Test(settings, refuses_plugin_options_with_file_line_and_expectation) {
    static const struct {
        const char *section, *first, *second;
    } cases[] = {
        {"[reward.m]\nb = blue\n", ":4: [reward.m] b: \"blue\"", "one of: red green"},
        {"[reward.m]\na = 10\nb = red\n", ":4: [reward.m] a: \"10\"", "an integer from 0 to 9"},
        {"[reward.m]\nc = 1\n", ":4: [reward.m] c: no such option", "a b"},
        {"", "[reward.m] b: must be given", "one of: red green"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hone_settings *s;
        struct hone_setting *list;
        cr_expect(eq(int, resolve(cases[i].section, &list, &s), -EINVAL), "%s", cases[i].section);
        cr_expect(says(cases[i].first));
        cr_expect(says(cases[i].second));
        hone_settings_close(s);
    }
}

Test(settings, finds_the_build_tree) {
    struct hone_places places;
    cr_assert(eq(int, hone_places(&places, &error), 0), "%s", error.text);
    struct stat status;
    cr_expect(eq(int, stat(places.settings, &status), 0), "%s", places.settings);
    setenv("HONE_TASKS", "/else/where", 1);
    cr_assert(eq(int, hone_places(&places, &error), 0), "%s", error.text);
    cr_expect(eq(str, places.tasks, "/else/where"));
}
