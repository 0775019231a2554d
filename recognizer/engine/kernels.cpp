// Which kernels this processor can run.
#include "recognizer/engine/kernels.h"

#if defined(INKFIELD_X86_KERNELS)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include <array>
#include <cstdint>

namespace inkfield::recognizer {

extern const Kernels kPortableKernels;

#if defined(INKFIELD_X86_KERNELS)

extern const Kernels kAvx2Kernels;
// Halves of tables: floats of AVX-512, and bytes of the VNNI extensions.
extern const Kernels kAvx512Floats;
extern const Kernels kAvx512VnniBytes;
extern const Kernels kAvxVnniBytes;
extern const Kernels kAmxBytes;

namespace {

Kernels joined(const char* name, Kernels floats, const Kernels& bytes) {
  floats.name = name;
  floats.convolve_int8 = bytes.convolve_int8;
  floats.by_place = bytes.by_place;
  floats.convolve_winograd_int8 = bytes.convolve_winograd_int8;
  floats.quantise = bytes.quantise;
  return floats;
}

// By the processor's own number for it, as compilers know its name only since lately.
bool has_avx_vnni() {
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  return __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) != 0 && (eax & 1U << 4U) != 0;
}

// Tiles of bytes, and the process may use them: Linux saves these large registers only for processes that asked for it. That is
// the host's to decide (see inkfield.h), as signals then need larger stacks; here it is only looked up.
bool may_use_amx() {
  constexpr long kArchGetPermissions = 0x1022;
  constexpr unsigned kTileData = 1U << 18U;
  constexpr unsigned kTiles = 1U << 24U;
  constexpr unsigned kInt8Tiles = 1U << 25U;
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) == 0) return false;
  if ((edx & kTiles) == 0 || (edx & kInt8Tiles) == 0) return false;
  std::uint64_t permissions = 0;
  return syscall(SYS_arch_prctl, kArchGetPermissions, &permissions) == 0 && (permissions & kTileData) != 0;
}

struct KnownKernels {
  std::array<const Kernels*, 6> all = {};
  std::size_t count = 0;
  void add(const Kernels& kernels) { all[count++] = &kernels; }
};

KnownKernels known_to_this_processor() {
  static const Kernels kAvxVnni = joined("avx_vnni", kAvx2Kernels, kAvxVnniBytes);
  static const Kernels kAvx512 = joined("avx512", kAvx512Floats, kAvx2Kernels);
  static const Kernels kAvx512Vnni = joined("avx512_vnni", kAvx512Floats, kAvx512VnniBytes);
  static const Kernels kAmx = joined("amx", kAvx512Floats, kAmxBytes);
  // The compiler's own check asks the processor and whether the system saves the wide registers.
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f");
  const bool vnni = avx512 && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                    __builtin_cpu_supports("avx512vnni");
  KnownKernels known;
  known.add(kPortableKernels);
  if (avx2) known.add(kAvx2Kernels);
  if (avx2 && has_avx_vnni()) known.add(kAvxVnni);
  if (avx512) known.add(kAvx512);
  if (vnni) known.add(kAvx512Vnni);
  if (vnni && may_use_amx()) known.add(kAmx);
  return known;
}

}  // namespace

std::span<const Kernels* const> available_kernels() {
  static const KnownKernels kKnown = known_to_this_processor();
  return std::span(kKnown.all).first(kKnown.count);
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
