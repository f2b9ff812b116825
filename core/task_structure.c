#include "core/error.h"
#include "core/task_read.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdarg.h>
#include <string.h>

#define COUNT_MAX 0x7fffffff

/* One input of one workload being checked. */
struct check {
    const struct hone_task *task;
    const struct hone_workload *workload;
    uint32_t arg;
    const struct hone_generate *generate;
    struct hone_error *error;
};

static int refuse(const struct check *check, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int refuse(const struct check *check, const char *format, ...) {
    char what[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    return hone_fail(check->error, -ERANGE, "input %s: %s", check->task->args[check->arg].name,
                     what);
}

static int find_input(const struct hone_task *task, const char *name) {
    for (uint32_t i = 0; i < task->arg_count; i++)
        if (strcmp(task->args[i].name, name) == 0 && hone_arg_is_tensor(&task->args[i]) &&
            task->args[i].role != HONE_OUT)
            return (int)i;
    return -ENOENT;
}

static int compute(const struct hone_task *task, const struct hone_names *names, uint32_t arg,
                   const struct hone_generate_texts *texts, struct hone_generate *generate,
                   struct hone_error *error) {
    const char *name = task->args[arg].name;
    for (uint32_t i = 0; i < HONE_PARAMETERS; i++) {
        struct hone_error why;
        if (texts->parameters[i] &&
            hone_expression_real(texts->parameters[i], names, hone_task_parameter(generate, i),
                                 &why) < 0)
            return hone_fail(error, -EINVAL, "input %s: %s: %s", name, hone_task_parameter_names[i],
                             why.text);
    }
    if (!texts->other)
        return 0;
    int other = find_input(task, texts->other);
    if (other < 0)
        return hone_fail(error, -EINVAL, "input %s: no input is called \"%.40s\"", name,
                         texts->other);
    generate->other = (uint32_t)other;
    return 0;
}

/* A whole number between two others? */
static int check_whole(const struct check *check, const char *name, double value, double low,
                       double high) {
    if (value != floor(value) || value < low || value > high)
        return refuse(check, "%s: expected a whole number in %.17g..%.17g, found %.17g", name, low,
                      high, value);
    return 0;
}

static int check_range(const struct check *check) {
    const struct hone_generate *generate = check->generate;
    double least, most;
    hone_task_whole_range(check->task->args[check->arg].dtype, &least, &most);
    if (generate->kind == HONE_GEN_LENGTHS) {
        least = 0;
        most = COUNT_MAX;
    }
    int result = check_whole(check, "low", generate->low, least, most);
    if (result == 0)
        result = check_whole(check, "high", generate->high, generate->low, most);
    const double different = generate->kind == HONE_GEN_INTS ? 0x1p32 : 0x1p31;
    if (result == 0 && generate->high - generate->low >= different)
        return refuse(check, "expected at most %.0f different integers", different);
    return result;
}

static int64_t count_of(const struct check *check, uint32_t arg) {
    return hone_task_shape(check->task, check->workload, arg, NULL);
}

static int check_offsets(const struct check *check) {
    const struct hone_generate *generate = check->generate;
    double rows = (double)count_of(check, check->arg) - 1;
    if (rows < 0 || rows > COUNT_MAX)
        return refuse(check, "expected rows + 1 elements, found %.0f", rows + 1);
    int result = check_whole(check, "total", generate->total, 0, COUNT_MAX);
    if (result == 0 && generate->most >= 0)
        result = check_whole(check, "most", generate->most, 0, COUNT_MAX);
    const double most = generate->most >= 0 ? generate->most : generate->total;
    if (result == 0 && generate->total > rows * most)
        return refuse(check, "%.0f entries do not fit into %.0f rows of at most %.0f",
                      generate->total, rows, most);
    return result;
}

/* The generator of the argument this one agrees with; NULL where that is not of the kind needed. */
static const struct hone_generate *other_of(const struct check *check, enum hone_generator kind) {
    const struct hone_generate *other = &check->workload->generate[check->generate->other];
    return other->kind == kind ? other : NULL;
}

static int check_csr(const struct check *check) {
    const struct hone_generate *generate = check->generate;
    const struct hone_generate *offsets = other_of(check, HONE_GEN_OFFSETS);
    const double columns = generate->columns;
    if (!offsets)
        return refuse(check, "offsets: expected an input that is drawn as offsets");
    int result = check_whole(check, "columns", columns, 1, COUNT_MAX);
    if (result == 0 && generate->band >= 0)
        result = check_whole(check, "band", generate->band, 1, columns);
    if (result < 0)
        return result;
    const double count = (double)count_of(check, check->arg);
    if (count != offsets->total)
        return refuse(check, "expected %.0f elements, as its offsets end there, found %.0f",
                      offsets->total, count);
    const double band = generate->band >= 0 ? generate->band : columns;
    const double most = offsets->most >= 0 ? offsets->most : offsets->total;
    if (most > band && !generate->duplicates)
        return refuse(check,
                      "a row may hold %.0f entries of %.0f columns; give its offsets a \"most\", "
                      "or allow duplicates",
                      most, band);
    return 0;
}

static int check_page_table(const struct check *check) {
    const struct hone_generate *generate = check->generate;
    const struct hone_generate *lengths = other_of(check, HONE_GEN_LENGTHS);
    if (!lengths)
        return refuse(check, "lengths: expected an input that is drawn as lengths");
    const int64_t sequences = count_of(check, generate->other);
    const int64_t entries = count_of(check, check->arg);
    if (sequences < 1 || entries < 1 || entries % sequences != 0)
        return refuse(check,
                      "expected the same number of pages for each of %lld lengths, found "
                      "%lld in all",
                      (long long)sequences, (long long)entries);
    return check_whole(check, "pages", generate->pages, (double)entries, COUNT_MAX);
}

/* A cache [pages, page, ...] and the table that says which of its slots are used. */
static int check_poison(const struct check *check) {
    const struct hone_generate *table = other_of(check, HONE_GEN_PAGE_TABLE);
    int64_t shape[HONE_DIMS_MAX];
    if (!table)
        return refuse(check, "poison: expected an input that is drawn as a page_table");
    if (check->task->args[check->arg].ndim < 2 ||
        hone_task_shape(check->task, check->workload, check->arg, shape) < 1)
        return refuse(check, "poison: expected the shape [pages, page, ...]");
    if ((double)shape[0] != table->pages)
        return refuse(check, "poison: expected %.0f pages, as its table has, found %lld",
                      table->pages, (long long)shape[0]);
    const int64_t entries = count_of(check, check->generate->other);
    const int64_t sequences = count_of(check, table->other);
    const double room = (double)(entries / sequences) * (double)shape[1];
    const double longest = check->workload->generate[table->other].high;
    if (longest > room)
        return refuse(check, "poison: lengths reach %.0f, the pages of a sequence hold %.0f",
                      longest, room);
    return 0;
}

static int check_input(const struct check *check) {
    switch (check->generate->kind) {
    case HONE_GEN_UNIFORM:
        if (check->generate->high < check->generate->low)
            return refuse(check, "high: %g is below low, %g", check->generate->high,
                          check->generate->low);
        break;
    case HONE_GEN_INTS:
    case HONE_GEN_ZIPF:
    case HONE_GEN_LENGTHS:
        return check_range(check);
    case HONE_GEN_OFFSETS:
        return check_offsets(check);
    case HONE_GEN_CSR:
        return check_csr(check);
    case HONE_GEN_PAGE_TABLE:
        return check_page_table(check);
    default:
        break;
    }
    return 0;
}

int hone_task_complete_generators(const struct hone_task *task, struct hone_workload *workload,
                                  const struct hone_generate_texts *texts,
                                  struct hone_error *error) {
    struct hone_name rows[HONE_AXES_MAX];
    const struct hone_names names = {rows, hone_task_names(task, workload, rows)};
    for (uint32_t i = 0; i < task->arg_count; i++) {
        int result = compute(task, &names, i, &texts[i], &workload->generate[i], error);
        if (result < 0)
            return result;
    }
    /* Poison last: it relies on the table, and that on the lengths, being right. */
    for (int poison = 0; poison < 2; poison++)
        for (uint32_t i = 0; i < task->arg_count; i++) {
            const struct hone_generate *generate = &workload->generate[i];
            const struct check check = {
                .task = task, .workload = workload, .arg = i, .generate = generate, .error = error};
            const bool poisons =
                generate->other != HONE_NO_ARG &&
                (generate->kind == HONE_GEN_NORMAL || generate->kind == HONE_GEN_UNIFORM);
            int result = poison ? (poisons ? check_poison(&check) : 0) : check_input(&check);
            if (result < 0)
                return result;
        }
    return 0;
}
