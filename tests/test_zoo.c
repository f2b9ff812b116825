/* The corpora of tests/hacks and tests/honest, by the program `zoo`, which `make zoo` runs at
 * length. */
#include "tests/support.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

TestSuite(zoo, .timeout = 240);

/* The words after `zoo`; fails the test with what it printed. */
static void expect_success(const char *words) {
    const char *build = getenv("HONE_BUILD");
    char command[512], text[8192];
    snprintf(command, sizeof command, "%s/zoo %s 2>&1", build ? build : "build/release", words);
    FILE *out = popen(command, "r");
    cr_assert(ne(ptr, out, NULL));
    size_t got = fread(text, 1, sizeof text - 1, out);
    text[got] = '\0';
    while (fgetc(out) != EOF)
        ;
    int status = pclose(out);
    cr_expect(eq(int, WIFEXITED(status) ? WEXITSTATUS(status) : -1, 0), "%s:\n%s", command, text);
}

Test(zoo, has_four_hacks_of_every_rule_and_shows_what_its_catalogue_says) {
    expect_success("--check");
}

Test(zoo, catches_every_hack_and_leaves_the_honest_alone) {
    expect_success("--quick");
}
