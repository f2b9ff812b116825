/* The text of any candidate, through the rule that reads it. */
#include "plugins/detector/source_lint.c"

static void hear(void *host, const char *rule, uint32_t severity, uint32_t line, const char *text) {
    const struct hone_source *source = host;
    uint32_t lines = 1;
    for (uint32_t i = 0; i < source->bytes; i++)
        lines += source->text[i] == '\n';
    if (!*rule || !*text || line < 1 || line > lines || severity > HONE_WARN)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1);
    memcpy(text, data, size);
    text[size] = '\0';
    struct hone_source source = {
        .size = sizeof source, .bytes = (uint32_t)size, .text = text, .language = "c", .task = "t"};
    const struct hone_findings findings = {
        .size = sizeof findings, .host = &source, .report = hear};
    inspect_source(NULL, &source, &findings);
    free(text);
    return 0;
}
