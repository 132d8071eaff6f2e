package org.adjoint.backend.cuda.driver;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** Bytes lie where C looks for them. */
@SuppressWarnings("restricted") // memory is read where the driver would read it
class ArgumentsTest {
  private final Arguments arguments = new Arguments();

  /** What the driver sees of argument {@code i}. */
  private MemorySegment seen(int i) {
    MemorySegment slots = MemorySegment.ofAddress(arguments.address()).reinterpret(2048);
    return MemorySegment.ofAddress(slots.getAtIndex(JAVA_LONG, i)).reinterpret(256);
  }

  @Test
  void eachArgumentHasAPointerOfItsOwn() {
    arguments.int64(0x123456789abcdefL);
    arguments.int32(-7);
    arguments.float32(1.5f);
    arguments.float64(Math.PI);
    assertEquals(4, arguments.count());
    assertEquals(0x123456789abcdefL, seen(0).get(JAVA_LONG, 0));
    assertEquals(-7, seen(1).get(JAVA_INT, 0));
    assertEquals(1.5f, seen(2).get(JAVA_FLOAT, 0));
    assertEquals(Math.PI, seen(3).get(JAVA_DOUBLE, 0));
  }

  /** struct { int a; long long b[3]; float c; double d; int e; } has 56 bytes. */
  @Test
  void membersLieAtMultiplesOfTheirSize() {
    arguments.int32(1);
    arguments.struct();
    arguments.int32(2);
    arguments.int64s(new long[] {3, 4}, 3);
    arguments.float32(5);
    arguments.float64(6);
    arguments.int32(7);
    arguments.end();
    arguments.int32(8);
    MemorySegment struct = seen(1);
    assertEquals(0, struct.address() % 16);
    assertEquals(2, struct.get(JAVA_INT, 0));
    assertEquals(3, struct.get(JAVA_LONG, 8));
    assertEquals(4, struct.get(JAVA_LONG, 16));
    assertEquals(0, struct.get(JAVA_LONG, 24));
    assertEquals(5, struct.get(JAVA_FLOAT, 32));
    assertEquals(6, struct.get(JAVA_DOUBLE, 40));
    assertEquals(7, struct.get(JAVA_INT, 48));
    assertEquals(struct.address() + 64, seen(2).address());
    assertEquals(8, seen(2).get(JAVA_INT, 0));
  }

  @Test
  void intsPackTightly() {
    arguments.struct();
    arguments.int32(1);
    arguments.int32s(new int[] {2, 3}, 2);
    arguments.int64(4);
    arguments.end();
    assertEquals(3, seen(0).get(JAVA_INT, 8));
    assertEquals(4, seen(0).get(JAVA_LONG, 16));
  }

  @Test
  void aForgottenArgumentReadsAsAllBitsSet() {
    arguments.int64(1);
    arguments.int64(2);
    arguments.int64(3);
    assertEquals(3, seen(2).get(JAVA_LONG, 0));
    arguments.clear();
    arguments.int64(4);
    assertEquals(4, seen(0).get(JAVA_LONG, 0));
    for (int i = 1; i < 256; i++) {
      assertEquals(-1, seen(i).get(JAVA_LONG, 0), "argument " + i);
      assertEquals(-1, seen(i).get(JAVA_BYTE, 255), "argument " + i);
    }
  }

  @Test
  void misuseIsSaid() {
    says(
        "arguments: an array goes by value within a struct only",
        () -> arguments.int32s(new int[1], 1));
    says("arguments: the end of a struct that was not begun", arguments::end);
    arguments.struct();
    says("arguments: a struct was begun and not ended", arguments::address);
    says("arguments: a struct within a struct; list its members instead", arguments::struct);
    says("arguments: 9 numbers for an array of 8", () -> arguments.int64s(new long[9], 8));
    arguments.end();
    says("arguments: more than 32768 bytes", () -> fill(true));
    arguments.clear();
    says("arguments: more than 256", () -> fill(false));
  }

  private void fill(boolean struct) {
    if (struct) {
      arguments.struct();
    }
    for (int i = 0; i < 10_000; i++) {
      arguments.int64(i);
    }
  }

  private static void says(String message, Runnable call) {
    assertEquals(message, assertThrows(RuntimeException.class, call::run).getMessage());
  }
}
