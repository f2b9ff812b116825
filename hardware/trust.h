/* trust.h - whether a file that was found by looking around may decide what runs, or how fast.
 *
 * What a setting names is its author's word. What an environment variable or a home folder led to
 * may be anybody's: a server of root's started from a user's environment would load that user's
 * libraries, outside of any jail. Any thread.
 */
#ifndef HONE_HARDWARE_TRUST_H
#define HONE_HARDWARE_TRUST_H

#include <stdbool.h>

/* Neither the file, wherever links lead, nor a folder above it is for everybody to write, and for
 * root they are all root's. What lies in /usr and /opt is there because root let it. */
bool hone_is_trusted(const char *path);

#endif
