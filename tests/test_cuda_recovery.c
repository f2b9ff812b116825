/* What the cuda backend does when driver, device or clocks are not as they should be. */
#include "tests/cuda_fixture.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

static struct cuda_bench bench;
static struct hone_error error;

static void close_bench(void) {
    cuda_close(&bench);
}

TestSuite(cuda_recovery, .fini = close_bench);

static void open_with(const char *fake) {
    setenv("FAKE_CUDA", fake, 1);
    cr_assert(cuda_open(&bench, &error), "%s", error.text);
}

static void *start(void) {
    void *process = cuda_start(&bench);
    cr_assert(process != NULL, "the program cannot be started");
    return process;
}

static struct hone_go_result go(void *process, struct cuda_words words) {
    struct hone_go_result result;
    cuda_go(&bench, process, &words, CUDA_SECOND, &result);
    return result;
}

static struct hone_go_result go_often(struct cuda_words words, uint32_t times) {
    void *process = start();
    struct hone_go_result result = {.status = HONE_GO_DONE};
    for (uint32_t i = 0; i < times && result.status == HONE_GO_DONE; i++)
        result = go(process, words);
    bench.ops->process_stop(process);
    return result;
}

static struct hone_go_result scale_often(uint32_t times) {
    return go_often(cuda_scale(2), times);
}

static struct hone_go_result run_one(enum cuda_entry entry, uint64_t pointer, uint64_t offset) {
    struct cuda_words words = {.count = 0};
    cuda_step(&words, entry, (uint64_t[]){pointer, offset});
    void *process = start();
    struct hone_go_result result = go(process, words);
    bench.ops->process_stop(process);
    return result;
}

static uint32_t feature(uint32_t which, struct hone_feature *found) {
    *found = (struct hone_feature){.size = sizeof *found};
    cr_assert(eq(int, bench.ops->features(bench.self, 0, which, found), 0));
    return found->there;
}

Test(cuda_recovery, offers_no_device_without_a_driver_and_says_why) {
    uint32_t count = 9;
    struct hone_feature found;
    void *runner;
    cr_assert(cuda_create_with(&bench, "/nowhere/libcuda.so.1", "", &error), "%s", error.text);
    cr_expect(eq(int, bench.ops->device_count(bench.self, &count), 0));
    cr_expect(eq(u32, count, 0));
    cr_expect(eq(u32, feature(0, &found), 0));
    cr_expect(strstr(found.text, "no CUDA driver") != NULL, "%s", found.text);
    feature(1, &found); /* a compiler needs no driver */
    cr_expect(eq(str, found.name, (char[]){"compiler"}));
    feature(2, &found);
    cr_expect(eq(str, found.name, (char[]){"assembler"}));
    cr_expect(eq(int, bench.ops->features(bench.self, 0, 3, &found), -ENOENT));
    cr_expect(eq(int, bench.ops->runner_open(bench.self, 0, &runner, &error), -ENODEV));
}

Test(cuda_recovery, says_what_the_driver_says_where_there_is_no_device) {
    struct hone_feature found;
    setenv("FAKE_CUDA", "no_device", 1);
    cr_assert(cuda_create(&bench, &error), "%s", error.text);
    cr_expect(eq(u32, feature(0, &found), 0));
    cr_expect(strstr(found.text, "CUDA_ERROR_NO_DEVICE") != NULL, "%s", found.text);
}

Test(cuda_recovery, describes_every_device) {
    uint32_t count = 0;
    struct hone_device device = {.size = sizeof device};
    cr_assert(cuda_create(&bench, &error), "%s", error.text);
    bench.ops->device_count(bench.self, &count);
    cr_expect(eq(u32, count, 2));
    cr_assert(eq(int, bench.ops->describe(bench.self, 1, &device), 0));
    cr_expect(eq(str, device.id, "cuda:1"));
    cr_expect(eq(str, device.name, "Fake GPU 1"));
    cr_expect(eq(i64, device.sm_count, 132));
    cr_expect(eq(i64, device.memory_bytes, 256 << 20));
    cr_expect(lt(dbl, 0, device.memory_bandwidth));
    cr_expect(lt(dbl, 0, device.peak_flops));
    cr_expect(lt(dbl, 0, device.peak_bf16));
    cr_expect(strstr(device.fingerprint, "sm_90") != NULL, "%s", device.fingerprint);
    /* Who made what is timed there; and all of it fits. */
    const char *compiler = strstr(device.fingerprint, ", CUDA driver 13.0, ");
    cr_expect(compiler && (strstr(compiler, ", nvrtc 1") || strstr(compiler, ", no NVRTC")), "%s",
              device.fingerprint);
    cr_expect(eq(int, bench.ops->describe(bench.self, 2, &device), -ENODEV));
}

Test(cuda_recovery, says_where_kernels_reach_the_launcher_s_memory) {
    struct hone_device device = {.size = sizeof device};
    struct hone_feature found;
    for (int shared = 0; shared < 2; shared++) {
        setenv("FAKE_CUDA", shared ? "hmm" : "", 1);
        cr_assert(cuda_create(&bench, &error), "%s", error.text);
        cr_assert(eq(int, bench.ops->describe(bench.self, 0, &device), 0));
        cr_expect(eq(str, device.confinement, shared ? "B" : "A"));
        cr_expect(eq(u32, feature(4, &found), !shared), "%s", found.text);
        cr_expect(eq(str, found.name, (char[]){"apart"}));
        cuda_close(&bench);
    }
    bench.runner = bench.self = NULL;
}

Test(cuda_recovery, finds_writes_beside_outputs_without_virtual_memory) {
    open_with("no_vmm");
    struct hone_go_result result = run_one(WRITE_AT, CUDA_Y, CUDA_COUNT * sizeof(float) + 8);
    cr_expect(eq(u32, result.status, HONE_GO_CRASHED));
    cr_expect(eq(u64, result.address, CUDA_OUTPUT + CUDA_BYTES + 8));
    result = run_one(WRITE_AT, CUDA_OUTPUT, (uint64_t)-4);
    cr_expect(eq(u32, result.status, HONE_GO_CRASHED));
    cr_expect(eq(u64, result.address, CUDA_OUTPUT - 4));
    cr_expect(eq(u32, scale_often(2).status, HONE_GO_DONE));
}

static void expect_input_kept(void) {
    struct hone_go_result result = run_one(WRITE_INPUT, CUDA_X, 0);
    cr_expect(eq(u32, result.status, HONE_GO_CRASHED));
    cr_expect(eq(u64, result.address & ~3ull, CUDA_X + 4));
    cr_expect(eq(u32, scale_often(1).status, HONE_GO_DONE));
}

Test(cuda_recovery, finds_writes_to_inputs_without_virtual_memory) {
    open_with("no_vmm");
    expect_input_kept();
}

Test(cuda_recovery, finds_writes_to_inputs_where_views_cannot_be_read_only) {
    open_with("read_write");
    expect_input_kept();
}

Test(cuda_recovery, disputes_events_that_count_too_little) {
    open_with("events_fast,no_records");
    struct hone_go_result result = go_often(cuda_spin(1000000), 10);
    cr_expect(eq(u32, result.status, HONE_GO_DISPUTED));
    cr_expect(ne(u8, (uint8_t)result.text[0], 0));
}

Test(cuda_recovery, disputes_events_that_count_too_much) {
    open_with("events_slow,no_records");
    cr_expect(eq(u32, go_often(cuda_spin(1000000), 10).status, HONE_GO_DISPUTED));
}

Test(cuda_recovery, believes_a_program_whose_clocks_agree) {
    open_with("");
    struct hone_go_result result = go_often(cuda_spin(1000000), 10);
    cr_expect(eq(u32, result.status, HONE_GO_DONE), "%s", result.text);
    cr_expect(ge(u64, result.wall_ns, 1000000));
}

Test(cuda_recovery, uses_no_device_whose_canary_gives_wrong_results) {
    setenv("FAKE_CUDA", "sick", 1);
    cr_expect(not(cuda_open(&bench, &error)));
    cr_expect(strstr(error.text, "wrong results") != NULL, "%s", error.text);
    struct hone_feature found;
    cr_expect(eq(u32, feature(1, &found), 0));
    cr_expect(strstr(found.text, "wrong results") != NULL, "%s", found.text);
}

Test(cuda_recovery, uses_a_device_again_when_its_canary_sings_again) {
    char stuck[96];
    setenv("FAKE_CUDA", "", 1);
    snprintf(stuck, sizeof stuck, "/tmp/hone-stuck-%d", (int)getpid());
    setenv("FAKE_CUDA_STUCK", stuck, 1);
    cr_assert(cuda_open(&bench, &error), "%s", error.text);
    void *process = start();
    struct cuda_words words = {.count = 0};
    struct hone_go_result result;
    cuda_step(&words, HANG, NULL);
    close(open(stuck, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    cuda_go(&bench, process, &words, CUDA_SECOND / 50, &result);
    bench.ops->process_stop(process);
    process = NULL;
    struct hone_go_result started;
    cr_expect(lt(
        int, cuda_start_entries(&bench, CUDA_NAMES, cuda_entries, CUDA_ENTRIES, &process, &started),
        0));
    cr_expect(eq(u32, started.status, HONE_GO_LOST));
    cr_expect(strstr(started.text, "does not end") != NULL, "%s", started.text);
    unlink(stuck);
    cr_expect(eq(u32, scale_often(1).status, HONE_GO_DONE));
}

Test(cuda_recovery, survives_a_launcher_that_is_killed) {
    open_with("");
    void *process = start();
    char command[64];
    snprintf(command, sizeof command, "/proc/self/task/%d/children", (int)gettid());
    FILE *file = fopen(command, "re");
    int pid = 0, child;
    while (file && fscanf(file, "%d", &child) == 1)
        pid = child;
    if (file)
        fclose(file);
    if (pid <= 0) {
        bench.ops->process_stop(process);
        cr_skip_test("this kernel does not list children");
    }
    kill(pid, SIGKILL);
    struct hone_go_result result;
    struct cuda_words words = cuda_scale(2);
    cr_expect(eq(int, cuda_go(&bench, process, &words, CUDA_SECOND, &result), -EIO));
    cr_expect(eq(u32, result.status, HONE_GO_LOST));
    bench.ops->process_stop(process);
    cr_expect(eq(u32, scale_often(1).status, HONE_GO_DONE));
}

static const char *lock_path(void) {
    static char path[160];
    snprintf(path, sizeof path, "%s/hone-gpu-fafafafafafafafafafafafafafafa00.lock", bench.folder);
    return path;
}

static int open_lock(void) {
    int fd = open(lock_path(), O_RDONLY | O_CREAT | O_CLOEXEC, 0644);
    cr_assert(ge(int, fd, 0));
    return fd;
}

Test(cuda_recovery, holds_the_device_while_a_program_is_up_and_not_after) {
    open_with("");
    int fd = open_lock();
    void *one = start(), *other = start();
    cr_expect(eq(int, flock(fd, LOCK_EX | LOCK_NB), -1));
    bench.ops->process_stop(one);
    cr_expect(eq(int, flock(fd, LOCK_EX | LOCK_NB), -1));
    bench.ops->process_stop(other);
    cr_expect(eq(int, flock(fd, LOCK_EX | LOCK_NB), 0));
    close(fd);
}

Test(cuda_recovery, makes_a_lock_that_every_user_can_take) {
    struct stat status;
    open_with("");
    unlink(lock_path());
    const mode_t before = umask(0077);
    bench.ops->process_stop(start());
    umask(before);
    cr_assert(eq(int, stat(lock_path(), &status), 0));
    cr_expect(eq(u32, status.st_mode & 07777, 0644));
}

static void refuse_lock(void) {
    struct hone_go_result started;
    void *process = NULL;
    cr_expect(lt(
        int, cuda_start_entries(&bench, CUDA_NAMES, cuda_entries, CUDA_ENTRIES, &process, &started),
        0));
    cr_expect(strstr(started.text, "cannot open the lock") != NULL, "%s", started.text);
    unlink(lock_path());
}

Test(cuda_recovery, neither_waits_at_nor_follows_what_lies_in_the_lock_s_place, .timeout = 60) {
    open_with("");
    unlink(lock_path());
    cr_assert(eq(int, mkfifo(lock_path(), 0644), 0));
    refuse_lock();
    cr_assert(eq(int, symlink("/etc/hostname", lock_path()), 0));
    refuse_lock();
}

Test(cuda_recovery, waits_for_another_process_that_measures_and_for_its_death) {
    open_with("");
    int ready[2];
    char byte = 0;
    cr_assert(eq(int, pipe(ready), 0));
    pid_t holder = fork();
    if (holder == 0) {
        int held = flock(open_lock(), LOCK_EX);
        _exit(write(ready[1], &byte, 1) == 1 && held == 0 && usleep(100000) == 0 ? 0 : 1);
    }
    cr_assert(eq(sz, (size_t)read(ready[0], &byte, 1), 1));
    void *process = start();
    int status = -1;
    waitpid(holder, &status, 0);
    cr_expect(eq(int, status, 0));
    bench.ops->process_stop(process);
    close(ready[0]);
    close(ready[1]);
}
