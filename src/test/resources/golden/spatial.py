"""Writes spatial.txt: values and gradients of PyTorch for convolution, pooling, normalisation,
resizing, losses and embedding.

    python spatial.py > spatial.txt        (PyTorch 2.13, F64 on a CPU)

A case is a line `case NAME`, then its inputs (x), the output (y) and, if there is a gradient, the
weights of the loss L = sum(w * y) and dL/dx for each floating input (g). Each line has the dtype,
the sizes and the elements in row-major order.
"""

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
DTYPES = {torch.float64: "F64", torch.int64: "I64"}


# What PyTorch has no gradient in is the same in all cases.
WEIGHTS = torch.tensor([0.5, 2.0, 1.25])
MEANS = torch.tensor([0.25, -1.0, 0.5])
VARIANCES = torch.tensor([0.75, 2.0, 1.5])


def show(tag, t):
    values = [repr(float(v)) if t.is_floating_point() else str(int(v)) for v in t.flatten()]
    print(tag, DTYPES[t.dtype], "x".join(map(str, t.shape)) or "-", *values)


def case(name, call, *inputs):
    print("case", name)
    torch.manual_seed(sum(map(ord, name)))
    xs = []
    for make in inputs:
        x = make() if callable(make) else torch.randn(*make)
        show("x", x)
        xs.append(x.clone().requires_grad_(x.is_floating_point()))
    y = call(*xs)
    show("y", y.detach())
    if y.requires_grad:
        w = torch.randn(y.shape)
        show("w", w)
        (w * y).sum().backward()
        for x in xs:
            if x.requires_grad:
                show("g", torch.zeros_like(x) if x.grad is None else x.grad)


def ints(limit, *sizes):
    return lambda: torch.randint(limit, sizes)


def labels(limit, ignore, *sizes):
    """Classes, every third of them ignored."""

    def make():
        t = torch.randint(limit, sizes)
        t.view(-1)[::3] = ignore
        return t

    return make


def unit(*sizes):
    return lambda: torch.rand(*sizes) * 0.9 + 0.05


def positive(*sizes):
    return lambda: torch.rand(*sizes) * 3 + 0.1


def simplex(*sizes):
    return lambda: torch.softmax(torch.randn(*sizes), 1)


# convolution
case(
    "conv_transpose 1d",
    lambda x, w: F.conv_transpose1d(x, w, stride=3, padding=1, output_padding=2, dilation=2),
    (2, 3, 4), (3, 2, 3),
)
case(
    "conv_transpose 2d",
    lambda x, w: F.conv_transpose2d(
        x, w, stride=(2, 3), padding=(1, 0), output_padding=(1, 2), groups=2, dilation=(1, 2)),
    (2, 4, 3, 2), (4, 3, 3, 2),
)
case(
    "conv_transpose 3d",
    lambda x, w: F.conv_transpose3d(x, w, stride=2),
    (1, 2, 2, 1, 3), (2, 1, 2, 2, 1),
)

# pooling
case("max_pool ceil", lambda x: F.max_pool2d(x, 3, 2, ceil_mode=True), (2, 2, 6, 7))
case("max_pool ceil padded",
     lambda x: F.max_pool1d(x, 2, 3, 1, ceil_mode=True), (1, 2, 10))
case("max_pool ceil dilated",
     lambda x: F.max_pool2d(x, (3, 2), (2, 3), (1, 0), (1, 2), ceil_mode=True), (1, 2, 7, 9))
case("max_pool indices",
     lambda x: F.max_pool2d(x, 3, 2, ceil_mode=True, return_indices=True)[1], (2, 1, 6, 7))
case("avg_pool", lambda x: F.avg_pool2d(x, 2), (2, 2, 5, 4))
case("avg_pool counted",
     lambda x: F.avg_pool2d(x, (3, 2), 2, 1, ceil_mode=False, count_include_pad=True),
     (1, 2, 6, 5))
case("avg_pool uncounted",
     lambda x: F.avg_pool2d(x, (3, 2), 2, 1, ceil_mode=False, count_include_pad=False),
     (1, 2, 6, 5))
case("avg_pool ceil counted",
     lambda x: F.avg_pool2d(x, 3, (2, 3), (1, 0), ceil_mode=True, count_include_pad=True),
     (1, 2, 6, 7))
case("avg_pool ceil uncounted",
     lambda x: F.avg_pool3d(x, 2, 3, 1, ceil_mode=True, count_include_pad=False),
     (1, 1, 4, 5, 3))
case("adaptive_avg_pool", lambda x: F.adaptive_avg_pool2d(x, (3, 2)), (1, 2, 7, 5))
case("adaptive_avg_pool more", lambda x: F.adaptive_avg_pool1d(x, 7), (1, 2, 5))
case("adaptive_max_pool", lambda x: F.adaptive_max_pool2d(x, (3, 2)), (1, 2, 7, 5))
case("adaptive_max_pool indices",
     lambda x: F.adaptive_max_pool3d(x, 2, return_indices=True)[1], (1, 2, 3, 2, 5))


def unpooled(size, *pool):
    def call(x):
        y, indices = F.max_pool2d(x, *pool, return_indices=True)
        return torch._C._nn.max_unpool2d(y.detach(), indices, size)

    return call


# Where windows overlap, the values that meet are equal.
case("max_unpool", unpooled((4, 6), 2, 2), (2, 2, 4, 6))
case("max_unpool overlapping", unpooled((7, 7), 3, 2), (1, 2, 7, 7))

# normalisation
case("layer_norm", lambda x, w, b: F.layer_norm(x, (3, 4), w, b, 1e-5), (2, 3, 4), (3, 4), (3, 4))
case("rms_norm", lambda x, w: F.rms_norm(x, (5,), w, 1e-6), (3, 5), (5,))
case("group_norm", lambda x, w, b: F.group_norm(x, 2, w, b, 1e-5), (2, 4, 3, 2), (4,), (4,))
case("instance_norm",
     lambda x, w, b: F.instance_norm(x, weight=w, bias=b, eps=1e-3), (2, 3, 4, 2), (3,), (3,))
case("batch_norm training",
     lambda x, w, b: F.batch_norm(x, None, None, w, b, True, 0.1, 1e-5), (3, 2, 2, 3), (2,), (2,))
case("batch_norm evaluating",
     lambda x, w, b: F.batch_norm(x, MEANS, VARIANCES, w, b, False, 0.1, 1e-5),
     (2, 3, 4), (3,), (3,))


def running(which):
    def call(x):
        stats = [MEANS.clone(), VARIANCES.clone()]
        F.batch_norm(x, *stats, None, None, True, 0.3, 1e-5)
        return stats[which]

    return call


case("batch_norm running mean", running(0), (5, 3, 2))
case("batch_norm running variance", running(1), (5, 3, 2))
case("lrn", lambda x: F.local_response_norm(x, 5, 0.5, 0.75, 2.0), (2, 7, 2, 3))
case("lrn even", lambda x: F.local_response_norm(x, 4, 0.5, 0.75, 1.0), (2, 3, 5))

# pixels
case("pixel_shuffle", lambda x: F.pixel_shuffle(x, 2), (2, 8, 3, 2))
case("pixel_unshuffle", lambda x: F.pixel_unshuffle(x, 3), (1, 2, 6, 3))
case("resize nearest", lambda x: F.interpolate(x, size=(5, 3)), (1, 2, 3, 7))
case("resize nearest volume", lambda x: F.interpolate(x, size=(3, 2, 5)), (1, 1, 2, 3, 4))
case("resize nearest by 2.5", lambda x: F.interpolate(x, scale_factor=2.5), (1, 2, 3, 5))
case("resize linear",
     lambda x: F.interpolate(x, size=7, mode="linear", align_corners=False), (1, 2, 4))
case("resize bilinear",
     lambda x: F.interpolate(x, size=(5, 3), mode="bilinear", align_corners=False), (1, 2, 3, 7))
case("resize bilinear corners",
     lambda x: F.interpolate(x, size=(5, 3), mode="bilinear", align_corners=True), (1, 2, 3, 7))
case("resize bilinear by 2",
     lambda x: F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False), (1, 2, 3, 2))
case("resize bilinear by 1.7",
     lambda x: F.interpolate(x, scale_factor=1.7, mode="bilinear", align_corners=False),
     (1, 1, 4, 5))
case("resize bilinear by 1.7 corners",
     lambda x: F.interpolate(x, scale_factor=1.7, mode="bilinear", align_corners=True),
     (1, 1, 4, 5))
case("resize trilinear",
     lambda x: F.interpolate(x, size=(3, 5, 1), mode="trilinear", align_corners=True),
     (1, 1, 2, 3, 4))

# losses
case("nll", lambda x, t: F.nll_loss(x, t), (4, 3), labels(3, -100, 4))
case("nll weights",
     lambda x, t: F.nll_loss(x, t, WEIGHTS, ignore_index=1, reduction="mean"),
     (2, 3, 4), labels(3, 1, 2, 4))
case("nll none",
     lambda x, t: F.nll_loss(x, t, WEIGHTS, ignore_index=-7, reduction="none"),
     (2, 3, 2, 4), labels(3, -7, 2, 2, 4))
case("nll sum",
     lambda x, t: F.nll_loss(x, t, WEIGHTS, reduction="sum"),
     (5, 3), labels(3, -100, 5))
for reduction in ("mean", "sum", "none"):
    case("cross_entropy " + reduction,
         lambda x, t: F.cross_entropy(
             x, t, WEIGHTS, label_smoothing=0.1, reduction=reduction),
         (2, 3, 4), labels(3, -100, 2, 4))
case("cross_entropy smooth",
     lambda x, t: F.cross_entropy(x, t, label_smoothing=0.2), (5, 4), labels(4, -100, 5))
case("cross_entropy probabilities",
     lambda x, p: F.cross_entropy(x, p, WEIGHTS, label_smoothing=0.2),
     (2, 3, 4), simplex(2, 3, 4))
case("cross_entropy probabilities none",
     lambda x, p: F.cross_entropy(x, p, reduction="none"), (2, 3, 4), simplex(2, 3, 4))
case("bce", lambda p, t: F.binary_cross_entropy(p, t), unit(3, 4), unit(3, 4))
case("bce weight",
     lambda p, t: F.binary_cross_entropy(p, t, reduction="none") * WEIGHTS,
     unit(4, 3), unit(4, 3))
case("bce_with_logits", lambda x, t: F.binary_cross_entropy_with_logits(x, t),
     (3, 4), unit(3, 4))
case("bce_with_logits weights",
     lambda x, t: F.binary_cross_entropy_with_logits(
         x, t, WEIGHTS.view(3, 1), pos_weight=VARIANCES, reduction="sum"),
     (3, 3), unit(3, 3))
case("bce_with_logits at 0",
     lambda x, t: F.binary_cross_entropy_with_logits(x, t, reduction="none"),
     lambda: torch.tensor([0.0, 0.0, -0.0]), lambda: torch.tensor([0.0, 1.0, 0.25]))
case("l1", lambda x, t: F.l1_loss(x, t), (3, 4), (3, 4))
case("l1 none", lambda x, t: F.l1_loss(x, t, reduction="none"), (2, 5), (2, 5))
case("huber", lambda x, t: F.huber_loss(x, t, delta=0.7), (3, 4), (3, 4))
case("huber none",
     lambda x, t: F.huber_loss(x, t, delta=1.5, reduction="none"), (3, 4), (3, 4))
case("smooth_l1", lambda x, t: F.smooth_l1_loss(x, t, beta=0.7, reduction="sum"), (3, 4), (3, 4))
case("kl_div", lambda x, t: F.kl_div(x, t, reduction="batchmean"), (3, 4), simplex(3, 4))
case("kl_div of logarithms",
     lambda x, t: F.kl_div(x, t, reduction="mean", log_target=True), (3, 4), (3, 4))
case("kl_div none", lambda x: F.kl_div(x, torch.tensor([0.0, 1.0, 0.25]), reduction="none"), (3,))
case("poisson_nll", lambda x, t: F.poisson_nll_loss(x, t), (3, 4), positive(3, 4))
case("poisson_nll full",
     lambda x: F.poisson_nll_loss(x, torch.arange(5.0), full=True, reduction="none"), (5,))
case("poisson_nll means",
     lambda x, t: F.poisson_nll_loss(x, t, log_input=False, reduction="sum"),
     positive(3, 4), positive(3, 4))
case("cosine_similarity", lambda a, b: F.cosine_similarity(a, b, 1), (2, 3, 4), (2, 3, 4))

# lookup
case("embedding", lambda t, i: F.embedding(i, t), (5, 3), ints(5, 2, 4))
case("embedding padding",
     lambda t, i: F.embedding(i, t, padding_idx=1), (4, 2), lambda: torch.tensor([[1, 0, 3], [2, 1, 1]]))
