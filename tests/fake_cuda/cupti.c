#include "tests/fake_cuda/fake.h"

void fake_record(const struct fake_record *record) {
    (void)record;
}
