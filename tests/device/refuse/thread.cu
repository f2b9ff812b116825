// both 2:19 thread
void run() { std::thread t; }
