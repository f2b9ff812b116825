// honest: bodies as float4 in shared memory, unrolled, rsqrtf cubed; task: sci/nbody
//@hone launch calculate_forces grid=(ceil_div(n, 64)) block=(64) shared=64 * 16 args=(position_mass, acceleration, eps, (int)n)
__device__ float3 bodyBodyInteraction(float4 bi, float4 bj, float3 ai, float eps2)
{
  float3 r;
  r.x = bj.x - bi.x;
  r.y = bj.y - bi.y;
  r.z = bj.z - bi.z;
  float distSqr = r.x * r.x + r.y * r.y + r.z * r.z + eps2;
  float invDist = rsqrtf(distSqr);
  float s = bj.w * (invDist * invDist * invDist);
  ai.x += r.x * s;
  ai.y += r.y * s;
  ai.z += r.z * s;
  return ai;
}

extern "C" __global__ void calculate_forces(const void *devX, void *devA, float eps, int N)
{
  extern __shared__ float4 shPosition[];
  const float4 *globalX = (const float4 *)devX;
  float *globalA = (float *)devA;
  float3 acc = {0.0f, 0.0f, 0.0f};
  int gtid = blockIdx.x * blockDim.x + threadIdx.x;
  float4 myPosition = gtid < N ? globalX[gtid] : make_float4(0, 0, 0, 0);
  for (int i = 0, tile = 0; i < N; i += blockDim.x, tile++) {
    int idx = tile * blockDim.x + threadIdx.x;
    shPosition[threadIdx.x] = idx < N ? globalX[idx] : make_float4(0.f, 0.f, 0.f, 0.f);
    __syncthreads();
    #pragma unroll 8
    for (int j = 0; j < (int)blockDim.x; j++)
      acc = bodyBodyInteraction(myPosition, shPosition[j], acc, eps * eps);
    __syncthreads();
  }
  if (gtid < N) {
    globalA[3 * gtid] = acc.x;
    globalA[3 * gtid + 1] = acc.y;
    globalA[3 * gtid + 2] = acc.z;
  }
}
