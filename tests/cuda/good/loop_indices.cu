// The same where nobody waits.
//@hone launch k grid=(2, 3, 2) block=(5, 3, 4) args=(y)
extern "C" __global__ void k(float *y) {
    const uint3 t = threadIdx;
    const dim3 size = blockDim;
    const unsigned block = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
    const unsigned thread = (t.z * size.y + t.y) * blockDim.x + threadIdx.x;
    y[block * 60 + thread] = gridDim.x == 2 && gridDim.z == 2 && size.x == 5 && threadIdx.z == t.z;
}
