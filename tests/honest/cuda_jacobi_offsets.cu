// honest: a table of structs, structured bindings, and initialisers within if; task: sci/jacobi2d
//@hone workspace a f32[h * w]
//@hone workspace b f32[h * w]
//@hone launch copy grid=(ceil_div(h * w, 128)) block=(128) args=(u0, a, b, (int)(h * w))
//@hone repeat steps
//@hone launch sweep grid=(ceil_div(w, 16), ceil_div(h, 16)) block=(16, 16) args=(a, b, (int)h, (int)w)
//@hone swap a b
//@hone end
//@hone launch out grid=(ceil_div(h * w, 128)) block=(128) args=(a, u, (int)(h * w))
struct Offset {
    int di, dj;
};
__device__ const Offset offsets[] = {{0, 0}, {-1, 0}, {1, 0}, {0, -1}, {0, 1}};
__host__ __device__ constexpr bool inner(int i, int n) {
    return i > 0 && i + 1 < n;
}
extern "C" __global__ void copy(const float *u0, float *a, float *b, int n) {
    if (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n)
        a[i] = b[i] = u0[i];
}
extern "C" __global__ void out(const float *a, float *u, int n) {
    if (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n)
        u[i] = a[i];
}
extern "C" __global__ void sweep(const float *a, float *b, int h, int w) {
    const int i = blockIdx.y * blockDim.y + threadIdx.y, j = blockIdx.x * blockDim.x + threadIdx.x;
    if (!inner(i, h) || !inner(j, w))
        return;
    float s = 0;
    for (auto [di, dj] : offsets)
        s += a[(i + di) * w + j + dj];
    b[i * w + j] = s / 5;
}
