// Which kernels this processor can run.
#include "recognizer/engine/kernels.h"

namespace inkfield::recognizer {

extern const Kernels kPortableKernels;
#ifdef INKFIELD_X86_KERNELS
extern const Kernels kAvx2Kernels;
extern const Kernels kAvx512Kernels;
#endif

std::span<const Kernels* const> available_kernels() {
#ifdef INKFIELD_X86_KERNELS
  static constexpr const Kernels* kAll[] = {&kPortableKernels, &kAvx2Kernels, &kAvx512Kernels};
  // The compiler's own check asks the processor and whether the system saves the wide registers.
  const std::size_t count = __builtin_cpu_supports("avx512f") ? 3U : __builtin_cpu_supports("avx2") ? 2U : 1U;
  return std::span(kAll).first(count);
#else
  static constexpr const Kernels* kAll[] = {&kPortableKernels};
  return kAll;
#endif
}

const Kernels& best_kernels() { return *available_kernels().back(); }

}  // namespace inkfield::recognizer
