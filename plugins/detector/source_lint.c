/* source_lint.c - phrases of known cheats in the text of a candidate. Advice, never a veto: other
 * rules look at what the text does.
 *
 * Comments, strings and characters are blanked first, in place of a copy, so that lines stay; a
 * backslash at a line's end joins it with the next one, as the compiler does. Words are looked for
 * whole. Beside phrases, three things of form: pointers that are kept from call to call, numbers
 * that each call makes of what the last one left, and kernels that are there to be read. */
#include "plugins/detector/rule.h"

#include <ctype.h>

#define MOST_FINDINGS 16
#define MOST_IDLE 4
#define NUMBERS_MOST 64 /* that are looked at: each is looked for in all of the text */
#define VALUE_MOST 512  /* characters of a value */
#define JOINT '\x01'    /* stands for a backslash at a line's end: a word may go on below */

static const struct phrase {
    const char *word; /* several are looked for in this order, with blanks alone in between */
    const char *next; /* what must follow; NULL: anything */
    uint32_t severity;
    const char *advice;
} phrases[] = {
    {"asm", NULL, HONE_NOTE, "inline assembly hides what it does; intrinsics say it"},
    {"__asm__", NULL, HONE_NOTE, "inline assembly hides what it does; intrinsics say it"},
    {"__asm", NULL, HONE_NOTE, "inline assembly hides what it does; intrinsics say it"},
    {"syscall", NULL, HONE_WARN, "system calls are refused; a candidate computes"},
    {"__rdtsc", NULL, HONE_WARN, "clocks are refused; do the work in every call alike"},
    {"__rdtscp", NULL, HONE_WARN, "clocks are refused; do the work in every call alike"},
    {"__builtin_ia32_rdtsc", NULL, HONE_WARN,
     "clocks are refused; do the work in every call alike"},
    {"clock64", NULL, HONE_WARN, "clocks are refused; do the work in every call alike"},
    {"clock", "(", HONE_WARN, "clocks are refused; do the work in every call alike"},
    {"globaltimer", NULL, HONE_WARN, "clocks are refused; do the work in every call alike"},
    {"clock_gettime", NULL, HONE_WARN, "clocks are refused; do the work in every call alike"},
    {"_mm_setcsr", NULL, HONE_WARN,
     "changes rounding for all that follows; compute as the task says"},
    {"fesetround", NULL, HONE_WARN,
     "changes rounding for all that follows; compute as the task says"},
    {"_MM_SET_FLUSH_ZERO_MODE", NULL, HONE_WARN, "drops small numbers; compute as the task says"},
    {"_MM_SET_DENORMALS_ZERO_MODE", NULL, HONE_WARN,
     "drops small numbers; compute as the task says"},
    {"_Float16", NULL, HONE_NOTE, "half precision: for tasks and tensors of that type only"},
    {"__bf16", NULL, HONE_NOTE, "bfloat16: for tasks and tensors of that type only"},
    {"__fp16", NULL, HONE_NOTE, "half precision: for tasks and tensors of that type only"},
    {"__builtin_return_address", NULL, HONE_WARN, "looks at who called; only arguments count"},
    {"__builtin_frame_address", NULL, HONE_WARN, "looks at who called; only arguments count"},
    {"setjmp", NULL, HONE_WARN, "leaves a call by another way than its end; return"},
    {"longjmp", NULL, HONE_WARN, "leaves a call by another way than its end; return"},
    {"memcmp", "(", HONE_NOTE,
     "results kept and looked up by inputs are refused; compute each call"},
    {"hash", NULL, HONE_NOTE,
     "results kept and looked up by inputs are refused; compute each call"},
    {"cache_key", NULL, HONE_WARN,
     "results kept and looked up by inputs are refused; compute each call"},
    {"last_ptr", NULL, HONE_WARN,
     "results kept and looked up by inputs are refused; compute each call"},
    {"call_count", NULL, HONE_WARN, "calls are all alike; none may do what another did not"},
    {"warmup", NULL, HONE_NOTE, "no call is a warm-up: every one is judged"},
    {"is_benchmark", NULL, HONE_WARN, "calls are all alike; none may do what another did not"},
    {"isnan", "(", HONE_NOTE,
     "what an output held before decides nothing: write all, in every call"},
    {"isinf", "(", HONE_NOTE,
     "what an output held before decides nothing: write all, in every call"},
    {"constructor", NULL, HONE_WARN, "constructors are refused; code runs when it is called"},
    {"ifunc", NULL, HONE_WARN, "indirect functions are refused; call the function itself"},
    {"__TIME__", NULL, HONE_WARN, "builds must be the same every time"},
    {"__DATE__", NULL, HONE_WARN, "builds must be the same every time"},
    {"__COUNTER__", NULL, HONE_NOTE, "builds must be the same every time"},
    {"discard_L2", NULL, HONE_NOTE, "caches are part of the measurement; leave them alone"},
    {"createpolicy", NULL, HONE_NOTE, "caches are part of the measurement; leave them alone"},
};
#define PHRASES (sizeof phrases / sizeof *phrases)

enum state { CODE, LINE_COMMENT, COMMENT, STRING, CHARACTER };

/* How many bytes a backslash and a line's end take here; 0: none. */
static size_t splice(const char *at, const char *end) {
    if (at < end && *at == '\\') {
        if (end - at > 1 && at[1] == '\n')
            return 2;
        if (end - at > 2 && at[1] == '\r' && at[2] == '\n')
            return 3;
    }
    return 0;
}

/* Blank all that is no code. A plan line is a comment to the compiler, and to this rule. */
static void blank(char *text, size_t bytes) {
    enum state state = CODE;
    char *end = text + bytes;
    for (char *at = text; at < end; at++) {
        if (*at == JOINT)
            *at = ' ';
        const char c = *at, next = end - at > 1 ? at[1] : '\0';
        const size_t spliced = splice(at, end);
        if (spliced) {
            *at = state == CODE ? JOINT : ' ';
            at += spliced - 1;
            continue;
        }
        if (state == CODE) {
            state = c == '/' && next == '/'   ? LINE_COMMENT
                    : c == '/' && next == '*' ? COMMENT
                    : c == '"'                ? STRING
                    : c == '\''               ? CHARACTER
                                              : CODE;
            if (state == COMMENT)
                *at++ = ' ';
            if (state != CODE)
                *at = ' ';
            continue;
        }
        if (c == '\n') {
            if (state != COMMENT) /* a string cannot go on: the compiler will say so */
                state = CODE;
            continue;
        }
        *at = ' ';
        if ((state == STRING || state == CHARACTER) && c == '\\' && next != '\n' && next) {
            *++at = ' ';
            continue;
        }
        if (state == COMMENT && c == '*' && next == '/') {
            *++at = ' ';
            state = CODE;
        } else if ((state == STRING && c == '"') || (state == CHARACTER && c == '\'')) {
            state = CODE;
        }
    }
}

/* Take joints out, so that words are whole; line numbers go by `lines`, how many were passed. */
static size_t take_word(const char **at, const char *end, char *word, size_t size,
                        uint32_t *lines) {
    size_t length = 0;
    while (*at < end) {
        const char c = **at;
        if (c == JOINT) {
            ++*lines;
            *at += end - *at > 1 && (*at)[1] == '\r' ? 3 : 2;
            continue;
        }
        if (!isalnum((unsigned char)c) && c != '_')
            break;
        if (length + 1 < size)
            word[length++] = c;
        ++*at;
    }
    word[length] = '\0';
    return length;
}

static bool is_followed(const char *at, const char *end, const char *next) {
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    return !next || (at < end && *at == *next);
}

/* Whether a declaration ends here without a value, or with none to speak of. */
static bool begins_empty(const char *at, const char *end) {
    char word[16];
    uint32_t passed = 0;
    if (*at != '=')
        return *at == ';';
    for (at++; at < end && isspace((unsigned char)*at);)
        at++;
    return take_word(&at, end, word, sizeof word, &passed) &&
           (!strcmp(word, "0") || !strcmp(word, "NULL") || !strcmp(word, "nullptr"));
}

/* A pointer that outlives the call: declared outside all braces, or static. Advice alone: tables of
 * pointers are declared alike. */
static void find_kept_pointer(const char *text, const char *end,
                              const struct hone_findings *findings) {
    uint32_t depth = 0, brackets = 0, line = 1;
    bool star = false, is_static = false, is_other = false;
    for (const char *at = text; at < end; at++) {
        char word[16];
        uint32_t passed = 0;
        if (take_word(&at, end, word, sizeof word, &passed)) {
            is_static |= !strcmp(word, "static");
            is_other |= !strcmp(word, "typedef");
            line += passed;
            if (at == end)
                return;
        }
        line += *at == '\n';
        brackets += *at == '[';
        brackets -= *at == ']' && brackets;
        star |= *at == '*' && !brackets; /* between them it multiplies */
        is_other |= *at == '(';
        if (begins_empty(at, end) && star && !is_other && (!depth || is_static)) {
            say(findings, "source_lint", HONE_NOTE, line,
                "a pointer that outlives the call: inputs may come to lie anywhere, and an address "
                "seen before says nothing of what is there; compute each call");
            return;
        }
        is_other |= *at == '='; /* what follows is a value */
        depth += *at == '{';
        depth -= *at == '}' && depth;
        if (strchr(";{}", *at)) {
            star = is_static = is_other = false;
            brackets = 0;
        }
    }
}

/* Where the preprocessor's line that begins here ends; `at` itself where none does. */
static const char *skip_directive(const char *at, const char *end, uint32_t *lines) {
    if (*at != '#')
        return at;
    for (; at < end && (*at != '\n' || at[-1] == JOINT); at++)
        *lines += *at == '\n';
    return at;
}

/* What becomes of a variable that stands between `at` and `after`: something else, or something
 * made of what it was. */
enum fate { READ, OVERWRITTEN, CONTINUED };

static enum fate fate_of(const char *text, const char *at, const char *after, const char *end,
                         const char *name) {
    while (at > text && isspace((unsigned char)at[-1]))
        at--;
    while (after < end && isspace((unsigned char)*after))
        after++;
    if (at - text >= 2 && at[-1] == at[-2] && (at[-1] == '+' || at[-1] == '-'))
        return CONTINUED;
    if (end - after < 2)
        return READ;
    const char first = *after, second = after[1];
    if (strchr("+-*/%^|&", first) && (second == '=' || (second == first && strchr("+-", first))))
        return CONTINUED;
    if (first != '=' || second == '=')
        return READ;
    const char *limit = end - after > VALUE_MOST ? after + VALUE_MOST : end;
    for (const char *value = after; value < limit && *value != ';';) {
        char word[64];
        uint32_t passed = 0;
        if (!take_word(&value, limit, word, sizeof word, &passed))
            value++;
        else if (!strcmp(word, name))
            return CONTINUED;
    }
    return OVERWRITTEN;
}

/* Whether, behind its declaration, it is continued somewhere and overwritten nowhere. */
static bool is_continued(const char *text, const char *at, const char *end, const char *name) {
    bool continued = false;
    while (at < end) {
        char word[64];
        uint32_t passed = 0;
        const char *from = at;
        if (!take_word(&at, end, word, sizeof word, &passed)) {
            at++;
            continue;
        }
        if (strcmp(word, name) != 0)
            continue;
        const enum fate fate = fate_of(text, from, at, end, name);
        if (fate == OVERWRITTEN)
            return false;
        continued |= fate == CONTINUED;
    }
    return continued;
}

/* A number that counts calls, or tells one from another: declared outside all braces, or static,
 * and made of itself. One that a call sets first is scratch. */
static void find_kept_number(const char *text, const char *end,
                             const struct hone_findings *findings) {
    uint32_t depth = 0, inside = 0, line = 1, tried = 0;
    bool is_static = false, is_other = false;
    char word[64], name[64] = "";
    for (const char *at = text; at < end && tried < NUMBERS_MOST; at++) {
        uint32_t passed = 0;
        at = skip_directive(at, end, &line);
        if (at < end && take_word(&at, end, word, sizeof word, &passed)) {
            is_static |= !strcmp(word, "static");
            is_other |= !strcmp(word, "typedef") || !strcmp(word, "const");
            memcpy(name, word, sizeof name);
            line += passed;
        }
        if (at == end)
            return;
        line += *at == '\n';
        is_other |= *at == '(' || *at == '[' || *at == '*';
        inside += *at == '(' || *at == '[';
        inside -= (*at == ')' || *at == ']') && inside;
        const bool ends = !inside && (*at == '=' || *at == ';' || *at == ',');
        if (ends && name[0] && !is_other && (!depth || is_static)) {
            tried++;
            if (is_continued(text, at, end, name)) {
                say(findings, "source_lint", HONE_NOTE, line,
                    "`%.40s` outlives the call, and each call makes it of what the last one left: "
                    "calls are all alike; keep nothing that tells them apart",
                    name);
                return;
            }
        }
        is_other |= *at == '='; /* what follows is a value */
        depth += *at == '{';
        depth -= *at == '}' && depth;
        if (*at == ';' || *at == '{' || *at == '}') {
            is_static = is_other = false;
            inside = 0;
        } else if (ends && *at == ',') {
            is_other = false;
        }
        if (ends)
            name[0] = '\0';
    }
}

static bool has_word(const char *at, const char *end, const char *word) {
    while (at < end) {
        char here[64];
        uint32_t passed = 0;
        if (take_word(&at, end, here, sizeof here, &passed) && !strcmp(here, word))
            return true;
        at += at < end;
    }
    return false;
}

/* Whether a plan line launches it; where no line launches anything, there is nothing to miss. */
static bool is_launched(const struct hone_source *source, const char *kernel) {
    static const char mark[] = "//@hone launch";
    bool any = false;
    for (const char *at = source->text; (at = strstr(at, mark)); at += sizeof mark - 1) {
        any = true;
        if (has_word(at, at + strcspn(at, "(=\n"), kernel))
            return true;
    }
    return !any;
}

/* `at` is behind `__global__`: the kernel's name is the word before its parameters. */
static bool take_kernel(const char *at, const char *end, char *name, size_t size) {
    while (at < end && !strchr(";{}", *at)) {
        uint32_t passed = 0;
        if (take_word(&at, end, name, size, &passed)) {
            if (is_followed(at, end, "(") && strcmp(name, "__launch_bounds__") != 0)
                return true;
        } else {
            at++;
        }
    }
    return false;
}

static void find_idle_kernels(const char *text, const char *end, const struct hone_source *source,
                              const struct hone_findings *findings) {
    uint32_t line = 1, told = 0;
    for (const char *at = text; at < end && told < MOST_IDLE;) {
        char word[64];
        uint32_t passed = 0;
        if (!take_word(&at, end, word, sizeof word, &passed)) {
            line += passed + (at < end && *at == '\n');
            at += at < end;
            continue;
        }
        line += passed;
        if (strcmp(word, "__global__") != 0 || !take_kernel(at, end, word, sizeof word) ||
            is_launched(source, word))
            continue;
        told++;
        say(findings, "source_lint", HONE_NOTE, line,
            "no line of the plan launches `%s`: leave out what does no work", word);
    }
}

static int inspect_source(void *self, const struct hone_source *source,
                          const struct hone_findings *findings) {
    (void)self;
    char *text = malloc((size_t)source->bytes + 1);
    if (!text)
        return -ENOMEM;
    memcpy(text, source->text, source->bytes);
    blank(text, source->bytes);
    const char *at = text, *end = text + source->bytes;
    bool told[PHRASES] = {false};
    uint32_t line = 1, count = 0;
    while (at < end && count < MOST_FINDINGS) {
        char word[64];
        uint32_t passed = 0;
        if (!take_word(&at, end, word, sizeof word, &passed)) {
            line += passed + (at < end && *at == '\n');
            at += at < end;
            continue;
        }
        for (size_t i = 0; i < PHRASES; i++) {
            if (told[i] || strcmp(word, phrases[i].word) || !is_followed(at, end, phrases[i].next))
                continue;
            told[i] = true; /* once is enough */
            count++;
            say(findings, "source_lint", phrases[i].severity, line, "`%s`: %s", word,
                phrases[i].advice);
        }
        line += passed;
    }
    find_kept_pointer(text, end, findings);
    find_kept_number(text, end, findings);
    find_idle_kernels(text, end, source, findings);
    free(text);
    return 0;
}

static const struct hone_detector_ops ops = {.size = sizeof ops, .inspect_source = inspect_source};

RULE("source_lint", "phrases of known cheats, as advice", no_options, create_nothing);
