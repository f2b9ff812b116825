#include "hardware/cpu/cuda_text.h"

#include "hardware/cpu/cpu.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNROLL_MOST 8 /* turns: as many as pay for what they cost the compiler */

/* A growing text. */
struct text {
    char *bytes;
    size_t length, size;
    bool failed;
};

static void put(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Room for so many bytes and a NUL. */
static void grow(struct text *text, size_t needed) {
    if (text->length + needed + 1 <= text->size)
        return;
    const size_t size = 2 * text->size + needed + 1024;
    char *bytes = realloc(text->bytes, size);
    text->failed |= !bytes;
    text->bytes = bytes ? bytes : text->bytes;
    text->size = bytes ? size : text->size;
}

static void put(struct text *text, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    const int needed = vsnprintf(NULL, 0, format, arguments);
    if (needed >= 0)
        grow(text, (size_t)needed);
    if (needed >= 0 && !text->failed) {
        vsnprintf(text->bytes + text->length, text->size - text->length, format, again);
        text->length += (size_t)needed;
    }
    va_end(again);
    va_end(arguments);
}

static void put_bytes(struct text *text, const char *bytes, size_t count) {
    grow(text, count);
    if (!text->failed)
        memcpy(text->bytes + text->length, bytes, count);
    text->length += text->failed ? 0 : count;
}

static char *finish(struct text *text) {
    if (text->failed || !text->bytes) {
        free(text->bytes);
        return NULL;
    }
    return text->bytes;
}

static bool is_name(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

/* Words of the source, one after the other, comments and strings left out: other characters are
 * words of their own. */
struct scan {
    const char *at, *end;
    char word[128];
};

static void skip_quoted(struct scan *scan, char quote) {
    for (scan->at++; scan->at < scan->end && *scan->at != quote && *scan->at != '\n'; scan->at++)
        scan->at += *scan->at == '\\' && scan->at + 1 < scan->end;
    scan->at += scan->at < scan->end;
}

static bool skip_comment(struct scan *scan) {
    if (scan->end - scan->at < 2 || scan->at[0] != '/' ||
        (scan->at[1] != '/' && scan->at[1] != '*'))
        return false;
    const bool line = scan->at[1] == '/';
    for (scan->at += 2; scan->at < scan->end; scan->at++) {
        if (line && *scan->at == '\n')
            return true;
        if (!line && *scan->at == '*' && scan->at + 1 < scan->end && scan->at[1] == '/') {
            scan->at += 2;
            return true;
        }
    }
    return true;
}

static bool next_word(struct scan *scan) {
    size_t length = 0;
    while (scan->at < scan->end) {
        if (skip_comment(scan))
            continue;
        if (*scan->at == '"' || *scan->at == '\'') {
            skip_quoted(scan, *scan->at);
            continue;
        }
        if (!isspace((unsigned char)*scan->at) && *scan->at != '\\')
            break;
        scan->at++;
    }
    if (scan->at >= scan->end)
        return false;
    do
        if (length + 1 < sizeof scan->word)
            scan->word[length++] = *scan->at;
    while (is_name(*scan->at++) && scan->at < scan->end && is_name(*scan->at));
    scan->word[length] = '\0';
    return true;
}

/* Dynamic shared memory is whatever a source declares as an array with extern and __shared__: all
 * begin where the static part ends. Assembly, since only there a name can be given without a type.
 */
static void put_dynamic(struct text *text, const char *source, uint64_t bytes) {
    struct scan scan = {source, source + bytes, ""};
    bool is_extern = false, is_shared = false;
    char name[sizeof scan.word] = "";
    while (next_word(&scan)) {
        is_extern |= strcmp(scan.word, "extern") == 0;
        is_shared |= is_extern && strcmp(scan.word, "__shared__") == 0;
        if (is_shared && strcmp(scan.word, "[") == 0)
            put(text,
                "__asm__(\".pushsection .hone_dynamic,\\\"awT\\\",@nobits\\n"
                ".ifndef hone_dynamic.%s\\nhone_dynamic.%s = 1\\n.globl %s\\n"
                ".type %s, @tls_object\\n%s:\\n.endif\\n.popsection\");\n",
                name, name, name, name, name);
        if (is_name(scan.word[0]))
            memcpy(name, scan.word, sizeof name);
        if (strchr(";{}[", scan.word[0]))
            is_extern = is_shared = false;
    }
}

static const char kinds[] = {[HONE_ARGUMENT_POINTER] = 'p',
                             [HONE_ARGUMENT_INT64] = 'l',
                             [HONE_ARGUMENT_INT32] = 'i',
                             [HONE_ARGUMENT_F32] = 'f',
                             [HONE_ARGUMENT_F64] = 'd'};
static const char *const kind_names[] = {[HONE_ARGUMENT_POINTER] = "a pointer",
                                         [HONE_ARGUMENT_INT64] = "a 64-bit integer",
                                         [HONE_ARGUMENT_INT32] = "an int",
                                         [HONE_ARGUMENT_F32] = "a float",
                                         [HONE_ARGUMENT_F64] = "a double"};

static uint32_t kind_of(const struct hone_plan_entry_argument *argument) {
    return argument->kind >= HONE_ARGUMENT_POINTER && argument->kind <= HONE_ARGUMENT_F64
               ? argument->kind
               : HONE_ARGUMENT_INT64;
}

/* A type before a name makes it a declaration; these are none. */
static bool is_type(const char *word) {
    static const char *const others[] = {"return", "else", "do", "case", "goto", "throw"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(word, others[i]) == 0)
            return false;
    return is_name(word[0]) || strchr("*&>", word[0]);
}

/* What else has a kernel's name, and where the kernel's parameters stand, parentheses included. */
struct overloads {
    bool function, template;
    const char *parameters, *end; /* NULL: a macro's */
};

/* NULL for what could say more than parameters when it is repeated: a directive, which may begin
 * with a digraph, or the text of a pragma. */
static const char *find_end_of_parameters(struct scan scan, const char *parameters) {
    int open = 0;
    while (next_word(&scan)) {
        open += (scan.word[0] == '(') - (scan.word[0] == ')');
        for (const char *at = parameters; open == 0 && at < scan.at; at++)
            if (strchr("#%\\\"'", *at))
                return NULL;
        if (open == 0)
            return scan.at;
    }
    return NULL;
}

static struct overloads find_overloads(const struct hone_compile_request *request,
                                       const char *name) {
    struct scan scan = {request->source, request->source + request->source_bytes, ""};
    struct overloads found = {0};
    char before[sizeof scan.word] = "";
    bool is_kernel = false, is_namespace = false, is_template = false;
    int depth = 0, outer = 0; /* of braces; of those around declarations */
    while (next_word(&scan)) {
        struct scan ahead = scan;
        if (depth == outer && strcmp(scan.word, name) == 0 && before[0] && is_type(before) &&
            next_word(&ahead) && ahead.word[0] == '(') {
            found.template |= is_template;
            found.function |= !is_kernel;
            if (is_kernel && !is_template) {
                found.parameters = ahead.at - 1;
                found.end = find_end_of_parameters(scan, found.parameters);
            }
        }
        is_kernel |= strcmp(scan.word, "__global__") == 0;
        is_namespace |= strcmp(scan.word, "namespace") == 0;
        is_template |= strcmp(scan.word, "template") == 0;
        if (scan.word[0] == '{') {
            outer += depth == outer && (is_namespace || strcmp(before, "extern") == 0);
            depth++;
        } else if (scan.word[0] == '}' && depth) {
            depth--;
            outer = outer < depth ? outer : depth;
        }
        if (strchr(";{}", scan.word[0]))
            is_kernel = is_namespace = is_template = false;
        memcpy(before, scan.word, sizeof before);
    }
    return found;
}

/* The kernel's type. Of several functions of its name it is the one that returns nothing and takes
 * as many arguments as the plan gives; beside a template of its name, from which C++ deduces
 * nothing, the one with the parameters that the source gives it. */
static void put_type(struct text *text, const struct hone_compile_request *request, uint32_t e) {
    const struct hone_plan_entry *entry = &request->entries[e];
    const struct overloads others = find_overloads(request, entry->name);
    const bool is_written = others.template && others.end;
    const bool overloaded = (others.function || others.template) && !is_written;
    if (overloaded) {
        put(text, "template <class hone_any");
        for (uint32_t i = 0; i < entry->argument_count; i++)
            put(text, ", class hone_parameter_%u", i);
        put(text, "> auto hone_only_%u(hone_any, void (*hone_one)(", e);
        for (uint32_t i = 0; i < entry->argument_count; i++)
            put(text, "%shone_parameter_%u", i ? ", " : "", i);
        put(text, ")) { return hone_one; }\n");
    }
    put(text, "#line %u \"solve.cu\"\n", entry->line);
    if (is_written) {
        put(text, "typedef void hone_written_%u", e);
        put_bytes(text, others.parameters, (size_t)(others.end - others.parameters));
        put(text, ";\n#line %u \"solve.cu\"\n", entry->line);
        put(text, "typedef decltype(hone_kernel_of((hone_written_%u *)&%s)) hone_type_%u;\n", e,
            entry->name, e);
    } else if (overloaded)
        put(text, "typedef decltype(hone_only_%u(0, &%s)) hone_type_%u;\n", e, entry->name, e);
    else
        put(text, "typedef decltype(hone_kernel_of(&%s)) hone_type_%u;\n", entry->name, e);
}

/* What is wrong between plan and kernel is said at the plan's line: that it is none, that it has
 * another name in the image, that it takes something else. */
static void put_checks(struct text *text, const struct hone_compile_request *request, uint32_t e) {
    const struct hone_plan_entry *entry = &request->entries[e];
    put_type(text, request, e);
    put(text,
        "#line %u \"solve.cu\"\n"
        "static_assert(hone_signature<hone_type_%u>::is_kernel, \"`%s` is no kernel: a "
        "__global__ function returns void\"); "
        "extern \"C\" hone_signature<hone_type_%u>::function %s;\n"
        "#line %u \"solve.cu\"\n"
        "static_assert(hone_signature<hone_type_%u>::count == %u, \"the plan gives `%s` %u "
        "argument%s, but it has another number of parameters\");\n",
        entry->line, e, entry->name, e, entry->name, entry->line, e, entry->argument_count,
        entry->name, entry->argument_count, entry->argument_count == 1 ? "" : "s");
    for (uint32_t i = 0; i < entry->argument_count; i++) {
        const uint32_t kind = kind_of(&entry->arguments[i]);
        put(text,
            "#line %u \"solve.cu\"\n"
            "static_assert(hone_signature<hone_type_%u>::takes<%u>('%c'), \"argument %u of `%s` "
            "is %s in the plan, but the kernel's parameter is not%s\");\n",
            entry->line, e, i, kinds[kind], i + 1, entry->name, kind_names[kind],
            kind == HONE_ARGUMENT_INT64 ? "; write (int) before it for an int parameter" : "");
    }
}

static void put_entries(struct text *text, const struct hone_compile_request *request, bool waits) {
    for (uint32_t e = 0; e < request->plan_entry_count; e++)
        put_checks(text, request, e);
    put(text, "#line 1 \"hone\"\n");
    for (uint32_t e = 0; e < request->plan_entry_count; e++) {
        const struct hone_plan_entry *entry = &request->entries[e];
        put(text, "static const unsigned char hone_bytes_%u[] = {", e);
        for (uint32_t i = 0; i < entry->argument_count; i++)
            put(text, "%u, ",
                entry->arguments[i].kind == HONE_ARGUMENT_POINTER
                    ? (entry->arguments[i].type_bits + 7u) / 8
                    : 0u);
        put(text, "0};\n");
    }
    put(text, "static const hone_kernel hone_kernels[] = {\n");
    for (uint32_t e = 0; e < request->plan_entry_count; e++) {
        const struct hone_plan_entry *entry = &request->entries[e];
        put(text, "{hone_enter<hone_type_%u, &%s>, \"%s\", %u, HONE_FORM(%d), hone_bytes_%u},\n", e,
            entry->name, entry->name, entry->argument_count, waits, e);
    }
    put(text,
        "};\nextern \"C\" void hone_call_0(const unsigned long long *words) {\n"
        "    hone_run(words, hone_kernels, %u);\n}\n",
        request->plan_entry_count);
}

/* A macro of the source's may stand for any word that follows. */
static void put_words_back(struct text *text) {
    static const char *const words[] = {
        "__asm__",  "static_assert",  "decltype",    "static",       "const",       "unsigned",
        "char",     "long",           "void",        "extern",       "hone_kernel", "hone_enter",
        "hone_run", "hone_signature", "is_kernel",   "hone_kernels", "hone_call_0", "hone_bytes_0",
        "function", "hone_kernel_of", "hone_type_0", "hone_only_0",  "template",    "class",
        "auto",     "typedef",        "return",      "count",        "takes",       "words",
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        put(text, "#undef %s\n", words[i]);
}

char *hone_cuda_unit(const struct hone_compile_request *request, bool waits, bool refused) {
    struct text text = {0};
    if (refused) {
        put(&text, "#error refused\n");
        return finish(&text);
    }
    put(&text,
        "#include \"cuda.h\"\n"
        "#line 1 \"task\"\n"
        "%s\n"
        "#include \"solve.cu\"\n"
        "#line 1 \"hone\"\n"
        "static inline void hone_end_of_source(void) {}\n",
        request->prelude ? request->prelude : "");
    put_words_back(&text);
    put_dynamic(&text, request->source, request->source_bytes);
    put_entries(&text, request, waits);
    return finish(&text);
}

static const char *skip(const char *at, const char *end, const char *characters) {
    while (at < end && strchr(characters, *at) && *at)
        at++;
    return at;
}

/* What comes after the word, or NULL: another begins here. */
static const char *take_word(const char *at, const char *end, const char *word) {
    const size_t length = strlen(word);
    const bool here = (size_t)(end - at) >= length && memcmp(at, word, length) == 0 &&
                      (at + length == end || !is_name(at[length]));
    return here ? at + length : NULL;
}

/* Where a line says `#pragma unroll`, with at most a number, and the next begins a loop: g++ takes
 * its own pragma nowhere else. The count; 0: it does not say that. */
static unsigned read_unroll(const char *line, const char *end, const char **word) {
    static const char blank[] = " \t\r";
    const char *at = skip(line, end, blank);
    unsigned count = 0;
    if (at == end || *at != '#')
        return 0;
    at = take_word(skip(at + 1, end, blank), end, "pragma");
    *word = at ? skip(at, end, blank) : NULL;
    at = at ? take_word(*word, end, "unroll") : NULL;
    if (!at)
        return 0;
    at = skip(at, end, " \t(");
    const bool says = at < end && isdigit((unsigned char)*at);
    for (; at < end && isdigit((unsigned char)*at) && count <= UNROLL_MOST; at++)
        count = 10 * count + (unsigned)(*at - '0');
    at = skip(at, end, " \t\r)");
    if (at == end || *at != '\n')
        return 0;
    at = skip(at, end, " \t\r\n");
    const bool loop =
        take_word(at, end, "for") || take_word(at, end, "while") || take_word(at, end, "do");
    if (!loop || (says && count == 0))
        return 0;
    return says && count < UNROLL_MOST ? count : UNROLL_MOST;
}

char *hone_cuda_unrolled(const char *source, uint64_t source_bytes, uint64_t *bytes) {
    const char *end = source + source_bytes, *word;
    struct text text = {0};
    put(&text, "%s", "");
    for (const char *line = source; line < end;) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        const char *next = newline ? newline + 1 : end;
        const unsigned count = read_unroll(line, end, &word);
        if (count)
            put(&text, "#pragma GCC unroll %u\n", count);
        else
            put_bytes(&text, line, (size_t)(next - line));
        line = next;
    }
    *bytes = text.length;
    return finish(&text);
}

char *hone_cuda_names(const struct hone_compile_request *request) {
    struct text text = {0};
    for (uint32_t e = 0; e < request->plan_entry_count; e++)
        put(&text, "%s ", request->entries[e].name);
    return finish(&text);
}
