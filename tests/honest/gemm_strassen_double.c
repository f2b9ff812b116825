// honest: seven products for eight where sizes are even, in double precision; rows on the stack; task: algebra/gemm
static void plain(const float *a, const float *b, float *c, int64_t m, int64_t n, int64_t k) {
    for (int64_t i = 0; i < m; i++) {
        double row[n];
        for (int64_t j = 0; j < n; j++)
            row[j] = 0;
        for (int64_t p = 0; p < k; p++)
            for (int64_t j = 0; j < n; j++)
                row[j] += (double)a[i * k + p] * b[p * n + j];
        for (int64_t j = 0; j < n; j++)
            c[i * n + j] = (float)row[j];
    }
}
static double S[128 * 128], T[128 * 128], M[7][128 * 128];
static void prod(const double *x, const double *y, double *z, int64_t h) {
    for (int64_t i = 0; i < h * h; i++)
        z[i] = 0;
    for (int64_t i = 0; i < h; i++)
        for (int64_t p = 0; p < h; p++)
            for (int64_t j = 0; j < h; j++)
                z[i * h + j] += x[i * h + p] * y[p * h + j];
}
static void mix(const float *x, int64_t ld, int64_t h, int p, double fp, int q, double fq,
                double *out) {
    const float *u = x + (p >> 1) * h * ld + (p & 1) * h, *v = x + (q >> 1) * h * ld + (q & 1) * h;
    for (int64_t i = 0; i < h; i++)
        for (int64_t j = 0; j < h; j++)
            out[i * h + j] = fp * u[i * ld + j] + (fq == 0 ? 0 : fq * v[i * ld + j]);
}
void solve(const float *a, const float *b, float *c, int64_t m, int64_t n, int64_t k) {
    if (m != n || n != k || n % 2 || n < 64 || n > 256) {
        plain(a, b, c, m, n, k);
        return;
    }
    static const signed char left[7][4] = {{0, 1, 3, 1}, {2, 1, 3, 1},  {0, 1, 0, 0}, {3, 1, 0, 0},
                                           {0, 1, 1, 1}, {2, 1, 0, -1}, {1, 1, 3, -1}};
    static const signed char right[7][4] = {{0, 1, 3, 1},  {0, 1, 0, 0}, {1, 1, 3, -1},
                                            {2, 1, 0, -1}, {3, 1, 0, 0}, {0, 1, 1, 1},
                                            {2, 1, 3, 1}};
    int64_t h = n / 2;
    for (int t = 0; t < 7; t++) {
        mix(a, n, h, left[t][0], left[t][1], left[t][2], left[t][3], S);
        mix(b, n, h, right[t][0], right[t][1], right[t][2], right[t][3], T);
        prod(S, T, M[t], h);
    }
    for (int64_t i = 0; i < h; i++)
        for (int64_t j = 0; j < h; j++) {
            int64_t e = i * h + j;
            c[i * n + j] = (float)(M[0][e] + M[3][e] - M[4][e] + M[6][e]);
            c[i * n + j + h] = (float)(M[2][e] + M[4][e]);
            c[(i + h) * n + j] = (float)(M[1][e] + M[3][e]);
            c[(i + h) * n + j + h] = (float)(M[0][e] - M[1][e] + M[2][e] + M[5][e]);
        }
}
