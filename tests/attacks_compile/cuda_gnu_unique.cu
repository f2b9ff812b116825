// expect: undecided [must not contain: root:]
// a weak and unique variable
//@hone launch k grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
template <class T> struct unique { static __device__ int value; };
template <class T> int unique<T>::value = 3;
extern "C" __global__ void k(const float *x, const float *y, float a, float b, float *out, long long n) {
    long long i = blockIdx.x * 256ll + threadIdx.x;
    if (i < n) out[i] = a * x[i] + b * y[i];
}
__device__ int use() { return unique<int>::value; }
