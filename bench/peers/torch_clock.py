"""Time on a device, for torch_kernels.py."""

import subprocess
import time

import torch

LEAST_FLUSH = 256 << 20  # bytes, as in GpuClock.java; more if the cache is large
AHEAD = 400_000  # cycles: about 0.2 ms in which the host queues what is timed


class Cpu:
    """For tests where there is no GPU: the times say nothing."""

    def wait(self):
        pass

    def cold(self, run):
        return self.back_to_back(run, 1)

    def back_to_back(self, run, times):
        begin = time.perf_counter()
        for _ in range(times):
            run()
        return (time.perf_counter() - begin) / times

    def is_well(self):
        return True

    def about(self):
        return {}

    def rate(self):
        return None


class Gpu:
    """Times between events, of work that is queued before the first of them comes to pass."""

    def __init__(self):
        # Not the default stream, so that what autograd has run on it can be captured from it.
        torch.cuda.set_stream(torch.cuda.Stream())
        l2 = getattr(torch.cuda.get_device_properties(0), "L2_cache_size", 0)
        self.flushed = torch.empty(max(LEAST_FLUSH, 3 * l2), dtype=torch.uint8, device="cuda")
        self.begin, self.end = (torch.cuda.Event(enable_timing=True) for _ in range(2))

    def wait(self):
        torch.cuda.synchronize()

    def is_well(self):
        """Whether more can be done: some errors of CUDA come back until the process ends."""
        try:
            self.wait()
            return True
        except Exception:
            return False

    def cold(self, run):
        self.flushed.fill_(1)
        return self.back_to_back(run, 1)

    def back_to_back(self, run, times):
        torch.cuda._sleep(AHEAD)
        self.begin.record()
        for _ in range(times):
            run()
        self.end.record()
        self.end.synchronize()
        return self.begin.elapsed_time(self.end) * 1e-3 / times

    def about(self):
        said = {
            "cuda": torch.version.cuda,
            "cudnn": torch.backends.cudnn.version(),
            "device": torch.cuda.get_device_name(),
        }
        driver = smi("driver_version")
        return {**said, "driver": driver[0]} if driver else said

    def rate(self):
        """MHz of the multiprocessors, and NVML's bits of why they are throttled."""
        said = smi("clocks.sm", "clocks_event_reasons.active")
        said = said or smi("clocks.sm", "clocks_throttle_reasons.active")  # its name in older drivers
        return said and [float(said[0]), int(said[1], 16)]


def smi(*fields):
    """What nvidia-smi says of the device at hand; None if there is no answer."""
    command = ["nvidia-smi", "--query-gpu=" + ",".join(fields), "--format=csv,noheader,nounits", "-i"]
    uuid = getattr(torch.cuda.get_device_properties(0), "uuid", "")
    for device in ("GPU-%s" % uuid, "0"):
        try:
            ran = subprocess.run(command + [device], capture_output=True, text=True, timeout=20, check=True)
        except (OSError, subprocess.SubprocessError):
            continue
        words = [word.strip() for word in ran.stdout.strip().split(",")]
        if len(words) == len(fields) and all(words):
            return words
    return None
