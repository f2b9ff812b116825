#include "hardware/cpu/cpu.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>

#define NANOSECONDS 1000000000ull

/* Since Linux 6.6: whoever waits for the other side is woken on the same core, at once. */
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif
#ifndef SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP 1ul
#endif

bool hone_cpu_listener_go(struct process *process, const struct hone_guest_go *go) {
    struct seccomp_notif_resp answer = {.id = process->parked, .val = hone_guest_go_pack(go)};
    return ioctl(process->listener, SECCOMP_IOCTL_NOTIF_SEND, &answer) == 0;
}

/* Until it calls, dies, or the time is up; its words then are in `notice`. */
static enum heard await(struct process *process, uint64_t deadline_ns, uint64_t now,
                        struct seccomp_notif *notice, uint64_t *when_ns) {
    for (;; now = hone_cpu_now_ns()) {
        struct pollfd polled[] = {{.fd = process->listener, .events = POLLIN},
                                  {.fd = process->pidfd, .events = POLLIN}};
        uint64_t left = deadline_ns > now ? deadline_ns - now : 0;
        struct timespec timeout = {(time_t)(left / NANOSECONDS), (long)(left % NANOSECONDS)};
        int ready = ppoll(polled, 2, &timeout, NULL);
        *when_ns = hone_cpu_now_ns();
        if (ready == 0)
            return HEARD_NOTHING;
        if (ready < 0)
            continue;
        if (!(polled[0].revents & POLLIN))
            return HEARD_END;
        *notice = (struct seccomp_notif){0};
        if (ioctl(process->listener, SECCOMP_IOCTL_NOTIF_RECV, notice) == 0) {
            process->parked = notice->id;
            return HEARD_DONE;
        }
        if (errno != EINTR && errno != ENOENT) /* ENOENT: killed while we looked */
            return HEARD_END;
    }
}

static void read_notice(const struct seccomp_notif *notice, struct hearing *hearing) {
    const struct seccomp_data *data = &notice->data;
    hearing->call = data->nr;
    if (data->arch != AUDIT_ARCH_X86_64 || data->nr != SYS_getppid ||
        data->args[0] != HONE_DONE_MAGIC) {
        hearing->heard = HEARD_CALL;
        return;
    }
    hearing->heard = HEARD_DONE;
    hearing->done = (struct hone_guest_done){
        .kind = (uint32_t)data->args[1],
        .code = (int32_t)data->args[2],
        .address = data->args[3],
        .detail = (uint32_t)data->args[4],
    };
}

void hone_cpu_listener_hear(struct process *process, uint64_t deadline_ns, uint64_t now_ns,
                            struct hearing *hearing) {
    struct seccomp_notif notice;
    *hearing = (struct hearing){0};
    hearing->heard = await(process, deadline_ns, now_ns, &notice, &hearing->when_ns);
    if (hearing->heard != HEARD_DONE)
        return;
    read_notice(&notice, hearing);
    if (hearing->heard == HEARD_DONE && notice.data.instruction_pointer != process->done_caller)
        hearing->heard = HEARD_FORGERY;
}

void hone_cpu_listener_meet(struct process *process, uint64_t deadline_ns,
                            struct hearing *hearing) {
    struct seccomp_notif notice;
    *hearing = (struct hearing){0};
    process->wakes_here = ioctl(process->listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS,
                                SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP) == 0;
    hearing->heard = await(process, deadline_ns, hone_cpu_now_ns(), &notice, &hearing->when_ns);
    if (hearing->heard != HEARD_DONE)
        return;
    read_notice(&notice, hearing);
    process->done_caller = notice.data.instruction_pointer;
}
