// Which kernels this processor can run.
#include "recognizer/engine/kernels.h"

namespace inkfield::recognizer {

extern const Kernels kPortableKernels;
#ifdef INKFIELD_X86_KERNELS
extern const Kernels kAvx2Kernels;
extern const Kernels kAvx512Kernels;
#endif
#ifdef INKFIELD_ARM_KERNELS
extern const Kernels kNeonKernels;
#endif

std::span<const Kernels* const> available_kernels() {
#ifdef INKFIELD_X86_KERNELS
  static constexpr const Kernels* kAll[] = {&kPortableKernels, &kAvx2Kernels, &kAvx512Kernels};
  // The compiler's own check asks the processor and whether the system saves the wide registers.
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f");
  return std::span(kAll).first(avx512 ? 3U : avx2 ? 2U : 1U);
#elif defined(INKFIELD_ARM_KERNELS)
  static constexpr const Kernels* kAll[] = {&kPortableKernels, &kNeonKernels};
  return kAll;
#else
  static constexpr const Kernels* kAll[] = {&kPortableKernels};
  return kAll;
#endif
}

const Kernels& best_kernels() { return *available_kernels().back(); }

}  // namespace inkfield::recognizer
