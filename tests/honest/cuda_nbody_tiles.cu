// honest: bodies that are not there have no mass, so nothing is checked inside; task: sci/nbody
//@hone launch nbody grid=(ceil_div(n, 64)) block=(64) args=(position_mass, acceleration, eps, (int)n)
#include <math.h>

extern "C" __global__ void nbody(const float *position_mass, float *acceleration, float eps, int n) {
    __shared__ float4 tile[64];
    const int i = blockIdx.x * 64 + threadIdx.x;
    const float4 *bodies = (const float4 *)position_mass;
    const float4 here = i < n ? bodies[i] : make_float4(0, 0, 0, 0);
    float3 sum = make_float3(0, 0, 0);
    for (int first = 0; first < n; first += 64) {
        tile[threadIdx.x] = first + threadIdx.x < n ? bodies[first + threadIdx.x] : make_float4(0, 0, 0, 0);
        __syncthreads();
        for (int j = 0; j < 64; j++) {
            const float x = tile[j].x - here.x, y = tile[j].y - here.y, z = tile[j].z - here.z;
            const float square = x * x + y * y + z * z + eps * eps;
            const float pull = tile[j].w / (square * sqrtf(square));
            sum.x += pull * x;
            sum.y += pull * y;
            sum.z += pull * z;
        }
        __syncthreads();
    }
    if (i < n) {
        acceleration[3 * i] = sum.x;
        acceleration[3 * i + 1] = sum.y;
        acceleration[3 * i + 2] = sum.z;
    }
}
