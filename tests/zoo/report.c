#include "tests/zoo/report.h"

#include "tests/lab.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static struct tally *tally_of(struct zoo *zoo, const struct specimen *one) {
    const char *rule = specimen_is_hack(one) ? one->rule : "honest";
    for (uint32_t i = 0; i < zoo->tally_count; i++)
        if (strcmp(zoo->tallies[i].rule, rule) == 0)
            return &zoo->tallies[i];
    if (zoo->tally_count == RULES_MAX)
        lab_die("more than %d rules", RULES_MAX);
    zoo->tallies[zoo->tally_count] = (struct tally){.rule = rule};
    return &zoo->tallies[zoo->tally_count++];
}

static bool shows(const struct specimen *one, const char *rule, uint32_t row) {
    bool found = false;
    for (uint32_t i = 0; i < one->row_count; i++)
        found |= one->rows[i] == row;
    return found && strcmp(one->rule, rule) == 0;
}

void report_count(struct zoo *zoo) {
    for (uint32_t i = 0; i < zoo->specimens.count; i++) {
        const struct specimen *one = &zoo->specimens.list[i];
        struct tally *tally = tally_of(zoo, one);
        tally->files++;
        tally->runs += one->runs;
        tally->good += one->good;
        tally->bad += one->runs - one->good;
        tally->skipped += one->skipped;
        zoo->failed |= one->runs != one->good;
    }
    for (uint32_t row = 1; row <= CATALOGUE_ROWS; row++) {
        const struct catalogue_row *known = &zoo->catalogue.rows[row];
        bool shown = known->state != CATALOGUE_CAUGHT || catalogue_is_verdict(known->why);
        for (uint32_t i = 0; i < zoo->specimens.count && !shown; i++)
            shown = shows(&zoo->specimens.list[i], known->why, row);
        zoo->unproven[row] = !shown && !zoo->partial;
    }
}

static void print_tallies(const struct zoo *zoo) {
    struct tally all = {.rule = "all hacks"};
    printf("%-20s %6s %6s %7s %7s %8s\n", "rule", "files", "runs", "caught", "missed", "skipped");
    for (uint32_t i = 0; i < zoo->tally_count; i++) {
        const struct tally *tally = &zoo->tallies[i];
        if (strcmp(tally->rule, "honest") == 0)
            continue;
        printf("%-20s %6u %6u %7u %7u %8u\n", tally->rule, tally->files, tally->runs, tally->good,
               tally->bad, tally->skipped);
        all.files += tally->files;
        all.runs += tally->runs;
        all.good += tally->good;
        all.bad += tally->bad;
        all.skipped += tally->skipped;
    }
    printf("%-20s %6u %6u %7u %7u %8u\n", all.rule, all.files, all.runs, all.good, all.bad,
           all.skipped);
    for (uint32_t i = 0; i < zoo->tally_count; i++)
        if (strcmp(zoo->tallies[i].rule, "honest") == 0)
            printf("%-20s %6u %6u         %7u %8u   (missed: false alarms)\n", "honest",
                   zoo->tallies[i].files, zoo->tallies[i].runs, zoo->tallies[i].bad,
                   zoo->tallies[i].skipped);
}

static void print_bad(const struct zoo *zoo) {
    for (uint32_t i = 0; i < zoo->specimens.count; i++) {
        const struct specimen *one = &zoo->specimens.list[i];
        if (one->runs == one->good)
            continue;
        printf("\n%s %s, %u of %u times: %s\n",
               specimen_is_hack(one) ? "missed" : "false alarm:", one->path, one->runs - one->good,
               one->runs, one->what);
        printf("    %s\n", one->seen);
    }
}

/* The ids of one state, and of one rule where `why` is given. */
static void print_rows(const struct zoo *zoo, enum catalogue_state state, const char *why) {
    uint32_t count = 0;
    char ids[1024] = "";
    for (uint32_t row = 1; row <= CATALOGUE_ROWS; row++) {
        const struct catalogue_row *known = &zoo->catalogue.rows[row];
        if (known->state != state || (why && strcmp(known->why, why) != 0))
            continue;
        size_t used = strlen(ids);
        snprintf(ids + used, sizeof ids - used, " %u%s", row, zoo->unproven[row] ? "?" : "");
        count++;
    }
    static const char *const names[] = {"cannot be expressed", "caught by", "open"};
    char name[64];
    snprintf(name, sizeof name, "%s%s%s", names[state], why ? " " : "", why ? why : "");
    printf("%-32s %3u:%s\n", name, count, ids);
}

static void print_catalogue(const struct zoo *zoo) {
    puts("\nthe catalogue (?: nothing here shows it)");
    print_rows(zoo, CATALOGUE_IMPOSSIBLE, NULL);
    for (uint32_t row = 1; row <= CATALOGUE_ROWS; row++) {
        const struct catalogue_row *known = &zoo->catalogue.rows[row];
        bool first = known->state == CATALOGUE_CAUGHT;
        for (uint32_t before = 1; before < row && first; before++)
            first = zoo->catalogue.rows[before].state != CATALOGUE_CAUGHT ||
                    strcmp(zoo->catalogue.rows[before].why, known->why) != 0;
        if (first)
            print_rows(zoo, CATALOGUE_CAUGHT, known->why);
    }
    print_rows(zoo, CATALOGUE_OPEN, NULL);
    for (uint32_t row = 1; row <= CATALOGUE_ROWS; row++)
        if (zoo->catalogue.rows[row].state == CATALOGUE_OPEN)
            printf("  %3u %s: %s\n", row, zoo->catalogue.rows[row].name,
                   zoo->catalogue.rows[row].why);
}

void report_text(const struct zoo *zoo) {
    print_tallies(zoo);
    if (zoo->keeping.absent)
        printf("%u hacks not shown: their rules have no detector in this build\n",
               zoo->keeping.absent);
    if (!zoo->keeping.has_cuda)
        puts("files in CUDA skipped: no device here runs them");
    print_bad(zoo);
    if (!zoo->partial)
        print_catalogue(zoo);
    printf("\n%.0f s\n", zoo->keeping.seconds);
}

static json_t *specimen_object(const struct specimen *one) {
    return json_pack("{s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:i, s:s}", "path", one->path, "rule",
                     one->rule, "task", one->task, "what", one->what, "runs", (int)one->runs,
                     "good", (int)one->good, "skipped", (int)one->skipped, "undecided",
                     (int)one->undecided, "seen", one->seen);
}

static json_t *catalogue_array(const struct zoo *zoo) {
    static const char *const states[] = {"impossible", "caught", "open"};
    json_t *rows = json_array();
    for (uint32_t row = 1; row <= CATALOGUE_ROWS; row++) {
        const struct catalogue_row *known = &zoo->catalogue.rows[row];
        json_array_append_new(rows, json_pack("{s:i, s:s, s:s, s:s, s:b}", "row", (int)row, "name",
                                              known->name, "state", states[known->state], "why",
                                              known->why, "shown", !zoo->unproven[row]));
    }
    return rows;
}

void report_json(const struct zoo *zoo) {
    json_t *rules = json_array(), *specimens = json_array();
    for (uint32_t i = 0; i < zoo->tally_count; i++) {
        const struct tally *tally = &zoo->tallies[i];
        json_array_append_new(rules, json_pack("{s:s, s:i, s:i, s:i, s:i, s:i}", "rule",
                                               tally->rule, "files", (int)tally->files, "runs",
                                               (int)tally->runs, "good", (int)tally->good, "bad",
                                               (int)tally->bad, "skipped", (int)tally->skipped));
    }
    for (uint32_t i = 0; i < zoo->specimens.count; i++)
        json_array_append_new(specimens, specimen_object(&zoo->specimens.list[i]));
    json_t *out = json_pack("{s:b, s:b, s:i, s:f, s:o, s:o, s:o}", "failed", zoo->failed, "cuda",
                            zoo->keeping.has_cuda, "absent", (int)zoo->keeping.absent, "seconds",
                            zoo->keeping.seconds, "rules", rules, "specimens", specimens,
                            "catalogue", catalogue_array(zoo));
    json_dumpf(out, stdout, JSON_INDENT(1) | JSON_ENSURE_ASCII);
    putchar('\n');
    json_decref(out);
}
