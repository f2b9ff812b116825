/* A detector that says what its source tells it to: the first byte chooses. */
#include "plugins/detector.h"

#include <string.h>
#include <unistd.h>

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
    char long_text[1000];
    switch (source->bytes ? source->text[0] : 0) {
    case 'd': /* dirty */
        findings->report(findings->host, "dirty", 77, 3, "a\xff\x01z \xc3\xa9");
        return 0;
    case 'l': /* long: cut inside a two-byte character */
        memset(long_text, 'x', sizeof long_text);
        memcpy(long_text + 214, "\xc3\xa9", 2);
        long_text[sizeof long_text - 1] = '\0';
        findings->report(findings->host, "long", HONE_NOTE, 0, long_text);
        return 0;
    case 'm': /* many */
        for (int i = 0; i < 2000; i++)
            findings->report(findings->host, "many", HONE_NOTE, (uint32_t)i, "again");
        return 0;
    case 'b': /* the bad one among many, neither first nor last */
        for (int i = 0; i < 2000; i++)
            findings->report(findings->host, i == 1500 ? "bad" : "many",
                             i == 1500 ? HONE_ZERO : HONE_NOTE, (uint32_t)i, "again");
        return 0;
    case 'n': /* nothing at all */
        findings->report(findings->host, NULL, HONE_WARN, 0, NULL);
        return 0;
    case 'e': /* echo: what was handed over */
        findings->report(findings->host, source->language, HONE_NOTE, source->bytes, source->task);
        return 0;
    case 'c':
        _exit(9);
    default:
        return 0;
    }
}

static int inspect_binary(void *self, const struct hone_binary *binary,
                          const struct hone_findings *findings) {
    (void)self;
    if (binary->image_bytes >= 4 && !memcmp(binary->image, "\177ELF", 4))
        findings->report(findings->host, "elf", HONE_ZERO, 0, "an ELF image");
    if (binary->listing && !binary->listing[binary->listing_bytes])
        findings->report(findings->host, binary->listing, HONE_NOTE,
                         (uint32_t)binary->listing_bytes, binary->entries);
    return 0;
}

static const struct hone_detector_ops ops = {
    .size = sizeof ops, .inspect_source = inspect_source, .inspect_binary = inspect_binary};

const struct hone_plugin hone_plugin = {.abi = HONE_PLUGIN_ABI,
                                        .size = sizeof hone_plugin,
                                        .kind = HONE_DETECTOR,
                                        .name = "reporter",
                                        .version = "1",
                                        .summary = "says what its source tells it to",
                                        .create = create,
                                        .destroy = destroy,
                                        .detector = &ops};
