// both 2:20 <<<
void run() { kernel<<<1, 2>>>(); }
