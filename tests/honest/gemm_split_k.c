// honest: partial products in scratch memory, and a step that only adds them; task: algebra/gemm
//@hone const PARTS = 4
//@hone workspace parts f32[4 * m * n]
//@hone call multiply args=(a, b, parts, m, n, k)
//@hone call add args=(parts, c, m * n)
void multiply(const float *a, const float *b, float *parts, int64_t m, int64_t n, int64_t k) {
    for (int64_t part = 0; part < PARTS; part++, parts += m * n) {
        for (int64_t i = 0; i < m * n; i++)
            parts[i] = 0;
        for (int64_t i = 0; i < m; i++)
            for (int64_t p = k * part / PARTS; p < k * (part + 1) / PARTS; p++)
                for (int64_t j = 0; j < n; j++)
                    parts[i * n + j] += a[i * k + p] * b[p * n + j];
    }
}

void add(const float *parts, float *c, int64_t count) {
    for (int64_t i = 0; i < count; i++)
        c[i] = (parts[i] + parts[count + i]) + (parts[2 * count + i] + parts[3 * count + i]);
}
