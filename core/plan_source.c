/* What goes around a source that has a plan: its constants in front, and in c, behind it, a
 * function that runs the steps it is given. */
#include "core/plan_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/tensor.h"

static char *finish_text(FILE *out, char **bytes) {
    const bool failed = ferror(out);
    if (fclose(out) == 0 && !failed)
        return *bytes;
    free(*bytes);
    return NULL;
}

char *hone_plan_macros(const struct hone_plan *plan) {
    char *bytes = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&bytes, &size);
    if (!out)
        return NULL;
    for (uint32_t i = plan->constants; i < plan->name_count; i++) {
        const int64_t value = plan->names[i].integer;
        if (value == INT64_MIN) /* its digits alone are no int64_t */
            fprintf(out, "#define %s (%" PRId64 " - 1)\n", plan->names[i].name, value + 1);
        else
            fprintf(out, value < 0 ? "#define %s (%" PRId64 ")\n" : "#define %s %" PRId64 "\n",
                    plan->names[i].name, value);
    }
    return finish_text(out, &bytes);
}

static const char *pointed(const struct hone_plan_entry_argument *argument) {
    switch (argument->type_code << 8 | argument->type_bits) {
    case HONE_TYPE_FLOAT << 8 | 64:
        return "double";
    case HONE_TYPE_FLOAT << 8 | 32:
        return "float";
    case HONE_TYPE_FLOAT << 8 | 16:
        return "_Float16";
    case HONE_TYPE_BFLOAT << 8 | 16:
        return "uint16_t"; /* its bits */
    case HONE_TYPE_INT << 8 | 64:
        return "int64_t";
    case HONE_TYPE_INT << 8 | 32:
        return "int32_t";
    case HONE_TYPE_UINT << 8 | 64:
        return "uint64_t";
    case HONE_TYPE_UINT << 8 | 32:
        return "uint32_t";
    case HONE_TYPE_UINT << 8 | 8:
        return "uint8_t";
    default:
        return "_Bool";
    }
}

static void write_argument(FILE *out, const struct hone_plan_entry_argument *argument,
                           uint32_t index) {
    switch (argument->kind) {
    case HONE_ARGUMENT_POINTER:
        fprintf(out, "(%s%s *)hone_at[%u]", argument->writes ? "" : "const ", pointed(argument),
                index);
        break;
    case HONE_ARGUMENT_INT32:
        fprintf(out, "(int32_t)hone_at[%u]", index);
        break;
    case HONE_ARGUMENT_F32:
        fprintf(out, "hone_float(hone_at[%u])", index);
        break;
    case HONE_ARGUMENT_F64:
        fprintf(out, "hone_double(hone_at[%u])", index);
        break;
    default:
        fprintf(out, "(int64_t)hone_at[%u]", index);
    }
}

/* A call is an ordinary one, on the plan's line: the compiler checks it against the function, and
 * says what does not fit. What C converts without a word is an error here. */
static void write_case(FILE *out, const struct hone_plan_entry *entry, uint32_t index) {
    fprintf(out, "        case %u:\n#line %u \"plan\"\n            %s(", index, entry->line,
            entry->name);
    for (uint32_t i = 0; i < entry->argument_count; i++) {
        fputs(i ? ", " : "", out);
        write_argument(out, &entry->arguments[i], i);
    }
    fputs(");\n#line 2 \"hone\"\n            break;\n", out);
}

char *hone_plan_epilogue(const struct hone_plan *plan) {
    char *bytes = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&bytes, &size);
    if (!out)
        return NULL;
    if (plan->is_cuda)
        return finish_text(out, &bytes);
    fputs("#pragma GCC diagnostic error \"-Wimplicit-function-declaration\"\n"
          "#pragma GCC diagnostic error \"-Wincompatible-pointer-types\"\n"
          "#pragma GCC diagnostic error \"-Wdiscarded-qualifiers\"\n"
          "#pragma GCC diagnostic error \"-Wint-conversion\"\n"
          "#pragma GCC diagnostic error \"-Wconversion\"\n"
          "#pragma GCC diagnostic error \"-Wfloat-conversion\"\n"
          "#pragma GCC diagnostic ignored \"-Wsign-conversion\"\n"
          "static inline float hone_float(uint64_t word) {\n"
          "    uint32_t bits = (uint32_t)word;\n"
          "    float value;\n"
          "    __builtin_memcpy(&value, &bits, sizeof value);\n"
          "    return value;\n"
          "}\n"
          "static inline double hone_double(uint64_t word) {\n"
          "    double value;\n"
          "    __builtin_memcpy(&value, &word, sizeof value);\n"
          "    return value;\n"
          "}\n"
          "void hone_call_0(const uint64_t *hone_words);\n"
          "void hone_call_0(const uint64_t *hone_words) {\n"
          "    for (uint64_t hone_left = *hone_words++; hone_left > 0; hone_left--) {\n"
          "        const uint64_t *hone_at = hone_words + 2;\n"
          "        switch (hone_words[0] >> 32) {\n",
          out);
    for (uint32_t i = 0; i < plan->entry_count; i++)
        write_case(out, &plan->entries[i], i);
    fputs("        }\n"
          "        hone_words = hone_at + hone_words[1];\n"
          "    }\n"
          "}\n",
          out);
    return finish_text(out, &bytes);
}
