#include "core/command_task.h"
int hone_tasks_bench(const char *settings, bool as_json) { (void)settings; return as_json; }
