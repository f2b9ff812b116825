/* Blocks are summed on their own; the sum of all blocks but the last is lost. */
void solve(const float *x, float *y, int64_t n) {
    float before = 0;
    for (int64_t start = 0; start < n; start += 1024) {
        float sum = before;
        before = 0;
        for (int64_t i = start; i < n && i < start + 1024; i++) {
            sum += x[i];
            before += x[i];
            y[i] = sum;
        }
    }
}
