package org.adjoint.mutants;

/**
 * A place in a kernel file where an operator applies.
 *
 * @param id the number by which the emulator is told to switch it on
 * @param file the source's name, such as {@code rows.cuh}
 * @param region the function or struct, at the top of the file, that it is in
 * @param body the number of the function's body, which the emulator notes when it is entered
 * @param optional whether an {@code if constexpr} may have left it out
 * @param ordinal which of its region's sites it is
 * @param original the text that is changed
 * @param mutated what it is changed to
 */
public record Site(
    int id,
    Operator operator,
    String file,
    int line,
    String region,
    int body,
    boolean optional,
    int ordinal,
    String original,
    String mutated) {}
