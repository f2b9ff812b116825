// honest: builds an order from the indices in a step that writes no output; task: sparse/segment_sum
//@hone workspace begin i32[s + 1] zero
//@hone workspace order i32[n]
//@hone call sort args=(index, begin, order, n, s)
//@hone call add args=(v, begin, order, y, d, s)
void sort(const int32_t *index, int32_t *begin, int32_t *order, int64_t n, int64_t s) {
    for (int64_t i = 0; i < n; i++)
        begin[index[i]]++;
    int32_t end = 0;
    for (int64_t g = 0; g <= s; g++)
        begin[g] = end += begin[g];
    for (int64_t i = n; i-- > 0;)
        order[--begin[index[i]]] = (int32_t)i;
}

void add(const float *v, const int32_t *begin, const int32_t *order, float *y, int64_t d, int64_t s) {
    for (int64_t g = 0; g < s; g++) {
        for (int64_t j = 0; j < d; j++)
            y[g * d + j] = 0;
        for (int32_t at = begin[g]; at < begin[g + 1]; at++)
            for (int64_t j = 0; j < d; j++)
                y[g * d + j] += v[order[at] * d + j];
    }
}
