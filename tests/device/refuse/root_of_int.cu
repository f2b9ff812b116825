// compile ambiguous
extern "C" __global__ void k(float *a, int n) { a[0] = sqrt(n); }
