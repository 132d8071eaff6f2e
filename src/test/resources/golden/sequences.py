"""Writes sequences.txt: recurrent layers and attention by PyTorch, values and gradients, in F64.

A line is a tensor: its name, its sizes joined by x ("-" for a scalar), its elements in hexadecimal.
Inputs and parameters are multiples of 1/64, exact in any dtype. The loss is the sum of each output
times its "u"; "d" before a name is the gradient.

    python sequences.py > sequences.txt        (PyTorch 2.13)
"""

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.set_default_dtype(torch.float64)
torch.manual_seed(7)


def grid(*sizes):
    return torch.randint(-64, 65, sizes) / 64


def line(name, tensor):
    sizes = "x".join(str(n) for n in tensor.shape) or "-"
    print(name, sizes, *(v.hex() for v in tensor.detach().to(torch.float64).flatten().tolist()))


def report(case, inputs, parameters, outputs):
    """Prints everything that a case took and gave, and all gradients."""
    loss = 0
    for name, y in outputs.items():
        u = grid(*y.shape)
        line(f"{case}.{name}", y)
        line(f"{case}.u.{name}", u)
        loss = loss + (u * y).sum()
    loss.backward()
    for name, x in {**inputs, **parameters}.items():
        line(f"{case}.{name}", x)
        if x.grad is not None:
            line(f"{case}.d.{name}", x.grad)


def parameters(layer):
    for p in layer.parameters():
        p.data = grid(*p.shape)
    return dict(layer.named_parameters())


# Two layers, both directions, sequences of different lengths in any order.
layer = nn.LSTM(3, 2, num_layers=2, bidirectional=True)
own = parameters(layer)
x = grid(5, 4, 3).requires_grad_()
packed = pack_padded_sequence(x, torch.tensor([3, 5, 1, 4]), enforce_sorted=False)
y, (h, c) = layer(packed)
report("lstm", {"x": x}, own, {"y": pad_packed_sequence(y)[0], "h": h, "c": c})

# From a state of its own.
layer = nn.GRU(3, 2, num_layers=2)
own = parameters(layer)
x, h0 = grid(5, 3, 3).requires_grad_(), grid(2, 3, 2).requires_grad_()
y, h = layer(x, h0)
report("gru", {"x": x, "h0": h0}, own, {"y": y, "h": h})

# Both directions, the batch first.
for kind in ["tanh", "relu"]:
    layer = nn.RNN(3, 4, bidirectional=True, batch_first=True, nonlinearity=kind)
    own = parameters(layer)
    x = grid(2, 6, 3).requires_grad_()
    y, h = layer(x)
    report(kind, {"x": x}, own, {"y": y, "h": h})

# A decoder's attention to an encoder's states.
layer = nn.MultiheadAttention(6, 3, batch_first=True)
own = parameters(layer)
q, k, v = (grid(2, n, 6).requires_grad_() for n in (4, 5, 5))
padding = torch.tensor([[True] * 5, [True, True, True, False, False]])
hidden = ~padding[:, None, :].expand(2, 4, 5).repeat_interleave(3, 0)
y, w = layer(q, k, v, attn_mask=hidden, average_attn_weights=False)
report("multihead", {"q": q, "k": k, "v": v}, own, {"y": y, "w": w})

q, k, v = (grid(2, 3, 5, n).requires_grad_() for n in (4, 4, 3))
y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
report("causal", {"q": q, "k": k, "v": v}, {}, {"y": y})

# The second query sees nothing.
q, k, v = grid(3, 4).requires_grad_(), grid(5, 4).requires_grad_(), grid(5, 2).requires_grad_()
mask = torch.tensor([[1, 0, 1, 1, 0], [0, 0, 0, 0, 0], [0, 0, 0, 1, 0]], dtype=torch.bool)
y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
report("masked", {"q": q, "k": k, "v": v, "mask": mask}, {}, {"y": y})

q, k, v = grid(3, 4).requires_grad_(), grid(5, 4).requires_grad_(), grid(5, 2).requires_grad_()
bias = grid(3, 5).requires_grad_()
y = F.scaled_dot_product_attention(q, k, v, attn_mask=bias, scale=0.75)
report("biased", {"q": q, "k": k, "v": v, "bias": bias}, {}, {"y": y})
