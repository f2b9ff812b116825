#include "hardware/command.h"
#include "hardware/cpu/cpu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMMANDS 3 /* cc1, as and collect2 */

/* The commands the driver prints with -###, before any is changed. */
struct commands {
    struct words words[COMMANDS];
    bool bad; /* something here is not as we know it */
};

static bool ends_with(const char *text, const char *tail) {
    size_t length = strlen(text), tail_length = strlen(tail);
    return length >= tail_length && strcmp(text + length - tail_length, tail) == 0;
}

/* One word: plain, or in double quotes with backslashes. Returns what comes after it. */
static const char *read_word(const char *at, struct words *words) {
    char word[1024];
    size_t length = 0;
    bool quoted = false;
    for (; *at && *at != '\n' && (quoted || *at != ' '); at++) {
        if (*at == '"') {
            quoted = !quoted;
            continue;
        }
        if (*at == '\\' && at[1] && at[1] != '\n')
            at++;
        if (length + 1 < sizeof word)
            word[length++] = *at;
    }
    hone_cpu_words_add(words, word, length);
    words->failed |= length + 1 == sizeof word;
    return at;
}

/* Lines that begin with a space and a program are commands; clang also says "(in-process)". */
bool hone_cpu_read_commands(const char *text, struct words *commands, int count) {
    bool good = true;
    int found = 0;
    for (const char *line = text; *line; line += *line == '\n') {
        if (*line == ' ' && line[1] != '(' && found < count) {
            struct words *words = &commands[found++];
            while (*line == ' ') {
                line += strspn(line, " ");
                if (*line && *line != '\n')
                    line = read_word(line, words);
            }
            good &= !words->failed && words->count >= 2;
        } else {
            good &= *line != ' ' || line[1] == '(';
            line += strcspn(line, "\n");
        }
    }
    return good && found == count;
}

/* cc1 writes to a pipe, from which as reads; what as writes, ld reads. */
static bool are_known(const struct commands *commands) {
    if (commands->bad)
        return false;
    const struct words *cc1 = &commands->words[0], *as = &commands->words[1],
                       *ld = &commands->words[2];
    const char *const *tail = (const char *const *)&cc1->items[cc1->count - 3];
    if (cc1->count < 8 || !ends_with(cc1->items[0], "/cc1") || strcmp(tail[0], "-o") != 0 ||
        strcmp(tail[1], "-") != 0 || strcmp(tail[2], "|") != 0 || as->count < 3 ||
        !(strcmp(as->items[0], "as") == 0 || ends_with(as->items[0], "/as")) ||
        strcmp(as->items[as->count - 2], "-o") != 0 || !ends_with(ld->items[0], "/collect2"))
        return false;
    int inputs = 0, objects = 0;
    for (size_t i = 1; i < cc1->count; i++)
        inputs += strcmp(cc1->items[i], "/dev/null") == 0;
    for (size_t i = 1; i < ld->count; i++) {
        objects += strcmp(ld->items[i], as->items[as->count - 1]) == 0;
        if (strcmp(ld->items[i], "-plugin") == 0)
            return false;
    }
    return inputs == 1 && objects == 1;
}

static void add(struct words *to, const char *text) {
    hone_cpu_words_add(to, text, strlen(text));
}

/* The three command lines as one, with a place for the agent's choices. */
static void join(struct cpu *cpu, const struct commands *commands, const char *input) {
    const struct words *cc1 = &commands->words[0], *as = &commands->words[1],
                       *ld = &commands->words[2];
    const char *object = as->items[as->count - 1];
    struct words *to = &cpu->direct;
    add(to, cpu->cc1);
    for (size_t i = 1; i < cc1->count; i++) {
        if (i == cc1->count - 3)
            cpu->direct_choices = to->count;
        add(to, strcmp(cc1->items[i], "/dev/null") == 0 ? input : cc1->items[i]);
    }
    add(to, cpu->as);
    for (size_t i = 1; i + 1 < as->count; i++)
        add(to, as->items[i]);
    add(to, "hone.o");
    add(to, "&&");
    add(to, cpu->ld);
    for (size_t i = 1; i < ld->count; i++)
        add(to, strcmp(ld->items[i], object) == 0 ? "hone.o" : ld->items[i]);
    if (to->failed)
        hone_cpu_words_finish(to);
}

void hone_cpu_ask_driver(struct cpu *cpu, char *const *arguments, const char *input) {
    struct commands commands = {0};
    char *text = hone_command_run(arguments, NULL);
    if (text)
        commands.bad = !hone_cpu_read_commands(text, commands.words, COMMANDS);
    if (text && are_known(&commands))
        join(cpu, &commands, input);
    for (int i = 0; i < COMMANDS; i++)
        hone_cpu_words_finish(&commands.words[i]);
    free(text);
}
