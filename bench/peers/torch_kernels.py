"""PyTorch and Triton as contenders of `./adjoint bench kernels --peers`: a line in, a line out.

hello         ok NAME=VERSION ...   what is contending, and how it is set
load FILE     ok PEER ...           the peers that do the case that FILE tells of
outputs PEER  ok INDEX ...          the outputs it has written, to the files that FILE names + .PEER
cold PEER N   ok SECONDS ...        single runs that find nothing in the second-level cache
warm PEER     ok SECONDS ...        of one run, of many back to back
clock         ok MHZ REASONS        of the multiprocessors, and why it is throttled, as NVML's bits
unload        ok                    gives back all memory
              no                    to what is not done here
              fail WHY              to anything that went wrong

Peers: torch-eager; torch-compile, by its mode max-autotune; torch-graph, the eager calls in a CUDA
graph; triton, kernels of triton_kernels.py. All times are those between events on the device, of
work that was queued before the first of them came to pass: no launch is waited for.
"""

import argparse
import gc
import importlib.util
import json
import sys
import time
import warnings

try:
    import torch
except Exception as e:
    sys.exit("%s has no PyTorch: %s" % (sys.executable, " ".join(str(e).split())))

from lines import in_short, serve
from torch_clock import Cpu, Gpu
from torch_ops import COMPILED, DTYPES, IN_PLACE, NOT_COMPILED, OPS, PREPARE, Unmapped
import torch_layers  # noqa: F401, which adds to the tables

WARM_UP = 0.05  # s
LEAST_RUNS = 5  # the first ones of what torch.compile captures are not as the rest
WARM_SAMPLE = 1e-3  # s
WARM_SAMPLES = 20
MOST_LAUNCHES = 1000


def read(told, device):
    """A tensor from the bytes of a file, by itself on the device."""
    count = 1
    for size in told["shape"]:
        count *= size
    dtype = DTYPES[told["dtype"]]
    if count == 0:
        return torch.empty(told["shape"], dtype=dtype, device=device)
    return torch.from_file(told["file"], False, count, dtype=dtype).reshape(told["shape"]).to(device, copy=True)


def write(told, peer, x):
    if list(x.shape) != told["shape"]:
        raise ValueError("an output is %s, not %s" % (list(x.shape), told["shape"]))
    name = told["file"] + "." + peer
    if x.numel() == 0:
        open(name, "wb").close()
    else:
        there = torch.from_file(name, True, x.numel(), dtype=DTYPES[told["dtype"]])
        there.copy_(x.detach().reshape(-1))


class Case:
    """One operation on its inputs, and how each peer runs it."""

    def __init__(self, told, device, mode):
        self.told, self.device, self.mode = told, device, mode
        step = told["op"].get("step")
        op = step if isinstance(step, dict) else told["op"]  # an optimiser's step in an operation
        self.kind, self.p = op["kind"], dict(op)
        self.inputs = [read(x, device) for x in told["inputs"]]
        self.ways, self.running, self.warmed = {}, {}, set()
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = told["tf32"]
        try:
            self.args = list(PREPARE.get(self.kind, lambda p, *x: x)(self.p, *self.inputs))
            if self.kind in OPS:
                self.ways["torch-eager"] = self.eager
                if self.kind not in NOT_COMPILED:
                    self.ways["torch-compile"] = self.compiled
                if device == "cuda":
                    self.ways["torch-graph"] = self.captured
        except Unmapped:
            pass
        triton = by_triton()
        if triton and triton.takes(self.kind, told["op"], self.inputs):
            self.ways["triton"] = lambda: triton.runner(self.kind, told["op"], told["tf32"], self.inputs)

    def function(self, table):
        f, p = table[self.kind], self.p
        return lambda *args: f(p, *args)

    def eager(self):
        f, args = self.function(OPS), self.args
        return lambda: f(*args)

    def compiled(self):
        for x in self.args:
            if isinstance(x, torch.Tensor):
                torch._dynamo.mark_static_address(x)  # else its graph copies them before each run
        f = torch.compile(self.function({**OPS, **COMPILED}), dynamic=False, mode=self.mode)
        args = self.args

        def run():
            torch.compiler.cudagraph_mark_step_begin()
            return f(*args)

        return run

    def captured(self):
        run = self.eager()
        for _ in range(3):
            run()
        graph = torch.cuda.CUDAGraph()
        try:
            with torch.cuda.graph(graph, stream=torch.cuda.current_stream()):
                results = run()
        except Exception as e:
            sys.exit("no graph: " + in_short(e))  # what a capture that failed leaves behind breaks others

        def replay():
            graph.replay()
            return results

        return replay

    def run(self, peer):
        """What runs it, compiled or captured."""
        if peer not in self.running:
            self.running[peer] = self.ways[peer]()
        return self.running[peer]

    def warm(self, peer, clock):
        run = self.run(peer)
        if peer not in self.warmed:
            self.warmed.add(peer)
            end = time.perf_counter() + WARM_UP
            for _ in range(LEAST_RUNS):
                run()
            while time.perf_counter() < end:
                run()
                clock.wait()
        return run

    def outputs(self, peer, clock):
        run = self.run(peer)
        if self.kind in IN_PLACE:
            run()  # what is captured or compiled has run
            for x, told in zip(self.inputs, self.told["inputs"]):
                x.copy_(read(told, self.device))
        results = run()
        clock.wait()
        results = [results] if isinstance(results, torch.Tensor) else list(results)
        there = [i for i, x in enumerate(results) if x is not None]
        for i in there:
            write(self.told["outputs"][i], peer, results[i])
        return there


def by_triton():
    if importlib.util.find_spec("triton") is None:
        return None
    import triton_kernels

    return triton_kernels if triton_kernels.can_run() else None


class Script:
    def __init__(self, device, only):
        self.device, self.only, self.case = device, only, None
        self.clock = Gpu() if device == "cuda" else Cpu()
        self.mode = "max-autotune" if device == "cuda" else "default"

    def hello(self):
        said = {"torch": torch.__version__, "compile": self.mode, "cudnn_benchmark": torch.backends.cudnn.benchmark}
        if importlib.util.find_spec("triton") is not None:
            said["triton"] = importlib.import_module("triton").__version__
        return ["%s=%s" % pair for pair in {**said, **self.clock.about()}.items()]

    def load(self, file):
        self.unload()
        with open(file) as text:
            self.case = Case(json.load(text), self.device, self.mode)
        return [peer for peer in self.case.ways if not self.only or peer in self.only] or None

    def outputs(self, peer):
        return self.case.outputs(peer, self.clock)

    def cold(self, peer, n):
        run = self.case.warm(peer, self.clock)
        return [self.clock.cold(run) for _ in range(int(n))]

    def warm(self, peer):
        run = self.case.warm(peer, self.clock)
        once = self.clock.back_to_back(run, 1)
        times = max(1, min(MOST_LAUNCHES, int(WARM_SAMPLE / max(once, 1e-9))))
        return [self.clock.back_to_back(run, times) for _ in range(WARM_SAMPLES)]

    def unload(self):
        if self.case and "torch-compile" in self.case.running:
            from torch._inductor.cudagraph_trees import reset_cudagraph_trees

            torch._dynamo.reset()
            reset_cudagraph_trees()
        self.case = None
        if self.device == "cuda":
            gc.collect()
            torch.cuda.empty_cache()
        return []

    def answer(self, words):
        known = {"hello": self.hello, "load": self.load, "outputs": self.outputs, "cold": self.cold,
                 "warm": self.warm, "clock": self.clock.rate, "unload": self.unload}
        try:
            with torch.no_grad():
                return known[words[0]](*words[1:])
        except Exception as e:
            if not self.clock.is_well():
                sys.exit(in_short(e))
            raise


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument("--only", nargs="*", metavar="PEER", help="these and no others")
    args = parser.parse_args()
    device = args.device
    if device == "cuda" and not torch.cuda.is_available():
        sys.exit("PyTorch %s finds no GPU" % torch.__version__)
    warnings.simplefilter("ignore")
    torch.backends.cudnn.benchmark = True
    torch.backends.cuda.matmul.allow_bf16_reduced_precision_reduction = False
    torch.backends.cuda.matmul.allow_fp16_reduced_precision_reduction = False
    serve(Script(device, args.only).answer)


main()
