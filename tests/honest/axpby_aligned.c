// honest: looks at an address, to begin where whole vectors lie; task: algebra/axpby
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    int64_t first = 0;
    while (first < n && (uintptr_t)(out + first) % 64) {
        out[first] = a * x[first] + b * y[first];
        first++;
    }
    float *restrict whole = __builtin_assume_aligned(out + first, 64);
    for (int64_t i = 0; i < n - first; i++)
        whole[i] = a * x[first + i] + b * y[first + i];
}
