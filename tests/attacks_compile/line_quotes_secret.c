// expect: compile_failed [must not contain: root:]
// gcc shows the line of the file that it was told it is in
void before(void);
#line 1 "@SECRET@"
int int; void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
