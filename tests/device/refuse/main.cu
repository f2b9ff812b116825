// both 3:5 main
extern "C" __global__ void k() {}
int main(int argc, char **argv) {}
