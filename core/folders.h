/* folders.h - where this user's files live (XDG base directories), made on demand with mode 0700.
 */
#ifndef HONE_CORE_FOLDERS_H
#define HONE_CORE_FOLDERS_H

#include <stdbool.h>
#include <stddef.h>

/* $XDG_STATE_HOME/hone/NAME or ~/.local/state/hone/NAME; NAME may be "". 0, or a negative errno. */
int hone_folder_state(const char *name, char *path, size_t size);
/* $XDG_CACHE_HOME/hone/NAME or ~/.cache/hone/NAME. */
int hone_folder_cache(const char *name, char *path, size_t size);
/* Make a folder and those above it. */
int hone_folder_make(const char *path);

/* Whether an open file or folder is this user's, and nobody else may write to it: what is believed
 * without a look at how it came about must be. */
bool hone_is_ours_alone(int descriptor);

#endif
