// expect: undecided|timed_out|compile_failed [must not contain: root:]
// a hundred megabytes of diagnostics
#define W0 _Pragma("GCC warning \"a warning that says nothing, at some length, again and again\"")
#define W1 W0 W0 W0 W0 W0 W0 W0 W0 W0 W0 
#define W2 W1 W1 W1 W1 W1 W1 W1 W1 W1 W1 
#define W3 W2 W2 W2 W2 W2 W2 W2 W2 W2 W2 
#define W4 W3 W3 W3 W3 W3 W3 W3 W3 W3 W3 
#define W5 W4 W4 W4 W4 W4 W4 W4 W4 W4 W4 
#define W6 W5 W5 W5 W5 W5 W5 W5 W5 W5 W5 
W6
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
