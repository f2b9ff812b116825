/* file.h - the files of a job, and how hone-nvrtc ends; for its parts alone. One thread. */
#ifndef HONE_CUDA_NVRTC_FILE_H
#define HONE_CUDA_NVRTC_FILE_H

#include <stddef.h>

enum { COMPILED = 0, TEXT_AT_FAULT = 1, BROKEN = 3 };

/* Say it and end, without the destructors of the libraries, of which nothing is hoped for. */
_Noreturn void end(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The whole file with a NUL behind it, malloc()ed; ends when it cannot be read, or is no text. */
char *read_file(const char *path, size_t *size);

/* Ends when it cannot be written. */
void write_file(const char *path, const void *bytes, size_t size);

/* "file PATH", a line for each library that is loaded. */
void print_loaded_files(void);

#endif
