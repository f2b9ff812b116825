// expect: compile_failed|timed_out|undecided [must not contain: root:]
// a type of a million stars
#define L0 **********
#define Q0 
#define L1 L0 L0 L0 L0 L0 L0 L0 L0 L0 L0 
#define Q1 Q0 Q0 Q0 Q0 Q0 Q0 Q0 Q0 Q0 Q0 
#define L2 L1 L1 L1 L1 L1 L1 L1 L1 L1 L1 
#define Q2 Q1 Q1 Q1 Q1 Q1 Q1 Q1 Q1 Q1 Q1 
#define L3 L2 L2 L2 L2 L2 L2 L2 L2 L2 L2 
#define Q3 Q2 Q2 Q2 Q2 Q2 Q2 Q2 Q2 Q2 Q2 
#define L4 L3 L3 L3 L3 L3 L3 L3 L3 L3 L3 
#define Q4 Q3 Q3 Q3 Q3 Q3 Q3 Q3 Q3 Q3 Q3 
#define L5 L4 L4 L4 L4 L4 L4 L4 L4 L4 L4 
#define Q5 Q4 Q4 Q4 Q4 Q4 Q4 Q4 Q4 Q4 Q4 
int L5 star;
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
