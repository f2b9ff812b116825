#include "core/task.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The C type of an element. bf16 has none in C: its bits. */
static const char *type_name(enum hone_dtype dtype, bool cuda) {
    switch (dtype) {
    case HONE_F64:
        return "double";
    case HONE_F32:
        return "float";
    case HONE_F16:
        return cuda ? "__half" : "_Float16";
    case HONE_BF16:
        return cuda ? "__nv_bfloat16" : "uint16_t";
    case HONE_I64:
        return "int64_t";
    case HONE_I32:
        return "int32_t";
    case HONE_U8:
        return "uint8_t";
    case HONE_U64:
        return "uint64_t";
    case HONE_U32:
        return "uint32_t";
    default:
        return cuda ? "bool" : "_Bool";
    }
}

static void write_type(FILE *out, const struct hone_arg *arg, bool oracle, bool cuda) {
    if (!hone_arg_is_tensor(arg))
        fprintf(out, "%s ", type_name(arg->dtype, cuda));
    else if (hone_arg_is_output(arg))
        fprintf(out, "%s *", oracle ? "double" : type_name(arg->dtype, cuda));
    else
        fprintf(out, "const %s *", oracle && arg->varies ? "double" : type_name(arg->dtype, cuda));
}

static void write_prototype(FILE *out, const struct hone_task *task, const char *function,
                            bool oracle, bool cuda) {
    fprintf(out, "void %s(", function);
    for (uint32_t i = 0; i < task->arg_count; i++) {
        fputs(i ? ", " : "", out);
        write_type(out, &task->args[i], oracle, cuda);
        fputs(task->args[i].name, out);
    }
    fputc(')', out);
}

/* A float travels as its bits in the low half of its word, a double as its bits. */
static bool travels_as_bits(const struct hone_arg *arg) {
    return arg->role == HONE_SCALAR && (arg->dtype == HONE_F32 || arg->dtype == HONE_F64);
}

static void write_trampoline(FILE *out, const struct hone_task *task, const char *function,
                             bool oracle) {
    fputs("\nvoid hone_call_0(const uint64_t *words);\n"
          "void hone_call_0(const uint64_t *words) {\n",
          out);
    for (uint32_t i = 0; i < task->arg_count; i++) {
        const struct hone_arg *arg = &task->args[i];
        if (!travels_as_bits(arg))
            continue;
        const char *bits = arg->dtype == HONE_F32 ? "uint32_t" : "uint64_t";
        fprintf(out,
                "    %s bits_%u = (%s)words[%u];\n"
                "    %s value_%u;\n"
                "    __builtin_memcpy(&value_%u, &bits_%u, sizeof value_%u);\n",
                bits, i, bits, i, type_name(arg->dtype, false), i, i, i, i);
    }
    fprintf(out, "    %s(", function);
    for (uint32_t i = 0; i < task->arg_count; i++) {
        const struct hone_arg *arg = &task->args[i];
        fputs(i ? ", " : "", out);
        if (travels_as_bits(arg)) {
            fprintf(out, "value_%u", i);
            continue;
        }
        fputc('(', out);
        write_type(out, arg, oracle, false);
        fprintf(out, ")words[%u]", i);
    }
    fputs(");\n}\n", out);
}

/* The element type of a task that comes in several, so that one source may serve all: HONE_T, and
 * the way to and from the type it computes in. Macros, as a source may use any name of its own. */
static void write_element_type(FILE *out, enum hone_dtype dtype) {
    const char *name = dtype == HONE_F64   ? "F64"
                       : dtype == HONE_F32 ? "F32"
                       : dtype == HONE_F16 ? "F16"
                                           : "BF16";
    fprintf(out, "#define HONE_T %s\n#define HONE_T_%s 1\n", type_name(dtype, false), name);
    if (dtype != HONE_BF16) {
        const char *wide = dtype == HONE_F64 ? "double" : "float";
        fprintf(out, "#define HONE_LOAD(x) ((%s)(x))\n#define HONE_STORE(x) ((HONE_T)(x))\n", wide);
        return;
    }
    fputs("static inline float hone_from_bf16(uint16_t bits) {\n"
          "    uint32_t wide = (uint32_t)bits << 16;\n"
          "    float value;\n"
          "    __builtin_memcpy(&value, &wide, sizeof value);\n"
          "    return value;\n"
          "}\n"
          "static inline uint16_t hone_to_bf16(float value) {\n"
          "    uint32_t bits;\n"
          "    __builtin_memcpy(&bits, &value, sizeof bits);\n"
          "    uint32_t nearest = bits + 0x7fff + (bits >> 16 & 1);\n"
          "    return value == value ? nearest >> 16 : bits >> 16 | 0x40;\n"
          "}\n"
          "#define HONE_LOAD(x) hone_from_bf16(x)\n"
          "#define HONE_STORE(x) hone_to_bf16(x)\n",
          out);
}

enum text { PROTOTYPE, PRELUDE, EPILOGUE };

static char *render(const struct hone_task *task, enum text text, const char *function, bool oracle,
                    bool cuda) {
    char *bytes = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&bytes, &size);
    if (!out)
        return NULL;
    switch (text) {
    case PROTOTYPE:
        fputs(cuda ? "extern \"C\" __global__ " : "", out);
        write_prototype(out, task, function, oracle, cuda);
        break;
    case PRELUDE:
        fputs("#include <stdint.h>\n", out);
        if (task->dtype_count && !oracle)
            write_element_type(out, task->dtypes[task->variant]);
        write_prototype(out, task, function, oracle, cuda);
        fputs(";\n", out);
        break;
    case EPILOGUE:
        write_trampoline(out, task, function, oracle);
        break;
    }
    bool failed = ferror(out);
    if (fclose(out) != 0 || failed) {
        free(bytes);
        return NULL;
    }
    return bytes;
}

char *hone_task_prototype(const struct hone_task *task, const char *language) {
    return render(task, PROTOTYPE, "solve", false, strcmp(language, "cuda") == 0);
}

char *hone_task_prelude(const struct hone_task *task, const char *function, bool oracle) {
    return render(task, PRELUDE, function, oracle, false);
}

char *hone_task_epilogue(const struct hone_task *task, const char *function, bool oracle) {
    return render(task, EPILOGUE, function, oracle, false);
}
