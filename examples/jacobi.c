/* A kernel in several steps, for sci/jacobi2d: `//@hone` lines say which functions to call, in
 * order. Every sweep reads `u` and writes `t`, then the names change places. With an odd number of
 * sweeps they begin changed, so that the last one ends in the task's u.
 *
 *     hone eval --task sci/jacobi2d examples/jacobi.c
 */
#include <stdint.h>
#include <string.h>

//@hone workspace t f32[h * w]
//@hone if steps % 2
//@hone     swap u t
//@hone end
//@hone call begin args=(u0, u, t, h * w)
//@hone repeat steps
//@hone     call sweep args=(u, t, (int)h, (int)w)
//@hone     swap u t
//@hone end

/* Both, because the border is never swept. */
void begin(const float *from, float *u, float *t, int64_t count) {
    memcpy(u, from, (size_t)count * sizeof *u);
    memcpy(t, from, (size_t)count * sizeof *t);
}

void sweep(const float *restrict from, float *restrict to, int h, int w) {
    for (int i = 1; i < h - 1; i++)
        for (int j = 1; j < w - 1; j++) {
            const float *at = from + (int64_t)i * w + j;
            to[(int64_t)i * w + j] = (at[0] + at[-w] + at[w] + at[-1] + at[1]) / 5;
        }
}
