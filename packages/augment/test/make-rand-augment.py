"""Writes rand-augment.json: what torchvision's RandAugment operations make of two small images (channels first).

Run it with torchvision 0.14: python3 make-rand-augment.py > rand-augment.json
"""

import json

import torch
from torchvision.transforms import InterpolationMode
from torchvision.transforms.autoaugment import RandAugment, _apply_op

NAMES = {
    "identity": "Identity", "shearX": "ShearX", "shearY": "ShearY", "translateX": "TranslateX",
    "translateY": "TranslateY", "rotate": "Rotate", "brightness": "Brightness", "color": "Color",
    "contrast": "Contrast", "sharpness": "Sharpness", "posterize": "Posterize", "solarize": "Solarize",
    "autoContrast": "AutoContrast", "equalize": "Equalize",
}

# torchvision cuts bytes off where we round them, so these are compared in floats.
FLOATS = {"brightness", "color", "contrast", "sharpness", "autoContrast"}

def chw(image):
    return {"shape": list(image.shape), "data": image.flatten().tolist()}

torch.manual_seed(4)
images = {
    "small": torch.randint(20, 220, (3, 9, 11), dtype=torch.uint8),
    # Large enough, and uneven enough, for equalize to have something to do.
    "large": (torch.rand(1, 24, 26) ** 2 * 200 + 30).to(torch.uint8),
}
cases = []
for image_name, image in images.items():
    space = RandAugment()._augmentation_space(31, image.shape[-2:])
    for name, operation in NAMES.items():
        if (image_name == "large") != (name == "equalize") and image_name == "large":
            continue
        magnitudes, signed = space[operation]
        # Not 30: a turn by 30 degrees puts some pixels exactly between two others.
        for magnitude in [9, 25] if magnitudes.ndim else [9]:
            for sign in [1, -1] if signed else [1]:
                amount = float(magnitudes[magnitude]) if magnitudes.ndim else 0.0
                source = image / 255 if name in FLOATS else image
                out = _apply_op(source, operation, sign * amount, InterpolationMode.NEAREST, None)
                data = [round(value, 7) for value in chw(out)["data"]]
                cases.append({"image": image_name, "name": name, "magnitude": magnitude, "sign": sign, "out": data})
print(json.dumps({"images": {k: chw(v) for k, v in images.items()}, "cases": cases}))
