"""Adjoint's operations as PyTorch has them: what a peer of `./adjoint bench kernels` runs.

A function takes the parameters of an operation, named as in its Java record, and the operation's
inputs, and gives its outputs in their order, None for one that PyTorch has no need of. What a
training step would have kept since its forward pass is made once, by PREPARE, and is not timed.
COMPILED holds what to give to torch.compile where it can make more of the definition than of the
call that is the best one eagerly; NOT_COMPILED what it only hands on.
"""

import math

import torch
import torch.nn.functional as F

aten = torch.ops.aten
DTYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "BF16": torch.bfloat16,
    "F16": torch.float16,
    "I64": torch.int64,
    "I32": torch.int32,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}
NO_LABEL = -(2**63)
OPS, PREPARE, COMPILED, NOT_COMPILED, IN_PLACE = {}, {}, {}, set(), set()


class Unmapped(Exception):
    """PyTorch has no such thing, or not with these parameters."""


def into(table, *kinds):
    def put(function):
        for kind in kinds:
            table[kind] = function
        return function

    return put


# Elementwise

OPS.update({name: (lambda f: lambda p, x: f(x))(getattr(torch, name)) for name in (
    "sqrt abs sign floor ceil round trunc exp expm1 log log1p sin cos tan asin acos atan sinh cosh"
    " tanh erf erfc sigmoid relu").split()})
OPS.update({name: (lambda f: lambda p, a, b: f(a, b))(getattr(torch, name)) for name in (
    "add sub mul div maximum minimum remainder atan2").split()})
RELATIONS = {"LT": "lt", "LE": "le", "GT": "gt", "GE": "ge", "EQ": "eq", "NE": "ne"}
OPS.update({
    "add_scalar": lambda p, x: x + p["c"],
    "mul_scalar": lambda p, x: x * p["c"],
    "div_scalar": lambda p, x: x / p["c"],
    "pow": lambda p, x: x.pow(p["p"]),
    "clamp": lambda p, x: x.clamp(float(p["min"]), float(p["max"])),
    "softplus": lambda p, x: F.softplus(x, p["beta"]),
    "compare": lambda p, a, b: getattr(torch, RELATIONS[p["relation"]])(a, b),
    "compare_scalar": lambda p, x: getattr(torch, RELATIONS[p["relation"]])(x, p["c"]),
    "and": lambda p, a, b: torch.logical_and(a, b),
    "or": lambda p, a, b: torch.logical_or(a, b),
    "not": lambda p, x: torch.logical_not(x),
    "where": lambda p, mask, a, b: torch.where(mask, a, b),
    "tanh.grad": lambda p, y, dy: aten.tanh_backward(dy, y),
    "sigmoid.grad": lambda p, y, dy: aten.sigmoid_backward(dy, y),
    "relu.gate": lambda p, y, dy: aten.threshold_backward(dy, y, 0),
    "copy": lambda p, x: x.clone(),
    "cast": lambda p, x: x.to(DTYPES[p["dtype"]], copy=True),
    "dropout": lambda p, x: F.dropout(x, p["p"]),
})

# Elements that move

OPS.update({
    "gather": lambda p, x, index: torch.gather(x, p["axis"], index),
    "index_select": lambda p, x, index: torch.index_select(x, p["axis"], index),
    "scatter": lambda p, x, index, source: x.scatter(p["axis"], index, source),
    "concat": lambda p, *x: torch.cat(x, p["axis"]),
    "pieces": lambda p, x: torch.split_with_sizes_copy(x, p["sizes"], p["axis"]),
    "sort": lambda p, x: torch.sort(x, dim=p["axis"], descending=p["descending"], stable=True),
    "cumsum": lambda p, x: torch.cumsum(x, p["axis"]),
})


@into(OPS, "gather.scatter_add")
def scatter_add(p, dy, index):
    return dy.new_zeros(resized(dy, p["axis"], p["size"])).scatter_add(p["axis"], index, dy)


@into(OPS, "index_select.add")
def index_add(p, dy, index):
    if p["axis"] in (0, -dy.dim()) and dy.dim() == 2:  # the gradient of an embedding, repeatable
        return aten.embedding_dense_backward(dy, index, p["size"], -1, False)
    return dy.new_zeros(resized(dy, p["axis"], p["size"])).index_add(p["axis"], index, dy)


def resized(x, axis, size):
    sizes = list(x.shape)
    sizes[axis] = size
    return sizes


@into(PREPARE, "slice.embed")
def forwards(p, dy):
    if p["slice"]["step"] < 1:
        raise Unmapped("a step backwards")
    return (dy,)


@into(OPS, "slice.embed")
def embed(p, dy):
    of = p["slice"]
    end = of["start"] + of["count"] * of["step"]
    return aten.slice_backward(dy, p["shape"], of["axis"], of["start"], end, of["step"])


# Reductions and softmax

OPS.update({
    "sum": lambda p, x: torch.sum(x, p["axes"], keepdim=True),
    "max": lambda p, x: torch.max(x, p["axis"], keepdim=True),
    "min": lambda p, x: torch.min(x, p["axis"], keepdim=True),
    "argmax": lambda p, x: torch.argmax(x, p["axis"], keepdim=True),
    "logsumexp": lambda p, x: torch.logsumexp(x, p["axis"], keepdim=True),
    "softmax": lambda p, x: torch.softmax(x, p["axis"]),
    "log_softmax": lambda p, x: torch.log_softmax(x, p["axis"]),
    "softmax.grad": lambda p, y, dy: aten._softmax_backward_data(dy, y, p["axis"], y.dtype),
    "log_softmax.grad": lambda p, y, dy: aten._log_softmax_backward_data(dy, y, p["axis"], y.dtype),
})


@into(PREPARE, "masked_softmax")
def see(p, x, mask):
    p["all_see"] = bool(mask.any(p["axis"]).all())
    return x, ~mask


@into(OPS, "masked_softmax")
def masked_softmax(p, x, hidden):
    y = torch.softmax(x.masked_fill(hidden, -math.inf), p["axis"])
    return y if p["all_see"] else y.masked_fill(hidden, 0)


def ignored(p):
    return -100 if p["ignore"] == NO_LABEL else p["ignore"]


@into(OPS, "softmax_nll")
def softmax_nll(p, x, labels):
    loss = F.cross_entropy(
        x, labels, ignore_index=ignored(p), reduction="none", label_smoothing=p["smoothing"])
    return loss, None, None


@into(PREPARE, "softmax_nll.input_grad")
def nll_kept(p, x, labels, top, log, dy):
    if p["of"]["smoothing"] > 0 or x.dim() not in (2, 4):
        raise Unmapped("a smoothing, or other axes than those of rows and of images")
    logp = (x.double() - top.double().unsqueeze(1) - log.double().unsqueeze(1)).to(x.dtype)
    p["total"] = x.new_zeros(())
    return logp, labels, dy


@into(OPS, "softmax_nll.input_grad")
def nll_gradient(p, logp, labels, dy):
    back = aten.nll_loss_backward if logp.dim() == 2 else aten.nll_loss2d_backward
    picked = back(dy, logp, labels, None, 0, ignored(p["of"]), p["total"])
    return aten._log_softmax_backward_data(picked, logp, 1, logp.dtype)


# Norms


def row(x):
    return list(x.shape[-1:])


OPS.update({
    "row_norm": lambda p, x, w, b: F.layer_norm(x, row(x), w, b, p["eps"]),
    "row_norm.grad": lambda p, x, w, dy, mean, r: aten.native_layer_norm_backward(
        dy, x, row(x), mean, r, w, w, [True] * 3),
    "row_rms": lambda p, x, w: F.rms_norm(x, row(x), w, p["eps"]),
    "channel_norm": lambda p, x, w, b: (
        F.batch_norm(x, None, None, w, b, training=True, eps=p["eps"]), None, None),
    "channel_norm.grad": lambda p, x, w, dy, mean, r: aten.native_batch_norm_backward(
        dy, x, w, None, None, mean, r, True, p["eps"], [True] * 3),
    "frozen_norm": lambda p, x, w, b, mean, variance: F.batch_norm(
        x, mean, variance, w, b, eps=p["eps"]),
})


@into(PREPARE, "row_norm.grad")
def row_statistics(p, x, w, dy):
    _, mean, r = aten.native_layer_norm(x, row(x), w, w, p["eps"])
    return x, w, dy, mean, r


@into(PREPARE, "row_rms.grad")
def row_scale(p, x, w, dy):
    wide = x if x.dtype == torch.float64 else x.float()
    return x, w, dy, torch.rsqrt(wide.square().mean(-1, keepdim=True) + p["eps"])


@into(COMPILED, "row_rms.grad")
def rms_gradient(p, x, w, dy, r):
    unit = x.to(r.dtype) * r
    scaled = dy.to(r.dtype) * w.to(r.dtype)
    dx = r * (scaled - unit * (scaled * unit).mean(-1, keepdim=True))
    dw = dy.to(r.dtype) * unit
    return dx.to(x.dtype), (dw.sum(list(range(x.dim() - 1))) if x.dim() > 1 else dw).to(x.dtype)


@into(OPS, "row_rms.grad")
def rms_gradient_at_once(p, x, w, dy, r):
    if not x.is_cuda or not hasattr(aten, "_fused_rms_norm_backward"):
        return rms_gradient(p, x, w, dy, r)
    return aten._fused_rms_norm_backward(dy, x, row(x), r, w, [True, True])


def fill_channels(x):
    if x.numel() <= x.shape[1]:
        raise Unmapped("channels of one element, or none")


@into(PREPARE, "channel_norm")
def channels(p, x, w, b):
    fill_channels(x)
    return x, w, b


@into(PREPARE, "channel_norm.grad")
def channel_statistics(p, x, w, dy, mean, variance, dmean, dvariance):
    fill_channels(x)
    if dmean.any() or dvariance.any():
        raise Unmapped("statistics that have gradients of their own")
    exact = x.dtype if x.dtype == torch.float64 else torch.float32
    return x, w, dy, mean.to(exact), torch.rsqrt(variance + p["eps"]).to(exact)


@into(PREPARE, "frozen_norm")
def frozen_statistics(p, x, w, b, mean, variance):
    exact = x.dtype if x.dtype == torch.float64 else torch.float32
    return x, w, b, mean.to(exact), variance.to(exact)
