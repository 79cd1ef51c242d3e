"""torchvision's batches of photos, by turns: torchvision-side.py FOLDER training|evaluation WORKERS BATCH. See photos.mjs."""

import json
import multiprocessing
import os
import random
import resource
import sys
import time

import torch
from torch.utils.data import ConcatDataset, DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder
from torchvision.transforms import functional

folder, mode, workers, batch = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
torch.set_num_threads(1)

values = torch.tensor([0.2175, 0.0188, 0.0045])
vectors = torch.tensor([[-0.5675, 0.7192, 0.4009], [-0.5808, -0.0045, -0.8140], [-0.5836, -0.6948, 0.4203]])


def random_shorter(image):
    return functional.resize(image, random.randint(256, 480))


def pca_color(image):
    return image + (vectors @ (0.1 * torch.randn(3) * values)).view(3, 1, 1)


normalize = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
transform = transforms.Compose(
    [random_shorter, transforms.RandomCrop(224), transforms.RandomHorizontalFlip(), transforms.ToTensor(), pca_color, normalize]
    if mode == "training"
    else [transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(), normalize]
)
endless = ConcatDataset([ImageFolder(os.path.join(folder, "train"), transform)] * 200)


def stream():
    while True:
        yield from DataLoader(endless, batch_size=batch, shuffle=True, num_workers=workers)


def cpu_seconds():
    ticks = os.sysconf("SC_CLK_TCK")
    children = 0
    for child in multiprocessing.active_children():
        with open(f"/proc/{child.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        children += (int(fields[11]) + int(fields[12])) / ticks
    return time.process_time() + children


batches = stream()
ready = 3 * max(1, workers)


def turn(steps):
    cpu = cpu_seconds()
    for _ in range(ready):
        next(batches)
    start = time.perf_counter()
    for _ in range(steps):
        next(batches)
    seconds = (time.perf_counter() - start) / steps
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"seconds": [seconds], "cpuSeconds": cpu_seconds() - cpu, "peakRssMb": peak}), flush=True)


turn(2)
for line in sys.stdin:
    turn(int(line))
