// honest: many steps that exchange their buffers, some of which write the output in vain; task: sci/jacobi2d
//@hone workspace other f32[h * w]
//@hone if steps % 2
//@hone     swap u other
//@hone end
//@hone call begin args=(u0, u, other, h * w)
//@hone repeat steps
//@hone     call sweep args=(u, other, h, w)
//@hone     swap u other
//@hone end
#include <string.h>

void begin(const float *from, float *u, float *other, int64_t count) {
    memcpy(u, from, (size_t)count * sizeof *u);
    memcpy(other, from, (size_t)count * sizeof *other);
}

void sweep(const float *restrict from, float *restrict to, int64_t h, int64_t w) {
    for (int64_t i = 1; i < h - 1; i++)
        for (int64_t j = i * w + 1; j < i * w + w - 1; j++)
            to[j] = (from[j] + from[j - w] + from[j + w] + from[j - 1] + from[j + 1]) / 5;
}
