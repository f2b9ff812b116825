// expect: crashed|wrong|timed_out
// a report of its own, and then the end
//@hone launch k grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
extern "C" __global__ void k(const float *x, const float *y, float a, float b, float *out, long long n) {
    volatile unsigned long long *page = (unsigned long long *)0x5ffbe000;
    page[1] = 0;
    for (int i = 0; i < 60; i++) page[2 + i] = 0x6465737361707373ull;
    page[0] = 0x74726f7065526e48ull;
    __trap();
}
