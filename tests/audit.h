/* audit.h - a live process from outside: what it maps and what can be read in it. For root. */
#ifndef HONE_TESTS_AUDIT_H
#define HONE_TESTS_AUDIT_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define AUDIT_MAPS_MAX 512

struct audit_map {
    uint64_t begin, end;
    char rights[8]; /* "rw-s" */
    char name[96];
};

struct audit {
    pid_t pid;
    int memory;
    size_t count;
    struct audit_map maps[AUDIT_MAPS_MAX];
};

static inline bool audit_open(struct audit *audit, pid_t pid) {
    char path[64], line[512];
    *audit = (struct audit){.pid = pid, .memory = -1};
    snprintf(path, sizeof path, "/proc/%d/maps", pid);
    FILE *file = fopen(path, "re");
    while (file && audit->count < AUDIT_MAPS_MAX && fgets(line, sizeof line, file)) {
        struct audit_map *map = &audit->maps[audit->count];
        unsigned long begin, end;
        map->name[0] = '\0';
        if (sscanf(line, "%lx-%lx %7s %*s %*s %*s %95[^\n]", &begin, &end, map->rights,
                   map->name) >= 3) {
            map->begin = begin;
            map->end = end;
            audit->count++;
        }
    }
    if (file)
        fclose(file);
    snprintf(path, sizeof path, "/proc/%d/mem", pid);
    audit->memory = open(path, O_RDONLY | O_CLOEXEC);
    return audit->count > 0 && audit->memory >= 0;
}

static inline void audit_close(struct audit *audit) {
    if (audit->memory >= 0)
        close(audit->memory);
}

static inline bool audit_read(const struct audit *audit, uint64_t address, void *bytes,
                              size_t size) {
    return pread(audit->memory, bytes, size, (off_t)address) == (ssize_t)size;
}

/* The bytes of a map, malloc()ed; NULL where nothing can be read. */
static inline uint8_t *audit_copy(const struct audit *audit, const struct audit_map *map) {
    size_t size = map->end - map->begin;
    if (map->rights[0] != 'r' || map->begin >= 1ull << 47)
        return NULL;
    uint8_t *bytes = malloc(size);
    if (bytes && audit_read(audit, map->begin, bytes, size))
        return bytes;
    free(bytes);
    return NULL;
}

/* Where in the process the bytes are; 0: nowhere. `read` counts what could be looked at. */
static inline uint64_t audit_find(const struct audit *audit, const void *needle, size_t size,
                                  uint64_t *read) {
    uint64_t found = 0;
    *read = 0;
    for (size_t i = 0; i < audit->count && !found; i++) {
        const struct audit_map *map = &audit->maps[i];
        uint8_t *bytes = audit_copy(audit, map);
        if (!bytes)
            continue;
        const uint8_t *at = memmem(bytes, map->end - map->begin, needle, size);
        if (at)
            found = map->begin + (uint64_t)(at - bytes);
        *read += map->end - map->begin;
        free(bytes);
    }
    return found;
}

#endif
