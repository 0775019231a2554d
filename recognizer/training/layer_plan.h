// How a network for lines is built up, layer by layer.
#pragma once

#include <vector>

namespace inkfield::training {

/// One convolution of the network, with batch norm and ReLU unless it is the last.
struct LayerPlan {
  int channels = 0;
  int kernel_height = 3;
  int kernel_width = 3;
  int pad_height = 1;
  int pad_width = 1;
  int pool_height = 1;  ///< max pooling after the layer
  int pool_width = 1;
  /// The second of a residual pair: what the layer before was given is added to this one's output before its ReLU.
  bool closes_residual = false;
};

/// 19.7 M multiply-adds for a 32 x 32 input; a frame sees 160 columns, seven digits of a line.
std::vector<LayerPlan> shipped_plan();
/// A plan of the same form that a smoke test can train in seconds.
std::vector<LayerPlan> tiny_plan();

/// Frames that one output column holds: at 4 px a column two narrow digits that touch would have no blank between them.
inline constexpr int kFramesPerColumn = 2;

}  // namespace inkfield::training
