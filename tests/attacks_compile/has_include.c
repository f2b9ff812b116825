// expect: undecided [must not contain: found]
// asks, and breaks the build when the answer is yes
#if __has_include("/etc/passwd") || __has_include("/etc/hostname") || __has_include("/proc/self/maps")
#error found
#endif
#if __has_include("/root/.profile") || __has_include("/dev/zero") || __has_include("/etc/debian_version")
#error found
#endif
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
