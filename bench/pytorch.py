"""PyTorch's side of `npm run bench:peers`: takes as many steps as each line of stdin says and prints, as a line of JSON,
their seconds, the processor time of all and the peak memory of the process.

The networks are He et al. 2015, §4.2 (6n+2 layers, shortcut option A) on 32×32 images and §4.1 (18, 34, 50, 101 or 152 layers, option B, stride in the
3×3 convolution) on 224×224. The training step is forward, cross-entropy, backward and SGD with momentum 0.9 and weight decay 1e-4, in channels_last,
PyTorch's fastest layout on CPUs. `--describe` prints the version and the instructions that PyTorch uses.
"""

import argparse
import json
import resource
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F


class Block(nn.Module):
    """`relu(branch(x) + shortcut(x))`; where the shape changes the shortcut subsamples and pads with zero channels."""

    def __init__(self, inputs, filters, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, filters, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(filters)
        self.conv2 = nn.Conv2d(filters, filters, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(filters)
        self.stride, self.before = stride, (filters - inputs) // 2

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)), inplace=True)
        y = self.bn2(self.conv2(y))
        if self.stride != 1:
            x = F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, self.before, self.before))
        return F.relu(y + x, inplace=True)


class ResNet(nn.Module):
    """Maps [batch, 3, 32, 32] to 10 logits."""

    def __init__(self, depth):
        super().__init__()
        n = (depth - 2) // 6
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        blocks, inputs = [], 16
        for filters in (16, 32, 64):
            for i in range(n):
                blocks.append(Block(inputs, filters, 2 if i == 0 and filters > 16 else 1))
                inputs = filters
        self.blocks = nn.Sequential(*blocks)
        self.fc = nn.Linear(64, 10)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)), inplace=True)
        return self.fc(self.blocks(x).mean((2, 3)))


def conv_norm(inputs, filters, size, stride=1):
    return nn.Sequential(nn.Conv2d(inputs, filters, size, stride, size // 2, bias=False), nn.BatchNorm2d(filters))


class ImageNetBlock(nn.Module):
    """`relu(branch(x) + shortcut(x))`, basic or bottleneck."""

    def __init__(self, inputs, width, expansion, stride):
        super().__init__()
        outputs = width * expansion
        relu = nn.ReLU(inplace=True)
        if expansion == 1:
            self.branch = nn.Sequential(conv_norm(inputs, width, 3, stride), relu, conv_norm(width, width, 3))
        else:
            reduce, restore = conv_norm(inputs, width, 1), conv_norm(width, outputs, 1)
            self.branch = nn.Sequential(reduce, relu, conv_norm(width, width, 3, stride), relu, restore)
        changes = stride != 1 or inputs != outputs
        self.shortcut = conv_norm(inputs, outputs, 1, stride) if changes else nn.Identity()

    def forward(self, x):
        return F.relu(self.branch(x) + self.shortcut(x), inplace=True)


IMAGENET = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}


def imagenet_resnet(depth):
    """Maps [batch, 3, 224, 224] to 1,000 logits."""
    expansion = 4 if depth >= 50 else 1
    layers, inputs = [conv_norm(3, 64, 7, 2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)], 64
    for stage, blocks in enumerate(IMAGENET[depth]):
        width = 64 * 2**stage
        for i in range(blocks):
            layers.append(ImageNetBlock(inputs, width, expansion, 2 if i == 0 and stage else 1))
            inputs = width * expansion
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, 1000))


def capability():
    """The instructions that PyTorch's own kernels use; oneDNN's are held down by DNNL_MAX_CPU_ISA."""
    lines = [line for line in torch.__config__.show().splitlines() if "CPU capability" in line]
    return lines[0].split(":")[-1].strip() if lines else "unknown"


def training(model, images, labels):
    """A step of training; returns the loss, so that all of it is computed."""
    model.train()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def inference(model, images):
    """A batch of logits in evaluation mode."""
    model.eval()

    def step():
        with torch.inference_mode():
            return model(images)[0, 0].item()

    return step


def seconds_of(step):
    """How long one step takes."""
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--describe", action="store_true")
    parser.add_argument("--model", default="resnet20")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--warmup", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--inference", action="store_true")
    parser.add_argument("--compile", action="store_true", help="torch.compile, PyTorch 2")
    options = parser.parse_args()
    if options.describe:
        return print(f"{torch.__version__} ({capability()})")

    torch.manual_seed(0)
    torch.set_num_threads(options.threads)
    depth = int(options.model.removeprefix("resnet"))
    wide = depth in IMAGENET
    size, classes = (224, 1000) if wide else (32, 10)
    model = (imagenet_resnet if wide else ResNet)(depth).to(memory_format=torch.channels_last)
    if options.compile:
        model = torch.compile(model)
    images = torch.randn(options.batch, 3, size, size).to(memory_format=torch.channels_last)
    labels = torch.randint(0, classes, (options.batch,))
    step = inference(model, images) if options.inference else training(model, images, labels)
    for _ in range(options.warmup):
        step()
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        before = time.process_time()
        seconds = [seconds_of(step) for _ in range(int(line))]
        cpu = time.process_time() - before
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # kilobytes on Linux
        print(json.dumps({"seconds": seconds, "cpuSeconds": cpu, "peakRssMb": round(peak)}), flush=True)


if __name__ == "__main__":
    main()
