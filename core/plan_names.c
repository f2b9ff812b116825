#include "core/plan_private.h"

#include "core/error.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/tensor.h"

static int length_of(const struct hone_plan_piece *piece) {
    return (int)(piece->end - piece->begin);
}

void *hone_plan_grow(void *rows, uint32_t count, uint32_t *capacity, size_t row_bytes) {
    if (count < *capacity)
        return rows;
    const uint32_t more = *capacity ? 2 * *capacity : 32;
    void *grown = realloc(rows, more * row_bytes);
    if (grown)
        *capacity = more;
    return grown;
}

/* The store has room for every byte of the source twice, and pieces of it do not overlap. */
const char *hone_plan_keep(struct hone_plan *plan, const struct hone_plan_piece *piece) {
    char *copy = plan->store + plan->store_used;
    const size_t length = (size_t)length_of(piece);
    memcpy(copy, piece->begin, length);
    copy[length] = '\0';
    plan->store_used += length + 1;
    return copy;
}

/* Words that the source's language or ours has taken. */
static bool is_taken(const char *name) {
    static const char *const taken[] = {
        "auto",  "bool",     "break",  "case",     "char",   "const",    "continue", "default",
        "do",    "double",   "else",   "enum",     "extern", "float",    "for",      "goto",
        "if",    "inline",   "int",    "int64_t",  "long",   "register", "restrict", "return",
        "short", "signed",   "sizeof", "static",   "struct", "switch",   "typedef",  "uint64_t",
        "union", "unsigned", "void",   "volatile", "while",
    };
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (strcmp(name, taken[i]) == 0)
            return true;
    return hone_expression_reserved(name) || strncmp(name, "hone_", 5) == 0 ||
           strncmp(name, "__", 2) == 0;
}

int hone_plan_new_name(struct hone_plan *plan, const struct hone_plan_line *line,
                       const struct hone_plan_piece *word, const char **name,
                       struct hone_error *error) {
    if (length_of(word) > (int)PLAN_NAME_BYTES_MAX)
        return hone_plan_fail(line, word->begin, error, "a name has at most %u letters",
                              PLAN_NAME_BYTES_MAX);
    bool known = hone_plan_find_slot(plan, word) >= 0;
    for (uint32_t i = 0; i < plan->task->arg_count && !known; i++)
        known = hone_plan_is(word, plan->task->args[i].name);
    for (uint32_t i = 0; i < plan->name_count && !known; i++)
        known = hone_plan_is(word, plan->names[i].name);
    if (known)
        return hone_plan_fail(line, word->begin, error, "`%.*s` is taken: choose another name",
                              length_of(word), word->begin);
    *name = hone_plan_keep(plan, word);
    if (is_taken(*name))
        return hone_plan_fail(line, word->begin, error, "`%s` is reserved: choose another name",
                              *name);
    return 0;
}

/* Why a word stands for nothing, and what else there is. */
static int fail_unknown(const struct hone_plan *plan, const struct hone_plan_line *line,
                        const char *at, bool without_axes, struct hone_error *error) {
    struct hone_plan_line rest = *line;
    struct hone_plan_piece word;
    rest.at = at;
    if (!hone_plan_take_word(&rest, &word))
        return hone_plan_fail(line, at, error, "unknown name");
    for (uint32_t i = 0; without_axes && i < plan->task->axis_count; i++)
        if (hone_plan_is(&word, plan->task->axes[i].name))
            return hone_plan_fail(line, at, error,
                                  "a constant cannot depend on the axis `%.*s`: the source is "
                                  "compiled once for all workloads",
                                  length_of(&word), word.begin);
    if (hone_plan_find_slot(plan, &word) >= 0)
        return hone_plan_fail(line, at, error,
                              "`%.*s` is memory: it can be an argument, but not part of an "
                              "expression",
                              length_of(&word), word.begin);
    if (hone_plan_is(&word, "int"))
        return hone_plan_fail(line, at, error,
                              "a cast stands in front of a whole argument, as in args=((int)n), "
                              "and nowhere else");
    char list[320] = "";
    size_t used = 0;
    for (uint32_t i = without_axes ? plan->task->axis_count : 0;
         i < plan->name_count && used < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, " %s", plan->names[i].name);
    return hone_plan_fail(line, at, error, "unknown name `%.*s`; names here:%s", length_of(&word),
                          word.begin, list);
}

static int fail_expression(const struct hone_plan *plan, const struct hone_plan_line *line,
                           const struct hone_plan_piece *text, uint32_t column, bool without_axes,
                           const struct hone_error *reason, struct hone_error *error) {
    const char *at = text->begin + column - 1;
    if (strcmp(reason->text, "unknown name") == 0)
        return fail_unknown(plan, line, at, without_axes, error);
    return hone_plan_fail(line, at, error, "%.300s", reason->text);
}

int hone_plan_add_constant(struct hone_plan *plan, const struct hone_plan_line *line,
                           const char *name, const struct hone_plan_piece *value,
                           struct hone_error *error) {
    const uint32_t axes = plan->task->axis_count;
    const struct hone_names names = {plan->names + axes, plan->name_count - axes};
    struct hone_error reason;
    uint32_t column = 1;
    int64_t number;
    if (plan->name_count - plan->constants == HONE_PLAN_CONSTANTS_MAX)
        return hone_plan_fail(line, line->at, error, "more than %d constants",
                              HONE_PLAN_CONSTANTS_MAX);
    if (hone_expression_integer_part(hone_plan_keep(plan, value), &names, &number, &column,
                                     &reason))
        return fail_expression(plan, line, value, column, true, &reason, error);
    plan->names[plan->name_count++] = (struct hone_name){.name = name, .integer = number};
    return 0;
}

int hone_plan_add_expression(struct hone_plan *plan, const struct hone_plan_line *line,
                             const struct hone_plan_piece *text, bool is_real,
                             struct hone_error *error) {
    const struct hone_names names = {plan->names, plan->name_count};
    struct hone_error reason;
    uint32_t column = 1;
    const char *copy = hone_plan_keep(plan, text);
    if ((is_real ? hone_expression_real_part(copy, &names, NULL, &column, &reason)
                 : hone_expression_integer_part(copy, &names, NULL, &column, &reason)))
        return fail_expression(plan, line, text, column, false, &reason, error);
    struct hone_plan_expression *rows =
        hone_plan_grow(plan->expressions, plan->expression_count, &plan->expression_capacity,
                       sizeof *plan->expressions);
    if (!rows)
        return hone_fail(error, -ENOMEM, "out of memory for a plan");
    plan->expressions = rows;
    plan->expressions[plan->expression_count] = (struct hone_plan_expression){
        copy, line->number, (uint32_t)(text->begin - line->text) + 1, is_real};
    return (int)plan->expression_count++;
}

int hone_plan_find_slot(const struct hone_plan *plan, const struct hone_plan_piece *word) {
    for (uint32_t i = 0; i < plan->task->arg_count; i++)
        if (hone_arg_is_tensor(&plan->task->args[i]) &&
            hone_plan_is(word, plan->task->args[i].name))
            return (int)i;
    for (uint32_t i = 0; i < plan->workspace_count; i++)
        if (hone_plan_is(word, plan->workspaces[i].name))
            return (int)(HONE_ARGS_MAX + i);
    return -1;
}

enum hone_dtype hone_plan_slot_dtype(const struct hone_plan *plan, uint32_t slot) {
    return slot < HONE_ARGS_MAX ? plan->task->args[slot].dtype
                                : plan->workspaces[slot - HONE_ARGS_MAX].dtype;
}

/* "(int)" and the like in front; what follows it is left. 0: none is there. */
static int take_cast(const struct hone_plan_line *line, struct hone_plan_piece *text,
                     struct hone_error *error) {
    static const struct {
        const char *name;
        uint32_t type;
    } casts[] = {
        {"int", HONE_ARGUMENT_INT32}, {"float", HONE_ARGUMENT_F32}, {"double", HONE_ARGUMENT_F64}};
    struct hone_plan_line rest = *line;
    struct hone_plan_piece word;
    rest.at = text->begin;
    rest.end = text->end;
    if (!hone_plan_take(&rest, '(') || !hone_plan_take_word(&rest, &word) ||
        !hone_plan_take(&rest, ')'))
        return 0;
    for (size_t i = 0; i < sizeof casts / sizeof *casts; i++)
        if (hone_plan_is(&word, casts[i].name)) {
            hone_plan_skip_blanks(&rest);
            text->begin = rest.at;
            return rest.at < rest.end ? (int)casts[i].type
                                      : hone_plan_fail(line, rest.at, error,
                                                       "expected an expression after the cast");
        }
    return 0;
}

static bool is_word(const struct hone_plan_line *line, const struct hone_plan_piece *text) {
    struct hone_plan_line rest = *line;
    struct hone_plan_piece word;
    rest.at = text->begin;
    rest.end = text->end;
    return hone_plan_take_word(&rest, &word) && rest.at == rest.end;
}

static uint32_t type_of_scalar(enum hone_dtype dtype) {
    switch (dtype) {
    case HONE_F64:
        return HONE_ARGUMENT_F64;
    case HONE_F32:
        return HONE_ARGUMENT_F32;
    case HONE_I64:
        return HONE_ARGUMENT_INT64;
    case HONE_I32:
        return HONE_ARGUMENT_INT32;
    default:
        return 0;
    }
}

/* The task's scalar of that name; -1. */
static int find_scalar(const struct hone_plan *plan, const struct hone_plan_piece *word) {
    for (uint32_t i = 0; i < plan->task->arg_count; i++)
        if (plan->task->args[i].role == HONE_SCALAR && hone_plan_is(word, plan->task->args[i].name))
            return (int)i;
    return -1;
}

int hone_plan_add_item(struct hone_plan *plan, const struct hone_plan_line *line,
                       const struct hone_plan_piece *text, struct hone_error *error) {
    struct hone_plan_item item = {.kind = ITEM_EXPRESSION};
    struct hone_plan_piece rest = *text;
    const int cast = take_cast(line, &rest, error);
    const bool word = is_word(line, text);
    const int slot = word ? hone_plan_find_slot(plan, text) : -1;
    const int scalar = word ? find_scalar(plan, text) : -1;
    if (cast < 0)
        return cast;
    if (slot >= 0) {
        item = (struct hone_plan_item){
            .kind = ITEM_SLOT, .type = HONE_ARGUMENT_POINTER, .index = (uint32_t)slot};
    } else if (scalar >= 0) {
        item = (struct hone_plan_item){.kind = ITEM_SCALAR,
                                       .type = type_of_scalar(plan->task->args[scalar].dtype),
                                       .index = (uint32_t)scalar};
        if (!item.type)
            return hone_plan_fail(line, text->begin, error, "a scalar of dtype %s cannot be passed",
                                  hone_dtype_name(plan->task->args[scalar].dtype));
    } else {
        item.type = cast ? (uint32_t)cast : HONE_ARGUMENT_INT64;
        const bool is_real = item.type == HONE_ARGUMENT_F32 || item.type == HONE_ARGUMENT_F64;
        int code = hone_plan_add_expression(plan, line, &rest, is_real, error);
        if (code < 0)
            return code;
        item.index = (uint32_t)code;
    }
    struct hone_plan_item *rows =
        hone_plan_grow(plan->items, plan->item_count, &plan->item_capacity, sizeof *plan->items);
    if (!rows)
        return hone_fail(error, -ENOMEM, "out of memory for a plan");
    item.column = (uint32_t)(text->begin - line->text) + 1;
    plan->items = rows;
    plan->items[plan->item_count++] = item;
    return 0;
}

/* ---- entries ---- */

static struct hone_plan_entry_argument argument_of(const struct hone_plan *plan,
                                                   const struct hone_plan_item *item) {
    static const uint8_t codes[] = {
        [HONE_F64] = HONE_TYPE_FLOAT,   [HONE_F32] = HONE_TYPE_FLOAT, [HONE_F16] = HONE_TYPE_FLOAT,
        [HONE_BF16] = HONE_TYPE_BFLOAT, [HONE_I64] = HONE_TYPE_INT,   [HONE_I32] = HONE_TYPE_INT,
        [HONE_U8] = HONE_TYPE_UINT,     [HONE_BOOL] = HONE_TYPE_BOOL, [HONE_U32] = HONE_TYPE_UINT,
        [HONE_U64] = HONE_TYPE_UINT};
    struct hone_plan_entry_argument argument = {.kind = item->type};
    if (item->kind != ITEM_SLOT)
        return argument;
    const enum hone_dtype dtype = hone_plan_slot_dtype(plan, item->index);
    argument.type_code = codes[dtype];
    argument.type_bits = (uint8_t)(8 * hone_dtype_bytes(dtype));
    argument.writes =
        item->index >= HONE_ARGS_MAX || hone_arg_is_output(&plan->task->args[item->index]);
    return argument;
}

static const char *describe(const struct hone_plan_entry_argument *argument, char text[48]) {
    static const char *const kinds[] = {[HONE_ARGUMENT_INT64] = "an integer (int64_t)",
                                        [HONE_ARGUMENT_INT32] = "an (int)",
                                        [HONE_ARGUMENT_F32] = "a float",
                                        [HONE_ARGUMENT_F64] = "a double"};
    static const char *const codes[] = {[HONE_TYPE_INT] = "i",
                                        [HONE_TYPE_UINT] = "u",
                                        [HONE_TYPE_FLOAT] = "f",
                                        [HONE_TYPE_BFLOAT] = "bf",
                                        [HONE_TYPE_BOOL] = "bool"};
    if (argument->kind != HONE_ARGUMENT_POINTER)
        return kinds[argument->kind];
    snprintf(text, 48, "memory of %s%u", codes[argument->type_code], argument->type_bits);
    return text;
}

/* A function has one signature. Memory that some line may not write is memory it must not write. */
static int agree(const struct hone_plan *plan, const struct hone_plan_line *line,
                 const struct hone_plan_statement *step, const struct hone_plan_entry *entry,
                 struct hone_error *error) {
    struct hone_plan_entry_argument *known = (struct hone_plan_entry_argument *)entry->arguments;
    if (entry->argument_count != step->item_count)
        return hone_plan_fail(line, line->end, error,
                              "`%s` gets %u arguments here, but %u on line %u", entry->name,
                              step->item_count, entry->argument_count, entry->line);
    for (uint32_t i = 0; i < step->item_count; i++) {
        const struct hone_plan_entry_argument mine =
            argument_of(plan, &plan->items[step->item + i]);
        char here[48], there[48];
        if (mine.kind != known[i].kind || mine.type_code != known[i].type_code ||
            mine.type_bits != known[i].type_bits)
            return hone_plan_fail(
                line, line->end, error, "argument %u of `%s` is %s here, but %s on line %u", i + 1,
                entry->name, describe(&mine, here), describe(&known[i], there), entry->line);
        known[i].writes &= mine.writes;
    }
    return 0;
}

int hone_plan_add_entry(struct hone_plan *plan, const struct hone_plan_line *line,
                        const struct hone_plan_statement *step, struct hone_error *error) {
    for (uint32_t i = 0; i < plan->entry_count; i++)
        if (strcmp(plan->entries[i].name, step->name) == 0) {
            int code = agree(plan, line, step, &plan->entries[i], error);
            return code ? code : (int)i;
        }
    if (plan->entry_count == PLAN_ENTRIES_MAX)
        return hone_plan_fail(line, line->at, error, "more than %u functions", PLAN_ENTRIES_MAX);
    struct hone_plan_entry_argument *arguments =
        calloc(step->item_count ? step->item_count : 1, sizeof *arguments);
    if (!arguments)
        return hone_fail(error, -ENOMEM, "out of memory for a plan");
    for (uint32_t i = 0; i < step->item_count; i++)
        arguments[i] = argument_of(plan, &plan->items[step->item + i]);
    plan->entries[plan->entry_count] = (struct hone_plan_entry){
        .name = step->name,
        .kind = step->step,
        .line = line->number,
        .argument_count = step->item_count,
        .arguments = arguments,
    };
    return (int)plan->entry_count++;
}
