"""Writes golden/npy: arrays of every kind that numpy can save and Adjoint reads. Needs numpy."""

import io
import pathlib
import warnings

import numpy as np

here = pathlib.Path(__file__).parent / "npy"
here.mkdir(exist_ok=True)
warnings.simplefilter("ignore")  # version 3 is for names beyond Latin-1, and warned of

values = np.array([[0, 1, 2], [100, 3, 7]])
for code in ["b1", "u1", "i1", "<i2", "<u2", "<i4", "<u4", "<i8", "<f2", "<f4", "<f8", ">i4", ">f8", ">f2"]:
    name = code.replace("<", "").replace(">", "big-")
    np.save(here / f"{name}.npy", values.astype(code))
np.save(here / "fortran.npy", np.asfortranarray(np.arange(24, dtype="<f4").reshape(2, 3, 4)))
np.save(here / "scalar.npy", np.float32(2.5))
np.save(here / "empty.npy", np.zeros((3, 0, 2), "<f4"))
np.save(here / "negative.npy", np.array([-1, -128], "i1"))
np.save(here / "large.npy", np.array([65535, 4294967295], "<u4"))
for version in [(2, 0), (3, 0)]:
    with open(here / f"version{version[0]}.npy", "wb") as out:
        np.lib.format.write_array(out, np.arange(5, dtype="<i4"), version)
np.save(here / "complex.npy", np.array([1 + 2j]))
np.save(here / "text.npy", np.array(["one"]))
np.save(here / "fields.npy", np.array([(1, 2.0)], [("a", "<i4"), ("b", "<f4")]))
np.save(here / "objects.npy", np.array([None, "x"], dtype=object), allow_pickle=True)
np.savez(here / "stored.npz", a=np.arange(3, dtype="<f4"), b=np.ones((2, 2), "<i8"))
np.savez_compressed(here / "packed.npz", zeros=np.zeros((100, 100), "<f4"), x=np.arange(3))
