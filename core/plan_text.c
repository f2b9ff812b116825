#include "core/plan_private.h"

#include "core/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MARK "//@hone"

int hone_plan_fail(const struct hone_plan_line *line, const char *at, struct hone_error *error,
                   const char *format, ...) {
    if (!error)
        return -EINVAL;
    int length = snprintf(error->text, sizeof error->text, "%s:%u:%zu: error: ", line->file,
                          line->number, (size_t)(at - line->text) + 1);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->text + length, sizeof error->text - (size_t)length, format, arguments);
    va_end(arguments);
    return -EINVAL;
}

static bool is_blank(char letter) {
    return letter == ' ' || letter == '\t';
}

static bool is_letter(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || letter == '_';
}

static bool is_word(char letter) {
    return is_letter(letter) || (letter >= '0' && letter <= '9');
}

/* What the plan is made of is printable, within its length, and on one line. */
static int check_line(struct hone_plan_line *line, struct hone_error *error) {
    if (line->at < line->end && !is_blank(*line->at))
        return hone_plan_fail(line, line->at, error, "expected a blank after " MARK);
    if (line->end - line->at > (ptrdiff_t)PLAN_LINE_BYTES_MAX)
        return hone_plan_fail(line, line->at + PLAN_LINE_BYTES_MAX, error,
                              "a plan line has at most %u bytes", PLAN_LINE_BYTES_MAX);
    for (const char *at = line->at; at < line->end; at++)
        if (((unsigned char)*at < ' ' && *at != '\t') || *at == 127)
            return hone_plan_fail(line, at, error, "a control character in a plan line");
    if (line->end > line->at && line->end[-1] == '\\')
        return hone_plan_fail(line, line->end - 1, error,
                              "a plan line ends with its line: write it without a backslash");
    for (const char *at = line->at; at + 1 < line->end; at++)
        if (at[0] == '/' && at[1] == '/')
            line->end = at;
    while (line->end > line->at && is_blank(line->end[-1]))
        line->end--;
    return 0;
}

int hone_plan_next_line(const char *file, const char **at, const char *source_end, uint32_t *number,
                        struct hone_plan_line *line, struct hone_error *error) {
    const size_t mark = strlen(MARK);
    while (*at < source_end) {
        const char *text = *at, *begin = text;
        const char *end = memchr(text, '\n', (size_t)(source_end - text));
        *at = end ? end + 1 : source_end;
        end = end ? end : source_end;
        ++*number;
        while (begin < end && is_blank(*begin))
            begin++;
        if ((size_t)(end - begin) < mark || memcmp(begin, MARK, mark) != 0)
            continue;
        while (end > begin && (is_blank(end[-1]) || end[-1] == '\r'))
            end--;
        *line = (struct hone_plan_line){
            .text = text, .at = begin + mark, .end = end, .number = *number, .file = file};
        int code = check_line(line, error);
        return code ? code : 1;
    }
    return 0;
}

void hone_plan_skip_blanks(struct hone_plan_line *line) {
    while (line->at < line->end && is_blank(*line->at))
        line->at++;
}

bool hone_plan_at_end(struct hone_plan_line *line) {
    hone_plan_skip_blanks(line);
    return line->at == line->end;
}

bool hone_plan_take_word(struct hone_plan_line *line, struct hone_plan_piece *word) {
    hone_plan_skip_blanks(line);
    if (line->at == line->end || !is_letter(*line->at))
        return false;
    word->begin = line->at;
    while (line->at < line->end && is_word(*line->at))
        line->at++;
    word->end = line->at;
    return true;
}

bool hone_plan_take(struct hone_plan_line *line, char symbol) {
    hone_plan_skip_blanks(line);
    if (line->at == line->end || *line->at != symbol)
        return false;
    line->at++;
    return true;
}

bool hone_plan_is(const struct hone_plan_piece *piece, const char *word) {
    const size_t length = (size_t)(piece->end - piece->begin);
    return strlen(word) == length && memcmp(piece->begin, word, length) == 0;
}

static struct hone_plan_piece trim(const char *begin, const char *end) {
    while (begin < end && is_blank(*begin))
        begin++;
    while (end > begin && is_blank(end[-1]))
        end--;
    return (struct hone_plan_piece){begin, end};
}

/* Whether an option begins here: a word and '=', but not '=='. */
static bool begins_option(const char *at, const char *end) {
    while (at < end && is_word(*at))
        at++;
    while (at < end && is_blank(*at))
        at++;
    return at < end && *at == '=' && (at + 1 == end || at[1] != '=');
}

int hone_plan_take_option(struct hone_plan_line *line, struct hone_plan_piece *key,
                          struct hone_plan_piece *value, struct hone_error *error) {
    if (hone_plan_at_end(line))
        return 0;
    const char *begin = line->at;
    if (!hone_plan_take_word(line, key) || !hone_plan_take(line, '='))
        return hone_plan_fail(line, begin, error, "expected NAME=value");
    begin = line->at;
    int depth = 0;
    for (; line->at < line->end; line->at++) {
        const char letter = *line->at;
        depth += (letter == '(') - (letter == ')');
        const bool fresh = line->at == begin || !is_word(line->at[-1]);
        if (depth == 0 && fresh && is_letter(letter) && begins_option(line->at, line->end))
            break;
    }
    *value = trim(begin, line->at);
    if (value->begin == value->end)
        return hone_plan_fail(line, begin, error, "expected a value after `%.*s=`",
                              (int)(key->end - key->begin), key->begin);
    return 1;
}

/* The ')' that ends what begins with '(' at `at`; NULL: none. */
static const char *closing(const char *at, const char *end) {
    int depth = 0;
    for (; at < end; at++) {
        depth += (*at == '(') - (*at == ')');
        if (depth == 0)
            return at;
    }
    return NULL;
}

int hone_plan_split(const struct hone_plan_line *line, const struct hone_plan_piece *value,
                    struct hone_plan_piece *elements, uint32_t most, struct hone_error *error) {
    elements[0] = *value;
    if (*value->begin != '(')
        return 1;
    const char *end = closing(value->begin, value->end);
    if (!end)
        return hone_plan_fail(line, value->end, error, "expected ')'");
    if (end + 1 != value->end)
        return 1;
    if (trim(value->begin + 1, end).begin == end)
        return 0;
    uint32_t count = 0;
    int depth = 0;
    const char *begin = value->begin + 1;
    for (const char *at = begin; at <= end; at++) {
        depth += (*at == '(') - (*at == ')');
        if (at < end && (*at != ',' || depth > 0))
            continue;
        if (count == most)
            return hone_plan_fail(line, begin, error, "more than %u values", most);
        elements[count] = trim(begin, at);
        if (elements[count].begin == elements[count].end)
            return hone_plan_fail(line, elements[count].begin, error, "expected a value");
        begin = at + 1;
        count++;
    }
    return (int)count;
}
