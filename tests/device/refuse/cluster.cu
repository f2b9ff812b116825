// cpu 2:12 __cluster_dims__
__global__ __cluster_dims__(2) void k() {}
