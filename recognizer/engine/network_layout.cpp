// Sizes are multiplied out here, once for each width; the steps then only follow them.
#include "recognizer/engine/network_layout.h"

#include <algorithm>

#include "recognizer/engine/winograd.h"
#include "recognizer/error.h"

namespace inkfield::recognizer {
namespace {

// Planes of a group stay in a quarter of a megabyte, with room in a core's second cache for the weights they
// meet.
constexpr std::int64_t kGroupBytes = std::int64_t{256} << 10U;
constexpr int kMaxGroup = 16;
constexpr std::int64_t kCacheLine = 64;

const ValuePlace& at(const std::vector<ValuePlace>& places, int value) {
  return places[static_cast<std::size_t>(value)];
}

std::int64_t element_bytes(const PlanValue& value) { return value.bytes ? 1 : std::int64_t{sizeof(float)}; }

// Everything but where it begins.
ValuePlace shape(const PlanValue& value, PlaneSize size) {
  ValuePlace place;
  place.size = size;
  place.lanes = value.lanes;
  place.blocks = value.lanes == 1 ? 1 : block_count(value.channels);
  const Border& border = value.border;
  place.row_step = (border.left + size.width + border.right) * place.lanes;
  place.block_step = (border.top + size.height + border.bottom) * place.row_step;
  place.interior = border.top * place.row_step + std::ptrdiff_t{border.left} * place.lanes;
  // The last tap of a row of bytes reaches up to three bytes further; its weights there are zero.
  const std::int64_t image = place.blocks * place.block_step + (value.bytes ? kDot : 0);
  const std::int64_t line = kCacheLine / element_bytes(value);
  place.image_step = (image + line - 1) / line * line;
  return place;
}

std::vector<ValuePlace> shapes(const NetworkPlan& plan, const std::vector<PlaneSize>& sizes) {
  std::vector<ValuePlace> places;
  for (std::size_t v = 0; v < plan.values.size(); ++v) places.push_back(shape(plan.values[v], sizes[v]));
  return places;
}

// Bytes of every slot for one input.
std::vector<std::int64_t> slot_bytes(const NetworkPlan& plan, const std::vector<ValuePlace>& places) {
  std::vector<std::int64_t> bytes(static_cast<std::size_t>(plan.slot_count), 0);
  for (std::size_t v = 0; v < plan.values.size(); ++v) {
    auto& slot = bytes[static_cast<std::size_t>(plan.values[v].slot)];
    slot = std::max<std::int64_t>(slot, places[v].image_step * element_bytes(plan.values[v]));
  }
  return bytes;
}

std::vector<bool> grouped_slots(const NetworkPlan& plan) {
  std::vector<bool> grouped(static_cast<std::size_t>(plan.slot_count), false);
  for (const auto& value : plan.values) grouped[static_cast<std::size_t>(value.slot)] = value.grouped;
  return grouped;
}

const PlanValue& value_at(const NetworkPlan& plan, int value) {
  return plan.values[static_cast<std::size_t>(value)];
}

// Of a convolution, before what is folded into it takes the largest of each window; what no window holds is
// left out.
PlaneSize pooled_outputs(const Step& step, PlaneSize out) {
  return {out.height * step.pool_height, out.width * step.pool_width};
}

// Of a convolution whose weights are not yet transformed: how many there will be.
std::size_t weight_count(const Step& step) {
  const std::size_t plain = step.int8_weights.empty() ? step.plain_weights.size() : step.int8_weights.size();
  if (step.winograd == 0) return plain;
  return plain * static_cast<std::size_t>(winograd_positions(step.winograd)) /
         static_cast<std::size_t>(step.kernel_height * step.kernel_width);
}

std::size_t weight_bytes(const Step& step) {
  if (step.int8_weights.empty()) return weight_count(step) * sizeof(float);
  return weight_count(step) * (step.winograd == 0 ? sizeof(std::int8_t) : sizeof(std::int16_t));
}

void choose_convolutions(NetworkPlan& plan) {
  const auto sizes = judged_sizes(plan);
  std::int64_t weights = 0;
  for (auto& step : plan.steps) {
    step.winograd = 0;
    if (step.kind != StepKind::convolve || (!step.int8_weights.empty() && !plan.int8_tiles)) continue;
    const PlaneSize out = sizes[static_cast<std::size_t>(step.output)];
    step.winograd =
        cheapest_winograd_side(step, value_at(plan, step.input),
                               block_count(value_at(plan, step.output).channels), pooled_outputs(step, out));
    if (step.winograd == 0) continue;
    weights += static_cast<std::int64_t>(weight_count(step));
    if (weights > kMaxWinogradWeights) step.winograd = 0;
  }
}

void lay_borders(NetworkPlan& plan) {
  for (auto& value : plan.values) value.border = {};
  for (const auto& step : plan.steps) {
    if (step.kind != StepKind::convolve) continue;
    Border& border = plan.values[static_cast<std::size_t>(step.input)].border;
    border.top = std::max(border.top, step.pad_top);
    border.left = std::max(border.left, step.pad_left);
    // The last tiles may reach further than the padding.
    const int beyond = std::max(step.winograd - 1, 0);
    border.bottom = std::max(border.bottom, step.pad_bottom + beyond);
    border.right = std::max(border.right, step.pad_right + beyond);
  }
}

void form_group(NetworkPlan& plan) {
  // Lines come one by one, so a lone symbol decides.
  const auto places = shapes(plan, judged_sizes(plan));
  const auto bytes = [&](int value) {
    return at(places, value).image_step * element_bytes(plan.values[static_cast<std::size_t>(value)]);
  };
  auto first = plan.steps.size() - 1;
  for (auto s = plan.steps.size(); s-- > 0;) {
    const auto& step = plan.steps[s];
    if (step.kind != StepKind::convolve) continue;
    if (static_cast<std::int64_t>(weight_bytes(step)) < bytes(step.input) + bytes(step.output)) break;
    first = s;
  }
  plan.first_grouped_step = static_cast<int>(first);
  for (auto& value : plan.values) value.grouped = false;
  for (auto s = first; s < plan.steps.size(); ++s) {
    const auto& step = plan.steps[s];
    for (const int value : {step.input, step.second_input, step.output}) {
      if (value >= 0) plan.values[static_cast<std::size_t>(value)].grouped = true;
    }
  }
}

void assign_slots(NetworkPlan& plan) {
  plan.slot_count = 0;
  std::vector<std::size_t> last_use(plan.values.size(), 0);
  for (std::size_t s = 0; s < plan.steps.size(); ++s) {
    const auto& step = plan.steps[s];
    for (const int value : {step.input, step.second_input, step.output}) {
      if (value >= 0) last_use[static_cast<std::size_t>(value)] = s;
    }
  }
  last_use[static_cast<std::size_t>(plan.output)] = plan.steps.size();
  // Values that are never needed at the same time share a slot. Those of a group share among themselves only:
  // the next input of the group goes through the steps before while they wait.
  std::vector<int> free_slots[2];
  const auto take_slot = [&](PlanValue& value) {
    auto& free = free_slots[value.grouped ? 1 : 0];
    if (free.empty()) {
      value.slot = plan.slot_count++;
    } else {
      value.slot = free.back();
      free.pop_back();
    }
  };
  take_slot(plan.values[0]);
  for (std::size_t s = 0; s < plan.steps.size(); ++s) {
    const auto& step = plan.steps[s];
    take_slot(plan.values[static_cast<std::size_t>(step.output)]);
    const int seen_twice = step.second_input == step.input ? step.input : -1;
    for (const int v : {step.input, step.second_input, step.output}) {
      if (v < 0 || last_use[static_cast<std::size_t>(v)] != s) continue;
      const auto& value = plan.values[static_cast<std::size_t>(v)];
      free_slots[value.grouped ? 1 : 0].push_back(value.slot);
      if (v == seen_twice) break;
    }
  }
}

void check_costs(const NetworkPlan& plan) {
  const int width = plan.fixed_width_px != 0 ? plan.fixed_width_px : kMaxInputWidthPx;
  const auto sizes = plan.sizes(width);
  const auto fail = [&](const std::string& need) {
    throw Error(ErrorKind::invalid_model,
                "ONNX file: an input " + std::to_string(width) + " px wide would need " + need);
  };
  std::int64_t bytes = 0;
  for (const auto slot : slot_bytes(plan, shapes(plan, sizes))) bytes += slot;
  for (const auto& step : plan.steps) {
    if (step.kind != StepKind::convolve) continue;
    bytes += std::int64_t{plan.values[static_cast<std::size_t>(step.input)].channels} * step.kernel_height *
             step.kernel_width * static_cast<std::int64_t>(sizeof(std::int32_t));
  }
  if (bytes > kMaxWorkingBytes) {
    fail(std::to_string(bytes >> 20U) + " MiB of working memory, allowed are " +
         std::to_string(kMaxWorkingBytes >> 20U));
  }
  const auto work = plan.multiply_adds(sizes);
  if (work > kMaxMultiplyAdds) {
    fail(std::to_string(work / 1'000'000) + " million multiply-adds, allowed are " +
         std::to_string(kMaxMultiplyAdds / 1'000'000));
  }
}

}  // namespace

std::vector<PlaneSize> judged_sizes(const NetworkPlan& plan) {
  return plan.sizes(plan.fixed_width_px != 0 ? plan.fixed_width_px : plan.input_height_px);
}

void arrange(NetworkPlan& plan) {
  choose_convolutions(plan);
  lay_borders(plan);
  form_group(plan);
  assign_slots(plan);
  check_costs(plan);
}

int group_size(const NetworkPlan& plan, const std::vector<PlaneSize>& sizes, int wanted) {
  const auto bytes = slot_bytes(plan, shapes(plan, sizes));
  const auto grouped = grouped_slots(plan);
  std::int64_t one = 0;
  for (std::size_t s = 0; s < bytes.size(); ++s) one += grouped[s] ? bytes[s] : 0;
  const std::int64_t fit =
      std::clamp<std::int64_t>(kGroupBytes / std::max<std::int64_t>(one, 1), 1, kMaxGroup);
  return static_cast<int>(std::min<std::int64_t>(fit, std::max(wanted, 1)));
}

namespace {

// Channel by channel, row by row, column by column: the order of the weights.
void lay_float_taps(const Step& step, int channels, const ValuePlace& in, std::vector<std::int32_t>& taps) {
  for (int c = 0; c < channels; ++c) {
    const std::ptrdiff_t plane = c / in.lanes * in.block_step + c % in.lanes;
    for (int y = 0; y < step.kernel_height; ++y) {
      for (int x = 0; x < step.kernel_width; ++x) {
        taps.push_back(static_cast<std::int32_t>(plane + y * in.row_step + std::ptrdiff_t{x} * in.lanes));
      }
    }
  }
}

// Channel by channel, or by as many as are multiplied at once, in transformed tiles.
void lay_winograd_taps(int channels, int at_once, int tiles, std::vector<std::int32_t>& taps) {
  for (int c = 0; c < channels; c += at_once) taps.push_back((c / kLanes * tiles) * kLanes + c % kLanes);
}

// The same by fours of channels; block by block, all fours of a place one after the other; or by fours of columns of the image.
void lay_int8_taps(const Step& step, int channels, const ValuePlace& in, bool by_place, std::vector<std::int32_t>& taps) {
  const bool image = in.lanes == 1;
  const int channel_step = image ? 1 : by_place ? kLanes : kDot;
  const int column_step = image ? kDot : 1;
  for (int c = 0; c < channels; c += channel_step) {
    const std::ptrdiff_t plane = c / in.lanes * in.block_step + c % in.lanes;
    for (int y = 0; y < step.kernel_height; ++y) {
      for (int x = 0; x < step.kernel_width; x += column_step) {
        const std::ptrdiff_t place = plane + y * in.row_step + std::ptrdiff_t{x} * in.lanes;
        for (int four = 0; four < channel_step; four += kDot) taps.push_back(static_cast<std::int32_t>(place + four));
      }
    }
  }
}

}  // namespace

Layout lay_out(const NetworkPlan& plan, const std::vector<PlaneSize>& sizes, int group) {
  Layout layout;
  layout.group = group;
  layout.values = shapes(plan, sizes);
  const auto bytes = slot_bytes(plan, layout.values);
  const auto grouped = grouped_slots(plan);
  std::vector<std::int64_t> begins;
  for (std::size_t s = 0; s < bytes.size(); ++s) {
    begins.push_back(layout.bytes);
    layout.bytes += bytes[s] * (grouped[s] ? group : 1);
  }
  for (std::size_t v = 0; v < plan.values.size(); ++v) {
    layout.values[v].begin = begins[static_cast<std::size_t>(plan.values[v].slot)];
  }
  layout.scratch = (layout.bytes + kCacheLine - 1) / kCacheLine * kCacheLine;
  for (std::size_t s = 0; s < plan.steps.size(); ++s) {
    const Step& step = plan.steps[s];
    auto& taps = layout.taps.emplace_back();
    auto& tiles = layout.tiles.emplace_back(0);
    if (step.kind != StepKind::convolve) continue;
    const int channels = plan.values[static_cast<std::size_t>(step.input)].channels;
    const ValuePlace& in = at(layout.values, step.input);
    if (step.winograd != 0) {
      const ValuePlace& out = at(layout.values, step.output);
      tiles = winograd_tiles(step.winograd, in.blocks, out.blocks);
      if (step.pair_weights.empty()) {
        lay_winograd_taps(channels, 1, tiles, taps);
      } else {
        lay_winograd_taps((channels + kDot - 1) / kDot * kDot, 2, tiles, taps);
      }
      layout.bytes = std::max(layout.bytes, layout.scratch + kWinogradBytes);
    } else if (step.int8_weights.empty()) {
      lay_float_taps(step, channels, in, taps);
    } else {
      lay_int8_taps(step, channels, in, plan.int8_by_place, taps);
    }
  }
  return layout;
}

}  // namespace inkfield::recognizer
