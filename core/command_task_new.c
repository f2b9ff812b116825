/* command_task_new.c - `hone task new`: a folder with a small task that works, for its author to
 * change. */
#include "core/command_task.h"
#include "core/error.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_id(const char *text) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
    const size_t suite = strspn(text, letters);
    const size_t name = text[suite] == '/' ? strspn(text + suite + 1, letters) : 0;
    return suite && name && !text[suite + 1 + name] && suite + name <= 62;
}

/* Make the folders above `path` where they are missing. */
static int make_above(const char *path, struct hone_error *error) {
    char above[PATH_MAX];
    snprintf(above, sizeof above, "%s", path);
    for (char *slash = strchr(above + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(above, 0777) && errno != EEXIST)
            return hone_fail(error, -errno, "%s: %s", above, strerror(errno));
        *slash = '/';
    }
    return 0;
}

static int write_file(const char *folder, const struct hone_template_file *file, const char *id,
                      struct hone_error *error) {
    static const char mark[] = "@ID@";
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s", folder, file->name) >= (int)sizeof path)
        return hone_fail(error, -ENAMETOOLONG, "%s: the path is too long", folder);
    int code = make_above(path, error);
    FILE *out = code ? NULL : fopen(path, "wx");
    if (!out && code)
        return code;
    if (!out)
        return hone_fail(error, -errno, "%s: %s", path, strerror(errno));
    const char *at = file->text;
    for (const char *hole; (hole = strstr(at, mark)); at = hole + strlen(mark))
        fprintf(out, "%.*s%s", (int)(hole - at), at, id);
    fputs(at, out);
    bool failed = ferror(out);
    if (fclose(out) || failed)
        return hone_fail(error, -EIO, "%s: cannot be written", path);
    return 0;
}

static int make_task(const char *folder, const char *id, struct hone_error *error) {
    int code = make_above(folder, error);
    if (!code && mkdir(folder, 0777))
        code = errno == EEXIST
                   ? hone_fail(error, -EEXIST, "%s is there already, and is left as it is", folder)
                   : hone_fail(error, -errno, "%s: %s", folder, strerror(errno));
    for (const struct hone_template_file *file = hone_template; !code && file->name; file++)
        code = write_file(folder, file, id, error);
    return code;
}

static int make(const char *root, const char *id) {
    struct hone_places places;
    struct hone_error error = {""};
    char folder[PATH_MAX];
    int code = root ? 0 : hone_places(&places, &error);
    if (!code &&
        snprintf(folder, sizeof folder, "%s/%s", root ? root : places.tasks, id) >= PATH_MAX)
        code = hone_fail(&error, -ENAMETOOLONG, "the path is too long");
    if (!code)
        code = make_task(folder, id, &error);
    if (code)
        return hone_command_fail("task new", &error);
    printf("%s\nits FORM.md says what to fill in; then: hone task check %s\n", folder, folder);
    return 0;
}

int hone_command_task_new(int argc, char **argv) {
    const char *root = NULL, *id = NULL;
    const struct hone_command_option options[] = {
        {"path", "FOLDER", "of suites; default: where this installation keeps its tasks",
         hone_take_text, &root, 0},
        {0},
    };
    const struct hone_command_line line = {
        .command = "hone task new",
        .synopsis = "SUITE/NAME",
        .purpose = "Make FOLDER/SUITE/NAME with a small task that works, as a form to fill; its "
                   "FORM.md says how.",
        .options = options,
        .operands = &id,
        .least = 1,
        .most = 1,
    };
    int status;
    if (!hone_command_line_read(&line, argc, argv, &status))
        return status;
    if (!is_id(id))
        return hone_command_line_refuse(&line,
                                        "\"%s\" is no id of a task: expected suite/name of a-z 0-9 "
                                        "_, at most 63 bytes",
                                        id);
    return make(root, id);
}
