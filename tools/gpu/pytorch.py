"""A training step of PyTorch on this GPU, for the models named as model:batch. A line of JSON each: milliseconds a step.

Forward, cross-entropy, backward, SGD with momentum 0.9 and weight decay 1e-4, on images that lie on the GPU; op by op and
as a CUDA graph, with TF32 off and on, in both memory layouts. Nothing is read back between the steps of a stretch.
"""

import json
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

from cifar_resnet import ResNet

STEPS, STRETCHES = 20, 5


class ImageNetBlock(nn.Module):
    """`relu(branch(x) + shortcut(x))`: two 3×3 convolutions, or 1×1, 3×3 and 1×1 with the stride in the middle."""

    def __init__(self, inputs, filters, stride, bottleneck):
        super().__init__()
        outputs = 4 * filters if bottleneck else filters
        shapes = [(inputs, filters, 1, 1), (filters, filters, 3, stride), (filters, outputs, 1, 1)]
        if not bottleneck:
            shapes = [(inputs, filters, 3, stride), (filters, filters, 3, 1)]
        self.convs = nn.ModuleList(nn.Conv2d(i, o, k, s, k // 2, bias=False) for i, o, k, s in shapes)
        self.norms = nn.ModuleList(nn.BatchNorm2d(o) for _, o, _, _ in shapes)
        self.shortcut = None
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = x
        for i, (conv, norm) in enumerate(zip(self.convs, self.norms)):
            y = norm(conv(y))
            if i + 1 < len(self.convs):
                y = F.relu(y, inplace=True)
        return F.relu(y + (x if self.shortcut is None else self.shortcut(x)), inplace=True)


class ImageNetResNet(nn.Module):
    """Maps [batch, 3, 224, 224] to 1,000 logits, as torchvision's resnet18 and resnet50."""

    def __init__(self, repeats, bottleneck):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)
        )
        blocks, inputs = [], 64
        for stage, count in enumerate(repeats):
            filters = 64 * 2**stage
            for i in range(count):
                blocks.append(ImageNetBlock(inputs, filters, 2 if i == 0 and stage > 0 else 1, bottleneck))
                inputs = 4 * filters if bottleneck else filters
        self.blocks = nn.Sequential(*blocks)
        self.fc = nn.Linear(inputs, 1000)

    def forward(self, x):
        return self.fc(self.blocks(self.stem(x)).mean((2, 3)))


IMAGENET = {"resnet18": ([2, 2, 2, 2], False), "resnet34": ([3, 4, 6, 3], False), "resnet50": ([3, 4, 6, 3], True)}


def network(name):
    """The model, the side of its images and its classes."""
    if name in IMAGENET:
        return ImageNetResNet(*IMAGENET[name]), 224, 1000
    return ResNet(int(name.removeprefix("resnet"))), 32, 10


def stretches(step):
    """Milliseconds a step, the median of some stretches."""
    for _ in range(5):
        step()
    times = []
    for _ in range(STRETCHES):
        torch.cuda.synchronize()
        start = time.perf_counter()
        for _ in range(STEPS):
            step()
        torch.cuda.synchronize()
        times.append(1000 * (time.perf_counter() - start) / STEPS)
    return sorted(times)[STRETCHES // 2]


def training(name, batch, layout, graph):
    model, side, classes = network(name)
    model = model.cuda().to(memory_format=layout).train()
    images = torch.randn(batch, 3, side, side, device="cuda").to(memory_format=layout)
    labels = torch.randint(0, classes, (batch,), device="cuda")
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)

    def step():
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(model(images), labels).backward()
        optimizer.step()

    if not graph:
        return step
    side_stream = torch.cuda.Stream()
    side_stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side_stream):
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(side_stream)
    captured = torch.cuda.CUDAGraph()
    with torch.cuda.graph(captured):
        step()
    return captured.replay


def main():
    torch.manual_seed(0)
    torch.backends.cudnn.benchmark = True
    layouts = {"NCHW": torch.contiguous_format, "NHWC": torch.channels_last}
    print(json.dumps({"torch": torch.__version__, "gpu": torch.cuda.get_device_name()}), flush=True)
    for subject in sys.argv[1:]:
        name, batch = subject.split(":")
        for tf32 in (False, True):
            torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = tf32
            for layout, memory_format in layouts.items():
                for graph in (False, True):
                    result = {"model": name, "batch": int(batch), "tf32": tf32, "layout": layout, "graph": graph}
                    try:
                        result["milliseconds"] = stretches(training(name, int(batch), memory_format, graph))
                    except Exception as error:  # noqa: BLE001  one that fails must not cost the others
                        result["error"] = str(error)
                    print(json.dumps(result), flush=True)
                    torch.cuda.empty_cache()


main()
