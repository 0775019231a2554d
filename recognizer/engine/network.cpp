// Runs the steps of a plan. Inputs share nothing but the weights, so no answer can depend on what else is in
// the batch.
#include "recognizer/engine/network.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>
#include <utility>

#include "recognizer/engine/kernels.h"
#include "recognizer/engine/network_layout.h"
#include "recognizer/engine/network_metadata.h"
#include "recognizer/engine/network_plan.h"
#include "recognizer/engine/onnx_reader.h"
#include "recognizer/engine/pointwise.h"
#include "recognizer/error.h"

namespace inkfield::recognizer {
namespace {

constexpr std::size_t kAlignment = 64;

// Floats that begin on a cache line; grows only, contents are lost when it does.
class FloatBuffer {
 public:
  FloatBuffer() = default;
  FloatBuffer(FloatBuffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  FloatBuffer& operator=(FloatBuffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~FloatBuffer() { release(); }

  float* at_least(std::size_t count) {
    if (count > size_) {
      release();
      data_ = static_cast<float*>(::operator new (count * sizeof(float), std::align_val_t{kAlignment}));
      size_ = count;
    }
    return data_;
  }
  [[nodiscard]] float* data() const { return data_; }

 private:
  void release() noexcept {
    if (data_ != nullptr) ::operator delete (data_, std::align_val_t{kAlignment});
    data_ = nullptr;
    size_ = 0;
  }
  float* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace

struct Network::Scratch::Impl {
  FloatBuffer memory;
  // The layout of the last run, kept while network and width stay the same.
  std::uint64_t plan_id = 0;
  int width_px = 0;
  Layout layout;
};

Network::Scratch::Scratch() : impl_(std::make_unique<Impl>()) {}
Network::Scratch::~Scratch() = default;
Network::Scratch::Scratch(Scratch&&) noexcept = default;
Network::Scratch& Network::Scratch::operator=(Scratch&&) noexcept = default;

struct Network::Impl {
  NetworkPlan plan;
  NetworkFacts facts;
  const Kernels* kernels = nullptr;
  std::uint64_t id = 0;

  // --- where values lie

  const ValuePlace& place_of(const Layout& layout, int value) const {
    return layout.values[static_cast<std::size_t>(value)];
  }

  /// A value, from input `image` of the group on.
  Planes<float> planes_of(const Scratch::Impl& scratch, int value, int image) const {
    const ValuePlace& place = place_of(scratch.layout, value);
    const bool grouped = plan.values[static_cast<std::size_t>(value)].grouped;
    return {scratch.memory.data() + place.interior + (grouped ? image * place.image_step : 0),
            place.image_step, place.block_step, place.row_step};
  }
  Planes<const float> source_of(const Scratch::Impl& scratch, int value, int image) const {
    const auto planes = planes_of(scratch, value, image);
    return {planes.data, planes.image_step, planes.block_step, planes.row_step};
  }

  /// Zeros around the planes of `images` inputs. Slots are shared, so others have written there since.
  void clear_border(Scratch::Impl& scratch, int value, int image, int images) const {
    const Border& border = plan.values[static_cast<std::size_t>(value)].border;
    if (border.top + border.left + border.bottom + border.right == 0) return;
    const ValuePlace& place = place_of(scratch.layout, value);
    const auto planes = planes_of(scratch, value, image);
    const std::ptrdiff_t left = std::ptrdiff_t{border.left} * place.lanes;
    const std::ptrdiff_t right = std::ptrdiff_t{border.right} * place.lanes;
    const std::ptrdiff_t width = place.size.width * place.lanes;
    for (int i = 0; i < images; ++i) {
      for (int block = 0; block < place.blocks; ++block) {
        // What lies between the last pixel of one row and the first of the next is one stretch.
        float* row = planes.data + i * planes.image_step + block * planes.block_step;
        std::fill_n(row - border.top * planes.row_step - left, border.top * planes.row_step + left, 0.0F);
        for (std::int64_t y = 0; y + 1 < place.size.height; ++y) {
          std::fill_n(row + width, right + left, 0.0F);
          row += planes.row_step;
        }
        std::fill_n(row + width, border.bottom * planes.row_step + right, 0.0F);
      }
    }
  }

  // --- steps

  void convolve(const Step& step, const std::vector<std::int32_t>& taps, Scratch::Impl& scratch, int image,
                int images) const {
    const ValuePlace& in = place_of(scratch.layout, step.input);
    const ValuePlace& out = place_of(scratch.layout, step.output);
    ConvolutionTask task;
    task.input = source_of(scratch, step.input, image);
    task.input.data -= step.pad_top * in.row_step + std::ptrdiff_t{step.pad_left} * in.lanes;
    task.input.row_step *= step.stride_y;
    task.column_step = std::ptrdiff_t{step.stride_x} * in.lanes;
    task.weights = step.weights.data();
    task.bias = step.bias.data();
    task.taps = taps.data();
    task.tap_count = taps.size();
    task.kernel_width = step.kernel_width;
    task.output = planes_of(scratch, step.output, image);
    task.images = images;
    task.output_blocks = out.blocks;
    task.output_height = static_cast<int>(out.size.height);
    task.output_width = static_cast<int>(out.size.width);
    task.pool_height = step.pool_height;
    task.pool_width = step.pool_width;
    task.relu = step.relu;
    kernels->convolve(task);
  }

  void pool(const Step& step, Scratch::Impl& scratch, int image, int images) const {
    const ValuePlace& in = place_of(scratch.layout, step.input);
    const ValuePlace& out = place_of(scratch.layout, step.output);
    PoolTask task;
    task.input = source_of(scratch, step.input, image);
    task.output = planes_of(scratch, step.output, image);
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
      kernels->pool_largest(task);
    } else {
      kernels->pool_mean(task);
    }
  }

  /// A frame of one value around each plane.
  void pad(const Step& step, Scratch::Impl& scratch, int image, int images) const {
    const ValuePlace& in = place_of(scratch.layout, step.input);
    const ValuePlace& out = place_of(scratch.layout, step.output);
    const auto input = source_of(scratch, step.input, image);
    const auto output = planes_of(scratch, step.output, image);
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
  void each_row(const Step& step, Scratch::Impl& scratch, int image, int images) const {
    const ValuePlace& out = place_of(scratch.layout, step.output);
    const auto input = source_of(scratch, step.input, image);
    const auto second = step.second_input < 0 ? input : source_of(scratch, step.second_input, image);
    const auto output = planes_of(scratch, step.output, image);
    const auto count = static_cast<std::size_t>(out.size.width * kLanes);
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
              kernels->add(from, row(second), to, count, step.relu);
              break;
            case StepKind::scale_shift:
              kernels->scale_shift(from, step.weights.data() + block * kLanes,
                                   step.bias.data() + block * kLanes, to, count, step.relu);
              break;
            case StepKind::relu:
              kernels->relu(from, to, count);
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

  void run_step(std::size_t index, Scratch::Impl& scratch, int image, int images) const {
    const Step& step = plan.steps[index];
    clear_border(scratch, step.output, image, images);
    switch (step.kind) {
      case StepKind::convolve:
        return convolve(step, scratch.layout.taps[index], scratch, image, images);
      case StepKind::pool_largest:
      case StepKind::pool_mean:
      case StepKind::pool_global:
        return pool(step, scratch, image, images);
      case StepKind::pad:
        return pad(step, scratch, image, images);
      default:
        return each_row(step, scratch, image, images);
    }
  }

  // --- a run

  void load_image(const float* pixels, Scratch::Impl& scratch, int image) const {
    clear_border(scratch, 0, image, 1);
    const auto planes = planes_of(scratch, 0, image);
    const auto size = place_of(scratch.layout, 0).size;
    for (std::int64_t y = 0; y < size.height; ++y) {
      std::copy_n(pixels + y * size.width, size.width, planes.data + y * planes.row_step);
    }
  }

  float* store_scores(const Scratch::Impl& scratch, int image, float* to) const {
    const auto planes = planes_of(scratch, plan.output, image);
    const auto frames = place_of(scratch.layout, plan.output).size.width;
    for (std::int64_t frame = 0; frame < frames; ++frame) {
      for (int c = 0; c < plan.class_count; ++c) {
        *to++ = planes.data[c / kLanes * planes.block_step + frame * kLanes + c % kLanes];
      }
    }
    return to;
  }

  void prepare(int width_px, int batch, Scratch::Impl& scratch) const {
    const bool same = scratch.plan_id == id && scratch.width_px == width_px;
    if (same && scratch.layout.group >= batch) return;
    const auto sizes = plan.sizes(width_px);
    const int group = group_size(plan, sizes, batch);
    if (same && scratch.layout.group >= group) return;
    scratch.plan_id = 0;  // nothing half done is ever taken for ready
    scratch.layout = lay_out(plan, sizes, group);
    scratch.memory.at_least(static_cast<std::size_t>(scratch.layout.floats));
    scratch.plan_id = id;
    scratch.width_px = width_px;
  }
};

Network::Network(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Network::~Network() = default;
Network::Network(Network&&) noexcept = default;
Network& Network::operator=(Network&&) noexcept = default;

Network Network::from_onnx(std::span<const std::uint8_t> onnx) {
  static std::atomic<std::uint64_t> next_id{1};
  const auto model = onnx::read_model(onnx);
  auto impl = std::make_unique<Impl>();
  impl->plan = plan_network(model);
  impl->facts = read_facts(model, impl->plan);
  impl->kernels = &best_kernels();
  impl->id = next_id.fetch_add(1);
  return Network(std::move(impl));
}

Network Network::from_file(const std::string& path) {
  const auto content = onnx::read_file(path);
  try {
    return from_onnx(content);
  } catch (const Error& error) {
    throw Error(error.kind(), path + ": " + error.what());
  }
}

const NetworkFacts& Network::facts() const { return impl_->facts; }

std::int64_t Network::multiply_adds(int width_px) const {
  return impl_->plan.multiply_adds(impl_->plan.sizes(width_px));
}

int Network::run(std::span<const float> input, int batch, int width_px, Scratch& scratch,
                 std::vector<float>& scores) const {
  const auto& plan = impl_->plan;
  if (plan.fixed_width_px != 0 && width_px != plan.fixed_width_px) {
    throw Error(ErrorKind::invalid_argument, "the network takes inputs " +
                                                 std::to_string(plan.fixed_width_px) + " px wide, found " +
                                                 std::to_string(width_px));
  }
  if (width_px < 1 || width_px > kMaxInputWidthPx || width_px % impl_->facts.frame_stride_px != 0) {
    throw Error(ErrorKind::invalid_argument, "an input " + std::to_string(width_px) +
                                                 " px wide; expected a multiple of " +
                                                 std::to_string(impl_->facts.frame_stride_px) + " up to " +
                                                 std::to_string(kMaxInputWidthPx));
  }
  const auto pixels = static_cast<std::size_t>(plan.input_height_px) * static_cast<std::size_t>(width_px);
  if (batch < 0 || input.size() / pixels < static_cast<std::size_t>(batch)) {
    throw Error(ErrorKind::invalid_argument, "the input holds fewer than " + std::to_string(batch) +
                                                 " images of " + std::to_string(pixels) + " pixels");
  }
  auto& work = *scratch.impl_;
  impl_->prepare(width_px, batch, work);
  const auto frames =
      static_cast<std::size_t>(work.layout.values[static_cast<std::size_t>(plan.output)].size.width);
  scores.resize(static_cast<std::size_t>(batch) * frames * static_cast<std::size_t>(plan.class_count));
  float* to = scores.data();
  const auto grouped = static_cast<std::size_t>(plan.first_grouped_step);
  for (int first = 0; first < batch; first += work.layout.group) {
    const int images = std::min(work.layout.group, batch - first);
    for (int i = 0; i < images; ++i) {
      impl_->load_image(input.data() + static_cast<std::size_t>(first + i) * pixels, work, i);
      for (std::size_t s = 0; s < grouped; ++s) impl_->run_step(s, work, i, 1);
    }
    for (std::size_t s = grouped; s < plan.steps.size(); ++s) impl_->run_step(s, work, 0, images);
    for (int i = 0; i < images; ++i) to = impl_->store_scores(work, i, to);
  }
  return static_cast<int>(frames);
}

}  // namespace inkfield::recognizer
