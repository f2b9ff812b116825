// A hash table: who takes a place by atomicCAS writes its value plainly; all read after the launch.
//@hone launch clear grid=(1) block=(128) args=(y)
//@hone launch k grid=(2) block=(64) args=(x, y)
//@hone launch check grid=(1) block=(128) args=(x, y)
__device__ int keys[256];
__device__ float values[256];
extern "C" __global__ void clear(float *y) {
    for (int i = threadIdx.x; i < 256; i += 128) keys[i] = -1;
    y[threadIdx.x] = 0;
}
extern "C" __global__ void k(const float *x, float *y) {
    const int key = blockIdx.x * 64 + threadIdx.x;
    int place = key * 7 % 256;
    while (keys[place] != -1 || atomicCAS(&keys[place], -1, key) != -1) place = (place + 1) % 256;
    values[place] = x[key];
}
extern "C" __global__ void check(const float *x, float *y) {
    int place = threadIdx.x * 7 % 256;
    while (keys[place] != (int)threadIdx.x) place = (place + 1) % 256;
    y[threadIdx.x] = values[place] == x[threadIdx.x];
}
