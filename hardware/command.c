#include "hardware/command.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEXT_SIZE 65536

/* `input`: -1 for none. */
static pid_t start(char *const *arguments, const char *variable, int input, int output) {
    static char locale[] = "LC_ALL=C", path[] = "PATH=/usr/local/bin:/usr/bin:/bin";
    char *environment[] = {locale, path, NULL, NULL};
    memcpy(&environment[2], &variable, sizeof variable); /* which posix_spawn() does not change */
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    if (input < 0)
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    else
        posix_spawn_file_actions_adddup2(&actions, input, 0);
    posix_spawn_file_actions_adddup2(&actions, output, 1);
    posix_spawn_file_actions_adddup2(&actions, output, 2);
    pid_t pid = -1;
    const int failed = posix_spawn(&pid, arguments[0], &actions, NULL, arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    return failed ? -1 : pid;
}

static char *run(char *const *arguments, const char *variable, int input) {
    char *text = malloc(TEXT_SIZE);
    int ends[2];
    if (!text || pipe2(ends, O_CLOEXEC)) {
        free(text);
        return NULL;
    }
    const pid_t pid = start(arguments, variable, input, ends[1]);
    close(ends[1]);
    size_t length = 0;
    for (ssize_t got; pid > 0 && length < TEXT_SIZE - 1; length += (size_t)got)
        if ((got = read(ends[0], text + length, TEXT_SIZE - 1 - length)) <= 0)
            break;
    text[length] = '\0';
    close(ends[0]);
    int status = -1;
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (status == 0)
        return text;
    free(text);
    return NULL;
}

char *hone_command_run(char *const *arguments, const char *variable) {
    return run(arguments, variable, -1);
}

char *hone_command_run_on(char *const *arguments, int input) {
    return run(arguments, NULL, input);
}

/* The dynamic loader itself says what it would load: lines like "\tlibz.so.1 => /lib/libz.so.1
 * (0x...)", and its own path alone. A static program says nothing of the kind. */
void hone_command_libraries(char *program,
                            void (*take)(void *context, const char *path, int length),
                            void *context) {
    char *text = hone_command_run((char *[]){program, NULL}, "LD_TRACE_LOADED_OBJECTS=1");
    for (char *line = text; line && *line; line += strcspn(line, "\n"), line += *line == '\n') {
        const char *end = line + strcspn(line, "\n"), *path = strstr(line, "=> /");
        path = path && path < end ? path + 3 : line + strspn(line, "\t ");
        const char *tail = strstr(path, " (0x");
        if (*path == '/' && tail && tail < end)
            take(context, path, (int)(tail - path));
    }
    free(text);
}
