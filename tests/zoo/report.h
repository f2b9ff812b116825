/* report.h - what the zoo has seen, for people and as one JSON object. */
#ifndef HONE_TESTS_ZOO_REPORT_H
#define HONE_TESTS_ZOO_REPORT_H

#include "tests/zoo/catalogue.h"
#include "tests/zoo/keeper.h"

#define RULES_MAX 32

struct tally {
    const char *rule; /* "honest" for those */
    uint32_t files, runs, good, bad, skipped;
};

struct zoo {
    struct specimens specimens;
    struct keeping keeping;
    struct catalogue catalogue;
    struct tally tallies[RULES_MAX]; /* by rule in order, the honest last */
    uint32_t tally_count;
    bool unproven[CATALOGUE_ROWS + 1]; /* called caught, but no specimen of the rule shows it */
    bool partial;                      /* of one rule alone: what others show is unknown */
    bool failed;
};

void report_count(struct zoo *zoo); /* before either of these */
void report_text(const struct zoo *zoo);
void report_json(const struct zoo *zoo);

#endif
