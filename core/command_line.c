#include "core/command_line.h"

#include "core/error.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HELP = 256, FIRST }; /* what getopt_long() returns: past every letter */

int hone_take_yes(void *flag, const char *value, struct hone_error *error) {
    (void)value, (void)error;
    *(bool *)flag = true;
    return 0;
}

int hone_take_no(void *flag, const char *value, struct hone_error *error) {
    (void)value, (void)error;
    *(bool *)flag = false;
    return 0;
}

int hone_take_text(void *text, const char *value, struct hone_error *error) {
    (void)error;
    *(const char **)text = value;
    return 0;
}

int hone_take_number(void *number, const char *value, struct hone_error *error) {
    char *end;
    errno = 0;
    const int base = !strncmp(value, "0x", 2) ? 16 : 10;
    const unsigned long long taken = strtoull(value, &end, base);
    if (errno || *end || *value < '0' || *value > '9')
        return hone_fail(error, -EINVAL, "expected a whole number");
    *(uint64_t *)number = taken;
    return 0;
}

int hone_take_count(void *count, const char *value, struct hone_error *error) {
    uint64_t taken;
    int code = hone_take_number(&taken, value, error);
    if (!code && taken > UINT32_MAX)
        code = hone_fail(error, -ERANGE, "expected a number below 2^32");
    if (!code)
        *(uint32_t *)count = (uint32_t)taken;
    return code;
}

/* ---- the help ---- */

static int label_of(const struct hone_command_option *option, char *label, size_t size) {
    const char *value = option->value ? option->value : "";
    return snprintf(label, size, "--%s%s%s", option->name, *value && *value != '[' ? " " : "",
                    value);
}

static void print_option(const struct hone_command_option *option, int width) {
    char label[64];
    label_of(option, label, sizeof label);
    const char *text = option->summary;
    size_t length = strcspn(text, "\n");
    printf("  %-*s  %.*s\n", width, label, (int)length, text);
    while (text[length]) {
        text += length + 1;
        length = strcspn(text, "\n");
        printf("  %*s  %.*s\n", width, "", (int)length, text);
    }
}

static void print_help(const struct hone_command_line *line) {
    static const struct hone_command_option help = {"help", NULL, "this text", NULL, NULL, 'h'};
    char label[64];
    int width = label_of(&help, label, sizeof label);
    for (const struct hone_command_option *option = line->options; option->name; option++) {
        int length = label_of(option, label, sizeof label);
        width = length > width ? length : width;
    }
    printf("usage: %s [OPTION ...]%s%s\n\n%s\n\n", line->command, *line->synopsis ? " " : "",
           line->synopsis, line->purpose);
    for (const struct hone_command_option *option = line->options; option->name; option++)
        print_option(option, width);
    print_option(&help, width);
    if (line->more)
        printf("\n%s\n", line->more);
}

/* ---- the line ---- */

int hone_command_line_refuse(const struct hone_command_line *line, const char *format, ...) {
    va_list arguments;
    fprintf(stderr, "%s: ", line->command);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "; see `%s --help`\n", line->command);
    return HONE_EXIT_USAGE;
}

/* The table as getopt_long() wants it; short names go into `letters`. */
static void make_table(const struct hone_command_line *line, struct option *table, char *letters) {
    int count = 0;
    *letters++ = ':'; /* tell a missing value from an unknown option */
    *letters++ = 'h';
    for (const struct hone_command_option *option = line->options; option->name; option++) {
        assert(count < HONE_OPTIONS_MAX);
        const int has = !option->value          ? no_argument
                        : *option->value == '[' ? optional_argument
                                                : required_argument;
        table[count] = (struct option){option->name, has, NULL, FIRST + count};
        count++;
        if (!option->letter)
            continue;
        *letters++ = option->letter;
        if (has == required_argument)
            *letters++ = ':';
    }
    table[count++] = (struct option){"help", no_argument, NULL, HELP};
    table[count] = (struct option){0};
    *letters = '\0';
}

/* getopt_long() tells the unknown, the ambiguous and a value too many only in its own words. */
static int refuse_option(const struct hone_command_line *line, const struct option *table,
                         const char *word) {
    if (optopt > 0 && optopt < HELP)
        return hone_command_line_refuse(line, "unknown option -%c", optopt);
    const size_t length = strcspn(word + 2, "=");
    uint32_t meant = 0;
    for (; table->name; table++)
        meant += strncmp(table->name, word + 2, length) == 0;
    const char *what = !meant      ? "unknown option"
                       : meant > 1 ? "more than one option begins with"
                                   : "no value goes with";
    return hone_command_line_refuse(line, "%s %.*s", what, (int)length + 2, word);
}

static const struct hone_command_option *option_of(const struct hone_command_line *line, int got) {
    if (got >= FIRST)
        return &line->options[got - FIRST];
    const struct hone_command_option *option = line->options;
    while (option->letter != got)
        option++;
    return option;
}

static int read_operands(const struct hone_command_line *line, int count, char **words) {
    if ((uint32_t)count < line->least)
        return hone_command_line_refuse(line, "expected %s", line->synopsis);
    if ((uint32_t)count > line->most)
        return hone_command_line_refuse(line, "unexpected word \"%s\"", words[line->most]);
    for (int i = 0; i < count; i++)
        line->operands[i] = words[i];
    return 0;
}

bool hone_command_line_read(const struct hone_command_line *line, int argc, char **argv,
                            int *status) {
    struct option table[HONE_OPTIONS_MAX + 2];
    char letters[2 * HONE_OPTIONS_MAX + 3];
    struct hone_error error = {""};
    make_table(line, table, letters);
    optind = 0; /* begin anew */
    opterr = 0;
    for (int got; (got = getopt_long(argc, argv, letters, table, NULL)) != -1;) {
        if (got == HELP || got == 'h') {
            print_help(line);
            *status = 0;
            return false;
        }
        if (got == '?' || got == ':') {
            *status = got == '?' ? refuse_option(line, table, argv[optind - 1])
                                 : hone_command_line_refuse(line, "a value is missing after %s",
                                                            argv[optind - 1]);
            return false;
        }
        const struct hone_command_option *option = option_of(line, got);
        if (option->take(option->to, optarg, &error)) {
            *status = hone_command_line_refuse(line, "--%s %s: %s", option->name,
                                               optarg ? optarg : "", error.text);
            return false;
        }
    }
    *status = read_operands(line, argc - optind, argv + optind);
    return *status == 0;
}

int hone_command_line_number(const struct hone_command_line *line, const char *name,
                             const char *word, uint64_t most, uint64_t *number) {
    uint64_t taken;
    if (!word)
        return 0;
    if (hone_take_number(&taken, word, NULL) || taken < 1 || taken > most)
        return hone_command_line_refuse(line, "%s is a number from 1, not \"%s\"", name, word);
    *number = taken;
    return 0;
}

/* ---- commands chosen by a word ---- */

const struct hone_command *hone_command_find(const struct hone_command *commands, int argc,
                                             char **argv) {
    for (; argc > 1 && commands->name; commands++)
        if (!strcmp(commands->name, argv[1]))
            return commands;
    return NULL;
}

static void print_commands(FILE *out, const char *group, const struct hone_command *commands) {
    fprintf(out, "usage: %s COMMAND [OPTION ...]\n\n", group);
    for (; commands->name; commands++)
        if (commands->summary)
            fprintf(out, "  %-8s  %s\n", commands->name, commands->summary);
    fprintf(out, "\n`%s COMMAND --help` tells more.\n", group);
}

int hone_command_choose(const char *group, const struct hone_command *commands, int argc,
                        char **argv) {
    const struct hone_command *found = hone_command_find(commands, argc, argv);
    if (found)
        return found->run(argc - 1, argv + 1);
    if (argc < 2) {
        print_commands(stderr, group, commands);
        return HONE_EXIT_USAGE;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
        print_commands(stdout, group, commands);
        return 0;
    }
    fprintf(stderr, "%s: no command \"%s\"; see `%s --help`\n", group, argv[1], group);
    return HONE_EXIT_USAGE;
}
