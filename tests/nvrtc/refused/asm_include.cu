// expect: compile_failed
extern "C" __global__ void k(float *y, int n) { asm(".include \"/etc/passwd\""); }
