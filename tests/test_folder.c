#include "plugins/task.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[64];

static const struct hone_plugin *plugin(void) {
    char path[512];
    ssize_t length = readlink("/proc/self/exe", path, 400);
    cr_assert(lt(i64, 0, length));
    path[length] = '\0';
    strcpy(strrchr(path, '/'), "/plugins/task/folder.so");
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    cr_assert(ne(ptr, library, NULL), "%s", dlerror());
    return dlsym(library, "hone_plugin");
}

static void write_file(const char *name, const char *text) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", root, name);
    FILE *file = fopen(path, "w");
    cr_assert(ne(ptr, file, NULL));
    fputs(text, file);
    fclose(file);
}

static void make_folder(const char *name) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", root, name);
    cr_assert(eq(int, mkdir(path, 0700), 0));
}

/* Three tasks: one good, one without files, one with a link to nowhere. */
static void make_tree(void) {
    char path[256];
    strcpy(root, "/tmp/hone-folder-XXXXXX");
    cr_assert(ne(ptr, mkdtemp(root), NULL));
    make_folder("suite");
    make_folder("suite/empty");
    make_folder("suite/good");
    make_folder("suite/good/wrong");
    make_folder("suite/linked");
    write_file("README", "no suite");
    write_file("suite/notes", "no task");
    write_file("suite/good/task.json", "{}");
    write_file("suite/good/.hidden", "no file of the task");
    write_file("suite/good/wrong/tail.c", "tail");
    write_file("suite/good/naive.c", "");
    snprintf(path, sizeof path, "%s/suite/linked/task.json", root);
    cr_assert(eq(int, symlink("nowhere", path), 0));
}

static void remove_tree(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", root);
    cr_expect(eq(int, system(command), 0));
}

static void *open_tree(const char *path) {
    const struct hone_setting settings[] = {{"path", path}, {NULL, NULL}};
    struct hone_error error = {""};
    void *self = NULL;
    int result = plugin()->create(NULL, settings, &self, &error);
    cr_assert(eq(int, result, 0), "%s", error.text);
    return self;
}

TestSuite(folder, .init = make_tree, .fini = remove_tree);

Test(folder, hands_over_every_file_of_a_task) {
    void *self = open_tree(root);
    const struct hone_task_ops *ops = plugin()->task;
    struct hone_task_description description = {.size = sizeof description};
    uint32_t count;
    cr_assert(eq(int, ops->count(self, &count), 0));
    cr_assert(eq(u32, count, 3));
    cr_assert(eq(int, ops->describe(self, 1, &description, NULL), 0));
    cr_assert(eq(u32, description.file_count, 3));
    cr_expect(eq(int, strcmp(description.files[0].name, "naive.c"), 0));
    cr_expect(eq(u64, description.files[0].bytes, 0));
    cr_expect(eq(int, strcmp(description.files[1].name, "task.json"), 0));
    cr_expect(eq(int, strcmp(description.files[2].name, "wrong/tail.c"), 0));
    cr_expect(eq(int, strcmp(description.files[2].text, "tail"), 0));
    cr_expect(eq(int, strcmp(strrchr(description.origin, '/'), "/good"), 0));
    plugin()->destroy(self);
}

Test(folder, takes_the_folder_of_a_single_task) {
    char path[256];
    snprintf(path, sizeof path, "%s/suite/good", root);
    void *self = open_tree(path);
    const struct hone_task_ops *ops = plugin()->task;
    struct hone_task_description description = {.size = sizeof description};
    uint32_t count;
    cr_assert(eq(int, ops->count(self, &count), 0));
    cr_assert(eq(u32, count, 1));
    cr_assert(eq(int, ops->describe(self, 0, &description, NULL), 0));
    cr_expect(eq(u32, description.file_count, 3));
    cr_expect(eq(int, strcmp(description.origin, path), 0));
    plugin()->destroy(self);
}

Test(folder, reports_a_task_that_cannot_be_read_and_offers_the_others) {
    void *self = open_tree(root);
    const struct hone_task_ops *ops = plugin()->task;
    struct hone_task_description description = {.size = sizeof description};
    struct hone_error error = {""};
    cr_expect(eq(int, ops->describe(self, 0, &description, &error), -ENOENT));
    cr_expect(ne(ptr, strstr(error.text, "suite/empty: no files"), NULL), "%s", error.text);
    cr_expect(eq(int, ops->describe(self, 2, &description, &error), -ENOENT));
    cr_expect(ne(ptr, strstr(error.text, "suite/linked/task.json: "), NULL), "%s", error.text);
    cr_expect(eq(int, ops->describe(self, 3, &description, &error), -ERANGE));
    cr_expect(eq(int, ops->describe(self, 1, &description, &error), 0));
    plugin()->destroy(self);
}

Test(folder, keeps_what_it_handed_over) {
    void *self = open_tree(root);
    const struct hone_task_ops *ops = plugin()->task;
    struct hone_task_description first = {.size = sizeof first}, second = first;
    cr_assert(eq(int, ops->describe(self, 1, &first, NULL), 0));
    write_file("suite/good/task.json", "changed meanwhile");
    cr_assert(eq(int, ops->describe(self, 1, &second, NULL), 0));
    cr_expect(first.files == second.files);
    cr_expect(eq(int, strcmp(first.files[1].text, "{}"), 0));
    plugin()->destroy(self);
}

static const void *offer(void *self, const char *id) {
    return strcmp(id, "hone.places/1") == 0 ? self : NULL;
}

Test(folder, takes_the_hosts_tasks_when_no_path_is_set) {
    const struct hone_setting settings[] = {{"path", ""}, {NULL, NULL}};
    struct hone_host host = {.size = sizeof host, .self = root, .service = offer};
    struct hone_error error = {""};
    void *self;
    uint32_t count;
    cr_assert(eq(int, plugin()->create(&host, settings, &self, &error), 0), "%s", error.text);
    cr_assert(eq(int, plugin()->task->count(self, &count), 0));
    cr_expect(eq(u32, count, 3));
    plugin()->destroy(self);
    cr_expect(eq(int, plugin()->create(NULL, settings, &self, &error), -EINVAL));
    plugin()->destroy(NULL);
}

Test(folder, says_what_to_set_when_there_is_no_such_folder) {
    const struct hone_setting settings[] = {{"path", "/nowhere/at/all"}, {NULL, NULL}};
    struct hone_error error = {""};
    void *self;
    cr_expect(eq(int, plugin()->create(NULL, settings, &self, &error), -ENOENT));
    cr_expect(ne(ptr, strstr(error.text, "/nowhere/at/all: No such file"), NULL), "%s", error.text);
}
