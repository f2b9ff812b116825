#include "hardware/cuda/nvrtc/file.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void end(int status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    fflush(stdout);
    _exit(status);
}

char *read_file(const char *path, size_t *size) {
    struct stat status;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status))
        end(BROKEN, "hone-nvrtc: cannot open %s: %s\n", path, strerror(errno));
    *size = (size_t)status.st_size;
    char *text = malloc(*size + 1);
    if (!text || read(fd, text, *size) != (ssize_t)*size)
        end(BROKEN, "hone-nvrtc: cannot read %s\n", path);
    close(fd);
    text[*size] = '\0';
    if (strlen(text) != *size)
        end(TEXT_AT_FAULT, "%s(1): error: the source holds a NUL byte\n", path);
    return text;
}

void write_file(const char *path, const void *bytes, size_t size) {
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        end(BROKEN, "hone-nvrtc: cannot make %s: %s\n", path, strerror(errno));
    for (const char *at = bytes; size;) {
        const ssize_t put = write(fd, at, size);
        if (put < 0)
            end(BROKEN, "hone-nvrtc: cannot write %s: %s\n", path, strerror(errno));
        at += put;
        size -= (size_t)put;
    }
    close(fd);
}

static int print_object(struct dl_phdr_info *info, size_t size, void *context) {
    (void)size, (void)context;
    if (info->dlpi_name && info->dlpi_name[0] == '/')
        printf("file %s\n", info->dlpi_name);
    return 0;
}

void print_loaded_files(void) {
    dl_iterate_phdr(print_object, NULL);
}
