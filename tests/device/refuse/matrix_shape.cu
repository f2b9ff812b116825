// compile hone emulates wmma of
#include <mma.h>
extern "C" __global__ void k() { nvcuda::wmma::fragment<nvcuda::wmma::accumulator, 8, 8, 4, double> f; }
