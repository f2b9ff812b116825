/* stencil - tasks made in code: weighted sums of neighbours, one task for each shape that is asked
 * for.
 *
 * "line3" is every neighbour up to 3 away in one dimension, "cross2" those along either axis of a
 * matrix, "box1" all around. What lies outside counts as zero. Weights are eighths, so that small
 * integers come out exactly, and no two sides are alike, so that a mirrored kernel is wrong.
 */
#include "plugins/task/stencil/stencil.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    int radius_most;
} kinds[] = {
    [STENCIL_LINE] = {"line", 16},
    [STENCIL_CROSS] = {"cross", 8},
    [STENCIL_BOX] = {"box", 3},
};

static const struct stencil_elements floats = {"float", "f", "f32"},
                                     doubles = {"double", "", "f64"};

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
    stencil->points[stencil->point_count++] = (struct stencil_point){down, right, eighths};
}

static void add_points(struct stencil *stencil) {
    const int radius = stencil->radius, rows = stencil->kind == STENCIL_LINE ? 0 : radius;
    for (int down = -rows; down <= rows; down++)
        for (int right = -radius; right <= radius; right++)
            if (stencil->kind != STENCIL_CROSS || !down || !right)
                add_point(stencil, down, right);
}

static int add_stencil(struct stencil_family *family, const char *word, size_t length,
                       struct hone_error *error) {
    for (enum stencil_kind kind = STENCIL_LINE; kind <= STENCIL_BOX; kind++) {
        const size_t head = strlen(kinds[kind].name);
        if (length <= head || strncmp(word, kinds[kind].name, head))
            continue;
        char *end;
        const long radius = strtol(word + head, &end, 10);
        if (end != word + length || radius < 1 || radius > kinds[kind].radius_most)
            return fail(error, -EINVAL, "shapes: \"%.*s\": expected %s1 to %s%d", (int)length, word,
                        kinds[kind].name, kinds[kind].name, kinds[kind].radius_most);
        if (family->count == STENCIL_SHAPES_MAX)
            return fail(error, -E2BIG, "shapes: more than %d", STENCIL_SHAPES_MAX);
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

/* Sorted by name, as a description's files are. */
static const struct {
    const char *name;
    void (*write)(FILE *out, const struct stencil_family *family, const struct stencil *stencil);
} writers[] = {
    {"naive.c", stencil_write_naive},     {"oracle.c", stencil_write_oracle},
    {"prompt.md", stencil_write_prompt},  {"task.json", stencil_write_json},
    {"tuned.c", stencil_write_tuned},     {"wrong/mirrored.c", stencil_write_mirrored},
    {"wrong/tail.c", stencil_write_tail}, {"wrong/wrapped.c", stencil_write_wrapped},
};

static int write_files(const struct stencil_family *family, struct stencil *stencil) {
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
    *count = ((const struct stencil_family *)self)->count;
    return 0;
}

static int describe(void *self, uint32_t index, struct hone_task_description *description,
                    struct hone_error *error) {
    struct stencil_family *family = self;
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
    struct stencil_family *family = self;
    for (uint32_t i = 0; family && i < family->count; i++)
        for (uint32_t k = 0; k < family->stencils[i].file_count; k++)
            free((void *)family->stencils[i].files[k].text);
    free(family);
}

static int read_settings(struct stencil_family *family, const struct hone_setting *settings,
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
    struct stencil_family *family = calloc(1, sizeof *family);
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
