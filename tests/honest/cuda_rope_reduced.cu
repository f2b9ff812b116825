// honest: the angle in turns, in double, its fraction by sinpif and cospif; task: llm/rope
//@hone launch rope_kernel grid=(ceil_div(d / 2, 32), heads, t) block=(32) args=(x, position, base, y, heads, d)
extern "C" __global__ void rope_kernel(const float* __restrict__ x, const int* __restrict__ pos,
                                       float base, float* __restrict__ y, long long heads, long long d) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= d / 2) return;
    const double inv_freq = pow((double)base, -2.0 * i / (double)d) / (2.0 * M_PI);
    double turns = pos[blockIdx.z] * inv_freq;
    turns -= floor(turns);
    float s, c;
    sincospif(2.0f * (float)turns, &s, &c);
    // turns is exact to 2^-53, its float to 2^-24: no more is asked for
    const long long at = ((long long)blockIdx.z * heads + blockIdx.y) * d + i;
    y[at] = x[at] * c - x[at + d / 2] * s;
    y[at + d / 2] = x[at + d / 2] * c + x[at] * s;
}
