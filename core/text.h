/* text.h - text that may go anywhere: valid UTF-8, bounded, and numbers JSON can hold.
 *
 * Untrusted bytes (a source, compiler output, an agent's strings) become valid UTF-8 here before
 * they enter an observation, the store or JSON: jansson drops a whole object on a bad byte or a
 * NaN. Pure functions; any thread. Sizes are in bytes and do not count the NUL.
 */
#ifndef HONE_CORE_TEXT_H
#define HONE_CORE_TEXT_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/* Make a NUL-terminated text valid UTF-8 in place: every byte that belongs to no well-formed
 * sequence (Unicode table 3-7: no overlong forms, surrogates, or code points above U+10FFFF)
 * becomes '?', so the length stays. Returns how many bytes were replaced. */
size_t hone_text_utf8(char *text);

/* The same for `size` bytes that may hold NULs; a NUL becomes '?' too. */
size_t hone_text_utf8_bytes(char *text, size_t size);

/* The same, and one line: control characters become spaces, a DEL '?'. */
void hone_text_line(char *text);

/* A NUL-terminated valid copy of `size` bytes; the caller frees. NULL: out of memory. */
char *hone_text_copy(const char *bytes, size_t size);

/* Shorten a text to at most `limit` bytes in place, keeping its first two thirds and its end, with
 * "\n[... 12345 bytes left out ...]\n" between them; never inside a UTF-8 sequence. A limit too
 * small for the note cuts the end off. Returns the new length. */
size_t hone_text_cut_middle(char *text, size_t limit);

/* Copy a text into `room` bytes, NUL included: made valid, and shortened the same way when it does
 * not fit. Returns the copy's length. */
size_t hone_text_fit(char *to, size_t room, const char *text);

/* Numbers are printed with 9 significant digits: dump with these flags. */
#define HONE_JSON_FLAGS (JSON_REAL_PRECISION(9) | JSON_ENCODE_ANY)

/* A number; null when it is not finite. */
json_t *hone_json_real(double value);

/* Ids, seeds and hashes: 16 hex digits as a string, since most JSON readers hold 53 bits. */
json_t *hone_json_hex(uint64_t value);

/* A string, made valid UTF-8; null for NULL. */
json_t *hone_json_text(const char *text);

#endif
