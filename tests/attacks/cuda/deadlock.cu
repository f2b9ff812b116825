// expect: wrong deadlock
// half of a warp waits for the other, which waits for the block
//@hone launch k grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
extern "C" __global__ void k(const float *x, const float *y, float a, float b, float *out, long long n) {
    if (threadIdx.x % 32 < 16) __syncwarp();
    else __syncthreads();
    out[0] = 1;
}
