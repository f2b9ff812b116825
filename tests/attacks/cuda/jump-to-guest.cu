// expect: crashed|wrong|policy_violation|timed_out
// calls the guest, whose code it may read
//@hone launch k grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
extern "C" __global__ void k(const float *x, const float *y, float a, float b, float *out, long long n) {
    __syncthreads();
    for (unsigned long long at = 0x60000000; at < 0x60400000; at += 64) ((void (*)(long, long, long))at)(1, 2, 3);
}
