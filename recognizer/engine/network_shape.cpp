// What can be told of a plan without running it: the sizes of its values, its work, its layers in words.
#include "recognizer/engine/network_plan.h"

#include <string>

#include "recognizer/error.h"

namespace inkfield::recognizer {
namespace {

std::int64_t window_count(std::int64_t size, std::int64_t kernel, std::int64_t stride, std::int64_t pads) {
  const std::int64_t room = size + pads - kernel;
  return room < 0 ? 0 : room / stride + 1;
}

// Of a convolution or a pool, before what is folded into it.
PlaneSize unpooled_size(const Step& step, PlaneSize in) {
  return {window_count(in.height, step.kernel_height, step.stride_y, step.pad_top + step.pad_bottom),
          window_count(in.width, step.kernel_width, step.stride_x, step.pad_left + step.pad_right)};
}

std::string by(int a, int b) { return std::to_string(a) + "x" + std::to_string(b); }

// " stride 2 pad 1x0"
std::string window_in_words(const Step& step) {
  std::string line = " stride " + (step.stride_y == step.stride_x ? std::to_string(step.stride_x)
                                                                  : by(step.stride_y, step.stride_x));
  const bool square = step.pad_top == step.pad_bottom && step.pad_left == step.pad_right;
  if (square && step.pad_top == step.pad_left) return line + " pad " + std::to_string(step.pad_top);
  if (square) return line + " pad " + by(step.pad_top, step.pad_left);
  return line + " pad " + std::to_string(step.pad_top) + "," + std::to_string(step.pad_left) + "," +
         std::to_string(step.pad_bottom) + "," + std::to_string(step.pad_right);
}

}  // namespace

PlaneSize output_size(const Step& step, PlaneSize in) {
  switch (step.kind) {
    case StepKind::convolve: {
      const PlaneSize size = unpooled_size(step, in);
      return {size.height / step.pool_height, size.width / step.pool_width};
    }
    case StepKind::pool_largest:
    case StepKind::pool_mean:
      return unpooled_size(step, in);
    case StepKind::pool_global:
      return {1, 1};
    case StepKind::pad:
      return {in.height + step.pad_top + step.pad_bottom, in.width + step.pad_left + step.pad_right};
    default:
      return in;
  }
}

std::vector<PlaneSize> NetworkPlan::sizes(int width_px) const {
  std::vector<PlaneSize> all(values.size());
  all[0] = {input_height_px, width_px};
  for (const auto& step : steps) {
    auto& out = all[static_cast<std::size_t>(step.output)];
    const auto in = all[static_cast<std::size_t>(step.input)];
    out = output_size(step, in);
    bool fits = out.height >= 1 && out.width >= 1;
    if (step.second_input >= 0) {
      const auto second = all[static_cast<std::size_t>(step.second_input)];
      fits = fits && second.height == in.height && second.width == in.width;
    }
    if (!fits) {
      throw Error(ErrorKind::invalid_argument, "an input of " + std::to_string(input_height_px) + " x " +
                                                   std::to_string(width_px) + " px does not fit node " +
                                                   step.node);
    }
  }
  return all;
}

std::int64_t NetworkPlan::multiply_adds(const std::vector<PlaneSize>& sizes) const {
  std::int64_t total = 0;
  for (const auto& step : steps) {
    if (step.kind != StepKind::convolve) continue;
    const auto out = unpooled_size(step, sizes[static_cast<std::size_t>(step.input)]);
    const std::int64_t taps = std::int64_t{values[static_cast<std::size_t>(step.input)].channels} *
                              step.kernel_height * step.kernel_width;
    // Channels 2^16, taps 2^28, pixels 2^18 at most: a sum of 4,096 of them in double cannot overflow.
    const double work = static_cast<double>(out.height * out.width) * static_cast<double>(taps) *
                        values[static_cast<std::size_t>(step.output)].channels;
    if (static_cast<double>(total) + work > 1e18) return std::int64_t{1'000'000'000'000'000'000};
    total += static_cast<std::int64_t>(work);
  }
  return total;
}

void describe(NetworkPlan& plan) {
  plan.layers.clear();
  const auto channels_of = [&](int value) { return plan.values[static_cast<std::size_t>(value)].channels; };
  for (const auto& step : plan.steps) {
    const int channels = channels_of(step.output);
    const std::string window = by(step.kernel_height, step.kernel_width);
    std::string line;
    switch (step.kind) {
      case StepKind::convolve:
        line = "Conv " + window + " " + std::to_string(channels_of(step.input)) + "->" +
               std::to_string(channels) + window_in_words(step);
        break;
      case StepKind::pool_largest:
        line = "MaxPool " + window + window_in_words(step);
        break;
      case StepKind::pool_mean:
        line = "AveragePool " + window + window_in_words(step);
        break;
      case StepKind::pool_global:
        line = "GlobalAveragePool";
        break;
      case StepKind::add:
        line = "Add";
        break;
      case StepKind::scale_shift:
        line = "Scale and shift " + std::to_string(channels);
        break;
      case StepKind::scale_shift_units:
        line = "Scale and shift each value of " + std::to_string(channels);
        break;
      case StepKind::relu:
        line = "Relu";
        break;
      case StepKind::leaky_relu:
        line = "LeakyRelu";
        break;
      case StepKind::clip:
        line = "Clip";
        break;
      case StepKind::pad:
        line = "Pad";
        break;
      case StepKind::tanh:
        line = "Tanh";
        break;
      case StepKind::sigmoid:
        line = "Sigmoid";
        break;
      case StepKind::quantise:
        line = "To int8";
        break;
      case StepKind::spread:
        continue;
    }
    if (!step.int8_weights.empty()) line += " int8";
    if (step.winograd != 0) line += " Winograd " + by(step.winograd, step.winograd);
    if (step.relu) line += " + Relu";
    plan.layers.push_back(std::move(line));
    if (step.pool_height > 1) {
      Step pool{.kind = StepKind::pool_largest};
      pool.stride_y = step.pool_height;
      pool.stride_x = step.pool_width;
      plan.layers.push_back("MaxPool " + by(step.pool_height, step.pool_width) + window_in_words(pool));
    }
  }
}

}  // namespace inkfield::recognizer
