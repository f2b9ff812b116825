// expect: compile_failed|undecided [must not contain: root:]
// the include of C23
#if defined __has_embed
const char text[] = {
#embed "/etc/passwd"
};
#endif
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
