package org.adjoint.mutants;

import java.util.function.Supplier;

/**
 * One check that a mutant may fail.
 *
 * @param name which, in words that tell it from all others
 * @param inputs what it depends on, beside the kernels
 * @param last whether it is tried after all that are not
 * @param run runs it, and says what failed; an empty text if nothing did
 */
record Trial(String name, String inputs, boolean last, Supplier<String> run) {}
