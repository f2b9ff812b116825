// cuDNN's fused convolution in f32, without TF32.
//@hone call cudnn_conv2d_bias_relu args=(n, c, h, w, o, 3, 1, x, weight, bias, y)
