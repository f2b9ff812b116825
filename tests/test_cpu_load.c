/* What the guest's loader takes and refuses, one thing at a time, outside of the guest. */
#include "hardware/cpu/guest/load.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <elf.h>
#include <string.h>

#define HEADERS 18

static struct {
    Elf64_Ehdr head;
    Elf64_Phdr segments[HEADERS];
    uint64_t table[8];
} image;

static struct hone_load load;
static char why[HONE_GUEST_TEXT_SIZE];

/* Code that begins with its table of one entry, and memory behind it. */
static void make_honest(void) {
    memset(&image, 0, sizeof image);
    image.head = (Elf64_Ehdr){.e_type = ET_EXEC,
                              .e_machine = EM_X86_64,
                              .e_phoff = sizeof image.head,
                              .e_phentsize = sizeof *image.segments,
                              .e_phnum = 4};
    memcpy(image.head.e_ident, ELFMAG, SELFMAG);
    image.head.e_ident[EI_CLASS] = ELFCLASS64;
    image.head.e_ident[EI_DATA] = ELFDATA2LSB;
    image.segments[0] = (Elf64_Phdr){.p_type = PT_LOAD,
                                     .p_flags = PF_R | PF_X,
                                     .p_offset = sizeof image - sizeof image.table,
                                     .p_vaddr = HONE_WINDOW_START,
                                     .p_filesz = sizeof image.table,
                                     .p_memsz = sizeof image.table};
    image.segments[1] = (Elf64_Phdr){.p_type = PT_LOAD,
                                     .p_flags = PF_R | PF_W,
                                     .p_vaddr = HONE_WINDOW_START + 0x1000,
                                     .p_memsz = 0x1800};
    image.table[0] = HONE_ENTRIES_MAGIC;
    image.table[1] = 1;
    image.table[2] = HONE_WINDOW_START + 24;
}

TestSuite(cpu_load, .init = make_honest);

static int plan(void) {
    return hone_load_plan(&image, sizeof image, &load, why);
}

/* Refused for this reason; then the image is right again. */
static void refused(const char *reason, int source_line) {
    cr_expect(ne(int, plan(), 0), "line %d", source_line);
    cr_expect(ne(ptr, strstr(why, reason), NULL), "line %d: %s", source_line, why);
    make_honest();
}
#define REFUSED(reason) refused(reason, __LINE__)

Test(cpu_load, takes_an_image_that_is_right) {
    cr_assert(eq(int, plan(), 0), "%s", why);
    cr_expect(eq(u32, load.segment_count, 2));
    cr_expect(eq(u32, load.entry_count, 1));
    cr_expect(eq(u64, load.memory_bytes, 0x3000), "in whole pages");
    image.segments[2] = (Elf64_Phdr){.p_type = PT_LOAD, .p_offset = UINT64_MAX};
    cr_expect(eq(int, plan(), 0), "nothing, from nowhere: %s", why);
}

Test(cpu_load, refuses_what_is_no_program_of_this_machine) {
    image.head.e_ident[EI_DATA] = ELFDATA2MSB;
    REFUSED("little-endian");
    image.head.e_ident[EI_CLASS] = ELFCLASS32;
    REFUSED("64-bit");
    image.head.e_type = ET_DYN;
    REFUSED("at a fixed address");
    image.head.e_machine = EM_386;
    REFUSED("x86-64");
    image.head.e_phentsize = 32;
    REFUSED("of 32 bytes");
    image.head.e_phnum = 17;
    REFUSED("17 program headers");
    image.head.e_phnum = 0;
    REFUSED("0 program headers");
    image.head.e_phoff = sizeof image - 3 * sizeof *image.segments;
    REFUSED("headers reach past");
    image.head.e_phoff = UINT64_MAX - 8;
    REFUSED("headers reach past");
    image.segments[3].p_type = PT_DYNAMIC;
    REFUSED("dynamically");
    image.segments[3].p_type = PT_INTERP;
    REFUSED("dynamically");
}

Test(cpu_load, keeps_segments_apart_and_within_their_window) {
    Elf64_Phdr *data = &image.segments[1];
    data->p_vaddr += 8;
    REFUSED("does not start on a page");
    data->p_vaddr = HONE_WINDOW_START - 0x1000;
    REFUSED("window");
    data->p_vaddr = HONE_WINDOW_END;
    REFUSED("window");
    data->p_vaddr = HONE_WINDOW_END - 0x1000;
    REFUSED("window");
    data->p_memsz = UINT64_MAX;
    REFUSED("window");
    data->p_vaddr = HONE_WINDOW_START;
    REFUSED("overlap");
    image.segments[2] = *data;
    image.segments[2].p_vaddr += 0x1000; /* the rest of a page is its segment's too */
    REFUSED("overlap");
    image.head.e_phnum = 16;
    for (uint32_t i = 1; i < 16; i++) {
        image.segments[i] = *data;
        image.segments[i].p_vaddr = HONE_WINDOW_START + 0x10000 * i;
    }
    REFUSED("more than 8 segments");
}

Test(cpu_load, reads_nothing_beside_the_file) {
    image.segments[0].p_filesz++;
    REFUSED("more bytes in the file than in memory");
    image.segments[1].p_filesz = sizeof image + 1;
    REFUSED("past the end");
    image.segments[1].p_filesz = 16;
    image.segments[1].p_offset = sizeof image - 15;
    REFUSED("past the end");
    image.segments[1].p_filesz = 16;
    image.segments[1].p_offset = UINT64_MAX - 8;
    REFUSED("past the end");
    image.segments[2] =
        (Elf64_Phdr){.p_type = HONE_CHECKING_SEGMENT, .p_offset = sizeof image - 7, .p_filesz = 8};
    REFUSED("checking build reaches past");
    image.segments[2] = (Elf64_Phdr){.p_type = HONE_CHECKING_SEGMENT, .p_filesz = 8};
    image.segments[3] = image.segments[2];
    REFUSED("more than one checking build");
}

Test(cpu_load, gives_no_memory_that_can_be_written_and_run) {
    image.segments[0].p_flags |= PF_W;
    REFUSED("writable and executable");
    image.segments[1].p_flags |= 8;
    REFUSED("unknown flags");
}

Test(cpu_load, enters_code_alone) {
    image.table[0] ^= 1;
    REFUSED("magic");
    image.table[1] = 0;
    REFUSED("claims 0");
    image.table[1] = 7; /* six have room */
    REFUSED("claims 7");
    image.table[1] = UINT64_MAX;
    REFUSED("claims");
    image.table[2] = HONE_WINDOW_START + 0x1000;
    REFUSED("not in an executable segment");
    image.table[2] = HONE_WINDOW_START + sizeof image.table;
    REFUSED("not in an executable segment");
    image.table[2] = HONE_WINDOW_START - 1;
    REFUSED("not in an executable segment");
    image.segments[0].p_filesz = 8;
    REFUSED("no entry table");
    image.segments[0].p_vaddr += 0x10000;
    REFUSED("no entry table");
}

static void share(uint64_t bytes) {
    image.table[0] = HONE_BLOCKS_MAGIC;
    image.segments[2] = (Elf64_Phdr){.p_type = PT_TLS, .p_memsz = bytes, .p_align = 64};
}

Test(cpu_load, shares_memory_among_threads_of_blocks_alone) {
    share(0x2000);
    cr_expect(eq(int, plan(), 0), "%s", why);
    cr_expect(eq(u64, load.shared_bytes, 0x2000));
    image.table[0] = HONE_ENTRIES_MAGIC;
    REFUSED("thread-local");
    share(0x2000);
    image.segments[3] = image.segments[2];
    REFUSED("more than one thread-local");
    share(0x2000);
    image.segments[2].p_filesz = 8;
    REFUSED("initial values");
    share(0);
    REFUSED("shared memory");
    share(0x2008);
    REFUSED("shared memory");
    share(HONE_SHARED_BYTES + HONE_SHARED_SPARE + 0x1000);
    REFUSED("shared memory");
    share(0x2000);
    image.segments[2].p_align = 0x2000;
    REFUSED("shared memory");
}
