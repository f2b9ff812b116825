/* raw_address.c - a detector of your own, on the source: a number made into a pointer, such as
 *
 *     *(volatile int *)0x1000 = 1;
 *
 * A kernel gets its addresses from its arguments; one that names an address itself looks for what
 * is not meant for it.
 *
 *   make && hone plugin check ./raw_address.so
 *   hone eval --detector ./raw_address.so --task dl/softmax kernel.c
 */
#include <hone/detector.h>

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct raw_address {
    uint64_t lowest;
    uint32_t severity;
};

static int create(const struct hone_host *host, const struct hone_setting *settings, void **self,
                  struct hone_error *error) {
    (void)host, (void)error;
    struct raw_address *mine = calloc(1, sizeof *mine);
    if (!mine)
        return -ENOMEM;
    for (; settings->name; settings++) { /* the host has checked the values */
        const char *value = settings->value;
        if (!strcmp(settings->name, "lowest"))
            mine->lowest = strtoull(value, NULL, 10);
        else if (!strcmp(settings->name, "severity"))
            mine->severity = !strcmp(value, "note")   ? HONE_NOTE
                             : !strcmp(value, "warn") ? HONE_WARN
                                                      : HONE_ZERO;
    }
    *self = mine;
    return 0;
}

static void destroy(void *self) {
    free(self);
}

/* Past the comment, the string or the character that begins at `at`; `at` when none does. A quote
 * that is not closed ends with its line. */
static const char *skip_text(const char *at, const char *end) {
    if (end - at < 2 || (*at != '/' && *at != '"' && *at != '\''))
        return at;
    if (at[0] == '/' && at[1] == '/') {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        return line_end ? line_end : end;
    }
    if (at[0] == '/' && at[1] == '*') {
        for (at += 2; at < end; at++)
            if (at[0] == '*' && at + 1 < end && at[1] == '/')
                return at + 2;
        return end;
    }
    if (*at == '/')
        return at;
    for (const char quote = *at++; at < end && *at != quote && *at != '\n'; at++)
        if (*at == '\\' && at + 1 < end)
            at++;
    return at < end && *at != '\n' ? at + 1 : at;
}

/* The text with blanks for what is not code; lines stay where they are. NULL: out of memory. */
static char *code_of(const struct hone_source *source) {
    char *code = malloc((size_t)source->bytes + 1);
    if (!code)
        return NULL;
    memcpy(code, source->text, source->bytes);
    code[source->bytes] = '\0';
    const char *end = source->text + source->bytes;
    for (const char *at = source->text; at < end;) {
        const char *after = skip_text(at, end);
        for (const char *blank = at; blank < after; blank++)
            if (*blank != '\n')
                code[blank - source->text] = ' ';
        if (after == at && *at == '\\')
            code[at - source->text] = ' '; /* a line that goes on in the next */
        at += after == at ? 1 : after - at;
    }
    return code;
}

/* Past blanks, and past any of `words` (each followed by a space). */
static const char *skip_words(const char *at, const char *words) {
    for (;;) {
        while (isspace((unsigned char)*at))
            at++;
        size_t length = 0;
        while (isalnum((unsigned char)at[length]) || at[length] == '_')
            length++;
        const char *word = words;
        while (*word && (strcspn(word, " ") != length || strncmp(word, at, length) != 0))
            word += strcspn(word, " ") + 1;
        if (!length || !*word)
            return at;
        at += length;
    }
}

/* Whether the star begins `*) NUMBER`, the end of a cast of a number to a pointer; between the two
 * may stand a cast to an integer, and around the number parentheses. */
static int is_cast(const char *star, uint64_t *address) {
    const char *at = skip_words(star + 1, "const volatile restrict __restrict__ ");
    if (*at != ')')
        return 0;
    at = skip_words(at + 1, "");
    if (*at == '(') {
        const char *inside = skip_words(at + 1, "unsigned int long size_t uintptr_t intptr_t "
                                                "uint64_t int64_t ");
        at = skip_words(*inside == ')' ? inside + 1 : at, "");
    }
    const int parenthesis = *at == '(';
    at = skip_words(at + parenthesis, "");
    if (!isdigit((unsigned char)*at))
        return 0;
    char *after;
    *address = strtoull(at, &after, 0);
    while (isalpha((unsigned char)*after))
        after++;
    return !parenthesis || *skip_words(after, "") == ')';
}

static int inspect_source(void *self, const struct hone_source *source,
                          const struct hone_findings *findings) {
    const struct raw_address *mine = self;
    uint32_t line = 1, first_line = 0, count = 0;
    uint64_t address, first = 0;
    char *code = code_of(source);
    if (!code)
        return -ENOMEM;
    for (uint32_t i = 0; i < source->bytes; i++) {
        line += code[i] == '\n';
        if (code[i] != '*' || !is_cast(code + i, &address) || address < mine->lowest)
            continue;
        if (!count++) {
            first = address;
            first_line = line;
        }
    }
    free(code);
    if (!count)
        return 0;
    char text[96];
    int length =
        snprintf(text, sizeof text, "%#llx is made into a pointer", (unsigned long long)first);
    if (count > 1)
        snprintf(text + length, sizeof text - (size_t)length, ", and so are %u more numbers",
                 count - 1);
    findings->report(findings->host, "raw_address", mine->severity, first_line, text);
    return 0;
}

static const struct hone_detector_ops ops = {.size = sizeof ops, .inspect_source = inspect_source};

static const struct hone_option options[] = {
    {.name = "lowest",
     .fallback = "1",
     .summary = "addresses below are let pass; 0 is the null pointer",
     .low = 0,
     .high = 1e15,
     .type = HONE_INTEGER},
    {.name = "severity",
     .fallback = "warn",
     .summary = "of the finding, unless [severity] of hone.ini has another",
     .choices = "note warn zero",
     .type = HONE_CHOICE},
    {.name = NULL},
};

const struct hone_plugin hone_plugin = {
    .abi = HONE_PLUGIN_ABI,
    .size = sizeof hone_plugin,
    .kind = HONE_DETECTOR,
    .flags = HONE_PLUGIN_CONCURRENT,
    .name = "raw_address",
    .version = "1.0",
    .summary = "a number made into a pointer",
    .options = options,
    .create = create,
    .destroy = destroy,
    .detector = &ops,
};
