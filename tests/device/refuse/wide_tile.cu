// compile tiles of several warps are not emulated
#include <cooperative_groups.h>
extern "C" __global__ void k() { cooperative_groups::tiled_partition<64>(cooperative_groups::this_thread_block()); }
