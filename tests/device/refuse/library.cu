// both 2:10 cub/cub.cuh
#include "cub/cub.cuh"
