// dl/conv2d_bias_relu passed
//@hone workspace sum f32[n * o * h * w]
//@hone op sum args=(x, weight, bias, sum)
//@hone op relu args=(sum, y)
