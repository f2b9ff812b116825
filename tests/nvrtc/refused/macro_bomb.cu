// expect: timed_out
#define A x x x x x x x x
#define B A A A A A A A A
#define C B B B B B B B B
#define D C C C C C C C C
#define E D D D D D D D D
#define F E E E E E E E E
#define G F F F F F F F F
#define H G G G G G G G G
#define x y[0]++;
extern "C" __global__ void k(float *y, int n) { H H H H H H H H }
