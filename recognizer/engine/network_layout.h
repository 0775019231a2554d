// Where the values of a plan lie in working memory: borders, buffers, groups of inputs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "recognizer/engine/network_plan.h"

namespace inkfield::recognizer {

/// One value for inputs of one width. Steps count its elements, floats or bytes.
struct ValuePlace {
  PlaneSize size;
  int lanes = kLanes;
  int blocks = 1;
  std::int64_t begin = 0;       ///< byte of the working memory where its first border begins
  std::ptrdiff_t interior = 0;  ///< elements from there to the first pixel inside
  std::ptrdiff_t row_step = 0;
  std::ptrdiff_t block_step = 0;
  std::ptrdiff_t image_step = 0;
};

/// All of it for groups of up to `group` inputs.
struct Layout {
  std::vector<ValuePlace> values;
  std::vector<std::vector<std::int32_t>>
      taps;                ///< of each convolution, by step: see ConvolutionShape, WinogradTask
  std::vector<int> tiles;  ///< of each convolution by step, where it has tiles: see WinogradTask::most_tiles
  std::int64_t scratch = 0;  ///< byte of the working memory where such a convolution may write
  std::int64_t bytes = 0;
  int group = 1;
};

/// Inputs that are worth a group at these sizes, at most `wanted`.
int group_size(const NetworkPlan& plan, const std::vector<PlaneSize>& sizes, int wanted);
Layout lay_out(const NetworkPlan& plan, const std::vector<PlaneSize>& sizes, int group);

}  // namespace inkfield::recognizer
