/* Every file of tests/plans through a server. Its first line says the task, the verdict, and words
 * that the message has. */
#include "tests/judge_fixture.h"

#include "core/verdict.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILES_LEAST 12

TestSuite(plans, .init = judge_begin, .fini = judge_end, .timeout = 120);

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
