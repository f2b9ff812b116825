/* A detector whose author knew more entries, more of a source and a longer hone_plugin than this
 * host; it asks before it uses what is new. */
#include "plugins/evidence.h"
#include "plugins/plugin.h"

struct hone_binary;

struct hone_findings {
    uint32_t size;
    uint32_t reserved;
    void *host;
    void (*report)(void *host, const char *rule, uint32_t severity, uint32_t line,
                   const char *text);
    void (*report_later)(void *host, int of, int the, int future);
};

struct hone_source {
    uint32_t size;
    uint32_t bytes;
    const char *text;
    const char *language;
    const char *task;
    const char *dialect;
};

struct hone_detector_ops {
    uint32_t size;
    uint32_t reserved;
    int (*inspect_source)(void *self, const struct hone_source *, const struct hone_findings *);
    int (*inspect_binary)(void *self, const struct hone_binary *, const struct hone_findings *);
    int (*inspect_run)(void *self, const struct hone_evidence *, const struct hone_findings *);
    int (*inspect_later)(void *self, int of, int the, int future);
    uint64_t more[8];
};

static int create(const struct hone_host *host, const struct hone_setting *settings, void **self,
                  struct hone_error *error) {
    (void)host, (void)settings, (void)error;
    *self = NULL;
    return 0;
}

static void destroy(void *self) {
    (void)self;
}

static int inspect_source(void *self, const struct hone_source *source,
                          const struct hone_findings *findings) {
    (void)self;
    if (HONE_HAS(findings, report_later) || HONE_HAS(source, dialect))
        findings->report(findings->host, "long_detector", HONE_ZERO, 0, "a host of its own day");
    else if (source->bytes)
        findings->report(findings->host, "long_detector", HONE_NOTE, source->bytes, "newer");
    return 0;
}

static int inspect_later(void *self, int of, int the, int future) {
    (void)self;
    return of + the + future;
}

static const struct hone_detector_ops ops = {.size = sizeof ops,
                                             .inspect_source = inspect_source,
                                             .inspect_later = inspect_later,
                                             .more = {1}};

const struct hone_plugin hone_plugin = {.abi = HONE_PLUGIN_ABI,
                                        .size = sizeof hone_plugin + 64,
                                        .kind = HONE_DETECTOR,
                                        .name = "long_detector",
                                        .version = "9",
                                        .summary = "newer than this host",
                                        .create = create,
                                        .destroy = destroy,
                                        .detector = &ops};
