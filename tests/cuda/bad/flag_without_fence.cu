// nondeterministic race block (0,0,0) line 9 line 13 __threadfence()
//@hone launch clear grid=(2) block=(32) args=(y)
//@hone launch k grid=(2) block=(32) args=(y)
__device__ volatile int flag;
extern "C" __global__ void clear(float *y) { flag = 0; }
extern "C" __global__ void k(float *y) {
    if (threadIdx.x) return;
    if (blockIdx.x == 0) {
        y[0] = 3;
        flag = 1;
    } else {
        while (flag == 0) { }
        y[1] = y[0];
    }
}
