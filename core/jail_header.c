#include "core/jail_header.h"

#include "core/folders.h"
#include "core/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

#define OUTPUT_LIMIT_BYTES (256ull << 20)
#define CPU_LIMIT_S 20
#define WALL_LIMIT_S 30
#define RETRY_S 86400

static const struct hone_job_file *find_file(const struct hone_compile_job *job, const char *name) {
    for (uint32_t i = 0; i < job->file_count; i++)
        if (strcmp(job->files[i].name, name) == 0)
            return &job->files[i];
    return NULL;
}

/* Everything the result depends on. */
static void name_result(const struct hone_job_header *header, const struct hone_job_file *file,
                        char name[40]) {
    XXH3_state_t *state = XXH3_createState();
    XXH3_128bits_reset(state);
    XXH3_128bits_update(state, header->identity, strlen(header->identity) + 1);
    for (const char *const *word = header->arguments; *word; word++)
        XXH3_128bits_update(state, *word, strlen(*word) + 1);
    XXH3_128bits_update(state, file->bytes, file->size);
    XXH128_hash_t hash = XXH3_128bits_digest(state);
    XXH3_freeState(state);
    snprintf(name, 40, "%016" PRIx64 "%016" PRIx64, hash.high64, hash.low64);
}

enum known { UNKNOWN, USABLE, UNUSABLE };

/* An empty file says that it could not be made, for a day. The walls hide the folder from jobs, and
 * nobody else may have written into it. */
static enum known look_up(int folder, const char *name) {
    struct stat status;
    if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW))
        return UNKNOWN;
    if (!S_ISREG(status.st_mode) || status.st_uid != geteuid() || (status.st_mode & 022))
        return UNUSABLE;
    if (status.st_size == 0)
        return time(NULL) - status.st_mtime < RETRY_S ? UNUSABLE : UNKNOWN;
    return USABLE;
}

/* Readable for the job's user, who sees the file alone; the folder above is ours alone. */
static bool save(int folder, const char *name, const void *bytes, uint64_t size) {
    char temporary[48];
    snprintf(temporary, sizeof temporary, ".%s", name);
    unlinkat(folder, temporary, 0);
    int fd = openat(folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    bool whole = fchmod(fd, 0444) == 0;
    for (const char *at = bytes; whole && size;) {
        ssize_t written = write(fd, at, size);
        whole = written > 0 || errno == EINTR;
        at += written > 0 ? written : 0;
        size -= written > 0 ? (uint64_t)written : 0;
    }
    close(fd);
    if (whole && renameat(folder, temporary, folder, name) == 0)
        return true;
    unlinkat(folder, temporary, 0);
    return false;
}

static bool make(const struct hone_compile_job *job, const struct hone_job_header *header,
                 const struct hone_job_file *file, const atomic_int *cancel, int folder,
                 const char *name) {
    const struct hone_compile_job mine = {
        .size = sizeof mine,
        .file_count = 1,
        .files = file,
        .arguments = header->arguments,
        .output = header->output,
        .output_limit_bytes = OUTPUT_LIMIT_BYTES,
        .memory_limit_bytes = job->memory_limit_bytes,
        .cpu_limit_s = CPU_LIMIT_S,
        .wall_limit_s = WALL_LIMIT_S,
        .paths = job->paths,
        .process_limit = 16,
    };
    struct hone_jail_result result;
    struct hone_error error;
    if (hone_jail_run(&mine, cancel, &result, &error))
        return false; /* a fault of ours, or cancelled: next time perhaps */
    bool good = !result.output.timed_out && result.output.status == 0 && result.bytes &&
                save(folder, name, result.bytes, result.output.byte_count);
    if (!good)
        save(folder, name, "", 0);
    hone_jail_finish(&result);
    return good;
}

/* Two that want the same: one makes it, the other does without this once. */
static bool make_alone(const struct hone_compile_job *job, const struct hone_job_header *header,
                       const struct hone_job_file *file, const atomic_int *cancel, int folder,
                       const char *name) {
    int lock = openat(folder, ".lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool good = false;
    if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0) {
        enum known known = look_up(folder, name);
        good =
            known == USABLE || (known == UNKNOWN && make(job, header, file, cancel, folder, name));
    }
    if (lock >= 0)
        close(lock);
    return good;
}

bool hone_jail_header_find(const struct hone_compile_job *job, const struct hone_job_header *header,
                           const atomic_int *cancel, char path[HONE_JAIL_HEADER_PATH]) {
    char name[40], directory[512];
    struct stat status;
    const struct hone_job_file *file = find_file(job, header->name);
    if (!file || hone_folder_cache("headers", directory, sizeof directory))
        return false;
    int folder = open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0)
        return false;
    bool found = false;
    if (fstat(folder, &status) == 0 && status.st_uid == geteuid() && !(status.st_mode & 022)) {
        name_result(header, file, name);
        enum known known = look_up(folder, name);
        found = known == USABLE ||
                (known == UNKNOWN && make_alone(job, header, file, cancel, folder, name));
        snprintf(path, HONE_JAIL_HEADER_PATH, "%s/%s", directory, name);
    }
    close(folder);
    return found;
}
