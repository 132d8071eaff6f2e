"""Writes layers.txt: what PyTorch's layers make of x = sin(1), sin(2), … with parameters cos(0), cos(1), …

Run with PyTorch 2.13: python layers.py > layers.txt. Each line is a name and numbers: y, or a buffer.
"""

import torch
from torch import nn


def show(name, tensor):
    print(name, *(repr(float(x)) for x in tensor.detach().flatten().double()))


def wave(f, shape, start):
    count = torch.Size(shape).numel()
    return f(torch.arange(start, start + count, dtype=torch.float64)).reshape(shape).float()


def fill(layer):
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(wave(torch.cos, parameter.shape, 0))
    return layer


LAYERS = {
    "layer-norm": (nn.LayerNorm((4, 5)), (2, 3, 4, 5)),
    "rms-norm": (nn.RMSNorm(5), (2, 3, 4, 5)),
    "group-norm": (nn.GroupNorm(2, 6), (2, 6, 5)),
    "instance-norm": (nn.InstanceNorm2d(3, affine=True), (2, 3, 4, 5)),
    "conv-transpose": (
        nn.ConvTranspose2d(4, 6, (3, 2), stride=2, padding=1, output_padding=1, groups=2),
        (1, 4, 3, 3)),
    "prelu": (nn.PReLU(3), (2, 3, 2)),
    "avg-pool": (nn.AvgPool2d(2), (1, 2, 4, 5)),
    "adaptive-avg-pool": (nn.AdaptiveAvgPool2d(3), (1, 2, 4, 5)),
}

for name, (layer, shape) in LAYERS.items():
    show(name, fill(layer)(wave(torch.sin, shape, 1)))

norm = fill(nn.BatchNorm2d(3))
for step in range(3):
    y = norm(wave(torch.sin, (2, 3, 2, 2), 1 + 7 * step) * (step + 1))
show("batch-norm", y)
norm.eval()
show("batch-norm-eval", norm(wave(torch.sin, (2, 3, 2, 2), 1)))
for key, buffer in norm.state_dict().items():
    show("batch-norm-" + key, buffer)
