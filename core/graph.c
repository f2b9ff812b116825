#include "core/graph_private.h"

#include "core/error.h"
#include "core/expression.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int hone_graph_fail(const struct hone_graph *graph, uint32_t line, uint32_t column,
                    struct hone_error *error, const char *format, ...) {
    char text[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return hone_fail(error, -EINVAL, "%.100s: line %u, column %u: %s", graph->file, line, column,
                     text);
}

/* One line as it is read; what is taken is ended by a NUL in place. */
struct reader {
    struct hone_graph *graph;
    struct hone_error *error;
    char *start, *at;
    uint32_t line;
};

static uint32_t column_of(const struct reader *reader, const char *at) {
    return (uint32_t)(at - reader->start) + 1;
}

#define FAIL(reader, where, ...)                                                                   \
    hone_graph_fail((reader)->graph, (reader)->line, column_of(reader, where), (reader)->error,    \
                    __VA_ARGS__)

static void skip_blanks(struct reader *reader) {
    reader->at += strspn(reader->at, " \t");
}

static bool is_letter(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || letter == '_';
}

static size_t word_length(const char *at) {
    size_t length = 0;
    while (is_letter(at[length]) || (length && at[length] >= '0' && at[length] <= '9'))
        length++;
    return length;
}

/* Take a name; the character behind it is left for the caller to look at, in *behind. */
static int take_word(struct reader *reader, const char *what, char **word, char *behind) {
    skip_blanks(reader);
    const size_t length = word_length(reader->at);
    if (length == 0)
        return FAIL(reader, reader->at, "expected %s", what);
    if (length >= HONE_NAME_SIZE)
        return FAIL(reader, reader->at, "expected a name of at most %d letters",
                    HONE_NAME_SIZE - 1);
    *word = reader->at;
    reader->at += length;
    char *end = reader->at;
    skip_blanks(reader);
    *behind = *reader->at;
    if (*reader->at)
        reader->at++;
    *end = '\0';
    return 0;
}

/* The end of an item: the first comma or closing bracket that is not inside of others. */
static char *item_end(char *at) {
    uint32_t depth = 0;
    for (; *at; at++) {
        if (depth == 0 && (*at == ',' || *at == ')' || *at == ']'))
            break;
        if (*at == '(' || *at == '[')
            depth++;
        else if (*at == ')' || *at == ']')
            depth--;
    }
    return at;
}

static void trim(char *text) {
    size_t length = strlen(text);
    while (length && strchr(" \t\r", text[length - 1]))
        text[--length] = '\0';
}

/* ---- names ---- */

static int find_step(const struct hone_graph *graph, const char *name) {
    for (uint32_t i = graph->step_count; i-- > 0;)
        if (strcmp(graph->steps[i].name, name) == 0)
            return (int)i;
    return -ENOENT;
}

static int find_argument(const struct hone_graph *graph, const char *name) {
    for (uint32_t i = 0; i < graph->argument_count; i++)
        if (strcmp(graph->arguments[i].name, name) == 0)
            return (int)i;
    return -ENOENT;
}

/* Is this what `name = ` may assign? */
static int read_target(const struct reader *reader, struct hone_graph_step *step) {
    const int earlier = find_step(reader->graph, step->name);
    const int argument = find_argument(reader->graph, step->name);
    step->argument = UINT32_MAX;
    if (earlier >= 0)
        return FAIL(reader, step->name, "%s is assigned a second time, first in line %u",
                    step->name, reader->graph->steps[earlier].line);
    if (hone_expression_reserved(step->name) || strcmp(step->name, "true") == 0 ||
        strcmp(step->name, "false") == 0)
        return FAIL(reader, step->name, "%s means something in expressions; expected another name",
                    step->name);
    if (argument < 0)
        return 0;
    const enum hone_graph_role role = reader->graph->arguments[argument].role;
    if (role != HONE_GRAPH_OUTPUT && role != HONE_GRAPH_INOUT)
        return FAIL(reader, step->name, "%s is an argument that is read; expected another name",
                    step->name);
    step->argument = (uint32_t)argument;
    return 0;
}

static int read_operand(const struct reader *reader, char *text,
                        struct hone_graph_operand *operand) {
    const struct hone_graph *graph = reader->graph;
    *operand = (struct hone_graph_operand){
        .text = text, .column = column_of(reader, text), .source = HONE_GRAPH_NUMBER};
    if (text[0] == '\0')
        return FAIL(reader, text, "expected an operand");
    if (text[word_length(text)] != '\0')
        return 0; /* more than a name: an expression */
    const int step = find_step(graph, text), argument = find_argument(graph, text);
    if (step >= 0) {
        operand->source = HONE_GRAPH_STEP;
        operand->index = (uint32_t)step;
        return 0;
    }
    if (argument < 0)
        return FAIL(reader, text, "unknown name \"%.60s\", expected an argument or a line above",
                    text);
    operand->index = (uint32_t)argument;
    switch (graph->arguments[argument].role) {
    case HONE_GRAPH_OUTPUT:
        return FAIL(reader, text, "%s is an output that no line above assigns", text);
    case HONE_GRAPH_INPUT:
    case HONE_GRAPH_INOUT:
        operand->source = HONE_GRAPH_ARGUMENT;
        return 0;
    default:
        return 0;
    }
}

/* ---- one line ---- */

static int read_attribute(const struct reader *reader, struct hone_graph_step *step, char *key,
                          char *value) {
    const struct hone_operator *op = step->op;
    for (uint32_t i = 0; op->attributes[i].name; i++) {
        if (strcmp(op->attributes[i].name, key) != 0)
            continue;
        if (step->attributes[i])
            return FAIL(reader, key, "a second \"%s\"", key);
        if (!*value)
            return FAIL(reader, value, "expected a value of %s", key);
        step->attributes[i] = value;
        step->attribute_columns[i] = column_of(reader, value);
        return 0;
    }
    char names[160] = "";
    size_t length = 0;
    for (uint32_t i = 0; op->attributes[i].name && length < sizeof names; i++)
        length += (size_t)snprintf(names + length, sizeof names - length, "%s%s", i ? ", " : "",
                                   op->attributes[i].name);
    return FAIL(reader, key, "%s has no \"%.40s\", expected %s", op->name, key,
                *names ? names : "operands only");
}

static int read_items(struct reader *reader, struct hone_graph_step *step) {
    bool named = false;
    for (char closing = 0; closing != ')';) {
        skip_blanks(reader);
        char *text = reader->at, *end = item_end(text);
        closing = *end;
        if (closing != ',' && closing != ')')
            return FAIL(reader, end, "expected ',' or ')'");
        *end = '\0';
        reader->at = end + 1;
        trim(text);
        const size_t length = word_length(text);
        char *equals = text + length + strspn(text + length, " \t");
        int result;
        if (length && *equals == '=' && equals[1] != '=') {
            text[length] = '\0';
            result = read_attribute(reader, step, text, equals + 1 + strspn(equals + 1, " \t"));
            named = true;
        } else if (named) {
            result = FAIL(reader, text, "expected operands before attributes");
        } else if (step->operand_count == HONE_OPERANDS_MAX) {
            result = FAIL(reader, text, "expected at most %d operands", HONE_OPERANDS_MAX);
        } else {
            result = read_operand(reader, text, &step->operands[step->operand_count++]);
        }
        if (result < 0)
            return result;
    }
    return 0;
}

/* What the table says this operator needs. */
static int check_items(const struct reader *reader, const struct hone_graph_step *step) {
    uint32_t least, most;
    hone_operator_operands(step->op, &least, &most);
    if (step->operand_count < least || step->operand_count > most)
        return hone_graph_fail(reader->graph, step->line, step->columns[1], reader->error,
                               "%s takes %s, found %u operand%s", step->op->name,
                               step->op->operands, step->operand_count,
                               step->operand_count == 1 ? "" : "s");
    for (uint32_t i = 0; step->op->attributes[i].name; i++)
        if (!step->attributes[i] && isnan(step->op->attributes[i].fallback))
            return hone_graph_fail(reader->graph, step->line, step->columns[1], reader->error,
                                   "%s needs %s=", step->op->name, step->op->attributes[i].name);
    return 0;
}

static int read_line(struct reader *reader) {
    struct hone_graph *graph = reader->graph;
    char *name, *word, behind;
    skip_blanks(reader);
    if (!*reader->at)
        return 0;
    if (graph->step_count == HONE_GRAPH_STEPS_MAX)
        return FAIL(reader, reader->at, "expected at most %d operators", HONE_GRAPH_STEPS_MAX);
    struct hone_graph_step *step = &graph->steps[graph->step_count];
    *step = (struct hone_graph_step){.line = reader->line, .last_use = graph->step_count};
    int result = take_word(reader, "a name", &name, &behind);
    if (result == 0 && behind != '=')
        result = FAIL(reader, reader->at - (behind != 0), "expected '='");
    if (result == 0)
        result = take_word(reader, "an operator", &word, &behind);
    if (result == 0 && behind != '(')
        result = FAIL(reader, reader->at - (behind != 0), "expected '('");
    if (result < 0)
        return result;
    step->name = name;
    step->op = hone_operator_find(word);
    step->columns[0] = column_of(reader, name);
    step->columns[1] = column_of(reader, word);
    if (!step->op)
        return FAIL(reader, word, "there is no operator \"%s\"", word);
    result = read_target(reader, step);
    if (result == 0)
        result = read_items(reader, step);
    if (result == 0)
        result = check_items(reader, step);
    if (result < 0)
        return result;
    skip_blanks(reader);
    if (*reader->at)
        return FAIL(reader, reader->at, "expected the end of the line");
    for (uint32_t i = 0; i < step->operand_count; i++)
        if (step->operands[i].source == HONE_GRAPH_STEP)
            graph->steps[step->operands[i].index].last_use = graph->step_count;
    graph->step_count++;
    return 0;
}

/* ---- the whole ---- */

static int check_uses(const struct hone_graph *graph, struct hone_error *error) {
    for (uint32_t i = 0; i < graph->step_count; i++) {
        const struct hone_graph_step *step = &graph->steps[i];
        if (step->last_use == i && step->argument == UINT32_MAX)
            return hone_graph_fail(graph, step->line, step->columns[0], error,
                                   "%s is no output, and no line below reads it", step->name);
    }
    for (uint32_t i = 0; i < graph->argument_count; i++) {
        const enum hone_graph_role role = graph->arguments[i].role;
        if ((role == HONE_GRAPH_OUTPUT || role == HONE_GRAPH_INOUT) &&
            find_step(graph, graph->arguments[i].name) < 0)
            return hone_fail(error, -EINVAL, "%.100s: expected a line that assigns the output %s",
                             graph->file, graph->arguments[i].name);
    }
    return 0;
}

static int read_lines(struct hone_graph *graph, struct hone_error *error) {
    int result = 0;
    uint32_t line = 1;
    for (char *at = graph->text, *next; result == 0 && at; at = next, line++) {
        next = strchr(at, '\n');
        if (next)
            *next++ = '\0';
        at[strcspn(at, "#")] = '\0';
        trim(at);
        struct reader reader = {graph, error, at, at, line};
        result = read_line(&reader);
    }
    return result < 0 ? result : check_uses(graph, error);
}

static int read_arguments(struct hone_graph *graph, const struct hone_graph_argument *arguments,
                          uint32_t count, struct hone_error *error) {
    if (count > HONE_GRAPH_ARGUMENTS_MAX)
        return hone_fail(error, -EINVAL, "%.100s: expected at most %d arguments", graph->file,
                         HONE_GRAPH_ARGUMENTS_MAX);
    for (uint32_t i = 0; i < count; i++) {
        snprintf(graph->arguments[i].name, HONE_NAME_SIZE, "%s", arguments[i].name);
        graph->arguments[i].role = arguments[i].role;
    }
    graph->argument_count = count;
    return 0;
}

int hone_graph_parse(const char *text, uint64_t bytes, const char *file,
                     const struct hone_graph_argument *arguments, uint32_t argument_count,
                     struct hone_graph **out, struct hone_error *error) {
    if (bytes > HONE_GRAPH_BYTES_MAX)
        return hone_fail(error, -EINVAL, "%.100s: expected at most %d bytes", file,
                         HONE_GRAPH_BYTES_MAX);
    if (memchr(text, '\0', (size_t)bytes))
        return hone_fail(error, -EINVAL, "%.100s: expected text without NUL bytes", file);
    struct hone_graph *graph = calloc(1, sizeof *graph);
    int result = -ENOMEM;
    if (graph) {
        graph->file = strdup(file);
        graph->text = strndup(text, (size_t)bytes);
    }
    if (graph && graph->file && graph->text) {
        result = read_arguments(graph, arguments, argument_count, error);
        if (result == 0)
            result = read_lines(graph, error);
    } else {
        hone_fail(error, result, "out of memory");
    }
    if (result < 0)
        hone_graph_destroy(graph);
    else
        *out = graph;
    return result;
}

void hone_graph_destroy(struct hone_graph *graph) {
    if (!graph)
        return;
    free(graph->text);
    free(graph->file);
    free(graph);
}

const struct hone_graph_step *hone_graph_steps(const struct hone_graph *graph, uint32_t *count) {
    *count = graph->step_count;
    return graph->steps;
}
