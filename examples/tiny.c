/* tiny.c - a whole agent: attach to a running server, take a task, submit one source, read what
 * happened.
 *
 *   hone serve default &
 *   tiny default dl/softmax softmax.c [language]
 */
#include <hone/hone.h>

#include <math.h>
#include <stdio.h>

static size_t read_file(const char *path, char *to, size_t capacity) {
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        return 0;
    }
    size_t bytes = fread(to, 1, capacity, file);
    fclose(file);
    return bytes;
}

static void show(const struct hone_observation *seen) {
    printf("verdict  %s", hone_outcome_name(seen->verdict));
    printf(seen->reason ? " (%.24s)\n" : "\n", seen->reason_name);
    if (!isnan(seen->speedup))
        printf("speedup  %.2f (%.2f to %.2f)\n", seen->speedup, seen->speedup_low,
               seen->speedup_high);
    printf("reward   %.4f\n%s\n", seen->reward, hone_text(seen, HONE_FEEDBACK));
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
    const struct hone_observation *seen;
    int status = hone_reset(hone, 0, arguments[2], 0, &seen);
    if (!status) {
        printf("%s\n", hone_text(seen, HONE_PROMPT));

        size_t capacity;
        char *source = hone_action_buffer(hone, 0, &capacity);
        struct hone_action action = {
            .language = count > 4 ? arguments[4] : "c",
            .source_bytes = read_file(arguments[3], source, capacity),
        };
        status = hone_step(hone, 0, &action, &seen);
    }
    if (status)
        fprintf(stderr, "tiny: %s\n", hone_message(hone));
    else
        show(seen);
    hone_close(hone);
    return status != 0;
}
