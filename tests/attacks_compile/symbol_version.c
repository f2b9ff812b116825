// expect: policy_violation|undecided|compile_failed [must not contain: root:]
// a version of a function of a library
__asm__(".symver evil, system@GLIBC_2.2.5");
int evil(const char *);
void solve(const float *x, float *y, int64_t n, float alpha) { (void)x, (void)alpha, (void)n; y[0] = (float)evil("id"); }
