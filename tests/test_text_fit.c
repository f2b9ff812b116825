#include "core/text.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void expect(const char *text, size_t room, const char *wanted) {
    char got[256];
    memset(got, '#', sizeof got);
    size_t used = hone_text_fit(got, room, text);
    cr_assert(eq(str, (char *)got, (char *)wanted));
    cr_assert(eq(sz, used, strlen(wanted)));
    cr_assert(lt(sz, used, room));
}

Test(text_fit, copies_what_fits) {
    expect("hello", 6, "hello");
    expect("", 1, "");
    expect("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80", 64,
           "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80");
}

Test(text_fit, replaces_what_is_not_utf8) {
    expect("a\xff\x62", 16, "a?b");
    expect("\xc0\xaf", 16, "??");           /* longer than need be */
    expect("\xed\xa0\x80", 16, "???");      /* a surrogate */
    expect("\xf4\x90\x80\x80", 16, "????"); /* beyond the last character */
    expect("x\xe2\x82", 16, "x??");         /* cut off */
}

Test(text_fit, cuts_the_middle_and_says_how_much) {
    char text[201], got[101];
    memset(text, 'a', 100);
    memset(text + 100, 'b', 100);
    text[200] = '\0';
    size_t used = hone_text_fit(got, sizeof got, text);
    cr_assert(eq(sz, used, strlen(got)));
    cr_assert(le(sz, used, 100));
    char *note = strstr(got, "[... ");
    cr_assert(ne(ptr, note, NULL));
    unsigned long cut = strtoul(note + 5, NULL, 10);
    size_t kept = strspn(got, "a");
    for (size_t i = used; i > 0 && got[i - 1] == 'b'; i--)
        kept++;
    cr_assert(eq(sz, 200 - cut, kept));
    cr_assert(eq(int, got[used - 1], 'b'));
}

Test(text_fit, cuts_between_characters) {
    char text[301], got[120];
    for (int i = 0; i < 100; i++)
        memcpy(text + 3 * i, "\xe2\x82\xac", 3);
    text[300] = '\0';
    for (size_t room = 60; room < sizeof got; room++) {
        size_t used = hone_text_fit(got, room, text);
        cr_assert(lt(sz, used, room));
        cr_assert(eq(ptr, strchr(got, '?'), NULL));
    }
}

Test(text_fit, writes_never_beyond_its_room) {
    char got[64];
    for (size_t room = 1; room < 40; room++) {
        memset(got, '#', sizeof got);
        hone_text_fit(got, room, "a text that is rather longer than the room there is for it");
        for (size_t i = room; i < sizeof got; i++) {
            int byte = got[i];
            cr_assert(eq(int, byte, '#'));
        }
        cr_assert(lt(sz, strlen(got), room));
    }
}
