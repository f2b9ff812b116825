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

size_t hone_text_cut_middle(char *text, size_t limit) {
    size_t length = strlen(text);
    if (length <= limit)
        return length;
    char note[64];
    /* The longest the note can get, so that head and tail can be chosen before its number is known.
     */
    int room = snprintf(note, sizeof note, "\n[... %zu bytes left out ...]\n", length);
    size_t note_size = (size_t)room;
    if (limit < note_size * 2) {
        size_t end = cut_before(text, limit);
        text[end] = '\0';
        return end;
    }
    size_t kept = limit - note_size;
    size_t head = cut_before(text, kept - kept / 3);
    size_t tail = cut_after(text, length - kept / 3);
    note_size =
        (size_t)snprintf(note, sizeof note, "\n[... %zu bytes left out ...]\n", tail - head);
    memmove(text + head + note_size, text + tail, length - tail + 1);
    memcpy(text + head, note, note_size);
    return head + note_size + (length - tail);
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
