// The tile registers of AMX multiply bytes several times as fast. Linux saves them only for processes that
// ask.
#pragma once

#if defined(__linux__) && defined(__x86_64__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace inkfield::hosts {

/// Before the first engine is made. Without such registers, or if the system refuses, the plugin does
/// without. A thread with a stack of its own for signals (sigaltstack) must then make it AT_MINSIGSTKSZ large
/// at least; these hosts have none.
inline void ask_for_tile_registers() {
#if defined(__linux__) && defined(__x86_64__)
  constexpr long kAskForPermission = 0x1023;  // ARCH_REQ_XCOMP_PERM, which older headers lack
  constexpr long kTileData = 18;
  syscall(SYS_arch_prctl, kAskForPermission, kTileData);
#endif
}

}  // namespace inkfield::hosts
