/* command_serve.c - `hone serve`: a supervisor that shares a session with agents until it is told
 * to stop. */
#include "core/command.h"

#include "core/environment.h"
#include "core/log.h"
#include "core/refill.h"
#include "core/store.h"
#include "core/text.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
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

static const char usage[] =
    "usage: hone serve [NAME] [OPTION ...]\n"
    "\n"
    "Serve agents that attach to the session NAME (default: `default`) until SIGINT or SIGTERM.\n"
    "Where the last server of that name was killed, its run goes on: agents that come back with\n"
    "their token find their episodes.\n"
    "\n"
    "  --named          offer POSIX shared memory by name beside sealed memory\n"
    "  --group NAME     let members of a Unix group attach\n"
    "  --device ID      cpu; default: the first there is\n"
    "  --reward N[=W]   reward instead of the settings'; may be given again\n"
    "  --detector N     detector beside the settings'; may be given again\n"
    "  --settings FILE  instead of etc/hone.ini\n"
    "  --set S.O=VALUE  one setting, e.g. episode.turns=4\n"
    "  --trusted        run untrusted code even where confinement is weaker than C\n"
    "  --run RUN        go on with that run: a name, the beginning of one, a path or `last`\n"
    "  --new            begin a new run whatever became of the last one\n"
    "  --no-store       keep no record\n"
    "  --private        serve the one agent at descriptor 3 (hone_open() does this)\n";

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

enum { NAMED = 256, GROUP, DEVICE, TRUSTED, NO_STORE, RUN, NEW, PRIVATE, HELP };

static const struct option long_options[] = {
    {"named", no_argument, NULL, NAMED},
    {"group", required_argument, NULL, GROUP},
    {"device", required_argument, NULL, DEVICE},
    HONE_OVERRIDE_OPTIONS,
    {"trusted", no_argument, NULL, TRUSTED},
    {"no-store", no_argument, NULL, NO_STORE},
    {"run", required_argument, NULL, RUN},
    {"new", no_argument, NULL, NEW},
    {"private", no_argument, NULL, PRIVATE},
    {"help", no_argument, NULL, HELP},
    {0},
};

/* 0: go on; -1: help was printed; 2: wrong usage. */
static int parse(int argc, char **argv, struct arguments *arguments) {
    bool good = true;
    for (int option; good && (option = getopt_long(argc, argv, "", long_options, NULL)) != -1;) {
        switch (option) {
        case NAMED:
            arguments->named = true;
            break;
        case GROUP:
            arguments->group = optarg;
            break;
        case DEVICE:
            arguments->device = optarg;
            break;
        case TRUSTED:
            arguments->trusted = true;
            break;
        case NO_STORE:
            arguments->keep = false;
            break;
        case RUN:
            arguments->run = optarg;
            break;
        case NEW:
            arguments->fresh = true;
            break;
        case PRIVATE:
            arguments->private_server = true;
            break;
        case HELP:
            fputs(usage, stdout);
            return -1;
        default:
            good = hone_overrides_take(&arguments->overrides, option, optarg);
        }
    }
    if (good && optind < argc)
        arguments->name = argv[optind++];
    if (good && arguments->run && (arguments->fresh || !arguments->keep)) {
        fprintf(stderr, "hone serve: --run goes with neither --new nor --no-store\n");
        good = false;
    }
    if (!good || optind != argc) {
        fputs("`hone serve --help` tells more\n", stderr);
        return 2;
    }
    return 0;
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
    if (code) {
        snprintf(error->text, sizeof error->text, "cannot start a loop: %s", strerror(-code));
        return code;
    }
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
    int status = parse(argc, argv, &arguments);
    if (!status && hone_overrides_open(&arguments.overrides, &server.settings, &error)) {
        hone_command_fail("serve", &error);
        status = 2;
    }
    if (!status) {
        /* Nobody of this uid reads seeds or oracle outputs out of our memory. */
        prctl(PR_SET_DUMPABLE, 0);
        if (start(&server, &arguments, &error)) {
            status = hone_command_fail("serve", &error);
        } else {
            if (!arguments.private_server)
                hone_log(HONE_LOG_INFO, "serving at %s, recorded in %s",
                         hone_session_socket(server.session),
                         server.store ? hone_store_path(server.store) : "nothing");
            status = hone_loop_run(server.loop) ? 1 : 0;
        }
    }
    finish(&server);
    hone_overrides_finish(&arguments.overrides);
    return status < 0 ? 0 : status;
}
