package org.adjoint.bench.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.adjoint.bench.Ceilings;
import org.adjoint.bench.Environment;
import org.adjoint.bench.KernelFacts;
import org.adjoint.bench.KernelFacts.Traffic;
import org.adjoint.bench.Result;
import org.adjoint.bench.Result.Ratio;
import org.adjoint.bench.Results;
import org.junit.jupiter.api.Test;

/** The tables that the pages show of kernels' runs. */
class KernelTablesTest {
  private static final Environment HERE = Environment.here().withDevice("a GPU");

  private static Result counted(String shape, String variant, boolean chosen, long cached) {
    Traffic traffic = new Traffic(100, 100, 2 * cached, cached, 200, 7, 0, 0);
    return Result.of("softmax axis=1")
        .variant(variant)
        .dtype("F32")
        .shape(shape)
        .value("bytes moved", 2 * cached)
        .bytes(200)
        .flop(0)
        .kernel(new KernelFacts("rows", "F32", chosen, null, null, null, traffic, cached * 0.01))
        .build();
  }

  private static Result timed(String shape, String variant, boolean chosen, double us) {
    Result.Builder row =
        Result.of("softmax axis=1")
            .variant(variant)
            .dtype("F32")
            .shape(shape)
            .samples("us", us)
            .bytes(200)
            .flop(0)
            .kernel(new KernelFacts("rows", "F32", chosen, null, null, null, null, null));
    return (chosen ? row.ratio("eager", new Ratio(3, 2, 4)) : row).build();
  }

  private static final List<Result> COUNTED =
      List.of(
          counted("[1]", "block", true, 200),
          counted("[1]", "naive", false, 800),
          counted("[2]", "block", true, 300),
          counted("[2]", "naive", false, 202),
          counted("[3]", "columns", true, 250),
          counted("[3]", "naive", false, 250));

  @Test
  void aFamilyIsWhatItsChosenVariantsMove() {
    String table = FamilyTable.of(List.of(Results.rows(HERE, COUNTED)));
    assertTrue(
        table.endsWith("\n| rows | 3 | 3 | 1.25 | 1.50: softmax axis=1 F32 [2] | 1.25 | 21 |\n"),
        table);
  }

  @Test
  void aFamilyThatWasTimedIsComparedWithItsPeers() {
    Results file =
        Results.rows(HERE, List.of(timed("[1]", "block", true, 4), timed("[1]", "naive", false, 9)))
            .withCeilings(new Ceilings(true, 100e6, Map.of()));
    String table = FamilyTable.of(List.of(file));
    assertTrue(table.contains("| family | cases | variants | of the roofline | × eager |"), table);
    assertTrue(table.endsWith("\n| rows | 1 | 2 | 50 % | 3.00 |\n"), table);
  }

  @Test
  void aChoiceIsGoodWhereNoOtherVariantWouldTakeLess() {
    String table = ChoiceTable.of(List.of(Results.rows(HERE, COUNTED)));
    List<String> rows = table.lines().filter(line -> line.startsWith("|")).skip(2).toList();
    assertEquals(3, rows.size(), table);
    assertTrue(
        rows.get(0).matches("\\| softmax \\| block \\| .*\\| 2 of 3 \\| 1 \\| 1.25 \\|"), table);
    assertTrue(rows.get(1).matches("\\|  \\| columns \\| .*\\| 1 of 3 \\| 1 \\| 1.25 \\|"), table);
    assertTrue(rows.get(2).matches("\\|  \\| naive \\| .*\\|  \\|  \\|  \\|"), table);
  }

  @Test
  void aUnitWithoutAnAnswerIsLeft() {
    StringWriter text = new StringWriter();
    List<Unit> units =
        Stream.of("vector", "naive")
            .map(variant -> new Unit("dropout", "dropout", variant, List.of()))
            .toList();
    KernelTable table = new KernelTable(units, true, new PrintWriter(text));
    table.add(1, new Unit.Answer(List.of(), List.of("naive is wrong"), false));
    assertEquals("", text.toString(), "an operation is shown as a whole");
    table.foot("a GPU", 2, "for want of time");
    assertEquals(List.of("naive is wrong"), table.failures());
    String line = "a GPU: 0 rows of 1 variants in 2 s, 1 failed, 1 left for want of time";
    assertTrue(text.toString().contains(line), text.toString());
  }
}
