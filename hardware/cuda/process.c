#include "hardware/cuda/cuda.h"
#include "hardware/cuda/image.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define STOP_LIMIT_NS 10000000000ull
#define LIMIT_NS_MAX 3600000000000ull

void hone_cuda_finish_result(struct hone_go_result *result, const struct hone_go_result *mine) {
    struct hone_go_result whole = *mine;
    size_t size = result->size && result->size < sizeof whole ? result->size : sizeof whole;
    whole.size = (uint32_t)size;
    memcpy(result, &whole, size);
}

static uint64_t clamp(uint64_t limit_ns) {
    return limit_ns < LIMIT_NS_MAX ? limit_ns : LIMIT_NS_MAX;
}

static void give_back(struct process *process, bool is_well) {
    if (process->worker)
        hone_cuda_runner_return(process->runner, process->worker, is_well);
    process->worker = NULL;
}

static int lost(struct process *process, const char *text, struct hone_go_result *mine) {
    give_back(process, false);
    mine->status = HONE_GO_LOST;
    snprintf(mine->text, sizeof mine->text, "%.120s", text);
    return -EIO;
}

/* A reply that is not "done" is the end of the process; a launcher that can be used again is. */
static int judge_reply(struct process *process, const struct hone_launcher_reply *reply,
                       struct hone_go_result *mine) {
    snprintf(mine->text, sizeof mine->text, "%.120s", reply->text);
    switch (reply->status) {
    case HONE_LAUNCHER_DONE:
        return 0;
    case HONE_LAUNCHER_CRASHED:
        mine->status = HONE_GO_CRASHED;
        mine->code = reply->code;
        /* A write where there was none to be is told as the fault it is on a CPU. */
        mine->signal = reply->address ? SIGSEGV : 0;
        mine->address = reply->address;
        mine->write_fault = reply->write_fault;
        break;
    case HONE_LAUNCHER_TIMED_OUT:
        mine->status = HONE_GO_TIMED_OUT;
        break;
    case HONE_LAUNCHER_REFUSED:
        mine->status = HONE_GO_REFUSED;
        break;
    default:
        return lost(process, reply->text, mine);
    }
    give_back(process, !reply->ruined);
    return 0;
}

int hone_cuda_process_ask(struct process *process, const struct hone_launcher_request *request,
                          const int *fds, uint32_t fd_count, uint64_t limit_ns,
                          struct hone_launcher_reply *reply, struct hone_go_result *mine) {
    int result =
        hone_cuda_worker_ask(process->worker, request, fds, fd_count, clamp(limit_ns), reply);
    if (result == -ETIMEDOUT) {
        mine->status = HONE_GO_TIMED_OUT;
        give_back(process, false);
        return 0;
    }
    if (result)
        return lost(process, "the launcher died", mine);
    return judge_reply(process, reply, mine);
}

/* Nothing of the program has run: a load that does not end is no fault of its. */
static int load_late(struct process *process, struct hone_go_result *mine) {
    return mine->status == HONE_GO_TIMED_OUT
               ? lost(process, "the driver does not load it in time", mine)
               : 0;
}

/* Every memory once, after the image. */
static int add_regions(const struct hone_process_request *request, uint8_t *mail, int *fds,
                       uint32_t *fd_count) {
    if (request->region_count > HONE_LAUNCHER_REGIONS_MAX)
        return -E2BIG;
    for (uint32_t i = 0; i < request->region_count; i++) {
        const struct hone_region *region = &request->regions[i];
        uint32_t index = 1;
        while (index < *fd_count && fds[index] != region->fd)
            index++;
        if (index == HONE_LAUNCHER_FDS_MAX)
            return -E2BIG;
        if (index == *fd_count)
            fds[(*fd_count)++] = region->fd;
        const struct hone_launcher_region mine = {.address = region->address,
                                                  .offset = region->offset,
                                                  .bytes = region->bytes,
                                                  .fd_index = index,
                                                  .writable = region->writable};
        memcpy(mail + i * sizeof mine, &mine, sizeof mine);
    }
    return 0;
}

static void fill_argument(const struct hone_plan_entry_argument *argument, uint8_t *kind,
                          uint16_t *type) {
    *kind = (uint8_t)argument->kind;
    *type = (uint16_t)(argument->type_code | argument->type_bits << 8);
}

static int add_entries(const struct hone_process_request *request, uint8_t *mail) {
    if (request->plan_entry_count > HONE_LAUNCHER_ENTRIES_MAX)
        return -E2BIG;
    for (uint32_t i = 0; i < request->plan_entry_count; i++) {
        const struct hone_plan_entry *entry = &request->entries[i];
        struct hone_launcher_entry mine = {
            .kind = entry->kind, .line = entry->line, .argument_count = entry->argument_count};
        if (entry->argument_count > HONE_LAUNCHER_ARGUMENTS_MAX ||
            strlen(entry->name) >= sizeof mine.name)
            return -E2BIG;
        strcpy(mine.name, entry->name);
        for (uint32_t a = 0; a < entry->argument_count; a++)
            fill_argument(&entry->arguments[a], &mine.kinds[a], &mine.types[a]);
        memcpy(mail + i * sizeof mine, &mine, sizeof mine);
    }
    return 0;
}

static int make_file(const void *program, uint64_t size) {
    int fd = memfd_create("hone-program", MFD_CLOEXEC);
    const char *bytes = program;
    for (uint64_t done = 0; fd >= 0 && done < size;) {
        ssize_t wrote = write(fd, bytes + done, size - done);
        if (wrote <= 0) {
            close(fd);
            return -EIO;
        }
        done += (uint64_t)wrote;
    }
    return fd;
}

/* What the driver gets: the cubin, or the PTX with its NUL. */
static const void *program_of(const struct hone_cuda_image *image, uint64_t *bytes) {
    *bytes = image->cubin ? image->cubin_bytes : image->ptx_bytes + 1;
    return image->cubin ? image->cubin : image->ptx;
}

static bool is_trusted(const struct hone_process_request *request) {
    return (request->flags & HONE_PROCESS_LIBRARY) != 0;
}

static int load(struct process *process, const struct hone_process_request *request,
                const struct hone_cuda_image *image, struct hone_go_result *mine) {
    uint64_t program_bytes;
    const void *program = program_of(image, &program_bytes);
    struct hone_launcher_request start = {.kind = HONE_LAUNCHER_START,
                                          .region_count = request->region_count,
                                          .entry_count = request->plan_entry_count,
                                          .image_bytes = program_bytes,
                                          .is_trusted = is_trusted(request)};
    struct hone_launcher_reply reply;
    int fds[HONE_LAUNCHER_FDS_MAX] = {make_file(program, program_bytes)};
    uint32_t fd_count = 1;
    uint8_t *mail = process->worker->mail;
    if (fds[0] < 0)
        return lost(process, "no memory for an image", mine);
    int result = add_regions(request, mail, fds, &fd_count);
    if (result == 0)
        result = add_entries(request,
                             mail + request->region_count * sizeof(struct hone_launcher_region));
    result = result
                 ? lost(process, "more regions or entries than a launcher takes", mine)
                 : hone_cuda_process_ask(process, &start, fds, fd_count,
                                         clamp(request->start_limit_ns) + HONE_CUDA_COPY_LIMIT_NS,
                                         &reply, mine);
    close(fds[0]);
    return result ? result : load_late(process, mine);
}

static bool refuse(struct hone_go_result *mine, const char *text) {
    mine->status = HONE_GO_REFUSED;
    snprintf(mine->text, sizeof mine->text, "%s", text);
    return false;
}

static bool check(const struct hone_process_request *request, struct hone_cuda_image *image,
                  struct hone_go_result *mine) {
    char text[HONE_CUDA_TEXT_SIZE];
    const char *why = hone_cuda_image_open(request->image, request->image_bytes, image);
    if (why) {
        snprintf(text, sizeof text, "no image for a GPU: %.90s", why);
        return refuse(mine, text);
    }
    if (request->flags & HONE_PROCESS_OPERATORS)
        return refuse(mine, "operators are steps of a program on a GPU, and no process of theirs");
    if (!request->entries)
        return refuse(mine, "no plan says which kernel to launch (//@hone launch ...)");
    for (uint32_t i = 0; i < request->plan_entry_count; i++)
        if (request->entries[i].kind != HONE_STEP_LAUNCH && !is_trusted(request)) {
            snprintf(text, sizeof text, "line %u: a plan in cuda can only launch kernels",
                     request->entries[i].line);
            return refuse(mine, text);
        }
    return true;
}

static int keep_regions(struct process *process, const struct hone_process_request *request) {
    process->region_count = request->region_count;
    process->regions = malloc(request->region_count * sizeof *process->regions + 1);
    if (!process->regions)
        return -ENOMEM;
    if (request->region_count)
        memcpy(process->regions, request->regions,
               request->region_count * sizeof *process->regions);
    return 0;
}

int hone_cuda_process_start(void *self, const struct hone_process_request *request, void **started,
                            struct hone_go_result *result) {
    struct cuda_runner *runner = self;
    struct hone_go_result mine = {.status = HONE_GO_DONE};
    struct hone_cuda_image image;
    struct hone_error why = {""};
    *started = NULL;
    if (!check(request, &image, &mine)) {
        hone_cuda_finish_result(result, &mine);
        return 0;
    }
    struct process *process = calloc(1, sizeof *process);
    if (!process)
        return -ENOMEM;
    process->runner = runner;
    if (keep_regions(process, request)) {
        free(process);
        return -ENOMEM;
    }
    int failed = hone_cuda_runner_lend(runner, is_trusted(request), &process->worker, &why);
    if (failed) {
        mine.status = HONE_GO_LOST;
        snprintf(mine.text, sizeof mine.text, "%.120s", why.text);
    } else {
        failed = load(process, request, &image, &mine);
    }
    if (failed || mine.status != HONE_GO_DONE) {
        hone_cuda_process_stop(process);
    } else {
        uint64_t bytes;
        const void *program = program_of(&image, &bytes);
        process->judged = hone_cuda_runner_judged(runner, program, bytes);
        *started = process;
    }
    hone_cuda_finish_result(result, &mine);
    return failed;
}

/* The words of all calls into the mail, and what the device shall make before each. */
static int put_words(struct process *process, const struct hone_go *go,
                     struct hone_launcher_request *request) {
    const uint64_t words = (uint64_t)go->count * go->word_count;
    const uint64_t bytes = process->material_count * sizeof *process->materials;
    if (words > (HONE_LAUNCHER_MAIL_BYTES - bytes) / sizeof *go->words)
        return -E2BIG;
    if (words)
        memcpy(process->worker->mail, go->words, words * sizeof *go->words);
    if (bytes)
        memcpy(process->worker->mail + words * sizeof *go->words, process->materials, bytes);
    request->material_count = process->material_count;
    request->call_count = go->count;
    request->word_count = go->word_count;
    request->limit_ns = clamp(go->cpu_limit_ns ? go->cpu_limit_ns : go->limit_ns);
    return 0;
}

int hone_cuda_process_go(void *self, const struct hone_go *go, struct hone_go_result *result) {
    struct process *process = self;
    struct agreement *agreement = &process->judged->agreement;
    struct hone_launcher_request request = {.kind = HONE_LAUNCHER_GO,
                                            .trace = agreement->disputed > 0};
    struct hone_go_result mine = {.status = HONE_GO_DONE};
    struct hone_launcher_reply reply;
    if (!process->worker)
        return -ESRCH;
    /* Events begin when the device does: a go of nothing costs nothing. */
    if (go->count == 0) {
        hone_cuda_finish_result(result, &mine);
        return 0;
    }
    int failed = put_words(process, go, &request);
    if (failed)
        return failed;
    failed = hone_cuda_process_ask(process, &request, NULL, 0,
                                   clamp(go->limit_ns) + HONE_CUDA_COPY_LIMIT_NS, &reply, &mine);
    if (failed == 0 && mine.status == HONE_GO_DONE) {
        mine.wall_ns = reply.times.kernel_ns;
        mine.operator_ns = reply.times.operator_ns;
        agreement_note(agreement, &reply.times, go->count);
        if (!agreement_holds(agreement, mine.text, sizeof mine.text)) {
            mine.status = HONE_GO_DISPUTED;
            give_back(process, false);
        }
    }
    hone_cuda_finish_result(result, &mine);
    return failed;
}

/* What a host of an older build has no place for is not written. */
static void copy_rows(const struct worker *worker, uint32_t count, struct hone_profile *profile) {
    profile->row_count = count < profile->row_capacity ? count : profile->row_capacity;
    if (profile->row_count) /* who has no room for any may give no place either */
        memcpy(profile->rows, worker->mail, profile->row_count * sizeof *profile->rows);
}

int hone_cuda_process_profile(void *self, const struct hone_go *go, struct hone_profile *profile,
                              struct hone_go_result *result) {
    struct process *process = self;
    struct hone_launcher_request request = {.kind = HONE_LAUNCHER_PROFILE};
    struct hone_go_result mine = {.status = HONE_GO_DONE};
    struct hone_launcher_reply reply;
    profile->source = HONE_PROFILE_NONE;
    profile->row_count = profile->counter_count = 0;
    profile->reason[0] = '\0';
    if (!process->worker)
        return -ESRCH;
    int failed = put_words(process, go, &request);
    if (failed)
        return failed;
    if (profile->set)
        snprintf(request.counters, sizeof request.counters, "%s", profile->set);
    failed = hone_cuda_process_ask(process, &request, NULL, 0,
                                   clamp(go->limit_ns) + HONE_CUDA_COPY_LIMIT_NS, &reply, &mine);
    if (failed == 0 && mine.status == HONE_GO_DONE) {
        const uint32_t most = profile->counter_capacity;
        if (reply.count > HONE_LAUNCHER_ROWS_MAX)
            reply.count = HONE_LAUNCHER_ROWS_MAX;
        copy_rows(process->worker, reply.count, profile);
        profile->counter_count = reply.counter_count < most ? reply.counter_count : most;
        if (profile->counter_count)
            memcpy(profile->counters, process->worker->mail + reply.count * sizeof *profile->rows,
                   profile->counter_count * sizeof *profile->counters);
        profile->source = reply.counter_count ? HONE_PROFILE_COUNTERS
                          : reply.count       ? HONE_PROFILE_RECORDS
                                              : HONE_PROFILE_NONE;
        snprintf(profile->reason, sizeof profile->reason, "%s", reply.note);
        mine.wall_ns = reply.times.kernel_ns;
    }
    hone_cuda_finish_result(result, &mine);
    return failed;
}

void hone_cuda_process_stop(void *self) {
    struct process *process = self;
    const struct hone_launcher_request request = {.kind = HONE_LAUNCHER_STOP};
    struct hone_launcher_reply reply;
    if (!process)
        return;
    if (process->worker) {
        int result =
            hone_cuda_worker_ask(process->worker, &request, NULL, 0, STOP_LIMIT_NS, &reply);
        give_back(process, result == 0 && !reply.ruined);
    }
    free(process->materials);
    free(process->regions);
    free(process);
}
