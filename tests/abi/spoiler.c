/* A reward that, told to, changes in turn 13 what belongs to its whole process, or reaches for what
 * is not its own. In every other turn its value is how many of those things are not as they were
 * when it was made: what a host must see to. */
#define _GNU_SOURCE
#include "plugins/reward.h"

#include <errno.h>
#include <fcntl.h>
#include <fenv.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#ifdef SPOIL_LOADING
__attribute__((constructor)) static void spoil_loading(void) {
    abort();
}
#endif

struct spoiler {
    const struct hone_host *host;
    char how[16], where[16], folder[512];
    mode_t mask;
};

/* What another plugin's results, or the times of its crashes, would depend on. */
static void spoil_process(void) {
    const struct itimerval often = {{0, 1000}, {0, 1000}};
    sigset_t all;
    fesetround(FE_UPWARD);
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL); /* first: the timer's signal would end the process */
    setitimer(ITIMER_REAL, &often, NULL);
    signal(SIGCHLD, SIG_IGN);
    uselocale(newlocale(LC_ALL_MASK, "C", (locale_t)0));
    umask(0777);
    setenv("PATH", "/nowhere", 1);
    setenv("HONE_TASKS", "/nowhere", 1);
    if (chdir("/"))
        _exit(1);
}

static double count_changes(const struct spoiler *s) {
    char folder[512] = "";
    struct itimerval timer;
    struct sigaction ended;
    sigset_t blocked;
    const mode_t mask = umask(s->mask);
    const char *path = getenv("PATH"), *tasks = getenv("HONE_TASKS");
    getitimer(ITIMER_REAL, &timer);
    sigprocmask(SIG_SETMASK, NULL, &blocked);
    sigaction(SIGCHLD, NULL, &ended);
    return (fegetround() != FE_TONEAREST) + (mask != s->mask) + (timer.it_interval.tv_usec != 0) +
           (sigismember(&blocked, SIGALRM) != 0) + (ended.sa_handler == SIG_IGN) +
           (uselocale((locale_t)0) != LC_GLOBAL_LOCALE) + (path && !strcmp(path, "/nowhere")) +
           (tasks && !strcmp(tasks, "/nowhere")) +
           (!getcwd(folder, sizeof folder) || strcmp(folder, s->folder));
}

static void open_many(void) {
    for (int i = 0; i < 400; i++)
        if (open("/dev/null", O_RDONLY) < 0)
            return;
}

static void misbehave(struct spoiler *s, const struct hone_evidence *evidence) {
    if (!strcmp(s->how, "process"))
        spoil_process();
    if (!strcmp(s->how, "close"))
        close(STDERR_FILENO);
    if (!strcmp(s->how, "replace"))
        dup2(STDIN_FILENO, STDERR_FILENO);
    if (!strcmp(s->how, "leak"))
        open_many();
    if (!strcmp(s->how, "fork"))
        fork(); /* and both go on */
    if (!strcmp(s->how, "write")) {
        signal(SIGSEGV, SIG_DFL); /* a sanitizer's host would make it an exit */
        ((struct hone_evidence *)(uintptr_t)evidence)->speedup = 1000;
    }
    if (!strcmp(s->how, "log"))
        for (int i = 0; i < 5000; i++)
            s->host->log(s->host->self, HONE_LOG_WARN, i ? "two\nlines" : NULL);
    if (!strcmp(s->how, "crash"))
        abort();
    while (!strcmp(s->how, "hang"))
        pause();
    if (!strcmp(s->how, "exit"))
        _exit(0);
}

static int create(const struct hone_host *host, const struct hone_setting *settings, void **self,
                  struct hone_error *error) {
    (void)error;
    struct spoiler *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    s->host = host;
    for (; settings->name; settings++) {
        if (!strcmp(settings->name, "how"))
            snprintf(s->how, sizeof s->how, "%s", settings->value);
        if (!strcmp(settings->name, "where"))
            snprintf(s->where, sizeof s->where, "%s", settings->value);
    }
    s->mask = umask(022);
    umask(s->mask);
    *self = s;
    if (!strcmp(s->where, "create"))
        misbehave(s, NULL);
    return getcwd(s->folder, sizeof s->folder) ? 0 : -errno;
}

static void destroy(void *self) {
    struct spoiler *s = self;
    if (s && !strcmp(s->where, "destroy"))
        misbehave(s, NULL);
    free(s);
}

static int score(void *self, const struct hone_evidence *evidence, double *reward) {
    struct spoiler *s = self;
    *reward = count_changes(s);
    if (!strcmp(s->where, "every") || (!strcmp(s->where, "score") && evidence->turn == 13))
        misbehave(s, evidence);
    return 0;
}

#ifdef SPOIL_GROUPS
static int score_group(void *self, const struct hone_evidence *const *evidence, uint32_t count,
                       double *rewards) {
    for (uint32_t i = 0; i < count; i++)
        if (score(self, evidence[i], &rewards[i]))
            return -EIO;
    return 0;
}
static const struct hone_reward_ops ops = {.size = sizeof ops, .score_group = score_group};
#else
static const struct hone_reward_ops ops = {.size = sizeof ops, .score = score};
#endif

static const struct hone_option options[] = {
    {.name = "how",
     .fallback = "well",
     .summary = "what to do",
     .choices = "well process close replace leak fork write log crash hang exit",
     .type = HONE_CHOICE},
    {.name = "where",
     .fallback = "score",
     .summary = "in which call; score: in turn 13, every: in each",
     .choices = "score every create destroy",
     .type = HONE_CHOICE},
    {.name = NULL},
};

/* It claims what only the project's own may: to be safe enough for the supervisor. */
const struct hone_plugin hone_plugin = {.abi = HONE_PLUGIN_ABI,
                                        .size = sizeof hone_plugin,
                                        .kind = HONE_REWARD,
                                        .flags = HONE_PLUGIN_TRIVIAL,
                                        .name = "spoiler",
                                        .version = "1",
                                        .summary = "spoils its process",
                                        .options = options,
                                        .create = create,
                                        .destroy = destroy,
                                        .reward = &ops};
