// wrong: the counter says that a part is there before it is; task: algebra/gemv
//@hone const PARTS = 4
//@hone workspace parts f32[4 * m]
//@hone workspace arrived i32[m] zero
//@hone launch gemv grid=(m, PARTS) block=(32) args=(a, x, y, parts, arrived, (int)n)
extern "C" __global__ void gemv(const float *a, const float *x, float *y, float *parts,
                                int *arrived, int n) {
    __shared__ int before;
    const int row = blockIdx.x, begin = n * (int)blockIdx.y / PARTS, end = n * ((int)blockIdx.y + 1) / PARTS;
    float sum = 0;
    for (int j = begin + threadIdx.x; j < end; j += 32)
        sum += a[(long long)row * n + j] * x[j];
    for (int step = 16; step > 0; step /= 2)
        sum += __shfl_down_sync(0xffffffff, sum, step);
    if (threadIdx.x == 0) {
        parts[row * PARTS + blockIdx.y] = sum;
        before = atomicAdd(&arrived[row], 1);
    }
    __syncthreads();
    if (threadIdx.x == 0 && before == PARTS - 1) {
        float all = 0;
        for (int part = 0; part < PARTS; part++)
            all += ((volatile float *)parts)[row * PARTS + part];
        y[row] = all;
    }
}
