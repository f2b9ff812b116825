// expect: compile_failed
#include <vector>
int main() { std::vector<int> v; cudaMalloc(0, 1); }
extern "C" __global__ void k(float *y, int n) { y[0] = n; }
