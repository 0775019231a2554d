// Inputs are unsigned bytes, 255 for the largest value that samples gave; weights are signed bytes, 127 for
// the largest of their output channel. So a sum is in units of (input unit x weight unit of the channel),
// exact in 32 bits, and one factor for each channel takes it to floats or to the bytes of the next
// convolution.
#include "recognizer/engine/network_int8.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "recognizer/error.h"

namespace inkfield::recognizer {
namespace {

// 255 x 127 x this many products, and a bias as large, fit in 32 bits.
constexpr std::size_t kMaxProducts = 32768;
constexpr double kLargestBias = 1073741824.0;
constexpr double kLargestByte = 255.0;
constexpr double kLargestWeight = 127.0;

PlanValue& value_of(NetworkPlan& plan, int value) { return plan.values[static_cast<std::size_t>(value)]; }

// To the nearest integer; of a tie the larger one.
double nearest(double x) { return std::floor(x + 0.5); }

std::vector<bool> never_negative(const NetworkPlan& plan) {
  std::vector<bool> found(plan.values.size(), false);
  found[0] = true;  // ink
  for (const auto& step : plan.steps) {
    const bool from = found[static_cast<std::size_t>(step.input)];
    bool out = step.relu;
    switch (step.kind) {
      case StepKind::relu:
      case StepKind::sigmoid:
        out = true;
        break;
      case StepKind::pool_largest:
      case StepKind::pool_mean:
      case StepKind::pool_global:
      case StepKind::spread:
        out = from;
        break;
      case StepKind::add:
        out = out || (from && found[static_cast<std::size_t>(step.second_input)]);
        break;
      case StepKind::clip:
      case StepKind::pad:
        out = (step.kind == StepKind::clip || from) && step.least >= 0.0F;
        break;
      default:
        break;
    }
    found[static_cast<std::size_t>(step.output)] = out;
  }
  return found;
}

std::size_t products(const Step& step, const PlanValue& input) {
  return static_cast<std::size_t>(input.channels) * static_cast<std::size_t>(step.kernel_height) *
         static_cast<std::size_t>(step.kernel_width);
}

// Memory that all convolutions use one after the other: fresh memory costs more than the work in it.
struct Rows {
  std::vector<float> floats;  // of one block: a file is not asked for every row
  std::vector<float> filled;
  std::vector<std::int32_t> bytes;
};

// Rows of the kernel over an image, each filled up to whole fours of columns: they are packed as channels of one place.
void fill_up(const float* row, std::size_t height, std::size_t width, std::size_t filled_width, std::vector<float>& filled) {
  filled.assign(height * filled_width, 0.0F);
  for (std::size_t y = 0; y < height; ++y) std::copy_n(row + y * width, width, filled.data() + y * filled_width);
}

// Weights go to [output block][tap of four][kLanes][kDot], see lay_int8_taps for the order.
void convert(Step& step, const PlanValue& input, const PlanValue& output, const Kernels& kernels, Rows& rows) {
  const std::size_t lanes = step.bias.size();
  const std::size_t taps = products(step, input);
  const std::size_t outputs = step.plain_weights.size() / taps;
  const double input_unit = static_cast<double>(input.largest) / kLargestByte;
  const double output_unit = output.bytes ? static_cast<double>(output.largest) / kLargestByte : 1.0;
  const bool image = input.lanes == 1;
  const auto height = static_cast<std::size_t>(step.kernel_height);
  const auto width = static_cast<std::size_t>(step.kernel_width);
  const std::size_t filled_width = (width + kDot - 1) / kDot * kDot;
  PackingTask packing{.count = image ? height * filled_width : taps, .places = image ? 1 : height * width};
  const std::size_t block_bytes = packing.taps() * kLanes * kDot;
  step.int8_weights.assign(lanes / kLanes * block_bytes, 0);
  step.int8_bias.assign(lanes, 0);
  step.scale.assign(lanes, 0.0F);
  rows.floats.resize(std::max(rows.floats.size(), kLanes * taps));
  rows.bytes.resize(std::max(rows.bytes.size(), packing.taps() * kDot));
  packing.scratch = rows.bytes.data();
  for (std::size_t channel = 0; channel < lanes; ++channel) {
    if (channel % kLanes == 0) {
      step.plain_weights.copy_unseen(channel * taps, std::min<std::size_t>(kLanes, outputs - channel) * taps, rows.floats.data());
    }
    const bool used = channel < outputs;  // else a lane that fills the last block
    const float* const row = rows.floats.data() + channel % kLanes * taps;
    const double largest = used ? static_cast<double>(kernels.largest_size(row, taps)) : 0.0;
    if (!std::isfinite(largest)) step.plain_weights.refuse_not_finite();
    // A channel of tiny weights alone would ask for a bias beyond 32 bits.
    const double bias = static_cast<double>(step.bias[channel]);
    const double unit = std::max({largest / kLargestWeight, std::abs(bias) / input_unit / kLargestBias, 1e-30});
    const double sum_unit = input_unit * unit;
    step.int8_bias[channel] =
        static_cast<std::int32_t>(std::clamp(nearest(bias / sum_unit), -kLargestBias, kLargestBias));
    step.scale[channel] = static_cast<float>(sum_unit / output_unit);
    if (!used) continue;
    if (image) fill_up(row, height, width, filled_width, rows.filled);
    packing.weights = image ? rows.filled.data() : row;
    packing.factor = 1.0 / unit;
    packing.output = step.int8_weights.data() + channel / kLanes * block_bytes + channel % kLanes * kDot;
    kernels.pack_weights(packing);
  }
  step.plain_weights = {};
  step.bias = {};
}

}  // namespace

std::vector<int> int8_inputs(const NetworkPlan& plan) {
  const auto usable = never_negative(plan);
  std::vector<int> inputs;
  for (const auto& step : plan.steps) {
    const auto input = static_cast<std::size_t>(step.input);
    if (step.kind != StepKind::convolve || step.output == plan.output || !usable[input]) continue;
    if (products(step, plan.values[input]) > kMaxProducts) continue;
    if (std::find(inputs.begin(), inputs.end(), step.input) == inputs.end()) inputs.push_back(step.input);
  }
  return inputs;
}

void use_int8(NetworkPlan& plan, const std::vector<std::pair<std::string, float>>& ranges, const Kernels& kernels) {
  const auto inputs = int8_inputs(plan);
  if (ranges.empty()) {
    throw Error(ErrorKind::unavailable,
                inputs.empty() ? "the network cannot run in int8: none of its convolutions has an input that is "
                                 "never negative; use float32"
                               : "the network's file has no ranges for int8 (metadata inkfield.int8): export it "
                                 "with ranges, or add them with 'inkfield-train --ranges IN.onnx --out OUT.onnx "
                                 "--recipe open'; else use float32");
  }
  for (const auto& [name, largest] : ranges) {
    const auto found = std::find_if(inputs.begin(), inputs.end(), [&, &wanted = name](int input) {
      return value_of(plan, input).name == wanted;
    });
    if (found == inputs.end()) {
      throw Error(ErrorKind::invalid_model,
                  "ONNX metadata: inkfield.int8 has a range for " + onnx::quoted(name) +
                      ", which is not the input of a convolution that can run in int8");
    }
    value_of(plan, *found).largest = largest;
  }
  const auto is_int8 = [&](const Step& step) {
    return step.kind == StepKind::convolve && step.output != plan.output &&
           value_of(plan, step.input).largest > 0.0F &&
           products(step, value_of(plan, step.input)) <= kMaxProducts;
  };
  // A value is kept as bytes if only such convolutions read it and one of them, or the input, made it.
  std::vector<bool> bytes(plan.values.size(), false);
  for (std::size_t v = 0; v < bytes.size(); ++v) bytes[v] = plan.values[v].largest > 0.0F;
  for (const auto& step : plan.steps) {
    if (!is_int8(step)) bytes[static_cast<std::size_t>(step.input)] = false;
    if (step.second_input >= 0) bytes[static_cast<std::size_t>(step.second_input)] = false;
    if (!is_int8(step) || !step.relu) bytes[static_cast<std::size_t>(step.output)] = false;
  }
  for (std::size_t v = 0; v < bytes.size(); ++v) plan.values[v].bytes = bytes[v];
  // Others are turned into bytes by a step of its own, before the first convolution that reads them.
  std::vector<int> turned(plan.values.size(), -1);
  std::vector<Step> steps;
  Rows rows;
  for (auto& step : plan.steps) {
    if (is_int8(step)) {
      if (!value_of(plan, step.input).bytes) {
        int& copy = turned[static_cast<std::size_t>(step.input)];
        if (copy < 0) {
          copy = static_cast<int>(plan.values.size());
          PlanValue value = value_of(plan, step.input);
          value.bytes = true;
          plan.values.push_back(std::move(value));
          Step to_bytes{.kind = StepKind::quantise, .node = step.node, .input = step.input, .output = copy};
          to_bytes.scale = {
              static_cast<float>(kLargestByte / static_cast<double>(value_of(plan, copy).largest))};
          steps.push_back(std::move(to_bytes));
        }
        step.input = copy;
      }
      convert(step, value_of(plan, step.input), value_of(plan, step.output), kernels, rows);
    }
    steps.push_back(std::move(step));
  }
  plan.steps = std::move(steps);
  arrange(plan);
  describe(plan);
}

}  // namespace inkfield::recognizer
