#!/usr/bin/env python3
"""Saves torchvision's network of that name with random weights, and its logits for image files, as its weights' own preprocessing takes them.

    /usr/bin/python3 torchvision-classify.py resnet18 random-resnet18.pth photos/*.jpg > logits.json

Images are resized to 256 pixels at the shorter side, their middle 224 x 224 is cut, and ImageNet's channel statistics normalize it. They are
resized as tensors (torchvision's antialias=True), which rounds bytes once; Pillow, which torchvision uses for its own images, rounds them
between the two axes as well, a difference of one in some pixels. --pillow does that. Running statistics are made of noise first, so that no normalization is the identity.
"""
import argparse
import json

import torch
import torchvision
from PIL import Image
from torchvision import transforms

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("model")
parser.add_argument("weights")
parser.add_argument("images", nargs="+")
parser.add_argument("--pillow", action="store_true")
options = parser.parse_args()

torch.manual_seed(0)
net = getattr(torchvision.models, options.model)()
net.train()
with torch.no_grad():
    net(torch.randn(4, 3, 224, 224))
net.eval()
torch.save(net.state_dict(), options.weights)

view = transforms.Compose(
    [
        *([] if options.pillow else [transforms.PILToTensor()]),
        transforms.Resize(256, antialias=True),
        transforms.CenterCrop(224),
        *([transforms.PILToTensor()] if options.pillow else []),
        transforms.ConvertImageDtype(torch.float32),
        transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225]),
    ]
)
with torch.no_grad():
    logits = {path: net(view(Image.open(path).convert("RGB"))[None])[0].tolist() for path in options.images}
print(json.dumps(logits))
