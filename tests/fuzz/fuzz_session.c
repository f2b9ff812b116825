/* A hostile agent writes to every byte of its UP segment, truncates what it was given by name, and
 * says anything on its socket: the server lives, keeps nothing of it, and serves another lane as
 * ever.
 *
 * Server and agents are one process and one thread: after every few acts of the agent the loop runs
 * for some turns. The input is a list of acts, each a byte and what it needs. */
#include "tests/echo_server.h"

#include "core/log.h"
#include "ipc/ring.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#define REQUIRE(condition)                                                                         \
    do                                                                                             \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            abort();                                                                               \
        }                                                                                          \
    while (0)
#define BLOCK_BYTES 4096
#define HOSTILE 2
#define ACTS_MAX 200
#define LOOKS 3 /* at descriptors, in one run of the loop, which looks every 32 turns */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct agent {
    int socket; /* -1: not connected */
    char *up, *down;
    size_t up_bytes, down_bytes;
    struct hone_ring requests, replies;
    int up_file;
    uint32_t blocks, block_bytes; /* where sources go, as the server said */
};

static struct server {
    struct hone_loop *loop;
    struct hone_session *session;
    char directory[64];
    struct agent honest;
    uint32_t turns_left;
} server;

struct input {
    const uint8_t *at;
    size_t left;
};

static uint32_t take(struct input *input, uint32_t bytes) {
    uint32_t value = 0;
    for (; bytes && input->left; bytes--, input->left--)
        value = value << 8 | *input->at++;
    return value;
}

/* ---- the server ---- */

static bool count_down(void *context) {
    struct server *own = context;
    if (own->turns_left && --own->turns_left)
        return true; /* busy, so that it does not sleep */
    hone_loop_stop(own->loop);
    return true;
}

static void turn(void) {
    server.turns_left = LOOKS * 32 + 1;
    REQUIRE(hone_loop_run(server.loop) == 0);
}

static void connect_agent(struct agent *agent) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/fuzz.sock", server.directory);
    *agent = (struct agent){.up_file = -1};
    agent->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    REQUIRE(agent->socket >= 0);
    while (connect(agent->socket, (const void *)&address, sizeof address)) {
        REQUIRE(errno == EAGAIN); /* more came and went than the server has looked at */
        turn();
    }
}

static void leave(struct agent *agent) {
    if (agent->socket < 0)
        return;
    close(agent->socket);
    if (agent->up_file >= 0)
        close(agent->up_file);
    if (agent->up)
        munmap(agent->up, agent->up_bytes);
    if (agent->down)
        munmap(agent->down, agent->down_bytes);
    agent->socket = -1;
}

static char *map(int file, int protection, size_t *bytes) {
    struct stat facts;
    REQUIRE(fstat(file, &facts) == 0);
    *bytes = (size_t)facts.st_size;
    char *base = *bytes ? mmap(NULL, *bytes, protection, MAP_SHARED, file, 0) : MAP_FAILED;
    return base == MAP_FAILED ? NULL : base;
}

static struct hone_ring ring_of(char *base, struct hone_header *copy) {
    struct hone_header header;
    memcpy(&header, base, sizeof header);
    *copy = header;
    return (struct hone_ring){(struct hone_line *)(void *)(base + header.ring_offset),
                              header.line_count, 1};
}

/* By name: the welcome says which. */
static int open_named(const char *text, const char *key, int flags) {
    char name[96], path[128];
    const char *at = strstr(text, key);
    if (!at || sscanf(at + strlen(key), "\":\"%95[^\"]", name) != 1)
        return -1;
    snprintf(path, sizeof path, "/dev/shm%s%s", name[0] == '/' ? "" : "/", name);
    return open(path, flags | O_CLOEXEC);
}

/* Whatever came on the socket; with it, perhaps, the segments. */
static void hear(struct agent *agent) {
    char text[8192];
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(3 * sizeof(int))];
    } control;
    struct iovec part = {text, sizeof text - 1};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    ssize_t got = recvmsg(agent->socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (got <= 0)
        return;
    text[got] = '\0';
    int files[3] = {-1, -1, -1};
    const struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
    if (rights && rights->cmsg_type == SCM_RIGHTS && rights->cmsg_len == CMSG_LEN(sizeof files))
        memcpy(files, CMSG_DATA(rights), sizeof files);
    else if (strstr(text, "\"map\":\"named\"") && !agent->up) {
        files[1] = open_named(text, "up_name", O_RDWR);
        files[2] = open_named(text, "down_name", O_RDONLY);
    }
    if (files[1] >= 0 && files[2] >= 0 && !agent->up) {
        agent->up = map(files[1], PROT_READ | PROT_WRITE, &agent->up_bytes);
        agent->down = map(files[2], PROT_READ, &agent->down_bytes);
        if (agent->up && agent->down) {
            struct hone_header header;
            agent->replies = ring_of(agent->down, &header);
            agent->requests = ring_of(agent->up, &header);
            agent->blocks = header.block_offset;
            agent->block_bytes = header.block_bytes;
        }
        agent->up_file = files[1];
        files[1] = -1;
    }
    for (int i = 0; i < 3; i++)
        if (files[i] >= 0)
            close(files[i]);
}

static void say(const struct agent *agent, const void *bytes, size_t count) {
    (void)send(agent->socket, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void greet(const struct agent *agent, uint32_t slots, bool named, uint32_t wake,
                  uint32_t token) {
    static const char *const wakes[] = {"futex", "socket", "semaphore", "odd"};
    char line[256];
    int count = snprintf(line, sizeof line,
                         "{\"hone\":\"hello\",\"major\":%d,\"minor\":%d,\"layout\":\"%016llx\","
                         "\"slots\":%u,\"map\":\"%s\",\"wake\":\"%s\",\"token\":\"%x\"}\n",
                         HONE_LAYOUT_MAJOR, HONE_LAYOUT_MINOR, HONE_LAYOUT_HASH, slots,
                         named ? "named" : "memfd", wakes[wake % 4], token);
    say(agent, line, (size_t)count);
}

/* ---- the honest lane ---- */

static void publish(struct agent *agent, const struct hone_line *line) {
    hone_ring_publish(&agent->requests, line);
    say(agent, "\n", 1);
}

static void put_source(struct agent *agent, uint32_t slot, const char *source, size_t bytes) {
    size_t at = agent->blocks + (size_t)slot * agent->block_bytes;
    struct hone_action_block block = {.language = "c"};
    if (at + sizeof block + bytes > agent->up_bytes)
        return;
    memcpy(agent->up + at, &block, sizeof block);
    memcpy(agent->up + at + sizeof block, source, bytes);
}

static void expect_service(void) {
    struct agent *agent = &server.honest;
    struct hone_line answer;
    static const char source[] = "hello";
    put_source(agent, 0, source, 5);
    publish(agent, &(struct hone_line){.op = HONE_OP_STEP, .bytes = 5});
    for (int tries = 0; hone_ring_poll(&agent->replies) != HONE_RING_READY; tries++) {
        REQUIRE(tries < 100);
        turn();
    }
    hone_ring_take(&agent->replies, &answer);
    __atomic_store_n(&((struct hone_up *)(void *)agent->up)->consumed, answer.sequence,
                     __ATOMIC_RELEASE);
    REQUIRE(answer.status == 0 && answer.tag == agent->requests.next - 1);
    struct hone_header header;
    struct hone_observation seen;
    memcpy(&header, agent->down, sizeof header);
    memcpy(&seen, agent->down + header.block_offset, sizeof seen);
    REQUIRE(seen.reward == 5 && seen.verdict == HONE_OUTCOME_PASSED);
    while (recv(agent->socket, &header, sizeof header, MSG_DONTWAIT) > 0)
        continue;
}

static void start(void) {
    static const struct hone_session_events events = {NULL, echo_attached, echo_request,
                                                      echo_detached};
    struct hone_error error = {""};
    struct hone_session_options options = {.name = "fuzz",
                                           .private_socket = -1,
                                           .directory = server.directory,
                                           .named_segments = true,
                                           .lanes_max = 4,
                                           .slots_max = 64,
                                           .action_bytes = BLOCK_BYTES,
                                           .observation_bytes = BLOCK_BYTES,
                                           .catalogue = "[]"};
    hone_log_level(HONE_LOG_ERROR);
    strcpy(server.directory, "/tmp/hone-fuzz-XXXXXX");
    REQUIRE(mkdtemp(server.directory));
    REQUIRE(hone_loop_create(&server.loop) == 0);
    REQUIRE(hone_session_create(server.loop, &options, &events, &server.session, &error) == 0);
    REQUIRE(hone_loop_watch(server.loop, &(struct hone_watcher){&server, count_down, NULL}) == 0);
    connect_agent(&server.honest);
    greet(&server.honest, 1, false, 0, 0);
    turn();
    hear(&server.honest);
    REQUIRE(server.honest.up && server.honest.down);
}

/* Sockets, locks and named memory go with the process that fuzzes. */
static void stop(void) {
    leave(&server.honest);
    hone_session_destroy(server.session);
    hone_loop_destroy(server.loop);
    rmdir(server.directory);
}

/* ---- acts ---- */

static void say_call(const struct agent *agent, struct input *input) {
    static const char *const methods[] = {"attach", "reset", "step", "goto",  "fork",
                                          "cancel", "stop",  "ping", "stats", "tasks"};
    static const char *const values[] = {
        "0",    "1",    "2",        "5",        "64",       "4294967296", "-1",    "\"0x10\"",
        "null", "true", "\"hold\"", "\"late\"", "\"fail\"", "16",      "1e300", "{}"};
    static const char *const keys[] = {"slot", "slots", "source", "node",   "to_slot",
                                       "task", "turn",  "token",  "stages", "force"};
    char line[512];
    int used = snprintf(line, sizeof line, "{\"id\":%u,\"method\":\"%s\",\"params\":{",
                        take(input, 1), methods[take(input, 1) % 10]);
    uint32_t count = take(input, 1) % 4;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t choice = take(input, 1);
        used += snprintf(line + used, sizeof line - (size_t)used, "%s\"%s\":%s", i ? "," : "",
                         keys[choice % 10], values[take(input, 1) % 16]);
    }
    used += snprintf(line + used, sizeof line - (size_t)used, "}}\n");
    say(agent, line, (size_t)used);
}

/* After a truncation by another act our own mapping has a hole too. */
static bool has(const struct agent *agent, size_t end) {
    struct stat facts;
    return agent->up && agent->down && !fstat(agent->up_file, &facts) && end <= agent->up_bytes &&
           (size_t)facts.st_size >= agent->up_bytes;
}

static void scribble(struct agent *agent, struct input *input) {
    size_t at = take(input, 3), count = take(input, 1) % 65;
    if (agent->up && at >= agent->up_bytes)
        at %= agent->up_bytes;
    for (size_t i = 0; i < count && has(agent, at + i + 1); i++)
        agent->up[at + i] = (char)take(input, 1);
}

static void send_line(struct agent *agent, struct input *input) {
    static const char *const sources[] = {"hold", "late", "fail", "long", "x", ""};
    struct hone_line line = {.op = (uint16_t)(take(input, 1) % 12),
                             .slot = take(input, 1) % 20,
                             .to_slot = take(input, 1) % 20,
                             .node = take(input, 2)};
    const char *source = sources[take(input, 1) % 6];
    uint32_t choice = take(input, 1);
    if (!has(agent, agent->up_bytes))
        return;
    line.bytes = choice < 200 ? (uint32_t)strlen(source) : take(input, 4);
    if (choice < 250)
        put_source(agent, line.slot, source, strlen(source));
    if (choice % 3 == 0)
        line.slot |= take(input, 4);
    publish(agent, &line);
}

static void act(struct agent *agent, struct input *input) {
    uint32_t what = take(input, 1) % 12, count;
    if (agent->socket < 0)
        connect_agent(agent);
    switch (what) {
    case 0:
        leave(agent);
        break;
    case 1:
        count = take(input, 1);
        greet(agent, count % 24, count & 32, count >> 6, take(input, 2));
        turn();
        hear(agent);
        break;
    case 2:
        count = take(input, 1);
        count = count < input->left ? count : (uint32_t)input->left;
        say(agent, input->at, count);
        input->at += count;
        input->left -= count;
        break;
    case 3:
        say(agent, "\n", 1);
        break;
    case 4:
        say_call(agent, input);
        break;
    case 5:
        hear(agent);
        break;
    case 6:
        if (agent->up_file >= 0) /* sealed memory refuses */
            (void)!ftruncate(agent->up_file, (off_t)take(input, 2) * 4);
        break;
    case 7:
    case 8:
        scribble(agent, input);
        break;
    case 9:
        turn();
        break;
    default:
        send_line(agent, input);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct agent hostile[HOSTILE];
    struct input input = {data, size};
    if (!server.session) {
        start();
        atexit(stop);
    }
    for (int i = 0; i < HOSTILE; i++)
        hostile[i].socket = -1;
    for (int i = 0; i < ACTS_MAX && input.left; i++)
        act(&hostile[*input.at >> 7], &input);
    turn();
    expect_service();
    for (int i = 0; i < HOSTILE; i++)
        leave(&hostile[i]);
    turn();
    turn();
    REQUIRE(hone_session_counters(server.session)->lanes == 1);
    expect_service();
    return 0;
}
