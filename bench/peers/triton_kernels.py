"""Kernels written in Triton, as one writes them there: peers of `./adjoint bench kernels`.

With TRITON_INTERPRET=1 in the environment they run without a GPU, slowly, to be tested.
"""

import os

import torch
import triton
import triton.language as tl

INTERPRETED = os.environ.get("TRITON_INTERPRET") == "1"
MOST_IN_REGISTERS = 1 << 15  # elements of a row that one block holds
SINGLE_OR_HALF = (torch.float32, torch.bfloat16, torch.float16)
NO_LABEL = -(2**63)


def can_run():
    return INTERPRETED or torch.cuda.is_available()


def rows(x):
    return x.numel() // x.shape[-1]


def warps(block):
    return 4 if block <= 2048 else 8 if block <= 8192 else 16


@triton.jit
def softmax_kernel(x, y, n, BLOCK: tl.constexpr):
    row = tl.program_id(0).to(tl.int64) * n
    at = tl.arange(0, BLOCK)
    v = tl.load(x + row + at, mask=at < n, other=float("-inf")).to(tl.float32)
    e = tl.exp(v - tl.max(v, 0))
    tl.store(y + row + at, e / tl.sum(e, 0), mask=at < n)


def softmax(p, tf32, x):
    y, n = torch.empty_like(x), x.shape[-1]
    block = triton.next_power_of_2(n)
    softmax_kernel[(rows(x),)](x, y, n, BLOCK=block, num_warps=warps(block))
    return y


@triton.jit
def layer_norm_kernel(x, w, b, y, n, eps, BLOCK: tl.constexpr):
    row = tl.program_id(0).to(tl.int64) * n
    at = tl.arange(0, BLOCK)
    v = tl.load(x + row + at, mask=at < n, other=0.0).to(tl.float32)
    mean = tl.sum(v, 0) / n
    centred = tl.where(at < n, v - mean, 0.0)
    r = 1 / tl.sqrt(tl.sum(centred * centred, 0) / n + eps)
    weight = tl.load(w + at, mask=at < n, other=0.0).to(tl.float32)
    bias = tl.load(b + at, mask=at < n, other=0.0).to(tl.float32)
    tl.store(y + row + at, centred * r * weight + bias, mask=at < n)


def layer_norm(p, tf32, x, w, b):
    y, n = torch.empty_like(x), x.shape[-1]
    block = triton.next_power_of_2(n)
    layer_norm_kernel[(rows(x),)](x, w, b, y, n, p["eps"], BLOCK=block, num_warps=warps(block))
    return y


@triton.jit
def loss_kernel(x, labels, loss, n, ignore, BLOCK: tl.constexpr):
    """A row is read once: what is summed is taken over to each larger maximum."""
    row = tl.program_id(0).to(tl.int64)
    label = tl.load(labels + row)
    counts = label != ignore
    at = tl.arange(0, BLOCK)
    top = tl.full((BLOCK,), float("-inf"), tl.float32)
    total = tl.zeros((BLOCK,), tl.float32)
    for start in range(0, n, BLOCK):
        v = tl.load(x + row * n + start + at, mask=start + at < n, other=float("-inf")).to(tl.float32)
        larger = tl.maximum(top, v)
        seen = larger > float("-inf")
        total = tl.where(seen, total * tl.exp(top - larger) + tl.exp(v - larger), 0.0)
        top = larger
    most = tl.max(top, 0)
    total = tl.sum(tl.where(top > float("-inf"), total * tl.exp(top - most), 0.0), 0)
    right = tl.load(x + row * n + label, mask=counts, other=0.0).to(tl.float32)
    tl.store(loss + row, tl.where(counts, tl.log(total) - (right - most), 0.0))


def loss(p, tf32, x, labels):
    n = x.shape[-1]
    losses = torch.empty_like(labels, dtype=x.dtype)
    block = min(4096, triton.next_power_of_2(n))
    loss_kernel[(rows(x),)](x, labels, losses, n, ignored(p), BLOCK=block, num_warps=warps(block))
    return losses, None, None


@triton.jit
def loss_gradient_kernel(x, labels, top, log, dy, dx, n, ignore, BLOCK: tl.constexpr):
    row = tl.program_id(0).to(tl.int64)
    at = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    label = tl.load(labels + row)
    counts = label != ignore
    g = tl.where(counts, tl.load(dy + row).to(tl.float32), 0.0)
    v = tl.load(x + row * n + at, mask=at < n, other=0.0).to(tl.float32)
    probability = tl.exp(v - tl.load(top + row) - tl.load(log + row))
    tl.store(dx + row * n + at, (probability - tl.where(at == label, 1.0, 0.0)) * g, mask=at < n)


def loss_gradient(p, tf32, x, labels, top, log, dy):
    dx, n = torch.empty_like(x), x.shape[-1]
    block = min(2048, triton.next_power_of_2(n))
    grid = (rows(x), triton.cdiv(n, block))
    loss_gradient_kernel[grid](x, labels, top, log, dy, dx, n, ignored(p["of"]), BLOCK=block)
    return dx


def ignored(p):
    return -100 if p["ignore"] == NO_LABEL else p["ignore"]


def tile(m, n, k, stages, number):
    sizes = {"M_TILE": m, "N_TILE": n, "K_TILE": k}
    return triton.Config(sizes, num_stages=stages, num_warps=number)


TILES = [tile(16, 16, 16, 1, 1)] if INTERPRETED else [
    tile(128, 256, 64, 3, 8), tile(256, 128, 64, 3, 8), tile(128, 128, 64, 4, 8),
    tile(128, 128, 32, 4, 4), tile(128, 64, 32, 4, 4), tile(64, 128, 32, 4, 4),
    tile(64, 64, 32, 5, 4), tile(64, 64, 16, 3, 4), tile(32, 64, 32, 4, 2),
]


@triton.autotune(configs=TILES, key=["m", "n", "k"])
@triton.jit
def matmul_kernel(
    a, b, y, m, n, k, PRECISION: tl.constexpr,
    M_TILE: tl.constexpr, N_TILE: tl.constexpr, K_TILE: tl.constexpr, TOGETHER: tl.constexpr = 8):
    """Blocks that run at a time share rows of a: TOGETHER of them lie above each other."""
    block = tl.program_id(0)
    across = tl.cdiv(n, N_TILE)
    down = tl.cdiv(m, M_TILE)
    group = block // (TOGETHER * across)
    high = min(down - group * TOGETHER, TOGETHER)
    i = (group * TOGETHER + block % (TOGETHER * across) % high) * M_TILE + tl.arange(0, M_TILE)
    j = block % (TOGETHER * across) // high * N_TILE + tl.arange(0, N_TILE)
    sums = tl.zeros((M_TILE, N_TILE), tl.float32)
    for start in range(0, k, K_TILE):
        l = start + tl.arange(0, K_TILE)
        left = tl.load(
            a + i.to(tl.int64)[:, None] * k + l[None, :],
            mask=(i[:, None] < m) & (l[None, :] < k), other=0.0)
        right = tl.load(
            b + l.to(tl.int64)[:, None] * n + j[None, :],
            mask=(l[:, None] < k) & (j[None, :] < n), other=0.0)
        sums = tl.dot(left, right, sums, input_precision=PRECISION)
    tl.store(
        y + i.to(tl.int64)[:, None] * n + j[None, :], sums,
        mask=(i[:, None] < m) & (j[None, :] < n))


def matmul(p, tf32, a, b):
    (m, k), n = a.shape, b.shape[1]
    y = a.new_empty((m, n))
    grid = lambda tiles: (triton.cdiv(m, tiles["M_TILE"]) * triton.cdiv(n, tiles["N_TILE"]),)
    matmul_kernel[grid](a, b, y, m, n, k, PRECISION="tf32" if tf32 else "ieee")
    return y


def along_last(p, x):
    return p["axis"] in (-1, x.dim() - 1) and 0 < x.shape[-1] <= MOST_IN_REGISTERS


KERNELS = {
    "softmax": (softmax, along_last),
    "row_norm": (layer_norm, lambda p, x, w, b: 0 < x.shape[-1] <= MOST_IN_REGISTERS),
    "softmax_nll": (loss, lambda p, x, labels: x.dim() == 2 and p["smoothing"] == 0),
    "softmax_nll.input_grad": (
        loss_gradient, lambda p, x, *rest: x.dim() == 2 and p["of"]["smoothing"] == 0),
    "matmul": (matmul, lambda p, a, b: a.dim() == 2),
}


def takes(kind, p, inputs):
    if kind not in KERNELS or inputs[0].dtype not in SINGLE_OR_HALF:
        return False
    return all(x.numel() > 0 for x in inputs) and KERNELS[kind][1](p, *inputs)


def runner(kind, p, tf32, inputs):
    kernel = KERNELS[kind][0]
    return lambda: kernel(p, tf32, *inputs)
