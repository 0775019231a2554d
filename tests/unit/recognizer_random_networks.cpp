// Sizes are followed while layers are drawn, so that each fits; what would not fit is left out.
#include "tests/unit/recognizer_random_networks.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "recognizer/engine/int8_ranges.h"
#include "recognizer/engine/kernels.h"
#include "recognizer/engine/network.h"
#include "tests/unit/recognizer_onnx_builder.h"

namespace inkfield::recognizer::test {
namespace {

class Choices {
 public:
  explicit Choices(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  /// From `least` to `most`; the least when the bytes are used up.
  int between(int least, int most) {
    const int byte = at_ < bytes_.size() ? bytes_[at_] : 0;
    ++at_;
    return least + byte % (most - least + 1);
  }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

class Drawing {
 public:
  explicit Drawing(std::span<const std::uint8_t> bytes) : choices_(bytes) {}

  RandomNetwork draw() {
    RandomNetwork network;
    network.height = height_ = choices_.between(8, 33);
    network.width = width_ = choices_.between(4, 67);
    onnx_.input("ink", {-1, 1, height_, width_});
    const int layers = choices_.between(1, 5);
    for (int layer = 0; layer < layers; ++layer) {
      convolve();
      if (choices_.between(0, 3) > 0) node("Relu", {});
      switch (choices_.between(0, 7)) {
        case 0:
        case 1:
          pool("MaxPool", 2, 2, 2, 2);
          break;
        case 2:
          pool("MaxPool", 2, 1, 2, 1);
          break;
        case 3:
          pool("MaxPool", 3, 3, 2, 2);
          break;
        case 4:
          pool("AveragePool", 2, 3, 1, 2);
          break;
        default:
          break;
      }
      if (choices_.between(0, 3) == 0) add_residual();
    }
    if (choices_.between(0, 2) == 0) {
      node("GlobalAveragePool", {});
      height_ = width_ = 1;
    }
    node("Flatten", {});
    const int inputs = channels_ * height_ * width_;
    onnx_.weights("last", {10, inputs}, scaled(10 * inputs, inputs))
        .node("Gemm", {value_, "last"}, {"scores"}, {{.name = "transB", .i = 1}})
        .output("scores", {-1, 10});
    network.onnx = onnx_.bytes();
    network.layers = text_;
    const auto plain = Network::from_onnx(network.onnx);
    Int8Ranges ranges(plain);
    ranges.add(random_ink(network, 2, 77), 2, network.width);
    const auto metadata = ranges.metadata();
    network.has_int8 = !metadata.empty();
    if (network.has_int8) network.onnx = onnx_.metadata("inkfield.int8", metadata).bytes();
    return network;
  }

 private:
  std::vector<float> scaled(int count, int taps) {
    auto values = seeded_values(static_cast<std::size_t>(count), ++seed_ * 131U);
    for (auto& value : values) value *= 2.0F / std::sqrt(static_cast<float>(taps));
    return values;
  }

  void node(const std::string& op, const std::vector<OnnxAttribute>& attributes,
            const std::vector<std::string>& more = {}) {
    std::vector<std::string> inputs = {value_};
    inputs.insert(inputs.end(), more.begin(), more.end());
    value_ = "v" + std::to_string(++count_);
    onnx_.node(op, inputs, {value_}, attributes);
    text_ += op + " ";
  }

  // Two convolutions around which the value also goes unchanged.
  void add_residual() {
    const std::string before = value_;
    const int channels = channels_;
    const int kernel = choices_.between(0, 1) == 0 ? 5 : 3;
    const int rows = choices_.between(0, 2) == 0 ? 3 : 1;
    const int pads[] = {rows / 2, kernel / 2, rows / 2, kernel / 2};
    convolve(rows, kernel, choices_.between(1, 70), 1, 1, pads);
    node("Relu", {});
    convolve(rows, kernel, channels, 1, 1, pads);
    if (choices_.between(0, 1) == 0) {
      node("Add", {}, {before});
    } else {
      const std::string branch = std::exchange(value_, before);
      node("Add", {}, {branch});
    }
    if (choices_.between(0, 3) > 0) node("Relu", {});
  }

  void convolve() {
    constexpr int kKernels[][2] = {{3, 3}, {1, 1}, {5, 5}, {4, 3}, {1, 3}, {3, 1}, {2, 2}, {7, 9}, {1, 5}};
    const auto& kernel = kKernels[choices_.between(0, 8)];
    const int outputs = choices_.between(1, 70);
    const int stride_y = choices_.between(0, 3) == 3 ? 2 : 1;
    const int stride_x = choices_.between(0, 5) == 5 ? 3 : choices_.between(0, 3) == 3 ? 2 : 1;
    int pads[4];
    for (int i = 0; i < 4; ++i)
      pads[i] = choices_.between(0, 1) == 0 ? kernel[i % 2] / 2 : choices_.between(0, 2);
    convolve(kernel[0], kernel[1], outputs, stride_y, stride_x, pads);
  }

  void convolve(int kernel_y, int kernel_x, int outputs, int stride_y, int stride_x, const int (&pads)[4]) {
    const int rows = height_ + pads[0] + pads[2] - kernel_y;
    const int columns = width_ + pads[1] + pads[3] - kernel_x;
    if (rows < 0 || columns < 0) return;
    const int taps = channels_ * kernel_y * kernel_x;
    const std::string name = std::to_string(++count_);
    add_weights("w" + name, {outputs, channels_, kernel_y, kernel_x}, scaled(outputs * taps, taps));
    onnx_.weights("b" + name, {outputs}, scaled(outputs, 16));
    node("Conv",
         {{.name = "strides", .ints = {{stride_y, stride_x}}},
          {.name = "pads", .ints = {{pads[0], pads[1], pads[2], pads[3]}}}},
         {"w" + name, "b" + name});
    height_ = rows / stride_y + 1;
    width_ = columns / stride_x + 1;
    channels_ = outputs;
    text_ += std::to_string(kernel_y) + "x" + std::to_string(kernel_x) + " to " +
             std::to_string(channels_) + " x " + std::to_string(height_) + " x " + std::to_string(width_) +
             ", ";
  }

  // As floats or as bytes, whose largest is any.
  void add_weights(const std::string& name, const std::vector<std::int64_t>& dims, const std::vector<float>& values) {
    if (choices_.between(0, 2) > 0) {
      onnx_.weights(name, dims, values);
      return;
    }
    const auto rows = static_cast<std::size_t>(dims[0]);
    const std::size_t size = values.size() / rows;
    std::vector<std::int32_t> bytes;
    std::vector<float> scales;
    for (std::size_t row = 0; row < rows; ++row) {
      const auto at = values.begin() + static_cast<std::ptrdiff_t>(row * size);
      const float largest = std::abs(*std::max_element(at, at + static_cast<std::ptrdiff_t>(size), [](float a, float b) {
        return std::abs(a) < std::abs(b);
      }));
      scales.push_back(largest / static_cast<float>(choices_.between(1, 127)));
      for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<std::int32_t>(std::lround(at[static_cast<std::ptrdiff_t>(i)] / scales[row])));
    }
    onnx_.byte_weights(name + "_bytes", dims, bytes)
        .weights(name + "_scale", {dims[0]}, scales)
        .node("DequantizeLinear", {name + "_bytes", name + "_scale"}, {name}, {{.name = "axis", .i = 0}});
  }

  void pool(const std::string& op, int kernel_y, int kernel_x, int stride_y, int stride_x) {
    if (height_ < kernel_y || width_ < kernel_x) return;
    node(op, {{.name = "kernel_shape", .ints = {{kernel_y, kernel_x}}},
              {.name = "strides", .ints = {{stride_y, stride_x}}}});
    height_ = (height_ - kernel_y) / stride_y + 1;
    width_ = (width_ - kernel_x) / stride_x + 1;
  }

  Choices choices_;
  OnnxBuilder onnx_;
  std::string value_ = "ink";
  std::string text_;
  int channels_ = 1, height_ = 0, width_ = 0;
  int count_ = 0;
  std::uint32_t seed_ = 0;
};

std::vector<float> scores_of(const Network& network, std::span<const float> ink, int batch, int width) {
  Network::Scratch scratch;
  std::vector<float> scores;
  network.run(ink, batch, width, scratch, scores);
  return scores;
}

/// The fastest kernels that take taps channels by channel, made to take them place by place: on every processor networks
/// are laid out both ways.
const Kernels& by_place_kernels() {
  static const Kernels& kOrdinary = **std::find_if(available_kernels().rbegin(), available_kernels().rend(),
                                                   [](const Kernels* kernels) { return !kernels->by_place; });
  static const Kernels kByPlace = [] {
    Kernels kernels = kOrdinary;
    kernels.name = "by place";
    kernels.by_place = true;
    kernels.convolve_winograd_int8 = nullptr;
    kernels.convolve_int8 = [](const Int8ConvolutionTask& task) {
      Int8ConvolutionTask each_tap = task;
      if (task.by_place) each_tap.kernel_width = 1;  // neighbouring taps are not a pixel apart
      kOrdinary.convolve_int8(each_tap);
    };
    return kernels;
  }();
  return kByPlace;
}

bool same_bits(std::span<const float> a, std::span<const float> b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

}  // namespace

RandomNetwork random_network(std::span<const std::uint8_t> choices) { return Drawing(choices).draw(); }

std::vector<float> random_ink(const RandomNetwork& network, int batch, std::uint32_t seed) {
  auto ink = seeded_values(
      static_cast<std::size_t>(batch) * static_cast<std::size_t>(network.height * network.width), seed);
  for (auto& value : ink) value = value < -0.2F ? 0.0F : value > 0.7F ? 1.0F : std::abs(value);
  return ink;
}

std::string compare_paths(const RandomNetwork& network, int batch, std::uint32_t seed) {
  const auto ink = random_ink(network, batch, seed);
  const auto pixels = static_cast<std::size_t>(network.height * network.width);
  for (const Precision precision : {Precision::float32, Precision::int8}) {
    if (precision == Precision::int8 && !network.has_int8) continue;
    std::vector<const Kernels*> tables(available_kernels().begin(), available_kernels().end());
    if (precision == Precision::int8) tables.push_back(&by_place_kernels());
    std::vector<float> first;
    for (const Kernels* kernels : tables) {
      const auto loaded = Network::from_onnx(network.onnx, {.precision = precision, .kernels = kernels});
      const auto found = scores_of(loaded, ink, batch, network.width);
      if (first.empty()) first = found;
      const std::string where =
          std::string(kernels->name) + (precision == Precision::int8 ? " int8" : " float32") + " on " +
          std::to_string(network.height) + " x " + std::to_string(network.width) + ": " + network.layers;
      if (!same_bits(found, first)) return "other scores by " + where;
      const int last = batch - 1;
      const auto alone = scores_of(loaded, std::span(ink).subspan(static_cast<std::size_t>(last) * pixels), 1,
                                   network.width);
      if (!same_bits(alone, std::span(first).last(alone.size()))) return "other scores alone by " + where;
    }
  }
  return {};
}

}  // namespace inkfield::recognizer::test
