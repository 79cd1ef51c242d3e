"""The CIFAR networks of He et al. 2015, §4.2, in PyTorch, with torchvision's names. Bottlenecks stride in their 3x3."""
from torch import nn
from torch.nn import functional as F


class Pad(nn.Module):
    """Option A: every stride-th pixel, zero channels after (end) or half before and half after (split)."""

    def __init__(self, before, after, stride):
        super().__init__()
        self.before, self.after, self.stride = before, after, stride

    def forward(self, x):
        return F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, self.before, self.after))


def shortcut(kind, inputs, outputs, stride):
    same = inputs == outputs and stride == 1
    if kind == "C" or (kind == "B" and not same):
        return nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))
    if same:
        return None
    extra = outputs - inputs
    before = extra // 2 if kind == "A-split" else 0
    return Pad(before, extra - before, stride)


class Block(nn.Module):
    def __init__(self, inputs, width, stride, bottleneck, kind):
        super().__init__()
        # (kernel, outputs, stride) of each convolution; the bottleneck strides in its 3x3.
        basic = [(3, width, stride), (3, width, 1)]
        layers = [(1, width, 1), (3, width, stride), (1, 4 * width, 1)] if bottleneck else basic
        self.count = len(layers)
        channels = inputs
        for i, (kernel, outputs, step) in enumerate(layers, 1):
            setattr(self, f"conv{i}", nn.Conv2d(channels, outputs, kernel, step, kernel // 2, bias=False))
            setattr(self, f"bn{i}", nn.BatchNorm2d(outputs))
            channels = outputs
        self.outputs = channels
        self.plain = kind == "none"
        self.downsample = None if self.plain else shortcut(kind, inputs, channels, stride)

    def forward(self, x):
        y = x
        for i in range(1, self.count + 1):
            y = getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(y))
            if i < self.count:
                y = F.relu(y)
        if not self.plain:
            y = y + (self.downsample(x) if self.downsample else x)
        return F.relu(y)


class Net(nn.Module):
    def __init__(self, n, bottleneck, kind, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        channels = 16
        for stage, width in enumerate((16, 32, 64), 1):
            blocks = []
            for i in range(n):
                blocks.append(Block(channels, width, 2 if stage > 1 and i == 0 else 1, bottleneck, kind))
                channels = blocks[-1].outputs
            setattr(self, f"layer{stage}", nn.Sequential(*blocks))
        self.fc = nn.Linear(channels, classes)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.fc(x.mean((2, 3)))
