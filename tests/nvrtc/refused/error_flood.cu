// expect: compile_failed
#define A q; q; q; q; q; q; q; q;
#define B A A A A A A A A
#define C B B B B B B B B
#define D C C C C C C C C
extern "C" __global__ void k(float *y, int n) { D D D D D D }
