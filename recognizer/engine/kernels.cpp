// Which kernels this processor can run.
#include "recognizer/engine/kernels.h"

#include <array>

namespace inkfield::recognizer {

extern const Kernels kPortableKernels;

#if defined(INKFIELD_X86_KERNELS)

extern const Kernels kAvx2Kernels;
// Halves of tables: floats of AVX-512, and bytes of its VNNI extension.
extern const Kernels kAvx512Floats;
extern const Kernels kAvx512VnniBytes;

namespace {

Kernels joined(const char* name, Kernels floats, const Kernels& bytes) {
  floats.name = name;
  floats.convolve_int8 = bytes.convolve_int8;
  floats.convolve_winograd_int8 = bytes.convolve_winograd_int8;
  floats.quantise = bytes.quantise;
  return floats;
}

}  // namespace

std::span<const Kernels* const> available_kernels() {
  static const Kernels kAvx512 = joined("avx512", kAvx512Floats, kAvx2Kernels);
  static const Kernels kAvx512Vnni = joined("avx512_vnni", kAvx512Floats, kAvx512VnniBytes);
  static const std::array<const Kernels*, 4> kAll = {&kPortableKernels, &kAvx2Kernels, &kAvx512,
                                                     &kAvx512Vnni};
  // The compiler's own check asks the processor and whether the system saves the wide registers.
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f");
  const bool vnni = avx512 && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                    __builtin_cpu_supports("avx512vnni");
  return std::span(kAll).first(vnni ? 4U : avx512 ? 3U : avx2 ? 2U : 1U);
}

#elif defined(INKFIELD_ARM_KERNELS)

extern const Kernels kNeonKernels;

std::span<const Kernels* const> available_kernels() {
  static constexpr const Kernels* kAll[] = {&kPortableKernels, &kNeonKernels};
  return kAll;
}

#else

std::span<const Kernels* const> available_kernels() {
  static constexpr const Kernels* kAll[] = {&kPortableKernels};
  return kAll;
}

#endif

const Kernels& best_kernels() { return *available_kernels().back(); }

}  // namespace inkfield::recognizer
