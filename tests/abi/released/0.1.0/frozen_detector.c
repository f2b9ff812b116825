/* frozen_detector.c - a detector as the first release's headers let one write it: all three
 * inspections, each with one note of what it saw. */
#include <hone/detector.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct frozen_detector {
    char word[64];
};

static int create(const struct hone_host *host, const struct hone_setting *settings, void **self,
                  struct hone_error *error) {
    (void)host, (void)error;
    struct frozen_detector *mine = calloc(1, sizeof *mine);
    if (!mine)
        return -ENOMEM;
    for (; settings->name; settings++)
        if (!strcmp(settings->name, "word"))
            snprintf(mine->word, sizeof mine->word, "%s", settings->value);
    *self = mine;
    return 0;
}

static void destroy(void *self) {
    free(self);
}

/* The line of the first `word`. */
static int inspect_source(void *self, const struct hone_source *source,
                          const struct hone_findings *findings) {
    const struct frozen_detector *mine = self;
    const size_t length = strlen(mine->word);
    char text[200];
    uint32_t line = 1;
    for (uint32_t i = 0; length && i + length <= source->bytes; i++) {
        if (!memcmp(source->text + i, mine->word, length)) {
            snprintf(text, sizeof text, "%s in %s for %s", mine->word, source->language,
                     source->task);
            findings->report(findings->host, "frozen_source", HONE_NOTE, line, text);
            return 0;
        }
        line += source->text[i] == '\n';
    }
    return 0;
}

static int inspect_binary(void *self, const struct hone_binary *binary,
                          const struct hone_findings *findings) {
    (void)self;
    char text[200];
    if (binary->image_bytes < 4 || memcmp(binary->image, "\177ELF", 4) != 0)
        return 0;
    snprintf(text, sizeof text, "an ELF image of %s for %s, %s listing", binary->language,
             binary->task, binary->listing ? "with a" : "no");
    findings->report(findings->host, "frozen_binary", HONE_NOTE, 0, text);
    return 0;
}

static int inspect_run(void *self, const struct hone_evidence *evidence,
                       const struct hone_findings *findings) {
    (void)self;
    char text[200];
    uint32_t count[HONE_HIDDEN + 1] = {0};
    for (uint32_t i = 0; i < evidence->workload_count; i++) {
        const struct hone_workload_row *row = hone_evidence_workload(evidence, i);
        if (row->set <= HONE_HIDDEN && row->verdict == HONE_PASSED)
            count[row->set]++;
    }
    snprintf(text, sizeof text, "passed: %u debug, %u verify, %u bench, %u hidden",
             count[HONE_DEBUG], count[HONE_VERIFY], count[HONE_BENCH], count[HONE_HIDDEN]);
    findings->report(findings->host, "frozen_run", HONE_NOTE, 0, text);
    return 0;
}

static const struct hone_detector_ops ops = {.size = sizeof ops,
                                             .inspect_source = inspect_source,
                                             .inspect_binary = inspect_binary,
                                             .inspect_run = inspect_run};

static const struct hone_option options[] = {
    {.name = "word",
     .fallback = "volatile",
     .summary = "what is looked for in the source",
     .type = HONE_TEXT},
    {.name = NULL},
};

const struct hone_plugin hone_plugin = {.abi = HONE_PLUGIN_ABI,
                                        .size = sizeof hone_plugin,
                                        .kind = HONE_DETECTOR,
                                        .name = "frozen_detector",
                                        .version = "0.1.0",
                                        .summary = "a detector that was compiled once and for all",
                                        .options = options,
                                        .create = create,
                                        .destroy = destroy,
                                        .detector = &ops};
