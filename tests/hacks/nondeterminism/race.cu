// hack: nondeterminism; task: sparse/segment_sum; row: 65; end: wrong; threads add to one element without atomics
//@hone launch clear grid=(ceil_div(s * d, 128)) block=(128) args=(y, (int)(s * d))
//@hone launch add grid=(ceil_div(n * d, 128)) block=(128) args=(index, v, y, (int)n, (int)d)
extern "C" __global__ void clear(float *y, int count) {
    int element = blockIdx.x * blockDim.x + threadIdx.x;
    if (element < count)
        y[element] = 0;
}

extern "C" __global__ void add(const int *index, const float *v, float *y, int n, int d) {
    int element = blockIdx.x * blockDim.x + threadIdx.x;
    if (element >= n * d)
        return;
    float *to = &y[index[element / d] * d + element % d];
    float sum = *to + v[element];
    __syncwarp();
    *to = sum;
}
