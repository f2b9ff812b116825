// No barrier before the tile is filled again: some threads still read it.
//@hone launch nbody grid=(ceil_div(n, 128)) block=(128) args=(position_mass, acceleration, eps, n)
#include <math.h>
#include <stdint.h>

extern "C" __global__ void nbody(const float *position_mass, float *acceleration, float eps,
                                 int64_t n) {
    __shared__ float4 tile[128];
    const float4 *bodies = (const float4 *)position_mass;
    int64_t i = (int64_t)blockIdx.x * 128 + threadIdx.x;
    float4 here = i < n ? bodies[i] : make_float4(0, 0, 0, 0);
    float sum[3] = {0, 0, 0};
    for (int64_t first = 0; first < n; first += 128) {
        if (first + threadIdx.x < n)
            tile[threadIdx.x] = bodies[first + threadIdx.x];
        __syncthreads();
        for (int t = 0; t < 128 && first + t < n; t++) {
            float x = tile[t].x - here.x, y = tile[t].y - here.y, z = tile[t].z - here.z;
            float square = x * x + y * y + z * z + eps * eps;
            float pull = tile[t].w / (square * sqrtf(square));
            sum[0] += pull * x;
            sum[1] += pull * y;
            sum[2] += pull * z;
        }
    }
    for (int axis = 0; i < n && axis < 3; axis++)
        acceleration[3 * i + axis] = sum[axis];
}
