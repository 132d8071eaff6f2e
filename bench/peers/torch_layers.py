"""The larger ones of Adjoint's operations as PyTorch has them; the rest, and how, in torch_ops.py."""

import torch
import torch.nn.functional as F

from torch_ops import COMPILED, IN_PLACE, NOT_COMPILED, OPS, PREPARE, Unmapped, aten, into

OPS["matmul"] = lambda p, a, b: a @ b

# Convolution and pooling


def steps(p):
    sliding = p["sliding"]
    return sliding["stride"], sliding["padding"], sliding["dilation"]


def shaped(x, sizes):
    """Stands for a tensor of which nothing but its shape is asked."""
    return x.new_empty(1).expand(sizes)


@into(OPS, "conv")
def conv(p, x, w, b=None):
    return torch.convolution(x, w, b, *steps(p), False, [0] * (x.dim() - 2), p["groups"])


def conv_back(p, dy, x, w, filters, wanted):
    return aten.convolution_backward(
        dy, x, w, filters, *steps(p), False, [0] * (x.dim() - 2), p["groups"], wanted)


@into(OPS, "conv.input_grad")
def conv_input(p, dy, w):
    return conv_back(p["conv"], dy, shaped(dy, p["input"]), w, None, [True, False, False])[0]


@into(OPS, "conv.weight_grad")
def conv_weight(p, x, dy):
    sizes, bias = p["filters"], p["bias"]
    filters = sizes[:1] if bias else None
    _, dw, db = conv_back(p["conv"], dy, x, shaped(x, sizes), filters, [False, True, bias])
    return (dw, db) if bias else dw


def planar(axes, *lists):
    """A pooling along a line is one over a plane of height 1."""
    return [[ones] + numbers if axes == 1 else numbers for numbers, ones in lists]


@into(OPS, "max_pool")
def max_pool(p, x):
    stride, padding, dilation = steps(p)
    pool = [F.max_pool1d, F.max_pool2d, F.max_pool3d][x.dim() - 3]
    return pool(x, p["kernel"], stride, padding, dilation, p["ceil"], return_indices=True)


@into(OPS, "max_pool.input_grad")
def max_pool_back(p, dy, index):
    pool, axes, sizes = p["pool"], dy.dim() - 2, list(p["input"])
    stride, padding, dilation = steps(pool)
    kernel, stride, padding, dilation = planar(
        axes, (pool["kernel"], 1), (stride, 1), (padding, 0), (dilation, 1))
    if axes == 1:
        dy, index, sizes = dy.unsqueeze(2), index.unsqueeze(2), sizes[:2] + [1] + sizes[2:]
    back = aten.max_pool3d_with_indices_backward if axes == 3 else aten.max_pool2d_with_indices_backward
    dx = back(dy, dy.new_empty(sizes), kernel, stride, padding, dilation, pool["ceil"], index)
    return dx.squeeze(2) if axes == 1 else dx


@into(OPS, "adaptive_max_pool")
def adaptive_max_pool(p, x):
    pool = [F.adaptive_max_pool1d, F.adaptive_max_pool2d, F.adaptive_max_pool3d][x.dim() - 3]
    return pool(x, p["windows"]["sizes"], return_indices=True)


@into(OPS, "avg_pool")
def avg_pool(p, x):
    windows, axes = p["windows"], x.dim() - 2
    if windows["kind"] == "Even":
        pool = [F.adaptive_avg_pool1d, F.adaptive_avg_pool2d, F.adaptive_avg_pool3d][axes - 1]
        return pool(x, windows["sizes"])
    stride, padding, _ = steps(windows)
    pool = [F.avg_pool1d, F.avg_pool2d, F.avg_pool3d][axes - 1]
    return pool(x, windows["kernel"], stride, padding, windows["ceil"], windows["countPadding"])


@into(OPS, "avg_pool.input_grad")
def avg_pool_back(p, dy):
    windows, axes, sizes = p["pool"]["windows"], dy.dim() - 2, list(p["input"])
    if axes == 1:
        dy, sizes = dy.unsqueeze(2), sizes[:2] + [1] + sizes[2:]
    x = dy.new_empty(sizes)
    if windows["kind"] == "Even":
        back = aten._adaptive_avg_pool3d_backward if axes == 3 else aten._adaptive_avg_pool2d_backward
        dx = back(dy, x)
    else:
        stride, padding, _ = steps(windows)
        kernel, stride, padding = planar(axes, (windows["kernel"], 1), (stride, 1), (padding, 0))
        back = aten.avg_pool3d_backward if axes == 3 else aten.avg_pool2d_backward
        dx = back(dy, x, kernel, stride, padding, windows["ceil"], windows["countPadding"], None)
    return dx.squeeze(2) if axes == 1 else dx


# Attention, whose fused kernels want [N, heads, T, D]


def four(x):
    return x.reshape([1] * (4 - x.dim()) + list(x.shape)) if x.dim() < 4 else x.flatten(0, -4)


@into(PREPARE, "fused_attention")
def attention_seen(p, q, k, v, mask=None):
    p["shape"] = list(q.shape[:-1]) + [v.shape[-1]]
    if mask is not None and p["causal"]:
        mask = mask & torch.ones(mask.shape[-2:], dtype=torch.bool, device=mask.device).tril()
    return [four(x) for x in (q, k, v)] + ([] if mask is None else [four(mask)])


@into(OPS, "fused_attention")
def attention(p, q, k, v, mask=None):
    y = F.scaled_dot_product_attention(
        q, k, v, attn_mask=mask, is_causal=p["causal"] and mask is None, scale=p["scale"])
    return y.reshape(p["shape"]), None


@into(PREPARE, "fused_attention_gradient")
def attention_run(p, q, k, v, y, l, dy, *mask):
    """What the backward pass needs, kept by PyTorch's own forward pass."""
    p["leaves"] = [x.detach().clone().requires_grad_() for x in (q, k, v)]
    with torch.enable_grad():
        p["y"], _ = attention(p["of"], *attention_seen(p["of"], *p["leaves"], *mask))
    return (dy,)


NOT_COMPILED.add("fused_attention_gradient")


@into(OPS, "fused_attention_gradient")
def attention_gradient(p, dy):
    return torch.autograd.grad(p["y"], p["leaves"], dy, retain_graph=True)


# Recurrent networks, step by step from what the inputs bring to the gates


@into(PREPARE, "unrolled")
def run_whole(p, x, bias, hh, *start):
    sizes = p["sizes"]
    if min(sizes) != max(sizes) or sizes[0] != start[0].shape[0]:
        raise Unmapped("sequences of several lengths")
    return [x, bias, hh.t(), torch.zeros_like(bias)] + list(start)


def unroll(p, x, step, start):
    xs = x.split(p["sizes"])
    state, states = start, []
    for t in range(len(xs) - 1, -1, -1) if p["reverse"] else range(len(xs)):
        state = step(xs[t], *state)
        states.append(state)
    if p["reverse"]:
        states.reverse()
    return [torch.cat(each) for each in zip(*states)] + [None]


@into(COMPILED, "unrolled")
def unrolled(p, x, bias, hh, none, *start):
    def lstm(a, h, c):
        i, f, g, o = (a + (h @ hh + bias)).chunk(4, 1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c

    def gru(a, h):
        ar, az, an = a.chunk(3, 1)
        br, bz, bn = (h @ hh + bias).chunk(3, 1)
        z, n = torch.sigmoid(az + bz), torch.tanh(an + torch.sigmoid(ar + br) * bn)
        return (n + z * (h - n),)

    return unroll(p, x, lstm if p["cell"]["kind"] == "LstmCell" else gru, start)


@into(OPS, "unrolled")
def unrolled_by_cells(p, x, bias, hh, none, *start):
    """The gates of a step by one kernel, as nn.LSTMCell and nn.GRUCell have them."""
    if not x.is_cuda:
        return unrolled(p, x, bias, hh, none, *start)
    if p["cell"]["kind"] == "LstmCell":
        step = lambda a, h, c: torch._thnn_fused_lstm_cell(a, h @ hh, c, none, bias)[:2]
    else:
        step = lambda a, h: torch._thnn_fused_gru_cell(a, h @ hh, h, none, bias)[:1]
    return unroll(p, x, step, start)


# Optimisers: of each parameter its state, the weights first, and its gradient; in place

IN_PLACE.update(["adam_step", "sgd.step"])


def grouped(states, tensors):
    return [list(tensors[k :: states + 1]) for k in range(states + 1)]


def in_turn(*lists):
    return [x for each in zip(*lists) for x in each]


@into(PREPARE, "adam_step")
def adam_kept(p, *tensors):
    if p["shrink"] > 0 and p["decay"] > 0:
        raise Unmapped("both decays")
    count = len(tensors) // (5 if p["amsgrad"] else 4)
    p["steps_of_each"] = [torch.full((), float(p["steps"]), device=tensors[0].device) for _ in range(count)]
    return tensors


@into(OPS, "adam_step")
def adam(p, *tensors):
    *state, gradients = grouped(4 if p["amsgrad"] else 3, tensors)
    decoupled = p["shrink"] > 0
    step = torch._fused_adamw_ if decoupled else torch._fused_adam_
    step(
        state[0], gradients, state[1], state[2], state[3] if p["amsgrad"] else [], p["steps_of_each"],
        lr=p["rate"], beta1=p["beta1"], beta2=p["beta2"], eps=p["eps"], amsgrad=p["amsgrad"],
        weight_decay=p["shrink"] / p["rate"] if decoupled else p["decay"], maximize=False)
    return in_turn(*state)


@into(COMPILED, "adam_step")
def adam_by_formula(p, *tensors):
    *state, gradients = grouped(4 if p["amsgrad"] else 3, tensors)
    unbias1, unbias2 = 1 - p["beta1"] ** p["steps"], 1 - p["beta2"] ** p["steps"]
    for (w, m, v, *peak), g in zip(zip(*state), gradients):
        w.mul_(1 - p["shrink"])
        g = g + p["decay"] * w
        m.lerp_(g, 1 - p["beta1"])
        v.mul_(p["beta2"]).addcmul_(g, g, value=1 - p["beta2"])
        for top in peak:
            torch.maximum(top, v, out=top)
        root = (peak[0] if peak else v).sqrt() / unbias2**0.5 + p["eps"]
        w.addcdiv_(m, root, value=-p["rate"] / unbias1)
    return in_turn(*state)


@into(OPS, "sgd.step")
def sgd(p, *tensors):
    *state, gradients = grouped(2 if p["momentum"] > 0 else 1, tensors)
    torch._fused_sgd_(
        state[0], gradients, state[1] if p["momentum"] > 0 else [], weight_decay=p["decay"],
        momentum=p["momentum"], lr=p["rate"], dampening=0.0, nesterov=p["nesterov"],
        maximize=False, is_first_step=False)
    return in_turn(*state)


@into(COMPILED, "sgd.step")
def sgd_by_formula(p, *tensors):
    *state, gradients = grouped(2 if p["momentum"] > 0 else 1, tensors)
    for (w, *moving), g in zip(zip(*state), gradients):
        g = g + p["decay"] * w
        for v in moving:
            v.mul_(p["momentum"]).add_(g)
            g = g + p["momentum"] * v if p["nesterov"] else v
        w.add_(g, alpha=-p["rate"])
    return in_turn(*state)
