// Inputs are unsigned bytes, 255 for the largest value that samples gave; weights are signed bytes, 127 for
// the largest of their output channel. So a sum is in units of (input unit x weight unit of the channel),
// exact in 32 bits, and one factor for each channel takes it to floats or to the bytes of the next
// convolution. Weights that the file stores as bytes are taken with the scale that they have there.
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

// Columns of a row of a kernel over an image, filled up to whole fours.
std::size_t filled_width(const Step& step) {
  return (static_cast<std::size_t>(step.kernel_width) + kDot - 1) / kDot * kDot;
}

// How the weights of one output channel are packed. Over an image, rows of the kernel are channels of one
// place.
PackingTask packing_of(const Step& step, const PlanValue& input, const Kernels& kernels) {
  if (input.lanes == 1)
    return {.count = static_cast<std::size_t>(step.kernel_height) * filled_width(step), .places = 1};
  return {
      .count = products(step, input),
      .places = static_cast<std::size_t>(step.kernel_height) * static_cast<std::size_t>(step.kernel_width),
      .beside = kernels.by_place ? std::size_t{kLanes / kDot} : 1};
}

std::size_t packed_bytes(const Step& step, const PlanValue& input, const Kernels& kernels) {
  return step.bias.size() * packing_of(step, input, kernels).taps() * kDot;
}

// Memory that all convolutions use one after the other: fresh memory costs more than the work in it.
struct Rows {
  // Of one block: a file is not asked for every row.
  std::vector<float> floats;
  std::vector<std::int8_t> stored;
  std::vector<float> filled;
  std::vector<std::int32_t> bytes;
};

// The weights of one convolution, a block of output channels at a time, on their way to
// [output block][tap of four][kLanes][kDot]; see lay_int8_taps for the order.
class PackedRows {
 public:
  PackedRows(const Step& step, const PlanValue& input, const Kernels& kernels, Rows& rows)
      : weights_(step.plain_weights),
        kernels_(kernels),
        rows_(rows),
        image_(input.lanes == 1),
        height_(static_cast<std::size_t>(step.kernel_height)),
        width_(static_cast<std::size_t>(step.kernel_width)),
        filled_width_(filled_width(step)),
        size_(products(step, input)),
        scaled_(weights_.has_bytes(size_)),
        task_(packing_of(step, input, kernels)) {
    rows_.bytes.resize(std::max(rows_.bytes.size(), task_.taps() * kDot));
    task_.scratch = rows_.bytes.data();
  }

  [[nodiscard]] std::size_t count() const { return weights_.size() / size_; }
  [[nodiscard]] std::size_t block_bytes() const { return task_.taps() * kLanes * kDot; }

  void read_block(std::size_t first) {
    const std::size_t size = std::min<std::size_t>(kLanes, count() - first) * size_;
    if (stored()) {
      rows_.stored.resize(std::max(rows_.stored.size(), size));
      weights_.bytes().copy(first * size_, size, rows_.stored.data());
    } else {
      weights_.copy_unseen(first * size_, size, room_for(size));
    }
  }
  /// What one in a byte stands for: by the file's own scale, else 127 for the largest.
  [[nodiscard]] double unit(std::size_t row) const {
    if (scaled_) return static_cast<double>(weights_.scale(row * size_));
    const float largest = kernels_.largest_size(rows_.floats.data() + row % kLanes * size_, size_);
    if (!std::isfinite(largest)) weights_.refuse_not_finite();
    return static_cast<double>(largest) / kLargestWeight;
  }
  /// `unit` is that of the row or a larger one; `block` is where the output channels of its block go.
  void pack(std::size_t row, double unit, std::int8_t* block) {
    const std::size_t at = row % kLanes * size_;
    const bool as_stored = stored() && unit == this->unit(row);
    if (stored() && !as_stored) weights_.copy_unseen(row * size_, size_, room_for(at + size_) + at);
    task_.bytes = as_stored ? rows_.stored.data() + at : nullptr;
    task_.weights = image_ ? filled(rows_.floats.data() + at) : rows_.floats.data() + at;
    task_.factor = 1.0 / unit;
    task_.output = block + row % kLanes * kDot;
    kernels_.pack_weights(task_);
  }

 private:
  [[nodiscard]] bool stored() const { return scaled_ && !image_; }

  float* room_for(std::size_t floats) {
    rows_.floats.resize(std::max(rows_.floats.size(), floats));
    return rows_.floats.data();
  }
  // Rows of the kernel over an image, each filled up.
  const float* filled(const float* row) {
    rows_.filled.assign(height_ * filled_width_, 0.0F);
    for (std::size_t y = 0; y < height_; ++y)
      std::copy_n(row + y * width_, width_, rows_.filled.data() + y * filled_width_);
    return rows_.filled.data();
  }

  const onnx::FloatList& weights_;
  const Kernels& kernels_;
  Rows& rows_;
  bool image_;
  std::size_t height_, width_, filled_width_;
  std::size_t size_;  // of a row
  bool scaled_;
  PackingTask task_;
};

void convert(Step& step, const PlanValue& input, const PlanValue& output, const Kernels& kernels, Rows& rows,
             ArrayMemory& memory) {
  const std::size_t lanes = step.bias.size();
  const double input_unit = static_cast<double>(input.largest) / kLargestByte;
  const double output_unit = output.bytes ? static_cast<double>(output.largest) / kLargestByte : 1.0;
  PackedRows packed(step, input, kernels, rows);
  step.int8_weights = memory.take<std::int8_t>(packed_bytes(step, input, kernels));
  step.int8_bias.assign(lanes, 0);
  step.scale.assign(lanes, 0.0F);
  for (std::size_t channel = 0; channel < lanes; ++channel) {
    if (channel % kLanes == 0) packed.read_block(channel);
    const bool used = channel < packed.count();  // else a lane that fills the last block
    // A channel of tiny weights alone would ask for a bias beyond 32 bits.
    const double bias = static_cast<double>(step.bias[channel]);
    const double unit = std::max({used ? packed.unit(channel) : 0.0, std::abs(bias) / input_unit / kLargestBias, 1e-30});
    const double sum_unit = input_unit * unit;
    step.int8_bias[channel] =
        static_cast<std::int32_t>(std::clamp(nearest(bias / sum_unit), -kLargestBias, kLargestBias));
    step.scale[channel] = static_cast<float>(sum_unit / output_unit);
    if (used) packed.pack(channel, unit, step.int8_weights.data() + channel / kLanes * packed.block_bytes());
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
  std::size_t bytes_laid = 0;
  for (const auto& step : plan.steps) {
    if (is_int8(step))
      bytes_laid += ArrayMemory::bytes_of<std::int8_t>(packed_bytes(step, value_of(plan, step.input), kernels));
  }
  plan.int8_weights = ArrayMemory(bytes_laid);
  std::vector<Step> steps;
  steps.reserve(plan.steps.size() + inputs.size());
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
      convert(step, value_of(plan, step.input), value_of(plan, step.output), kernels, rows,
              plan.int8_weights);
    }
    steps.push_back(std::move(step));
  }
  plan.steps = std::move(steps);
  plan.int8_by_place = kernels.by_place;
  plan.int8_tiles = kernels.convolve_winograd_int8 != nullptr;
  arrange(plan);
  describe(plan);
}

}  // namespace inkfield::recognizer
