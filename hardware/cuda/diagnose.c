#include "hardware/cuda/compile.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum { TEXT_AT_FAULT = 1 }; /* the exit status of hone-nvrtc that means so */

static void conclude(struct hone_compile_result *result, enum hone_verdict verdict,
                     enum hone_reason reason, const char *message) {
    result->verdict = verdict;
    result->reason = reason;
    snprintf(result->message, sizeof result->message, "%s", message);
}

static bool starts(const char *text, const char *head) {
    return strncmp(text, head, strlen(head)) == 0;
}

/* What nvcc takes with a flag, and this compiler not at all. */
static const char *advise(const char *sentence) {
    return strstr(sentence, "--extended-lambda")
               ? "; leave it out: a lambda in a kernel is device code"
               : "";
}

/* "solve.cu(3): error: a sentence" becomes "solve.cu:3: error: a sentence", as compilers for the
 * other languages say it. False when the line is none of these. */
static bool read_error(const char *line, size_t length, struct hone_compile_result *result) {
    static const char *const kinds[] = {": error: ", ": catastrophic error: ", ": error #"};
    char copy[400];
    snprintf(copy, sizeof copy, "%.*s", (int)(length < sizeof copy ? length : sizeof copy - 1),
             line);
    char *open = strchr(copy, '('), *close = open ? strchr(open, ')') : NULL;
    if (!close || strspn(open + 1, "0123456789") != (size_t)(close - open - 1))
        return false;
    size_t i = 0;
    while (i < sizeof kinds / sizeof *kinds && !starts(close + 1, kinds[i]))
        i++;
    if (i == sizeof kinds / sizeof *kinds)
        return false;
    *open = *close = '\0';
    const char *text = close + 1;
    result->verdict = HONE_COMPILE_FAILED;
    result->reason = HONE_REASON_COMPILER;
    if (starts(text, ": catastrophic error: out of memory"))
        result->reason = HONE_REASON_LIMIT;
    if (strcmp(copy, "hone") == 0)
        snprintf(result->message, sizeof result->message,
                 "the source ends inside a function or a declaration: a `}` or `;` is missing "
                 "before its end");
    else
        snprintf(result->message, sizeof result->message, "%s:%s%s%s", copy, open + 1, text,
                 advise(text));
    return true;
}

static void conclude_memory(struct hone_compile_result *result) {
    conclude(result, HONE_COMPILE_FAILED, HONE_REASON_LIMIT,
             "the compiler ran out of memory; make the source simpler");
}

static void read_log(const char *text, struct hone_compile_result *result) {
    if (strstr(text, "ptxas fatal   : Memory allocation failure")) {
        conclude_memory(result);
        return;
    }
    for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n')
        if (read_error(line, strcspn(line, "\n"), result))
            return;
    for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        const size_t length = strcspn(line, "\n");
        const char *at = strstr(line, "error");
        if (!(at && at < line + length) && !starts(line, "ptxas fatal"))
            continue;
        result->verdict = HONE_COMPILE_FAILED;
        result->reason = HONE_REASON_COMPILER;
        snprintf(result->message, sizeof result->message, "%.*s",
                 (int)(length < 400 ? length : 400), line);
        return;
    }
    if (strstr(text, "out of memory"))
        conclude_memory(result);
    else
        conclude(result, HONE_COMPILE_FAILED, HONE_REASON_COMPILER,
                 "the compiler failed without saying why");
}

/* A limit that it ran into comes as a signal; one of its own checks as an abort. */
static void read_signal(int signal, struct hone_compile_result *result) {
    if (signal == SIGXCPU)
        conclude(result, HONE_TIMED_OUT, HONE_REASON_COMPILE_TIME,
                 "the compiler used up its CPU time; fewer templates and macros, less unrolling");
    else if (signal == SIGXFSZ)
        conclude(result, HONE_COMPILE_FAILED, HONE_REASON_LIMIT,
                 "the program is too large; smaller tables of constants, less unrolling");
    else
        conclude(result, HONE_COMPILE_FAILED, HONE_REASON_LIMIT,
                 "the compiler ran out of memory or crashed; make the source simpler");
}

/* ptxas has one status for all faults, and names them; what fails without that is no assembler. */
static bool is_assembly_error(const char *text) {
    for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        const size_t length = strcspn(line, "\n");
        const char *error = strstr(line, "error "), *fatal = strstr(line, "fatal ");
        if (starts(line, "ptxas ") &&
            ((error && error < line + length) || (fatal && fatal < line + length)))
            return true;
    }
    return false;
}

int hone_cuda_diagnose(const struct hone_compile_output *output,
                       struct hone_compile_result *result) {
    const int status = output->status;
    const char *text = output->diagnostics ? output->diagnostics : "";
    if (output->timed_out)
        conclude(result, HONE_TIMED_OUT, HONE_REASON_COMPILE_TIME,
                 "the compiler did not end in time; fewer templates and macros, less unrolling");
    else if (WIFSIGNALED(status))
        read_signal(WTERMSIG(status), result);
    else if (strstr(text, "[the output is larger than"))
        read_signal(SIGXFSZ, result);
    else if (WEXITSTATUS(status) == TEXT_AT_FAULT ||
             (WEXITSTATUS(status) && is_assembly_error(text)))
        read_log(text, result);
    else if (WEXITSTATUS(status) || !output->bytes)
        return -EIO;
    else
        conclude(result, HONE_UNDECIDED, HONE_REASON_NONE, "");
    return 0;
}
