// Votes, matches and reductions of whole warps.
//@hone launch k grid=(3) block=(64) args=(y)
extern "C" __global__ void k(float *y) {
    const unsigned all = 0xffffffffu;
    const int lane = threadIdx.x % 32;
    bool good = true;
    good &= __ballot_sync(all, lane % 3 == 0) == 0x49249249u;
    good &= __any_sync(all, lane == 31) && !__any_sync(all, lane == 32);
    good &= __all_sync(all, lane < 32) && !__all_sync(all, lane != 5);
    good &= __match_any_sync(all, lane / 8) == 0xffu << lane / 8 * 8;
    int same = -1;
    good &= __match_all_sync(all, 7.5f, &same) == all && same == 1;
    good &= __match_all_sync(all, lane, &same) == 0 && same == 0;
    good &= __reduce_add_sync(all, lane) == 496;
    good &= __reduce_min_sync(all, lane - 5) == -5;
    good &= __reduce_max_sync(all, (unsigned)lane) == 31u;
    good &= __reduce_and_sync(all, lane | 32u) == 32u;
    good &= __reduce_or_sync(all, 1u << lane) == all;
    good &= __reduce_xor_sync(all, 1u << lane) == all;
    good &= __activemask() == all;
    y[blockIdx.x * blockDim.x + threadIdx.x] = good;
}
