#include "core/overrides.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

static struct hone_overrides overrides;

static void finish(void) {
    hone_overrides_finish(&overrides);
}

TestSuite(overrides, .fini = finish);

static bool take_detector(const char *value) {
    return hone_overrides_take_detector(&overrides, value, NULL) == 0;
}

static bool take_reward(const char *value) {
    return hone_overrides_take_reward(&overrides, value, NULL) == 0;
}

static void expect_settings(const char *const *wanted, const char *unwanted) {
    struct hone_settings *settings;
    struct hone_error error;
    cr_assert(eq(int, hone_overrides_open(&overrides, &settings, &error), 0), "%s", error.text);
    char *text = hone_settings_print(settings);
    for (; *wanted; wanted++)
        cr_expect(ne(ptr, strstr(text, *wanted), NULL), "no \"%s\" in:\n%s", *wanted, text);
    cr_expect(eq(ptr, strstr(text, unwanted), NULL), "%s", text);
    free(text);
    hone_settings_close(settings);
}

Test(overrides, puts_a_detector_beside_those_of_the_settings) {
    bool taken = take_detector("./mine.so") && take_detector("../yours.so=audit") &&
                 take_detector("out_of_bounds=off");
    cr_assert(taken);
    expect_settings((const char *const[]){"\nunwritten_output = on\n", "\n./mine.so = on\n",
                                          "\n../yours.so = audit\n", "\nout_of_bounds = off\n",
                                          NULL},
                    "\nout_of_bounds = on\n");
}

Test(overrides, puts_rewards_in_the_place_of_those_of_the_settings) {
    bool taken =
        take_detector("./first.so") && take_reward("./mine.so") && take_reward("speedup=0.25");
    cr_assert(taken);
    expect_settings((const char *const[]){"\ncorrectness = off\n", "\n./mine.so = 1\n",
                                          "\nspeedup = 0.25\n", NULL},
                    "\nspeedup = off\n");
}

Test(overrides, takes_no_more_settings_than_there_is_room_for) {
    int taken = 0;
    while (taken < 1000 && take_detector("out_of_bounds"))
        taken++;
    cr_expect(eq(int, taken, 63));
    cr_expect(eq(ptr, (void *)overrides.texts[63], NULL));
}
