#include "plugins/detector/ptx_policy/policy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Reading a module from its first token to its last. */
struct reader {
    struct policy *policy;
    const struct ptx *ptx;
    uint32_t at;
    uint32_t depth;                   /* of braces that are no operands */
    bool is_extern;                   /* .extern was read, and not yet what it is about */
    struct names variables;           /* the module's that are not shared */
    struct instruction *instructions; /* of the function being read */
    uint32_t count, room;
    bool unreadable;
    int failed;
};

static bool is(const struct reader *reader, const char *word) {
    return ptx_is(reader->ptx, reader->at, word);
}

static uint32_t kind(const struct reader *reader) {
    return reader->ptx->tokens[reader->at].kind;
}

static void give_up(struct reader *reader) {
    if (!reader->unreadable && reader->at < reader->ptx->count)
        policy_object(reader->policy, reader->at,
                      "cannot be read from `%.*s` on; leave inline assembly to instructions");
    reader->unreadable = true;
}

static void pass(struct reader *reader) {
    if (kind(reader) == PTX_END)
        reader->unreadable = true;
    else
        reader->at++;
}

/* The word that must stand here, or the statement is none. */
static void expect(struct reader *reader, const char *word) {
    if (is(reader, word))
        pass(reader);
    else
        give_up(reader);
}

static void pass_word(struct reader *reader) {
    if (kind(reader) == PTX_WORD)
        pass(reader);
    else
        give_up(reader);
}

static void pass_to(struct reader *reader, const char *end) {
    while (!reader->unreadable && !is(reader, end))
        pass(reader);
}

/* .loc FILE LINE COLUMN [, function_name LABEL [+ NUMBER], inlined_at FILE LINE COLUMN], which no
 * ';' ends. */
static void pass_loc(struct reader *reader) {
    for (int i = 0; i < 3; i++)
        pass_word(reader);
    if (!is(reader, ","))
        return;
    pass(reader);
    expect(reader, "function_name");
    pass_word(reader);
    if (is(reader, "+")) {
        pass(reader);
        pass_word(reader);
    }
    expect(reader, ",");
    expect(reader, "inlined_at");
    for (int i = 0; i < 3; i++)
        pass_word(reader);
}

/* .file NUMBER "name" [, TIME, SIZE] */
static void pass_file(struct reader *reader) {
    pass_word(reader);
    if (kind(reader) == PTX_STRING)
        pass(reader);
    else
        give_up(reader);
    while (is(reader, ",")) {
        pass(reader);
        pass_word(reader);
    }
}

static void pass_section(struct reader *reader) {
    pass_to(reader, "{");
    pass_to(reader, "}");
    pass(reader);
}

static void pass_target(struct reader *reader) {
    pass_word(reader);
    while (is(reader, ",")) {
        pass(reader);
        pass_word(reader);
    }
}

static bool is_launched(const struct policy *policy, uint32_t token) {
    const struct ptx_token *name = &policy->ptx->tokens[token];
    for (const char *word = policy->entries; *word;) {
        const size_t length = strcspn(word, " ");
        if (length == name->length && !memcmp(word, policy->ptx->text + name->at, length))
            return true;
        word += length;
        word += *word == ' ';
    }
    return false;
}

static const char *why_not_call(const struct reader *reader) {
    if (is(reader, "malloc") || is(reader, "free"))
        return "calls `%.*s`: memory of the device's heap outlives a call; use a `workspace` line "
               "of the plan";
    if (is(reader, "vprintf"))
        return "prints (`%.*s`), which nobody reads; the observation carries the results";
    if (is(reader, "__assertfail"))
        return "asserts (`%.*s`); leave assert() out, or define NDEBUG";
    if (ptx_begins(reader->ptx, reader->at, "cuda") || ptx_begins(reader->ptx, reader->at, "cnp"))
        return "launches or asks the device's runtime (`%.*s`); launches are lines of the plan";
    return "calls `%.*s`, which is not in the source";
}

/* A register that is handed over or back carries an address out of the function it is followed in;
 * compilers have parameters in memory. */
static void pass_parameter(struct reader *reader) {
    if (is(reader, ".reg"))
        give_up(reader);
    else
        pass(reader);
}

/* Up to the '{' of its body, or the ';' of a declaration. */
static void read_function(struct reader *reader, bool entry) {
    if (is(reader, "(")) { /* what it returns */
        while (!reader->unreadable && !is(reader, ")"))
            pass_parameter(reader);
        pass(reader);
    }
    if (kind(reader) != PTX_WORD)
        give_up(reader);
    else if (reader->is_extern)
        policy_object(reader->policy, reader->at, why_not_call(reader));
    else if (entry && reader->policy->entries && !is_launched(reader->policy, reader->at))
        policy_object(reader->policy, reader->at,
                      "has a kernel `%.*s` that the plan does not launch; take it out");
    reader->is_extern = false;
    while (!reader->unreadable && !is(reader, "{") && !is(reader, ";"))
        pass_parameter(reader);
}

/* Names up to the ';'; those behind a '=' are addresses that the variable begins with. A '<' makes
 * names that stand nowhere. A constant has a generic address as well, and memory behind it. */
static void read_variables(struct reader *reader) {
    bool value = false;
    uint32_t nested = 0, token = reader->at;
    for (; !reader->unreadable && !is(reader, ";"); pass(reader)) {
        if (is(reader, "(") || is(reader, "[") || is(reader, "{"))
            nested++;
        else if ((is(reader, ")") || is(reader, "]") || is(reader, "}")) && nested)
            nested--;
        else if (is(reader, "="))
            value = true;
        else if (is(reader, ",") && !nested)
            value = false;
        else if (is(reader, "<"))
            give_up(reader);
        const char first = reader->ptx->text[reader->ptx->tokens[reader->at].at];
        if (kind(reader) != PTX_WORD || first == '.' || (first >= '0' && first <= '9'))
            continue;
        if (value && names_get(&reader->variables, reader->ptx, reader->at))
            policy_object(reader->policy, reader->at,
                          "keeps the address of the module's variable `%.*s`, which may be written "
                          "through; use a `workspace` line of the plan");
        else if (!value && !nested)
            names_add(&reader->variables, reader->ptx, reader->at, token = reader->at);
    }
    if (reader->is_extern)
        policy_object(reader->policy, token, "uses `%.*s`, which is not in the source");
    reader->is_extern = false;
}

/* Directives that end with a ';' and have nothing to hide. */
static bool is_plain(const struct reader *reader) {
    static const char *const plain[] = {".reg",           ".local",       ".shared",
                                        ".param",         ".pragma",      ".alias",
                                        ".branchtargets", ".calltargets", ".callprototype"};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (is(reader, plain[i]))
            return true;
    return false;
}

static void read_directive(struct reader *reader) {
    if (is_plain(reader)) {
        reader->is_extern = false; /* .shared: the launch says how much */
        pass_to(reader, ";");
        return;
    }
    const bool entry = is(reader, ".entry");
    const uint32_t word = reader->at;
    pass(reader);
    if (entry || ptx_is(reader->ptx, word, ".func"))
        read_function(reader, entry);
    else if (ptx_is(reader->ptx, word, ".global") || ptx_is(reader->ptx, word, ".const"))
        read_variables(reader);
    else if (ptx_is(reader->ptx, word, ".extern"))
        reader->is_extern = true;
    else if (ptx_is(reader->ptx, word, ".loc"))
        pass_loc(reader);
    else if (ptx_is(reader->ptx, word, ".file"))
        pass_file(reader);
    else if (ptx_is(reader->ptx, word, ".section"))
        pass_section(reader);
    else if (ptx_is(reader->ptx, word, ".target"))
        pass_target(reader);
    else if (ptx_is(reader->ptx, word, ".version") || ptx_is(reader->ptx, word, ".address_size"))
        pass_word(reader);
    else if (!ptx_is(reader->ptx, word, ".visible") && !ptx_is(reader->ptx, word, ".weak") &&
             !ptx_is(reader->ptx, word, ".common")) {
        reader->at = word;
        give_up(reader);
    }
}

static bool keep(struct reader *reader, const struct instruction *instruction) {
    if (reader->count == reader->room) {
        reader->room = reader->room ? reader->room * 2 : 256;
        struct instruction *wider =
            realloc(reader->instructions, reader->room * sizeof *reader->instructions);
        if (!wider)
            return false;
        reader->instructions = wider;
    }
    reader->instructions[reader->count++] = *instruction;
    return true;
}

static void read_instruction(struct reader *reader) {
    struct instruction instruction = {0};
    if (is(reader, "@")) {
        pass(reader);
        if (is(reader, "!"))
            pass(reader);
        instruction.guard = reader->at;
        pass_word(reader);
    }
    instruction.first = reader->at;
    if (reader->depth == 0 || ptx_begins(reader->ptx, reader->at, "."))
        give_up(reader);
    pass_word(reader);
    if (is(reader, ",") || is(reader, "|")) /* its first operand was taken for a part of it */
        give_up(reader);
    pass_to(reader, ";");
    instruction.end = reader->at;
    if (!reader->unreadable && !keep(reader, &instruction))
        reader->failed = -ENOMEM;
}

static void end_function(struct reader *reader) {
    if (reader->variables.count && reader->count)
        reader->failed =
            policy_follow(reader->policy, &reader->variables, reader->instructions, reader->count);
    reader->count = 0;
}

static void read_statement(struct reader *reader) {
    if (is(reader, "{")) {
        reader->depth++;
        pass(reader);
    } else if (is(reader, "}")) {
        if (reader->depth == 0)
            give_up(reader);
        else if (--reader->depth == 0)
            end_function(reader);
        pass(reader);
    } else if (is(reader, ";")) {
        pass(reader);
    } else if (kind(reader) == PTX_WORD && ptx_is(reader->ptx, reader->at + 1, ":")) {
        reader->at += 2; /* a label */
    } else if (ptx_begins(reader->ptx, reader->at, ".")) {
        read_directive(reader);
    } else if (kind(reader) == PTX_WORD || is(reader, "@")) {
        read_instruction(reader);
    } else {
        give_up(reader);
    }
}

int policy_check_module(struct policy *policy) {
    struct reader reader = {.policy = policy, .ptx = policy->ptx};
    while (!reader.unreadable && !reader.failed && kind(&reader) != PTX_END)
        read_statement(&reader);
    if (!reader.unreadable && !reader.failed && reader.depth)
        policy_object(policy, policy->ptx->count - 1, "ends inside a function, after `%.*s`");
    const int result = reader.variables.failed ? -ENOMEM : reader.failed;
    names_finish(&reader.variables);
    free(reader.instructions);
    return result;
}
