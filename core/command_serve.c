/* command_serve.c - `hone serve`: a supervisor that shares a session with agents until it is told
 * to stop. */
#include "core/command.h"

#include "core/environment.h"
#include "core/error.h"
#include "core/log.h"
#include "core/overrides.h"
#include "core/refill.h"
#include "core/store.h"
#include "core/text.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct arguments {
    const char *name, *group, *device, *run;
    bool named, private_server, trusted, keep, fresh;
    struct hone_overrides overrides;
};

/* Everything that is up, in the order it came up. */
struct server {
    struct hone_settings *settings;
    struct hone_engine *engine;
    struct hone_store *store;
    bool continued; /* the store goes on with an earlier server's run */
    struct hone_loop *loop;
    struct hone_environment *environment;
    struct hone_session *session;
    char *catalogue;
    int signals;
};

static bool parse(int argc, char **argv, struct arguments *arguments, int *status) {
    const struct hone_command_option options[] = {
        {"named", NULL, "offer POSIX shared memory by name beside sealed memory", hone_take_yes,
         &arguments->named, 0},
        {"group", "NAME", "let members of a Unix group attach", hone_take_text, &arguments->group,
         0},
        {"device", "ID", "cpu, cuda:0 ...; default: the first there is", hone_take_text,
         &arguments->device, 0},
        HONE_PLUGIN_OPTIONS(&arguments->overrides),
        HONE_SETTINGS_OPTIONS(&arguments->overrides),
        {"trusted", NULL, "run untrusted code even where confinement is weaker than C",
         hone_take_yes, &arguments->trusted, 0},
        {"run", "RUN", "go on with that run: a name, the beginning of one, a path or `last`",
         hone_take_text, &arguments->run, 0},
        {"new", NULL, "begin a new run whatever became of the last one", hone_take_yes,
         &arguments->fresh, 0},
        {"no-store", NULL, "keep no record", hone_take_no, &arguments->keep, 0},
        {"private", NULL, "serve the one agent at descriptor 3 (hone_open() does this)",
         hone_take_yes, &arguments->private_server, 0},
        {0},
    };
    const struct hone_command_line line = {
        .command = "hone serve",
        .synopsis = "[NAME]",
        .purpose = "Serve agents that attach to the session NAME (default: `default`) until SIGINT "
                   "or SIGTERM.\n"
                   "Where the last server of that name was killed, its run goes on: agents that "
                   "come back with\ntheir token find their episodes.",
        .options = options,
        .operands = &arguments->name,
        .most = 1,
    };
    if (!hone_command_line_read(&line, argc, argv, status))
        return false;
    if (!arguments->run || (!arguments->fresh && arguments->keep))
        return true;
    fprintf(stderr, "hone serve: --run goes with neither --new nor --no-store\n");
    *status = HONE_EXIT_USAGE;
    return false;
}

static void stop_on_signal(void *context, uint32_t events) {
    (void)events;
    struct server *server = context;
    struct signalfd_siginfo info;
    ssize_t got = read(server->signals, &info, sizeof info);
    (void)got;
    hone_loop_stop(server->loop);
}

/* Blocked before any thread starts, so that only the loop takes them. */
static int catch_signals(struct server *server) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    server->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return server->signals < 0 ? -errno : 0;
}

static char *make_catalogue(const struct hone_engine *engine) {
    uint32_t count;
    const struct hone_task *const *tasks = hone_engine_tasks(engine, &count);
    json_t *list = json_array();
    for (uint32_t i = 0; i < count; i++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s}", "id", tasks[i]->id, "version",
                                              tasks[i]->version, "title", tasks[i]->title, "hash",
                                              tasks[i]->hash));
    char *text = json_dumps(list, HONE_JSON_FLAGS | JSON_COMPACT);
    json_decref(list);
    return text;
}

static int open_session(struct server *server, const struct arguments *arguments,
                        struct hone_error *error) {
    const struct hone_settings *settings = server->settings;
    const char *directory = hone_settings_text(settings, "server", "directory");
    struct hone_session_events events = hone_environment_events(server->environment);
    struct hone_session_options options = {
        .name = arguments->private_server ? NULL
                : arguments->name         ? arguments->name
                                          : hone_settings_text(settings, "server", "name"),
        .private_socket = arguments->private_server ? 3 : -1,
        .group = arguments->group,
        .directory = *directory ? directory : NULL,
        .named_segments = arguments->named,
        .lanes_max = (uint32_t)hone_settings_integer(settings, "server", "lanes"),
        .slots_max = (uint32_t)hone_settings_integer(settings, "server", "slots"),
        .action_bytes = (uint32_t)hone_settings_integer(settings, "server", "action_bytes"),
        .observation_bytes =
            (uint32_t)hone_settings_integer(settings, "server", "observation_bytes"),
        .catalogue = server->catalogue,
    };
    return hone_session_create(server->loop, &options, &events, &server->session, error);
}

/* The run that was asked for, or the one that this server's predecessor was killed in. -ENOENT:
 * none, begin a new one. */
static int continue_store(struct server *server, const struct arguments *arguments,
                          const char *root, const struct hone_run_facts *facts,
                          struct hone_error *error) {
    char *path = NULL;
    int code = arguments->run ? hone_run_find(root, arguments->run, &path, error)
                              : hone_store_find_killed(root, facts->name, &path, error);
    if (!code)
        code =
            hone_store_continue(path, facts, hone_settings_flag(server->settings, "store", "fsync"),
                                &server->store, error);
    free(path);
    server->continued = !code;
    if (arguments->run || (code != -ESTALE && code != -EBUSY))
        return code;
    hone_log(HONE_LOG_WARN, "a new run begins: %s", error->text);
    return -ENOENT;
}

/* What agents sent earlier is not measured again. */
static void refill_cache(struct server *server, const char *root) {
    uint64_t count = hone_refill(server->engine, root, hone_store_path(server->store));
    if (count)
        hone_log(HONE_LOG_INFO, "%llu results of earlier steps are known",
                 (unsigned long long)count);
}

static int open_store(struct server *server, const struct arguments *arguments,
                      struct hone_error *error) {
    if (!arguments->keep)
        return 0;
    const char *path = hone_settings_text(server->settings, "store", "path");
    const char *root = *path ? path : NULL;
    struct hone_run_facts facts = {arguments->private_server ? "private"
                                   : arguments->name         ? arguments->name
                                                             : "serve",
                                   hone_engine_facts(server->engine)};
    int code = arguments->fresh || arguments->private_server
                   ? -ENOENT
                   : continue_store(server, arguments, root, &facts, error);
    if (code == -ENOENT && !arguments->run)
        code =
            hone_store_create(root, &facts, hone_settings_flag(server->settings, "store", "fsync"),
                              &server->store, error);
    if (!code && !arguments->private_server)
        refill_cache(server, root);
    return code;
}

/* Every agent takes four, and the usual limit is meant for programs that select(). */
static void raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit))
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

static int start(struct server *server, const struct arguments *arguments,
                 struct hone_error *error) {
    struct hone_engine_options options = {
        .device = arguments->device,
        .lasting = arguments->keep,
        .trusted = arguments->trusted || hone_settings_flag(server->settings, "server", "trusted"),
    };
    raise_descriptor_limit();
    int code = hone_loop_create(&server->loop);
    if (!code)
        code = catch_signals(server);
    if (!code)
        code = hone_loop_add(server->loop, server->signals, EPOLLIN, stop_on_signal, server);
    if (code)
        return hone_fail(error, code, "cannot start a loop: %s", strerror(-code));
    code = hone_engine_create(server->settings, &options, &server->engine, error);
    if (!code)
        code = open_store(server, arguments, error);
    if (!code)
        code = hone_environment_create(server->settings, server->engine, server->store,
                                       server->loop, &server->environment, error);
    if (!code && server->continued)
        code = hone_environment_restore(server->environment, hone_store_path(server->store), error);
    if (code)
        return code;
    server->catalogue = make_catalogue(server->engine);
    code = open_session(server, arguments, error);
    if (!code)
        hone_environment_serve(server->environment, server->session);
    return code;
}

static int serve(struct server *server, const struct arguments *arguments) {
    if (!arguments->private_server)
        hone_log(HONE_LOG_INFO, "serving at %s, recorded in %s",
                 hone_session_socket(server->session),
                 server->store ? hone_store_path(server->store) : "nothing");
    return hone_loop_run(server->loop) ? HONE_EXIT_FAILED : 0;
}

/* Steps in flight are delivered while the session can still carry them. */
static void finish(struct server *server) {
    if (server->engine && server->session)
        hone_engine_stop(server->engine);
    hone_session_destroy(server->session);
    hone_environment_destroy(server->environment);
    hone_engine_destroy(server->engine);
    hone_store_destroy(server->store);
    if (server->signals >= 0) {
        hone_loop_remove(server->loop, server->signals);
        close(server->signals);
    }
    hone_loop_destroy(server->loop);
    hone_settings_close(server->settings);
    free(server->catalogue);
}

int hone_command_serve(int argc, char **argv) {
    struct arguments arguments = {.keep = true};
    struct server server = {.signals = -1};
    struct hone_error error = {""};
    int status;
    bool good = parse(argc, argv, &arguments, &status);
    if (good && hone_overrides_open(&arguments.overrides, &server.settings, &error)) {
        hone_command_fail("serve", &error);
        status = HONE_EXIT_USAGE;
    } else if (good) {
        /* Nobody of this uid reads seeds or oracle outputs out of our memory. */
        prctl(PR_SET_DUMPABLE, 0);
        status = start(&server, &arguments, &error) ? hone_command_fail("serve", &error)
                                                    : serve(&server, &arguments);
    }
    finish(&server);
    hone_overrides_finish(&arguments.overrides);
    return status;
}
