#include "core/command_line.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static char output[4096], errors[4096];

static struct {
    bool keep, loud;
    const char *name, *how, *words[2];
    uint64_t seed;
    uint32_t limit;
} taken;

static int take_how(void *to, const char *value, struct hone_error *error) {
    (void)error;
    *(const char **)to = value ? value : "somehow";
    return 0;
}

static const struct hone_command_option options[] = {
    {"loud", NULL, "more", hone_take_yes, &taken.loud, 0},
    {"forget", NULL, "keep nothing", hone_take_no, &taken.keep, 0},
    {"force", NULL, "or else", hone_take_yes, &taken.loud, 0},
    {"name", "NAME", "who\nof them", hone_take_text, &taken.name, 'w'},
    {"how", "[=WAY]", "in a way", take_how, &taken.how, 0},
    {"seed", "N", "what is drawn", hone_take_number, &taken.seed, 0},
    {"limit", "N", "at most N", hone_take_count, &taken.limit, 'n'},
    {0},
};

static const struct hone_command_line line = {
    .command = "hone try",
    .synopsis = "FIRST [SECOND]",
    .purpose = "Try.",
    .options = options,
    .more = "exit: 0 always",
    .operands = taken.words,
    .least = 1,
    .most = 2,
};

static int catch_begin(FILE *stream, int descriptor) {
    fflush(stream);
    int saved = dup(descriptor), caught = memfd_create("caught", 0);
    dup2(caught, descriptor);
    close(caught);
    return saved;
}

static void catch_end(FILE *stream, int descriptor, int saved, char *text, size_t room) {
    fflush(stream);
    ssize_t size = pread(descriptor, text, room - 1, 0);
    text[size > 0 ? size : 0] = '\0';
    dup2(saved, descriptor);
    close(saved);
}

/* -1: the command goes on; else its exit status. */
static int try_words(char **words) {
    int count = 0, status = -1;
    while (words[count])
        count++;
    memset(&taken, 0, sizeof taken);
    taken.keep = true;
    int out = catch_begin(stdout, 1), bad = catch_begin(stderr, 2);
    bool good = hone_command_line_read(&line, count, words, &status);
    catch_end(stdout, 1, out, output, sizeof output);
    catch_end(stderr, 2, bad, errors, sizeof errors);
    return good ? -1 : status;
}
#define TRY(...) try_words((char *[]){"try", __VA_ARGS__, NULL})

static void expect_refusal(int status, const char *wanted) {
    char whole[256];
    snprintf(whole, sizeof whole, "hone try: %s; see `hone try --help`\n", wanted);
    cr_expect(eq(int, status, HONE_EXIT_USAGE));
    cr_expect(eq(str, errors, whole));
    cr_expect(eq(str, output, ""));
}

Test(command_line, takes_options_and_operands_in_any_order) {
    cr_assert(eq(int, TRY("one", "--seed", "0x10", "-n", "7", "--forget", "--how=so", "two"), -1));
    cr_expect(eq(str, (char *)taken.words[0], "one"));
    cr_expect(eq(str, (char *)taken.words[1], "two"));
    cr_expect(eq(u64, taken.seed, 16));
    cr_expect(eq(u32, taken.limit, 7));
    cr_expect(eq(int, taken.keep, 0));
    cr_expect(eq(int, taken.loud, 0));
    cr_expect(eq(str, (char *)taken.how, "so"));
}

Test(command_line, leaves_alone_what_is_not_given) {
    cr_assert(eq(int, TRY("one"), -1));
    cr_expect(eq(int, taken.keep, 1));
    cr_expect(eq(ptr, (void *)taken.name, NULL));
    cr_expect(eq(ptr, (void *)taken.words[1], NULL));
}

Test(command_line, takes_a_value_that_may_be_left_out_only_with_its_sign) {
    cr_assert(eq(int, TRY("--how", "one"), -1));
    cr_expect(eq(str, (char *)taken.how, "somehow"));
    cr_expect(eq(str, (char *)taken.words[0], "one"));
}

Test(command_line, ends_options_at_two_dashes) {
    cr_assert(eq(int, TRY("--", "--loud"), -1));
    cr_expect(eq(str, (char *)taken.words[0], "--loud"));
    cr_expect(eq(int, taken.loud, 0));
}

Test(command_line, takes_short_names_and_beginnings_that_only_one_option_has) {
    cr_assert(eq(int, TRY("--lo", "-w", "me", "one"), -1));
    cr_expect(eq(int, taken.loud, 1));
    cr_expect(eq(str, (char *)taken.name, "me"));
}

Test(command_line, says_what_is_wrong_and_where_the_help_is) {
    expect_refusal(TRY("--bogus", "one"), "unknown option --bogus");
    expect_refusal(TRY("--bogus=3", "one"), "unknown option --bogus");
    expect_refusal(TRY("one", "-x"), "unknown option -x");
    expect_refusal(TRY("one", "--loud", "-xn"), "unknown option -x");
    expect_refusal(TRY("--fo", "one"), "more than one option begins with --fo");
    expect_refusal(TRY("--loud=3", "one"), "no value goes with --loud");
    expect_refusal(TRY("--help=3", "one"), "no value goes with --help");
    expect_refusal(TRY("one", "--name"), "a value is missing after --name");
    expect_refusal(TRY("one", "-n"), "a value is missing after -n");
    expect_refusal(TRY("--loud"), "expected FIRST [SECOND]");
    expect_refusal(TRY("one", "two", "three"), "unexpected word \"three\"");
}

Test(command_line, takes_whole_numbers_that_fit) {
    static char *const bad[] = {"-1", "+1", " 1", "", "1x", "x", "1.5", "18446744073709551616"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char wanted[96];
        snprintf(wanted, sizeof wanted, "--seed %s: expected a whole number", bad[i]);
        expect_refusal(TRY("one", "--seed", bad[i]), wanted);
    }
    expect_refusal(TRY("one", "-n", "4294967296"),
                   "--limit 4294967296: expected a number below 2^32");
    cr_assert(eq(int, TRY("one", "--seed", "18446744073709551615", "-n", "4294967295"), -1));
    cr_expect(eq(u64, taken.seed, UINT64_MAX));
    cr_expect(eq(u32, taken.limit, UINT32_MAX));
    cr_assert(eq(int, TRY("one", "--seed", "010"), -1));
    cr_expect(eq(u64, taken.seed, 10));
}

Test(command_line, prints_its_table_as_help) {
    static const char wanted[] = "usage: hone try [OPTION ...] FIRST [SECOND]\n"
                                 "\n"
                                 "Try.\n"
                                 "\n"
                                 "  --loud       more\n"
                                 "  --forget     keep nothing\n"
                                 "  --force      or else\n"
                                 "  --name NAME  who\n"
                                 "               of them\n"
                                 "  --how[=WAY]  in a way\n"
                                 "  --seed N     what is drawn\n"
                                 "  --limit N    at most N\n"
                                 "  --help       this text\n"
                                 "\n"
                                 "exit: 0 always\n";
    cr_expect(eq(int, TRY("--help"), 0));
    cr_expect(eq(str, output, (char *)wanted));
    cr_expect(eq(int, TRY("-h"), 0));
    cr_expect(eq(str, output, (char *)wanted));
}

static int run_seven(int argc, char **argv) {
    return argc == 2 && !strcmp(argv[0], "seven") && !strcmp(argv[1], "more") ? 7 : 1;
}

static int choose(char **words) {
    static const struct hone_command commands[] = {
        {"seven", run_seven, "ends with it"}, {"hidden", run_seven, NULL}, {0}};
    int count = 0;
    while (words[count])
        count++;
    int out = catch_begin(stdout, 1), bad = catch_begin(stderr, 2);
    int status = hone_command_choose("hone group", commands, count, words);
    catch_end(stdout, 1, out, output, sizeof output);
    catch_end(stderr, 2, bad, errors, sizeof errors);
    return status;
}
#define CHOOSE(...) choose((char *[]){"group", __VA_ARGS__, NULL})

Test(command_line, chooses_a_command_by_its_word) {
    cr_expect(eq(int, CHOOSE("seven", "more"), 7));
    cr_expect(eq(int, CHOOSE("eight"), 2));
    cr_expect(eq(str, errors, "hone group: no command \"eight\"; see `hone group --help`\n"));
    static const char help[] = "usage: hone group COMMAND [OPTION ...]\n\n"
                               "  seven     ends with it\n\n"
                               "`hone group COMMAND --help` tells more.\n";
    cr_expect(eq(int, CHOOSE("--help"), 0));
    cr_expect(eq(str, output, (char *)help));
    cr_expect(eq(int, choose((char *[]){"group", NULL}), 2));
    cr_expect(eq(str, errors, (char *)help));
}
