#!/usr/bin/env python3
"""Records a short training run of PyTorch, which `resnet verify FILE` replays.

    /usr/bin/python3 record-trajectory.py run.safetensors --blocks-per-stage 2 --block bottleneck --shortcut A-end --nesterov

A CIFAR network learns random images a few steps by SGD. With --finetune it is pretrained with a head for other classes first, which is
replaced; the stem and the first stage are frozen, and AdamW follows a cosine after a linear warm-up. The file holds what verify needs: `init.*`, `images`, `labels`,
`losses`, `final.*` and `logits_eval`, with the settings as metadata; see ../golden/README.md. Needs PyTorch only.
The rate is low on purpose: a rate of 0.1 would amplify float32 rounding by itself.
"""
import argparse
import sys

import torch
from torch import nn
from torch.nn import functional as F

sys.dont_write_bytecode = True  # nothing beside the scripts
from cifar_network import Net
from safetensors_file import save_file


def initialize(net):
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        if isinstance(module, nn.BatchNorm2d):  # not 1 and 0, so that a swapped weight shows
            nn.init.uniform_(module.weight, 0.7, 1.3)
            nn.init.normal_(module.bias, 0, 0.1)


def parameter_groups(net, weight_decay, skip_1d):
    plain = [p for p in net.parameters() if skip_1d and p.dim() == 1]
    decayed = [p for p in net.parameters() if not (skip_1d and p.dim() == 1)]
    return [{"params": decayed, "weight_decay": weight_decay}, {"params": plain, "weight_decay": 0.0}]


def freeze(net, parts):
    for part in parts:
        getattr(net, part).requires_grad_(False)


def train_mode(net, frozen):
    """Frozen parts keep and use their running statistics."""
    net.train()
    for part in frozen:
        getattr(net, part).eval()


def optimizer_of(net, options):
    groups = parameter_groups(net, options.weight_decay, options.decay_skips_1d)
    for group in groups:
        group["params"] = [p for p in group["params"] if p.requires_grad]
    if options.finetune:
        return torch.optim.AdamW(groups, lr=options.rate)
    return torch.optim.SGD(groups, lr=options.rate, momentum=options.momentum, nesterov=options.nesterov)


def schedule_of(optimizer, options):
    if not options.finetune:
        return torch.optim.lr_scheduler.ConstantLR(optimizer, factor=1)
    warm, rest = options.warmup_steps, options.steps - options.warmup_steps
    rise = torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=0.1, total_iters=warm)
    fall = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=rest)
    return torch.optim.lr_scheduler.SequentialLR(optimizer, [rise, fall], milestones=[warm])


def state(net, prefix):
    return {
        f"{prefix}.{name}": value.detach().clone()
        for name, value in net.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }


def finetuning(options):
    if not options.finetune:
        return {}
    return {
        "optimizer": "adamw",
        "beta1": "0.9",
        "beta2": "0.999",
        "epsilon": "1e-08",
        "freeze": "stage1",
        "schedule": "cosine",
        "warmup_steps": str(options.warmup_steps),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--blocks-per-stage", type=int, default=1)
    parser.add_argument("--block", choices=["basic", "bottleneck"], default="basic")
    parser.add_argument("--shortcut", choices=["A-split", "A-end", "B", "C", "none"], default="B")
    parser.add_argument("--classes", type=int, default=10)
    parser.add_argument("--new-classes", type=int, default=5)
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--rate", type=float, default=0.005)
    parser.add_argument("--momentum", type=float, default=0.9)
    parser.add_argument("--weight-decay", type=float, default=0.01)
    parser.add_argument("--nesterov", action="store_true")
    parser.add_argument("--decay-skips-1d", action="store_true")
    parser.add_argument("--finetune", action="store_true")
    parser.add_argument("--warmup-steps", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    torch.manual_seed(options.seed)
    net = Net(options.blocks_per_stage, options.block == "bottleneck", options.shortcut, options.classes)
    initialize(net)
    tensors = state(net, "init")
    frozen = ["conv1", "bn1", "layer1"] if options.finetune else []
    if options.finetune:
        net.fc = nn.Linear(net.fc.in_features, options.new_classes)
        tensors.update(state(net.fc, "head"))
        freeze(net, frozen)
    classes = options.new_classes if options.finetune else options.classes
    images = torch.randn(options.steps, options.batch, 3, options.size, options.size)
    labels = torch.randint(classes, (options.steps, options.batch))
    optimizer = optimizer_of(net, options)
    schedule = schedule_of(optimizer, options)
    losses = []
    train_mode(net, frozen)
    for x, y in zip(images, labels):
        loss = F.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    net.eval()
    with torch.no_grad():
        logits = net(images[0])
    tensors.update(state(net, "final"))
    tensors.update(images=images, labels=labels.int(), losses=torch.tensor(losses), logits_eval=logits)
    metadata = {
        "layout": "NCHW, OIHW",
        "family": "cifar",
        "blocks_per_stage": str(options.blocks_per_stage),
        "block": options.block,
        "shortcut": options.shortcut,
        "lr": str(options.rate),
        "momentum": str(options.momentum),
        "weight_decay": str(options.weight_decay),
        "nesterov": str(options.nesterov),
        "decay_skips_1d": str(options.decay_skips_1d),
        "torch": torch.__version__,
        **finetuning(options),
    }
    save_file(options.file, tensors, metadata)
    print(options.file, " ".join(f"{loss:.5f}" for loss in losses))


main()
