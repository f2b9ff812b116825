/* execution_fibers.h - barriers and warp operations where threads are fibers. */
#ifndef HONE_DEVICE_CPU_EXECUTION_FIBERS_H
#define HONE_DEVICE_CPU_EXECUTION_FIBERS_H

#ifdef HONE_CHECKING
/* Indices are read by assembly, which is not instrumented, and nor is a copy of bits. */
#define HONE_INDEX_OF(name, type, from)                                                            \
    static inline __attribute__((always_inline)) type name() noexcept {                            \
        unsigned x, y, z;                                                                          \
        __asm__("movl %1, %0" : "=r"(x) : "m"((from).x));                                          \
        __asm__("movl %1, %0" : "=r"(y) : "m"((from).y));                                          \
        __asm__("movl %1, %0" : "=r"(z) : "m"((from).z));                                          \
        return __builtin_bit_cast(type, uint3{x, y, z});                                           \
    }
static inline __attribute__((always_inline)) const hone_fiber *hone_self(void) {
    const hone_fiber *self;
    __asm__("movq %1, %0" : "=r"(self) : "m"(hone_now));
    return self;
}
HONE_INDEX_OF(hone_index_of_thread, uint3, hone_self()->thread)
HONE_INDEX_OF(hone_index_of_block, uint3, hone_grid.block)
HONE_INDEX_OF(hone_extent_of_block, dim3, hone_grid.threads)
HONE_INDEX_OF(hone_extent_of_grid, dim3, hone_grid.blocks)
#undef HONE_INDEX_OF

/* The clock of what comes after a barrier; after an operation of the warp, whose lanes have the
 * same, fences apart, or are given one by the scheduler. */
HONE_DEVICE void hone_clock_barrier(hone_fiber *self) {
    const unsigned long long epoch = self->stamp >> HONE_STAMP_EPOCH;
    if ((epoch & HONE_EPOCH_MOST) == HONE_EPOCH_MOST)
        hone_too_many_barriers();
    self->stamp =
        (epoch + 1) << HONE_STAMP_EPOCH | (self->stamp & ((1ull << HONE_STAMP_CLOCK) - 1));
}
HONE_DEVICE void hone_clock_warp(hone_fiber *self, unsigned mask) {
    unsigned clock = (unsigned)(self->stamp >> HONE_STAMP_CLOCK) & HONE_CLOCK_MOST;
    clock |= 1;
    hone_waits[self->warp - hone_warps][self->lane][clock / 2 % HONE_WAITS] =
        self->stamp >> HONE_STAMP_EPOCH << 32 | mask;
    clock += clock != HONE_CLOCK_MOST;
    self->stamp &= ~((unsigned long long)HONE_CLOCK_MOST << HONE_STAMP_CLOCK);
    self->stamp |= (unsigned long long)clock << HONE_STAMP_CLOCK;
}
#else
#define HONE_INDEX_OF(name, type, from)                                                            \
    static inline __attribute__((always_inline)) type name() noexcept {                            \
        return __builtin_bit_cast(type, from);                                                     \
    }
HONE_INDEX_OF(hone_index_of_thread, uint3, hone_now->thread)
HONE_INDEX_OF(hone_index_of_block, uint3, hone_grid.block)
HONE_INDEX_OF(hone_extent_of_block, dim3, hone_grid.threads)
HONE_INDEX_OF(hone_extent_of_grid, dim3, hone_grid.blocks)
#undef HONE_INDEX_OF
#endif

/* Wait for the block. */
HONE_DEVICE void hone_wait_block(unsigned op) {
    hone_fiber *self = hone_now, *next = HONE_FIBER(self->next);
    self->op = op;
    if (__builtin_expect((HONE_FIBER(self->before)->op != op) | hone_irregular, 0))
        next = hone_arrive(self);
    hone_now = next;
    HONE_SWITCH(self, next);
#ifdef HONE_CHECKING
    hone_clock_barrier(hone_now);
#endif
}

/* Wait for the warp. */
HONE_DEVICE void hone_wait_warp(unsigned op, unsigned mask) {
    hone_fiber *self = hone_now, *next = HONE_FIBER(self->next_in_warp);
#ifdef HONE_CHECKING
    if (!(mask >> self->lane & 1))
        hone_wrong_mask(HONE_OP_LINE(op));
#endif
    self->op = op;
    self->mask = mask;
    if (__builtin_expect((HONE_FIBER(self->before_in_warp)->op != op) | hone_irregular, 0))
        next = hone_arrive(self);
    hone_now = next;
    HONE_SWITCH(self, next);
#ifdef HONE_CHECKING
    hone_clock_warp(hone_now, mask);
#endif
}

/* Bring a value and a vote, and wait for the others'. The place where they are; it stays as it is
 * until hone_leave(). */
HONE_DEVICE unsigned hone_exchange(unsigned op, unsigned mask, unsigned long long value,
                                   unsigned char vote) {
    hone_fiber *self = hone_now;
    unsigned turn = self->turn;
    self->warp->value[turn][self->lane] = value;
    self->warp->vote[turn][self->lane] = vote;
    hone_wait_warp(op, mask);
    self = hone_now;
    self->turn = (unsigned char)(turn ^ 1);
    return __builtin_expect(self->published, 0) ? HONE_PUBLISHED : turn;
}

HONE_DEVICE void hone_leave(unsigned mask, unsigned line) {
    if (__builtin_expect(hone_now->published, 0)) {
        hone_now->published = 0;
        hone_wait_warp(HONE_OP(HONE_OP_LEAVE, line), mask);
    }
}

HONE_DEVICE unsigned hone_votes(unsigned place, unsigned mask) {
    typedef char lanes __attribute__((vector_size(16)));
    const lanes *votes = (const lanes *)hone_now->warp->vote[place];
    unsigned low = (unsigned)__builtin_ia32_pmovmskb128(votes[0]);
    unsigned high = (unsigned)__builtin_ia32_pmovmskb128(votes[1]);
    return (low | high << 16) & mask;
}
#define HONE_VOTE_YES 0x80

HONE_DEVICE void __syncthreads(HONE_LINE) {
    hone_wait_block(HONE_OP(HONE_OP_BARRIER, line));
}

/* How many threads say yes. */
HONE_DEVICE int __syncthreads_count(int predicate, HONE_LINE) {
    hone_fiber *self = hone_now;
    unsigned turn = self->count_turn, yes = predicate != 0;
    self->predicate = yes;
    hone_grid.counts[turn] = HONE_FIBER(self->before) == self ? yes : hone_grid.counts[turn] + yes;
    hone_wait_block(HONE_OP(HONE_OP_COUNT, line));
    self = hone_now;
    if (__builtin_expect(self->published, 0)) {
        self->published = 0;
        return (int)hone_grid.counts[HONE_PUBLISHED];
    }
    self->count_turn = (unsigned char)(turn ^ 1);
    return (int)hone_grid.counts[turn];
}

HONE_DEVICE int __syncthreads_or(int predicate, HONE_LINE) {
    return __syncthreads_count(predicate, line) != 0;
}

HONE_DEVICE int __syncthreads_and(int predicate, HONE_LINE) {
    return __syncthreads_count(!predicate, line) == 0;
}

HONE_DEVICE void __syncwarp(unsigned mask = 0xffffffffu, HONE_LINE) {
    hone_wait_warp(HONE_OP(HONE_OP_SYNC, line), mask);
}

HONE_DEVICE unsigned __activemask(HONE_LINE) {
    hone_exchange(HONE_OP(HONE_OP_ACTIVE, line), 0xffffffffu, 0, HONE_VOTE_YES);
    hone_fiber *self = hone_now;
    if (!self->published)
        return hone_votes(self->turn ^ 1, 0xffffffffu);
    self->published = 0;
    return (unsigned)self->warp->value[HONE_PUBLISHED][self->lane];
}

HONE_DEVICE unsigned __ballot_sync(unsigned mask, int predicate, HONE_LINE) {
    unsigned place =
        hone_exchange(HONE_OP(HONE_OP_VOTE, line), mask, 0, predicate ? HONE_VOTE_YES : 0);
    unsigned lanes = hone_votes(place, mask);
    hone_leave(mask, line);
    return lanes;
}

HONE_DEVICE int __any_sync(unsigned mask, int predicate, HONE_LINE) {
    return __ballot_sync(mask, predicate, line) != 0;
}

HONE_DEVICE int __all_sync(unsigned mask, int predicate, HONE_LINE) {
    return __ballot_sync(mask, !predicate, line) == 0;
}

/* What an instruction takes: four or eight bytes, and half precision in two. */
template <class T> struct hone_shuffled {
    static_assert(!__is_class(T) || sizeof(T) <= 4,
                  "a shuffle takes an int, unsigned, long long, float, double or half");
    typedef T type;
};
template <> struct hone_shuffled<bool> { typedef int type; };
template <> struct hone_shuffled<char> { typedef int type; };
template <> struct hone_shuffled<signed char> { typedef int type; };
template <> struct hone_shuffled<unsigned char> { typedef int type; };
template <> struct hone_shuffled<short> { typedef int type; };
template <> struct hone_shuffled<unsigned short> { typedef int type; };

template <class T> HONE_DEVICE_TEMPLATE unsigned long long hone_bits(const T &value) {
    unsigned long long bits = 0;
    __builtin_memcpy(&bits, &value, sizeof value);
    return bits;
}

template <class T> HONE_DEVICE_TEMPLATE T hone_value(unsigned long long bits) {
    T value;
    __builtin_memcpy((void *)&value, &bits, sizeof value);
    return value;
}

/* `from` is a lane of the warp. */
template <class T>
HONE_DEVICE_TEMPLATE T hone_shuffle(unsigned mask, const T &value, unsigned from, unsigned line) {
#ifdef HONE_CHECKING /* what a lane brings that does not take part is anything */
    unsigned place =
        hone_exchange(HONE_OP(HONE_OP_SHUFFLE, line), mask, hone_bits(value), HONE_VOTE_YES);
    const bool brought = hone_votes(place, mask) >> from & 1;
    T got = hone_value<T>(brought ? hone_now->warp->value[place][from] : ~0ull);
#else
    unsigned place = hone_exchange(HONE_OP(HONE_OP_SHUFFLE, line), mask, hone_bits(value), 0);
    T got = hone_value<T>(hone_now->warp->value[place][from]);
#endif
    hone_leave(mask, line);
    return got;
}

#define HONE_SHUFFLE(name, argument, choice)                                                       \
    template <class T>                                                                             \
    HONE_DEVICE_TEMPLATE typename hone_shuffled<T>::type name(unsigned mask, T value, argument,    \
                                                              int width = 32, HONE_LINE) {         \
        const unsigned lane = hone_now->lane, segment = (unsigned)(width - 1);                     \
        const unsigned first = lane & ~segment, last = first | segment;                            \
        unsigned from;                                                                             \
        choice;                                                                                    \
        (void)first, (void)last;                                                                   \
        return hone_shuffle<typename hone_shuffled<T>::type>(mask, value, from & 31, line);        \
    }
HONE_SHUFFLE(__shfl_sync, int source, from = first | ((unsigned)source & segment))
HONE_SHUFFLE(__shfl_up_sync, unsigned delta, from = lane < first + delta ? lane : lane - delta)
HONE_SHUFFLE(__shfl_down_sync, unsigned delta, from = delta > last - lane ? lane : lane + delta)
HONE_SHUFFLE(__shfl_xor_sync, int lanes,
             from = (lane ^ (unsigned)lanes) > last ? lane : lane ^ (unsigned)lanes)
#undef HONE_SHUFFLE

template <class T>
HONE_DEVICE_TEMPLATE unsigned __match_any_sync(unsigned mask, T value, HONE_LINE) {
    const unsigned long long mine = hone_bits(value);
    unsigned place = hone_exchange(HONE_OP(HONE_OP_MATCH, line), mask, mine, HONE_VOTE_YES);
    unsigned same = 0;
    for (unsigned left = hone_votes(place, mask); left; left &= left - 1)
        if (hone_now->warp->value[place][__builtin_ctz(left)] == mine)
            same |= left & -left;
    hone_leave(mask, line);
    return same;
}

template <class T>
HONE_DEVICE_TEMPLATE unsigned __match_all_sync(unsigned mask, T value, int *all, HONE_LINE) {
    const unsigned long long mine = hone_bits(value);
    unsigned place = hone_exchange(HONE_OP(HONE_OP_MATCH, line), mask, mine, HONE_VOTE_YES);
    const unsigned lanes = hone_votes(place, mask);
    unsigned same = 0;
    for (unsigned left = lanes; left; left &= left - 1)
        if (hone_now->warp->value[place][__builtin_ctz(left)] == mine)
            same |= left & -left;
    hone_leave(mask, line);
    *all = same == lanes;
    return *all ? lanes : 0;
}

#define HONE_REDUCE(name, type, step)                                                              \
    HONE_DEVICE type name(unsigned mask, type value, HONE_LINE) {                                  \
        unsigned place =                                                                           \
            hone_exchange(HONE_OP(HONE_OP_REDUCE, line), mask, hone_bits(value), HONE_VOTE_YES);   \
        unsigned left = hone_votes(place, mask);                                                   \
        type sum = value;                                                                          \
        bool begun = false;                                                                        \
        for (; left; left &= left - 1) {                                                           \
            const type one = hone_value<type>(hone_now->warp->value[place][__builtin_ctz(left)]);  \
            sum = begun ? step : one;                                                              \
            begun = true;                                                                          \
        }                                                                                          \
        hone_leave(mask, line);                                                                    \
        return sum;                                                                                \
    }
HONE_REDUCE(__reduce_add_sync, unsigned, sum + one)
HONE_REDUCE(__reduce_add_sync, int, (int)((unsigned)sum + (unsigned)one))
HONE_REDUCE(__reduce_min_sync, unsigned, one < sum ? one : sum)
HONE_REDUCE(__reduce_min_sync, int, one < sum ? one : sum)
HONE_REDUCE(__reduce_max_sync, unsigned, one > sum ? one : sum)
HONE_REDUCE(__reduce_max_sync, int, one > sum ? one : sum)
HONE_REDUCE(__reduce_and_sync, unsigned, sum &one)
HONE_REDUCE(__reduce_or_sync, unsigned, sum | one)
HONE_REDUCE(__reduce_xor_sync, unsigned, sum ^ one)
#undef HONE_REDUCE

/* In the condition of a loop that does nothing else: the source's text is changed for it. */
HONE_DEVICE void hone_turn(HONE_LINE) {
    if (++hone_now->turns % 32 == 0)
        hone_give_way(line);
}

/* In a loop that looks at what others may change, or may not end: put into the source's text. */
HONE_DEVICE void hone_look(HONE_LINE) {
    if (__builtin_expect(--hone_now->looks == 0, 0))
        hone_tire(line);
}

HONE_DEVICE void __nanosleep(unsigned, HONE_LINE) {
    hone_give_way(line);
}

#endif
