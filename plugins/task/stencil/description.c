/* What a stencil's task says: task.json for the gym, prompt.md for who solves it. */
#include "plugins/task/stencil/stencil.h"

#define COLUMNS 512 /* of the even bench workload of a matrix */

void stencil_write_prompt(FILE *out, const struct stencil_family *family,
                          const struct stencil *stencil) {
    static const char *const places[] = {
        [STENCIL_LINE] = "a vector",
        [STENCIL_CROSS] = "a matrix, along its rows and columns",
        [STENCIL_BOX] = "a matrix, all around",
    };
    (void)family;
    const bool line = stencil->kind == STENCIL_LINE;
    fprintf(out, "Replace every element of %s by a weighted sum of its neighbours:\n\n",
            places[stencil->kind]);
    fprintf(out, line ? "    y[i] = sum over the table of weight * x[i + right]\n\n"
                      : "    y[r, c] = sum over the table of weight * x[r + down, c + right]\n\n");
    fputs("Neighbours outside count as zero.\n\n", out);
    fputs(line ? "| right | weight |\n|---|---|\n" : "| down | right | weight |\n|---|---|---|\n",
          out);
    for (uint32_t i = 0; i < stencil->point_count; i++) {
        const struct stencil_point *point = &stencil->points[i];
        if (!line)
            fprintf(out, "| %d ", point->down);
        fprintf(out, "| %d | %g |\n", point->right, point->eighths / 8.0);
    }
}

static void write_workload(FILE *out, const struct stencil *stencil, const char *head, long long h,
                           long long w, const char *rest) {
    fprintf(out, "  {%s, \"axes\": ", head);
    if (stencil->kind == STENCIL_LINE)
        fprintf(out, "{\"n\": %lld}", w);
    else
        fprintf(out, "{\"h\": %lld, \"w\": %lld}", h, w);
    fprintf(out, "%s}", rest);
}

static void write_workloads(FILE *out, const struct stencil_family *family,
                            const struct stencil *stencil) {
    const bool line = stencil->kind == STENCIL_LINE;
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

void stencil_write_json(FILE *out, const struct stencil_family *family,
                        const struct stencil *stencil) {
    const bool line = stencil->kind == STENCIL_LINE;
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
