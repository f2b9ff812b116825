// honest: many launches that exchange their buffers; task: sci/jacobi2d
//@hone workspace other f32[h * w]
//@hone if steps % 2
//@hone     swap u other
//@hone end
//@hone launch begin grid=(ceil_div(h * w, 256)) block=(256) args=(u0, u, other, (int)(h * w))
//@hone repeat steps
//@hone     launch sweep grid=(ceil_div(w, 32), ceil_div(h, 8)) block=(32, 8) args=(u, other, (int)h, (int)w)
//@hone     swap u other
//@hone end
extern "C" __global__ void begin(const float *from, float *u, float *other, int count) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < count)
        u[i] = other[i] = from[i];
}

extern "C" __global__ void sweep(const float *from, float *to, int h, int w) {
    int j = blockIdx.x * blockDim.x + threadIdx.x, i = blockIdx.y * blockDim.y + threadIdx.y;
    if (i < 1 || i >= h - 1 || j < 1 || j >= w - 1)
        return;
    const float *at = from + i * w + j;
    to[i * w + j] = (at[0] + at[-w] + at[w] + at[-1] + at[1]) / 5;
}
