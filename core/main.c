/* main.c - the `hone` command: one word chooses what to do. */
#include "core/command.h"
#include "core/jail.h"
#include "core/scorer.h"
#include "core/session.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary; /* NULL: for ourselves only */
} commands[] = {
    {"serve", hone_command_serve, "share a session with agents"},
    {"eval", hone_command_eval, "judge and time one kernel"},
    {"tasks", hone_command_tasks, "list the tasks"},
    {"task", hone_command_task, "show, check or make a task"},
    {"runs", hone_command_runs, "list the recorded runs"},
    {"show", hone_command_show, "show a run, or one step of it"},
    {"rescore", hone_command_rescore, "score a recorded run again"},
    {"plugins", hone_command_plugins, "list the plugins"},
    {"plugin", hone_command_plugin, "show a plugin's manual, or check a plugin's file"},
    {"doctor", hone_command_doctor, "say what this machine can do"},
    {"scorer", hone_command_scorer, NULL},
};

static void print_usage(FILE *out) {
    fprintf(out, "usage: hone COMMAND [OPTION ...]\n\n");
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (commands[i].summary)
            fprintf(out, "  %-8s  %s\n", commands[i].name, commands[i].summary);
    fprintf(out, "\n`hone COMMAND --help` tells more.\n");
}

int main(int argc, char **argv) {
    signal(SIGPIPE, SIG_IGN);
    if (argc < 2) {
        print_usage(stderr);
        return 2;
    }
    if (!strcmp(argv[1], "--version")) {
        printf("hone %s\n", HONE_VERSION);
        return 0;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help")) {
        print_usage(stdout);
        return 0;
    }
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (!strcmp(argv[1], commands[i].name)) {
            if (commands[i].summary) { /* what killed servers left goes with the next command */
                hone_session_sweep(NULL);
                hone_jail_sweep();
            }
            return commands[i].run(argc - 1, argv + 1);
        }
    fprintf(stderr, "hone: no command `%s`; `hone --help` lists them\n", argv[1]);
    return 2;
}
