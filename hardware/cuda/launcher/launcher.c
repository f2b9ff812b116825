/* launcher.c - the program that owns a GPU: hone-launcher LIBCUDA LIBCUPTI, started by the cuda
 * backend with a socket and a mail. Serves one request after another until the socket ends. */
#include "hardware/cuda/launcher/launcher.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

int launcher_fail(const struct launcher *launcher, struct hone_launcher_reply *reply,
                  uint32_t status, int result, const char *format, ...) {
    char what[160] = "", why[128] = "";
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    reply->status = status;
    reply->code = result;
    reply->ruined = 1;
    if (result)
        cuda_driver_say(&launcher->driver, result, why, sizeof why);
    if (result && status == HONE_LAUNCHER_CRASHED)
        snprintf(reply->text, sizeof reply->text, "%.100s, after %.50s", why, what);
    else
        snprintf(reply->text, sizeof reply->text, "%.100s%s%.50s", what, result ? ": " : "", why);
    return -1;
}

/* With the descriptors that came along. Returns false at the end of the socket. */
static bool receive(struct hone_launcher_request *request, int *fds, uint32_t *fd_count) {
    union {
        char bytes[CMSG_SPACE(HONE_LAUNCHER_FDS_MAX * sizeof(int))];
        struct cmsghdr align;
    } control;
    struct iovec vector = {request, sizeof *request};
    struct msghdr message = {.msg_iov = &vector,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    ssize_t got;
    do
        got = recvmsg(HONE_LAUNCHER_SOCKET, &message, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    *fd_count = 0;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); got > 0 && header;
         header = CMSG_NXTHDR(&message, header))
        if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
            *fd_count = (uint32_t)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
            memcpy(fds, CMSG_DATA(header), *fd_count * sizeof(int));
        }
    return got == (ssize_t)sizeof *request && request->version == HONE_LAUNCHER_VERSION;
}

static void serve(struct launcher *launcher, const struct hone_launcher_request *request,
                  const int *fds, struct hone_launcher_reply *reply) {
    switch (request->kind) {
    case HONE_LAUNCHER_PROBE:
        launcher_probe(launcher, reply);
        break;
    case HONE_LAUNCHER_OPEN:
        launcher_open(launcher, request->device, reply);
        break;
    case HONE_LAUNCHER_CEILINGS:
        launcher_ceilings(launcher, reply);
        break;
    case HONE_LAUNCHER_START:
        /* What the driver refuses to load does no harm to the context. */
        if (program_start(launcher, request, fds, reply))
            reply->ruined = reply->status != HONE_LAUNCHER_REFUSED;
        break;
    case HONE_LAUNCHER_GO:
        launcher_go(launcher, request, reply);
        break;
    case HONE_LAUNCHER_LOOK:
        launcher_look(launcher, request, reply);
        break;
    case HONE_LAUNCHER_PROFILE:
        launcher_profile(launcher, request, reply);
        break;
    case HONE_LAUNCHER_STOP:
        program_stop(launcher);
        break;
    default:
        launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, 0, "unknown request %u",
                      request->kind);
    }
}

/* What cannot be had is said in answer to the first request. */
static int set_up(struct launcher *launcher, const char *libcuda, const char *libcupti,
                  struct hone_launcher_reply *reply) {
    setenv("CUDA_DEVICE_ORDER", "PCI_BUS_ID", 1);
    setenv("CUDA_MODULE_LOADING", "EAGER", 1);
    launcher->mail = mmap(NULL, HONE_LAUNCHER_MAIL_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED,
                          HONE_LAUNCHER_MAIL, 0);
    if (launcher->mail == MAP_FAILED)
        exit(1);
    if (cuda_driver_open(&launcher->driver, libcuda, reply->text, sizeof reply->text)) {
        reply->status = HONE_LAUNCHER_ABSENT;
        reply->ruined = 1;
        return -1;
    }
    tracer_open(libcupti, &launcher->tracer, launcher->tracer_text, sizeof launcher->tracer_text);
    int result = launcher->driver.init(0);
    return result ? launcher_fail(launcher, reply, HONE_LAUNCHER_ABSENT, result,
                                  "the CUDA driver does not start")
                  : 0;
}

int main(int count, char **arguments) {
    static struct launcher launcher;
    struct hone_launcher_request request;
    struct hone_launcher_reply unfit = {0};
    int fds[HONE_LAUNCHER_FDS_MAX];
    uint32_t fd_count;
    if (count != 3) {
        fprintf(stderr, "hone-launcher is started by the cuda backend\n");
        return 2;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_DUMPABLE, 0);
    signal(SIGPIPE, SIG_IGN);
    const bool fit = set_up(&launcher, arguments[1], arguments[2], &unfit) == 0;
    while (receive(&request, fds, &fd_count)) {
        struct hone_launcher_reply reply = unfit;
        if (fit) {
            request.fd_count = fd_count;
            serve(&launcher, &request, fds, &reply);
        }
        for (uint32_t i = 0; i < fd_count; i++)
            close(fds[i]);
        reply.kind = request.kind;
        if (send(HONE_LAUNCHER_SOCKET, &reply, sizeof reply, 0) != (ssize_t)sizeof reply)
            break;
    }
    /* The driver ends the context with the process; unloading a hung one would wait. */
    _exit(0);
}
