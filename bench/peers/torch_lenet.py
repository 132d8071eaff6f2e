"""PyTorch trains samples/08-lenet on a GPU: a peer in `adjoint gpu-all`.

The same network, batches, rate and epochs, from weights of its own and in an order of its own. All
pictures lie on the device, a step waits for nothing, and what comes before the first step (warming
up, compiling, capturing) is counted as set-up, not as training: PyTorch at its best.

  --mode eager     one call after the other
  --mode compile   forward and backward by torch.compile
  --mode autotune  the same by its mode max-autotune, which tries kernels and uses graphs
  --mode graph     the whole step captured in a CUDA graph

Status 77: this cannot run here, and the last line says why.
"""

import argparse
import gzip
import json
import os
import sys
import time


def not_run(why):
    print("not run:", why, flush=True)
    sys.exit(77)


try:
    import torch
except Exception as e:
    not_run("%s has no PyTorch: %s" % (sys.executable, " ".join(str(e).split())))

from torch import nn

TEST_BATCH = 500
MODES = ["eager", "compile", "autotune", "graph"]


def idx(folder, name):
    """One file of MNIST, plain or gzipped, as bytes [N] or [N, 28, 28]."""
    for candidate in (name, name + ".gz", name.replace("-idx", ".idx"), name.replace("-idx", ".idx") + ".gz"):
        path = os.path.join(folder, candidate)
        if os.path.exists(path):
            with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
                data = bytearray(file.read())
            dims = [int.from_bytes(data[4 + 4 * i : 8 + 4 * i], "big") for i in range(data[3])]
            return torch.frombuffer(data, dtype=torch.uint8, offset=4 + 4 * data[3]).reshape(dims)
    not_run("no %s in %s" % (name, folder))


def load(folder, examples, device):
    train = idx(folder, "train-images-idx3-ubyte").float()
    test = idx(folder, "t10k-images-idx3-ubyte").float()
    mean, deviation = train.double().mean().item(), train.double().std(correction=0).item()
    labels = idx(folder, "train-labels-idx1-ubyte"), idx(folder, "t10k-labels-idx1-ubyte")
    pictures = [((x[:examples] - mean) / deviation).unsqueeze(1).to(device) for x in (train, test)]
    return pictures + [y[:examples].long().to(device) for y in labels]


def network():
    return nn.Sequential(
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


class Trainer:
    """step(rows) trains on these rows of the pictures and adds to the sum of losses."""

    def __init__(self, args, images, labels, compiler=None):
        self.images, self.labels, self.rate = images, labels, args.lr
        self.model = network().to(args.device)
        self.parameters = list(self.model.parameters())
        self.rows = torch.arange(args.batch, device=args.device)
        self.losses = torch.zeros((), device=args.device)
        self.loss = self.loss_of if compiler is None else compiler(self.loss_of)
        self.step = self.eager

    def loss_of(self, x, y):
        return nn.functional.cross_entropy(self.model(x), y)

    def eager(self, rows):
        for parameter in self.parameters:
            parameter.grad = None
        loss = self.loss(self.images[rows], self.labels[rows])
        loss.backward()
        # What torch.optim.SGD does with foreach, without its bookkeeping.
        with torch.no_grad():
            torch._foreach_add_(self.parameters, [p.grad for p in self.parameters], alpha=-self.rate)
            self.losses += loss.detach() * len(rows)

    def warm_up(self, capture):
        """Runs, compiles or captures a few steps, and takes back what they learned."""
        before = [p.detach().clone() for p in self.parameters]
        if capture:
            self.capture()
        else:
            for _ in range(3):
                self.eager(self.rows)
        with torch.no_grad():
            for parameter, value in zip(self.parameters, before):
                parameter.copy_(value)
            self.losses.zero_()

    def capture(self):
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(3):
                self.eager(self.rows)
        torch.cuda.current_stream().wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self.eager(self.rows)

        def replay(rows):
            self.rows.copy_(rows)
            graph.replay()

        self.step = replay

    def error(self, images, labels):
        wrong = torch.zeros((), dtype=torch.long, device=images.device)
        with torch.no_grad():
            for i in range(0, len(images), TEST_BATCH):
                scores = self.model(images[i : i + TEST_BATCH])
                wrong += (scores.argmax(1) != labels[i : i + TEST_BATCH]).sum()
        return wrong.item() / len(images)


def train(args, data):
    images, test_images, labels, test_labels = data
    torch.manual_seed(args.seed)
    begin = time.perf_counter()
    compiler = {
        "compile": lambda f: torch.compile(f, dynamic=False),
        "autotune": lambda f: torch.compile(f, dynamic=False, mode="max-autotune"),
    }.get(args.mode)
    trainer = Trainer(args, images, labels, compiler)
    trainer.warm_up(capture=args.mode == "graph")
    trainer.error(test_images, test_labels)
    wait(args.device)
    setup = time.perf_counter() - begin
    epochs = []
    for epoch in range(1, args.epochs + 1):
        wait(args.device)
        begin = time.perf_counter()
        trainer.losses.zero_()
        order = torch.randperm(len(images), device=args.device)
        whole = len(order) // args.batch * args.batch
        for rows in order[:whole].split(args.batch):
            trainer.step(rows)
        if whole < len(order):
            trainer.eager(order[whole:])
        loss = trainer.losses.item() / len(order)
        seconds = time.perf_counter() - begin
        error = trainer.error(test_images, test_labels)
        steps = -(-len(order) // args.batch)
        epochs.append({"epoch": epoch, "train_loss": loss, "test_error": error, "seconds": seconds, "steps": steps})
        print("epoch %d: training loss %.4f, test error %.2f %%, %.3f s" % (epoch, loss, 100 * error, seconds), flush=True)
    report(args, trainer, setup, epochs)


def report(args, trainer, setup, epochs):
    seconds = sum(e["seconds"] for e in epochs)
    result = {
        "by": "pytorch",
        "mode": args.mode,
        "sample": "lenet",
        "versions": {"torch": torch.__version__, "cuda": torch.version.cuda, "cudnn": torch.backends.cudnn.version()},
        "device": torch.cuda.get_device_name() if args.device == "cuda" else args.device,
        "tf32": args.tf32,
        "seed": args.seed,
        "batch": args.batch,
        "parameters": sum(p.numel() for p in trainer.parameters),
        "setup_seconds": setup,
        "seconds": seconds,
        "test_error": epochs[-1]["test_error"] if epochs else None,
        "epochs": epochs,
    }
    if args.json:
        with open(args.json, "a") as file:
            file.write(json.dumps(result) + "\n")
    print("pytorch %s: %d epochs in %.2f s, and %.1f s to set up" % (args.mode, len(epochs), seconds, setup), flush=True)


def wait(device):
    if device == "cuda":
        torch.cuda.synchronize()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mode", choices=MODES, default="eager")
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument("--data", required=True, help="the folder with MNIST's four files")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--lr", type=float, default=0.01)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--examples", type=int, help="learn from the first so many, and be tested on as many")
    parser.add_argument("--tf32", action="store_true", help="F32 products may round their factors to 11 bits")
    parser.add_argument("--json", help="a file that gets a line more")
    args = parser.parse_args()
    if args.device == "cuda" and not torch.cuda.is_available():
        not_run("PyTorch %s finds no GPU" % torch.__version__)
    if args.device == "cpu" and args.mode == "graph":
        not_run("a CUDA graph needs a GPU")
    torch.backends.cudnn.allow_tf32 = args.tf32
    torch.backends.cuda.matmul.allow_tf32 = args.tf32
    torch.backends.cudnn.benchmark = True
    train(args, load(args.data, args.examples, args.device))


main()
