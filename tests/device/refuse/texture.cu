// both 2:38 tex2D
extern "C" __global__ void k() { x = tex2D<float>(t, 0, 0); }
