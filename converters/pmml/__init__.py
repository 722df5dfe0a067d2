"""An ONNX graph expanded, for one row, into the expressions of PMML 4.4."""
