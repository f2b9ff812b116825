/* catalogue.h - the known exploits, a line each in catalogue.txt: `ID | in a few words | state`.
 * The state is `impossible: why`, `caught: RULE` (a detector, or the verdict a step ends with) or
 * `open: why`. A file that is no catalogue ends the program (lab_die).
 */
#ifndef HONE_TESTS_ZOO_CATALOGUE_H
#define HONE_TESTS_ZOO_CATALOGUE_H

#include <stdbool.h>
#include <stdint.h>

#define CATALOGUE_ROWS 155

enum catalogue_state { CATALOGUE_IMPOSSIBLE, CATALOGUE_CAUGHT, CATALOGUE_OPEN };

struct catalogue_row {
    enum catalogue_state state;
    char name[128];
    char why[160]; /* the rule, when caught */
};

struct catalogue {
    struct catalogue_row rows[CATALOGUE_ROWS + 1]; /* by id, from 1 */
};

void catalogue_load(struct catalogue *catalogue);
/* Whether a step can end so: then no specimen needs to show it. */
bool catalogue_is_verdict(const char *why);

#endif
