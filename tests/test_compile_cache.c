#include "core/compile_cache.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64];
static struct hone_compile_cache *cache;

static void open_cache(void) {
    strcpy(folder, "/tmp/hone-test-XXXXXX");
    cr_assert(ne(ptr, mkdtemp(folder), NULL));
    cache = hone_compile_cache_create(folder, 1 << 20);
    cr_assert(ne(ptr, cache, NULL));
}

static void close_cache(void) {
    hone_compile_cache_destroy(cache);
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    cr_assert(eq(int, system(command), 0));
}

/* The path of the one entry there is. */
static void find_entry(char *path, size_t size) {
    DIR *directory = opendir(folder);
    for (struct dirent *item; (item = readdir(directory));)
        if (item->d_name[0] != '.')
            snprintf(path, size, "%s/%s", folder, item->d_name);
    closedir(directory);
}

TestSuite(compile_cache, .init = open_cache, .fini = close_cache);

Test(compile_cache, gives_back_what_was_put_under_the_same_key) {
    void *image = NULL;
    uint64_t bytes = 0;
    cr_assert(eq(int, hone_compile_cache_get(cache, "key", 3, &image, &bytes), 0));
    hone_compile_cache_put(cache, "key", 3, "image", 5);
    cr_assert(eq(int, hone_compile_cache_get(cache, "key", 3, &image, &bytes), 1));
    cr_assert(eq(u64, bytes, 5));
    cr_assert(eq(int, memcmp(image, "image", 5), 0));
    free(image);
    cr_assert(eq(int, hone_compile_cache_get(cache, "kez", 3, &image, &bytes), 0));
}

Test(compile_cache, trusts_no_entry_whose_bytes_were_changed) {
    hone_compile_cache_put(cache, "key", 3, "image", 5);
    char path[512] = "";
    find_entry(path, sizeof path);
    int file = open(path, O_RDWR);
    cr_assert(lt(int, 0, file));
    off_t size = lseek(file, 0, SEEK_END);
    for (off_t at = 0; at < size; at++) {
        char byte;
        cr_assert(eq(int, (int)pread(file, &byte, 1, at), 1));
        byte ^= 1;
        cr_assert(eq(int, (int)pwrite(file, &byte, 1, at), 1));
        void *image;
        uint64_t bytes;
        cr_assert(eq(int, hone_compile_cache_get(cache, "key", 3, &image, &bytes), 0), "byte %d",
                  (int)at);
        byte ^= 1;
        cr_assert(eq(int, (int)pwrite(file, &byte, 1, at), 1));
    }
    close(file);
}

Test(compile_cache, that_does_not_exist_holds_nothing) {
    void *image;
    uint64_t bytes;
    hone_compile_cache_put(NULL, "key", 3, "image", 5);
    cr_assert(eq(int, hone_compile_cache_get(NULL, "key", 3, &image, &bytes), 0));
}
