"""Writes erf.txt: x, erf x and erfc x, each the nearest double, in hexadecimal.

    python erf.py > erf.txt        (mpmath 1.2 or later, at 200 bits)
"""

import math

import mpmath

mpmath.mp.prec = 200
near = [0.5, 1.0, 4.0]
points = [2.0**-k for k in (1074, 1022, 500, 60, 30, 20, 10, 5)]
points += [math.nextafter(x, 0) for x in near] + near + [math.nextafter(x, 9) for x in near]
points += [k / 37 for k in range(1, 37 * 6, 3)]  # the whole slope of erf
points += [k / 7 for k in range(42, 186, 3)]  # the tail of erfc, down to 2e-308
for x in sorted(points):
    print(x.hex(), float(mpmath.erf(x)).hex(), float(mpmath.erfc(x)).hex())
