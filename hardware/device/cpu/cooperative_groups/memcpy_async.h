/* memcpy_async.h - copies by a group, each thread its part of the words, each call a stage. */
#ifndef HONE_DEVICE_COOPERATIVE_GROUPS_MEMCPY_ASYNC_H
#define HONE_DEVICE_COOPERATIVE_GROUPS_MEMCPY_ASYNC_H

#include <cooperative_groups.h>

namespace cooperative_groups {

template <class Group, class T>
HONE_INLINE void memcpy_async(const Group &group, T *to, const T *from, size_t size,
                              unsigned line = __builtin_LINE()) {
    const size_t first = group.thread_rank() * 4ul, step = group.size() * 4ul;
    if (first < size)
        hone_copy_begin({(char *)to + first, (const char *)from + first, (unsigned)(size - first),
                         4, 0, (unsigned)step, 0},
                        line);
    hone_copy_commit();
}
template <class Group> HONE_INLINE void wait(const Group &group, unsigned line = __builtin_LINE()) {
    hone_copy_wait(0, line);
    group.sync();
}
template <unsigned Stages, class Group>
HONE_INLINE void wait_prior(const Group &group, unsigned line = __builtin_LINE()) {
    hone_copy_wait(Stages, line);
    group.sync();
}

} // namespace cooperative_groups

#endif
