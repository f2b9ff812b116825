// Launches come one after the other, with global variables that last.
//@hone launch first grid=(2) block=(64) args=(y)
//@hone launch second grid=(1) block=(128) args=(y, 3)
__device__ float kept[128];
extern "C" __global__ void first(float *y) {
    const int i = blockIdx.x * 64 + threadIdx.x;
    kept[i] = (float)i;
    y[i] = 0;
}
extern "C" __global__ void second(float *y, float three) {
    y[threadIdx.x] = kept[127 - threadIdx.x] == 127.0f - threadIdx.x && three == 3.0f;
}
