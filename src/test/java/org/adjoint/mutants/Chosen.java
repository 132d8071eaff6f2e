package org.adjoint.mutants;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.adjoint.mutants.Family.Kernel;

/** Chooses which mutants of a kernel are made. */
final class Chosen {
  private Chosen() {}

  /**
   * At most {@code max} of a kernel's sites, the operators in turn; which of an operator's is drawn
   * by seed, for each site by itself, so that a change elsewhere changes nothing here.
   *
   * @param reached what the kernel came to in all trials
   */
  static List<Site> of(Kernel kernel, BitSet reached, int max, long seed) {
    Map<Operator, List<Site>> byOperator = new EnumMap<>(Operator.class);
    for (Site site : kernel.sites()) {
      if (isPartOf(site, reached)) {
        byOperator.computeIfAbsent(site.operator(), _ -> new ArrayList<>()).add(site);
      }
    }
    for (List<Site> sites : byOperator.values()) {
      sites.sort(Comparator.comparing(site -> rank(kernel, site, seed)));
    }
    List<Site> chosen = new ArrayList<>();
    for (int turn = 0; chosen.size() < max; turn++) {
      int before = chosen.size();
      for (List<Site> sites : byOperator.values()) {
        if (turn < sites.size() && chosen.size() < max) {
          chosen.add(sites.get(turn));
        }
      }
      if (chosen.size() == before) {
        break;
      }
    }
    return chosen;
  }

  /**
   * Whether a site is in the kernel at all: its function is, and it is none of the other branches
   * that a template leaves out.
   */
  static boolean isPartOf(Site site, BitSet reached) {
    return reached.get(site.id()) || (reached.get(site.body()) && !site.optional());
  }

  private static String rank(Kernel kernel, Site site, long seed) {
    return Family.digest(
        seed + " " + kernel + " " + site.region() + " " + site.ordinal() + " " + site.operator());
  }
}
