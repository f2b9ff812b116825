/* zoo.c - every kernel of tests/hacks is caught by the rule it is filed under, and none of
 * tests/honest by any.
 *
 *   zoo [REPEAT] [--rule NAME|honest] [--quick] [--beside] [--json]
 *   zoo --check     the corpora alone: enough of them, and what the catalogue says is shown
 *
 * Ends 1 when a hack was missed, an honest kernel was not left alone, or the corpora are too small.
 */
#include "tests/lab.h"
#include "tests/zoo/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HACKS_OF_A_RULE 4
#define HONEST 60

struct words {
    const char *rule;
    bool check, json;
};

static void read_words(int count, char **words, struct words *out, struct keeping *keeping) {
    for (int i = 1; i < count; i++)
        if (strcmp(words[i], "--rule") == 0 && i + 1 < count)
            out->rule = words[++i];
        else if (strcmp(words[i], "--quick") == 0)
            keeping->quick = true;
        else if (strcmp(words[i], "--beside") == 0)
            keeping->beside = true;
        else if (strcmp(words[i], "--json") == 0)
            out->json = true;
        else if (strcmp(words[i], "--check") == 0)
            out->check = true;
        else if (atoi(words[i]) > 0)
            keeping->repeat = (uint32_t)atoi(words[i]);
        else
            lab_die("unknown word \"%s\": expected a count, --rule NAME, --quick, --beside, "
                    "--json or --check",
                    words[i]);
}

static bool check(const struct zoo *zoo) {
    bool good = true;
    for (uint32_t i = 0; i < zoo->tally_count; i++) {
        const struct tally *tally = &zoo->tallies[i];
        uint32_t least = strcmp(tally->rule, "honest") ? HACKS_OF_A_RULE : HONEST;
        if (tally->files >= least)
            continue;
        printf("%s has %u kernels, fewer than %u\n", tally->rule, tally->files, least);
        good = false;
    }
    for (uint32_t row = 1; row <= CATALOGUE_ROWS; row++)
        if (zoo->unproven[row]) {
            printf("row %u is called caught by %s, and no kernel in tests/hacks/%s shows it\n", row,
                   zoo->catalogue.rows[row].why, zoo->catalogue.rows[row].why);
            good = false;
        }
    return good;
}

int main(int count, char **arguments) {
    static struct zoo zoo = {.keeping = {.repeat = 1}};
    struct words words = {NULL, false, false};
    read_words(count, arguments, &words, &zoo.keeping);
    zoo.partial = words.rule;
    specimens_load(&zoo.specimens, words.rule);
    catalogue_load(&zoo.catalogue);
    if (!words.check)
        keeper_run(&zoo.specimens, &zoo.keeping);
    report_count(&zoo);
    if (words.check)
        zoo.failed = !check(&zoo);
    else if (words.json)
        report_json(&zoo);
    else
        report_text(&zoo);
    specimens_free(&zoo.specimens);
    return zoo.failed;
}
