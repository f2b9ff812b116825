// Loops that wait and do something meanwhile: none of them keeps the others from running.
//@hone launch k grid=(2) block=(64) args=(y)
typedef volatile int told;
__device__ __forceinline__ int load(const int *at) { return *(volatile const int *)at; }
#define SEEN(at) (*(volatile int *)(at) != 0)
struct door {
    volatile int open;
};
extern "C" __global__ void k(float *y) {
    __shared__ int flags[8];
    __shared__ door last;
    __shared__ told seen;
    const int t = threadIdx.x;
    volatile int *flag = flags;
    int turns = 0;
    if (t < 8) flags[t] = 0;
    if (t == 0) last.open = seen = 0;
    __syncthreads();
    if (t == 40) {
        __threadfence_block();
        flag[0] = 1;
        while (load(&flags[1]) == 0) { turns++; }
        __threadfence_block();
        flag[2] = 1;
        for (;;) {
            turns++;
            if (SEEN(&flags[3])) break;
        }
        __threadfence_block();
        last.open = 1;
        while (int none = seen == 0)
            ;
    } else if (t == 7) {
        while (flag[0] == 0) { turns++; }
        __threadfence_block();
        flag[1] = 1;
        do {
            turns++;
        } while (!flag[2]);
        __threadfence_block();
        flag[3] = 1;
        for (int i = 0; !last.open; i++) turns += i;
    again:
        turns++;
        if (t == 7 && load(&flags[3]) == 0) goto again;
        __threadfence_block();
        seen = 1;
    }
    __syncthreads();
    y[blockIdx.x * 64 + t] = turns >= 0;
}
