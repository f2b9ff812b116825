/* execution_loop.h - threads that never wait are the turns of a loop.
 *
 * Separate variables of this file alone: a struct, or one that others could see, would keep
 * compilers from running several turns at once.
 */
#ifndef HONE_DEVICE_CPU_EXECUTION_LOOP_H
#define HONE_DEVICE_CPU_EXECUTION_LOOP_H

#define HONE_LOOP_INDEX(name, type, value)                                                         \
    namespace {                                                                                    \
    struct name {                                                                                  \
        static unsigned x, y, z;                                                                   \
    };                                                                                             \
    unsigned name::x, name::y, name::z;                                                            \
    }                                                                                              \
    static inline __attribute__((always_inline)) type value() noexcept {                           \
        return __builtin_bit_cast(type, uint3{name::x, name::y, name::z});                         \
    }
HONE_LOOP_INDEX(hone_thread_index, uint3, hone_index_of_thread)
HONE_LOOP_INDEX(hone_block_index, uint3, hone_index_of_block)
HONE_LOOP_INDEX(hone_block_size, dim3, hone_extent_of_block)
HONE_LOOP_INDEX(hone_grid_size, dim3, hone_extent_of_grid)
#undef HONE_LOOP_INDEX

#endif
