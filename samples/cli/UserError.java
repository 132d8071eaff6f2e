package org.adjoint.samples.cli;

/**
 * A failure that the user can mend: a missing file, a device that is not there. The command line
 * prints its message as one line, without a stack trace, and exits with status 1.
 */
public final class UserError extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** {@code message} says what is wrong and what to do about it. */
  public UserError(String message) {
    super(message);
  }

  /** As above, with the cause for a debugger's sake. */
  public UserError(String message, Throwable cause) {
    super(message, cause);
  }
}
