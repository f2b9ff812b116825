// honest: a wider sum than the task asks for; task: algebra/scan
void solve(const float *x, float *y, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        y[i] = (float)(sum += x[i]);
}
