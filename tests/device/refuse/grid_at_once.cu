// both 2:57 sync
__global__ void k() { cooperative_groups::this_grid().sync(); }
