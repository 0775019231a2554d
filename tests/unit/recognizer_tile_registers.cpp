// All tests of the recognizer run with the registers that a host must ask for, so that they meet every set of
// kernels.
#include <gtest/gtest.h>

#include "adapters/hosts/common/tile_registers.h"

namespace {

class TileRegisters : public testing::Environment {
 public:
  void SetUp() override { inkfield::hosts::ask_for_tile_registers(); }
};

[[maybe_unused]] const auto* const kAsked = testing::AddGlobalTestEnvironment(new TileRegisters);

}  // namespace
