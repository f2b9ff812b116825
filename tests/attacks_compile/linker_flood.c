// expect: policy_violation|compile_failed|timed_out [must not contain: root:]
// ten thousand functions that are nowhere
#define G1(n) void nowhere_##n(void); nowhere_##n();
#define G10(n) G1(n##0) G1(n##1) G1(n##2) G1(n##3) G1(n##4) G1(n##5) G1(n##6) G1(n##7) G1(n##8) G1(n##9)
#define G100(n) G10(n##0) G10(n##1) G10(n##2) G10(n##3) G10(n##4) G10(n##5) G10(n##6) G10(n##7) G10(n##8) G10(n##9)
#define G1000(n) G100(n##0) G100(n##1) G100(n##2) G100(n##3) G100(n##4) G100(n##5) G100(n##6) G100(n##7) G100(n##8) G100(n##9)
void solve(const float *x, float *y, int64_t n, float alpha) { (void)x, (void)alpha, (void)n, (void)y; G1000(1) G1000(2) G1000(3) G1000(4) }
