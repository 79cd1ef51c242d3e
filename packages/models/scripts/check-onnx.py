"""Checks ONNX files with ONNX's own checker and shape inference: python3 check-onnx.py FILE...  (Debian: python3-onnx)."""
import sys

import onnx

for path in sys.argv[1:]:
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True)
    assert len(inferred.graph.value_info) >= len(model.graph.node) - 1, "a node's shape could not be inferred"
    print(f"{path}: ok, opset {model.opset_import[0].version}, {len(model.graph.node)} nodes")
