// dl/softmax@f16 passed
//@hone workspace z f16[rows * cols]
//@hone op softmax args=(x, z)
//@hone call copy args=(z, y, rows * cols)
void copy(const _Float16 *z, _Float16 *y, int64_t count) {
    for (int64_t i = 0; i < count; i++)
        y[i] = z[i];
}
