"""Writes spectra.txt: eigenvalues, singular values and principal components by NumPy.

A line is a matrix or a vector: its name, its sizes joined by x, its elements in hexadecimal.

    python spectra.py > spectra.txt        (NumPy 2.1)
"""

import numpy as np

random = np.random.default_rng(3)


def line(name, array):
    sizes = "x".join(str(n) for n in array.shape)
    print(name, sizes, *(float(v).hex() for v in array.flatten()))


def grid(*sizes):
    return random.integers(-64, 65, sizes) / 64


hilbert = np.array([[1 / (i + j + 1) for j in range(6)] for i in range(6)])
clustered = np.diag([3.0, 3.0, 3.0, 1.0]) + np.ones((4, 4)) / 4
CASES = {
    "one": np.array([[-2.5]]),
    "square": grid(5, 5),
    "tall": grid(9, 4),
    "wide": grid(3, 8),
    "column": grid(7, 1),
    "row": grid(1, 7),
    "zeros": np.zeros((4, 3)),
    "deficient": grid(7, 2) @ grid(2, 5),
    "graded": grid(6, 4) @ np.diag([1, 1e-4, 1e-8, 1e-12]),
    "hilbert": hilbert,
    "clustered": clustered,
    "tiny": grid(4, 4) * 1e-200,
    "huge": grid(4, 4) * 1e200,
}
for name, a in CASES.items():
    line(name + ".a", a)
    line(name + ".s", np.linalg.svd(a, compute_uv=False))
    if a.shape[0] == a.shape[1]:
        line(name + ".w", np.linalg.eigvalsh((a + a.T) / 2)[::-1])

for name, sizes in {"points": (12, 4), "pictures": (5, 9)}.items():
    x = grid(*sizes)
    _, s, vt = np.linalg.svd(x - x.mean(0), full_matrices=False)
    largest = np.abs(vt).argmax(1)
    vt *= np.sign(vt[np.arange(len(vt)), largest])[:, None]
    line(name + ".x", x)
    line(name + ".components", vt[:3])
    line(name + ".variances", s[:3] ** 2 / (len(x) - 1))
