// Runs the steps of a plan, one input after the other: an input's working memory stays in the cache, and no
// answer can depend on what else is in the batch.
#include "recognizer/engine/network.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <fstream>
#include <new>
#include <utility>

#include "recognizer/engine/kernels.h"
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

std::size_t plane_floats(const PlaneSize& size) { return static_cast<std::size_t>(size.height * size.width); }

}  // namespace

struct Network::Scratch::Impl {
  std::vector<FloatBuffer> slots;
  FloatBuffer padded;
  std::vector<std::int32_t> taps;
  // Sizes of the last run, kept while network and width stay the same.
  std::uint64_t plan_id = 0;
  int width_px = 0;
  std::vector<PlaneSize> sizes;
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

  // Copies the input of a convolution into a frame of zeros, so that its inner loop meets no border.
  const float* pad(const Step& step, const float* input, PlaneSize size, int planes, int lanes,
                   Scratch::Impl& scratch) const {
    const auto width = static_cast<std::size_t>(size.width) * static_cast<std::size_t>(lanes);
    const auto left = static_cast<std::size_t>(step.pad_left) * static_cast<std::size_t>(lanes);
    const auto right = static_cast<std::size_t>(step.pad_right) * static_cast<std::size_t>(lanes);
    const std::size_t row = left + width + right;
    const auto rows = static_cast<std::size_t>(size.height + step.pad_top + step.pad_bottom);
    float* to = scratch.padded.at_least(static_cast<std::size_t>(planes) * rows * row);
    float* const begin = to;
    for (int plane = 0; plane < planes; ++plane) {
      to = std::fill_n(to, static_cast<std::size_t>(step.pad_top) * row, 0.0F);
      for (std::int64_t y = 0; y < size.height; ++y) {
        to = std::fill_n(to, left, 0.0F);
        to = std::copy_n(input, width, to);
        to = std::fill_n(to, right, 0.0F);
        input += width;
      }
      to = std::fill_n(to, static_cast<std::size_t>(step.pad_bottom) * row, 0.0F);
    }
    return begin;
  }

  void convolve(const Step& step, const float* input, float* output, Scratch::Impl& scratch) const {
    const int channels = plan.values[static_cast<std::size_t>(step.input)].channels;
    const auto in = scratch.sizes[static_cast<std::size_t>(step.input)];
    const auto out = scratch.sizes[static_cast<std::size_t>(step.output)];
    const int lanes = step.input == 0 ? 1 : kLanes;
    const int planes = step.input == 0 ? 1 : block_count(channels);
    if (step.pad_top + step.pad_left + step.pad_bottom + step.pad_right > 0) {
      input = pad(step, input, in, planes, lanes, scratch);
    }
    const std::int64_t rows = in.height + step.pad_top + step.pad_bottom;
    const std::int64_t row = (in.width + step.pad_left + step.pad_right) * lanes;
    scratch.taps.clear();
    for (int c = 0; c < channels; ++c) {
      const std::int64_t plane = (c / lanes) * rows * row + c % lanes;
      for (int y = 0; y < step.kernel_height; ++y) {
        for (int x = 0; x < step.kernel_width; ++x) {
          scratch.taps.push_back(static_cast<std::int32_t>(plane + y * row + x * lanes));
        }
      }
    }
    ConvolutionTask task;
    task.input = input;
    task.weights = step.weights.data();
    task.bias = step.bias.data();
    task.output = output;
    task.taps = scratch.taps.data();
    task.tap_count = scratch.taps.size();
    task.input_row_step = static_cast<std::ptrdiff_t>(step.stride_y * row);
    task.input_column_step = std::ptrdiff_t{step.stride_x} * lanes;
    task.output_blocks = block_count(plan.values[static_cast<std::size_t>(step.output)].channels);
    task.output_height = static_cast<int>(out.height);
    task.output_width = static_cast<int>(out.width);
    task.relu = step.relu;
    kernels->convolve(task);
  }

  void pool(const Step& step, const float* input, float* output, const Scratch::Impl& scratch) const {
    const auto in = scratch.sizes[static_cast<std::size_t>(step.input)];
    const auto out = scratch.sizes[static_cast<std::size_t>(step.output)];
    PoolTask task;
    task.input = input;
    task.output = output;
    task.blocks = block_count(plan.values[static_cast<std::size_t>(step.output)].channels);
    task.input_height = static_cast<int>(in.height);
    task.input_width = static_cast<int>(in.width);
    task.output_height = static_cast<int>(out.height);
    task.output_width = static_cast<int>(out.width);
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

  void run_step(const Step& step, const float* image, Scratch::Impl& scratch) const {
    const auto data = [&](int value) -> const float* {
      return value == 0
                 ? image
                 : scratch.slots[static_cast<std::size_t>(plan.values[static_cast<std::size_t>(value)].slot)]
                       .data();
    };
    const auto& made = plan.values[static_cast<std::size_t>(step.output)];
    float* output = scratch.slots[static_cast<std::size_t>(made.slot)].data();
    const float* input = data(step.input);
    const std::size_t pixels = plane_floats(scratch.sizes[static_cast<std::size_t>(step.output)]);
    const int blocks = block_count(made.channels);
    const std::size_t count = static_cast<std::size_t>(blocks) * kLanes * pixels;
    switch (step.kind) {
      case StepKind::convolve:
        convolve(step, input, output, scratch);
        break;
      case StepKind::pool_largest:
      case StepKind::pool_mean:
      case StepKind::pool_global:
        pool(step, input, output, scratch);
        break;
      case StepKind::add:
        kernels->add(input, data(step.second_input), output, count, step.relu);
        break;
      case StepKind::scale_shift:
        kernels->scale_shift(input, step.weights.data(), step.bias.data(), output, blocks, pixels, step.relu);
        break;
      case StepKind::relu:
        kernels->relu(input, output, count);
        break;
      case StepKind::scale_shift_units:
        pointwise::scale_shift_units(input, step.weights.data(), step.bias.data(), output, count, step.relu);
        break;
      case StepKind::leaky_relu:
        pointwise::leaky_relu(input, step.weights.data(), output, blocks, pixels);
        break;
      case StepKind::clip:
        pointwise::clip(input, output, count, step.least, step.most);
        break;
      case StepKind::tanh:
        pointwise::tanh(input, output, count);
        break;
      case StepKind::sigmoid:
        pointwise::sigmoid(input, output, count);
        break;
      case StepKind::pad: {
        const auto in = scratch.sizes[static_cast<std::size_t>(step.input)];
        pointwise::pad(input, output, blocks,
                       {.height = static_cast<std::size_t>(in.height),
                        .width = static_cast<std::size_t>(in.width),
                        .top = static_cast<std::size_t>(step.pad_top),
                        .left = static_cast<std::size_t>(step.pad_left),
                        .bottom = static_cast<std::size_t>(step.pad_bottom),
                        .right = static_cast<std::size_t>(step.pad_right),
                        .value = step.least});
        break;
      }
      case StepKind::spread:
        std::fill_n(output, count, 0.0F);
        for (std::size_t p = 0; p < pixels; ++p) output[p * kLanes] = input[p];
        break;
    }
  }

  void prepare(int width_px, Scratch::Impl& scratch) const {
    if (scratch.plan_id == id && scratch.width_px == width_px) return;
    scratch.plan_id = 0;  // nothing half done is ever taken for ready
    scratch.sizes = plan.sizes(width_px);
    if (scratch.slots.size() < static_cast<std::size_t>(plan.slot_count)) {
      scratch.slots.resize(static_cast<std::size_t>(plan.slot_count));
    }
    for (std::size_t v = 1; v < plan.values.size(); ++v) {
      const auto& value = plan.values[v];
      if (value.slot < 0) continue;
      scratch.slots[static_cast<std::size_t>(value.slot)].at_least(
          static_cast<std::size_t>(block_count(value.channels)) * kLanes * plane_floats(scratch.sizes[v]));
    }
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
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(ErrorKind::not_found, "network file " + path + " cannot be opened");
  // Read in pieces: the size of a pipe or a device cannot be asked.
  std::vector<std::uint8_t> content;
  std::vector<char> piece(std::size_t{1} << 20U);
  while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())) || file.gcount() > 0) {
    content.insert(content.end(), piece.begin(), piece.begin() + file.gcount());
    if (content.size() > kMaxModelBytes) {
      throw Error(ErrorKind::invalid_model,
                  path + ": more than " + std::to_string(kMaxModelBytes) + " bytes");
    }
  }
  if (file.bad()) throw Error(ErrorKind::io_error, "network file " + path + " cannot be read");
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
  impl_->prepare(width_px, work);
  const auto out = work.sizes[static_cast<std::size_t>(plan.output)];
  const auto frames = static_cast<std::size_t>(out.width);
  const auto classes = static_cast<std::size_t>(plan.class_count);
  scores.resize(static_cast<std::size_t>(batch) * frames * classes);
  float* to = scores.data();
  for (int item = 0; item < batch; ++item) {
    const float* image = input.data() + static_cast<std::size_t>(item) * pixels;
    for (const auto& step : plan.steps) impl_->run_step(step, image, work);
    const float* from =
        work.slots[static_cast<std::size_t>(plan.values[static_cast<std::size_t>(plan.output)].slot)].data();
    for (std::size_t frame = 0; frame < frames; ++frame) {
      for (std::size_t c = 0; c < classes; ++c) {
        *to++ = from[((c / kLanes) * frames + frame) * kLanes + c % kLanes];
      }
    }
  }
  return static_cast<int>(frames);
}

}  // namespace inkfield::recognizer
