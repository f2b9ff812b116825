// honest: the first step writes sums only, which look useless until the third; task: algebra/scan
//@hone const PART = 1024
//@hone workspace sums f32[ceil_div(n, PART)]
//@hone call add_parts args=(x, sums, n)
//@hone call add_before args=(sums, ceil_div(n, PART))
//@hone call scan_parts args=(x, sums, y, n)
void add_parts(const float *x, float *sums, int64_t n) {
    for (int64_t first = 0; first < n; first += PART) {
        float sum = 0;
        for (int64_t i = first; i < n && i < first + PART; i++)
            sum += x[i];
        sums[first / PART] = sum;
    }
}

void add_before(float *sums, int64_t count) {
    float before = 0;
    for (int64_t i = 0; i < count; i++) {
        float own = sums[i];
        sums[i] = before;
        before += own;
    }
}

void scan_parts(const float *x, const float *sums, float *y, int64_t n) {
    for (int64_t first = 0; first < n; first += PART) {
        float sum = 0;
        for (int64_t i = first; i < n && i < first + PART; i++) {
            sum += x[i];
            y[i] = sums[first / PART] + sum;
        }
    }
}
