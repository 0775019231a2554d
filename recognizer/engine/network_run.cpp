// Follows the layout; decides nothing.
#include "recognizer/engine/network_run.h"

#include <algorithm>

#include "recognizer/engine/pointwise.h"
#include "recognizer/engine/winograd.h"

namespace inkfield::recognizer {

/// A value, from input `image` of the group on.
template <typename Element>
Planes<Element> GroupRun::planes_of(int value, int image) const {
  const ValuePlace& place = place_of(value);
  auto* data = reinterpret_cast<Element*>(memory_.data() + place.begin);
  return {data + place.interior + (value_of(value).grouped ? image * place.image_step : 0), place.image_step,
          place.block_step, place.row_step};
}

/// Zeros around the planes of `images` inputs. Slots are shared, so others have written there since.
template <typename Element>
void GroupRun::clear_border(int value, int image, int images) const {
  const Border& border = value_of(value).border;
  if (border.top + border.left + border.bottom + border.right == 0) return;
  const ValuePlace& place = place_of(value);
  const auto planes = planes_of<Element>(value, image);
  const std::ptrdiff_t left = std::ptrdiff_t{border.left} * place.lanes;
  const std::ptrdiff_t right = std::ptrdiff_t{border.right} * place.lanes;
  const std::ptrdiff_t width = place.size.width * place.lanes;
  for (int i = 0; i < images; ++i) {
    for (int block = 0; block < place.blocks; ++block) {
      // What lies between the last pixel of one row and the first of the next is one stretch.
      Element* row = planes.data + i * planes.image_step + block * planes.block_step;
      std::fill_n(row - border.top * planes.row_step - left, border.top * planes.row_step + left, Element{});
      for (std::int64_t y = 0; y + 1 < place.size.height; ++y) {
        std::fill_n(row + width, right + left, Element{});
        row += planes.row_step;
      }
      std::fill_n(row + width, border.bottom * planes.row_step + right, Element{});
    }
  }
}

// --- convolutions
// ---------------------------------------------------------------------------------------------

template <typename Task>
void GroupRun::shape_convolution(const Step& step, std::size_t index, int images, Task& task) const {
  const ValuePlace& in = place_of(step.input);
  const ValuePlace& out = place_of(step.output);
  const auto& taps = layout_.taps[index];
  task.input.data -= step.pad_top * in.row_step + std::ptrdiff_t{step.pad_left} * in.lanes;
  task.input.row_step *= step.stride_y;
  task.column_step = std::ptrdiff_t{step.stride_x} * in.lanes;
  task.taps = taps.data();
  task.tap_count = taps.size();
  task.kernel_width = step.kernel_width;
  task.images = images;
  task.output_blocks = out.blocks;
  task.output_height = static_cast<int>(out.size.height);
  task.output_width = static_cast<int>(out.size.width);
  task.pool_height = step.pool_height;
  task.pool_width = step.pool_width;
  task.relu = step.relu;
}

void GroupRun::convolve(const Step& step, std::size_t index, int image, int images) const {
  ConvolutionTask task;
  task.input = planes_of<const float>(step.input, image);
  shape_convolution(step, index, images, task);
  task.weights = step.float_weights.data();
  task.bias = step.bias.data();
  task.output = planes_of<float>(step.output, image);
  const std::int64_t outputs =
      std::int64_t{images} * task.output_height * task.output_width * task.pool_height * task.pool_width;
  if (!step.byte_weights.empty() && outputs <= kFewOutputs) {
    task.byte_weights = step.byte_weights.data();
    task.scale = step.scale.data();
  }
  kernels_.convolve(task);
}

/// After its shape as a convolution.
template <typename Task>
void GroupRun::shape_tiles(const Step& step, std::size_t index, Task& task) const {
  task.side = step.winograd;
  task.input_blocks = place_of(step.input).blocks;
  task.tile_rows = whole_tiles(task.output_height * task.pool_height, step.winograd);
  task.tile_columns = whole_tiles(task.output_width * task.pool_width, step.winograd);
  task.most_tiles = layout_.tiles[index];
  task.input_step = winograd_position_step(task.input_blocks, task.most_tiles);
  task.sum_step = winograd_position_step(task.output_blocks, task.most_tiles);
  std::byte* const scratch = memory_.data() + layout_.scratch;
  task.tiles = reinterpret_cast<decltype(task.tiles)>(scratch);
  task.sums =
      reinterpret_cast<decltype(task.sums)>(task.tiles + winograd_positions(step.winograd) * task.input_step);
}

void GroupRun::convolve_winograd(const Step& step, std::size_t index, int image, int images) const {
  WinogradTask task;
  task.input = planes_of<const float>(step.input, image);
  shape_convolution(step, index, images, task);
  task.weights = step.float_weights.data();
  task.bias = step.bias.data();
  task.output = planes_of<float>(step.output, image);
  shape_tiles(step, index, task);
  kernels_.convolve_winograd(task);
}

void GroupRun::give_int8_output(const Step& step, int image, Int8ConvolutionTask& task) const {
  task.bias = step.int8_bias.data();
  task.scale = step.scale.data();
  if (value_of(step.output).bytes) {
    task.bytes = planes_of<std::uint8_t>(step.output, image);
  } else {
    task.floats = planes_of<float>(step.output, image);
  }
}

void GroupRun::convolve_int8(const Step& step, std::size_t index, int image, int images) const {
  Int8ConvolutionTask task;
  task.input = planes_of<const std::uint8_t>(step.input, image);
  shape_convolution(step, index, images, task);
  if (place_of(step.input).lanes == 1) {
    task.kernel_width = 1;  // taps of the image are kDot pixels apart, not one
  } else {
    task.by_place = plan_.int8_by_place;
  }
  task.weights = step.int8_weights.data();
  give_int8_output(step, image, task);
  kernels_.convolve_int8(task);
}

void GroupRun::convolve_winograd_int8(const Step& step, std::size_t index, int image, int images) const {
  Int8WinogradTask task;
  task.input = planes_of<const std::uint8_t>(step.input, image);
  shape_convolution(step, index, images, task);
  task.pair_weights = step.pair_weights.data();
  give_int8_output(step, image, task);
  shape_tiles(step, index, task);
  kernels_.convolve_winograd_int8(task);
}

// --- other steps
// ----------------------------------------------------------------------------------------------

void GroupRun::pool(const Step& step, int image, int images) const {
  const ValuePlace& in = place_of(step.input);
  const ValuePlace& out = place_of(step.output);
  PoolTask task;
  task.input = planes_of<const float>(step.input, image);
  task.output = planes_of<float>(step.output, image);
  task.images = images;
  task.blocks = out.blocks;
  task.input_height = static_cast<int>(in.size.height);
  task.input_width = static_cast<int>(in.size.width);
  task.output_height = static_cast<int>(out.size.height);
  task.output_width = static_cast<int>(out.size.width);
  const bool global = step.kind == StepKind::pool_global;
  task.kernel_height = global ? task.input_height : step.kernel_height;
  task.kernel_width = global ? task.input_width : step.kernel_width;
  task.stride_y = step.stride_y;
  task.stride_x = step.stride_x;
  task.pad_top = step.pad_top;
  task.pad_left = step.pad_left;
  task.count_border = step.count_border;
  if (step.kind == StepKind::pool_largest) {
    kernels_.pool_largest(task);
  } else {
    kernels_.pool_mean(task);
  }
}

/// A frame of one value around each plane.
void GroupRun::pad(const Step& step, int image, int images) const {
  const ValuePlace& in = place_of(step.input);
  const ValuePlace& out = place_of(step.output);
  const auto input = planes_of<const float>(step.input, image);
  const auto output = planes_of<float>(step.output, image);
  for (int i = 0; i < images; ++i) {
    for (int block = 0; block < out.blocks; ++block) {
      const float* from = input.data + i * input.image_step + block * input.block_step;
      float* to = output.data + i * output.image_step + block * output.block_step;
      for (std::int64_t y = 0; y < out.size.height; ++y, to += output.row_step) {
        std::fill_n(to, out.size.width * kLanes, step.least);
        if (y < step.pad_top || y >= step.pad_top + in.size.height) continue;
        std::copy_n(from, in.size.width * kLanes, to + std::ptrdiff_t{step.pad_left} * kLanes);
        from += input.row_step;
      }
    }
  }
}

/// Steps that look at one pixel at a time, row by row.
void GroupRun::each_row(const Step& step, int image, int images) const {
  const ValuePlace& out = place_of(step.output);
  const auto input = planes_of<const float>(step.input, image);
  const auto second = step.second_input < 0 ? input : planes_of<const float>(step.second_input, image);
  const auto output = planes_of<float>(step.output, image);
  const auto bytes = planes_of<std::uint8_t>(step.output, image);  // of a step to bytes
  const auto count = static_cast<std::size_t>(out.size.width * out.lanes);
  for (int i = 0; i < images; ++i) {
    for (int block = 0; block < out.blocks; ++block) {
      for (std::int64_t y = 0; y < out.size.height; ++y) {
        const auto row = [&](const auto& planes) {
          return planes.data + i * planes.image_step + block * planes.block_step + y * planes.row_step;
        };
        const float* from = row(input);
        float* to = row(output);
        switch (step.kind) {
          case StepKind::add:
            kernels_.add(from, row(second), to, count, step.relu);
            break;
          case StepKind::scale_shift:
            kernels_.scale_shift(from, step.weights.data() + block * kLanes,
                                 step.bias.data() + block * kLanes, to, count, step.relu);
            break;
          case StepKind::relu:
            kernels_.relu(from, to, count);
            break;
          case StepKind::scale_shift_units: {
            const auto at = static_cast<std::size_t>(block * out.size.height + y) * count;
            pointwise::scale_shift_units(from, step.weights.data() + at, step.bias.data() + at, to, count,
                                         step.relu);
            break;
          }
          case StepKind::leaky_relu:
            pointwise::leaky_relu(from, step.weights.data() + block * kLanes, to, count);
            break;
          case StepKind::clip:
            pointwise::clip(from, to, count, step.least, step.most);
            break;
          case StepKind::tanh:
            pointwise::tanh(from, to, count);
            break;
          case StepKind::sigmoid:
            pointwise::sigmoid(from, to, count);
            break;
          case StepKind::quantise:
            kernels_.quantise(
                from, step.scale[0],
                bytes.data + i * bytes.image_step + block * bytes.block_step + y * bytes.row_step, count);
            break;
          case StepKind::spread:
            std::fill_n(to, count, 0.0F);
            for (std::size_t x = 0; x < count / kLanes; ++x) to[x * kLanes] = from[x];
            break;
          default:
            break;
        }
      }
    }
  }
}

void GroupRun::run_step(std::size_t index, int image, int images) const {
  const Step& step = plan_.steps[index];
  if (value_of(step.output).bytes) {
    clear_border<std::uint8_t>(step.output, image, images);
  } else {
    clear_border<float>(step.output, image, images);
  }
  switch (step.kind) {
    case StepKind::convolve:
      if (!step.int8_weights.empty()) return convolve_int8(step, index, image, images);
      if (!step.pair_weights.empty()) return convolve_winograd_int8(step, index, image, images);
      return step.winograd != 0 ? convolve_winograd(step, index, image, images)
                                : convolve(step, index, image, images);
    case StepKind::pool_largest:
    case StepKind::pool_mean:
    case StepKind::pool_global:
      return pool(step, image, images);
    case StepKind::pad:
      return pad(step, image, images);
    default:
      return each_row(step, image, images);
  }
}

// --- the way in and out
// ---------------------------------------------------------------------------------------

void GroupRun::load_image(const float* pixels, int image) const {
  const auto size = place_of(0).size;
  if (value_of(0).bytes) {
    clear_border<std::uint8_t>(0, image, 1);
    const auto planes = planes_of<std::uint8_t>(0, image);
    for (std::int64_t y = 0; y < size.height; ++y) {
      kernels_.quantise(pixels + y * size.width, 255.0F / value_of(0).largest,
                        planes.data + y * planes.row_step, static_cast<std::size_t>(size.width));
    }
    return;
  }
  clear_border<float>(0, image, 1);
  const auto planes = planes_of<float>(0, image);
  for (std::int64_t y = 0; y < size.height; ++y) {
    std::copy_n(pixels + y * size.width, size.width, planes.data + y * planes.row_step);
  }
}

float* GroupRun::store_scores(int image, float* to) const {
  const auto planes = planes_of<const float>(plan_.output, image);
  const auto frames = place_of(plan_.output).size.width;
  for (std::int64_t frame = 0; frame < frames; ++frame) {
    for (int c = 0; c < plan_.class_count; ++c) {
      *to++ = planes.data[c / kLanes * planes.block_step + frame * kLanes + c % kLanes];
    }
  }
  return to;
}

float GroupRun::largest(int value, int image) const {
  const ValuePlace& place = place_of(value);
  const auto planes = planes_of<const float>(value, image);
  float found = 0.0F;
  for (int block = 0; block < place.blocks; ++block) {
    for (std::int64_t y = 0; y < place.size.height; ++y) {
      const float* row = planes.data + block * planes.block_step + y * planes.row_step;
      found = std::max(found, *std::max_element(row, row + place.size.width * place.lanes));
    }
  }
  return found;
}

}  // namespace inkfield::recognizer
