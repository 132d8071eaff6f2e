"""Writes elementwise.txt: elementwise operations and their gradients by PyTorch, in F64.

Each block: the operation's name; the elements of each input; "dy", what flows into the output;
"y", the output; "dx" for each input, its gradient. Numbers are in hexadecimal, so exact.

    python elementwise.py > elementwise.txt        (PyTorch 2.13)
"""

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
REAL = [-5.5, -2.25, -1.0, -0.3, -1e-3, 1e-3, 0.4, 1.0, 1.7, 3.25, 6.0]
POSITIVE = [1e-3, 0.2, 0.5, 1.0, 1.7, 4.0, 123.0]
UNIT = [-0.99, -0.6, -0.1, 1e-5, 0.3, 0.5, 0.95]
A = [1.5, -2.0, 0.75, -3.0, 4.0, -0.5, 5.0]
B = [0.5, -1.25, 0.75, 2.0, -1.5, -3.0, 2.25]

CASES = {
    "sqrt": (torch.sqrt, POSITIVE),
    "rsqrt": (torch.rsqrt, POSITIVE),
    "abs": (torch.abs, REAL + [0.0]),
    "sign": (torch.sign, REAL + [0.0]),
    "clamp": (lambda x: x.clamp(-1, 1.5), REAL),
    "maximum": (torch.maximum, A, B),
    "minimum": (torch.minimum, A, B),
    "remainder": (torch.remainder, A, B),
    "floor": (torch.floor, REAL),
    "ceil": (torch.ceil, REAL),
    "round": (torch.round, REAL + [0.5, 1.5, 2.5, -0.5, -1.5]),
    "trunc": (torch.trunc, REAL),
    "expm1": (torch.expm1, REAL),
    "log1p": (torch.log1p, UNIT + POSITIVE),
    "log2": (torch.log2, POSITIVE),
    "log10": (torch.log10, POSITIVE),
    "sin": (torch.sin, REAL),
    "cos": (torch.cos, REAL),
    "tan": (torch.tan, UNIT),
    "asin": (torch.asin, UNIT),
    "acos": (torch.acos, UNIT),
    "atan": (torch.atan, REAL),
    "atan2": (torch.atan2, A, B),
    "sinh": (torch.sinh, REAL),
    "cosh": (torch.cosh, REAL),
    "erf": (torch.erf, REAL),
    "erfc": (torch.erfc, REAL),
    "where": (lambda a, b: torch.where(a < b, a * b, b), A, B),
    # hardsigmoid's own gradient takes 1/6 in F32, whatever the dtype.
    "hard_sigmoid": (lambda x: F.relu6(x + 3) / 6, REAL),
    "hard_swish": (F.hardswish, REAL),
    "log_sigmoid": (F.logsigmoid, REAL),
    "leaky_relu": (lambda x: F.leaky_relu(x, 0.2), REAL + [0.0]),
    "prelu": (lambda x, w: F.prelu(x.view(2, 3, 2), w).flatten(), REAL + [0.0], [0.25, -0.5, 0.1]),
    "elu": (lambda x: F.elu(x, 0.7), REAL + [0.0]),
    "selu": (F.selu, REAL),
    "gelu": (F.gelu, REAL),
    "gelu_tanh": (lambda x: F.gelu(x, approximate="tanh"), REAL),
    "silu": (F.silu, REAL),
    "mish": (F.mish, REAL),
    "softplus": (lambda x: F.softplus(x, beta=1.5), REAL + [0.0]),
    "softsign": (F.softsign, REAL + [0.0]),
    "glu": (lambda x: F.glu(x, 0), REAL + [0.0]),
}


def line(name, values):
    print(name, *(v.hex() for v in values.tolist()))


for name, (function, *inputs) in CASES.items():
    x = [torch.tensor(values, requires_grad=True) for values in inputs]
    y = function(*x)
    dy = torch.tensor([0.5 + 0.25 * (i % 4) for i in range(len(y))])
    (y * dy).sum().backward()
    print(name)
    for tensor in x:
        line("x", tensor)
    line("dy", dy)
    line("y", y)
    for tensor in x:
        line("dx", tensor.grad)
