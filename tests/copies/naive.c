void solve(const double *x_f64, const float *x_f32, const _Float16 *x_f16, const uint16_t *x_bf16,
           const int64_t *x_i64, const int32_t *x_i32, const uint8_t *x_u8, const _Bool *x_bool,
           double *y_f64, float *y_f32, _Float16 *y_f16, uint16_t *y_bf16, int64_t *y_i64,
           int32_t *y_i32, uint8_t *y_u8, _Bool *y_bool, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        y_f64[i] = x_f64[i];
        y_f32[i] = x_f32[i];
        y_f16[i] = x_f16[i];
        y_bf16[i] = x_bf16[i];
        y_i64[i] = x_i64[i];
        y_i32[i] = x_i32[i];
        y_u8[i] = x_u8[i];
        y_bool[i] = x_bool[i];
    }
#ifdef SPOIL
    SPOIL;
#endif
}
