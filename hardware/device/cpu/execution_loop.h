/* execution_loop.h - threads that never wait are the turns of a loop.
 *
 * Separate variables of this file alone: a struct, or one that others could see, would keep
 * compilers from running several turns at once.
 */
#ifndef HONE_DEVICE_CPU_EXECUTION_LOOP_H
#define HONE_DEVICE_CPU_EXECUTION_LOOP_H

#define HONE_LOOP_INDEX(name, type)                                                                \
    struct name {                                                                                  \
        static unsigned x, y, z;                                                                   \
        operator type() const {                                                                    \
            return type{x, y, z};                                                                  \
        }                                                                                          \
    };                                                                                             \
    unsigned name::x, name::y, name::z;
namespace {
HONE_LOOP_INDEX(hone_thread_index, uint3)
HONE_LOOP_INDEX(hone_block_index, uint3)
HONE_LOOP_INDEX(hone_block_size, dim3)
HONE_LOOP_INDEX(hone_grid_size, dim3)
} // namespace
#undef HONE_LOOP_INDEX

#define threadIdx (hone_thread_index())
#define blockIdx (hone_block_index())
#define blockDim (hone_block_size())
#define gridDim (hone_grid_size())

#endif
