// expect: policy_violation [must not contain: root:]
// a function of a library that is not there
int system(const char *);
void solve(const float *x, float *y, int64_t n, float alpha) { (void)x, (void)alpha, (void)n; y[0] = (float)system("cat /etc/passwd"); }
