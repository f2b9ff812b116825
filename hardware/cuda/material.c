/* What the device shall make of a process's memory, and what is asked of it afterwards. */
#include "hardware/cuda/cuda.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool lies_in(const struct process *process, const struct hone_material *material) {
    const uint64_t bytes = hone_format_bytes(material->format);
    for (uint32_t i = 0; i < process->region_count; i++) {
        const struct hone_region *region = &process->regions[i];
        const uint64_t offset = material->address - region->address;
        if (material->address >= region->address && offset <= region->bytes)
            return material->count <= (region->bytes - offset) / bytes &&
                   material->address % bytes == 0;
    }
    return false;
}

int hone_cuda_process_prepare(void *self, const struct hone_material *materials, uint32_t count) {
    struct process *process = self;
    process->material_count = 0;
    if (count > HONE_LAUNCHER_MATERIALS_MAX)
        return -E2BIG;
    for (uint32_t i = 0; i < count; i++)
        if (!lies_in(process, &materials[i]))
            return -EINVAL;
    if (!process->materials)
        process->materials = calloc(HONE_LAUNCHER_MATERIALS_MAX, sizeof *materials);
    if (!process->materials)
        return -ENOMEM;
    if (count)
        memcpy(process->materials, materials, count * sizeof *materials);
    process->material_count = count;
    return 0;
}

static uint64_t aligned(uint64_t bytes) {
    return (bytes + 7) / 8 * 8;
}

/* Looks, their runs, and places for what comes back, as they lie in the mail. -E2BIG */
static int lay_out_looks(const struct hone_look *looks, uint32_t count,
                         struct hone_launcher_look *mine, struct hone_launcher_request *request) {
    uint64_t at = count * sizeof *mine;
    for (uint32_t i = 0; i < count; i++) {
        const struct hone_look *look = &looks[i];
        mine[i] = (struct hone_launcher_look){
            .material = look->material,
            .kind = look->kind,
            .unpoisoned = look->unpoisoned,
            .run_count = look->element_count ? look->run_count : 0,
            .element_count = look->element_count,
            .outer = look->outer,
            .length = look->length,
            .inner = look->inner,
            .sign_seed = look->sign_seed,
            .sign_argument = look->sign_argument,
            .digest_seed = look->digest_seed,
        };
        mine[i].run_offset = at;
        if (mine[i].run_count > HONE_LOOKS_BYTES_MAX / sizeof *look->runs)
            return -E2BIG;
        at += mine[i].run_count * sizeof *look->runs;
    }
    request->back_offset = at;
    for (uint32_t i = 0; i < count; i++) {
        const struct hone_look *look = &looks[i];
        const uint64_t fibres = look->length ? look->outer * look->inner : 0;
        if (look->element_count > HONE_LOOKS_BYTES_MAX / 8 ||
            fibres > HONE_LOOKS_BYTES_MAX / (3 * sizeof(double)))
            return -E2BIG;
        mine[i].element_offset = at;
        at += aligned(look->element_count * hone_format_bytes(look->material.format));
        mine[i].sum_offset = at;
        at += 3 * fibres * sizeof(double);
    }
    request->look_count = count;
    request->look_bytes = at;
    return at <= HONE_LAUNCHER_MAIL_BYTES ? 0 : -E2BIG;
}

static void take_answers(struct process *process, const struct hone_launcher_look *mine,
                         uint32_t count, struct hone_look *looks) {
    const uint8_t *mail = process->worker->mail;
    for (uint32_t i = 0; i < count; i++) {
        struct hone_look *look = &looks[i];
        const struct hone_launcher_look *answered = (const void *)mail;
        look->seen = answered[i].seen;
        if (look->element_count)
            memcpy(look->elements, mail + mine[i].element_offset,
                   look->element_count * hone_format_bytes(look->material.format));
        if (look->length)
            memcpy(look->sums, mail + mine[i].sum_offset,
                   3 * look->outer * look->inner * sizeof(double));
    }
}

int hone_cuda_process_look(void *self, struct hone_look *looks, uint32_t count,
                           struct hone_go_result *result) {
    struct process *process = self;
    struct hone_launcher_request request = {.kind = HONE_LAUNCHER_LOOK};
    struct hone_go_result mine = {.status = HONE_GO_DONE};
    struct hone_launcher_reply reply;
    if (!process->worker)
        return -ESRCH;
    if (count > HONE_LAUNCHER_MATERIALS_MAX)
        return -E2BIG;
    struct hone_launcher_look *asked = calloc(count + 1, sizeof *asked);
    if (!asked)
        return -ENOMEM;
    uint8_t *mail = process->worker->mail;
    int failed = lay_out_looks(looks, count, asked, &request);
    if (failed == 0) {
        memcpy(mail, asked, count * sizeof *asked);
        for (uint32_t i = 0; i < count; i++)
            if (asked[i].run_count)
                memcpy(mail + asked[i].run_offset, looks[i].runs,
                       asked[i].run_count * sizeof *looks[i].runs);
        failed = hone_cuda_process_ask(process, &request, NULL, 0, HONE_CUDA_COPY_LIMIT_NS, &reply,
                                       &mine);
    }
    if (failed == 0 && mine.status == HONE_GO_DONE) {
        take_answers(process, asked, count, looks);
        memset(mail, 0, count * sizeof *asked); /* seeds of signs */
    }
    free(asked);
    hone_cuda_finish_result(result, &mine);
    return failed;
}
