// nondeterministic race byte 7
//@hone launch k grid=(1) block=(33) args=(y)
extern "C" __global__ void k(float *y) {
    __shared__ unsigned char bytes[64];
    bytes[threadIdx.x] = 1;
    if (threadIdx.x == 32)
        bytes[7] = 2;
    __syncthreads();
    y[threadIdx.x] = bytes[threadIdx.x];
}
