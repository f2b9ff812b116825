// honest: a warp for a body, lanes over the others, components reduced together; task: sci/nbody
//@hone launch pull grid=(ceil_div(n, 8)) block=(256) args=(position_mass, acceleration, eps, n)
#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>
#include <stdint.h>
namespace cg = cooperative_groups;

extern "C" __global__ void pull(const float4 *bodies, float *out, float eps, int64_t n) {
    auto warp = cg::tiled_partition<32>(cg::this_thread_block());
    const int64_t i = blockIdx.x * 8LL + warp.meta_group_rank();
    if (i >= n) return;
    const float4 me = bodies[i];
    float ax = 0, ay = 0, az = 0;
    for (int64_t j = warp.thread_rank(); j < n; j += 32) {
        const float4 b = __ldg(&bodies[j]);
        const float dx = b.x - me.x, dy = b.y - me.y, dz = b.z - me.z;
        const float d2 = fmaf(dx, dx, fmaf(dy, dy, fmaf(dz, dz, eps * eps)));
        const float inv = 1.0f / sqrtf(d2), w = b.w * inv * inv * inv;
        ax += dx * w, ay += dy * w, az += dz * w;
    }
    ax = cg::reduce(warp, ax, cg::plus<float>());
    ay = cg::reduce(warp, ay, cg::plus<float>());
    az = cg::reduce(warp, az, cg::plus<float>());
    if (warp.thread_rank() < 3)
        out[3 * i + warp.thread_rank()] = warp.thread_rank() == 0 ? ax : warp.thread_rank() == 1 ? ay : az;
}
