// both 4:5 printf
#include <stdio.h>
extern "C" __global__ void k() {
    printf("%d", 1);
}
