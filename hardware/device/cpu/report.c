/* What the runtime has to say, put together without a libc. */
#include "hardware/device/cpu/block.h"
#include "plugins/evidence.h"

static struct hone_report *report(void) {
    return (struct hone_report *)(uintptr_t)HONE_REPORT_ADDRESS; /* NOLINT: fixed */
}

void hone_say(struct hone_text *text, const char *words) {
    while (*words && text->at < text->end)
        *text->at++ = *words++;
}

void hone_say_number(struct hone_text *text, uint64_t number) {
    char digits[24], *at = digits + sizeof digits - 1;
    *at = '\0';
    do
        *--at = (char)('0' + number % 10);
    while (number /= 10);
    hone_say(text, at);
}

static void say_index(struct hone_text *text, const char *what, const HONE_INDEX *index) {
    hone_say(text, what);
    hone_say(text, " (");
    hone_say_number(text, index->x);
    hone_say(text, ",");
    hone_say_number(text, index->y);
    hone_say(text, ",");
    hone_say_number(text, index->z);
    hone_say(text, ")");
}

void hone_say_fiber(struct hone_text *text, const struct hone_fiber *fiber) {
    say_index(text, "thread", &fiber->thread);
}

void hone_say_line(struct hone_text *text, const char *words, uint32_t line) {
    if (!line)
        return;
    hone_say(text, words);
    hone_say(text, " line ");
    hone_say_number(text, line);
}

struct hone_text hone_report_begin(uint32_t reason) {
    struct hone_report *page = report();
    struct hone_text text = {page->text, page->text + sizeof page->text - 1};
    page->reason = reason;
    hone_say(&text, "kernel ");
    hone_say(&text, hone_block.kernel->name);
    say_index(&text, ", block", &hone_grid.block);
    hone_say(&text, ": ");
    return text;
}

_Noreturn void hone_report_end(struct hone_text *text) {
    *text->at = '\0';
    report()->magic = HONE_REPORT_MAGIC;
    __builtin_trap();
}

static _Noreturn void end_with(uint32_t reason, uint32_t line, const char *what) {
    struct hone_text text = hone_report_begin(reason);
    hone_say_fiber(&text, hone_now);
    hone_say(&text, ": ");
    hone_say(&text, what);
    hone_say_line(&text, ",", line);
    hone_report_end(&text);
}

void hone_fault(uint32_t line, const char *what) {
    end_with(HONE_REASON_SIGNAL, line, what);
}

void hone_too_many_barriers(void) {
    end_with(HONE_REASON_NONDETERMINISTIC, 0,
             "the block has passed 262143 barriers, more than can be checked in one launch");
}

void hone_wrong_mask(unsigned line) {
    end_with(HONE_REASON_NONDETERMINISTIC, line,
             "the mask of a warp operation does not name the lane that calls it");
}
