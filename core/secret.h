/* secret.h - the master secret that bench and hidden draws derive from: 32 random bytes in a file
 * of mode 0600, made on first use in $XDG_STATE_HOME/hone or ~/.local/state/hone. One thread, at
 * start. */
#ifndef HONE_CORE_SECRET_H
#define HONE_CORE_SECRET_H

#include "plugins/plugin.h"

/* 0 or a negative errno: the file cannot be made or read, or others could read it. */
int hone_secret_read(uint8_t secret[32], struct hone_error *error);

#endif
