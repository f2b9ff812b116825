// expect: crashed
// Overwrites the guest's frames and whatever lies above them, until it faults.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    for (volatile uint64_t *at = __builtin_frame_address(0);; at++)
        *at = 0x5555555555555555;
}
