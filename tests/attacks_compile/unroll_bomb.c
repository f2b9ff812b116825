// expect: timed_out|compile_failed|undecided [must not contain: root:]
// sixty thousand times sixty thousand
void solve(const float *x, float *y, int64_t n, float alpha) {
#pragma GCC unroll 65534
    for (int i = 0; i < 65534; i++)
#pragma GCC unroll 65534
        for (int j = 0; j < 65534; j++)
            y[(i * 7 + j) % n] += alpha * x[j] * (float)i;
}
