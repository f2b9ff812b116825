#include "core/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_continuation(char byte) {
    return ((unsigned char)byte & 0xC0) == 0x80;
}

/* Length of the well-formed sequence at `text`, 0 when there is none (Unicode table 3-7). */
static size_t sequence_length(const char *text, size_t left) {
    unsigned char first = (unsigned char)text[0];
    if (first == 0)
        return 0;
    if (first < 0x80)
        return 1;
    unsigned char low = 0x80, high = 0xBF;
    size_t length;
    if (first >= 0xC2 && first <= 0xDF)
        length = 2;
    else if (first >= 0xE0 && first <= 0xEF)
        length = 3;
    else if (first >= 0xF0 && first <= 0xF4)
        length = 4;
    else
        return 0;
    if (first == 0xE0)
        low = 0xA0;
    else if (first == 0xED)
        high = 0x9F;
    else if (first == 0xF0)
        low = 0x90;
    else if (first == 0xF4)
        high = 0x8F;
    if (left < length || (unsigned char)text[1] < low || (unsigned char)text[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if (!is_continuation(text[i]))
            return 0;
    return length;
}

size_t hone_text_utf8_bytes(char *text, size_t size) {
    size_t replaced = 0;
    for (size_t at = 0; at < size;) {
        size_t length = sequence_length(text + at, size - at);
        if (length == 0) {
            text[at] = '?';
            replaced++;
            length = 1;
        }
        at += length;
    }
    return replaced;
}

size_t hone_text_utf8(char *text) {
    return hone_text_utf8_bytes(text, strlen(text));
}

void hone_text_line(char *text) {
    hone_text_utf8(text);
    for (; *text; text++)
        if ((unsigned char)*text < ' ')
            *text = ' ';
        else if (*text == 0x7f)
            *text = '?';
}

char *hone_text_copy(const char *bytes, size_t size) {
    char *copy = malloc(size + 1);
    if (!copy)
        return NULL;
    if (size)
        memcpy(copy, bytes, size);
    copy[size] = '\0';
    hone_text_utf8_bytes(copy, size);
    return copy;
}

/* The largest cut at or before `at` that splits no sequence. A sequence has at most three
 * continuation bytes; more in a row are not UTF-8, and then any place will do. */
static size_t cut_before(const char *text, size_t at) {
    size_t cut = at;
    while (cut > 0 && at - cut < 4 && is_continuation(text[cut]))
        cut--;
    return is_continuation(text[cut]) ? at : cut;
}

static size_t cut_after(const char *text, size_t at) {
    size_t cut = at;
    while (cut - at < 4 && is_continuation(text[cut]))
        cut++;
    return is_continuation(text[cut]) ? at : cut;
}

/* What is kept of a text that is too long: its first `head` bytes, a note, and what begins at
 * `tail`. */
struct cut {
    size_t head, tail;
    char note[64];
    size_t note_size;
};

/* Keep at most `limit` bytes. The note's number is known only once head and tail are chosen, so
 * room is left for the longest it can get. A limit too small for a note cuts the end off. */
static struct cut plan_cut(const char *text, size_t length, size_t limit) {
    static const char format[] = "\n[... %zu bytes left out ...]\n";
    struct cut cut = {.tail = length};
    size_t room = (size_t)snprintf(cut.note, sizeof cut.note, format, length);
    if (limit < room * 2) {
        cut.head = cut_before(text, limit);
        return cut;
    }
    size_t kept = limit - room;
    cut.head = cut_before(text, kept - kept / 3);
    cut.tail = cut_after(text, length - kept / 3);
    cut.note_size = (size_t)snprintf(cut.note, sizeof cut.note, format, cut.tail - cut.head);
    return cut;
}

size_t hone_text_cut_middle(char *text, size_t limit) {
    size_t length = strlen(text);
    if (length <= limit)
        return length;
    struct cut cut = plan_cut(text, length, limit);
    memmove(text + cut.head + cut.note_size, text + cut.tail, length - cut.tail + 1);
    memcpy(text + cut.head, cut.note, cut.note_size);
    return cut.head + cut.note_size + (length - cut.tail);
}

size_t hone_text_fit(char *to, size_t room, const char *text) {
    if (!room)
        return 0;
    size_t length = strlen(text), used = length;
    if (length < room) {
        memcpy(to, text, length);
    } else {
        struct cut cut = plan_cut(text, length, room - 1);
        memcpy(to, text, cut.head);
        memcpy(to + cut.head, cut.note, cut.note_size);
        memcpy(to + cut.head + cut.note_size, text + cut.tail, length - cut.tail);
        used = cut.head + cut.note_size + (length - cut.tail);
    }
    to[used] = '\0';
    hone_text_utf8_bytes(to, used);
    return used;
}

json_t *hone_json_real(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *hone_json_hex(uint64_t value) {
    return json_sprintf("%016" PRIx64, value);
}

json_t *hone_json_text(const char *text) {
    if (!text)
        return json_null();
    size_t size = strlen(text);
    char *copy = hone_text_copy(text, size);
    if (!copy)
        return NULL;
    json_t *string = json_stringn(copy, size);
    free(copy);
    return string;
}
