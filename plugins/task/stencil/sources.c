/* The C sources of a stencil: oracle, baselines, and bugs that must be seen. */
#include "plugins/task/stencil/stencil.h"

#include <stdlib.h>

static const char *signature(const struct stencil *stencil) {
    return stencil->kind == STENCIL_LINE ? "int64_t n" : "int64_t h, int64_t w";
}

static void write_function(FILE *out, const struct stencil_family *family,
                           const struct stencil *stencil, bool oracle) {
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
        const struct stencil_point *point = &stencil->points[i];
        fprintf(out, "    {%d, %d, %g},\n", mirror * point->down, mirror * point->right,
                point->eighths / 8.0);
    }
    fprintf(out, "};\n#define COUNT %u\n\n", stencil->point_count);
}

/* The sum of one element with every neighbour looked at; `wraps` takes those outside from the other
 * side. */
static void write_element(FILE *out, const struct stencil_family *family,
                          const struct stencil *stencil, const char *sum, bool wraps) {
    const bool line = stencil->kind == STENCIL_LINE;
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
    if (stencil->kind == STENCIL_LINE)
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
    return stencil->kind == STENCIL_LINE ? "n" : "w";
}

void stencil_write_oracle(FILE *out, const struct stencil_family *family,
                          const struct stencil *stencil) {
    write_table(out, stencil, "double", 1);
    write_element(out, family, stencil, "double", false);
    write_function(out, family, stencil, true);
    write_loops(out, stencil, columns(stencil));
}

void stencil_write_naive(FILE *out, const struct stencil_family *family,
                         const struct stencil *stencil) {
    write_table(out, stencil, family->elements->type, 1);
    write_element(out, family, stencil, family->elements->type, false);
    write_function(out, family, stencil, false);
    write_loops(out, stencil, columns(stencil));
}

/* Where every neighbour exists there is nothing to ask: one long sum, which makes vectors. */
void stencil_write_tuned(FILE *out, const struct stencil_family *family,
                         const struct stencil *stencil) {
    const bool line = stencil->kind == STENCIL_LINE;
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
        const struct stencil_point *point = &stencil->points[i];
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

void stencil_write_tail(FILE *out, const struct stencil_family *family,
                        const struct stencil *stencil) {
    fputs("/* Columns beyond the last whole vector are left out. */\n", out);
    write_table(out, stencil, family->elements->type, 1);
    write_element(out, family, stencil, family->elements->type, false);
    write_function(out, family, stencil, false);
    write_loops(out, stencil, stencil->kind == STENCIL_LINE ? "n / 8 * 8" : "w / 8 * 8");
}

void stencil_write_mirrored(FILE *out, const struct stencil_family *family,
                            const struct stencil *stencil) {
    fputs("/* The weights are taken from the wrong end. */\n", out);
    write_table(out, stencil, family->elements->type, -1);
    write_element(out, family, stencil, family->elements->type, false);
    write_function(out, family, stencil, false);
    write_loops(out, stencil, columns(stencil));
}

void stencil_write_wrapped(FILE *out, const struct stencil_family *family,
                           const struct stencil *stencil) {
    fputs("/* What lies outside is taken from the other side. */\n", out);
    write_table(out, stencil, family->elements->type, 1);
    write_element(out, family, stencil, family->elements->type, true);
    write_function(out, family, stencil, false);
    write_loops(out, stencil, columns(stencil));
}
