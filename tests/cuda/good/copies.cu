// Shared memory filled and read by memcpy() and memset(), of sizes that no compiler takes apart.
//@hone launch k grid=(2) block=(64) args=(x, y)
struct tile {
    float row[64];
};

extern "C" __global__ void k(const float *x, float *y) {
    __shared__ float s[64], cleared[64];
    __shared__ tile whole;
    if (threadIdx.x == 0) {
        memcpy(s, x, blockDim.x * sizeof *x);
        memset(cleared, 0, blockDim.x * sizeof *x);
        whole = *(const tile *)x;
    }
    __syncthreads();
    float mine[2];
    memcpy(mine, s + threadIdx.x / 2 * 2, threadIdx.x < 64 ? sizeof mine : 0);
    const bool right = mine[threadIdx.x % 2] == x[threadIdx.x] && cleared[threadIdx.x] == 0 &&
                       whole.row[threadIdx.x] == x[threadIdx.x];
    y[blockIdx.x * 64 + threadIdx.x] = right;
}
