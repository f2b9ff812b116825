#include "core/plugin_check.h"

#include "core/clock.h"
#include "core/settings.h"
#include "core/settings_schema.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LIMIT_MS 30000 /* for everything: each call is meant to take far less than a second */
#define OPTIONS_MAX 64

void hone_check_doing(struct hone_check *check, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(check->board->doing, sizeof check->board->doing, format, arguments);
    va_end(arguments);
}

void hone_check_passed(struct hone_check *check) {
    printf("ok    %s\n", check->board->doing);
    atomic_fetch_add(&check->board->passed, 1);
}

void hone_check_failed(struct hone_check *check, const char *format, ...) {
    va_list arguments;
    printf("FAIL  %s: ", check->board->doing);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    atomic_fetch_add(&check->board->failed, 1);
}

static bool is_line(const char *text) {
    return text && *text && !strpbrk(text, "\r\n");
}

static void check_symbols(struct hone_check *check, const char *path) {
    char others[300];
    struct hone_error why = {{0}};
    hone_check_doing(check, "symbols");
    if (hone_plugin_symbols(path, others, sizeof others, &why))
        hone_check_failed(check, "%s", why.text);
    else if (*others)
        hone_check_failed(
            check, "exports besides hone_plugin:%s (compile with -fvisibility=hidden)", others);
    else
        hone_check_passed(check);
}

static void check_names(struct hone_check *check) {
    const struct hone_plugin *plugin = check->loaded->plugin;
    const char *path = check->loaded->path, *slash = strrchr(path, '/');
    const char *file = slash ? slash + 1 : path;
    size_t length = strlen(plugin->name);
    hone_check_doing(check, "name, version, summary");
    if (strncmp(file, plugin->name, length) || strcmp(file + length, ".so"))
        hone_check_failed(check,
                          "the file %s holds the plugin \"%s\": settings and search need one "
                          "name for both",
                          file, plugin->name);
    else if (!is_line(plugin->version) || !is_line(plugin->summary))
        hone_check_failed(check, "version and summary must be one line each");
    else
        hone_check_passed(check);
}

static const char *wrong_with(const struct hone_option *option, const struct hone_option *all) {
    for (const struct hone_option *before = all; before < option; before++)
        if (!strcmp(before->name, option->name))
            return "there are two of that name";
    if (strspn(option->name, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(option->name))
        return "its name is not made of a-z, 0-9 and _";
    if (!is_line(option->summary))
        return "its summary must be one line";
    if (option->type < HONE_FLAG || option->type > HONE_CHOICE)
        return "its type is unknown";
    if ((option->type == HONE_CHOICE) != (option->choices != NULL))
        return "choices belong to HONE_CHOICE, and to nothing else";
    if ((option->type == HONE_INTEGER || option->type == HONE_REAL) &&
        !(option->low < option->high))
        return "its bounds are empty";
    if (option->fallback && !hone_option_accepts(option, option->fallback))
        return "its default is not one of the values it accepts";
    return NULL;
}

static bool check_options(struct hone_check *check) {
    const struct hone_option *options = check->loaded->plugin->options;
    bool good = true;
    int count = 0;
    for (const struct hone_option *o = options; o && o->name; o++) {
        hone_check_doing(check, "option %s", o->name);
        const char *wrong = ++count > OPTIONS_MAX ? "there are too many" : wrong_with(o, options);
        if (wrong)
            hone_check_failed(check, "%s", wrong);
        else
            hone_check_passed(check);
        good = good && !wrong;
        if (count > OPTIONS_MAX)
            break;
    }
    return good;
}

static void ignore_log(void *self, int32_t level, const char *text) {
    (void)self, (void)level, (void)text;
}

static uint64_t now_ns(void *self) {
    (void)self;
    return hone_now_ns();
}

static const void *lend_service(void *self, const char *id) {
    const struct hone_places *places = self;
    return strcmp(id, "hone.places/1") ? NULL : places->tasks;
}

/* A value for every option: the default, or one within bounds. */
static void choose_settings(const struct hone_option *options, struct hone_setting *settings,
                            char made_up[OPTIONS_MAX][64]) {
    for (int i = 0; options && options[i].name; i++) {
        const struct hone_option *o = &options[i];
        if (o->type == HONE_FLAG)
            snprintf(made_up[i], 64, "yes");
        else if (o->type == HONE_INTEGER)
            snprintf(made_up[i], 64, "%.0f", o->low);
        else if (o->type == HONE_REAL)
            snprintf(made_up[i], 64, "%.17g", o->low);
        else if (o->type == HONE_CHOICE)
            snprintf(made_up[i], 64, "%.*s", (int)strcspn(o->choices, " "), o->choices);
        settings[i] = (struct hone_setting){o->name, o->fallback ? o->fallback : made_up[i]};
    }
}

/* Two instances at once: nothing may be global. */
static void check_calls(struct hone_check *check) {
    const struct hone_plugin *plugin = check->loaded->plugin;
    struct hone_setting settings[OPTIONS_MAX + 1] = {{NULL, NULL}};
    char made_up[OPTIONS_MAX][64] = {""};
    struct hone_error why = {{0}};
    struct hone_places places = {{0}, {0}, {0}, {0}, {0}};
    const struct hone_host host = {.size = sizeof host,
                                   .self = &places,
                                   .log = ignore_log,
                                   .now_ns = now_ns,
                                   .service = lend_service};
    void *other = NULL;
    hone_places(&places, NULL);
    choose_settings(plugin->options, settings, made_up);
    hone_check_doing(check, "create");
    int result = plugin->create(&host, settings, &check->self, &why);
    if (result) {
        why.text[sizeof why.text - 1] = '\0';
        hone_check_failed(check, "%d: %s", result, *why.text ? why.text : "no text");
        return;
    }
    hone_check_passed(check);
    hone_check_doing(check, "create a second one, and destroy it");
    result = plugin->create(&host, settings, &other, NULL);
    if (result) {
        hone_check_failed(check, "%d", result);
    } else {
        plugin->destroy(other);
        hone_check_passed(check);
    }
    if (plugin->kind == HONE_REWARD)
        hone_check_reward(check);
    else if (plugin->kind == HONE_DETECTOR)
        hone_check_detector(check);
    else if (plugin->kind == HONE_TASK)
        hone_check_task(check);
    else
        hone_check_hardware(check);
    hone_check_doing(check, "destroy, also of NULL");
    plugin->destroy(check->self);
    plugin->destroy(NULL);
    hone_check_passed(check);
}

static void run_checks(struct hone_check_board *board, const char *path) {
    struct hone_loaded loaded;
    struct hone_error why = {{0}};
    struct hone_check check = {.board = board, .loaded = &loaded};
    check_symbols(&check, path);
    hone_check_doing(&check, "load");
    if (hone_load_any(path, &loaded, &why)) {
        hone_check_failed(&check, "%s", why.text);
        return;
    }
    hone_check_passed(&check);
    hone_print_manual(&loaded);
    check_names(&check);
    if (check_options(&check))
        check_calls(&check);
}

/* False when the child is still running after `limit_ms`. */
static bool wait_for(pid_t child, int limit_ms, int *status) {
    struct pollfd ended = {.fd = pidfd_open(child, 0), .events = POLLIN};
    int ready = 1;
    if (ended.fd >= 0) {
        do
            ready = poll(&ended, 1, limit_ms);
        while (ready < 0 && errno == EINTR);
        close(ended.fd);
    }
    if (!ready)
        kill(child, SIGKILL);
    while (waitpid(child, status, 0) < 0 && errno == EINTR)
        ;
    return ready != 0;
}

int hone_plugin_check(const char *path) {
    struct hone_check_board *board =
        mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int status = 0;
    if (board == MAP_FAILED) {
        fprintf(stderr, "hone plugin check: out of memory\n");
        return 1;
    }
    fflush(stdout);
    pid_t child = fork();
    if (child < 0) {
        fprintf(stderr, "hone plugin check: %s\n", strerror(errno));
        munmap(board, sizeof *board);
        return 1;
    }
    if (!child) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        setvbuf(stdout, NULL, _IOLBF, 0); /* what was said before a crash is kept */
        run_checks(board, path);
        atomic_store(&board->finished, 1);
        fflush(stdout);
        _exit(0);
    }
    bool in_time = wait_for(child, LIMIT_MS, &status);
    struct hone_check check = {.board = board};
    board->doing[sizeof board->doing - 1] = '\0';
    if (!in_time)
        hone_check_failed(&check, "did not return within %d s", LIMIT_MS / 1000);
    else if (WIFSIGNALED(status))
        hone_check_failed(&check, "crashed with signal %d (%s)", WTERMSIG(status),
                          strsignal(WTERMSIG(status)));
    else if (!atomic_load(&board->finished))
        hone_check_failed(&check, "ended the process with status %d", WEXITSTATUS(status));
    uint32_t failed = atomic_load(&board->failed);
    printf("%s: %u checks passed, %u failed\n", path, atomic_load(&board->passed), failed);
    munmap(board, sizeof *board);
    return failed ? 1 : 0;
}
