package org.adjoint.bench;

import org.jspecify.annotations.Nullable;

/** Checks of a record's fields; the messages use the names that the fields have in the file. */
final class Require {
  private Require() {}

  static void that(boolean ok, String field, String must, @Nullable Object found) {
    if (!ok) {
      throw new IllegalArgumentException(field + " " + must + ", found " + found);
    }
  }

  static void present(String field, @Nullable Object value) {
    if (value == null || value.equals("")) {
      throw new IllegalArgumentException(field + " is missing");
    }
  }
}
