package org.adjoint.io.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.op.Softsign;
import org.adjoint.op.Where;
import org.jspecify.annotations.Nullable;

/** Networks that go along a sequence, forward, in reverse, or both. */
final class RecurrentOps {
  private RecurrentOps() {}

  static void register(Operators table) {
    String all = "activations direction hidden_size";
    add(table, "RNN", 6, all, c -> run(c, 1, 1, 1, RecurrentOps::rnn));
    add(table, "GRU", 6, all + " linear_before_reset", c -> run(c, 3, 2, 1, RecurrentOps::gru));
    add(table, "LSTM", 8, all + " input_forget", c -> run(c, 4, 3, 2, RecurrentOps::lstm));
  }

  private static void add(
      Operators table, String op, int inputs, String attributes, Operators.Rule rule) {
    table.many(op, 7, inputs, attributes, rule);
    table.many(op, 14, inputs, attributes + " layout", rule);
  }

  /**
   * What one direction is made of.
   *
   * @param w [gates · H, I]
   * @param r [gates · H, H]
   * @param b [2 · gates · H], those of w first; null for zeros
   * @param p [3 · H], from the cell to the gates; null for zeros
   * @param f the activations in the order of the node
   */
  private record Side(
      Call call,
      Tensor w,
      Tensor r,
      @Nullable Tensor b,
      @Nullable Tensor p,
      List<UnaryOperator<Tensor>> f) {
    Tensor act(int i, Tensor x) {
      return f.get(i).apply(x);
    }

    /** x·Wᵀ + b for gates {@code from} to {@code to} of {@code n}. */
    Tensor ofInput(Tensor x, int n) {
      Tensor y = x.matmul(w.t());
      return b == null ? y : y.add(b.slice(0, 0, n * r.size(1)));
    }

    /** h·Rᵀ + b, of gates from {@code from} to {@code to} among {@code n}. */
    Tensor ofState(Tensor h, int n, int from, int to) {
      long size = r.size(1);
      Tensor y = h.matmul(r.slice(0, from * size, to * size).t());
      return b == null ? y : y.add(b.slice(0, (n + from) * size, (n + to) * size));
    }

    Tensor peep(Tensor x, Tensor cell, int i) {
      long size = r.size(1);
      return p == null ? x : x.add(cell.mul(p.slice(0, i * size, (i + 1) * size)));
    }
  }

  /** The next states from an input [batch, I] and the states [batch, H]. */
  private interface Cell {
    List<Tensor> step(Side side, Tensor x, List<Tensor> states);
  }

  private static List<Tensor> rnn(Side s, Tensor x, List<Tensor> states) {
    return List.of(s.act(0, s.ofInput(x, 1).add(s.ofState(states.get(0), 1, 0, 1))));
  }

  /** Gates in the order z, r, h. */
  private static List<Tensor> gru(Side s, Tensor x, List<Tensor> states) {
    Tensor h = states.get(0);
    Tensor[] in = s.ofInput(x, 3).chunk(1, 3);
    Tensor[] old = s.ofState(h, 3, 0, 2).chunk(1, 2);
    Tensor z = s.act(0, in[0].add(old[0]));
    Tensor r = s.act(0, in[1].add(old[1]));
    boolean late = s.call.flag("linear_before_reset", false);
    Tensor part = late ? r.mul(s.ofState(h, 3, 2, 3)) : s.ofState(r.mul(h), 3, 2, 3);
    Tensor made = s.act(1, in[2].add(part));
    return List.of(made.add(z.mul(h.sub(made))));
  }

  /** Gates in the order i, o, f, c; peepholes in the order i, o, f. */
  private static List<Tensor> lstm(Side s, Tensor x, List<Tensor> states) {
    s.call.supports(!s.call.flag("input_forget", false), "input_forget = 1");
    Tensor c = states.get(1);
    Tensor[] g = s.ofInput(x, 4).add(s.ofState(states.get(0), 4, 0, 4)).chunk(1, 4);
    Tensor in = s.act(0, s.peep(g[0], c, 0));
    Tensor forget = s.act(0, s.peep(g[2], c, 2));
    Tensor next = forget.mul(c).add(in.mul(s.act(1, g[3])));
    Tensor out = s.act(0, s.peep(g[1], next, 1));
    return List.of(out.mul(s.act(2, next)), next);
  }

  /**
   * Y, and the last states.
   *
   * @param gates that W and R hold for each of H numbers
   * @param functions how many activations a direction has
   */
  private static Tensor[] run(Call c, int gates, int functions, int states, Cell cell) {
    boolean batchFirst = c.integer("layout", 0) == 1;
    Tensor x = batchFirst ? c.floating(0).transpose(0, 1) : c.floating(0);
    c.needs(x.rank() == 3 && c.in(1).rank() == 3 && c.in(2).rank() == 3, "X, W, R have 3 axes");
    String direction = c.text("direction", "forward");
    c.supports(
        List.of("forward", "reverse", "bidirectional").contains(direction),
        "direction = '" + direction + "'");
    int sides = direction.equals("bidirectional") ? 2 : 1;
    long hidden = c.in(2).size(2);
    c.needs(
        c.in(1).shape().equals(Shape.of(sides, gates * hidden, x.size(2)))
            && c.in(2).shape().equals(Shape.of(sides, gates * hidden, hidden)),
        "W %s and R %s do not fit X %s".formatted(c.in(1).shape(), c.in(2).shape(), x.shape()));
    List<UnaryOperator<Tensor>> f = activations(c, sides * functions, functions);
    List<List<Tensor>> made = new ArrayList<>();
    for (int i = 0; i < sides; i++) {
      Tensor b = c.has(3) ? c.in(3).select(0, i) : null;
      Tensor p = c.has(7) ? c.in(7).select(0, i) : null;
      List<UnaryOperator<Tensor>> own = f.subList(i * functions, (i + 1) * functions);
      Side side = new Side(c, c.in(1).select(0, i), c.in(2).select(0, i), b, p, own);
      List<Tensor> start = new ArrayList<>();
      for (int k = 0; k < states; k++) {
        Tensor told = c.maybe(5 + k);
        start.add(
            told == null
                ? Tensor.zeros(x.meta().with(Shape.of(x.size(1), hidden)))
                : told.select(batchFirst ? 1 : 0, i));
      }
      boolean back = i == 1 || direction.equals("reverse");
      made.add(along(c, x, side, cell, start, back));
    }
    Tensor[] outputs = new Tensor[1 + states];
    for (int k = 0; k <= states; k++) {
      int at = k;
      Tensor[] both = made.stream().map(all -> all.get(at)).toArray(Tensor[]::new);
      // Y is [length, sides, batch, H] or [batch, length, sides, H]; a state has no length.
      Tensor y = Tensor.stack(k == 0 ? 1 : 0, both);
      outputs[k] = !batchFirst ? y : k == 0 ? y.permute(2, 0, 1, 3) : y.transpose(0, 1);
    }
    return outputs;
  }

  /** What one direction puts out, [length, batch, H], and its last states, [batch, H]. */
  private static List<Tensor> along(
      Call c, Tensor x, Side side, Cell cell, List<Tensor> start, boolean back) {
    int length = Math.toIntExact(x.size(0));
    c.supports(length > 0, "a sequence of length 0");
    Tensor lengths = c.has(4) ? c.in(4).unsqueeze(1) : null;
    List<Tensor> states = start;
    Tensor[] out = new Tensor[length];
    for (int i = 0; i < length; i++) {
      int t = back ? length - 1 - i : i;
      List<Tensor> next = cell.step(side, x.select(0, t), states);
      out[t] = next.get(0);
      if (lengths != null) {
        // Beyond its end a sequence keeps its states and puts out zeros.
        Tensor inside = lengths.gt(t).expand(out[t].shape());
        out[t] = Where.of(inside, out[t], 0);
        List<Tensor> kept = new ArrayList<>();
        for (int k = 0; k < next.size(); k++) {
          kept.add(Where.of(inside, next.get(k), states.get(k)));
        }
        next = kept;
      }
      states = next;
    }
    List<Tensor> all = new ArrayList<>(states);
    all.addFirst(Tensor.stack(0, out));
    return all;
  }

  private static List<UnaryOperator<Tensor>> activations(Call c, int n, int each) {
    List<String> names = new ArrayList<>();
    if (c.node().attributes().get("activations") instanceof Onnx.Attribute.Texts told) {
      names.addAll(told.values());
    } else {
      String[] usual = each == 1 ? new String[] {"Tanh"} : new String[] {"Sigmoid", "Tanh", "Tanh"};
      for (int i = 0; i < n; i++) {
        names.add(usual[i % each]);
      }
    }
    // A network of one direction may name the usual functions of both.
    c.needs(names.size() >= n, names.size() + " activations where " + n + " are due");
    return Arrays.stream(names.toArray(String[]::new))
        .limit(n)
        .map(name -> activation(c, name))
        .toList();
  }

  private static UnaryOperator<Tensor> activation(Call c, String name) {
    return switch (name) {
      case "Tanh" -> Tensor::tanh;
      case "Sigmoid" -> Tensor::sigmoid;
      case "Relu" -> Tensor::relu;
      case "Softplus" -> Tensor::softplus;
      case "Softsign" -> Softsign::of;
      default -> throw c.unsupported("activation '" + name + "'");
    };
  }
}
