#include "core/text.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void utf8_is(const char *input, size_t size, const char *wanted) {
    char *copy = hone_text_copy(input, size);
    cr_assert(eq(str, copy, (char *)wanted));
    /* jansson is the judge that matters. */
    json_t *string = json_stringn(copy, size);
    bool accepted = string != NULL;
    cr_assert(accepted);
    json_decref(string);
    free(copy);
}

Test(text, leaves_well_formed_utf8_alone) {
    char text[] =
        "a\xC2\x80\xDF\xBF\xE0\xA0\x80\xED\x9F\xBF\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF";
    char before[sizeof text];
    memcpy(before, text, sizeof text);
    cr_assert(eq(sz, hone_text_utf8(text), 0));
    cr_assert(eq(str, text, before));
}

Test(text, replaces_what_is_not_utf8_byte_by_byte) {
    utf8_is("\xC0\xAF", 2, "??");           /* overlong */
    utf8_is("\xE0\x9F\xBF", 3, "???");      /* overlong */
    utf8_is("\xED\xA0\x80", 3, "???");      /* surrogate */
    utf8_is("\xF4\x90\x80\x80", 4, "????"); /* above U+10FFFF */
    utf8_is("\xF0\x8F\xBF\xBF", 4, "????"); /* overlong */
    utf8_is("\xFE\xFF", 2, "??");
    utf8_is("a\x80z", 3, "a?z");
    utf8_is("\xE2\x82", 2, "??"); /* cut short */
    utf8_is("\xE2z", 2, "?z");    /* resumes at the next byte */
    utf8_is("\xE2\xC3\xA9", 3, "?\xC3\xA9");
    utf8_is("a\0b", 3, "a?b");
}

Test(text, makes_every_random_text_acceptable_to_jansson) {
    uint64_t state = 1;
    for (int round = 0; round < 2000; round++) {
        char bytes[40];
        for (size_t i = 0; i < sizeof bytes; i++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            bytes[i] = (char)(state >> 56);
        }
        hone_text_utf8_bytes(bytes, sizeof bytes);
        json_t *string = json_stringn(bytes, sizeof bytes);
        bool accepted = string != NULL;
        cr_assert(accepted);
        json_decref(string);
    }
}

Test(text, does_not_touch_a_text_within_its_limit) {
    char text[] = "0123456789";
    cr_assert(eq(sz, hone_text_cut_middle(text, 10), 10));
    cr_assert(eq(str, text, "0123456789"));
}

Test(text, cuts_the_middle_and_says_how_much) {
    char text[1001];
    memset(text, 'h', 500);
    memset(text + 500, 't', 500);
    text[1000] = '\0';
    size_t length = hone_text_cut_middle(text, 200);
    cr_assert(le(sz, length, 200));
    cr_assert(eq(sz, strlen(text), length));
    cr_assert(eq(chr, text[0], 'h'));
    cr_assert(eq(chr, text[length - 1], 't'));
    const char *note = strstr(text, "\n[... ");
    cr_assert(ne(ptr, (void *)note, NULL));
    size_t said = strtoul(note + 6, NULL, 10);
    const char *rest = strstr(note + 1, "]\n") + 2;
    cr_assert(eq(sz, said, 1000 - (size_t)(note - text) - strlen(rest)));
}

Test(text, cuts_no_character_in_two) {
    for (size_t limit = 0; limit < 300; limit++) {
        char text[1201];
        for (size_t i = 0; i < 400; i++)
            memcpy(text + i * 3, "\xE2\x82\xAC", 3);
        text[1200] = '\0';
        size_t length = hone_text_cut_middle(text, limit);
        cr_assert(le(sz, length, limit));
        cr_assert(eq(sz, hone_text_utf8(text), 0));
    }
}

Test(text, cuts_bytes_that_are_not_utf8_too) {
    char text[1001];
    memset(text, 0x80, 1000);
    text[1000] = '\0';
    cr_assert(le(sz, hone_text_cut_middle(text, 300), 300));
    memset(text, 0x80, 1000);
    cr_assert(eq(sz, hone_text_cut_middle(text, 0), 0));
}

static void real_is(double value, const char *wanted) {
    json_t *number = hone_json_real(value);
    char *text = json_dumps(number, HONE_JSON_FLAGS);
    cr_assert(eq(str, text, (char *)wanted));
    free(text);
    json_decref(number);
}

Test(text, prints_reals_with_nine_digits_and_null_for_what_is_not_finite) {
    real_is(0.1, "0.1");
    real_is(1.0 / 3.0, "0.333333333");
    real_is(123456789012.0, "1.23456789e11");
    real_is(NAN, "null");
    real_is(INFINITY, "null");
    real_is(-INFINITY, "null");
}

Test(text, prints_ids_as_hex_and_bad_strings_as_valid_ones) {
    json_t *array = json_pack("[o, o, o]", hone_json_hex(0xABCu), hone_json_text("\xFFq"),
                              hone_json_text(NULL));
    char *text = json_dumps(array, HONE_JSON_FLAGS | JSON_COMPACT);
    cr_assert(eq(str, text, "[\"0000000000000abc\",\"?q\",null]"));
    free(text);
    json_decref(array);
}
