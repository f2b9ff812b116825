/* memcpy_async.h - copies by a group: made at once, each thread its part of the bytes. */
#ifndef HONE_DEVICE_COOPERATIVE_GROUPS_MEMCPY_ASYNC_H
#define HONE_DEVICE_COOPERATIVE_GROUPS_MEMCPY_ASYNC_H

#include <cooperative_groups.h>

namespace cooperative_groups {

template <class Group, class T>
HONE_INLINE void memcpy_async(const Group &group, T *to, const T *from, size_t size) {
    for (size_t at = group.thread_rank() * 4ul; at < size; at += group.size() * 4ul)
        memcpy((char *)to + at, (const char *)from + at, size - at < 4 ? size - at : 4);
}
template <class Group> HONE_INLINE void wait(const Group &group) {
    group.sync();
}
template <unsigned Stages, class Group> HONE_INLINE void wait_prior(const Group &group) {
    group.sync();
}

} // namespace cooperative_groups

#endif
