/* command_plugins.h - `hone plugins` and `hone plugin show|check`. Return exit statuses: 0, 1
 * failed, 2 usage.
 *
 * argv[0] is the command's word. One thread.
 */
#ifndef HONE_CORE_COMMAND_PLUGINS_H
#define HONE_CORE_COMMAND_PLUGINS_H

struct hone_loaded;

int hone_command_plugins(int argc, char **argv);
int hone_command_plugin(int argc, char **argv);

/* What `show` prints; and `check`: a conformance run for authors (core/plugin_check.c). */
void hone_print_manual(const struct hone_loaded *loaded);
int hone_plugin_check(const char *path);

#endif
