/* Every file of tests/plans through a server. Its first line says the task, the verdict, and words
 * that the message has. */
#include "tests/support.h"

#include "core/verdict.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILES_LEAST 12

static struct hone_test_server server;
static struct hone *hone;

static void set_up(void) {
    hone_test_serve(&server, NULL);
    hone = hone_test_attach(&server, 1);
}

static void tear_down(void) {
    hone_close(hone);
    hone_test_stop(&server);
}

TestSuite(plans, .init = set_up, .fini = tear_down, .timeout = 120);

static const struct hone_observation *judge(const char *task, const char *source) {
    const struct hone_observation *seen = NULL;
    int code = hone_reset(hone, 0, task, 1, &seen);
    cr_assert(eq(int, code, 0), "reset to %s: %s", task, hone_message(hone));
    return hone_test_step(hone, 0, source);
}

Test(plans, end_as_their_first_lines_say) {
    glob_t files;
    cr_assert(eq(int, glob("tests/plans/*.c", 0, NULL, &files), 0));
    cr_assert(ge(sz, files.gl_pathc, FILES_LEAST));
    for (size_t i = 0; i < files.gl_pathc; i++) {
        char *source = hone_test_read(files.gl_pathv[i]);
        char task[64], verdict[32], words[192] = "";
        int fields = sscanf(source, "// %63s %31s%*1[ ]%191[^\n]", task, verdict, words);
        cr_assert(ge(int, fields, 2), "%s", files.gl_pathv[i]);
        const struct hone_observation *seen = judge(task, source);
        const char *message = hone_text(seen, HONE_MESSAGE);
        cr_expect(eq(str, (char *)hone_verdict_name(seen->verdict), verdict), "%s: %s",
                  files.gl_pathv[i], message);
        cr_expect(ne(ptr, strstr(message, words), NULL), "%s: \"%s\" is not in: %s",
                  files.gl_pathv[i], words, message);
        free(source);
    }
    globfree(&files);
}
