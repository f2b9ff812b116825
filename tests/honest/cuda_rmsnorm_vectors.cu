// honest: rows that are multiples of four by float4, the rest plainly, one reciprocal root; task: llm/add_rmsnorm
//@hone launch fused_add_rms_norm grid=(t) block=(256) args=(x, residual, weight, eps, y, sum, (int)h)
#include <cuda_runtime.h>

template <typename T> __inline__ __device__ T warpReduceSum(T val) {
#pragma unroll
  for (int mask = 16; mask > 0; mask >>= 1) val += __shfl_xor_sync(0xffffffff, val, mask, 32);
  return val;
}

template <typename T> __inline__ __device__ T blockReduceSum(T val) {
  static __shared__ T shared[32];
  int lane = threadIdx.x & 0x1f;
  int wid = threadIdx.x >> 5;
  val = warpReduceSum<T>(val);
  if (lane == 0) shared[wid] = val;
  __syncthreads();
  val = (threadIdx.x < (blockDim.x / 32.f)) ? shared[lane] : (T)(0.0f);
  val = warpReduceSum<T>(val);
  return val;
}

extern "C" __global__ void fused_add_rms_norm(const float* __restrict__ input, const float* __restrict__ residual,
                                              const float* __restrict__ weight, const float epsilon,
                                              float* __restrict__ out, float* __restrict__ sum, const int hidden) {
  __shared__ float s_variance;
  float variance = 0.0f;
  const size_t base = (size_t)blockIdx.x * hidden;
  if ((hidden & 3) == 0) {
    const float4* in4 = reinterpret_cast<const float4*>(input + base);
    const float4* re4 = reinterpret_cast<const float4*>(residual + base);
    float4* su4 = reinterpret_cast<float4*>(sum + base);
    for (int idx = threadIdx.x; idx < hidden >> 2; idx += blockDim.x) {
      float4 a = in4[idx], b = re4[idx];
      float4 z = make_float4(a.x + b.x, a.y + b.y, a.z + b.z, a.w + b.w);
      variance += z.x * z.x + z.y * z.y + z.z * z.z + z.w * z.w;
      su4[idx] = z;
    }
  } else {
    for (int idx = threadIdx.x; idx < hidden; idx += blockDim.x) {
      float z = input[base + idx] + residual[base + idx];
      variance += z * z;
      sum[base + idx] = z;
    }
  }
  variance = blockReduceSum<float>(variance);
  if (threadIdx.x == 0) s_variance = rsqrtf(variance / hidden + epsilon);
  __syncthreads();
  if ((hidden & 3) == 0) {
    // the same thread wrote these
    for (int idx = threadIdx.x; idx < hidden >> 2; idx += blockDim.x) {
      float4 z = reinterpret_cast<float4*>(sum + base)[idx];
      float4 w = __ldg(reinterpret_cast<const float4*>(weight) + idx);
      reinterpret_cast<float4*>(out + base)[idx] = make_float4(z.x * s_variance * w.x, z.y * s_variance * w.y, z.z * s_variance * w.z, z.w * s_variance * w.w);
    }
  } else {
    for (int idx = threadIdx.x; idx < hidden; idx += blockDim.x)
      out[base + idx] = sum[base + idx] * s_variance * weight[idx];
  }
}
