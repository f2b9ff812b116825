/* cooperative_groups.h - blocks, tiles of up to 32 threads, and the threads that run together.
 *
 * Every group within a warp is a mask of lanes; ranks count its set bits. */
#ifndef HONE_DEVICE_COOPERATIVE_GROUPS_H
#define HONE_DEVICE_COOPERATIVE_GROUPS_H

namespace cooperative_groups {

HONE_INLINE unsigned hone_rank_in_block() {
    return threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
}
HONE_INLINE unsigned hone_block_size() {
    return blockDim.x * blockDim.y * blockDim.z;
}

class thread_block {
  public:
    static __forceinline__ void sync() {
        __syncthreads();
    }
    /* Nothing runs between arriving and waiting, so that all of the wait may be in the latter. */
    struct arrival_token {};
    static __forceinline__ arrival_token barrier_arrive() {
        return arrival_token();
    }
    static __forceinline__ void barrier_wait(arrival_token &&) {
        __syncthreads();
    }
    static __forceinline__ unsigned thread_rank() {
        return hone_rank_in_block();
    }
    static __forceinline__ unsigned size() {
        return hone_block_size();
    }
    static __forceinline__ unsigned num_threads() {
        return hone_block_size();
    }
    static __forceinline__ dim3 group_index() {
        return dim3(blockIdx.x, blockIdx.y, blockIdx.z);
    }
    static __forceinline__ dim3 thread_index() {
        return dim3(threadIdx.x, threadIdx.y, threadIdx.z);
    }
    static __forceinline__ dim3 group_dim() {
        return dim3(blockDim.x, blockDim.y, blockDim.z);
    }
    static __forceinline__ dim3 dim_threads() {
        return group_dim();
    }
};
HONE_INLINE thread_block this_thread_block() {
    return thread_block();
}

class grid_group {
  public:
    void sync() const __attribute__((unavailable(
        "hone refuses this: blocks of a grid need not run at once; use another launch line")));
    static __forceinline__ bool is_valid() {
        return false;
    }
    static __forceinline__ unsigned long long num_blocks() {
        return (unsigned long long)gridDim.x * gridDim.y * gridDim.z;
    }
    static __forceinline__ unsigned long long block_rank() {
        return blockIdx.x + (unsigned long long)gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);
    }
    static __forceinline__ unsigned long long num_threads() {
        return num_blocks() * hone_block_size();
    }
    static __forceinline__ unsigned long long size() {
        return num_threads();
    }
    static __forceinline__ unsigned long long thread_rank() {
        return block_rank() * hone_block_size() + hone_rank_in_block();
    }
    static __forceinline__ dim3 dim_blocks() {
        return dim3(gridDim.x, gridDim.y, gridDim.z);
    }
    static __forceinline__ dim3 group_dim() {
        return dim_blocks();
    }
    static __forceinline__ dim3 block_index() {
        return dim3(blockIdx.x, blockIdx.y, blockIdx.z);
    }
};
HONE_INLINE grid_group this_grid() {
    return grid_group();
}

/* Of a value of any size, word by word; `shuffle` moves one. */
template <class T, class Shuffle> HONE_INLINE T hone_by_words(T value, Shuffle shuffle) {
    constexpr int count = (sizeof(T) + 3) / 4;
    unsigned words[count] = {};
    __builtin_memcpy(words, &value, sizeof value);
    for (int i = 0; i < count; i++)
        words[i] = shuffle(words[i]);
    __builtin_memcpy((void *)&value, words, sizeof value);
    return value;
}

/* Some lanes of one warp. */
class coalesced_group {
  protected:
    unsigned lanes;
    __forceinline__ unsigned lanes_below() const {
        return lanes & ((1u << (hone_rank_in_block() & 31)) - 1);
    }
    __forceinline__ unsigned pack(unsigned bits) const {
        unsigned packed = 0, at = 0;
        for (unsigned rest = lanes; rest; rest &= rest - 1)
            packed |= (bits >> __builtin_ctz(rest) & 1) << at++;
        return packed;
    }
    __forceinline__ int lane_of(unsigned rank) const {
        unsigned rest = lanes;
        while (rank-- && rest)
            rest &= rest - 1;
        return rest ? __builtin_ctz(rest) : (int)(hone_rank_in_block() & 31);
    }

  public:
    explicit __forceinline__ coalesced_group(unsigned mask) : lanes(mask) {
    }
    __forceinline__ unsigned hone_lanes() const {
        return lanes;
    }
    __forceinline__ void sync() const {
        __syncwarp(lanes);
    }
    __forceinline__ unsigned thread_rank() const {
        return (unsigned)__builtin_popcount(lanes_below());
    }
    __forceinline__ unsigned size() const {
        return (unsigned)__builtin_popcount(lanes);
    }
    __forceinline__ unsigned num_threads() const {
        return size();
    }
    static __forceinline__ unsigned meta_group_rank() {
        return 0;
    }
    static __forceinline__ unsigned meta_group_size() {
        return 1;
    }
    template <class T> __forceinline__ T shfl(T value, unsigned rank) const {
        int from = lane_of(rank % size());
        return hone_by_words(value, [&](unsigned x) { return __shfl_sync(lanes, x, from); });
    }
    template <class T> __forceinline__ T shfl_up(T value, unsigned by) const {
        unsigned rank = thread_rank();
        return shfl(value, rank >= by ? rank - by : rank);
    }
    template <class T> __forceinline__ T shfl_down(T value, unsigned by) const {
        unsigned rank = thread_rank();
        return shfl(value, rank + by < size() ? rank + by : rank);
    }
    __forceinline__ int any(int predicate) const {
        return __any_sync(lanes, predicate);
    }
    __forceinline__ int all(int predicate) const {
        return __all_sync(lanes, predicate);
    }
    __forceinline__ unsigned ballot(int predicate) const {
        return pack(__ballot_sync(lanes, predicate));
    }
    template <class T> __forceinline__ unsigned match_any(T value) const {
        return pack(__match_any_sync(lanes, value));
    }
    template <class T> __forceinline__ unsigned match_all(T value, int &same) const {
        return pack(__match_all_sync(lanes, value, &same));
    }
};
HONE_INLINE coalesced_group coalesced_threads() {
    return coalesced_group(__activemask());
}

/* `Size` lanes that follow each other, from a multiple of it on. */
template <unsigned Size, class Parent = void> class thread_block_tile : public coalesced_group {
    static_assert(
        Size <= 32 && (Size & (Size - 1)) == 0 && Size > 0,
        "hone refuses this: tiles of several warps are not emulated; use up to 32 threads");
    static __forceinline__ unsigned first_lane() {
        return hone_rank_in_block() & 31 & ~(Size - 1);
    }

  public:
    __forceinline__ thread_block_tile() : coalesced_group((~0u >> (32 - Size)) << first_lane()) {
    }
    template <class Other>
    __forceinline__ thread_block_tile(const thread_block_tile<Size, Other> &)
        : thread_block_tile() {
    }
    static __forceinline__ unsigned thread_rank() {
        return hone_rank_in_block() & (Size - 1);
    }
    static constexpr unsigned size() {
        return Size;
    }
    static constexpr unsigned num_threads() {
        return Size;
    }
    static __forceinline__ unsigned meta_group_rank() {
        return hone_rank_in_block() / Size;
    }
    static __forceinline__ unsigned meta_group_size() {
        return (hone_block_size() + Size - 1) / Size;
    }
    template <class T> __forceinline__ T shfl(T value, int rank) const {
        return hone_by_words(value, [&](unsigned x) { return __shfl_sync(lanes, x, rank, Size); });
    }
    template <class T> __forceinline__ T shfl_up(T value, unsigned by) const {
        return hone_by_words(value, [&](unsigned x) { return __shfl_up_sync(lanes, x, by, Size); });
    }
    template <class T> __forceinline__ T shfl_down(T value, unsigned by) const {
        return hone_by_words(value,
                             [&](unsigned x) { return __shfl_down_sync(lanes, x, by, Size); });
    }
    template <class T> __forceinline__ T shfl_xor(T value, unsigned with) const {
        return hone_by_words(
            value, [&](unsigned x) { return __shfl_xor_sync(lanes, x, (int)with, Size); });
    }
    __forceinline__ unsigned ballot(int predicate) const {
        return (__ballot_sync(lanes, predicate) & lanes) >> first_lane();
    }
    template <class T> __forceinline__ unsigned match_any(T value) const {
        return (__match_any_sync(lanes, value) & lanes) >> first_lane();
    }
    template <class T> __forceinline__ unsigned match_all(T value, int &same) const {
        return (__match_all_sync(lanes, value, &same) & lanes) >> first_lane();
    }
};

/* A block or lanes of a warp, known at run time. */
class thread_group {
    unsigned lanes; /* 0: the block */

  public:
    __forceinline__ thread_group(const thread_block &) : lanes(0) {
    }
    __forceinline__ thread_group(const coalesced_group &group) : lanes(group.hone_lanes()) {
    }
    __forceinline__ unsigned hone_lanes() const {
        return lanes;
    }
    __forceinline__ void sync() const {
        if (lanes)
            __syncwarp(lanes);
        else
            __syncthreads();
    }
    __forceinline__ unsigned thread_rank() const {
        return lanes ? coalesced_group(lanes).thread_rank() : hone_rank_in_block();
    }
    __forceinline__ unsigned size() const {
        return lanes ? coalesced_group(lanes).size() : hone_block_size();
    }
    __forceinline__ unsigned num_threads() const {
        return size();
    }
};

template <unsigned Size>
HONE_INLINE thread_block_tile<Size, thread_block> tiled_partition(const thread_block &) {
    return thread_block_tile<Size, thread_block>();
}
template <unsigned Size, unsigned Outer, class Parent>
HONE_INLINE thread_block_tile<Size, thread_block_tile<Outer, Parent>>
tiled_partition(const thread_block_tile<Outer, Parent> &) {
    static_assert(Size <= Outer, "a tile is no larger than what it is a part of");
    return thread_block_tile<Size, thread_block_tile<Outer, Parent>>();
}
HONE_INLINE coalesced_group tiled_partition(const coalesced_group &group, unsigned size) {
    unsigned first = group.thread_rank() / size * size, part = 0, at = 0;
    for (unsigned rest = group.hone_lanes(); rest; rest &= rest - 1, at++)
        part |= at >= first && at < first + size ? rest & -rest : 0;
    return coalesced_group(part);
}
HONE_INLINE thread_group tiled_partition(const thread_block &, unsigned size) {
    unsigned first = hone_rank_in_block() & 31 & ~(size - 1);
    if (size == 0 || size > 32 || (size & (size - 1)))
        __builtin_trap(); /* tiles of several warps are not emulated */
    return coalesced_group((~0u >> (32 - size)) << first);
}
HONE_INLINE thread_group tiled_partition(const thread_group &group, unsigned size) {
    if (group.hone_lanes())
        return tiled_partition(coalesced_group(group.hone_lanes()), size);
    return tiled_partition(thread_block(), size);
}
template <class T>
HONE_INLINE coalesced_group labeled_partition(const coalesced_group &group, T label) {
    return coalesced_group(__match_any_sync(group.hone_lanes(), label) & group.hone_lanes());
}
HONE_INLINE coalesced_group binary_partition(const coalesced_group &group, bool side) {
    unsigned ones = __ballot_sync(group.hone_lanes(), side) & group.hone_lanes();
    return coalesced_group(side ? ones : group.hone_lanes() & ~ones);
}

template <class Group> HONE_INLINE void sync(const Group &group) {
    group.sync();
}
template <class Group> HONE_INLINE unsigned thread_rank(const Group &group) {
    return (unsigned)group.thread_rank();
}
template <class Group> HONE_INLINE unsigned group_size(const Group &group) {
    return (unsigned)group.size();
}

template <class T> struct plus {
    __forceinline__ T operator()(T a, T b) const {
        return a + b;
    }
};
template <class T> struct less {
    __forceinline__ T operator()(T a, T b) const {
        return b < a ? b : a;
    }
};
template <class T> struct greater {
    __forceinline__ T operator()(T a, T b) const {
        return a < b ? b : a;
    }
};
template <class T> struct bit_and {
    __forceinline__ T operator()(T a, T b) const {
        return a & b;
    }
};
template <class T> struct bit_or {
    __forceinline__ T operator()(T a, T b) const {
        return a | b;
    }
};
template <class T> struct bit_xor {
    __forceinline__ T operator()(T a, T b) const {
        return a ^ b;
    }
};

} // namespace cooperative_groups

#endif
