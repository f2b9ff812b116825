/* What else compilers call in the checking build: copies of many bytes, which memory.h renames, and
 * what -fsanitize=alignment,bounds finds. The names and structures are theirs.
 */
#include "hardware/device/cpu/block.h"
#include "plugins/evidence.h"

#define CHUNK 16u
#define FROM ((uint32_t)(uintptr_t)__builtin_return_address(0))

struct place {
    const char *file;
    uint32_t line, column;
};
struct type {
    uint16_t kind, info;
    char name[];
};
struct mismatch {
    struct place place;
    const struct type *type;
    unsigned char log_alignment, kind;
};
struct out_of_bounds {
    struct place place;
    const struct type *array, *index;
};

void *__tsan_memcpy(void *to, const void *from, unsigned long bytes);
void *__tsan_memmove(void *to, const void *from, unsigned long bytes);
void *__tsan_memset(void *to, int value, unsigned long bytes);
_Noreturn void __ubsan_handle_type_mismatch_v1_abort(const struct mismatch *found, uint64_t at);
_Noreturn void __ubsan_handle_out_of_bounds_abort(const struct out_of_bounds *found,
                                                  uint64_t index);

/* Threads of several blocks may say something to each other by what is volatile. */
#define VOLATILE(size)                                                                             \
    void __tsan_volatile_read##size(const void *at);                                               \
    void __tsan_volatile_write##size(const void *at);                                              \
    void __tsan_unaligned_volatile_read##size(const void *at);                                     \
    void __tsan_unaligned_volatile_write##size(const void *at);                                    \
    void __tsan_volatile_read##size(const void *at) {                                              \
        hone_check_volatile(at, size, false, FROM);                                                \
    }                                                                                              \
    void __tsan_volatile_write##size(const void *at) {                                             \
        hone_check_volatile(at, size, true, FROM);                                                 \
    }                                                                                              \
    void __tsan_unaligned_volatile_read##size(const void *at) {                                    \
        hone_check_volatile(at, size, false, FROM);                                                \
    }                                                                                              \
    void __tsan_unaligned_volatile_write##size(const void *at) {                                   \
        hone_check_volatile(at, size, true, FROM);                                                 \
    }
VOLATILE(1)
VOLATILE(2)
VOLATILE(4)
VOLATILE(8)
VOLATILE(16)

void __tsan_init(void);
void __tsan_read_range(const void *at, unsigned long bytes);
void __tsan_write_range(const void *at, unsigned long bytes);
void __tsan_vptr_update(void **at, void *value);
void __tsan_vptr_read(void **at);
void __tsan_func_entry(void *caller);
void __tsan_func_exit(void);

void __tsan_init(void) {
}

void __tsan_read_range(const void *at, unsigned long bytes) {
    hone_check_access(at, (uint32_t)bytes, false, FROM);
}

void __tsan_write_range(const void *at, unsigned long bytes) {
    hone_check_access(at, (uint32_t)bytes, true, FROM);
}

void __tsan_vptr_update(void **at, void *value) {
    (void)value;
    hone_check_access(at, sizeof *at, true, FROM);
}

void __tsan_vptr_read(void **at) {
    hone_check_access(at, sizeof *at, false, FROM);
}

void __tsan_func_entry(void *caller) {
    (void)caller;
}

void __tsan_func_exit(void) {
}

/* Of one piece; what is written must be, before the next is looked at. */
static void copy(char *to, const char *from, unsigned long bytes, uint32_t at) {
    hone_check_access(from, (uint32_t)bytes, false, at);
    hone_check_access(to, (uint32_t)bytes, true, at);
    __builtin_memmove(to, from, bytes);
}

static void *move(void *to, const void *from, unsigned long bytes, uint32_t from_code) {
    const bool forward = (uintptr_t)to - (uintptr_t)from >= bytes;
    for (unsigned long done = 0, some; done < bytes; done += some) {
        some = bytes - done < CHUNK ? bytes - done : CHUNK;
        const unsigned long at = forward ? done : bytes - done - some;
        copy((char *)to + at, (const char *)from + at, some, from_code);
    }
    return to;
}

void *__tsan_memmove(void *to, const void *from, unsigned long bytes) {
    return move(to, from, bytes, FROM);
}

void *__tsan_memcpy(void *to, const void *from, unsigned long bytes) {
    return move(to, from, bytes, FROM);
}

void *__tsan_memset(void *to, int value, unsigned long bytes) {
    for (unsigned long at = 0; at < bytes; at += CHUNK) {
        const unsigned long some = bytes - at < CHUNK ? bytes - at : CHUNK;
        hone_check_access((char *)to + at, (uint32_t)some, true, FROM);
        __builtin_memset((char *)to + at, value, some);
    }
    return to;
}

/* At the source's line: "thread (1,0,0) in line 12". */
static struct hone_text begin(const struct place *place) {
    struct hone_text text = hone_report_begin(HONE_REASON_OUT_OF_BOUNDS);
    hone_say_fiber(&text, hone_now);
    hone_say_line(&text, " in", place->line);
    return text;
}

_Noreturn void __ubsan_handle_type_mismatch_v1_abort(const struct mismatch *found, uint64_t at) {
    const uint64_t alignment = 1ull << (found->log_alignment & 63);
    struct hone_text text = begin(&found->place);
    hone_say(&text, at ? " reads or writes a " : " takes a null pointer for a ");
    hone_say(&text, found->type->name);
    if (at) {
        hone_say(&text, " at an address that is ");
        hone_say_number(&text, at % alignment);
        hone_say(&text, " past a multiple of ");
        hone_say_number(&text, alignment);
        hone_say(&text, ", which a GPU refuses; whole vectors only where rows begin on one");
    }
    hone_report_end(&text);
}

_Noreturn void __ubsan_handle_out_of_bounds_abort(const struct out_of_bounds *found,
                                                  uint64_t index) {
    struct hone_text text = begin(&found->place);
    const bool is_negative = found->index->info & 1 && (int64_t)index < 0;
    hone_say(&text, " takes element ");
    hone_say(&text, is_negative ? "-" : "");
    hone_say_number(&text, is_negative ? -index : index);
    hone_say(&text, " of a ");
    hone_say(&text, found->array->name);
    hone_report_end(&text);
}
