// nondeterministic race shared line 7 line 8
//@hone launch k grid=(1) block=(64) args=(y)
extern "C" __global__ void k(float *y) {
    __shared__ unsigned short s[64];
    s[threadIdx.x] = 0;
    __syncthreads();
    s[threadIdx.x] = (unsigned short)threadIdx.x;
    y[threadIdx.x] = s[63 - threadIdx.x];
}
