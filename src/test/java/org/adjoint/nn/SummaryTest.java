package org.adjoint.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Locale;
import org.adjoint.Cost;
import org.adjoint.Philox;
import org.adjoint.Tensor;
import org.junit.jupiter.api.Test;

/** The table of a model's layers. */
class SummaryTest {
  private static Sequential leNet() {
    Philox random = new Philox(0);
    return new Sequential(
        new Conv(1, 32, 5, random),
        new Relu(),
        new MaxPool(3),
        new Conv(32, 64, 5, random),
        Tensor::relu,
        new MaxPool(2),
        new Flatten(),
        new Linear(256, 256, random),
        new Relu(),
        new Linear(256, 10, random));
  }

  @Test
  void leNetOnMnist() {
    assertEquals(120_458, leNet().parameterCount());
    assertEquals(
        """
        #    layer                    output                 parameters           FLOP        KiB
        0    Conv(1, 32, [5, 5])      [1, 32, 24, 24]               832        940,032         72
        1    Relu                     [1, 32, 24, 24]                 0         18,432         72
        2    MaxPool(3)               [1, 32, 8, 8]                   0         18,432         24
        3    Conv(32, 64, [5, 5])     [1, 64, 4, 4]              51,264      1,639,424          4
        4    function                 [1, 64, 4, 4]                   0          1,024          4
        5    MaxPool(2)               [1, 64, 2, 2]                   0          1,024          3
        6    Flatten                  [1, 256]                        0              0          0
        7    Linear(256, 256)         [1, 256]                   65,792        131,328          2
        8    Relu                     [1, 256]                        0            256          1
        9    Linear(256, 10)          [1, 10]                     2,570          5,130          1
             total                                              120,458      2,755,082        183
        """,
        Summary.of(leNet(), Tensor.zeros(1, 1, 28, 28)).replace(System.lineSeparator(), "\n"));
  }

  @Test
  void aModelThatIsNoSequentialHasOneRow() {
    record Twice(Linear linear) implements Layer {
      @Override
      public Tensor forward(Tensor x) {
        return linear.forward(linear.forward(x));
      }

      @Override
      public String toString() {
        return "Twice";
      }
    }

    String text = Summary.of(new Twice(new Linear(3, 3, new Philox(0))), Tensor.zeros(2, 3));

    assertEquals(3, text.lines().count());
    assertTrue(text.lines().skip(1).findFirst().orElseThrow().startsWith("0    Twice  "), text);
  }

  @Test
  void theTextDoesNotDependOnTheLocale() {
    Locale before = Locale.getDefault();
    String text = Summary.of(leNet(), Tensor.zeros(1, 1, 28, 28));
    try {
      Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
      assertEquals(text, Summary.of(leNet(), Tensor.zeros(1, 1, 28, 28)));
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void costCountsWhatIsComputedAndNotWhatIsViewed() {
    Tensor a = Tensor.zeros(2, 3);
    Tensor b = Tensor.zeros(4, 3);

    Cost product = Cost.of(() -> a.matmul(b.t()));
    Cost views = Cost.of(() -> a.t().reshape(2, 1, 3).flip(0).slice(2, 0, 1));

    assertEquals(2 * 2 * 3 * 4, product.flop());
    assertEquals(2 * 4 * 4, product.bytes());
    assertEquals(0, views.flop());
  }
}
