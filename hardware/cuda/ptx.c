#include "hardware/cuda/ptx.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* A word of the text, or one sign. */
struct token {
    char *at;
    size_t length; /* 0: the end */
};

static void blank(char *at, const char *end) {
    for (; at < end; at++)
        *at = ' ';
}

/* Comments and strings become spaces, so that nothing in them is taken for a declaration. */
static void blank_asides(char *text) {
    for (char *at = text; *at;) {
        const char *close = at[0] == '"'                   ? "\""
                            : at[0] == '/' && at[1] == '/' ? "\n"
                            : at[0] == '/' && at[1] == '*' ? "*/"
                                                           : NULL;
        if (!close) {
            at++;
            continue;
        }
        char *end = strstr(at + (*close == '"' ? 1 : 2), close);
        end = end ? end + strlen(close) : at + strlen(at);
        blank(at, end);
        at = end;
    }
}

static bool is_letter(char letter) {
    return isalnum((unsigned char)letter) || strchr("._$%", letter);
}

static struct token next(char **at) {
    while (isspace((unsigned char)**at))
        ++*at;
    struct token token = {*at, 0};
    while (**at && is_letter(**at))
        ++*at;
    if (*at == token.at && **at)
        ++*at;
    token.length = (size_t)(*at - token.at);
    return token;
}

static bool is(struct token token, const char *word) {
    return token.length == strlen(word) && memcmp(token.at, word, token.length) == 0;
}

/* ".u64": how many bytes one has; 0: it is no type, or an unknown one. */
static uint32_t type_bytes(struct token token) {
    static const char *const kinds[] = {".b", ".u", ".s", ".f", ".bf"};
    static const char *const bits[] = {"8", "16", "32", "64", "128"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const size_t head = strlen(kinds[i]);
        if (token.length <= head || memcmp(token.at, kinds[i], head) != 0)
            continue;
        const struct token rest = {token.at + head, token.length - head};
        for (size_t power = 0; power < sizeof bits / sizeof *bits; power++)
            if (is(rest, bits[power]))
                return 1u << power;
    }
    return 0;
}

/* From behind ".param" to the sign that ends the parameter. An array has its size last. */
static struct token read_parameter(char **at, struct hone_cubin_parameter *parameter) {
    struct token token;
    while ((token = next(at)).length && !is(token, ",") && !is(token, ")")) {
        const uint32_t bytes = type_bytes(token);
        if (bytes) {
            parameter->known = parameter->bytes == 0;
            parameter->bytes = bytes;
        } else if (is(token, "[")) {
            const unsigned long count = strtoul(*at, NULL, 0);
            parameter->known &= count > 0 && count <= 65536;
            parameter->bytes *= parameter->known ? (uint32_t)count : 0;
        }
    }
    return token;
}

/* From behind the kernel's name. */
static void read_parameters(char **at, struct hone_cubin_kernel *kernel) {
    char *before = *at;
    struct token token = next(at);
    if (!is(token, "(")) {
        *at = before;
        return;
    }
    while ((token = next(at)).length && !is(token, ")")) {
        struct hone_cubin_parameter parameter = {0};
        if (!is(token, ".param"))
            continue;
        token = read_parameter(at, &parameter);
        if (kernel->parameter_count < HONE_CUBIN_PARAMETERS_MAX)
            kernel->parameters[kernel->parameter_count] = parameter;
        kernel->parameter_count++;
        if (!is(token, ","))
            return;
    }
}

const char *hone_ptx_read(char *text, struct hone_cubin *cubin) {
    struct token token;
    memset(cubin, 0, sizeof *cubin);
    blank_asides(text);
    for (char *at = text; (token = next(&at)).length;) {
        if (!is(token, ".entry"))
            continue;
        const struct token name = next(&at);
        if (!name.length || !is_letter(*name.at))
            return "a kernel of it has no name";
        if (cubin->kernel_count == HONE_CUBIN_KERNELS_MAX)
            return "it has more than 64 kernels";
        struct hone_cubin_kernel *kernel = &cubin->kernels[cubin->kernel_count];
        read_parameters(&at, kernel);
        kernel->name = name.at;
        char *end = name.at + name.length;
        at += at == end && *end; /* what stands there makes room for the NUL */
        *end = '\0';
        if (hone_cubin_find(cubin, kernel->name))
            return "two kernels of it have one name";
        cubin->kernel_count++;
    }
    return NULL;
}
