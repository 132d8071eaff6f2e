package org.adjoint;

import java.util.Arrays;
import org.adjoint.autograd.Node;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Transfer;
import org.adjoint.autograd.View;
import org.adjoint.backend.Backend;
import org.adjoint.backend.Layout;
import org.adjoint.backend.Operand;
import org.adjoint.backend.Storage;
import org.adjoint.backend.cuda.Recording;

/** A value's way through an operation: check, compute, remember. */
final class Dispatch {
  private Dispatch() {}

  static Tensor[] apply(Op op, Tensor... in) {
    try (Span span = Span.of(op, in)) {
      Tensor[] out = run(op, in);
      span.made(out);
      return out;
    }
  }

  private static Tensor[] run(Op op, Tensor... in) {
    Meta[] metas = new Meta[in.length];
    boolean differentiable = false;
    for (int i = 0; i < in.length; i++) {
      in[i].requireOpen(op.name());
      metas[i] = in[i].meta();
      differentiable |= in[i].slot() != null;
    }
    Tensor[] out;
    Meta[] results = op.infer(metas);
    if (op instanceof View view) {
      out = new Tensor[] {in[0].alias(view.view(in[0].layout()), op)};
    } else {
      out = compute(op, in, results);
    }
    boolean anomaly = Grad.isAnomalyMode();
    String origin = anomaly ? CallSite.ofUser() : null;
    boolean recorded = differentiable && Grad.isOn();
    if (recorded) {
      Node.record(op, in, metas, out, origin);
    }
    out = handedOut(op, out, recorded);
    if (anomaly) {
      for (Tensor tensor : out) {
        Grad.checkAnomaly("the result of " + op.name() + " (made at " + origin + ")", tensor);
      }
    }
    Trace.ran(op, in, out);
    return out;
  }

  /** The outputs without the workspace, which is given back if no backward will need it. */
  private static Tensor[] handedOut(Op op, Tensor[] out, boolean recorded) {
    int count = out.length - op.workspace();
    for (int i = count; i < out.length && !recorded; i++) {
      out[i].close();
    }
    return count == out.length ? out : Arrays.copyOf(out, count);
  }

  private static void requireRecordable(Op op, Tensor x, Device device) {
    if (op instanceof Transfer) {
      Recording.refuseTransfer(op.name(), x.describe(), x.device(), device);
    } else {
      Recording.refuseElsewhere(op.name(), device);
    }
  }

  private static Tensor[] compute(Op op, Tensor[] in, Meta[] results) {
    Operand[] from = new Operand[in.length];
    for (int i = 0; i < in.length; i++) {
      from[i] = in[i].operand();
    }
    Device device = results[0].device();
    if (Recording.isOn()) {
      requireRecordable(op, in[0], device);
    }
    Backend backend = Backend.of(device);
    Operand[] to = new Operand[results.length];
    int allocated = 0;
    try {
      for (; allocated < to.length; allocated++) {
        Meta result = results[allocated];
        Storage storage = backend.allocate(result.dtype(), result.shape().count());
        to[allocated] = new Operand(storage, Layout.contiguous(result.shape()));
      }
      if (op instanceof Transfer) {
        backend.write(Backend.of(in[0].device()).read(from[0]), to[0].storage());
      } else {
        backend.run(op, from, to);
      }
    } catch (RuntimeException | Error e) {
      for (int i = 0; i < allocated; i++) {
        to[i].storage().release();
      }
      throw e;
    }
    Tensor[] out = new Tensor[to.length];
    for (int i = 0; i < to.length; i++) {
      out[i] = new Tensor(to[i].storage(), to[i].layout(), op);
    }
    return out;
  }
}
