// cuDNN, which subtracts the largest of each row; sums in f32 whatever the dtype.
//@hone call cudnn_softmax args=(rows, cols, x, y)
