#include "core/session_private.h"

#include <stdio.h>
#include <string.h>

/* Length of the valid UTF-8 sequence at `text`, 0 if there is none. */
static size_t utf8_length(const unsigned char *text, size_t left) {
    static const struct {
        unsigned char mask, lead;
        uint32_t least;
    } forms[] = {{0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};
    for (size_t length = 1; length <= 4; length++) {
        if ((text[0] & forms[length - 1].mask) != forms[length - 1].lead)
            continue;
        if (length > left)
            return 0;
        uint32_t point = text[0] & (unsigned char)~forms[length - 1].mask;
        for (size_t i = 1; i < length; i++) {
            if ((text[i] & 0xc0) != 0x80)
                return 0;
            point = point << 6 | (text[i] & 0x3fu);
        }
        bool surrogate = point >= 0xd800 && point < 0xe000;
        return point >= forms[length - 1].least && point < 0x110000 && !surrogate ? length : 0;
    }
    return 0;
}

static size_t copy_valid(char *to, const char *from, size_t count) {
    const unsigned char *bytes = (const unsigned char *)from;
    for (size_t i = 0; i < count;) {
        size_t length = utf8_length(bytes + i, count - i);
        if (length)
            memcpy(to + i, from + i, length);
        else
            to[i] = '?';
        i += length ? length : 1;
    }
    return count;
}

static bool continues(char byte) {
    return ((unsigned char)byte & 0xc0) == 0x80;
}

size_t hone_text_fit(char *to, size_t room, const char *text) {
    size_t length = strlen(text);
    if (!room)
        return 0;
    if (length < room) {
        copy_valid(to, text, length);
        to[length] = '\0';
        return length;
    }
    char note[64];
    /* Room for the largest number it may have to hold. */
    size_t noted = (size_t)snprintf(note, sizeof note, "\n[... %zu bytes cut ...]\n", length);
    if (noted >= room)
        noted = 0;
    size_t head = (room - 1 - noted) / 2, tail = room - 1 - noted - head;
    while (head && continues(text[head]))
        head--;
    while (tail && continues(text[length - tail]))
        tail--;
    if (noted)
        noted = (size_t)snprintf(note, sizeof note, "\n[... %zu bytes cut ...]\n",
                                 length - head - tail);
    size_t used = copy_valid(to, text, head);
    memcpy(to + used, note, noted);
    used += noted;
    used += copy_valid(to + used, text + length - tail, tail);
    to[used] = '\0';
    return used;
}
