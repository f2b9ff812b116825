/* A detector that writes to the evidence it was lent: what the next one would read. */
#include "plugins/detector.h"
#include "plugins/evidence.h"

#include <signal.h>
#include <stddef.h>

static int create(const struct hone_host *host, const struct hone_setting *settings, void **self,
                  struct hone_error *error) {
    (void)host, (void)settings, (void)error;
    *self = NULL;
    return 0;
}

static void destroy(void *self) {
    (void)self;
}

static int inspect_run(void *self, const struct hone_evidence *evidence,
                       const struct hone_findings *findings) {
    (void)self, (void)findings;
    signal(SIGSEGV, SIG_DFL); /* a sanitizer's host would make it an exit */
    ((struct hone_evidence *)(uintptr_t)evidence)->speedup = 1000;
    return 0;
}

static const struct hone_detector_ops ops = {.size = sizeof ops, .inspect_run = inspect_run};

const struct hone_plugin hone_plugin = {.abi = HONE_PLUGIN_ABI,
                                        .size = sizeof hone_plugin,
                                        .kind = HONE_DETECTOR,
                                        .name = "scribbler",
                                        .version = "1",
                                        .summary = "writes to evidence",
                                        .create = create,
                                        .destroy = destroy,
                                        .detector = &ops};
