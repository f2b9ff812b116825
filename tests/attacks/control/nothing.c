// expect: wrong
// Returns without computing.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
}
