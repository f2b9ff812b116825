void solve(const float *x) { return y; }
