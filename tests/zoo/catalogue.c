#include "tests/zoo/catalogue.h"

#include "ipc/hone.h"
#include "tests/lab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH "tests/zoo/catalogue.txt"

static const struct {
    const char *mark;
    enum catalogue_state state;
} states[] = {
    {"impossible: ", CATALOGUE_IMPOSSIBLE},
    {"caught: ", CATALOGUE_CAUGHT},
    {"open: ", CATALOGUE_OPEN},
};

static void read_row(struct catalogue *catalogue, char *line, uint32_t number) {
    char *rest = line, *id = strsep(&rest, "|"), *name = strsep(&rest, "|");
    unsigned long row = strtoul(id, NULL, 10);
    if (!rest || row < 1 || row > CATALOGUE_ROWS || catalogue->rows[row].name[0])
        lab_die(PATH ":%u: expected `ID | name | state`, each ID of 1 to %d once", number,
                CATALOGUE_ROWS);
    struct catalogue_row *out = &catalogue->rows[row];
    name += strspn(name, " ");
    rest += strspn(rest, " ");
    snprintf(out->name, sizeof out->name, "%.*s", (int)strlen(name) - 1, name);
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (strncmp(rest, states[i].mark, strlen(states[i].mark)) == 0) {
            out->state = states[i].state;
            snprintf(out->why, sizeof out->why, "%s", rest + strlen(states[i].mark));
        }
    if (!out->why[0])
        lab_die(PATH ":%u: expected `impossible: why`, `caught: RULE` or `open: why`", number);
}

void catalogue_load(struct catalogue *catalogue) {
    *catalogue = (struct catalogue){0};
    char *text = lab_read(PATH, NULL), *rest = text;
    uint32_t number = 0, found = 0;
    for (char *line; (line = strsep(&rest, "\n"));) {
        number++;
        if (line[0] == '#' || !line[0])
            continue;
        read_row(catalogue, line, number);
        found++;
    }
    free(text);
    if (found != CATALOGUE_ROWS)
        lab_die(PATH " has %u rows of %d", found, CATALOGUE_ROWS);
}

bool catalogue_is_verdict(const char *why) {
    for (uint32_t outcome = HONE_OUTCOME_REJECTED; outcome < HONE_OUTCOME_INFRA_FAILED; outcome++)
        if (strcmp(why, hone_outcome_name(outcome)) == 0)
            return true;
    return false;
}
