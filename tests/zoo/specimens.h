/* specimens.h - the corpora: kernels that cheat (tests/hacks/<rule>/) and honest ones that look as
 * if they did (tests/honest/), each told by its first line:
 *
 *   // hack: <rule>; task: <id>; row: <ids of catalogue.txt, or none>; [end: <ends>;] what it does
 *   // honest: what looks suspicious; task: <id>
 *
 * A hack is caught when its step does not pass and the rule's finding is there. `end:` lists what
 * is as good as that, separated by `|`: a verdict that comes before the rule could look, or
 * `warned` for the finding alone where a rule only warns. A file that does not say what it is ends
 * the program (lab_die).
 */
#ifndef HONE_TESTS_ZOO_SPECIMENS_H
#define HONE_TESTS_ZOO_SPECIMENS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SPECIMEN_ROWS 12

struct specimen {
    char path[160];
    char rule[32]; /* empty: honest */
    char task[96];
    char ends[96];
    char what[256];
    const char *language;
    uint32_t rows[SPECIMEN_ROWS], row_count;
    char *source;
    size_t bytes;

    /* What was seen; see keeper.h. */
    uint32_t runs, good, skipped, undecided;
    char seen[400]; /* of the last run that was not good: verdict, findings, message */
};

struct specimens {
    struct specimen *list;
    uint32_t count;
};

/* Hacks first, C before CUDA; `rule` NULL: all, else its hacks alone, and for "honest" those. */
void specimens_load(struct specimens *specimens, const char *rule);
void specimens_free(struct specimens *specimens);

bool specimen_is_hack(const struct specimen *specimen);
/* Whether a word is among those of "wrong|crashed". */
bool specimen_may_end(const struct specimen *specimen, const char *end);

#endif
