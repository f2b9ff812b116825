// expect: timed_out|compile_failed|undecided [must not contain: root:]
// functions that call two of themselves, all inlined
#define F(a, b) static inline __attribute__((always_inline)) void a(volatile float *y) { b(y); b(y); b(y); b(y); }
static inline void f0(volatile float *y) { *y += 1; }
F(f1, f0)
F(f2, f1)
F(f3, f2)
F(f4, f3)
F(f5, f4)
F(f6, f5)
F(f7, f6)
F(f8, f7)
F(f9, f8)
F(f10, f9)
F(f11, f10)
F(f12, f11)
void solve(const float *x, float *y, int64_t n, float alpha) { (void)x, (void)alpha, (void)n; f12(y); }
