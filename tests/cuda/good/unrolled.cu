// The hint stands before loops of all kinds, with and without a number, and where no loop follows.
//@hone launch k grid=(2) block=(64) args=(y)
template <int count> __device__ int add(int value) {
#pragma unroll count
    for (int i = 0; i < count; i++)
        value++;
    return value;
}
extern "C" __global__ void k(float *y) {
    __shared__ int part[64];
    int sum = 0, turns = 0;
#pragma unroll
    for (int i = 0; i < 21; i++)
        sum += i;
  #  pragma unroll 4
    while (turns < 6)
        turns++;
#pragma unroll(2)
    do
        turns++;
    while (turns < (int)blockDim.x);
#pragma unroll 1
    for (int i = 0; i < 3; i++)
        part[threadIdx.x] = sum;
#pragma unroll
    __syncthreads();
#pragma unroll 100
    for (int i = 0; i < 10; i++)
        sum += part[(threadIdx.x + i) % 64];
    const char *text = "#pragma unroll";
    y[blockIdx.x * blockDim.x + threadIdx.x] =
        sum == 2310 && turns == 64 && add<5>(2) == 7 && text[8] == 'u';
}
