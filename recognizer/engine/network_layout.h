// Where the values of a plan lie in working memory: borders, buffers, groups of inputs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "recognizer/engine/network_plan.h"

namespace inkfield::recognizer {

/// One value for inputs of one width. Offsets and steps count floats.
struct ValuePlace {
  PlaneSize size;
  int lanes = kLanes;  ///< of the input: 1
  int blocks = 1;
  std::ptrdiff_t begin = 0;     ///< of the border's first pixel, from the start of the working memory
  std::ptrdiff_t interior = 0;  ///< of the first pixel inside the border
  std::ptrdiff_t row_step = 0;
  std::ptrdiff_t block_step = 0;
  std::ptrdiff_t image_step = 0;
};

/// All of it for groups of up to `group` inputs.
struct Layout {
  std::vector<ValuePlace> values;
  std::vector<std::vector<std::int32_t>> taps;  ///< of each convolution, by step: see ConvolutionTask
  std::int64_t floats = 0;
  int group = 1;
};

/// What planning ends with, in this order: borders, groups, slots.
void lay_borders(NetworkPlan& plan);
void form_group(NetworkPlan& plan);
void assign_slots(NetworkPlan& plan);
/// Throws Error(invalid_model) if one input of the greatest width would need too much memory or work.
void check_costs(const NetworkPlan& plan);

/// Inputs that are worth a group at these sizes, at most `wanted`.
int group_size(const NetworkPlan& plan, const std::vector<PlaneSize>& sizes, int wanted);
Layout lay_out(const NetworkPlan& plan, const std::vector<PlaneSize>& sizes, int group);

}  // namespace inkfield::recognizer
