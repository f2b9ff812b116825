// expect: policy_violation [must not contain: root:]
// names of the harness made ambiguous
//@hone launch k grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
namespace mine { struct hone_kernel { int a; }; template <class T> struct hone_signature { }; }
using namespace mine;
extern "C" __global__ void k(const float *x, const float *y, float a, float b, float *out, long long n) {
    long long i = blockIdx.x * 256ll + threadIdx.x;
    if (i < n) out[i] = a * x[i] + b * y[i];
}
