// expect: policy_violation [must not contain: root:]
// dynamic shared memory with the name of the runtime
//@hone launch k grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
extern __shared__ int hone_shared_end[];
extern "C" __global__ void k(const float *x, const float *y, float a, float b, float *out, long long n) {
    long long i = blockIdx.x * 256ll + threadIdx.x;
    if (i < n) out[i] = a * x[i] + b * y[i];
}
