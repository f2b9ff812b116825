#include "hardware/device/tokens.h"

#include <string.h>

void hone_tokens_begin(struct hone_tokens *tokens, const char *text, size_t size) {
    *tokens =
        (struct hone_tokens){.text = text, .size = size, .line = 1, .column = 1, .first = true};
}

/* The byte at an offset as it stands, -1 behind the end. */
static int byte_at(const struct hone_tokens *tokens, size_t at) {
    return at < tokens->size ? (unsigned char)tokens->text[at] : -1;
}

/* A line that ends with a backslash goes on in the next; compilers allow spaces in between. */
static size_t splice_size(const struct hone_tokens *tokens, size_t at) {
    if (byte_at(tokens, at) != '\\')
        return 0;
    size_t end = at + 1;
    while (byte_at(tokens, end) == ' ' || byte_at(tokens, end) == '\t' ||
           byte_at(tokens, end) == '\r')
        end++;
    return byte_at(tokens, end) == '\n' ? end + 1 - at : 0;
}

/* The next character, splices passed; -1 at the end. */
static int peek(struct hone_tokens *tokens) {
    for (size_t size; (size = splice_size(tokens, tokens->at));) {
        tokens->at += size;
        tokens->line++;
        tokens->column = 1;
    }
    return byte_at(tokens, tokens->at);
}

static void pass_byte(struct hone_tokens *tokens) {
    if (tokens->text[tokens->at++] == '\n') {
        tokens->line++;
        tokens->column = 1;
    } else {
        tokens->column++;
    }
}

/* The one after the next. */
static int peek_second(const struct hone_tokens *tokens) {
    struct hone_tokens ahead = *tokens;
    if (peek(&ahead) < 0)
        return -1;
    pass_byte(&ahead);
    return peek(&ahead);
}

static bool take(struct hone_tokens *tokens, int wanted) {
    if (peek(tokens) != wanted)
        return false;
    pass_byte(tokens);
    return true;
}

static void skip_comment(struct hone_tokens *tokens) {
    pass_byte(tokens);
    if (take(tokens, '/')) {
        for (int c; (c = peek(tokens)) >= 0 && c != '\n';)
            pass_byte(tokens);
        return;
    }
    peek(tokens);
    pass_byte(tokens);
    for (int c; (c = peek(tokens)) >= 0;) {
        pass_byte(tokens);
        if (c == '*' && take(tokens, '/'))
            return;
    }
}

static bool at_comment(struct hone_tokens *tokens) {
    if (peek(tokens) != '/')
        return false;
    int second = peek_second(tokens);
    return second == '/' || second == '*';
}

static bool is_space(int c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

static void skip_space(struct hone_tokens *tokens) {
    for (;;) {
        int c = peek(tokens);
        if (is_space(c)) {
            tokens->first |= c == '\n';
            pass_byte(tokens);
        } else if (at_comment(tokens)) {
            skip_comment(tokens);
        } else {
            return;
        }
    }
}

static bool is_digit(int c) {
    return c >= '0' && c <= '9';
}
static bool is_word(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || c >= 0x80 ||
           is_digit(c);
}

static void append(struct hone_token *token, int c) {
    if (token->length < sizeof token->text - 1) {
        token->text[token->length] = (char)c;
        token->text[token->length + 1] = '\0';
    }
    token->length++;
}

static void read_word(struct hone_tokens *tokens, struct hone_token *token) {
    token->kind = HONE_TOKEN_WORD;
    for (int c; is_word(c = peek(tokens)); pass_byte(tokens))
        append(token, c);
}

/* A preprocessing number: 1e+3, 0x1p-2, 1'000, 2.f */
static void read_number(struct hone_tokens *tokens, struct hone_token *token) {
    token->kind = HONE_TOKEN_NUMBER;
    for (int c, last = 0; (c = peek(tokens)) >= 0; last = c) {
        bool sign = (c == '+' || c == '-') && strchr("eEpP", last) && last;
        bool separator = c == '\'' && is_word(peek_second(tokens));
        if (!is_word(c) && c != '.' && !sign && !separator)
            return;
        append(token, c);
        pass_byte(tokens);
    }
}

static void read_quoted(struct hone_tokens *tokens, struct hone_token *token, int quote) {
    token->kind = quote == '"' ? HONE_TOKEN_STRING : HONE_TOKEN_CHARACTER;
    pass_byte(tokens);
    for (int c; (c = peek(tokens)) >= 0 && c != '\n';) {
        pass_byte(tokens);
        if (c == quote)
            return;
        append(token, c);
        if (c == '\\' && (c = peek(tokens)) >= 0 && c != '\n') {
            append(token, c);
            pass_byte(tokens);
        }
    }
}

/* R"x( ... )x": bytes as they stand, no splices. */
static void read_raw(struct hone_tokens *tokens, struct hone_token *token) {
    char close[18] = ")"; /* and up to 16 characters that the author chose */
    size_t length = 1;
    token->kind = HONE_TOKEN_STRING;
    token->length = 0;
    token->text[0] = '\0';
    pass_byte(tokens);
    for (int c; (c = byte_at(tokens, tokens->at)) != '(';) {
        if (c < 0 || length > 16 || is_space(c) || c == ')' || c == '\\' || c == '"')
            return; /* not a raw string: the compiler says so */
        close[length++] = (char)c;
        pass_byte(tokens);
    }
    pass_byte(tokens);
    while (tokens->at < tokens->size) {
        if (tokens->size - tokens->at > length &&
            memcmp(tokens->text + tokens->at, close, length) == 0 &&
            byte_at(tokens, tokens->at + length) == '"') {
            for (size_t i = 0; i <= length; i++)
                pass_byte(tokens);
            return;
        }
        append(token, byte_at(tokens, tokens->at));
        pass_byte(tokens);
    }
}

static bool is_raw_prefix(const struct hone_token *token) {
    static const char *const prefixes[] = {"R", "LR", "uR", "UR", "u8R"};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (strcmp(token->text, prefixes[i]) == 0)
            return true;
    return false;
}

/* Longer signs that mean something here; `<::` is a `<` and a `::` unless `:` or `>` follows. */
static void read_sign(struct hone_tokens *tokens, struct hone_token *token) {
    static const char *const pairs[] = {"::", "->", "<%{", "%>}", "<:[", ":>]", "%:#"};
    token->kind = HONE_TOKEN_SIGN;
    int first = peek(tokens), second = peek_second(tokens);
    pass_byte(tokens);
    append(token, first);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (first != pairs[i][0] || second != pairs[i][1])
            continue;
        if (first == '<' && second == ':') {
            struct hone_tokens ahead = *tokens;
            take(&ahead, ':');
            int third = peek(&ahead), fourth = third == ':' ? peek_second(&ahead) : 0;
            if (third == ':' && fourth != ':' && fourth != '>')
                return;
        }
        take(tokens, second);
        if (!pairs[i][2]) {
            append(token, second);
        } else {
            token->text[0] = pairs[i][2];
        }
        return;
    }
    if ((first != '<' && first != '>') || second != first)
        return;
    struct hone_tokens ahead = *tokens;
    take(&ahead, first);
    if (!take(&ahead, first))
        return;
    *tokens = ahead;
    append(token, first);
    append(token, first);
}

void hone_tokens_next(struct hone_tokens *tokens, struct hone_token *token) {
    skip_space(tokens);
    int c = peek(tokens);
    token->kind = HONE_TOKEN_END;
    token->first = tokens->first;
    token->line = tokens->line;
    token->column = tokens->column;
    token->at = tokens->at;
    token->length = 0;
    token->text[0] = '\0';
    tokens->first = false;
    if (c < 0)
        return;
    if (is_digit(c) || (c == '.' && is_digit(peek_second(tokens)))) {
        read_number(tokens, token);
    } else if (is_word(c)) {
        read_word(tokens, token);
        if (peek(tokens) == '"' && is_raw_prefix(token))
            read_raw(tokens, token);
    } else if (c == '"' || c == '\'') {
        read_quoted(tokens, token, c);
    } else {
        read_sign(tokens, token);
    }
}

void hone_tokens_header(struct hone_tokens *tokens, struct hone_token *token) {
    while (peek(tokens) == ' ' || peek(tokens) == '\t' || at_comment(tokens)) {
        if (at_comment(tokens))
            skip_comment(tokens);
        else
            pass_byte(tokens);
    }
    int open = peek(tokens), close = open == '<' ? '>' : '"';
    token->line = tokens->line;
    token->column = tokens->column;
    token->length = 0;
    token->text[0] = '\0';
    if (open != '<' && open != '"')
        return;
    pass_byte(tokens);
    for (int c; (c = peek(tokens)) >= 0 && c != '\n' && c != close; pass_byte(tokens))
        append(token, c);
}

void hone_tokens_skip_line(struct hone_tokens *tokens) {
    for (int c; (c = peek(tokens)) >= 0 && c != '\n';) {
        if (at_comment(tokens))
            skip_comment(tokens);
        else
            pass_byte(tokens);
    }
}

bool hone_tokens_follow(const struct hone_tokens *tokens, const char *sign) {
    struct hone_tokens ahead = *tokens;
    skip_space(&ahead);
    return take(&ahead, sign[0]) && (!sign[1] || take(&ahead, sign[1]));
}
