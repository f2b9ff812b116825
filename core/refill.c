#include "core/refill.h"

#include "core/clock.h"
#include "core/recall.h"
#include "core/store_sql.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REFILL_NS 2000000000u

struct refill {
    struct hone_engine *engine;
    const char *own;
    uint64_t until_ns, count;
    bool full;
};

/* The first record of a run has its facts. */
static int compare_facts(void *context, uint64_t offset, const struct hone_record *record) {
    const char **facts = context;
    (void)offset;
    if (record->kind == HONE_RECORD_RUN && record->run.facts.size == strlen(*facts) &&
        !memcmp(record->run.facts.bytes, *facts, record->run.facts.size))
        *facts = NULL;
    return -ECANCELED;
}

static bool is_comparable(const struct hone_engine *engine, const char *path) {
    struct hone_journal_reader *reader = NULL;
    const char *facts = hone_engine_facts(engine);
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0 && !hone_journal_reader_open(folder, HONE_JOURNAL_FILE, &reader, NULL))
        hone_records_replay(reader, compare_facts, &facts, NULL, NULL);
    hone_journal_reader_close(reader);
    if (folder >= 0)
        close(folder);
    return !facts;
}

static void take_run(struct refill *refill, const char *path) {
    struct hone_recall *recall;
    const char *name = strrchr(path, '/'), *own = strrchr(refill->own, '/');
    const bool ours = name && own && !strcmp(name, own);
    if (!is_comparable(refill->engine, path) || hone_recall_open(path, &recall, NULL))
        return;
    if (!hone_journal_reader_is_ours(hone_recall_reader(recall))) {
        hone_recall_close(recall);
        return;
    }
    for (uint64_t id = hone_recall_steps(recall); id && !refill->full; id--) {
        struct hone_recalled recalled;
        if (hone_recall_step(recall, refill->engine, id, &recalled))
            continue;
        if (recalled.ended && recalled.repeatable) {
            refill->full = !hone_engine_remember(refill->engine, recalled.step, ours);
            refill->count++;
        }
        hone_recalled_finish(&recalled);
        refill->full |= hone_now_ns() > refill->until_ns;
    }
    hone_recall_close(recall);
}

uint64_t hone_refill(struct hone_engine *engine, const char *root, const char *own) {
    struct refill refill = {engine, own, hone_now_ns() + REFILL_NS, 0, false};
    struct hone_run_entry *entries = NULL;
    uint32_t count = 0;
    char *where = hone_run_root(root), *path;
    if (where && !hone_run_list(root, &entries, &count, NULL))
        for (uint32_t i = 0; i < count && !refill.full; i++) {
            if (asprintf(&path, "%s/%s", where, entries[i].name) < 0)
                break;
            take_run(&refill, path);
            free(path);
        }
    free(entries);
    free(where);
    return refill.count;
}
