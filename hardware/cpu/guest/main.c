#include "hardware/cpu/guest/child.h"

int main(void) {
    return hone_guest_run(NULL, NULL);
}
