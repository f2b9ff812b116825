/* tiny.c - a whole agent: attach to a running server, take a task, submit one source, read what
 * happened.
 *
 *   hone serve default &
 *   tiny default dl/softmax softmax.c [language]
 */
#include <hone/hone.h>

#include <math.h>
#include <stdio.h>

/* 0: there is nothing to read. */
static size_t read_file(const char *path, char *to, size_t capacity) {
    FILE *file = fopen(path, "rb");
    size_t bytes = file ? fread(to, 1, capacity, file) : 0;
    if (!bytes)
        fprintf(stderr, "tiny: %s cannot be read, or is empty\n", path);
    if (file)
        fclose(file);
    return bytes;
}

static void show(const struct hone_observation *seen) {
    printf("verdict  %s\n", hone_outcome_name(seen->verdict));
    if (seen->reason)
        printf("reason   %.24s\n", seen->reason_name);
    if (!isnan(seen->speedup))
        printf("speedup  %.2f (%.2f to %.2f)\n", seen->speedup, seen->speedup_low,
               seen->speedup_high);
    printf("reward   %.4f\n%s\n", seen->reward, hone_text(seen, HONE_FEEDBACK));
}

/* One episode of one step; the exit status. */
static int submit(struct hone *hone, const char *task, const char *path, const char *language) {
    const struct hone_observation *seen;
    if (hone_reset(hone, 0, task, 0, &seen)) {
        fprintf(stderr, "tiny: %s\n", hone_message(hone));
        return 1;
    }
    printf("%s\n", hone_text(seen, HONE_PROMPT));

    size_t capacity;
    char *source = hone_action_buffer(hone, 0, &capacity);
    struct hone_action action = {
        .language = language,
        .source_bytes = read_file(path, source, capacity),
    };
    if (!action.source_bytes)
        return 1;
    if (hone_step(hone, 0, &action, &seen)) {
        fprintf(stderr, "tiny: %s\n", hone_message(hone));
        return 1;
    }
    show(seen);
    return 0;
}

int main(int count, char **arguments) {
    if (count < 4) {
        fprintf(stderr, "usage: tiny SESSION TASK FILE [LANGUAGE]\n");
        return 2;
    }
    struct hone_client_error error = {.text = ""};
    struct hone *hone;
    if (hone_attach(&hone, arguments[1], NULL, &error)) {
        fprintf(stderr, "tiny: %s\n", error.text);
        return 1;
    }
    int status = submit(hone, arguments[2], arguments[3], count > 4 ? arguments[4] : "c");
    hone_close(hone);
    return status;
}
