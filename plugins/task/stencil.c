/* stencil - tasks made in code: weighted sums of neighbours, one task for each shape that is asked
 * for.
 *
 * "line3" is every neighbour up to 3 away in one dimension, "cross2" those along either axis of a
 * matrix, "box1" all around. What lies outside counts as zero. Weights are eighths, so that small
 * integers come out exactly, and no two sides are alike, so that a mirrored kernel is wrong.
 */
#include "plugins/task.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POINTS_MAX 49
#define STENCILS_MAX 32
#define FILES_MAX 9
#define COLUMNS 512 /* of the even bench workload of a matrix */

enum kind { LINE, CROSS, BOX };

static const struct {
    const char *name, *text;
    int radius_most;
} kinds[] = {
    [LINE] = {"line", "a vector", 16},
    [CROSS] = {"cross", "a matrix, along its rows and columns", 8},
    [BOX] = {"box", "a matrix, all around", 3},
};

struct point {
    int down, right; /* where the neighbour is; `down` is 0 in one dimension */
    int eighths;
};

struct stencil {
    char name[24];
    enum kind kind;
    int radius;
    uint32_t point_count;
    struct point points[POINTS_MAX];
    uint32_t file_count;
    struct hone_task_file files[FILES_MAX]; /* texts are ours; names are constants */
};

struct elements {
    const char *type, *suffix; /* in C: of a variable, and of a constant */
    const char *dtype;         /* in task.json */
};
static const struct elements floats = {"float", "f", "f32"}, doubles = {"double", "", "f64"};

struct family {
    const struct elements *elements;
    long long size; /* elements of a bench workload */
    uint32_t count;
    struct stencil stencils[STENCILS_MAX];
};

static int fail(struct hone_error *error, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int fail(struct hone_error *error, int code, const char *format, ...) {
    if (!error)
        return code;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    return code;
}

/* ---- the shape ---- */

static void add_point(struct stencil *stencil, int down, int right) {
    const int i = (int)stencil->point_count;
    const int eighths = (i * 5 % 7 + 1) * (i % 2 ? -1 : 1);
    stencil->points[stencil->point_count++] = (struct point){down, right, eighths};
}

static void add_points(struct stencil *stencil) {
    const int radius = stencil->radius, rows = stencil->kind == LINE ? 0 : radius;
    for (int down = -rows; down <= rows; down++)
        for (int right = -radius; right <= radius; right++)
            if (stencil->kind != CROSS || !down || !right)
                add_point(stencil, down, right);
}

static int add_stencil(struct family *family, const char *word, size_t length,
                       struct hone_error *error) {
    for (enum kind kind = LINE; kind <= BOX; kind++) {
        const size_t head = strlen(kinds[kind].name);
        if (length <= head || strncmp(word, kinds[kind].name, head))
            continue;
        char *end;
        const long radius = strtol(word + head, &end, 10);
        if (end != word + length || radius < 1 || radius > kinds[kind].radius_most)
            return fail(error, -EINVAL, "shapes: \"%.*s\": expected %s1 to %s%d", (int)length, word,
                        kinds[kind].name, kinds[kind].name, kinds[kind].radius_most);
        if (family->count == STENCILS_MAX)
            return fail(error, -E2BIG, "shapes: more than %d", STENCILS_MAX);
        struct stencil *stencil = &family->stencils[family->count++];
        snprintf(stencil->name, sizeof stencil->name, "%s%ld", kinds[kind].name, radius);
        stencil->kind = kind;
        stencil->radius = (int)radius;
        add_points(stencil);
        return 0;
    }
    return fail(error, -EINVAL,
                "shapes: \"%.*s\": expected line, cross or box with a radius, as in line3",
                (int)length, word);
}

/* ---- its texts ---- */

static const char *signature(const struct stencil *stencil) {
    return stencil->kind == LINE ? "int64_t n" : "int64_t h, int64_t w";
}

static void write_function(FILE *out, const struct family *family, const struct stencil *stencil,
                           bool oracle) {
    fprintf(out, "void %s(const %s *%sx, %s *%sy, %s) {\n", oracle ? "oracle" : "solve",
            family->elements->type, oracle ? "" : "restrict ",
            oracle ? "double" : family->elements->type, oracle ? "" : "restrict ",
            signature(stencil));
}

static void write_table(FILE *out, const struct stencil *stencil, const char *type, int mirror) {
    fprintf(out,
            "static const struct {\n    int64_t down, right;\n    %s weight;\n} points[] = {\n",
            type);
    for (uint32_t i = 0; i < stencil->point_count; i++) {
        const struct point *point = &stencil->points[i];
        fprintf(out, "    {%d, %d, %g},\n", mirror * point->down, mirror * point->right,
                point->eighths / 8.0);
    }
    fprintf(out, "};\n#define COUNT %u\n\n", stencil->point_count);
}

/* The sum of one element with every neighbour looked at; `wraps` takes those outside from the other
 * side. */
static void write_element(FILE *out, const struct family *family, const struct stencil *stencil,
                          const char *sum, bool wraps) {
    const bool line = stencil->kind == LINE;
    fprintf(out, "static %s element(const %s *x, int64_t r, int64_t c, int64_t h, int64_t w) {\n",
            sum, family->elements->type);
    fprintf(out, "    %s sum = 0;\n    for (int i = 0; i < COUNT; i++) {\n", sum);
    if (!line)
        fprintf(out, wraps ? "        int64_t a = ((r + points[i].down) %% h + h) %% h;\n"
                           : "        int64_t a = r + points[i].down;\n");
    fprintf(out, wraps ? "        int64_t b = ((c + points[i].right) %% w + w) %% w;\n"
                       : "        int64_t b = c + points[i].right;\n");
    fprintf(out, "        if (%sb >= 0 && b < w)\n", line ? "" : "a >= 0 && a < h && ");
    fprintf(out, "            sum += points[i].weight * x[%sb];\n", line ? "" : "a * w + ");
    fprintf(out, "    }\n%s    return sum;\n}\n\n", line ? "    (void)r, (void)h;\n" : "");
}

static void write_loops(FILE *out, const struct stencil *stencil, const char *last_column) {
    if (stencil->kind == LINE)
        fprintf(out,
                "    for (int64_t i = 0; i < %s; i++)\n        y[i] = element(x, 0, i, 1, n);\n}\n",
                last_column);
    else
        fprintf(out,
                "    for (int64_t r = 0; r < h; r++)\n"
                "        for (int64_t c = 0; c < %s; c++)\n"
                "            y[r * w + c] = element(x, r, c, h, w);\n}\n",
                last_column);
}

static const char *columns(const struct stencil *stencil) {
    return stencil->kind == LINE ? "n" : "w";
}

static void write_oracle(FILE *out, const struct family *family, const struct stencil *stencil) {
    write_table(out, stencil, "double", 1);
    write_element(out, family, stencil, "double", false);
    write_function(out, family, stencil, true);
    write_loops(out, stencil, columns(stencil));
}

static void write_naive(FILE *out, const struct family *family, const struct stencil *stencil) {
    write_table(out, stencil, family->elements->type, 1);
    write_element(out, family, stencil, family->elements->type, false);
    write_function(out, family, stencil, false);
    write_loops(out, stencil, columns(stencil));
}

/* Where every neighbour exists there is nothing to ask: one long sum, which makes vectors. */
static void write_tuned(FILE *out, const struct family *family, const struct stencil *stencil) {
    const bool line = stencil->kind == LINE;
    write_table(out, stencil, family->elements->type, 1);
    write_element(out, family, stencil, family->elements->type, false);
    fprintf(out,
            "static inline void row(const %s *restrict x, %s *restrict y, int64_t r, int64_t h, "
            "int64_t w) {\n"
            "    const int64_t radius = %d;\n"
            "    const int64_t inner = w > 2 * radius%s ? w - radius : 0;\n"
            "    const int64_t begin = inner ? radius : 0, end = inner ? inner : 0;\n"
            "    for (int64_t c = 0; c < begin; c++)\n"
            "        y[r * w + c] = element(x, r, c, h, w);\n"
            "    const %s *at = x + r * w;\n"
            "    for (int64_t c = begin; c < end; c++)\n"
            "        y[r * w + c] = ",
            family->elements->type, family->elements->type, stencil->radius,
            line ? "" : " && r >= radius && r < h - radius", family->elements->type);
    for (uint32_t i = 0; i < stencil->point_count; i++) {
        const struct point *point = &stencil->points[i];
        fprintf(out, "%s%g%s * at[c", i ? " +\n                       " : "", point->eighths / 8.0,
                family->elements->suffix);
        if (point->down)
            fprintf(out, " %c %d * w", point->down < 0 ? '-' : '+', abs(point->down));
        if (point->right)
            fprintf(out, " %c %d", point->right < 0 ? '-' : '+', abs(point->right));
        fputs("]", out);
    }
    fprintf(out, ";\n    for (int64_t c = end; c < w; c++)\n"
                 "        y[r * w + c] = element(x, r, c, h, w);\n}\n\n");
    write_function(out, family, stencil, false);
    fputs(line ? "    row(x, y, 0, 1, n);\n}\n"
               : "    for (int64_t r = 0; r < h; r++)\n        row(x, y, r, h, w);\n}\n",
          out);
}

static void write_tail(FILE *out, const struct family *family, const struct stencil *stencil) {
    fputs("/* Columns beyond the last whole vector are left out. */\n", out);
    write_table(out, stencil, family->elements->type, 1);
    write_element(out, family, stencil, family->elements->type, false);
    write_function(out, family, stencil, false);
    write_loops(out, stencil, stencil->kind == LINE ? "n / 8 * 8" : "w / 8 * 8");
}

static void write_mirrored(FILE *out, const struct family *family, const struct stencil *stencil) {
    fputs("/* The weights are taken from the wrong end. */\n", out);
    write_table(out, stencil, family->elements->type, -1);
    write_element(out, family, stencil, family->elements->type, false);
    write_function(out, family, stencil, false);
    write_loops(out, stencil, columns(stencil));
}

static void write_wrapped(FILE *out, const struct family *family, const struct stencil *stencil) {
    fputs("/* What lies outside is taken from the other side. */\n", out);
    write_table(out, stencil, family->elements->type, 1);
    write_element(out, family, stencil, family->elements->type, true);
    write_function(out, family, stencil, false);
    write_loops(out, stencil, columns(stencil));
}

static void write_prompt(FILE *out, const struct family *family, const struct stencil *stencil) {
    (void)family;
    const bool line = stencil->kind == LINE;
    fprintf(out, "Replace every element of %s by a weighted sum of its neighbours:\n\n",
            kinds[stencil->kind].text);
    fprintf(out, line ? "    y[i] = sum over the table of weight * x[i + right]\n\n"
                      : "    y[r, c] = sum over the table of weight * x[r + down, c + right]\n\n");
    fputs("Neighbours outside count as zero.\n\n", out);
    fputs(line ? "| right | weight |\n|---|---|\n" : "| down | right | weight |\n|---|---|---|\n",
          out);
    for (uint32_t i = 0; i < stencil->point_count; i++) {
        const struct point *point = &stencil->points[i];
        if (!line)
            fprintf(out, "| %d ", point->down);
        fprintf(out, "| %d | %g |\n", point->right, point->eighths / 8.0);
    }
}

static void write_workload(FILE *out, const struct stencil *stencil, const char *head, long long h,
                           long long w, const char *rest) {
    fprintf(out, "  {%s, \"axes\": ", head);
    if (stencil->kind == LINE)
        fprintf(out, "{\"n\": %lld}", w);
    else
        fprintf(out, "{\"h\": %lld, \"w\": %lld}", h, w);
    fprintf(out, "%s}", rest);
}

static void write_workloads(FILE *out, const struct family *family, const struct stencil *stencil) {
    const bool line = stencil->kind == LINE;
    const long long radius = stencil->radius, size = family->size, rows = size / COLUMNS;
    static const char outliers[] =
        ", \"gen\": {\"x\": {\"dist\": \"normal\", \"outliers\": {\"p\": 0.01, \"scale\": 100}}}";
    static const char integers[] = ", \"exact\": true, \"gen\": {\"x\": {\"dist\": \"ints\", "
                                   "\"low\": -4, \"high\": 4}}";
    const struct {
        const char *head;
        long long h, w;
        const char *rest;
    } all[] = {
        {"\"id\": \"tiny\", \"set\": \"debug\"", 3, 7, ""},
        {"\"id\": \"one\", \"set\": \"verify\"", 1, 1, ""},
        {"\"id\": \"narrow\", \"set\": \"verify\"", 2 * radius + 1, radius, ""},
        {"\"id\": \"flat\", \"set\": \"verify\"", radius, 2 * radius + 1, ""},
        {"\"id\": \"primes\", \"set\": \"verify\"", 31, line ? 1021 : 127, ""},
        {"\"id\": \"exact\", \"set\": \"verify\"", 43, line ? 4099 : 101, integers},
        {"\"id\": \"outliers\", \"set\": \"verify\"", 29, line ? 2047 : 65, outliers},
        {"\"id\": \"even\", \"set\": \"bench\"", rows, line ? size : COLUMNS, ""},
        {"\"id\": \"ragged\", \"set\": \"bench\"", rows + 1, line ? size + 3 : COLUMNS - 3, ""},
    };
    fputs(" \"workloads\": [\n", out);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        write_workload(out, stencil, all[i].head, all[i].h, all[i].w, all[i].rest);
        fputs(i + 1 < sizeof all / sizeof *all ? ",\n" : "\n ],\n", out);
    }
    fputs(line ? " \"hidden\": [{\"draw\": 2, \"axes\": {\"n\": {\"loguniform\": [1, 65536]}}}],\n"
               : " \"hidden\": [{\"draw\": 2, \"axes\": {\"h\": {\"loguniform\": [1, 256]}, \"w\": "
                 "{\"loguniform\": [1, 256]}}}],\n",
          out);
}

static void write_json(FILE *out, const struct family *family, const struct stencil *stencil) {
    const bool line = stencil->kind == LINE;
    const char *shape = line ? "\"n\"" : "\"h\", \"w\"";
    fprintf(out,
            "{\n \"schema\": 1,\n \"id\": \"stencil/%s\",\n \"version\": \"1.0.0\",\n"
            " \"title\": \"Weighted sum of %u neighbours\",\n"
            " \"tags\": [\"stencil\", \"linear\"],\n",
            stencil->name, stencil->point_count);
    fputs(line ? " \"axes\": {\"n\": {\"var\": [1, 16777216]}},\n"
               : " \"axes\": {\"h\": {\"var\": [1, 65536]}, \"w\": {\"var\": [1, 65536]}},\n"
                 " \"constraints\": [\"h * w <= 16777216\"],\n",
          out);
    fprintf(out,
            " \"args\": [\n"
            "  {\"name\": \"x\", \"role\": \"in\", \"dtype\": \"%s\", \"shape\": [%s]},\n"
            "  {\"name\": \"y\", \"role\": \"out\", \"dtype\": \"%s\", \"shape\": [%s]},\n",
            family->elements->dtype, shape, family->elements->dtype, shape);
    fputs(line ? "  {\"name\": \"n\", \"role\": \"axis\"}\n ],\n"
               : "  {\"name\": \"h\", \"role\": \"axis\"},\n  {\"name\": \"w\", \"role\": "
                 "\"axis\"}\n ],\n",
          out);
    write_workloads(out, family, stencil);
    fprintf(
        out,
        " \"reduction\": \"%u\",\n"
        " \"cost\": {\"flops\": \"%u*%s\", \"bytes\": \"2*%s*sizeof(%s)\"},\n"
        " \"baselines\": [\n"
        "  {\"name\": \"tuned\", \"lang\": \"c\", \"file\": \"tuned.c\", \"role\": \"score\"},\n"
        "  {\"name\": \"naive\", \"lang\": \"c\", \"file\": \"naive.c\", \"role\": \"floor\"}\n"
        " ],\n"
        " \"oracle\": {\"c\": \"oracle.c\"}\n}\n",
        stencil->point_count, 2 * stencil->point_count, line ? "n" : "h*w", line ? "n" : "h*w",
        family->elements->dtype);
}

/* Sorted by name, as a description's files are. */
static const struct {
    const char *name;
    void (*write)(FILE *out, const struct family *family, const struct stencil *stencil);
} writers[] = {
    {"naive.c", write_naive},     {"oracle.c", write_oracle},
    {"prompt.md", write_prompt},  {"task.json", write_json},
    {"tuned.c", write_tuned},     {"wrong/mirrored.c", write_mirrored},
    {"wrong/tail.c", write_tail}, {"wrong/wrapped.c", write_wrapped},
};

static int write_files(const struct family *family, struct stencil *stencil) {
    for (size_t i = stencil->file_count; i < sizeof writers / sizeof *writers; i++) {
        char *text = NULL;
        size_t bytes = 0;
        FILE *out = open_memstream(&text, &bytes);
        if (!out)
            return -ENOMEM;
        writers[i].write(out, family, stencil);
        const bool failed = ferror(out);
        if (fclose(out) || failed) {
            free(text);
            return -ENOMEM;
        }
        stencil->files[stencil->file_count++] =
            (struct hone_task_file){.name = writers[i].name, .text = text, .bytes = bytes};
    }
    return 0;
}

/* ---- the plugin ---- */

static int count_tasks(void *self, uint32_t *count) {
    *count = ((const struct family *)self)->count;
    return 0;
}

static int describe(void *self, uint32_t index, struct hone_task_description *description,
                    struct hone_error *error) {
    struct family *family = self;
    if (index >= family->count)
        return fail(error, -ERANGE, "stencil: task %u of %u", index, family->count);
    struct stencil *stencil = &family->stencils[index];
    int result = write_files(family, stencil);
    if (result < 0)
        return fail(error, result, "stencil/%s: out of memory", stencil->name);
    description->file_count = stencil->file_count;
    description->files = stencil->files;
    description->origin = "stencil";
    return 0;
}

static void destroy(void *self) {
    struct family *family = self;
    for (uint32_t i = 0; family && i < family->count; i++)
        for (uint32_t k = 0; k < family->stencils[i].file_count; k++)
            free((void *)family->stencils[i].files[k].text);
    free(family);
}

static int read_settings(struct family *family, const struct hone_setting *settings,
                         struct hone_error *error) {
    const char *shapes = "line1 line3 cross1 cross2 box1";
    for (; settings && settings->name; settings++) {
        if (!strcmp(settings->name, "shapes"))
            shapes = settings->value;
        else if (!strcmp(settings->name, "dtype") && !strcmp(settings->value, "f64"))
            family->elements = &doubles;
        else if (!strcmp(settings->name, "size"))
            family->size = strtoll(settings->value, NULL, 10);
    }
    int result = 0;
    while (result == 0 && *(shapes += strspn(shapes, " "))) {
        const size_t length = strcspn(shapes, " ");
        result = add_stencil(family, shapes, length, error);
        shapes += length;
    }
    return result;
}

static int create(const struct hone_host *host, const struct hone_setting *settings, void **self,
                  struct hone_error *error) {
    (void)host;
    struct family *family = calloc(1, sizeof *family);
    if (!family)
        return fail(error, -ENOMEM, "out of memory");
    family->elements = &floats;
    family->size = 524288;
    int result = read_settings(family, settings, error);
    if (result < 0) {
        destroy(family);
        return result;
    }
    *self = family;
    return 0;
}

static const struct hone_option options[] = {
    {.name = "shapes",
     .fallback = "line1 line3 cross1 cross2 box1",
     .summary = "one task each: line, cross or box, and how far its neighbours are",
     .type = HONE_TEXT},
    {.name = "dtype",
     .fallback = "f32",
     .summary = "of the elements",
     .type = HONE_CHOICE,
     .choices = "f32 f64"},
    {.name = "size",
     .fallback = "524288",
     .summary = "elements of a bench workload",
     .type = HONE_INTEGER,
     .low = 16384,
     .high = 8388608},
    {0}};

static const struct hone_task_ops ops = {
    .size = sizeof ops, .count = count_tasks, .describe = describe};

const struct hone_plugin hone_plugin = {
    .abi = HONE_PLUGIN_ABI,
    .size = sizeof hone_plugin,
    .kind = HONE_TASK,
    .name = "stencil",
    .version = "1.0.0",
    .summary = "weighted sums of neighbours, made in code",
    .options = options,
    .create = create,
    .destroy = destroy,
    .task = &ops,
};
