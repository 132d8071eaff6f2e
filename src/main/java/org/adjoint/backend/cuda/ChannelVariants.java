package org.adjoint.backend.cuda;
import java.util.List;
public final class ChannelVariants {
  private ChannelVariants() {}
  public static List<Variant> forward(double eps) { return List.of(); }
  public static List<Variant> frozen(double eps) { return List.of(); }
  public static List<Variant> gradient(double eps) { return List.of(); }
}
