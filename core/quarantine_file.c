#include "core/quarantine_file.h"

#include "core/folders.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#define MAGIC "hone-quarantine 1"
#define FILE_MOST (4 << 20) /* more than any source */
#define NAME_LENGTH 32

/* The next line, without its end. */
static bool take_line(const char **at, const char *end, char *to, size_t size) {
    const char *stop = memchr(*at, '\n', (size_t)(end - *at));
    const size_t length = stop ? (size_t)(stop - *at) : 0;
    if (!stop || length >= size || memchr(*at, 0, length))
        return false;
    memcpy(to, *at, length);
    to[length] = '\0';
    *at = stop + 1;
    return true;
}

int hone_quarantine_parse(const char *bytes, uint64_t count, struct hone_quarantined *one) {
    const char *at = bytes, *end = bytes + count;
    char magic[sizeof MAGIC];
    if (!take_line(&at, end, magic, sizeof magic) || strcmp(magic, MAGIC) ||
        !take_line(&at, end, one->task_hash, sizeof one->task_hash) ||
        !take_line(&at, end, one->language, sizeof one->language) ||
        !take_line(&at, end, one->rule, sizeof one->rule) || !*one->rule)
        return -EBADMSG;
    one->source = at;
    one->source_bytes = (uint64_t)(end - at);
    return 0;
}

static int write_all(int file, const char *bytes, uint64_t count) {
    while (count) {
        ssize_t wrote = write(file, bytes, count);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return wrote ? -errno : -EIO;
        bytes += wrote;
        count -= (uint64_t)wrote;
    }
    return 0;
}

int hone_quarantine_write(const char *folder, const struct hone_quarantined *one) {
    char head[256], path[600], temporary[640];
    const int length = snprintf(head, sizeof head, MAGIC "\n%s\n%s\n%s\n", one->task_hash,
                                one->language, one->rule);
    if (length < 0 || length >= (int)sizeof head)
        return -EINVAL;
    const XXH128_hash_t hash =
        XXH3_128bits_withSeed(one->source, one->source_bytes, XXH3_64bits(head, (size_t)length));
    snprintf(path, sizeof path, "%s/%016llx%016llx", folder, (unsigned long long)hash.high64,
             (unsigned long long)hash.low64);
    snprintf(temporary, sizeof temporary, "%s.%d", path, (int)getpid());
    int file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0)
        return -errno;
    int code = write_all(file, head, (uint64_t)length);
    if (!code)
        code = write_all(file, one->source, one->source_bytes);
    if (close(file) && !code)
        code = -errno;
    if (!code && rename(temporary, path))
        code = -errno;
    if (code)
        unlink(temporary);
    return code;
}

struct found {
    struct timespec changed;
    uint64_t bytes;
    char name[NAME_LENGTH + 1];
};

/* Newest first. */
static int by_age(const void *a, const void *b) {
    const struct timespec *left = &((const struct found *)a)->changed,
                          *right = &((const struct found *)b)->changed;
    if (left->tv_sec != right->tv_sec)
        return left->tv_sec > right->tv_sec ? -1 : 1;
    return left->tv_nsec > right->tv_nsec ? -1 : left->tv_nsec < right->tv_nsec;
}

/* The names that hone_quarantine_write() gives. */
static bool is_ours(const char *name) {
    return strspn(name, "0123456789abcdef") == NAME_LENGTH && !name[NAME_LENGTH];
}

static int list(DIR *directory, struct found **out, uint32_t *count) {
    uint32_t capacity = 0;
    for (struct dirent *item; (item = readdir(directory));) {
        struct stat status;
        if (!is_ours(item->d_name) ||
            fstatat(dirfd(directory), item->d_name, &status, AT_SYMLINK_NOFOLLOW) ||
            !S_ISREG(status.st_mode) || status.st_size > FILE_MOST)
            continue;
        if (*count == capacity) {
            capacity = capacity ? 2 * capacity : 64;
            struct found *larger = realloc(*out, capacity * sizeof **out);
            if (!larger)
                return -ENOMEM;
            *out = larger;
        }
        struct found *one = &(*out)[(*count)++];
        one->changed = status.st_mtim;
        one->bytes = (uint64_t)status.st_size;
        strcpy(one->name, item->d_name);
    }
    return 0;
}

/* The bytes of one, which the caller frees; NULL: it cannot be read, or not whole. */
static char *read_one(int folder, const struct found *found) {
    int file = openat(folder, found->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    char *bytes = file >= 0 ? malloc(found->bytes + 1) : NULL;
    uint64_t count = 0;
    for (ssize_t got = 1; bytes && got > 0 && count < found->bytes; count += (uint64_t)got)
        if ((got = read(file, bytes + count, found->bytes - count)) <= 0) {
            free(bytes);
            bytes = NULL;
            break;
        }
    if (file >= 0)
        close(file);
    return bytes;
}

/* Of a folder that others may write to nothing is believed. */
static DIR *open_folder(const char *path) {
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = NULL;
    if (folder < 0)
        return NULL;
    if (hone_is_ours_alone(folder))
        directory = fdopendir(folder);
    else
        errno = EPERM;
    if (!directory)
        close(folder);
    return directory;
}

int hone_quarantine_each(const char *folder, uint64_t most_bytes,
                         void (*take)(void *context, const struct hone_quarantined *one),
                         void *context) {
    struct found *found = NULL;
    uint32_t count = 0, kept = 0;
    int taken = 0;
    DIR *directory = open_folder(folder);
    if (!directory)
        return errno == ENOENT ? 0 : -errno;
    int code = list(directory, &found, &count);
    if (!code && count)
        qsort(found, count, sizeof *found, by_age);
    for (uint64_t bytes = 0; !code && kept < count; kept++) {
        bytes += found[kept].bytes;
        if (bytes > most_bytes)
            break;
    }
    for (uint32_t i = kept; !code && i < count; i++)
        unlinkat(dirfd(directory), found[i].name, 0);
    for (uint32_t i = kept; !code && i-- > 0;) {
        struct hone_quarantined one;
        char *text = read_one(dirfd(directory), &found[i]);
        if (text && !hone_quarantine_parse(text, found[i].bytes, &one)) {
            take(context, &one);
            taken++;
        }
        free(text);
    }
    free(found);
    closedir(directory);
    return code ? code : taken;
}
