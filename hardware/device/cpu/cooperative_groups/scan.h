/* scan.h - of each thread of a group, one value of its own and those of lower rank. */
#ifndef HONE_DEVICE_COOPERATIVE_GROUPS_SCAN_H
#define HONE_DEVICE_COOPERATIVE_GROUPS_SCAN_H

#include <cooperative_groups.h>

namespace cooperative_groups {

template <class Group, class T, class Operation>
HONE_INLINE T inclusive_scan(const Group &group, T value, Operation operation) {
    for (unsigned by = 1; by < group.size(); by *= 2) {
        T lower = group.shfl_up(value, by);
        if (group.thread_rank() >= by)
            value = operation(lower, value);
    }
    return value;
}
template <class Group, class T> HONE_INLINE T inclusive_scan(const Group &group, T value) {
    return inclusive_scan(group, value, plus<T>());
}
template <class Group, class T, class Operation>
HONE_INLINE T exclusive_scan(const Group &group, T value, Operation operation) {
    T lower = group.shfl_up(inclusive_scan(group, value, operation), 1);
    return group.thread_rank() ? lower : T();
}
template <class Group, class T> HONE_INLINE T exclusive_scan(const Group &group, T value) {
    return exclusive_scan(group, value, plus<T>());
}

} // namespace cooperative_groups

#endif
