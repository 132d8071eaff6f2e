"""PyTorch as a contender of `./adjoint bench cpu`: a line in, a line out (see bench/cpu/Worker.java).

Run by hand: echo 'run sgemm-512 1' | python3 bench/peers/torch_cpu.py 2
"""

import os
import subprocess
import sys
import time

THREADS = int(sys.argv[1]) if len(sys.argv) > 1 else 2
os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(THREADS)

import numpy as np
import torch

from lines import serve

torch.set_num_threads(THREADS)

LEAST = 1e-3  # a sample lasts this long at least
EAGER_CALLS = 100

FIRST_MATMUL = (
    "import torch; torch.set_num_threads(%d); "
    "print((torch.ones(64, 64).mul(0.5) @ torch.ones(64, 64)).mean().item(), flush=True)" % THREADS
)


def mixed(seed, n):
    """The numbers of bench/cpu/Fill.java: a hash of operand and place, uniform on [-1/2, 1/2)."""
    i = np.arange(n, dtype=np.uint64)
    h = ((i + 1 + seed * 0x9E3779B9) & 0xFFFFFFFF).astype(np.uint32)
    h = (h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    h = (h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    h ^= h >> np.uint32(16)
    return (h >> np.uint32(8)) * 2.0**-24 - 0.5


def fill(seed, scale, *sizes):
    values = (scale * mixed(seed, int(np.prod(sizes)))).astype(np.float32)
    return torch.from_numpy(values.reshape(sizes))


def filled(layer):
    """Parameter number p is operand 10 + p."""
    with torch.no_grad():
        for p, parameter in enumerate(layer.parameters()):
            fan_in = 100 if parameter.dim() < 2 else parameter.numel() // parameter.shape[0]
            parameter.copy_(fill(10 + p, 2 / fan_in**0.5, *parameter.shape))
    return layer


class Job:
    def __init__(self, body, check=None, calls=1):
        self.body, self.check, self.calls = body, check or body, calls


def sgemm(n):
    a, b = fill(1, 1, n, n).requires_grad_(), fill(2, 1, n, n).requires_grad_()
    return Job(lambda: [a @ b])


def forward(layer):
    x = fill(1, 4, 4096, 1024).requires_grad_()
    return Job(lambda: [layer(x)])


def gradient(layer, x=None, dy=None):
    x = fill(1, 4, 4096, 1024).requires_grad_() if x is None else x
    dy = fill(2, 1, 4096, 1024) if dy is None else dy
    leaves = [x] if x.requires_grad else []
    leaves += list(layer.parameters()) if isinstance(layer, torch.nn.Module) else []

    def body():
        for leaf in leaves:
            leaf.grad = None
        y = layer(x)
        y = y[0] if isinstance(y, tuple) else y
        y.backward(dy)
        return [y] + [leaf.grad for leaf in leaves]

    return Job(body)


def conv(input_grad, c_in, size, c_out):
    x = fill(1, 2, 64, c_in, size, size)
    layer = filled(torch.nn.Conv2d(c_in, c_out, 5))
    return gradient(layer, x.requires_grad_(input_grad), fill(2, 1, 64, c_out, size - 4, size - 4))


def lenet():
    nn = torch.nn
    model = nn.Sequential(
        nn.Conv2d(1, 32, 5),
        nn.ReLU(),
        nn.MaxPool2d(3),
        nn.Conv2d(32, 64, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(256, 256),
        nn.ReLU(),
        nn.Linear(256, 10),
    )
    images = fill(1, 2, 100, 1, 28, 28)
    labels = torch.from_numpy(((mixed(2, 100) + 0.5) * 10).astype(np.int64))
    parameters = list(model.parameters())

    def body():
        loss = nn.functional.cross_entropy(model(images), labels)
        for parameter in parameters:
            parameter.grad = None
        loss.backward()
        # What torch.optim.SGD does on a CPU, without its bookkeeping.
        with torch.no_grad():
            for parameter in parameters:
                parameter.add_(parameter.grad, alpha=-0.01)
        return [loss] + [parameter.grad for parameter in parameters]

    def check():
        filled(model)
        return body()

    return Job(body, check)


def lstm():
    x = fill(1, 2, 64, 32, 256).requires_grad_()
    return gradient(filled(torch.nn.LSTM(256, 256)), x, fill(2, 1, 64, 32, 256))


def eager():
    x, y = fill(1, 1, 10).requires_grad_(), fill(2, 1, 10).requires_grad_()

    def body():
        for _ in range(EAGER_CALLS):
            z = x + y
        return [z]

    return Job(body, calls=EAGER_CALLS)


def start():
    def body():
        with subprocess.Popen(
            [sys.executable, "-c", FIRST_MATMUL],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as python:
            return float(python.stdout.readline())

    return Job(body)


def softmax(x):
    return torch.softmax(x, 1)


def layer_norm():
    return filled(torch.nn.LayerNorm(1024))


JOBS = {
    "sgemm-512": lambda: sgemm(512),
    "sgemm-1024": lambda: sgemm(1024),
    "sgemm-2048": lambda: sgemm(2048),
    "lenet-100": lenet,
    "conv-1x28-32": lambda: conv(False, 1, 28, 32),
    "conv-32x12-64": lambda: conv(True, 32, 12, 64),
    "softmax-4096x1024": lambda: forward(softmax),
    "softmax-grad-4096x1024": lambda: gradient(softmax),
    "layernorm-4096x1024": lambda: forward(layer_norm()),
    "layernorm-grad-4096x1024": lambda: gradient(layer_norm()),
    "lstm-256": lstm,
    "eager-add-10": eager,
    "start": start,
}


def fingerprint(results):
    """As bench/cpu/Fingerprint.java: the root mean square and four elements of each result."""
    if isinstance(results, float):
        return [results]
    numbers = []
    for result in results:
        v = result.detach().double().flatten()
        n = len(v)
        numbers.append((v * v).mean().sqrt().item())
        numbers += [v[i].item() for i in (0, n // 3, 2 * (n // 3), n - 1)]
    return numbers


def timed(job, runs):
    begin = time.perf_counter()
    for _ in range(runs):
        job.body()
    return time.perf_counter() - begin


def run(job, seconds):
    end = time.perf_counter() + seconds
    first = timed(job, 1)
    if time.perf_counter() >= end:
        return [first / job.calls]
    runs = max(1, int(LEAST / first))
    samples = []
    while not samples or time.perf_counter() < end:
        samples.append(timed(job, runs) / runs / job.calls)
    return samples


def answer(begun, words):
    if words[0] == "hello":
        return ["torch=" + torch.__version__]
    if words[1] not in JOBS:
        return None
    if words[1] not in begun:
        begun[words[1]] = JOBS[words[1]]()
    job = begun[words[1]]
    if words[0] == "check":
        return fingerprint(job.check())
    return run(job, float(words[2]))


begun = {}
serve(lambda words: answer(begun, words))
