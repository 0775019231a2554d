// One run of a network over a group of inputs: which kernel is called with what, step by step.
#pragma once

#include <cstddef>
#include <cstdint>

#include "recognizer/engine/byte_buffer.h"
#include "recognizer/engine/kernels.h"
#include "recognizer/engine/network_layout.h"
#include "recognizer/engine/network_plan.h"

namespace inkfield::recognizer {

/// Only refers to what it works on. Inputs of a group are counted from 0.
class GroupRun {
 public:
  GroupRun(const NetworkPlan& plan, const Kernels& kernels, const Layout& layout, const ByteBuffer& memory)
      : plan_(plan), kernels_(kernels), layout_(layout), memory_(memory) {}

  /// Row-major pixels of one input.
  void load_image(const float* pixels, int image) const;
  /// A step for `images` inputs from `image` on.
  void run_step(std::size_t index, int image, int images) const;
  /// [frames][classes] of one input; returns the end of what it wrote.
  float* store_scores(int image, float* to) const;
  /// Largest number of a value of floats, and no less than zero.
  [[nodiscard]] float largest(int value, int image) const;

 private:
  [[nodiscard]] const ValuePlace& place_of(int value) const {
    return layout_.values[static_cast<std::size_t>(value)];
  }
  [[nodiscard]] const PlanValue& value_of(int value) const {
    return plan_.values[static_cast<std::size_t>(value)];
  }
  template <typename Element>
  [[nodiscard]] Planes<Element> planes_of(int value, int image) const;
  template <typename Element>
  void clear_border(int value, int image, int images) const;
  template <typename Task>
  void shape_convolution(const Step& step, std::size_t index, int images, Task& task) const;
  void give_int8_output(const Step& step, int image, Int8ConvolutionTask& task) const;
  void convolve(const Step& step, std::size_t index, int image, int images) const;
  template <typename Task>
  void shape_tiles(const Step& step, std::size_t index, Task& task) const;
  void convolve_winograd(const Step& step, std::size_t index, int image, int images) const;
  void convolve_winograd_int8(const Step& step, std::size_t index, int image, int images) const;
  void convolve_int8(const Step& step, std::size_t index, int image, int images) const;
  void pool(const Step& step, int image, int images) const;
  void pad(const Step& step, int image, int images) const;
  void each_row(const Step& step, int image, int images) const;

  const NetworkPlan& plan_;
  const Kernels& kernels_;
  const Layout& layout_;
  const ByteBuffer& memory_;
};

}  // namespace inkfield::recognizer
