// both 4:7 sync
#include <cooperative_groups.h>
__global__ void k() { auto g = cooperative_groups::this_grid();
    g.sync(); }
