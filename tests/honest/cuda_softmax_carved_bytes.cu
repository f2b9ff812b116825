// honest: dynamic shared memory as bytes, doubles first and kept elements behind them; task: dl/softmax
//@hone const NT = 64
//@hone launch softmax grid=(rows, 1, 1) block=(NT, 1, 1) shared=(min(cols, 4096) * 4 + NT * 8 + 16) args=(x, y, (int)rows, (int)cols)
extern "C" __global__ void softmax(const float *x, float *y, int rows, int cols) {
    extern __shared__ unsigned char raw[];
    double *sums = reinterpret_cast<double *>(raw);
    float *cache = reinterpret_cast<float *>(raw + NT * sizeof(double));
    const int kept = cols < 4096 ? cols : 4096;
    const float *in = x + (size_t)blockIdx.x * cols;
    float m = __int_as_float(0xff800000);
    for (int j = threadIdx.x; j < cols; j += NT) { const float v = in[j]; if (j < kept) cache[j] = v; m = v > m ? v : m; }
    sums[threadIdx.x] = m;
    __syncthreads();
    for (int j = 0; j < NT; j++) m = fmaxf(m, (float)sums[j]);
    __syncthreads();
    double s = 0;
    for (int j = threadIdx.x; j < cols; j += NT) { float e = expf((j < kept ? cache[j] : in[j]) - m); if (j < kept) cache[j] = e; s += e; }
    sums[threadIdx.x] = s;
    __syncthreads();
    double t = 0;
    for (int j = 0; j < NT; j++) t += sums[j];
    for (int j = threadIdx.x; j < cols; j += NT) y[(size_t)blockIdx.x * cols + j] = (float)((j < kept ? cache[j] : expf(in[j] - m)) / t);
}
