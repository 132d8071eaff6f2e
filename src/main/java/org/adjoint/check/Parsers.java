package org.adjoint.check;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.adjoint.DType;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Tensor;
import org.adjoint.data.IdxReader;
import org.adjoint.io.Npy;
import org.adjoint.io.Npz;
import org.adjoint.io.Safetensors;
import org.adjoint.io.onnx.Onnx;
import org.adjoint.io.onnx.Onnx.Attribute;
import org.adjoint.io.onnx.OnnxReader;
import org.adjoint.io.onnx.OnnxWriter;

/** Every format that is read. */
public enum Parsers implements Fuzz.Parser {
  /** MNIST's. */
  IDX {
    @Override
    public byte[] sound(Philox random) {
      int rank = 1 + random.nextInt(3);
      int[] sizes = new int[rank];
      Arrays.setAll(sizes, i -> random.nextInt(6));
      int count = Arrays.stream(sizes).reduce(1, (a, b) -> a * b);
      ByteBuffer file = ByteBuffer.allocate(4 + 4 * rank + count);
      file.putInt(0x0800 | rank);
      Arrays.stream(sizes).forEach(file::putInt);
      while (file.hasRemaining()) {
        file.put((byte) random.nextInt());
      }
      return file.array();
    }

    @Override
    public void read(Path file) throws IOException {
      IdxReader.read(file);
    }
  },

  /** IDX in gzip. */
  IDX_GZ {
    @Override
    public byte[] sound(Philox random) throws IOException {
      return IDX.sound(random);
    }

    @Override
    public byte[] pack(byte[] bytes) throws IOException {
      ByteArrayOutputStream packed = new ByteArrayOutputStream();
      try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
        out.write(bytes);
      }
      return packed.toByteArray();
    }

    @Override
    public void read(Path file) throws IOException {
      IdxReader.read(file);
    }

    @Override
    public long allowance(long size) {
      return unpacked(size);
    }
  },

  /** Named tensors. */
  SAFETENSORS {
    @Override
    public byte[] sound(Philox random) throws IOException {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (int i = random.nextInt(4); i > 0; i--) {
        tensors.put("layer." + i, tensor(random, DType.values()));
      }
      Map<String, String> remarks = random.nextInt(2) == 0 ? Map.of() : Map.of("epoch", "3");
      new Safetensors(tensors, remarks).write(out);
      return out.toByteArray();
    }

    @Override
    public void read(Path file) throws IOException {
      Safetensors.read(file);
    }
  },

  /** One array of numpy's. */
  NPY {
    @Override
    public byte[] sound(Philox random) throws IOException {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      Npy.write(out, tensor(random, NUMPY));
      return out.toByteArray();
    }

    @Override
    public void read(Path file) throws IOException {
      Npy.read(file);
    }
  },

  /** Arrays of numpy's in a zip archive. */
  NPZ {
    @Override
    public byte[] sound(Philox random) throws IOException {
      return NPY.sound(random);
    }

    @Override
    public byte[] pack(byte[] bytes) throws IOException {
      ByteArrayOutputStream packed = new ByteArrayOutputStream();
      try (ZipOutputStream zip = new ZipOutputStream(packed)) {
        for (String name : List.of("w.npy", "layer/b.npy")) {
          zip.putNextEntry(new ZipEntry(name));
          zip.write(bytes);
          zip.closeEntry();
        }
      }
      return packed.toByteArray();
    }

    @Override
    public void read(Path file) throws IOException {
      Npz.read(file);
    }

    @Override
    public long allowance(long size) {
      return unpacked(size);
    }
  },

  /** Models. */
  ONNX {
    @Override
    public byte[] sound(Philox random) throws IOException {
      return OnnxWriter.toBytes(model(random));
    }

    @Override
    public void read(Path file) throws IOException {
      OnnxReader.read(file);
    }
  };

  private static final DType[] NUMPY = {
    DType.F64, DType.F32, DType.F16, DType.I64, DType.I32, DType.U8, DType.BOOL
  };

  /** Deflate may make 1032 bytes of one, and a growing array is copied as it grows. */
  private static long unpacked(long size) {
    return (2 << 20) + 4 * 1032 * size;
  }

  private static Tensor tensor(Philox random, DType... dtypes) {
    long[] sizes = new long[random.nextInt(4)];
    Arrays.setAll(sizes, i -> random.nextInt(4));
    try (Scope scope = Scope.open()) {
      return scope.keep(Tensor.normal(random, sizes).to(dtypes[random.nextInt(dtypes.length)]));
    }
  }

  /** y = op(x, w), with an attribute of each kind. */
  private static Onnx.Model model(Philox random) {
    Onnx.Constant w = Onnx.Constant.of("w", tensor(random, DType.values()));
    Onnx.Value x =
        new Onnx.Value(
            "x", Onnx.ElementType.FLOAT, List.of(new Onnx.Dim(-1, "batch"), new Onnx.Dim(3, "")));
    Onnx.Graph inner =
        new Onnx.Graph("body", List.of(), List.of(w), List.of(), List.of(x), List.of());
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    attributes.put("alpha", new Attribute.Real(random.nextFloat()));
    attributes.put("axis", new Attribute.Int(random.nextInt(4) - 2));
    attributes.put("mode", new Attribute.Text("constant"));
    attributes.put("value", new Attribute.Elements(w));
    attributes.put("body", new Attribute.Body(inner));
    attributes.put("scales", new Attribute.Reals(List.of(1f, 0.5f)));
    attributes.put("pads", new Attribute.Ints(List.of(0L, 1L, -1L, 300L)));
    attributes.put("names", new Attribute.Texts(List.of("a", "β")));
    Onnx.Node node = new Onnx.Node("Pad", "pad_1", "", List.of("x", "w"), List.of("y"), attributes);
    Onnx.Graph graph =
        new Onnx.Graph(
            "g",
            List.of(node),
            List.of(w),
            List.of(x),
            List.of(new Onnx.Value("y", Onnx.ElementType.FLOAT, null)),
            List.of());
    return new Onnx.Model(
        8,
        "adjoint",
        "0.1",
        "",
        1,
        List.of(new Onnx.OpSet("", 17)),
        graph,
        Map.of("licence", "none"));
  }
}
