"""Writes reduce.txt: values and gradients of PyTorch for reductions, joining, indexing and einsum.

    python reduce.py > reduce.txt        (PyTorch 2.13, F64 on a CPU)

A case is a line `case NAME`, then its inputs (x), the output (y) and, if there is a gradient, the
weights of the loss L = sum(w * y) and dL/dx for each floating input (g). Each line has the dtype,
the sizes and the elements in row-major order.
"""

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
DTYPES = {torch.float64: "F64", torch.int64: "I64", torch.bool: "BOOL"}


def show(tag, t):
    values = [repr(float(v)) if t.is_floating_point() else str(int(v)) for v in t.flatten()]
    print(tag, DTYPES[t.dtype], "x".join(map(str, t.shape)) or "-", *values)


def case(name, call, *inputs):
    print("case", name)
    torch.manual_seed(sum(map(ord, name)))
    xs = []
    for make in inputs:
        x = make() if callable(make) else torch.randn(make)
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
                show("g", x.grad)


def index(limit, *sizes):
    return lambda: torch.randint(limit, sizes)


def mask(*sizes):
    return lambda: torch.rand(*sizes) < 0.5


def ties(*sizes):
    return lambda: torch.randint(3, sizes).double()


def const(values):
    return lambda: torch.tensor(values)


NAN, INF = float("nan"), float("inf")
M = (2, 3, 4)

case("max axis", lambda x: x.max(1).values, M)
case("max of ties", lambda x: x.max(1).values, ties(4, 7))
case("max indices of ties", lambda x: x.max(1).indices, ties(4, 7))
case("max with NaN", lambda x: x.detach().max(1).values, const([[1.0, NAN, 3.0], [INF, 2.0, -INF]]))
case("max indices with NaN", lambda x: x.max(1).indices, const([[1.0, NAN, 3.0, NAN], [1.0, 2.0, 2.0, 1.0]]))
case("max of all", lambda x: x.max(), (3, 5))
case("min axis", lambda x: x.min(-1).values, M)
case("min of all", lambda x: x.min(), (3, 5))
case("min indices with NaN", lambda x: x.min(1).indices, const([[1.0, NAN, 0.0, NAN], [2.0, 1.0, 1.0, 3.0]]))
case("argmin", lambda x: x.argmin(1), M)
case("var", lambda x: x.var(), (3, 5))
case("var axes", lambda x: x.var((0, 2)), M)
case("var correction 0", lambda x: x.var(1, correction=0), M)
case("var of a far mean", lambda x: x.var(0), const([1e8, 1e8 + 1, 1e8 + 2, 1e8 + 4]))
case("std", lambda x: x.std(), (3, 5))
case("std axis", lambda x: x.std(0), (4, 3))
case("std correction 0", lambda x: x.std(1, correction=0), M)
case("std of equals", lambda x: x.std(0), const([2.0, 2.0, 2.0]))
case("norm", lambda x: x.norm(), (3, 5))
case("norm of zeros", lambda x: x.norm(dim=0), const([[0.0, 3.0], [0.0, 4.0]]))
case("norm 1", lambda x: torch.linalg.vector_norm(x, 1, (0, 2)), M)
case("norm 1 with zeros", lambda x: torch.linalg.vector_norm(x, 1, 0), const([0.0, -2.0, 3.0]))
case("norm infinity", lambda x: torch.linalg.vector_norm(x, INF, (1, 2)), M)
case("norm 3", lambda x: torch.linalg.vector_norm(x, 3, 1), M)
case("norm 3 of zeros", lambda x: torch.linalg.vector_norm(x, 3, 0), const([[0.0, 3.0], [0.0, -4.0]]))
case("prod", lambda x: x.prod(), (2, 3))
case("prod axis", lambda x: x.prod(1), (2, 7, 3))
case("prod one zero", lambda x: x.prod(0), const([2.0, 0.0, 3.0, -4.0, 5.0]))
case("prod two zeros", lambda x: x.prod(1), const([[2.0, 0.0, 3.0, 0.0, 5.0], [1.0, 2.0, 3.0, 4.0, 5.0]]))
case("cumsum", lambda x: x.cumsum(1), M)
case("logsumexp", lambda x: x.logsumexp(1), M)
# Its gradient, exp(x - y), has lost digits here; the value has not.
case("logsumexp of large", lambda x: x.detach().logsumexp(0), const([1000.0, 1001.0, -1000.0]))
case("count", lambda x: x.count_nonzero((0, 2)), index(2, *M))
case("any", lambda x: x.any(1), mask(5, 2))
case("all", lambda x: x.all(1), mask(5, 2))
case("concat", lambda a, b, c: torch.cat((a, b, c), 1), (2, 3), (2, 1), (2, 2))
case("stack", lambda a, b: torch.stack((a, b), 1), M, M)
case("split", lambda x: x.split((1, 0, 3), 2)[2], M)
case("chunk", lambda x: x.chunk(3, 0)[2], (7, 2))
case("repeat", lambda x: x.repeat(2, 1, 3), (3, 2))
case("interleave", lambda x: x.repeat_interleave(3, 1), M)
case("unfold", lambda x: x.unfold(1, 3, 2), (2, 7, 3))
case("pad constant", lambda x: F.pad(x, (1, 2, 0, 3), value=1.5), M)
case("pad reflect", lambda x: F.pad(x, (3, 1), mode="reflect"), M)
case("pad reflect 2", lambda x: F.pad(x, (1, 2, 2, 1), mode="reflect"), M)
case("pad replicate", lambda x: F.pad(x, (4, 1, 0, 2), mode="replicate"), M)
case("masked fill", lambda x, m: x.masked_fill(m, -1.5), M, mask(3, 4))
case("masked select", lambda x, m: x.masked_select(m), M, mask(*M))
case("one-hot", lambda i: F.one_hot(i, 5), index(5, 2, 3))
case("sort", lambda x: x.sort(dim=1, stable=True).values, M)
case("sort descending", lambda x: x.sort(dim=0, descending=True, stable=True).values, (6, 2))
case("sort indices", lambda x: x.sort(dim=1, stable=True).indices, ties(2, 9))
case("sort descending indices", lambda x: x.sort(dim=1, descending=True, stable=True).indices, ties(2, 9))
case("sort NaN", lambda x: x.detach().sort(0).values, const([NAN, 1.0, -INF, INF, NAN, 0.0]))
case("sort descending NaN", lambda x: x.sort(dim=0, descending=True, stable=True).indices, const([NAN, 1.0, -INF, INF, NAN, 0.0]))
case("top-k", lambda x: x.topk(2, 1).values, M)
case("top-k indices", lambda x: x.topk(3).indices, (2, 8))
case("tril", lambda x: x.tril(1), (2, 3, 4))
case("triu", lambda x: x.triu(-1), (2, 4, 3))
case("gather", lambda x, i: x.gather(1, i), M, index(3, 2, 5, 4))
case("scatter", lambda x, r, s: x.scatter(1, r.argsort(1)[:, :2], s), (2, 4, 3), index(99, 2, 4, 3), (2, 2, 3))
case("scatter add", lambda x, i: torch.zeros(2, 3, 4).scatter_add(1, i, x), (2, 7, 4), index(3, 2, 7, 4))
case("roll", lambda x: x.roll(-2, 1), M)
case("diagonal", lambda x: x.diagonal(0, 2, 0), (3, 2, 4))
case("diagonal embed", lambda x: x.diag_embed(), (2, 3))
for equation, *sizes in (
    ("bij,bjk->bik", (2, 3, 4), (2, 4, 5)),
    ("ij,jk", (3, 4), (4, 2)),
    ("ba,cb", (3, 4), (2, 3)),
    ("i,j->ji", (3,), (4,)),
    ("ij->ji", (3, 4)),
    ("ii->i", (3, 3)),
    ("ii", (3, 3)),
    ("iii->i", (3, 3, 3)),
    ("ijij->j", (2, 3, 2, 3)),
    ("...ij,...jk->...ik", (2, 1, 2, 3), (3, 3, 2)),
    ("...ij->ij", (2, 3, 4)),
    ("i...->...", (2, 3, 4)),
    ("b...i,b", (2, 3, 4), (2,)),
    ("i,ij,j->", (3,), (3, 4), (4,)),
    ("bi,ij,bj,j->bi", (2, 3), (3, 4), (2, 4), (4,)),
    ("ij,kl->jl", (2, 3), (3, 2)),
    ("ij,ij->ij", (2, 3), (2, 3)),
    (",i->i", (), (3,)),
    ("bhqd,bhkd->bhqk", (2, 2, 3, 4), (2, 2, 5, 4)),
):
    case("einsum " + equation, lambda *x, e=equation: torch.einsum(e, *x), *sizes)
