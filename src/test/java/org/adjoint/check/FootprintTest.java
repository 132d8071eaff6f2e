package org.adjoint.check;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class FootprintTest {
  @Test
  void trainingHoldsOnToNothing() {
    List<Footprint> seen = Footprint.train(100, 1_000);
    assertEquals(seen.get(0).live(), seen.get(1).live());
  }

  @Test
  void growthIsNamed() {
    Footprint early = new Footprint(1000, 10 << 20, 100 << 20);
    assertEquals(List.of(), early.growthSince(early));
    assertEquals(
        List.of("live bytes of tensors: expected 1000, got 1004"),
        new Footprint(1004, 10 << 20, 100 << 20).growthSince(early));
    assertEquals(2, new Footprint(1000, 12 << 20, 106 << 20).growthSince(early).size());
    Footprint unknown = new Footprint(1000, 10 << 20, -1);
    assertEquals(List.of(), unknown.growthSince(unknown));
  }
}
