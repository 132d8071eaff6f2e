package org.adjoint.mutants;

/**
 * A mutant, and what became of it, as results keep it.
 *
 * @param kernel whose launches it changed: {@code softmax/*_naive}
 * @param key of the kernel's text, and of the change
 * @param file where, in src/main/cuda
 * @param original the text there
 * @param mutated what it became
 * @param killed whether a check failed
 * @param by the check; where all passed, how many there were
 * @param how it failed
 * @param inputs of the check that failed, or of all that passed
 */
public record Mutant(
    String kernel,
    String key,
    String operator,
    String file,
    int line,
    String original,
    String mutated,
    boolean killed,
    String by,
    String how,
    String inputs) {}
