// honest: a step that unpacks all weights into scratch memory, in every call anew; task: llm/w4a16_gemm
//@hone workspace values f32[n * k]
//@hone call unpack args=(weight, scale, values, n, k)
//@hone call multiply args=(x, values, y, m, n, k)
void unpack(const uint8_t *weight, const float *scale, float *values, int64_t n, int64_t k) {
    for (int64_t j = 0; j < n; j++)
        for (int64_t p = 0; p < k; p += 2) {
            const int byte = weight[(j * k + p) / 2];
            const float factor = scale[j * (k / 128) + p / 128];
            values[j * k + p] = (float)((byte & 15) - 8) * factor;
            values[j * k + p + 1] = (float)((byte >> 4) - 8) * factor;
        }
}

void multiply(const float *x, const float *values, float *y, int64_t m, int64_t n, int64_t k) {
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++) {
            float sum = 0;
#pragma omp simd reduction(+ : sum)
            for (int64_t p = 0; p < k; p++)
                sum += x[i * k + p] * values[j * k + p];
            y[i * n + j] = sum;
        }
}
