package org.adjoint.check;

/**
 * One thing that does not hold.
 *
 * @param op the operation's name
 * @param example which of its examples
 * @param check what was checked
 * @param problem what was expected, and what was found instead
 */
public record Failure(String op, String example, String check, String problem) {
  /** All of it in one line. */
  @Override
  public String toString() {
    return (op + ": " + example + ": " + check + ": " + problem).replaceAll("\\s*\\R\\s*", " ");
  }
}
