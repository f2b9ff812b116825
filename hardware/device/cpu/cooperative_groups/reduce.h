/* reduce.h - one value of the values of a group's threads. */
#ifndef HONE_DEVICE_COOPERATIVE_GROUPS_REDUCE_H
#define HONE_DEVICE_COOPERATIVE_GROUPS_REDUCE_H

#include <cooperative_groups.h>

namespace cooperative_groups {

/* By halves, as the GPU does, so that floats are added in the same order. */
template <unsigned Size, class Parent, class T, class Operation>
HONE_INLINE T reduce(const thread_block_tile<Size, Parent> &tile, T value, Operation operation) {
    for (unsigned with = Size / 2; with; with /= 2)
        value = operation(value, tile.shfl_xor(value, with));
    return value;
}
template <class T, class Operation>
HONE_INLINE T reduce(const coalesced_group &group, T value, Operation operation) {
    T result = group.shfl(value, 0);
    for (unsigned rank = 1; rank < group.size(); rank++)
        result = operation(result, group.shfl(value, rank));
    return result;
}

} // namespace cooperative_groups

#endif
