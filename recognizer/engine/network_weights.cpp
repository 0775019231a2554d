// Brings the weights of convolutions into the order of the kernels, all of them into one piece of memory.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "recognizer/engine/network_plan.h"
#include "recognizer/engine/winograd.h"

namespace inkfield::recognizer {
namespace {

std::size_t kernel_places(const Step& step) {
  return static_cast<std::size_t>(step.kernel_height) * static_cast<std::size_t>(step.kernel_width);
}

std::size_t positions(const Step& step) {
  return static_cast<std::size_t>(winograd_positions(step.winograd));
}

// Of a convolution in float32.
struct FloatWeights {
  FloatWeights(const NetworkPlan& plan, const Step& step)
      : channels(static_cast<std::size_t>(plan.values[static_cast<std::size_t>(step.input)].channels)),
        taps(channels * kernel_places(step)),
        outputs(step.plain_weights.size() / taps),
        laid_outputs(step.bias.size()),
        count(laid_outputs * (step.winograd == 0 ? taps : channels * positions(step))) {}

  // Whether they are laid as bytes, too: `out` is what one input gives.
  [[nodiscard]] bool as_bytes(const Step& step, PlaneSize out) const {
    return step.winograd == 0 && step.plain_weights.has_bytes(taps) &&
           out.height * out.width * step.pool_height * step.pool_width <= kFewOutputs;
  }

  std::size_t channels, taps, outputs, laid_outputs, count;
};

// From [row][tap] of kLanes output channels to [tap][lane].
template <typename Weight>
void lay_block(const Weight* rows, std::size_t taps, Weight* to) {
  for (std::size_t tap = 0; tap < taps; ++tap) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) *to++ = rows[lane * taps + tap];
  }
}

void lay_byte_weights(Step& step, const FloatWeights& shape) {
  std::vector<std::int8_t> rows(kLanes * shape.taps);
  step.scale.assign(shape.laid_outputs, 0.0F);
  for (std::size_t row = 0; row < shape.outputs; ++row)
    step.scale[row] = step.plain_weights.scale(row * shape.taps);
  for (std::size_t first = 0; first < shape.laid_outputs; first += kLanes) {
    const std::size_t count = std::min<std::size_t>(kLanes, shape.outputs - first) * shape.taps;
    step.plain_weights.bytes().copy(first * shape.taps, count, rows.data());
    std::fill(rows.begin() + static_cast<std::ptrdiff_t>(count), rows.end(), std::int8_t{0});  // unused lanes
    lay_block(rows.data(), shape.taps, step.byte_weights.data() + first * shape.taps);
  }
}

void lay_float_weights(Step& step, const FloatWeights& shape, std::vector<float>& rows) {
  rows.resize(kLanes * shape.taps);
  float* to = step.float_weights.data();
  for (std::size_t first = 0; first < shape.laid_outputs; first += kLanes) {
    const std::size_t count = std::min<std::size_t>(kLanes, shape.outputs - first) * shape.taps;
    step.plain_weights.copy(first * shape.taps, count, rows.data());
    std::fill(rows.begin() + static_cast<std::ptrdiff_t>(count), rows.end(), 0.0F);  // unused lanes
    if (step.winograd != 0) {
      transform_weights(step.winograd, rows.data(), shape.channels, shape.laid_outputs * shape.channels, to);
      to += shape.channels * kLanes;
      continue;
    }
    lay_block(rows.data(), shape.taps, to);
    to += shape.taps * kLanes;
  }
  step.plain_weights = {};
}

// Of a convolution in int8 that goes in tiles.
struct PairWeights {
  explicit PairWeights(const Step& step)
      : blocks(step.int8_bias.size() / kLanes),
        block_bytes(step.int8_weights.size() / blocks),
        channels(block_bytes / (kLanes * kernel_places(step))),
        block_pairs(channels * kLanes),
        count(positions(step) * blocks * block_pairs) {}

  std::size_t blocks, block_bytes, channels;
  std::size_t block_pairs;  // half as many pairs as channels, of two weights
  std::size_t count;
};

void lay_pair_weights(Step& step, const PairWeights& shape) {
  for (std::size_t block = 0; block < shape.blocks; ++block) {
    transform_pair_weights(step.int8_weights.data() + block * shape.block_bytes, shape.channels,
                           shape.blocks * shape.block_pairs,
                           step.pair_weights.data() + block * shape.block_pairs);
  }
  step.int8_weights = {};
}

bool becomes_pairs(const Step& step) { return step.winograd != 0 && !step.int8_weights.empty(); }

}  // namespace

void lay_weights(NetworkPlan& plan) {
  const auto sizes = judged_sizes(plan);
  const auto output_of = [&](const Step& step) { return sizes[static_cast<std::size_t>(step.output)]; };
  // Plain sums of bytes are laid already. Where tiles take the place of others, what is left moves on with
  // them.
  const bool pairs = std::any_of(plan.steps.begin(), plan.steps.end(), becomes_pairs);
  std::size_t bytes = 0;
  for (const Step& step : plan.steps) {
    if (becomes_pairs(step)) {
      bytes += ArrayMemory::bytes_of<std::int16_t>(PairWeights(step).count);
    } else if (pairs && !step.int8_weights.empty()) {
      bytes += ArrayMemory::bytes_of<std::int8_t>(step.int8_weights.size());
    }
    if (step.plain_weights.empty()) continue;
    const FloatWeights shape(plan, step);
    bytes += ArrayMemory::bytes_of<float>(shape.count);
    if (shape.as_bytes(step, output_of(step))) bytes += ArrayMemory::bytes_of<std::int8_t>(shape.count);
  }
  ArrayMemory laid(bytes);
  std::vector<float> rows;
  for (Step& step : plan.steps) {
    if (becomes_pairs(step)) {
      const PairWeights shape(step);
      step.pair_weights = laid.take<std::int16_t>(shape.count);
      lay_pair_weights(step, shape);
    } else if (pairs && !step.int8_weights.empty()) {
      const auto moved = laid.take<std::int8_t>(step.int8_weights.size());
      std::copy(step.int8_weights.begin(), step.int8_weights.end(), moved.begin());
      step.int8_weights = moved;
    }
    if (step.plain_weights.empty()) continue;
    const FloatWeights shape(plan, step);
    if (shape.as_bytes(step, output_of(step))) {
      step.byte_weights = laid.take<std::int8_t>(shape.count);
      lay_byte_weights(step, shape);
    }
    step.float_weights = laid.take<float>(shape.count);
    lay_float_weights(step, shape, rows);
  }
  plan.weights = std::move(laid);
  if (pairs) plan.int8_weights = {};
}

}  // namespace inkfield::recognizer
