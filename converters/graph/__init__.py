"""One small function per estimator, from fitted attributes to ONNX operators."""
