package org.adjoint.bench.cpu;

import java.util.List;
import java.util.function.Supplier;

/**
 * A contender's way to do a work.
 *
 * @param calls how often one run does it: what takes less than a clock can see is done many times
 * @param body one run; whatever it returns is kept where the compiler cannot prove it useless
 * @param check does the work once, from the beginning, and returns what came out, as {@link
 *     Fingerprint#of} tells
 */
record Job(int calls, Supplier<?> body, Supplier<List<Double>> check) {}
