// honest: Kahan's sum, whose corrections a careless compiler would remove; task: algebra/scan
void solve(const float *x, float *y, int64_t n) {
    float sum = 0, lost = 0;
    for (int64_t i = 0; i < n; i++) {
        float term = x[i] - lost, next = sum + term;
        lost = next - sum - term;
        y[i] = sum = next;
    }
}
