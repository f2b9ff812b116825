// both 2:14 cudaMallocManaged
void run() { cudaMallocManaged(&p, 4); }
