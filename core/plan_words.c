/* The words of a call, in the form of plugins/hardware.h. */
#include "core/plan.h"

static uint64_t word_of(const struct hone_plan_argument *argument, const uint64_t *tensors,
                        const uint64_t *workspaces) {
    switch (argument->value) {
    case HONE_PLAN_TENSOR:
        return tensors[argument->index];
    case HONE_PLAN_WORKSPACE:
        return workspaces[argument->index];
    default:
        return argument->word;
    }
}

static uint64_t pair(uint64_t low, uint64_t high) {
    return low | high << 32;
}

void hone_plan_program_words_without(const struct hone_plan_program *program, uint32_t line,
                                     const uint64_t *tensors, const uint64_t *workspaces,
                                     uint64_t *words) {
    uint64_t *count = words++;
    *count = 0;
    for (uint32_t i = 0; i < program->step_count; i++) {
        const struct hone_plan_step *step = &program->steps[i];
        if (step->kind == HONE_STEP_OP || (line && step->line == line))
            continue;
        ++*count;
        *words++ = pair(step->kind, step->entry);
        *words++ = step->argument_count;
        if (step->kind == HONE_STEP_LAUNCH) {
            *words++ = pair(step->grid[0], step->grid[1]);
            *words++ = pair(step->grid[2], step->shared_bytes);
            *words++ = pair(step->block[0], step->block[1]);
            *words++ = pair(step->block[2], step->line);
            *words++ = pair(step->cluster[0] | step->cluster[1] << 16, step->cluster[2]);
        }
        for (uint32_t k = 0; k < step->argument_count; k++)
            *words++ = word_of(&step->arguments[k], tensors, workspaces);
    }
}

void hone_plan_program_words(const struct hone_plan_program *program, const uint64_t *tensors,
                             const uint64_t *workspaces, uint64_t *words) {
    hone_plan_program_words_without(program, 0, tensors, workspaces, words);
}
