/* Images that no compiler made, through the rule that reads them. */
#include "plugins/detector/elf_policy.c"

static void hear(void *host, const char *rule, uint32_t severity, uint32_t line, const char *text) {
    (void)host, (void)severity, (void)line;
    if (!*rule || !*text)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    /* A copy of exactly that size, so that a read past it is seen; it begins as an image does. */
    static const unsigned char head[] = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, 1};
    unsigned char *image = malloc(size ? size : 1);
    memcpy(image, data, size);
    memcpy(image, head, size < sizeof head ? size : sizeof head);
    if (size > 19)
        image[18] = EM_X86_64, image[19] = 0;
    const struct hone_binary binary = {
        .size = sizeof binary, .image = image, .image_bytes = size, .language = "c", .task = "t"};
    const struct hone_findings findings = {.size = sizeof findings, .report = hear};
    inspect_binary(NULL, &binary, &findings);
    free(image);
    return 0;
}
