#!/usr/bin/env python3
"""Prints names and shapes of all weights of torchvision's ResNets as JSON: `{ "resnet18": { "conv1.weight": [64, 3, 7, 7], … }, … }`.

    /usr/bin/python3 torchvision-weights.py > ../golden/torchvision-weights.json

`num_batches_tracked`, a count beside each normalization, is left out.
"""
import json

import torchvision

NAMES = ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152"]


def shapes(name):
    state = getattr(torchvision.models, name)().state_dict()
    return {key: list(value.shape) for key, value in state.items() if not key.endswith("num_batches_tracked")}


def lines(weights):
    return ",\n".join(f"  {json.dumps(key)}: {json.dumps(shape, separators=(',', ':'))}" for key, shape in weights.items())


print("{" + ",\n".join(f'"{name}": {{\n{lines(shapes(name))}\n}}' for name in NAMES) + "}")
