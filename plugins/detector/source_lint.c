/* source_lint.c - phrases of known cheats in the text of a candidate. Advice, never a veto: other
 * rules look at what the text does.
 *
 * Comments, strings and characters are blanked first, in place of a copy, so that lines stay; a
 * backslash at a line's end joins it with the next one, as the compiler does. Words are looked for
 * whole. */
#include "plugins/detector/rule.h"

#include <ctype.h>

#define MOST_FINDINGS 16
#define JOINT '\x01' /* stands for a backslash at a line's end: a word may go on below */

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
    free(text);
    return 0;
}

static const struct hone_detector_ops ops = {.size = sizeof ops, .inspect_source = inspect_source};

RULE("source_lint", "phrases of known cheats, as advice", no_options, create_nothing);
