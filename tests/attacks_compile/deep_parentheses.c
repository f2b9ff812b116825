// expect: compile_failed|timed_out [must not contain: root:]
// a million brackets for a recursive parser
#define L0 ((((((((((
#define R0 ))))))))))
#define L1 L0 L0 L0 L0 L0 L0 L0 L0 L0 L0 
#define R1 R0 R0 R0 R0 R0 R0 R0 R0 R0 R0 
#define L2 L1 L1 L1 L1 L1 L1 L1 L1 L1 L1 
#define R2 R1 R1 R1 R1 R1 R1 R1 R1 R1 R1 
#define L3 L2 L2 L2 L2 L2 L2 L2 L2 L2 L2 
#define R3 R2 R2 R2 R2 R2 R2 R2 R2 R2 R2 
#define L4 L3 L3 L3 L3 L3 L3 L3 L3 L3 L3 
#define R4 R3 R3 R3 R3 R3 R3 R3 R3 R3 R3 
#define L5 L4 L4 L4 L4 L4 L4 L4 L4 L4 L4 
#define R5 R4 R4 R4 R4 R4 R4 R4 R4 R4 R4 
int deep = L5 1 R5;
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
