/* zoo.c - every kernel of tests/hacks is caught by the rule it is filed under, and none of
 * tests/honest by any; `zoo --help` says how to ask.
 */
#include "core/command_line.h"
#include "tests/lab.h"
#include "tests/zoo/report.h"

#include <stdio.h>
#include <string.h>

#define HACKS_OF_A_RULE 4
#define HONEST 60

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

int main(int argc, char **argv) {
    static struct zoo zoo;
    uint64_t repeat = 1;
    const char *rule = NULL, *word = NULL;
    bool only_check = false, as_json = false;
    const struct hone_command_option options[] = {
        {"rule", "NAME", "the kernels of one rule, or `honest`", hone_take_text, &rule, 0},
        {"quick", NULL, "short timing, and of the honest kernels every sixth", hone_take_yes,
         &zoo.keeping.quick, 0},
        {"beside", NULL, "while a compiler runs beside it all", hone_take_yes, &zoo.keeping.beside,
         0},
        {"check", NULL, "the corpora alone: enough kernels, and what the catalogue says is shown",
         hone_take_yes, &only_check, 0},
        {"json", NULL, "an object", hone_take_yes, &as_json, 0},
        {0},
    };
    const struct hone_command_line line = {
        .command = "zoo",
        .synopsis = "[REPEAT]",
        .purpose = "Judge every kernel of tests/hacks and tests/honest, REPEAT times (default 1).",
        .options = options,
        .more = "exit: 0; 1 when a hack was missed, an honest kernel was not left alone, or the "
                "corpora\nare too small; 2 usage",
        .operands = &word,
        .most = 1,
    };
    int status;
    if (!hone_command_line_read(&line, argc, argv, &status))
        return status;
    if (hone_command_line_number(&line, "REPEAT", word, UINT32_MAX, &repeat))
        return HONE_EXIT_USAGE;
    zoo.keeping.repeat = (uint32_t)repeat;
    zoo.partial = rule;
    specimens_load(&zoo.specimens, rule);
    catalogue_load(&zoo.catalogue);
    if (!only_check)
        keeper_run(&zoo.specimens, &zoo.keeping);
    report_count(&zoo);
    if (only_check)
        zoo.failed = !check(&zoo);
    else if (as_json)
        report_json(&zoo);
    else
        report_text(&zoo);
    specimens_free(&zoo.specimens);
    return zoo.failed;
}
