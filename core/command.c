#include "core/command.h"

#include "core/command_line.h"
#include "core/text.h"

#include <stdio.h>
#include <unistd.h>

int hone_command_fail(const char *name, const struct hone_error *error) {
    fprintf(stderr, "hone %s: %s\n", name, error->text);
    return HONE_EXIT_FAILED;
}

void hone_command_print(const char *text, size_t size) {
    bool terminal = isatty(STDOUT_FILENO);
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)text[i];
        bool c1 = byte == 0xC2 && i + 1 < size && (unsigned char)text[i + 1] < 0xA0;
        bool control = (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F || c1;
        putchar(terminal && control ? '?' : byte);
        i += terminal && c1;
    }
}

void hone_command_print_json(const json_t *value) {
    json_dumpf(value, stdout, HONE_JSON_FLAGS | JSON_INDENT(2));
    putchar('\n');
}
