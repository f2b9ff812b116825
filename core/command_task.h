/* command_task.h - what `hone task` and `hone tasks` hand on: checking, making and timing tasks. */
#ifndef HONE_CORE_COMMAND_TASK_H
#define HONE_CORE_COMMAND_TASK_H

#include <stdbool.h>

/* argv[0] is the verb. Exit statuses: check 0 accepted, 1 refused, 2 usage, 3 could not tell. */
int hone_command_task_check(int argc, char **argv);
int hone_command_task_new(int argc, char **argv);

/* What a new task is made of, up to a NULL name; "@ID@" stands for its id. task_template.c */
struct hone_template_file {
    const char *name, *text;
};
extern const struct hone_template_file hone_template[];

/* `hone tasks --bench`: times of baselines against what this machine could do. */
int hone_tasks_bench(const char *settings, bool as_json);

#endif
