package org.adjoint.mutants;

/** What the rewritten text of a kernel file begins with. */
final class Prelude {
  static final String TEXT =
      """
      extern "C" {
      int emu_mutant(int site);             // 1 if this one is on
      int emu_shift(int site);              // 1 if this one is on, -1 if the next is
      bool emu_true(int site, bool value);  // true if this one is on
      bool emu_false(int site, bool value);
      }
      template <class T>
      __attribute__((always_inline)) inline long long emu_shifted(int site, T index) {
        return (long long)index + emu_shift(site);
      }
      template <class T>
      __attribute__((always_inline)) inline T emu_stride(int site, T stride) {
        return emu_mutant(site) ? stride == 1 ? T(2) : T(stride / 2) : stride;
      }
      template <class T>
      __attribute__((always_inline)) inline T emu_factor(int site, T factor) {
        return T(factor + emu_mutant(site));
      }
      template <class T>
      __attribute__((always_inline)) inline T emu_start(int site, T value) {
        if constexpr (!__is_class(T) && !__is_union(T)) {
          // What is infinite begins at 0; and true + 1 were true.
          if (emu_mutant(site)) return value - value == 0 && value + 1 != 2 ? T(value + 1) : T(0);
        }
        return value;
      }
      template <class T>
      __attribute__((always_inline)) inline T* emu_start(int site, T* value) {
        return value + emu_mutant(site);
      }
      struct EmuFirst {
        int on;
        template <class T> operator T() const { return T(on); }
      };
      __attribute__((always_inline)) inline EmuFirst emu_first(int site) {
        return {emu_mutant(site)};
      }
      """;

  private Prelude() {}
}
