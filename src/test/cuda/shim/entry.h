// How a kernel's library offers its kernels. For every
//   extern "C" __global__ void softmax_f32(...)
// the rewriting adds
//   extern "C" const EmuEntry emu_entry_softmax_f32 = emu::entry<softmax_f32>("softmax_f32", 0);
#pragma once

namespace emu {

#ifdef __SANITIZE_THREAD__
static constexpr bool CHECKED = true;
#else
static constexpr bool CHECKED = false;
#endif

/** Takes the driver's void** apart into typed arguments. */
template <auto kernel, typename Signature = decltype(kernel)>
struct Unpacked;

template <auto kernel, typename... Parameters>
struct Unpacked<kernel, void (*)(Parameters...)> {
  static constexpr uint32_t sizes[] = {sizeof(Parameters)..., 0};

  // The arguments are the launch's own memory, no business of the checks.
  __attribute__((noinline, no_sanitize("thread"))) static void call(void** arguments) {
    call(arguments, std::index_sequence_for<Parameters...>());
  }

 private:
  template <size_t... i>
  __attribute__((noinline, no_sanitize("thread"))) static void call(
      void** arguments, std::index_sequence<i...>) {
    kernel(*static_cast<std::remove_cv_t<Parameters>*>(arguments[i])...);
  }

 public:
  static constexpr EmuEntry entry(const char* name, unsigned max_threads) {
    return {name, call, sizeof...(Parameters), sizes, max_threads, CHECKED};
  }
};

template <auto kernel>
constexpr EmuEntry entry(const char* name, unsigned max_threads) {
  return Unpacked<kernel>::entry(name, max_threads);
}

/** `__shared__ float tile[16][17];` becomes `auto& tile = emu::shared<float[16][17]>(…);`. */
template <typename T>
EMU_INLINE T& shared(const void* key, size_t alignment, const char* name) {
  size_t needed = alignment > alignof(T) ? alignment : alignof(T);
  return *static_cast<T*>(emu_static_shared(key, sizeof(T), needed, name));
}

}  // namespace emu
