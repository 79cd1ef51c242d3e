#!/usr/bin/env python3
"""Loads a safetensors file into torchvision's network of that name, strictly, and prints its logits as JSON.

    /usr/bin/python3 torchvision-logits.py net.safetensors resnet18 --size 64

The input is one image of evenly spaced numbers from -1 to 1, channels first.
"""
import argparse
import json
import sys

import torch
import torchvision

sys.dont_write_bytecode = True  # nothing beside the scripts
try:
    from safetensors.torch import load_file
except ImportError:
    from safetensors_file import load_file

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("file")
parser.add_argument("model")
parser.add_argument("--size", type=int, default=224)
options = parser.parse_args()

net = getattr(torchvision.models, options.model)()
net.load_state_dict(load_file(options.file), strict=True)
net.eval()
image = torch.linspace(-1, 1, 3 * options.size**2).reshape(1, 3, options.size, options.size)
with torch.no_grad():
    print(json.dumps(net(image)[0].tolist()))
