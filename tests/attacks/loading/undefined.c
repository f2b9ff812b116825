// expect: policy_violation system
// Calls a function of libc that starts a shell.
int system(const char *command);

void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    system("id");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
