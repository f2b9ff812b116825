/* A detector whose author knew a table without the entries after inspect_source, a shorter source,
 * and a shorter place for findings. */
#include "plugins/plugin.h"

struct hone_findings {
    uint32_t size;
    uint32_t reserved;
    void *host;
    void (*report)(void *host, const char *rule, uint32_t severity, uint32_t line,
                   const char *text);
};

struct hone_source {
    uint32_t size;
    uint32_t bytes;
    const char *text;
};

struct hone_detector_ops {
    uint32_t size;
    uint32_t reserved;
    int (*inspect_source)(void *self, const struct hone_source *, const struct hone_findings *);
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
    if (source->bytes)
        findings->report(findings->host, "short_detector", 1, source->bytes, "older");
    return 0;
}

static const struct hone_detector_ops ops = {.size = sizeof ops, .inspect_source = inspect_source};

const struct hone_plugin hone_plugin = {.abi = HONE_PLUGIN_ABI,
                                        .size = sizeof hone_plugin,
                                        .kind = HONE_DETECTOR,
                                        .name = "short_detector",
                                        .version = "0",
                                        .summary = "older than this host",
                                        .create = create,
                                        .destroy = destroy,
                                        .detector = &ops};
