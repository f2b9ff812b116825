#include "core/compile_cache.h"

#include "core/folders.h"
#include "core/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#define MAGIC 0x31454843454e4f48u /* "HONECHE1" */

/* An entry is this header, the key, the image. */
struct header {
    uint64_t magic;
    uint64_t key_bytes;
    uint64_t image_bytes;
    uint64_t checksum; /* XXH3-64 of key and image */
};

struct hone_compile_cache {
    int directory;
    uint64_t most_bytes;
};

struct hone_compile_cache *hone_compile_cache_create(const char *directory, uint64_t most_bytes) {
    int code = hone_folder_make(directory);
    int descriptor = code ? -1 : open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor >= 0 && !hone_is_ours_alone(descriptor)) {
        hone_log(HONE_LOG_WARN, "%s: not ours alone; compiling without a cache", directory);
        close(descriptor);
        return NULL;
    }
    struct hone_compile_cache *cache = descriptor < 0 ? NULL : calloc(1, sizeof *cache);
    if (!cache) {
        hone_log(HONE_LOG_WARN, "%s: %s; compiling without a cache", directory,
                 strerror(code ? -code : errno));
        if (descriptor >= 0)
            close(descriptor);
        return NULL;
    }
    cache->directory = descriptor;
    cache->most_bytes = most_bytes;
    return cache;
}

void hone_compile_cache_destroy(struct hone_compile_cache *cache) {
    if (!cache)
        return;
    close(cache->directory);
    free(cache);
}

static void entry_name(const void *key, uint64_t key_bytes, char name[40]) {
    XXH128_hash_t hash = XXH3_128bits(key, key_bytes);
    snprintf(name, 40, "%016" PRIx64 "%016" PRIx64, hash.high64, hash.low64);
}

static bool read_all(int descriptor, void *to, uint64_t bytes) {
    char *at = to;
    while (bytes) {
        ssize_t got = read(descriptor, at, bytes);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += got;
        bytes -= (uint64_t)got;
    }
    return true;
}

static bool write_all(int descriptor, const void *from, uint64_t bytes) {
    const char *at = from;
    while (bytes) {
        ssize_t put = write(descriptor, at, bytes);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        at += put;
        bytes -= (uint64_t)put;
    }
    return true;
}

static uint64_t checksum(const void *key, uint64_t key_bytes, const void *image,
                         uint64_t image_bytes) {
    return XXH3_64bits_withSeed(image, image_bytes, XXH3_64bits(key, key_bytes));
}

bool hone_compile_cache_get(struct hone_compile_cache *cache, const void *key, uint64_t key_bytes,
                            void **image, uint64_t *image_bytes) {
    if (!cache)
        return false;
    char name[40];
    entry_name(key, key_bytes, name);
    int descriptor = openat(cache->directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor < 0)
        return false;
    struct header header;
    struct stat status;
    char *bytes = NULL;
    bool found = false;
    if (!read_all(descriptor, &header, sizeof header) || header.magic != MAGIC ||
        header.key_bytes != key_bytes || fstat(descriptor, &status) ||
        header.image_bytes > (uint64_t)status.st_size ||
        (uint64_t)status.st_size != sizeof header + key_bytes + header.image_bytes)
        goto done;
    bytes = malloc(key_bytes + header.image_bytes);
    if (!bytes || !read_all(descriptor, bytes, key_bytes + header.image_bytes) ||
        memcmp(bytes, key, key_bytes) ||
        checksum(key, key_bytes, bytes + key_bytes, header.image_bytes) != header.checksum)
        goto done;
    memmove(bytes, bytes + key_bytes, header.image_bytes);
    *image = bytes;
    *image_bytes = header.image_bytes;
    bytes = NULL;
    found = true;
    futimens(descriptor, NULL); /* recently used: the last to be pruned */
done:
    free(bytes);
    close(descriptor);
    return found;
}

struct entry {
    char name[40];
    int64_t used;
    uint64_t bytes;
};

static int by_age(const void *a, const void *b) {
    const struct entry *one = a, *other = b;
    return one->used < other->used ? -1 : one->used > other->used;
}

/* Drop the least recently used entries until the cache is at three quarters of its bound. */
static void prune(struct hone_compile_cache *cache) {
    DIR *directory = fdopendir(dup(cache->directory));
    if (!directory)
        return;
    rewinddir(directory);
    struct entry *entries = NULL;
    size_t count = 0, room = 0;
    uint64_t total = 0;
    for (struct dirent *item; (item = readdir(directory));) {
        struct stat status;
        if (strlen(item->d_name) != 32 ||
            fstatat(cache->directory, item->d_name, &status, AT_SYMLINK_NOFOLLOW))
            continue;
        if (count == room) {
            room = room ? 2 * room : 256;
            struct entry *more = realloc(entries, room * sizeof *entries);
            if (!more)
                break;
            entries = more;
        }
        struct entry *entry = &entries[count++];
        memcpy(entry->name, item->d_name, 33);
        entry->used = (int64_t)status.st_mtim.tv_sec;
        entry->bytes = (uint64_t)status.st_size;
        total += entry->bytes;
    }
    closedir(directory);
    if (total > cache->most_bytes) {
        qsort(entries, count, sizeof *entries, by_age);
        for (size_t i = 0; i < count && total > cache->most_bytes / 4 * 3; i++) {
            unlinkat(cache->directory, entries[i].name, 0);
            total -= entries[i].bytes;
        }
    }
    free(entries);
}

void hone_compile_cache_put(struct hone_compile_cache *cache, const void *key, uint64_t key_bytes,
                            const void *image, uint64_t image_bytes) {
    if (!cache)
        return;
    char name[40], temporary[64];
    entry_name(key, key_bytes, name);
    snprintf(temporary, sizeof temporary, ".%d-%s", (int)gettid(), name);
    int descriptor = openat(cache->directory, temporary,
                            O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0)
        return;
    struct header header = {MAGIC, key_bytes, image_bytes,
                            checksum(key, key_bytes, image, image_bytes)};
    bool whole = write_all(descriptor, &header, sizeof header) &&
                 write_all(descriptor, key, key_bytes) && write_all(descriptor, image, image_bytes);
    close(descriptor);
    if (!whole || renameat(cache->directory, temporary, cache->directory, name))
        unlinkat(cache->directory, temporary, 0);
    else if (header.checksum % 64 == 0) /* looked at now and then, so that a put stays cheap */
        prune(cache);
}
