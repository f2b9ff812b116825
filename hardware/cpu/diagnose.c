#include "hardware/cpu/cpu.h"

#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* What to do without the things of libc that are not there. A name ends with '*' when it is the
 * start of many. */
static const struct {
    const char *name;
    const char *why;
    const char *instead;
} imports[] = {
    {"malloc", "allocates memory", "a `workspace` line of the plan or a static array"},
    {"calloc", "allocates memory", "a `workspace` line of the plan or a static array"},
    {"realloc", "allocates memory", "a `workspace` line of the plan or a static array"},
    {"free", "belongs to malloc", "a `workspace` line of the plan or a static array"},
    {"aligned_alloc", "allocates memory", "a `workspace` line or a static array with _Alignas"},
    {"posix_memalign", "allocates memory", "a `workspace` line or a static array with _Alignas"},
    {"memalign", "allocates memory", "a `workspace` line or a static array with _Alignas"},
    {"mmap", "asks for memory", "a `workspace` line of the plan or a static array"},
    {"qsort", "is not in the guest", "a sort of your own"},
    {"bsearch", "is not in the guest", "a search of your own"},
    {"rand*", "is not in the guest", "a generator of your own, in local variables"},
    {"printf", "writes text, which nobody reads", "nothing: the observation carries the results"},
    {"fprintf", "writes text, which nobody reads", "nothing: the observation carries the results"},
    {"sprintf", "is not in the guest", "nothing: the observation carries the results"},
    {"snprintf", "is not in the guest", "nothing: the observation carries the results"},
    {"puts", "writes text, which nobody reads", "nothing: the observation carries the results"},
    {"putchar", "writes text, which nobody reads", "nothing: the observation carries the results"},
    {"f*open", "opens a file", "the arguments: they hold all the data there is"},
    {"open*", "opens a file", "the arguments: they hold all the data there is"},
    {"pthread_*", "starts or joins threads",
     "one thread with vector code: a candidate has one core"},
    {"GOMP_*", "starts threads", "`#pragma omp simd`: a candidate has one core"},
    {"omp_*", "asks for threads", "`#pragma omp simd`: a candidate has one core"},
    {"clock*", "reads a clock", "nothing: the observation carries the times"},
    {"time", "reads a clock", "nothing: the observation carries the times"},
    {"gettimeofday", "reads a clock", "nothing: the observation carries the times"},
    {"exit", "ends the process", "return"},
    {"_exit", "ends the process", "return"},
    {"abort", "ends the process", "return, or __builtin_trap() for what cannot happen"},
    {"signgam", "is a variable of libm", "lgamma_r, which returns the sign"},
    {"stdout", "is a file", "nothing: the observation carries the results"},
    {"stderr", "is a file", "nothing: the observation carries the results"},
    {"__errno_location", "is libc's errno", "the result itself, with isnan() or isinf()"},
    {"syscall", "asks the kernel", "computing only"},
    {"dlopen", "loads code", "code in the source"},
    {"cblas_*", "is a library", "code in the source"},
};

static bool starts(const char *text, const char *head) {
    return strncmp(text, head, strlen(head)) == 0;
}

/* What cc1 says about the source, or shows of it, is the agent's text: it is no sign of anything.
 */
static bool is_quoting(const char *line) {
    return line[0] == ' ' || starts(line, "solve.c:") || starts(line, "solve.cu:") ||
           starts(line, "task:") || starts(line, "hone:") || starts(line, "plan:");
}

/* The words in a line of a tool's own. */
static const char *find(const char *text, const char *words) {
    for (const char *line = text; line; line = strchr(line, '\n'), line = line ? line + 1 : NULL) {
        const char *at = is_quoting(line) ? NULL : strstr(line, words);
        if (at && at < line + strcspn(line, "\n"))
            return at;
    }
    return NULL;
}

static bool is_name(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

static bool matches(const char *pattern, const char *name) {
    const char *star = strchr(pattern, '*');
    if (!star)
        return strcmp(pattern, name) == 0;
    size_t head = (size_t)(star - pattern), tail = strlen(star + 1), length = strlen(name);
    return length >= head + tail && strncmp(name, pattern, head) == 0 &&
           strcmp(name + length - tail, star + 1) == 0;
}

/* Whether the text has the name as a word of its own. */
static bool mentions(const char *text, const char *name) {
    size_t length = strlen(name);
    for (const char *at = text; (at = strstr(at, name)); at += length)
        if ((at == text || !is_name(at[-1])) && !is_name(at[length]))
            return true;
    return false;
}

static void conclude(struct hone_compile_result *result, enum hone_verdict verdict,
                     enum hone_reason reason) {
    result->verdict = verdict;
    result->reason = reason;
}

/* The line that `at` is in, without what ld says before its message; printable ASCII and UTF-8 only
 * as gcc wrote it. */
static void copy_line(const char *text, const char *at, char *line, size_t size) {
    const char *begin = at;
    while (begin > text && begin[-1] != '\n')
        begin--;
    size_t length = strcspn(begin, "\n");
    snprintf(line, size, "%.*s", (int)(length < size ? length : size - 1), begin);
}

/* The name that gcc or ld put in quotes after `before`. */
static bool copy_quoted(const char *before, char *name, size_t size) {
    const char *open = before ? strpbrk(before, "`'\n") : NULL;
    if (!open || *open == '\n')
        return false;
    size_t length = strcspn(open + 1, "'\n");
    if (length == 0 || length >= size)
        return false;
    memcpy(name, open + 1, length);
    name[length] = '\0';
    return true;
}

static void explain_import(const char *name, struct hone_compile_result *result) {
    conclude(result, HONE_POLICY_VIOLATION, HONE_REASON_IMPORT);
    for (size_t i = 0; i < sizeof imports / sizeof *imports; i++)
        if (matches(imports[i].name, name)) {
            snprintf(result->message, sizeof result->message, "uses `%s`, which %s; use %s instead",
                     name, imports[i].why, imports[i].instead);
            return;
        }
    snprintf(result->message, sizeof result->message,
             "uses `%.100s`, which neither the source nor the guest has; define it, or use what "
             "there is: memcpy memmove memset memcmp strlen and <math.h>",
             name);
}

/* Undefined names: the one the harness calls is missing from the source; any other is an import. */
static bool read_undefined(const char *text, const char *prelude,
                           struct hone_compile_result *result) {
    const char *at = find(text, "undefined reference to ");
    at = at ? at : find(text, "undefined symbol ");
    char name[128];
    if (!at || !copy_quoted(at, name, sizeof name))
        return false;
    bool entry = starts(name, "hone_call_");
    if (!entry && !mentions(prelude, name)) {
        explain_import(name, result);
        return true;
    }
    conclude(result, HONE_COMPILE_FAILED, HONE_REASON_LINKER);
    snprintf(result->message, sizeof result->message,
             entry ? "the harness's `%s` is gone: a macro of the source renames it"
                   : "does not define the function `%s`; a name is wrong, or its definition is "
                     "hidden by #if, a comment or a macro",
             name);
    return true;
}

static bool read_refusal(const char *text, struct hone_compile_result *result) {
    static const struct {
        const char *sign;
        const char *message;
    } refusals[] = {
        {"hone refuses constructors",
         "has a constructor or destructor (code that runs outside the calls, which "
         "__builtin_cpu_supports needs too); do the work in the function itself, and ask for "
         "#ifdef __AVX2__ and the like: the build is for this machine (-march=native)"},
        {"hone refuses thread-local variables",
         "has thread-local variables; use local or static ones, there is one thread"},
        {"hone refuses indirect functions",
         "has an ifunc or target_clones; the build is for this machine (-march=native) already"},
        {"hone refuses dynamic linking", "asks to be linked dynamically"},
        {"hone refuses more static data", "has more static data than the address window holds"},
        {"unplaced orphan section", NULL},
    };
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const char *at = find(text, refusals[i].sign);
        char name[64];
        if (!at)
            continue;
        conclude(result, HONE_POLICY_VIOLATION, HONE_REASON_SECTION);
        if (refusals[i].message)
            snprintf(result->message, sizeof result->message, "%s", refusals[i].message);
        else
            snprintf(result->message, sizeof result->message,
                     "puts something in the section `%s`; leave sections to the compiler",
                     copy_quoted(at, name, sizeof name) ? name : "?");
        return true;
    }
    return false;
}

/* A limit that the compiler ran into: in the words of gcc's driver and of its programs, or, without
 * a driver, as the signal that ended one of them. */
static bool read_limit(const char *text, int status, struct hone_compile_result *result) {
    int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    if (signal == SIGXCPU || find(text, "CPU time limit exceeded")) {
        conclude(result, HONE_TIMED_OUT, HONE_REASON_COMPILE_TIME);
        snprintf(result->message, sizeof result->message,
                 "the compiler used up its CPU time; fewer macros, less unrolling, smaller tables");
    } else if (signal == SIGXFSZ || find(text, "File size limit exceeded") ||
               find(text, "[the output is larger than") || find(text, "File too large")) {
        conclude(result, HONE_COMPILE_FAILED, HONE_REASON_LIMIT);
        snprintf(result->message, sizeof result->message,
                 "the program is too large; smaller tables of constants, or zero-initialised ones");
    } else if (signal || find(text, "out of memory") || find(text, "virtual memory exhausted") ||
               find(text, "memory exhausted") || find(text, "signal terminated program")) {
        conclude(result, HONE_COMPILE_FAILED, HONE_REASON_LIMIT);
        snprintf(result->message, sizeof result->message,
                 "the compiler ran out of memory or crashed; make the source simpler");
    } else {
        return false;
    }
    return true;
}

/* A note that says what the task asks for makes the error whole. */
static void append_expected(const char *text, struct hone_compile_result *result) {
    const char *note = strstr(text, "note: previous declaration of ");
    const char *type = note ? strstr(note, "with type ") : NULL;
    char expected[256];
    size_t used = strlen(result->message);
    if (type && copy_quoted(type, expected, sizeof expected))
        snprintf(result->message + used, sizeof result->message - used, "; the task asks for '%s'",
                 expected);
}

/* The first line in which the compiler proper says that something is wrong; what ld and collect2
 * call an error is read elsewhere. */
static bool find_error(const char *text, char *line, size_t size) {
    for (const char *at = text; at && *at; at = strchr(at, '\n'), at = at ? at + 1 : NULL) {
        copy_line(text, at, line, size);
        if ((strstr(line, ": error: ") || strstr(line, ": fatal error: ")) &&
            !starts(line, "collect2: ") && !strstr(line, "ld: error: "))
            return true;
    }
    return false;
}

/* An error of the call that a plan line stands for: the source's line, and why. gcc says in a note
 * what the function expects. */
static void read_plan_error(const char *text, const char *line,
                            struct hone_compile_result *result) {
    const int number = atoi(line + strlen("plan:"));
    const char *why = strstr(line, "error: ") + strlen("error: ");
    const char *note = strstr(text, "note: expected ");
    char name[128], expected[200] = "";
    if (starts(why, "implicit declaration of function ") && copy_quoted(why, name, sizeof name)) {
        snprintf(result->message, sizeof result->message,
                 "solve.c:%d:1: error: the plan calls `%s`, which the source does not define",
                 number, name);
        return;
    }
    if (note)
        snprintf(expected, sizeof expected, "; %.*s", (int)strcspn(note + 6, "\n"), note + 6);
    else if (starts(why, "conversion from 'long int' to 'int'"))
        snprintf(expected, sizeof expected, "; write (int) in front of the argument");
    snprintf(result->message, sizeof result->message,
             "solve.c:%d:1: error: the plan's arguments do not fit the function: %.200s%.190s",
             number, why, expected);
}

static bool read_error(const char *text, struct hone_compile_result *result) {
    char line[400];
    if (!find_error(text, line, sizeof line))
        return false;
    conclude(result, HONE_COMPILE_FAILED, HONE_REASON_COMPILER);
    if (starts(line, "hone:1:"))
        snprintf(result->message, sizeof result->message,
                 "the source ends inside a function or a declaration: a `}` or `;` is missing "
                 "before its end");
    else if (starts(line, "plan:"))
        read_plan_error(text, line, result);
    else if (starts(line, "hone:"))
        snprintf(result->message, sizeof result->message,
                 "the harness's call does not compile, because a macro or declaration of the "
                 "source changes its meaning: %.200s",
                 strstr(line, "error: ") + strlen("error: "));
    else
        snprintf(result->message, sizeof result->message, "%s", line);
    if (strstr(line, "conflicting types"))
        append_expected(text, result);
    return true;
}

#define TOO_MUCH_SHARED                                                                            \
    "more than 48 KiB of shared memory are declared; take `extern __shared__` memory, whose size " \
    "the plan's launch gives with shared=BYTES, up to 227 KiB"

/* What a GPU's compiler would not take either. */
static bool read_shared(const char *text, struct hone_compile_result *result) {
    static const char *const signs[][2] = {
        {"hone refuses more than 48 KiB", TOO_MUCH_SHARED},
        {"cannot move location counter backwards", TOO_MUCH_SHARED},
        {"hone refuses initialised shared memory",
         "shared memory is declared with a value; assign it in the kernel"},
    };
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (find(text, signs[i][0])) {
            conclude(result, HONE_COMPILE_FAILED, HONE_REASON_LINKER);
            snprintf(result->message, sizeof result->message, "%s", signs[i][1]);
            return true;
        }
    return false;
}

static void read_failure(const char *text, int status, const char *prelude,
                         struct hone_compile_result *result) {
    if (read_limit(text, status, result) || read_error(text, result) ||
        read_refusal(text, result) || read_shared(text, result) ||
        read_undefined(text, prelude, result))
        return;
    char line[400] = "the compiler failed without saying why";
    const char *at = find(text, "relocation truncated to fit");
    conclude(result, HONE_COMPILE_FAILED, HONE_REASON_LINKER);
    at = at ? at : find(text, ": Error: "); /* the assembler's, below a headline */
    at = at ? at : find(text, "ld: ");
    at = at ? at : text;
    if (at && at[0])
        copy_line(text, at, line, sizeof line);
    snprintf(result->message, sizeof result->message, "%s", line);
}

void hone_cpu_diagnose(const struct hone_compile_output *output, const char *prelude,
                       struct hone_compile_result *result) {
    const char *text = output->diagnostics ? output->diagnostics : "";
    if (output->timed_out) {
        conclude(result, HONE_TIMED_OUT, HONE_REASON_COMPILE_TIME);
        snprintf(result->message, sizeof result->message,
                 "the compiler did not end in time; fewer macros, less unrolling, smaller tables");
    } else if (WIFEXITED(output->status) && WEXITSTATUS(output->status) == 0 && output->bytes) {
        conclude(result, HONE_UNDECIDED, HONE_REASON_NONE);
    } else {
        read_failure(text, output->status, prelude, result);
    }
}
