// Inputs are unsigned bytes, 255 for the largest value that samples gave; weights are signed bytes, 127 for
// the largest of their output channel. So a sum is in units of (input unit x weight unit of the channel),
// exact in 32 bits, and one factor for each channel takes it to floats or to the bytes of the next
// convolution.
#include "recognizer/engine/network_int8.h"

#include <algorithm>
#include <cmath>

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
// The same for what fits in a signed byte, without a call: a model has a million weights, and loading waits for them.
std::int8_t nearest_byte(double x) { return static_cast<std::int8_t>(static_cast<int>(x + 128.5) - 128); }

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

// [output block][tap][kLanes] -> [output block][four taps][kLanes][kDot]; see lay_int8_taps for the order.
void pack_weights(Step& step, const PlanValue& input, const std::vector<double>& unit) {
  const int rows = step.kernel_height;
  const int columns = step.kernel_width;
  const int channels = input.channels;
  const bool image = input.lanes == 1;
  const int groups =
      image ? rows * ((columns + kDot - 1) / kDot) : (channels + kDot - 1) / kDot * rows * columns;
  const int taps = channels * rows * columns;
  const auto blocks = step.bias.size() / kLanes;
  step.int8_weights.assign(blocks * static_cast<std::size_t>(groups) * kLanes * kDot, 0);
  for (std::size_t block = 0; block < blocks; ++block) {
    for (int tap = 0; tap < taps; ++tap) {
      const int channel = tap / (rows * columns);
      const int place = tap % (rows * columns);
      const int column = place % columns;
      const int group = image ? place / columns * ((columns + kDot - 1) / kDot) + column / kDot
                              : channel / kDot * rows * columns + place;
      const int part = image ? column % kDot : channel % kDot;
      const float* weights =
          step.weights.data() + (block * static_cast<std::size_t>(taps) + static_cast<std::size_t>(tap)) * kLanes;
      const double* units = unit.data() + block * kLanes;
      std::int8_t* to = step.int8_weights.data() +
                        (block * static_cast<std::size_t>(groups) + static_cast<std::size_t>(group)) * kLanes * kDot + part;
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        to[lane * kDot] = nearest_byte(static_cast<double>(weights[lane]) / units[lane]);
      }
    }
  }
}

void convert(Step& step, const PlanValue& input, const PlanValue& output) {
  const std::size_t lanes = step.bias.size();
  const std::size_t taps = products(step, input);
  const double input_unit = static_cast<double>(input.largest) / kLargestByte;
  const double output_unit = output.bytes ? static_cast<double>(output.largest) / kLargestByte : 1.0;
  std::vector<float> largest(lanes, 0.0F);
  for (std::size_t i = 0; i < step.weights.size(); i += kLanes) {
    float* of_block = largest.data() + i / (taps * kLanes) * kLanes;
    for (std::size_t lane = 0; lane < kLanes; ++lane) of_block[lane] = std::max(of_block[lane], std::abs(step.weights[i + lane]));
  }
  std::vector<double> unit(lanes, 1.0);
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    // A channel of tiny weights alone would ask for a bias beyond 32 bits.
    const double bias = std::abs(static_cast<double>(step.bias[lane]));
    unit[lane] = std::max({static_cast<double>(largest[lane]) / kLargestWeight, bias / input_unit / kLargestBias, 1e-30});
  }
  pack_weights(step, input, unit);
  step.int8_bias.assign(lanes, 0);
  step.scale.assign(lanes, 0.0F);
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const double sum_unit = input_unit * unit[lane];
    step.int8_bias[lane] = static_cast<std::int32_t>(
        std::clamp(nearest(static_cast<double>(step.bias[lane]) / sum_unit), -kLargestBias, kLargestBias));
    step.scale[lane] = static_cast<float>(sum_unit / output_unit);
  }
  step.weights = {};
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

void use_int8(NetworkPlan& plan, const std::vector<std::pair<std::string, float>>& ranges) {
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
      convert(step, value_of(plan, step.input), value_of(plan, step.output));
    }
    steps.push_back(std::move(step));
  }
  plan.steps = std::move(steps);
  arrange(plan);
  describe(plan);
}

}  // namespace inkfield::recognizer
