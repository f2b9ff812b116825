// honest: two at once where rows are even, __expf with a clamp; task: llm/silu_mul
//@hone launch act_and_mul grid=(t) block=(min(1024, round_up(ceil_div(d, 2), 32))) args=(y, gate_up, (int)d)
template <typename T> __device__ __forceinline__ T silu(const T& x) { return (T)(((float)x) / (1.0f + expf((float)-x))); }

template <typename scalar_t, scalar_t (*ACT_FN)(const scalar_t&)>
__device__ void act_and_mul_body(scalar_t* __restrict__ out, const scalar_t* __restrict__ input, const int d) {
  const long long token_idx = blockIdx.x;
  const scalar_t* x_ptr = input + token_idx * 2 * d;
  const scalar_t* y_ptr = x_ptr + d;
  if (d % 2 == 0) {
    const float2* x2 = reinterpret_cast<const float2*>(x_ptr);
    const float2* y2 = reinterpret_cast<const float2*>(y_ptr);
    float2* o2 = reinterpret_cast<float2*>(out + token_idx * d);
    for (int i = threadIdx.x; i < d / 2; i += blockDim.x) {
      float2 g = __ldg(&x2[i]), u = __ldg(&y2[i]);
      o2[i] = make_float2(ACT_FN(g.x) * u.x, ACT_FN(g.y) * u.y);
    }
    return;
  }
  for (int idx = threadIdx.x; idx < d; idx += blockDim.x)
    out[token_idx * d + idx] = ACT_FN(__ldg(&x_ptr[idx])) * __ldg(&y_ptr[idx]);
}

extern "C" __global__ void act_and_mul(float* out, const float* input, const int d) {
  act_and_mul_body<float, silu<float>>(out, input, d);
}
