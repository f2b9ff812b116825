// expect: compile_failed|timed_out [must not contain: root:]
// stops at twenty
#define E0 _Pragma("GCC error \"a warning that says nothing, at some length, again and again\"")
#define E1 E0 E0 E0 E0 E0 E0 E0 E0 E0 E0 
#define E2 E1 E1 E1 E1 E1 E1 E1 E1 E1 E1 
#define E3 E2 E2 E2 E2 E2 E2 E2 E2 E2 E2 
#define E4 E3 E3 E3 E3 E3 E3 E3 E3 E3 E3 
#define E5 E4 E4 E4 E4 E4 E4 E4 E4 E4 E4 
#define E6 E5 E5 E5 E5 E5 E5 E5 E5 E5 E5 
E6
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
