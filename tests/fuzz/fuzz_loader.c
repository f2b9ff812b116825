/* fuzz_loader.c - whatever bytes the jail brings back, the guest's plan for them must be safe.
 *
 *   clang -fsanitize=fuzzer,address,undefined -I. tests/fuzz/fuzz_loader.c
 * hardware/cpu/guest/load.c
 *
 * The first byte chooses: the bytes as they are, or as changes to an image that would be accepted,
 * so that the checks behind the ELF magic are reached without a corpus.
 */
#include "hardware/cpu/guest/load.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE 4096u
#define SEGMENTS 5 /* table, code and data; shared memory; the checking build */
#define SKELETON_BYTES 1024

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition) {
    if (!condition)
        abort();
}

/* Table, code and data on three pages. */
static void make_skeleton(uint8_t bytes[SKELETON_BYTES]) {
    Elf64_Ehdr header = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_EXEC,
        .e_machine = EM_X86_64,
        .e_version = EV_CURRENT,
        .e_phoff = sizeof(Elf64_Ehdr),
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = SEGMENTS,
    };
    static const uint32_t flags[] = {PF_R, PF_R | PF_X, PF_R | PF_W};
    uint64_t table[3] = {HONE_BLOCKS_MAGIC, 1, HONE_WINDOW_START + PAGE + 16};
    const Elf64_Phdr more[] = {{.p_type = PT_TLS, .p_memsz = HONE_SHARED_BYTES + HONE_SHARED_SPARE},
                               {.p_type = HONE_CHECKING_SEGMENT, .p_offset = 512, .p_filesz = 256}};
    memset(bytes, 0, SKELETON_BYTES);
    memcpy(bytes, &header, sizeof header);
    memcpy(bytes + sizeof header + 3 * sizeof *more, more, sizeof more);
    for (uint32_t i = 0; i < 3; i++) {
        Elf64_Phdr segment = {
            .p_type = PT_LOAD,
            .p_flags = flags[i],
            .p_offset = 512 + 128 * i,
            .p_vaddr = HONE_WINDOW_START + (uint64_t)i * PAGE,
            .p_filesz = 64,
            .p_memsz = 64 + 1024 * i,
        };
        memcpy(bytes + sizeof header + i * sizeof segment, &segment, sizeof segment);
    }
    memcpy(bytes + 512, table, sizeof table);
}

static void check_segment(const struct hone_load *load, uint32_t index, uint64_t image_bytes) {
    const struct hone_load_segment *segment = &load->segments[index];
    uint64_t end = segment->address + ((segment->bytes + PAGE - 1) & ~(uint64_t)(PAGE - 1));
    must(segment->address % PAGE == 0 && segment->bytes > 0);
    must(segment->address >= HONE_WINDOW_START && end > segment->address && end <= HONE_WINDOW_END);
    must(segment->file_bytes <= segment->bytes && segment->offset <= image_bytes &&
         segment->file_bytes <= image_bytes - segment->offset);
    must(!(segment->protection & PROT_WRITE) || !(segment->protection & PROT_EXEC));
    for (uint32_t i = 0; i < index; i++) {
        const struct hone_load_segment *other = &load->segments[i];
        uint64_t other_end = other->address + ((other->bytes + PAGE - 1) & ~(uint64_t)(PAGE - 1));
        must(other_end <= segment->address || end <= other->address);
    }
}

static void check_plan(const struct hone_load *load, uint64_t image_bytes) {
    must(load->segment_count > 0 && load->segment_count <= HONE_LOAD_SEGMENTS_MAX);
    must(load->entry_count > 0 && load->entry_count <= HONE_ENTRIES_MAX);
    must(load->shared_bytes <= HONE_SHARED_BYTES + HONE_SHARED_SPARE &&
         load->shared_bytes % PAGE == 0);
    must(load->checking_offset <= image_bytes &&
         load->checking_bytes <= image_bytes - load->checking_offset);
    for (uint32_t i = 0; i < load->segment_count; i++)
        check_segment(load, i, image_bytes);
    for (uint32_t i = 0; i < load->entry_count; i++) {
        int found = 0;
        for (uint32_t j = 0; j < load->segment_count; j++)
            found |= (load->segments[j].protection & PROT_EXEC) &&
                     load->entries[i] >= load->segments[j].address &&
                     load->entries[i] < load->segments[j].address + load->segments[j].bytes;
        must(found);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct hone_load load;
    char why[HONE_GUEST_TEXT_SIZE];
    if (size == 0)
        return 0;
    uint64_t bytes = data[0] & 1 ? SKELETON_BYTES : size - 1;
    uint8_t *image = malloc(bytes ? bytes : 1); /* exactly, for the sanitizer to see its end */
    if (!image)
        return 0;
    if (data[0] & 1) {
        make_skeleton(image);
        if (size == 1)
            must(hone_load_plan(image, bytes, &load, why) == 0);
        for (size_t i = 1; i < size && i <= bytes; i++)
            image[i - 1] ^= data[i];
    } else {
        memcpy(image, data + 1, size - 1);
    }
    if (hone_load_plan(image, bytes, &load, why) == 0)
        check_plan(&load, bytes);
    else
        must(why[0] != '\0');
    free(image);
    return 0;
}
