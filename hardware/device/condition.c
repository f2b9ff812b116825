#include "hardware/device/condition.h"
#include "hardware/device/words.h"

#include <stdlib.h>
#include <string.h>

#define DEPTH_MOST 32 /* of brackets and signs before them; deeper is not known */

bool hone_macro_is_reserved(const char *name) {
    return name[0] == '_' && (name[1] == '_' || (name[1] >= 'A' && name[1] <= 'Z'));
}

void hone_own_macros_add(struct hone_own_macros *own, const struct hone_token *name) {
    if (own->count == HONE_OWN_MACROS_MAX || name->length >= HONE_OWN_MACRO_SIZE ||
        !hone_macro_is_reserved(name->text) || hone_own_macros_have(own, name->text))
        return;
    memcpy(own->names[own->count++], name->text, name->length + 1);
}

bool hone_own_macros_have(const struct hone_own_macros *own, const char *name) {
    for (uint32_t i = 0; i < own->count; i++)
        if (strcmp(own->names[i], name) == 0)
            return true;
    return false;
}

bool hone_condition_differs(const struct hone_own_macros *own, const struct hone_token *word) {
    if (hone_word_macro(word->text, word->length))
        return false;
    for (const char *const *name = hone_words_asked; *name; name++)
        if (hone_word_matches(*name, word->text, word->length))
            return true;
    return hone_macro_is_reserved(word->text) && !hone_own_macros_have(own, word->text);
}

/* --- an expression, of which parts are not known --- */

struct value {
    bool known;
    int64_t number;
};

struct reader {
    struct hone_tokens tokens;
    struct hone_token token; /* the next; `first` or an end: nothing more on the line */
    const struct hone_own_macros *own;
    int depth;
    bool failed; /* is no expression that is read here */
};

static const struct value unknown = {false, 0};

static struct value make(int64_t number) {
    return (struct value){true, number};
}

static void advance(struct reader *reader) {
    hone_tokens_next(&reader->tokens, &reader->token);
}

static bool at_end(const struct reader *reader) {
    return reader->token.first || reader->token.kind == HONE_TOKEN_END;
}

static bool at_sign(const struct reader *reader, const char *sign) {
    return !at_end(reader) && reader->token.kind == HONE_TOKEN_SIGN &&
           strcmp(reader->token.text, sign) == 0;
}

static bool take_sign(struct reader *reader, const char *sign) {
    if (!at_sign(reader, sign))
        return false;
    advance(reader);
    return true;
}

/* What is known of a macro, NULL: nothing. The constants of a plan are macros as well, and may have
 * any name but one that begins with `__`. */
static const struct hone_word_macro *find_macro(const struct hone_own_macros *own,
                                                const struct hone_token *name) {
    const struct hone_word_macro *macro = hone_word_macro(name->text, name->length);
    if (!macro || strncmp(name->text, "__", 2) != 0 || macro->kind == HONE_MACRO_BY_DEVICE ||
        hone_own_macros_have(own, name->text))
        return NULL;
    return macro;
}

static struct value is_defined(const struct hone_own_macros *own, const struct hone_token *name) {
    const struct hone_word_macro *macro = find_macro(own, name);
    if (!macro)
        return unknown;
    return make(macro->kind != HONE_MACRO_NOWHERE);
}

static struct value read_defined(struct reader *reader) {
    const bool bracket = take_sign(reader, "(");
    struct value value = unknown;
    if (!at_end(reader) && reader->token.kind == HONE_TOKEN_WORD) {
        value = is_defined(reader->own, &reader->token);
        advance(reader);
    } else {
        reader->failed = true;
    }
    if (bracket && !take_sign(reader, ")"))
        reader->failed = true;
    return value;
}

static struct value read_number(struct reader *reader) {
    char *end;
    const int64_t number = strtoll(reader->token.text, &end, 0);
    if (end[strspn(end, "uUlL")] || reader->token.length > 16)
        reader->failed = true;
    advance(reader);
    return make(number);
}

static struct value read_word(struct reader *reader) {
    const struct hone_token word = reader->token;
    advance(reader);
    if (strcmp(word.text, "defined") == 0)
        return read_defined(reader);
    const struct hone_word_macro *macro = find_macro(reader->own, &word);
    if (!macro)
        return unknown;
    if (macro->kind == HONE_MACRO_NOWHERE)
        return make(0);
    return macro->kind == HONE_MACRO_EVERYWHERE ? make(macro->value) : unknown;
}

static struct value read_expression(struct reader *reader, int least);

static struct value read_operand(struct reader *reader) {
    struct value value = unknown;
    if (at_end(reader) || reader->failed || reader->depth == DEPTH_MOST) {
        reader->failed = true;
        return unknown;
    }
    reader->depth++;
    if (take_sign(reader, "!")) {
        value = read_operand(reader);
        value.number = !value.number;
    } else if (take_sign(reader, "(")) {
        value = read_expression(reader, 0);
        if (!take_sign(reader, ")"))
            reader->failed = true;
    } else if (reader->token.kind == HONE_TOKEN_NUMBER) {
        value = read_number(reader);
    } else if (reader->token.kind == HONE_TOKEN_WORD) {
        value = read_word(reader);
    } else {
        reader->failed = true;
    }
    reader->depth--;
    return value;
}

enum operation { OR, AND, EQUAL, UNEQUAL, LESS, AT_MOST, MORE, AT_LEAST, OPERATIONS };

static const struct {
    const char *first, *second; /* signs, of which the second may not be there */
    int level;                  /* those of a higher one are read first */
} operations[OPERATIONS] = {
    [OR] = {"|", "|", 0},      [AND] = {"&", "&", 1},      [EQUAL] = {"=", "=", 2},
    [UNEQUAL] = {"!", "=", 2}, [LESS] = {"<", "", 3},      [AT_MOST] = {"<", "=", 3},
    [MORE] = {">", "", 3},     [AT_LEAST] = {">", "=", 3},
};

/* The operation that comes next, with its signs read; OPERATIONS: none, or one below `least`. */
static enum operation take_operation(struct reader *reader, int least) {
    struct reader ahead = *reader;
    char first[2] = {reader->token.text[0], '\0'};
    if (at_end(reader) || reader->token.kind != HONE_TOKEN_SIGN || reader->token.length != 1)
        return OPERATIONS;
    advance(&ahead);
    const bool equal = at_sign(&ahead, "=");
    for (int i = 0; i < OPERATIONS; i++) {
        const char *second = operations[i].second;
        if (strcmp(operations[i].first, first) != 0 || operations[i].level < least ||
            (*second ? !at_sign(&ahead, second) : equal || at_sign(&ahead, first)))
            continue;
        *reader = ahead;
        if (*second)
            advance(reader);
        return (enum operation)i;
    }
    return OPERATIONS;
}

/* One side may be enough to know. */
static struct value combine(enum operation operation, struct value a, struct value b) {
    if (operation == AND && ((a.known && !a.number) || (b.known && !b.number)))
        return make(0);
    if (operation == OR && ((a.known && a.number) || (b.known && b.number)))
        return make(1);
    if (!a.known || !b.known)
        return unknown;
    switch (operation) {
    case OR:
    case AND:
        return make(operation == AND); /* what decided otherwise is above */
    case EQUAL:
        return make(a.number == b.number);
    case UNEQUAL:
        return make(a.number != b.number);
    case LESS:
        return make(a.number < b.number);
    case AT_MOST:
        return make(a.number <= b.number);
    case MORE:
        return make(a.number > b.number);
    default:
        return make(a.number >= b.number);
    }
}

static struct value read_expression(struct reader *reader, int least) {
    struct value value = read_operand(reader);
    enum operation operation;
    while (!reader->failed && (operation = take_operation(reader, least)) != OPERATIONS)
        value = combine(operation, value, read_expression(reader, operations[operation].level + 1));
    return value;
}

static enum hone_condition tell(struct value value) {
    if (!value.known)
        return HONE_CONDITION_UNKNOWN;
    return value.number ? HONE_CONDITION_HOLDS : HONE_CONDITION_FAILS;
}

enum hone_condition hone_condition_holds(struct hone_tokens line,
                                         const struct hone_own_macros *own) {
    struct reader reader = {.tokens = line, .own = own};
    advance(&reader);
    const struct value value = read_expression(&reader, 0);
    return reader.failed || !at_end(&reader) ? HONE_CONDITION_UNKNOWN : tell(value);
}

enum hone_condition hone_condition_defined(struct hone_tokens line,
                                           const struct hone_own_macros *own) {
    struct reader reader = {.tokens = line, .own = own};
    advance(&reader);
    if (at_end(&reader) || reader.token.kind != HONE_TOKEN_WORD)
        return HONE_CONDITION_UNKNOWN;
    return tell(is_defined(own, &reader.token));
}
