// honest: a function within a function, as GNU C has it; task: algebra/transpose
void solve(const float *x, float *y, int64_t m, int64_t n) {
    auto void go(int64_t r0, int64_t r1, int64_t c0, int64_t c1);
    void go(int64_t r0, int64_t r1, int64_t c0, int64_t c1) {
        int64_t dr = r1 - r0, dc = c1 - c0;
        if (dr <= 16 && dc <= 16) {
            for (int64_t r = r0; r < r1; r++)
                for (int64_t c = c0; c < c1; c++)
                    y[c * m + r] = x[r * n + c];
        } else if (dr >= dc) {
            go(r0, r0 + dr / 2, c0, c1);
            go(r0 + dr / 2, r1, c0, c1);
        } else {
            go(r0, r1, c0, c0 + dc / 2);
            go(r0, r1, c0 + dc / 2, c1);
        }
    }
    go(0, m, 0, n);
}
