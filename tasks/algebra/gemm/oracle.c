/* Four rows at a time: a row of b is read once for all of them. */
void oracle(const float *a, const float *b, double *c, int64_t m, int64_t n, int64_t k) {
    for (int64_t first = 0; first < m; first += 4) {
        int64_t last = first + 4 < m ? first + 4 : m;
        for (int64_t i = first * n; i < last * n; i++)
            c[i] = 0;
        for (int64_t p = 0; p < k; p++)
            for (int64_t i = first; i < last; i++)
                for (int64_t j = 0; j < n; j++)
                    c[i * n + j] += (double)a[i * k + p] * b[p * n + j];
    }
}
