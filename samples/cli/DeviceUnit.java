package org.adjoint.samples.cli;

import java.util.ArrayList;
import java.util.List;
import org.adjoint.check.DeviceCheck;
import org.adjoint.op.OpCatalog;
import org.adjoint.op.OpSpec;
import org.jspecify.annotations.Nullable;

/**
 * A variant of an operation: what is checked at a time.
 *
 * @param variant empty where there is no choice
 */
record DeviceUnit(String op, String variant) {
  /** All units of {@code ops}, or those of one name of a variant. */
  static List<DeviceUnit> of(List<OpSpec> ops, @Nullable String variant) {
    List<DeviceUnit> units = new ArrayList<>();
    for (OpSpec op : ops) {
      for (String name : DeviceCheck.variants(op)) {
        if (variant == null || variant.equals(name)) {
          units.add(new DeviceUnit(op.name(), name));
        }
      }
    }
    return units;
  }

  OpSpec spec() {
    return OpCatalog.all().stream().filter(spec -> spec.name().equals(op)).findAny().orElseThrow();
  }
}
