#include "core/task_graph.h"
#include "core/task_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const roles[] = {
    [HONE_IN] = "in",         [HONE_INOUT] = "inout (read, then overwritten)",
    [HONE_PARAM] = "param",   [HONE_OUT] = "out",
    [HONE_SCALAR] = "scalar", [HONE_AXIS] = "axis"};

/* A parameter as it was written: an expression says more than its value. */
static void write_parameter(FILE *out, const struct hone_generate *generate,
                            const struct hone_generate_texts *texts, uint32_t parameter) {
    struct hone_generate copy = *generate;
    if (texts && texts->parameters[parameter])
        fputs(texts->parameters[parameter], out);
    else
        fprintf(out, "%.10g", *hone_task_parameter(&copy, parameter));
}

static void write_range(FILE *out, const char *what, const struct hone_generate *generate,
                        const struct hone_generate_texts *texts) {
    fputs(what, out);
    write_parameter(out, generate, texts, HONE_LOW);
    fputs("..", out);
    write_parameter(out, generate, texts, HONE_HIGH);
}

static void write_offsets(FILE *out, const struct hone_generate *generate,
                          const struct hone_generate_texts *texts) {
    fputs("offsets: never falling, from 0 to ", out);
    write_parameter(out, generate, texts, HONE_TOTAL);
    fputs(generate->rows == HONE_ROWS_POWER_LAW
              ? "; stretches of very different lengths, one holds about 5 % of all"
              : "; stretches of similar lengths",
          out);
    if (generate->empty > 0)
        fprintf(out, ", a share of %g empty", generate->empty);
    if (generate->most >= 0 || (texts && texts->parameters[HONE_MOST])) {
        fputs(", at most ", out);
        write_parameter(out, generate, texts, HONE_MOST);
        fputs(" each", out);
    }
}

static void write_columns(FILE *out, const struct hone_generate *generate,
                          const struct hone_generate_texts *texts) {
    fputs("columns 0..", out);
    write_parameter(out, generate, texts, HONE_COLUMNS);
    fputs(" - 1, rising within a row", out);
    fputs(generate->duplicates ? ", some of them more than once" : "", out);
    if (generate->band >= 0 || (texts && texts->parameters[HONE_BAND])) {
        fputs(", within a band of ", out);
        write_parameter(out, generate, texts, HONE_BAND);
        fputs(" around the diagonal", out);
    }
}

static void write_generate(FILE *out, const struct hone_generate *generate,
                           const struct hone_generate_texts *texts) {
    switch (generate->kind) {
    case HONE_GEN_NORMAL:
        fprintf(out, "normal, mean %g, deviation %g", generate->mean, generate->deviation);
        if (generate->outlier_probability > 0)
            fprintf(out, ", a share of %g scaled by %g", generate->outlier_probability,
                    generate->outlier_scale);
        break;
    case HONE_GEN_UNIFORM:
        write_range(out, "uniform in ", generate, texts);
        break;
    case HONE_GEN_INTS:
        write_range(out, "whole numbers ", generate, texts);
        break;
    case HONE_GEN_BERNOULLI:
        fprintf(out, "1 with probability %g, else 0", generate->probability);
        break;
    case HONE_GEN_PERMUTATION:
        fputs("a permutation of 0..count-1", out);
        break;
    case HONE_GEN_CONSTANT:
        fprintf(out, "%g everywhere", generate->value);
        break;
    case HONE_GEN_OFFSETS:
        write_offsets(out, generate, texts);
        break;
    case HONE_GEN_CSR:
        write_columns(out, generate, texts);
        break;
    case HONE_GEN_LENGTHS:
        write_range(out, "lengths spread over ", generate, texts);
        break;
    case HONE_GEN_PAGE_TABLE:
        fputs("pages 0..", out);
        write_parameter(out, generate, texts, HONE_PAGES);
        fputs(" - 1 in random order, none twice", out);
        break;
    case HONE_GEN_ZIPF:
        write_range(out, "whole numbers ", generate, texts);
        fputs(", a few of them far more often than others (Zipf)", out);
        break;
    }
    const bool poisons = generate->kind == HONE_GEN_NORMAL || generate->kind == HONE_GEN_UNIFORM;
    if (poisons && (generate->other != HONE_NO_ARG || (texts && texts->other)))
        fputs("; NaN in every slot that no sequence uses", out);
}

static void write_arguments(FILE *out, const struct hone_task *task) {
    fputs("## Arguments, in order\n\n| name | role | type | shape | values "
          "|\n|---|---|---|---|---|\n",
          out);
    for (uint32_t i = 0; i < task->arg_count; i++) {
        const struct hone_arg *arg = &task->args[i];
        fprintf(out, "| %s | %s | %s | ", arg->name, roles[arg->role], hone_dtype_name(arg->dtype));
        if (arg->ndim) {
            fputc('[', out);
            for (uint32_t j = 0; j < arg->ndim; j++)
                fprintf(out, "%s%s", j ? ", " : "", arg->shape[j]);
            fputc(']', out);
        }
        fputs(" | ", out);
        if (arg->role == HONE_SCALAR)
            fprintf(out, "%g unless a workload says otherwise", arg->scalar);
        else if (hone_arg_is_tensor(arg) && arg->role != HONE_OUT)
            write_generate(out, &arg->generate, &arg->texts);
        fputs(" |\n", out);
    }
    fputs("\nTensors are row-major and compact, start on 64 bytes and do not overlap.\n\n", out);
}

static void write_axes(FILE *out, const struct hone_task *task) {
    fputs("## Axes\n\n", out);
    for (uint32_t i = 0; i < task->axis_count; i++) {
        const struct hone_axis *axis = &task->axes[i];
        if (axis->expression)
            fprintf(out, "- %s = %s\n", axis->name, axis->expression);
        else
            fprintf(out, "- %s in %lld..%lld\n", axis->name, (long long)axis->low,
                    (long long)axis->high);
    }
    for (uint32_t i = 0; i < task->constraint_count; i++)
        fprintf(out, "- always %s\n", task->constraints[i]);
    fputc('\n', out);
}

/* Generators and scalars that differ from what the argument table says. */
static void write_differences(FILE *out, const struct hone_task *task,
                              const struct hone_workload *workload) {
    struct hone_workload usual = *workload;
    struct hone_generate_texts texts[HONE_ARGS_MAX];
    for (uint32_t i = 0; i < task->arg_count; i++) {
        usual.generate[i] = task->args[i].generate;
        texts[i] = task->args[i].texts;
    }
    /* What the arguments say need not fit where it is overridden. */
    hone_task_complete_generators(task, &usual, texts, NULL);
    for (uint32_t i = 0; i < task->arg_count; i++) {
        const struct hone_arg *arg = &task->args[i];
        if (arg->role == HONE_SCALAR && workload->scalar[i] != arg->scalar) {
            fprintf(out, "; %s = %g", arg->name, workload->scalar[i]);
        } else if (hone_arg_is_tensor(arg) && arg->role != HONE_OUT &&
                   memcmp(&workload->generate[i], &usual.generate[i], sizeof arg->generate) != 0) {
            fprintf(out, "; %s: ", arg->name);
            write_generate(out, &workload->generate[i], NULL);
        }
    }
    if (workload->exact)
        fputs("; must be exact", out);
}

static void write_hidden(FILE *out, const struct hone_task *task,
                         const struct hone_hidden *hidden) {
    fprintf(out, "- hidden, %u drawn for every evaluation:", hidden->draws);
    for (uint32_t i = 0; i < task->axis_count; i++) {
        if (task->axes[i].expression)
            continue;
        fprintf(out, " %s", task->axes[i].name);
        if (hidden->axes[i].kind == HONE_DRAW_CHOICE)
            for (uint32_t j = 0; j < hidden->axes[i].choice_count; j++)
                fprintf(out, "%s%lld", j ? "|" : " = ", (long long)hidden->axes[i].choices[j]);
        else if (hidden->axes[i].kind == HONE_DRAW_FIXED)
            fprintf(out, " = %lld", (long long)hidden->axes[i].low);
        else
            fprintf(out, " in %lld..%lld", (long long)hidden->axes[i].low,
                    (long long)hidden->axes[i].high);
    }
    for (uint32_t i = 0; i < hidden->constraint_count; i++)
        fprintf(out, "%s %s", i ? "," : "; where", hidden->constraints[i]);
    fputc('\n', out);
}

static void write_workloads(FILE *out, const struct hone_task *task) {
    static const char *const sets[] = {
        [HONE_DEBUG] = "debug", [HONE_VERIFY] = "verify", [HONE_BENCH] = "bench (timed)"};
    fputs("## Workloads\n\n", out);
    for (uint32_t i = 0; i < task->workload_count; i++) {
        const struct hone_workload *workload = &task->workloads[i];
        fprintf(out, "- %s, %s:", workload->id, sets[workload->set]);
        for (uint32_t j = 0; j < task->axis_count; j++)
            fprintf(out, " %s=%lld", task->axes[j].name, (long long)workload->axes[j]);
        write_differences(out, task, workload);
        fputc('\n', out);
    }
    for (uint32_t i = 0; i < task->hidden_count; i++)
        write_hidden(out, task, &task->hidden[i]);
    fputs("\nA kernel must be right on any sizes within the axes, not only on these. Speed is "
          "measured on the bench workloads, and every timed call is checked.\n\n",
          out);
}

/* The first that is timed. */
static const struct hone_workload *bench_of(const struct hone_task *task) {
    for (uint32_t i = 0; i < task->workload_count; i++)
        if (task->workloads[i].set == HONE_BENCH)
            return &task->workloads[i];
    return &task->workloads[0];
}

/* Limits of each output for the first bench workload: a number says more than a formula. */
static void write_tolerance(FILE *out, const struct hone_task *task) {
    const struct hone_workload *workload = bench_of(task);
    fputs("## What counts as right\n\nThe truth is computed in double precision from the same "
          "inputs. Every element of every output must be written, be finite where the truth is, "
          "and differ from it by at most atol + rtol |truth|; the whole output's relative l2 error "
          "has a limit too. They grow with the square root of the number of terms summed (",
          out);
    fprintf(out, "%s here). Workloads marked exact must match bit for bit.\n\n", task->reduction);
    for (uint32_t i = 0; i < task->arg_count; i++) {
        struct hone_limits limits;
        if (!hone_arg_is_output(&task->args[i]) ||
            hone_task_limits(task, workload, i, 1, &limits) < 0)
            continue;
        fprintf(out,
                "- %s on workload %s: atol %.3g times the output's rms, rtol %.3g, relative "
                "l2 %.3g\n",
                task->args[i].name, workload->id, limits.atol, limits.rtol, limits.rel_l2);
    }
    fputc('\n', out);
}

static void write_element_type(FILE *out, const struct hone_task *task) {
    if (!task->dtype_count)
        return;
    const enum hone_dtype dtype = task->dtypes[task->variant];
    fprintf(out,
            "- HONE_T is the element type, %s; HONE_LOAD(x) is the %s of an element, HONE_STORE(x) "
            "the nearest element to a number%s.\n",
            hone_dtype_name(dtype), dtype == HONE_F64 ? "double" : "float",
            dtype == HONE_BF16 ? ". C has no bf16: an element is its 16 bits" : "");
}

/* What the lines of a plan have in common, whatever the language. */
static void write_plan_rules(FILE *out) {
    fputs("  - `//@hone workspace NAME f32[ELEMENTS]` is scratch memory, filled with poison before "
          "every call, or with zeros after `f32[ELEMENTS] zero`; `//@hone const NAME = 32` is a "
          "constant, in the plan and as a macro in the source.\n"
          "  - `//@hone repeat COUNT` ... `//@hone end`, `//@hone if CONDITION` ... `//@hone else` "
          "... `//@hone end`, and `//@hone swap a b` exchanges two outputs or workspaces for the "
          "lines that follow.\n"
          "  - Arguments are names of tensors, scalars and workspaces, or integer expressions, "
          "passed as int64_t or, with `(int)` in front, as int. Sizes, counts and conditions are "
          "integer expressions over the axes and constants, with ceil_div, round_up, min, max and "
          "?:.\n",
          out);
}

/* "z = linear(x, weight, bias), f32[128, 256] on workload even" */
static void write_operator(FILE *out, const struct hone_task *task,
                           const struct hone_workload *workload,
                           const struct hone_task_operator *op) {
    struct hone_operation operation;
    double numbers[HONE_OPERANDS_MAX];
    char shape[HONE_SHAPE_TEXT];
    const uint32_t last = op->argument_count - 1;
    if (hone_task_operation(task, workload, op, &operation, numbers, NULL))
        return;
    fprintf(out, "    - `//@hone op %s args=(", op->name);
    for (uint32_t i = 0; i <= last; i++)
        fprintf(out, "%s%s", op->arguments[i].name, i < last ? ", " : ")`: ");
    fprintf(out, "%s, f32%s on workload %s\n", op->operation,
            hone_shape_text(&operation.output, shape), workload->id);
}

/* What of the task can be left to the library. */
static void write_operators(FILE *out, const struct hone_task *task) {
    const struct hone_workload *workload = bench_of(task);
    const uint32_t count = hone_task_operator_count(task);
    uint32_t written = 0, culprit;
    for (uint32_t i = 0; i < count; i++) {
        struct hone_task_operator op;
        hone_task_operator_at(task, i, &op);
        if (!hone_task_operator_is_single(&op, &culprit))
            continue;
        if (!written++)
            fputs(
                "  - Steps that may be left to the library, with these tensors or others as large; "
                "the last one is written, and what is no tensor of the task is a workspace of the "
                "plan. Their time counts in full, but is not a kernel's own:\n",
                out);
        write_operator(out, task, workload, &op);
    }
}

static void write_c_rules(FILE *out, const struct hone_task *task) {
    fputs("## Rules\n\n"
          "- One C source (GNU C17) that defines `solve` with exactly this signature, compiled by "
          "gcc with -O3 -march=native for one core.\n"
          "- <stdint.h>, <string.h>, <math.h>, <complex.h> and <immintrin.h> may be included. "
          "There is no malloc, no stdio, no threads, no system call: a static array or a "
          "`workspace` of the plan serves as scratch memory.\n"
          "- Options that may be asked for: O2, fast_math, unroll_loops.\n"
          "- Every call gets fresh inputs and outputs filled with poison, so nothing can be "
          "remembered from one call to the next.\n"
          "- Inputs must not be changed, and nothing beside the outputs may be written. Memory "
          "ends right behind a tensor: reading past its end crashes.\n",
          out);
    write_element_type(out, task);
    fputs("- A kernel in several steps has a plan: comment lines that say which functions to call "
          "instead of `solve`, one after the other.\n"
          "  - `//@hone call FUNCTION args=(..)` calls a function of the source that returns "
          "void.\n",
          out);
    write_plan_rules(out);
    write_operators(out, task);
    fprintf(
        out,
        "- Limits: %llu bytes of source, %g s to compile, and a call that takes far longer than "
        "the naive baseline (or %g s) is stopped.\n",
        (unsigned long long)task->source_limit_bytes, task->compile_limit_s, task->call_limit_s);
}

static void write_cuda_rules(FILE *out, const struct hone_task *task) {
    fputs(
        "## Rules\n\n"
        "- Device code only: kernels declared `extern \"C\" __global__`, of any name, and a plan: "
        "comment lines that say how to launch them. Host code and `<<<>>>` are refused.\n"
        "  - `//@hone launch KERNEL grid=(..) block=(..) shared=BYTES args=(..)` launches a "
        "kernel; shared= is dynamic shared memory and may be left out.\n",
        out);
    write_plan_rules(out);
    fputs("- Every call gets fresh inputs and outputs filled with poison. Inputs must not be "
          "changed, and nothing beside the outputs may be written.\n",
          out);
    fprintf(out, "- Limits: %llu bytes of source, %g s to compile.\n",
            (unsigned long long)task->source_limit_bytes, task->compile_limit_s);
}

char *hone_task_prompt(const struct hone_task *task, const char *language) {
    char *prototype = hone_task_prototype(task, language);
    char *bytes = NULL;
    size_t size = 0;
    FILE *out = prototype ? open_memstream(&bytes, &size) : NULL;
    if (!out)
        goto fail;
    bool cuda = strcmp(language, "cuda") == 0;
    size_t length = strlen(task->prompt);
    fprintf(out, "# %s\n\n%s%s\n## Signature\n\n```%s\n%s\n```\n\n", task->title, task->prompt,
            length && task->prompt[length - 1] == '\n' ? "" : "\n", language, prototype);
    write_arguments(out, task);
    write_axes(out, task);
    write_workloads(out, task);
    write_tolerance(out, task);
    (cuda ? write_cuda_rules : write_c_rules)(out, task);
    bool failed = ferror(out);
    if (fclose(out) != 0 || failed)
        goto fail;
    free(prototype);
    return bytes;
fail:
    free(bytes);
    free(prototype);
    return NULL;
}
