/* main.c - the `hone` command: one word chooses what to do. */
#include "core/command.h"
#include "core/command_line.h"
#include "core/jail.h"
#include "core/scorer.h"
#include "core/session.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct hone_command commands[] = {
    {"serve", hone_command_serve, "share a session with agents"},
    {"eval", hone_command_eval, "judge and time one kernel"},
    {"tasks", hone_command_tasks, "list the tasks"},
    {"task", hone_command_task, "show, check or make a task"},
    {"runs", hone_command_runs, "list the recorded runs"},
    {"show", hone_command_show, "show a run, or one step of it"},
    {"rescore", hone_command_rescore, "score a recorded run again"},
    {"plugins", hone_command_plugins, "list the plugins"},
    {"plugin", hone_command_plugin, "show a plugin's manual, or check its file"},
    {"doctor", hone_command_doctor, "say what this machine can do"},
    {"scorer", hone_command_scorer, NULL},
    {0},
};

int main(int argc, char **argv) {
    signal(SIGPIPE, SIG_IGN);
    if (argc > 1 && !strcmp(argv[1], "--version"))
        return printf("hone %s\n", HONE_VERSION) < 0;
    const struct hone_command *chosen = hone_command_find(commands, argc, argv);
    if (chosen && chosen->summary) { /* what killed servers left goes with the next command */
        hone_session_sweep(NULL);
        hone_jail_sweep();
    }
    int status = hone_command_choose("hone", commands, argc, argv);
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    fputs("hone: the output could not be written\n", stderr);
    return status ? status : HONE_EXIT_FAILED;
}
