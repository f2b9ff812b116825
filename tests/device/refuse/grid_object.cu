// compile blocks of a grid need not run at once
#include <cooperative_groups.h>
template <class G> __device__ void wait(G g) { g.sync(); }
extern "C" __global__ void k() { wait(cooperative_groups::this_grid()); }
