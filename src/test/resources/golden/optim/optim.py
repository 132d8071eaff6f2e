"""Writes optim.txt: weights after steps of PyTorch's optimisers, and rates of its schedulers.

Run with PyTorch 2.13: python optim.py > optim.txt. Each line is a name and numbers. The gradient at
step t (from 0) of the weights w in double is g = cos(t + i) + w / 4 for element i.
"""

import torch

START = [0.3, -1.7, 1e-3, 0.9]
STEPS = 25

OPTIMISERS = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.1),
    "sgd-decay": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.05),
    "sgd-nesterov": lambda p: torch.optim.SGD(
        p, lr=0.1, momentum=0.9, weight_decay=0.05, nesterov=True),
    "adam": lambda p: torch.optim.Adam(p, lr=0.01),
    "adam-all": lambda p: torch.optim.Adam(
        p, lr=0.01, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1),
    "adam-amsgrad": lambda p: torch.optim.Adam(p, lr=0.01, betas=(0.5, 0.5), amsgrad=True),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.01),
    "adamw-all": lambda p: torch.optim.AdamW(p, lr=0.01, betas=(0.8, 0.95), weight_decay=0.3),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.01),
    "rmsprop-all": lambda p: torch.optim.RMSprop(
        p, lr=0.01, alpha=0.9, eps=1e-4, weight_decay=0.1, momentum=0.8, centered=True),
    "adagrad": lambda p: torch.optim.Adagrad(p, lr=0.1),
    "adagrad-all": lambda p: torch.optim.Adagrad(
        p, lr=0.1, lr_decay=0.05, weight_decay=0.1, initial_accumulator_value=0.2, eps=1e-5),
}

SCHEDULERS = {
    "step": lambda o: torch.optim.lr_scheduler.StepLR(o, 7, gamma=0.5),
    "multistep": lambda o: torch.optim.lr_scheduler.MultiStepLR(o, [3, 10, 11], gamma=0.3),
    "exponential": lambda o: torch.optim.lr_scheduler.ExponentialLR(o, 0.9),
    "linear": lambda o: torch.optim.lr_scheduler.LinearLR(o, 1, 0.1, total_iters=20),
    "cosine": lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 30, eta_min=0.02),
    "onecycle": lambda o: torch.optim.lr_scheduler.OneCycleLR(o, 0.5, total_steps=30),
    "warmup": lambda o: torch.optim.lr_scheduler.LambdaLR(o, lambda t: min(1, (t + 1) / 5)),
}


def show(name, numbers):
    print(name, *(repr(float(x)) for x in numbers))


for name, make in OPTIMISERS.items():
    w = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    optimiser = make([w])
    for t in range(STEPS):
        w.grad = torch.cos(t + torch.arange(4, dtype=torch.float64)) + w.detach() / 4
        optimiser.step()
        if t in (0, STEPS - 1):
            show(f"{name}-{t + 1}", w.detach())

for name, make in SCHEDULERS.items():
    optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.2)
    scheduler = make(optimiser)
    rates = []
    for _ in range(30):
        rates.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        scheduler.step()
    show(name, rates)

losses = [5, 4, 4, 4, 4, 3, 3.1, 3, 2.9999, 3, 3, 3, 3, 3, float("nan"), 2, 2, 2, 2]
optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.2)
plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimiser, factor=0.5, patience=2)
rates = []
for loss in losses:
    plateau.step(loss)
    rates.append(optimiser.param_groups[0]["lr"])
show("losses", losses)
show("plateau", rates)

g = [torch.tensor([3.0, -4.0, 0.5]), torch.tensor([[1.0, 2.0]])]
ps = [torch.zeros_like(x, requires_grad=True) for x in g]
for p, x in zip(ps, g):
    p.grad = x.clone()
show("norm", [torch.nn.utils.clip_grad_norm_(ps, 2.0)])
show("clipped", torch.cat([p.grad.flatten() for p in ps]))
