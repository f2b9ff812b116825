// both 2:55 sync
__global__ void k() { cooperative_groups::this_grid().sync(); }
