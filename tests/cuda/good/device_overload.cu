// Functions of the device have the kernel's name: another return type, or another number of arguments.
//@hone launch k grid=(2) block=(32) args=(x, y)
__device__ float k(const float *x, int i) { return x[i]; }
namespace mine {
__device__ void k(float *y, float one, int i) { y[i] = one; }
}
static __device__ __forceinline__ void k(float *y, float one, int i) { mine::k(y, one, i); }
extern "C" __global__ void __launch_bounds__(32) k(const float *x, float *y) {
    const int i = blockIdx.x * 32 + threadIdx.x;
    k(y, k(x, i) == i, i);
}
