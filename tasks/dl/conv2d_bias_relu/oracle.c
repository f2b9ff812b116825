/* A filter's element moves over whole rows at a time. */
void oracle(const float *x, const float *weight, const float *bias, double *y, int64_t n, int64_t c,
            int64_t h, int64_t w, int64_t o) {
    for (int64_t image = 0; image < n * o; image++) {
        const int64_t b = image / o, f = image % o;
        double *out = y + image * h * w;
        for (int64_t at = 0; at < h * w; at++)
            out[at] = bias[f];
        for (int64_t tap = 0; tap < 9 * c; tap++) {
            const int64_t q = tap / 9, down = tap / 3 % 3 - 1, right = tap % 3 - 1;
            const float *in = x + (b * c + q) * h * w;
            const double factor = weight[f * 9 * c + tap];
            const int64_t first = right<0, last = right> 0 ? w - 1 : w;
            for (int64_t i = 0; i < h; i++)
                if (i + down >= 0 && i + down < h)
                    for (int64_t j = first; j < last; j++)
                        out[i * w + j] += factor * in[(i + down) * w + j + right];
        }
        for (int64_t at = 0; at < h * w; at++)
            out[at] = out[at] > 0 ? out[at] : 0;
    }
}
