// The same bits from every processor's kernels, in floats and in bytes, from single loops through to the
// confidence of a reading.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>

#include "recognizer/decoding/number_reader.h"
#include "recognizer/engine/int8_ranges.h"
#include "recognizer/engine/kernels.h"
#include "recognizer/engine/network.h"
#include "recognizer/error.h"
#include "tests/unit/recognizer_onnx_builder.h"
#include "tests/unit/recognizer_random_networks.h"

namespace inkfield::recognizer {
namespace {

using test::OnnxBuilder;
using test::seeded_values;

std::vector<std::uint8_t> seeded_bytes(std::size_t count, std::uint32_t seed) {
  std::vector<std::uint8_t> bytes(count);
  for (auto& byte : bytes) {
    seed = seed * 1664525U + 1013904223U;
    byte = static_cast<std::uint8_t>(seed >> 24U);
  }
  return bytes;
}

std::uint8_t nearest_byte(float value) {
  return static_cast<std::uint8_t>(std::nearbyint(std::min(std::max(value, 0.0F), 255.0F)));
}

TEST(KernelsInt8_Convolve, EveryProcessorPath_SameAsNaiveSums) {
  // By place, the four taps of a place are side by side, and `kernel_width` places; else so many taps are a pixel apart.
  struct Shape {
    int taps, kernel_width, step, pool_height, pool_width;
    bool by_place = false;
  };
  const Shape shapes[] = {{1, 1, 16, 1, 1},       {3, 1, 1, 1, 1},        {9, 3, 16, 1, 1},       {37, 1, 32, 1, 1},
                          {9, 3, 16, 2, 2},       {12, 3, 16, 2, 1},      {7, 1, 16, 2, 2},       {4, 1, 16, 1, 1, true},
                          {36, 3, 16, 1, 1, true}, {24, 3, 16, 2, 2, true}, {20, 5, 16, 2, 1, true}, {40, 10, 32, 1, 1, true},
                          {52, 13, 16, 1, 1, true}};
  constexpr int kRow = 1600;
  constexpr int kBlocks = 5;
  auto input = seeded_bytes(std::size_t{10} * kRow, 1);
  auto weights_bytes = seeded_bytes(std::size_t{kBlocks} * 52 * kLanes * kDot, 2);
  // The extremes that a 16-bit sum of two products cannot hold.
  for (std::size_t i = 0; i < input.size(); i += 3) input[i] = 255;
  for (std::size_t i = 0; i < weights_bytes.size(); i += 2) weights_bytes[i] = i % 4 == 0 ? 127 : 129;
  std::vector<std::int8_t> weights(weights_bytes.size());
  std::memcpy(weights.data(), weights_bytes.data(), weights.size());
  std::vector<std::int32_t> bias;
  for (int i = 0; i < kBlocks * kLanes; ++i) bias.push_back((i * 7919) % 20000 - 10000);
  auto scale = seeded_values(kBlocks * kLanes, 4);
  for (auto& value : scale) value = std::abs(value) * 0.01F;
  for (const auto& shape : shapes) {
    std::vector<std::int32_t> taps;
    for (int t = 0; t < shape.taps; ++t) {
      const int along = t % ((shape.by_place ? kLanes / kDot : 1) * shape.kernel_width);
      taps.push_back((t - along) * 7 % 60 + along * (shape.by_place ? kDot : kLanes));
    }
    for (int width = 1; width <= 67; width += width < 16 ? 1 : 17) {
      for (const int blocks : {1, 2, kBlocks}) {
        const int height = 1 + width % 3;
        const int row = width * kLanes + 5;
        const auto size = static_cast<std::size_t>(2 * blocks * height * row);
        std::vector<std::uint8_t> wanted(size, 9);
        std::vector<float> wanted_floats(size, 9.0F);
        for (int image = 0; image < 2; ++image) {
          for (int b = 0; b < blocks; ++b) {
            for (int y = 0; y < height; ++y) {
              for (int x = 0; x < width; ++x) {
                for (int lane = 0; lane < kLanes; ++lane) {
                  std::int32_t best = std::numeric_limits<std::int32_t>::min();
                  for (int py = 0; py < shape.pool_height; ++py) {
                    for (int px = 0; px < shape.pool_width; ++px) {
                      std::int32_t sum = bias[static_cast<std::size_t>(b * kLanes + lane)];
                      for (int t = 0; t < shape.taps; ++t) {
                        const int at = image * 3 * kRow + (y * shape.pool_height + py) * kRow / 2 +
                                       (x * shape.pool_width + px) * shape.step +
                                       taps[static_cast<std::size_t>(t)];
                        const int w = ((b * shape.taps + t) * kLanes + lane) * kDot;
                        for (int k = 0; k < kDot; ++k) {
                          sum += input[static_cast<std::size_t>(at + k)] *
                                 weights[static_cast<std::size_t>(w + k)];
                        }
                      }
                      best = std::max(best, sum);
                    }
                  }
                  const float value =
                      static_cast<float>(best) * scale[static_cast<std::size_t>(b * kLanes + lane)];
                  const auto to =
                      static_cast<std::size_t>(((image * blocks + b) * height + y) * row + x * kLanes + lane);
                  wanted[to] = nearest_byte(value);
                  wanted_floats[to] = width % 2 == 0 ? std::max(value, 0.0F) : value;
                }
              }
            }
          }
        }
        for (const auto* table : available_kernels()) {
          Int8ConvolutionTask task;
          task.input = {input.data(), 3 * kRow, 0, kRow / 2};
          task.column_step = shape.step;
          task.weights = weights.data();
          task.bias = bias.data();
          task.scale = scale.data();
          task.taps = taps.data();
          task.tap_count = taps.size();
          task.by_place = shape.by_place && table->by_place;
          task.kernel_width = shape.by_place && !table->by_place ? 1 : shape.kernel_width;
          task.images = 2;
          task.output_blocks = blocks;
          task.output_height = height;
          task.output_width = width;
          task.pool_height = shape.pool_height;
          task.pool_width = shape.pool_width;
          task.relu = width % 2 == 0;
          std::vector<std::uint8_t> bytes(size, 9);
          task.bytes = {bytes.data(), blocks * height * row, height * row, row};
          table->convolve_int8(task);
          ASSERT_EQ(bytes, wanted) << table->name << " width " << width << " taps " << shape.taps;
          std::vector<float> floats(size, 9.0F);
          task.bytes = {};
          task.floats = {floats.data(), blocks * height * row, height * row, row};
          table->convolve_int8(task);
          ASSERT_EQ(floats, wanted_floats) << table->name << " width " << width << " taps " << shape.taps;
        }
      }
    }
  }
}

TEST(KernelsInt8_Quantise, EveryProcessorPath_NearestEvenWithinLimits) {
  std::vector<float> values = {
      0.0F,   -0.0F, 0.5F,   1.5F,  2.5F,        254.5F,     255.0F,
      255.4F, 1e30F, -1e30F, -0.1F, 0.49999997F, 3.4999998F, std::numeric_limits<float>::quiet_NaN()};
  for (const float value : seeded_values(1001, 3)) values.push_back(value * 300.0F);
  for (const float scale : {1.0F, 0.37F}) {
    std::vector<std::uint8_t> wanted;
    for (const float value : values) wanted.push_back(std::isnan(value) ? 0 : nearest_byte(value * scale));
    for (const auto* table : available_kernels()) {
      std::vector<std::uint8_t> found(values.size());
      table->quantise(values.data(), scale, found.data(), values.size());
      EXPECT_EQ(found, wanted) << table->name;
    }
  }
}

TEST(EnginePaths_RandomNetworks, EveryProcessorPathAndBatch_SameBits) {
#ifdef __SANITIZE_ADDRESS__
  constexpr std::uint32_t kNetworks = 25;  // a minute less; bits that differ show without the sanitizer
#else
  constexpr std::uint32_t kNetworks = 100;
#endif
  std::uint32_t with_int8 = 0;
  for (std::uint32_t seed = 1; seed <= kNetworks; ++seed) {
    const auto network = test::random_network(seeded_bytes(120, seed * 77U));
    with_int8 += network.has_int8 ? 1 : 0;
    const int batches[] = {1, 2, 3, 65};
    // A large batch only now and then: the plainest path takes its time.
    const int batch = seed % 25 == 0 ? 65 : batches[seed % 3];
    EXPECT_EQ(test::compare_paths(network, batch, seed), "") << "seed " << seed << " batch " << batch;
  }
  EXPECT_GT(with_int8, kNetworks * 7 / 10);
}

/// The small line network with ranges measured on some ink.
std::vector<std::uint8_t> line_network_with_ranges() {
  auto onnx = test::small_line_network();
  const auto network = Network::from_onnx(onnx.bytes());
  Int8Ranges ranges(network);
  auto ink = seeded_values(std::size_t{4} * 32 * 64, 5);
  for (auto& value : ink) value = std::abs(value);
  ranges.add(ink, 4, 64);
  EXPECT_NE(ranges.metadata(), "");
  return onnx.metadata("inkfield.int8", ranges.metadata()).bytes();
}

TEST(KernelsWeights_Pack, EveryProcessorPath_EachWeightInItsPlace) {
  struct Shape {
    std::size_t channels, places;
  };
  // More channels than whole fours, kernels of any size, single weights.
  const Shape shapes[] = {{16, 9}, {5, 9}, {1, 1}, {7, 1}, {6, 3}, {3, 4}, {33, 5}, {18, 25}};
  constexpr std::int8_t kUntouched = 99;
  for (const auto& [channels, places] : shapes) {
    auto weights = seeded_values(channels * places, 7);
    for (float& weight : weights) weight *= 100.0F;
    weights.front() = 127;
    weights.back() = -126.5F;  // of two neighbours the larger one
    for (const Kernels* kernels : available_kernels()) {
      PackingTask task{.weights = weights.data(), .count = weights.size(), .places = places, .factor = 1};
      ASSERT_EQ(task.taps(), (channels + 3) / 4 * places);
      std::vector<std::int8_t> packed(task.taps() * kLanes * kDot, kUntouched);
      std::vector<std::int32_t> scratch(task.taps() * kDot);
      task.output = packed.data();
      task.scratch = scratch.data();
      kernels->pack_weights(task);
      for (std::size_t i = 0; i < packed.size(); ++i) {
        const std::size_t tap = i / (kLanes * kDot);
        const std::size_t part = i % (kLanes * kDot);
        const std::size_t channel = tap / places * kDot + part;
        const double weight = channel < channels ? static_cast<double>(weights[channel * places + tap % places]) : 0.0;
        const double wanted = part < kDot ? std::floor(weight + 0.5) : kUntouched;
        ASSERT_EQ(packed[i], static_cast<std::int8_t>(wanted)) << kernels->name << ' ' << channels << " x " << places << " at " << i;
      }
      // The same where they are bytes already.
      std::vector<std::int8_t> bytes;
      for (const float weight : weights) bytes.push_back(static_cast<std::int8_t>(std::floor(weight + 0.5F)));
      const auto from_floats = packed;
      packed.assign(packed.size(), kUntouched);
      task.weights = nullptr;
      task.bytes = bytes.data();
      kernels->pack_weights(task);
      ASSERT_EQ(packed, from_floats) << kernels->name << ' ' << channels << " x " << places;
      // Four taps of each place side by side, the last ones of zeros.
      task.beside = 4;
      const std::size_t blocks = (channels + 15) / 16;
      ASSERT_EQ(task.taps(), blocks * 4 * places);
      std::vector<std::int8_t> by_place(task.taps() * kLanes * kDot, kUntouched);
      scratch.resize(task.taps() * kDot);
      task.output = by_place.data();
      task.scratch = scratch.data();
      kernels->pack_weights(task);
      for (std::size_t four = 0; four < blocks * 4; ++four) {
        for (std::size_t place = 0; place < places; ++place) {
          const std::int8_t* found = by_place.data() + ((four / 4 * places + place) * 4 + four % 4) * kLanes * kDot;
          const bool real = four < (channels + 3) / 4;
          for (std::size_t k = 0; k < kDot; ++k) {
            ASSERT_EQ(found[k], real ? from_floats[(four * places + place) * kLanes * kDot + k] : 0)
                << kernels->name << ' ' << channels << " x " << places << ", four " << four << " at " << place;
          }
          ASSERT_EQ(found[kDot], kUntouched);
        }
      }
    }
  }
}

TEST(KernelsWeights_LargestSize, EveryProcessorPath_OfAnyCount) {
  const auto values = seeded_values(100, 3);
  for (const Kernels* kernels : available_kernels()) {
    EXPECT_EQ(kernels->largest_size(values.data(), 0), 0.0F);
    float largest = 0;
    for (std::size_t count = 1; count <= values.size(); ++count) {
      largest = std::max(largest, std::abs(values[count - 1]));
      ASSERT_EQ(kernels->largest_size(values.data(), count), largest) << kernels->name << ", " << count;
    }
    for (const std::size_t at : {std::size_t{0}, std::size_t{50}, values.size() - 1}) {
      for (const float odd : {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
        auto with_it = values;
        with_it[at] = odd;
        EXPECT_FALSE(std::isfinite(kernels->largest_size(with_it.data(), with_it.size()))) << kernels->name << ", " << odd << " at " << at;
      }
    }
  }
}

TEST(EnginePaths_NumberReader, EveryProcessorPath_SameConfidence) {
  const auto file = line_network_with_ranges();
  std::vector<std::uint8_t> ink(std::size_t{60} * 150);
  for (int x = 20; x < 130; ++x) {
    for (int y = 10; y < 50; ++y) {
      if ((x / 9 + y / 13) % 3 == 0)
        ink[static_cast<std::size_t>(y * 150 + x)] = static_cast<std::uint8_t>(120 + x);
    }
  }
  const ImageView view{ink.data(), 150, 60, 150};
  const ImageView cells[] = {view, ImageView{ink.data() + 20, 40, 60, 150}};
  for (const Precision precision : {Precision::float32, Precision::int8}) {
    std::vector<NumberReading> first;
    for (const Kernels* kernels : available_kernels()) {
      const NumberReader reader(std::make_shared<const Network>(
          Network::from_onnx(file, {.precision = precision, .kernels = kernels})));
      NumberReader::Scratch scratch;
      const auto any = Automaton::digits(1, 12);
      std::vector<NumberReading> found = {reader.read_line(view, 50.0F, any, scratch),
                                          reader.read_cells(cells, 50.0F, any, scratch)};
      if (first.empty()) first = found;
      for (std::size_t i = 0; i < found.size(); ++i) {
        EXPECT_EQ(std::bit_cast<std::uint64_t>(found[i].confidence),
                  std::bit_cast<std::uint64_t>(first[i].confidence))
            << kernels->name;
        EXPECT_EQ(std::bit_cast<std::uint64_t>(found[i].empty_probability),
                  std::bit_cast<std::uint64_t>(first[i].empty_probability));
        EXPECT_EQ(found[i].raw_text, first[i].raw_text);
        ASSERT_EQ(found[i].candidates.size(), first[i].candidates.size());
        ASSERT_FALSE(found[i].candidates.empty());
        for (std::size_t c = 0; c < found[i].candidates.size(); ++c) {
          EXPECT_EQ(found[i].candidates[c].text, first[i].candidates[c].text);
          EXPECT_EQ(found[i].candidates[c].probability, first[i].candidates[c].probability);
        }
      }
    }
  }
}

TEST(EngineInt8_Scores, RandomNetworks_CloseToFloats) {
  // Bytes lose little: the scores of a few layers stay within a twentieth of their spread.
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    const auto random = test::random_network(seeded_bytes(120, seed * 991U));
    if (!random.has_int8) continue;
    const auto ink = test::random_ink(random, 2, 77);  // what the ranges were measured on
    std::vector<float> floats;
    std::vector<float> bytes;
    Network::Scratch scratch;
    Network::from_onnx(random.onnx).run(ink, 2, random.width, scratch, floats);
    Network::from_onnx(random.onnx, {.precision = Precision::int8}).run(ink, 2, random.width, scratch, bytes);
    const auto [least, most] = std::minmax_element(floats.begin(), floats.end());
    for (std::size_t i = 0; i < floats.size(); ++i) {
      EXPECT_NEAR(bytes[i], floats[i], 0.05F * (*most - *least) + 0.01F) << "seed " << seed << ": " << random.layers;
    }
  }
}

TEST(EngineInt8_Residual, PairsOfConvolutions_RunInBytesAroundOneAddition) {
  OnnxBuilder onnx;
  onnx.input("ink", {-1, 1, 8, -1});
  std::string value = "ink";
  int channels = 1;
  const auto convolve = [&](const std::string& id, int rows, int columns, int outputs) {
    const int taps = channels * rows * columns;
    auto weights = seeded_values(static_cast<std::size_t>(outputs * taps), static_cast<std::uint32_t>(taps));
    for (auto& weight : weights) weight *= 2.0F / std::sqrt(static_cast<float>(taps));
    onnx.weights("w" + id, {outputs, channels, rows, columns}, weights)
        .node("Conv", {value, "w" + id}, {"c" + id}, {{.name = "pads", .ints = {{0, columns / 2, 0, columns / 2}}}});
    value = "c" + id;
    channels = outputs;
  };
  const auto rectify = [&](const std::string& id) {
    onnx.node("Relu", {value}, {"r" + id});
    value = "r" + id;
  };
  convolve("0", 8, 3, 40);
  rectify("0");
  for (const std::string pair : {"1", "2"}) {
    const std::string before = value;
    convolve(pair + "a", 1, 5, 20);
    rectify(pair + "a");
    convolve(pair + "b", 1, 5, 40);
    onnx.node("Add", {value, before}, {"s" + pair});
    value = "s" + pair;
    rectify(pair + "b");
  }
  convolve("last", 1, 1, 10);
  onnx.output(value, {-1, 10, 1, -1})
      .metadata("inkfield.alphabet", "012345678")
      .metadata("inkfield.input", R"({"height_px":8,"frame_stride_px":1,"layout":"line"})");
  const auto plain = Network::from_onnx(onnx.bytes());
  auto ink = seeded_values(8 * 40, 6);
  for (auto& pixel : ink) pixel = std::abs(pixel);
  Int8Ranges ranges(plain);
  ranges.add(ink, 1, 40);
  const auto bytes = Network::from_onnx(onnx.metadata("inkfield.int8", ranges.metadata()).bytes(),
                                        {.precision = Precision::int8});
  const std::vector<std::string> layers = {"Conv 8x3 1->40 stride 1 pad 0x1 int8 + Relu",
                                           "To int8",
                                           "Conv 1x5 40->20 stride 1 pad 0x2 int8 + Relu",
                                           "Conv 1x5 20->40 stride 1 pad 0x2 int8",
                                           "Add + Relu",
                                           "To int8",
                                           "Conv 1x5 40->20 stride 1 pad 0x2 int8 + Relu",
                                           "Conv 1x5 20->40 stride 1 pad 0x2 int8",
                                           "Add + Relu",
                                           "Conv 1x1 40->10 stride 1 pad 0"};
  EXPECT_EQ(bytes.facts().layers, layers);
  Network::Scratch scratch;
  std::vector<float> wanted;
  std::vector<float> found;
  plain.run(ink, 1, 40, scratch, wanted);
  bytes.run(ink, 1, 40, scratch, found);
  const float largest = std::abs(*std::max_element(wanted.begin(), wanted.end()));
  for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(found[i], wanted[i], 0.05F * largest);
}

ErrorKind kind_of_failure(const std::vector<std::uint8_t>& file) {
  try {
    (void)Network::from_onnx(file, {.precision = Precision::int8});
  } catch (const Error& error) {
    return error.kind();
  }
  ADD_FAILURE() << "no error";
  return ErrorKind::internal;
}

TEST(EngineInt8_Ranges, MissingOrWrong_ClearErrors) {
  EXPECT_EQ(kind_of_failure(test::small_line_network().bytes()), ErrorKind::unavailable);
  for (const char* lie : {R"({"version":1,"ranges":{"nothing":1}})", R"({"version":1,"ranges":{"scores":1}})",
                          R"({"version":2,"ranges":{"ink":1}})", R"({"version":1,"ranges":{"ink":-1}})",
                          R"({"version":1,"ranges":{"ink":0}})", R"({"version":1,"ranges":[1]})",
                          R"({"version":1})", "ranges", R"({"version":1,"ranges":{"ink":1e9}})"}) {
    auto onnx = test::small_line_network();
    EXPECT_EQ(kind_of_failure(onnx.metadata("inkfield.int8", lie).bytes()), ErrorKind::invalid_model) << lie;
  }
}

TEST(EngineInt8_Facts, WithRanges_SayWhichLayersAreBytes) {
  const auto file = line_network_with_ranges();
  const auto network = Network::from_onnx(file, {.precision = Precision::int8});
  EXPECT_EQ(network.facts().precision, Precision::int8);
  ASSERT_EQ(network.facts().int8_ranges.size(), 1U);  // the last convolution stays in floats
  EXPECT_EQ(network.facts().int8_ranges[0].first, "ink");
  EXPECT_EQ(network.facts().layers[0], "Conv 3x3 1->5 stride 1 pad 1 int8 + Relu");
  EXPECT_EQ(network.facts().layers.back(), "Conv 8x1 5->17 stride 1 pad 0");
}

}  // namespace
}  // namespace inkfield::recognizer
