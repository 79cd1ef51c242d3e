#!/usr/bin/env python3
"""Writes packages/data/test/fixtures/pillow-kinds.json: images of many kinds and what Pillow's convert('RGB') makes of them. Needs Pillow with AVIF (13.0 made the committed file) and NumPy."""
import base64
import io
import json
from pathlib import Path

import numpy as np
import PIL
from PIL import Image

size = (19, 14)
ramp = np.arange(size[0] * size[1]).reshape(size[1], size[0])
rgb = np.stack([ramp % 256, (3 * ramp) % 256, 255 - ramp % 256], axis=2).astype("uint8")
smooth = np.stack([10 * np.arange(19) + 5 * y for y in range(14)])[..., None] // [1, 2, 3] % 256
ink = np.stack([(13 * ramp) % 256, (29 * ramp) % 256, (7 * ramp) % 256, (3 * ramp) % 200], axis=2).astype("uint8")
soft = np.concatenate([smooth, smooth[..., :1] // 2], axis=2).astype("uint8")


def saved(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def adobe(data):
    """Where the segment of Adobe's marker starts."""
    return data.index(b"\xff\xee\x00\x0eAdobe")


def ycck(data):
    """The same data read as YCCK: Adobe's marker has the transform in its last byte."""
    at = adobe(data) + 15
    return data[:at] + b"\x02" + data[at + 1 :]


def unmarked(data):
    at = adobe(data)
    return data[:at] + data[at + 16 :]


def solid(*color):
    return saved(Image.new("CMYK", size, color), "JPEG", quality=100)


cmyk = saved(Image.fromarray(soft, "CMYK"), "JPEG", quality=100, subsampling=0)
picture = Image.fromarray(rgb)
images = {
    "CMYK JPEG": cmyk,
    "CMYK JPEG of pure cyan": solid(255, 0, 0, 0),
    "CMYK JPEG of black ink": solid(0, 0, 0, 255),
    "CMYK JPEG of magenta": solid(0, 255, 0, 0),
    "CMYK JPEG of mixed ink": solid(64, 32, 0, 16),
    "YCCK JPEG": ycck(cmyk),
    "CMYK JPEG without Adobe's marker": unmarked(cmyk),
    "CMYK TIFF": saved(Image.fromarray(ink, "CMYK"), "TIFF"),
    "TIFF": saved(picture, "TIFF"),
    "TIFF, LZW": saved(picture, "TIFF", compression="tiff_lzw"),
    "gray TIFF": saved(picture.convert("L"), "TIFF"),
    "GIF": saved(picture.quantize(64), "GIF"),
    "gray GIF": saved(picture.convert("L"), "GIF"),
    "AVIF": saved(Image.fromarray(smooth.astype("uint8")), "AVIF", quality=90, subsampling="4:4:4"),
    "WebP": saved(picture, "WEBP", lossless=True),
    "PNG of 1 bit": saved(picture.convert("1"), "PNG"),
    "PNG of a palette": saved(picture.quantize(16), "PNG"),
}


def decoded(data):
    image = Image.open(io.BytesIO(data)).convert("RGB")
    return {"file": base64.b64encode(data).decode(), "width": image.width, "height": image.height, "rgb": base64.b64encode(image.tobytes()).decode()}


out = Path(__file__).parents[2] / "data/test/fixtures/pillow-kinds.json"
out.write_text(json.dumps({"pillow": PIL.__version__, "images": {name: decoded(data) for name, data in images.items()}}, indent=1) + "\n")
