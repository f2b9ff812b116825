// expect: timed_out|compile_failed|undecided [must not contain: root:]
// one name of a hundred million letters
#define C(a, b) C_(a, b)
#define C_(a, b) a##b
#define N0 aaaaaaaaaa
#define N1 C(C(C(N0, N0), C(N0, N0)), C(C(N0, N0), C(N0, N0)))
#define N2 C(C(C(N1, N1), C(N1, N1)), C(C(N1, N1), C(N1, N1)))
#define N3 C(C(C(N2, N2), C(N2, N2)), C(C(N2, N2), C(N2, N2)))
#define N4 C(C(C(N3, N3), C(N3, N3)), C(C(N3, N3), C(N3, N3)))
#define N5 C(C(C(N4, N4), C(N4, N4)), C(C(N4, N4), C(N4, N4)))
#define N6 C(C(C(N5, N5), C(N5, N5)), C(C(N5, N5), C(N5, N5)))
#define N7 C(C(C(N6, N6), C(N6, N6)), C(C(N6, N6), C(N6, N6)))
#define N8 C(C(C(N7, N7), C(N7, N7)), C(C(N7, N7), C(N7, N7)))
int N8;
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
