/* What a candidate could find if it read all that it can: nothing of the supervisor's. */
#include "tests/audit.h"
#include "tests/cpu_run.h"
#include "tests/support.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <time.h>

TestSuite(audit, .timeout = 120);

/* Planted in the supervisor before its guest starts; volatile, so that no copy is optimised away.
 */
static const char secret[] = "canary-of-static-data-4c1d";
static char environment_value[] = "canary-of-the-environment-90e2";

static int count_entries(const char *path) {
    DIR *folder = opendir(path);
    int count = 0;
    cr_assert(ne(ptr, folder, NULL), "%s: %s", path, strerror(errno));
    for (struct dirent *entry; (entry = readdir(folder));)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

/* A number behind `key` in /proc/PID/status. */
static unsigned long long status_of(pid_t pid, const char *key, int base) {
    char path[64], line[256];
    unsigned long long value = ~0ull;
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, key, strlen(key)) == 0)
            value = strtoull(line + strlen(key) + 1, NULL, base);
    if (file)
        fclose(file);
    return value;
}

/* A parked candidate that has run once, at the strongest level there is. */
struct subject {
    struct cpu_build build;
    void *process;
    struct audit audit;
    char *heap;
    int descriptor;
};

static struct subject subject;

static void set_up(void) {
    struct hone_error error;
    struct hone_go_result result;
    struct hone_device device = {.size = sizeof device};
    if (geteuid())
        cr_skip_test("only root can look into a process that is not to be looked into");
    setenv("HONE_TEST_CANARY", environment_value, 1);
    subject.heap = malloc(4096);
    strcpy(subject.heap, "canary-of-the-heap-77b0");
    subject.descriptor = open("/proc/self/exe", O_RDONLY); /* without close-on-exec */
    cr_assert(cpu_open(&bench, true, &error), "%s", error.text);
    bench.ops->describe(bench.self, 0, &device);
    if (device.confinement[0] > 'A')
        cr_skip_test("level %s here", device.confinement);
    subject.process = start_source("char marker[] = \"canary-of-the-candidate-1f3a\";\n" CPU_SOLVE
                                   "{ (void)x, (void)n, (void)alpha; y[0] = marker[n]; }",
                                   "", &subject.build);
    cr_assert(eq(int, cpu_go(&bench, subject.process, 0, 0, SECOND, &result), 0));
    cr_assert(eq(u32, result.status, HONE_GO_DONE));
    pid_t candidate = first_child(first_child(getpid()));
    cr_assert(lt(int, 0, candidate));
    cr_assert(audit_open(&subject.audit, candidate), "%s", strerror(errno));
}

static void tear_down(void) {
    audit_close(&subject.audit);
    if (subject.process)
        bench.ops->process_stop(subject.process);
    hone_jail_finish(&subject.build.jail);
    cpu_close(&bench);
    close(subject.descriptor);
    free(subject.heap);
}

static uint64_t find(const char *text) {
    uint64_t read;
    uint64_t found = audit_find(&subject.audit, text, strlen(text), &read);
    if (!found)
        cr_assert(lt(u64, 8u << 20, read), "the stack at least can be read");
    return found;
}

Test(audit, finds_nothing_of_the_supervisor_in_a_candidate, .init = set_up, .fini = tear_down) {
    /* That it finds what is there, it shows by the candidate's own. */
    cr_assert(ne(u64, find("canary-of-the-candidate-1f3a"), 0));
    cr_expect(zero(u64, find(secret)));
    cr_expect(zero(u64, find(environment_value)));
    cr_expect(zero(u64, find("HONE_TEST_CANARY")));
    cr_expect(zero(u64, find(subject.heap)));
    cr_expect(zero(u64, find("PATH=")));
}

Test(audit, finds_no_shared_memory_but_words_input_and_output, .init = set_up, .fini = tear_down) {
    static const struct {
        uint64_t begin, bytes;
        const char *rights;
    } wanted[] = {{0x5ffc0000, 0x40000, "r--s"},
                  {CPU_INPUT, CPU_BYTES, "r--s"},
                  {CPU_OUTPUT, CPU_BYTES, "rw-s"}};
    size_t shared = 0;
    for (size_t i = 0; i < subject.audit.count; i++) {
        const struct audit_map *map = &subject.audit.maps[i];
        if (map->rights[3] != 's')
            continue;
        cr_assert(lt(sz, shared, 3), "more shared memory, at 0x%llx: %s",
                  (unsigned long long)map->begin, map->name);
        cr_expect(eq(u64, map->begin, wanted[shared].begin));
        cr_expect(eq(u64, map->end - map->begin, wanted[shared].bytes));
        cr_expect(eq(str, (char *)map->rights, (char *)wanted[shared].rights));
        shared++;
    }
    cr_expect(eq(sz, shared, 3));
}

Test(audit, finds_no_code_that_can_be_written_and_no_clock, .init = set_up, .fini = tear_down) {
    int code = 0;
    for (size_t i = 0; i < subject.audit.count; i++) {
        const struct audit_map *map = &subject.audit.maps[i];
        int both = map->rights[1] == 'w' && map->rights[2] == 'x';
        cr_expect(zero(int, both), "%s at 0x%llx", map->rights, (unsigned long long)map->begin);
        cr_expect(zero(ptr, strstr(map->name, "vvar")));
        cr_expect(zero(ptr, strstr(map->name, "vdso")));
        code += map->rights[2] == 'x' && strcmp(map->name, "[vsyscall]") != 0;
    }
    cr_expect(eq(int, code, 2), "the candidate's and the guest's");
}

Test(audit, finds_no_descriptor_no_privilege_and_no_way_back, .init = set_up, .fini = tear_down) {
    char path[64];
    const pid_t pid = subject.audit.pid, guest = first_child(getpid());
    snprintf(path, sizeof path, "/proc/%d/fd", pid);
    cr_expect(eq(int, count_entries(path), 0));
    snprintf(path, sizeof path, "/proc/%d/fd", guest);
    cr_expect(le(int, count_entries(path), 2), "its socket, and the pidfd of its child");
    snprintf(path, sizeof path, "/proc/%d/root", pid);
    cr_expect(eq(int, count_entries(path), 0));
    cr_expect(eq(ullong, status_of(pid, "CapEff:", 16), 0));
    cr_expect(eq(ullong, status_of(pid, "CapPrm:", 16), 0));
    cr_expect(eq(ullong, status_of(guest, "CapPrm:", 16), 0));
    cr_expect(eq(ullong, status_of(pid, "NoNewPrivs:", 10), 1));
    cr_expect(eq(ullong, status_of(pid, "Seccomp:", 10), 2));
    cr_expect(ge(ullong, status_of(pid, "Uid:", 10), 60001));
    cr_expect(ge(ullong, status_of(pid, "Gid:", 10), 60001));
    cr_expect(eq(ullong, status_of(pid, "Threads:", 10), 1));
    static const char *const spaces[] = {"pid", "mnt", "net", "ipc", "uts"};
    for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++) {
        char ours[64] = "", its[64] = "";
        snprintf(path, sizeof path, "/proc/self/ns/%s", spaces[i]);
        cr_assert(lt(long, 0, readlink(path, ours, sizeof ours - 1)));
        snprintf(path, sizeof path, "/proc/%d/ns/%s", pid, spaces[i]);
        cr_assert(lt(long, 0, readlink(path, its, sizeof its - 1)));
        cr_expect(ne(str, ours, its), "%s", spaces[i]);
    }
}

/* The same through a real server: its secret, its environment, and the outputs that its oracle
 * gives for the very inputs that the candidate sees. */
struct scene {
    char marker[32];
    uint64_t x, y, n;
    float a, b;
};

#define MARKER                                                                                     \
    "candidate-under-audit-" /* the source completes it, so that only its data has it              \
                              */

static const char spinning[] =
    "static volatile struct { char marker[32]; uint64_t x, y, n; float a, b; } scene =\n"
    "    {\"" MARKER "8d55\", 0, 0, 0, 0, 0};\n"
    "void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {\n"
    "    scene.a = a, scene.b = b, scene.y = (uint64_t)y, scene.n = (uint64_t)n;\n"
    "    scene.x = (uint64_t)x;\n"
    "    for (;;)\n"
    "        *(volatile float *)out = 0;\n"
    "}\n";

/* Whether this process runs our candidate, and where its scene is. */
static bool is_on_stage(struct audit *audit, pid_t pid, struct scene *scene) {
    if (!audit_open(audit, pid)) {
        audit_close(audit);
        return false;
    }
    for (size_t i = 0; i < audit->count; i++) {
        const struct audit_map *map = &audit->maps[i];
        if (map->begin < 0x400000 || map->begin >= 0x5ffc0000 || map->rights[1] != 'w')
            continue;
        uint8_t *bytes = audit_copy(audit, map);
        const uint8_t *at =
            bytes ? memmem(bytes, map->end - map->begin, MARKER "8d55", sizeof MARKER + 3) : NULL;
        if (at)
            memcpy(scene, at, sizeof *scene);
        free(bytes);
        if (at && scene->x)
            return true;
    }
    audit_close(audit);
    return false;
}

/* Stop the server while it waits for the candidate, so that there is time. */
static bool catch_candidate(const struct hone_test_server *server, struct audit *audit,
                            struct scene *scene) {
    for (int tries = 0; tries < 2000; tries++) {
        pid_t pids[32];
        int count = hone_test_processes(server, "hone-guest", pids, 32);
        for (int i = 0; i < count && i < 32; i++) {
            if (!is_on_stage(audit, pids[i], scene))
                continue;
            kill(server->pid, SIGSTOP);
            return true;
        }
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    return false;
}

static void expect_absent(const struct audit *audit, const void *bytes, size_t size,
                          const char *what) {
    uint64_t read;
    cr_expect(zero(u64, audit_find(audit, bytes, size, &read)), "%s", what);
    cr_expect(lt(u64, 8u << 20, read));
}

static void expect_no_outputs(const struct audit *audit, const struct scene *scene) {
    enum { RUN = 4 };
    float x[RUN], y[RUN], rounded[RUN];
    double exact[RUN];
    cr_assert(ge(u64, scene->n, RUN));
    cr_assert(audit_read(audit, scene->x, x, sizeof x));
    cr_assert(audit_read(audit, scene->y, y, sizeof y));
    for (int i = 0; i < RUN; i++) {
        exact[i] = (double)scene->a * x[i] + (double)scene->b * y[i];
        rounded[i] = (float)exact[i];
    }
    expect_absent(audit, exact, sizeof exact, "outputs of the oracle");
    expect_absent(audit, exact + 1, sizeof *exact, "one output of the oracle");
    expect_absent(audit, rounded, sizeof rounded, "rounded outputs of the oracle");
}

static void expect_no_secret(const struct audit *audit, const struct hone_test_server *server) {
    char path[160];
    uint8_t bytes[32];
    snprintf(path, sizeof path, "%s/hone/secret", server->root);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    cr_assert(ge(int, file, 0), "%s: %s", path, strerror(errno));
    cr_assert(eq(long, read(file, bytes, sizeof bytes), sizeof bytes));
    close(file);
    for (size_t i = 0; i < sizeof bytes; i += 8)
        expect_absent(audit, bytes + i, 8, "the master secret");
}

Test(audit, finds_no_secret_and_no_output_in_a_candidate_of_a_server) {
    struct hone_test_server server;
    static struct audit audit;
    struct scene scene = {0};
    const struct hone_observation *seen = NULL;
    size_t capacity;
    if (geteuid())
        cr_skip_test("only root can look into a process that is not to be looked into");
    setenv("HONE_TEST_CANARY", environment_value, 1);
    hone_test_serve(&server, NULL);
    struct hone *hone = hone_test_attach(&server, 1);
    cr_assert(eq(int, hone_reset(hone, 0, "algebra/axpby", 1, &seen), 0));
    char *buffer = hone_action_buffer(hone, 0, &capacity);
    memcpy(buffer, spinning, sizeof spinning - 1);
    struct hone_action action = {.language = "c", .source_bytes = sizeof spinning - 1};
    cr_assert(eq(int, hone_send(hone, 0, &action), 0));
    bool caught = catch_candidate(&server, &audit, &scene);
    if (caught) {
        expect_no_outputs(&audit, &scene);
        expect_no_secret(&audit, &server);
        expect_absent(&audit, environment_value, strlen(environment_value), "the environment");
        for (size_t i = 0; i < audit.count; i++)
            if (audit.maps[i].rights[3] == 's') {
                int ours = audit.maps[i].begin >= 0x5ffc0000 && audit.maps[i].rights[2] == '-';
                cr_expect(eq(int, ours, 1), "%s", audit.maps[i].name);
            }
        audit_close(&audit);
        kill(server.pid, SIGCONT);
    }
    hone_close(hone);
    hone_test_stop(&server);
    cr_assert(caught, "the candidate was never seen");
}
