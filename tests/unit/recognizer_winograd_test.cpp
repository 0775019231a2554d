// Convolutions in tiles: the same bits as plain loops on every processor, close to exact sums, and where they
// are chosen.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "recognizer/engine/kernels.h"
#include "recognizer/engine/network.h"
#include "recognizer/engine/winograd.h"
#include "tests/unit/recognizer_naive_loops.h"
#include "tests/unit/recognizer_onnx_builder.h"

namespace inkfield::recognizer {
namespace {

using test::OnnxBuilder;
using test::Planes;
using test::seeded_values;

/// A convolution of padding 1 over `images` planes, pooled or not, by one table of kernels; the answer has a
/// guard of nines after each row.
struct TiledConvolution {
  int side = 2, channels = 1, outputs = 1, height = 1, width = 1, images = 1, most_tiles = 4, pool_y = 1,
      pool_x = 1;
  bool relu = false;

  [[nodiscard]] int pooled_height() const { return height / pool_y; }
  [[nodiscard]] int pooled_width() const { return width / pool_x; }
  [[nodiscard]] std::vector<float> weights() const {
    return seeded_values(static_cast<std::size_t>(outputs * channels * 9), 3);
  }
  [[nodiscard]] std::vector<float> bias() const {
    return seeded_values(static_cast<std::size_t>(outputs), 4);
  }
  [[nodiscard]] Planes image(int i) const {
    Planes planes = test::planes(channels, height, width);
    planes.data = seeded_values(planes.data.size(), static_cast<std::uint32_t>(50 + i));
    return planes;
  }

  /// [image][output][row][column]
  [[nodiscard]] std::vector<float> by(const Kernels& kernels) const {
    const int in_blocks = block_count(channels);
    const int out_blocks = block_count(outputs);
    WinogradTask task;
    task.side = side;
    task.images = images;
    task.output_blocks = out_blocks;
    task.output_height = pooled_height();
    task.output_width = pooled_width();
    task.pool_height = pool_y;
    task.pool_width = pool_x;
    task.relu = relu;
    task.tile_rows = whole_tiles(pooled_height() * pool_y, side);
    task.tile_columns = whole_tiles(pooled_width() * pool_x, side);
    task.input_blocks = in_blocks;
    task.most_tiles = most_tiles;
    task.input_step = winograd_position_step(in_blocks, most_tiles);
    task.sum_step = winograd_position_step(out_blocks, most_tiles);

    const int rows = height + 2 + side;
    const int columns = width + 2 + side;
    std::vector<float> input(static_cast<std::size_t>(images * in_blocks * rows * columns * kLanes), 0.0F);
    task.input = {input.data(), std::ptrdiff_t{in_blocks} * rows * columns * kLanes,
                  std::ptrdiff_t{rows} * columns * kLanes, std::ptrdiff_t{columns} * kLanes};
    for (int i = 0; i < images; ++i) {
      const Planes planes = image(i);
      for (int c = 0; c < channels; ++c) {
        for (int y = 0; y < height; ++y) {
          for (int x = 0; x < width; ++x) {
            input[static_cast<std::size_t>(i * task.input.image_step + c / kLanes * task.input.block_step +
                                           (y + 1) * task.input.row_step + (x + 1) * kLanes + c % kLanes)] =
                planes.at(c, y, x);
          }
        }
      }
    }
    const auto reach = static_cast<std::size_t>(side + 2);
    const std::size_t position = static_cast<std::size_t>(out_blocks * channels) * kLanes;
    std::vector<float> transformed(reach * reach * position);
    auto plain = weights();
    plain.resize(static_cast<std::size_t>(out_blocks * kLanes * channels * 9), 0.0F);
    for (int block = 0; block < out_blocks; ++block) {
      transform_weights(side, plain.data() + block * kLanes * channels * 9,
                        static_cast<std::size_t>(channels), position,
                        transformed.data() + block * channels * kLanes);
    }
    task.weights = transformed.data();
    auto biases = bias();
    biases.resize(static_cast<std::size_t>(out_blocks * kLanes), 0.0F);
    task.bias = biases.data();
    std::vector<std::int32_t> taps;
    for (int c = 0; c < channels; ++c) taps.push_back(c / kLanes * most_tiles * kLanes + c % kLanes);
    task.taps = taps.data();
    task.tap_count = taps.size();
    std::vector<float> scratch(reach * reach * static_cast<std::size_t>(task.input_step + task.sum_step));
    task.tiles = scratch.data();
    task.sums = task.tiles + static_cast<std::ptrdiff_t>(reach * reach) * task.input_step;
    const int row = pooled_width() * kLanes + 7;
    std::vector<float> output(static_cast<std::size_t>(images * out_blocks * pooled_height() * row), 9.0F);
    task.output = {output.data(), std::ptrdiff_t{out_blocks} * pooled_height() * row,
                   std::ptrdiff_t{pooled_height()} * row, row};
    kernels.convolve_winograd(task);

    std::vector<float> found;
    for (int i = 0; i < images; ++i) {
      for (int o = 0; o < outputs; ++o) {
        for (int y = 0; y < pooled_height(); ++y) {
          const float* line =
              output.data() + i * task.output.image_step + o / kLanes * task.output.block_step + y * row;
          for (int x = 0; x < pooled_width(); ++x) found.push_back(line[x * kLanes + o % kLanes]);
          for (int guard = 0; guard < 7; ++guard) EXPECT_EQ(line[pooled_width() * kLanes + guard], 9.0F);
        }
      }
    }
    return found;
  }

  [[nodiscard]] std::vector<float> by_naive_loops() const {
    std::vector<float> wanted;
    for (int i = 0; i < images; ++i) {
      Planes out = test::naive_winograd(image(i), weights(), bias(), outputs, {3, 3, 1, 1, 1, 1, 1, 1}, side);
      out = test::naive_pool(out, {pool_y, pool_x, pool_y, pool_x}, true, false);
      for (const float value : out.data) wanted.push_back(relu && !(value > 0.0F) ? 0.0F : value);
    }
    return wanted;
  }
};

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

TEST(KernelsWinograd_Convolve, EveryProcessorPath_SameBitsAsNaiveLoops) {
  const TiledConvolution shapes[] = {
      {.channels = 1, .outputs = 1, .height = 1, .width = 1},
      {.channels = 3, .outputs = 17, .height = 5, .width = 7},
      {.channels = 16, .outputs = 16, .height = 8, .width = 9, .images = 3, .most_tiles = 7, .relu = true},
      {.channels = 33, .outputs = 70, .height = 7, .width = 6, .most_tiles = 5},
      {.channels = 18,
       .outputs = 64,
       .height = 8,
       .width = 8,
       .images = 2,
       .most_tiles = 29,
       .pool_y = 2,
       .pool_x = 2,
       .relu = true},
      {.channels = 20, .outputs = 33, .height = 7, .width = 11, .most_tiles = 4, .pool_y = 2, .pool_x = 1},
      {.channels = 5,
       .outputs = 40,
       .height = 9,
       .width = 5,
       .images = 2,
       .most_tiles = 6,
       .pool_y = 2,
       .pool_x = 2},
  };
  for (auto shape : shapes) {
    for (const int side : {2, 4}) {
      shape.side = side;
      const auto wanted = shape.by_naive_loops();
      for (const auto* kernels : available_kernels()) {
        SCOPED_TRACE(testing::Message()
                     << kernels->name << " side " << side << ", " << shape.channels << " to " << shape.outputs
                     << " x " << shape.height << " x " << shape.width);
        EXPECT_TRUE(same_bits(shape.by(*kernels), wanted));
      }
    }
  }
}

TEST(KernelsWinograd_Convolve, LongSums_AsCloseToExactOnesAsPlainSumsAre) {
  const TiledConvolution shape{.channels = 64, .outputs = 16, .height = 12, .width = 12, .most_tiles = 9};
  const auto exact = test::exact_convolution(shape.image(0), shape.weights(), shape.bias(), shape.outputs,
                                             {3, 3, 1, 1, 1, 1, 1, 1});
  const auto plain = test::naive_convolution(shape.image(0), shape.weights(), shape.bias(), shape.outputs,
                                             {3, 3, 1, 1, 1, 1, 1, 1});
  const auto error = [&](const std::vector<float>& found) {
    double sum = 0;
    for (std::size_t i = 0; i < exact.size(); ++i)
      sum += std::pow(static_cast<double>(found[i]) - exact[i], 2);
    return std::sqrt(sum / static_cast<double>(exact.size()));
  };
  for (const int side : {2, 4}) {
    auto tiled = shape;
    tiled.side = side;
    const double times = error(tiled.by(best_kernels())) / error(plain.data);
    RecordProperty(side == 2 ? "times_2" : "times_4", std::to_string(times));
    EXPECT_LT(times, side == 2 ? 1.0 : 3.0) << "side " << side;
  }
}

/// A convolution in int8 of padding 1, by plain sums and in tiles. Inputs and weights are random or as large
/// as can be.
struct Int8Convolution {
  int channels = 16, outputs = 16, height = 8, width = 8, images = 1, most_tiles = 5, pool_y = 1, pool_x = 1;
  bool extreme = false, to_bytes = true;

  [[nodiscard]] std::vector<std::uint8_t> by(const Kernels& kernels, bool in_tiles) const {
    const int in_blocks = block_count(channels);
    const int out_blocks = block_count(outputs);
    const int fours = (channels + kDot - 1) / kDot;
    const std::ptrdiff_t row_step = std::ptrdiff_t{width + 3} * kLanes;
    const std::ptrdiff_t block_step = (height + 3) * row_step;
    std::vector<std::uint8_t> input(static_cast<std::size_t>(images * in_blocks * block_step + kDot));
    const auto noise = seeded_values(input.size(), 8);
    for (int plane = 0; plane < images * in_blocks; ++plane) {
      for (int y = 1; y <= height; ++y) {
        for (int x = kLanes; x < (width + 1) * kLanes; ++x) {
          const auto at = static_cast<std::size_t>(plane * block_step + y * row_step + x);
          input[at] = extreme ? 255 : static_cast<std::uint8_t>((noise[at] + 1) * 127);
        }
      }
    }
    std::vector<std::int8_t> weights(static_cast<std::size_t>(out_blocks * fours * 9 * kLanes * kDot), 0);
    const auto values = seeded_values(weights.size(), 9);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const auto channel =
          i / (std::size_t{9} * kLanes * kDot) % static_cast<std::size_t>(fours) * kDot + i % kDot;
      if (channel >= static_cast<std::size_t>(channels)) continue;
      // One output channel of the largest weights, its neighbour of the smallest ones.
      weights[i] = static_cast<std::int8_t>(extreme ? (i / kDot % 2 == 0 ? 127 : -127)
                                                    : static_cast<int>(values[i] * 127));
    }
    std::vector<std::int32_t> bias(static_cast<std::size_t>(out_blocks * kLanes));
    for (std::size_t i = 0; i < bias.size(); ++i) bias[i] = static_cast<std::int32_t>(i) * 997 - 5000;
    const std::vector<float> scale(bias.size(), 1.0F / static_cast<float>(channels * 150));
    const int rows = height / pool_y;
    const int columns = width / pool_x;
    const std::ptrdiff_t size = std::ptrdiff_t{images} * out_blocks * rows * columns * kLanes;
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size), 9);
    std::vector<float> floats(static_cast<std::size_t>(size), 9.0F);

    Int8WinogradTask task;
    task.input = {input.data(), in_blocks * block_step, block_step, row_step};
    task.column_step = kLanes;
    task.kernel_width = 3;
    task.images = images;
    task.output_blocks = out_blocks;
    task.output_height = rows;
    task.output_width = columns;
    task.pool_height = pool_y;
    task.pool_width = pool_x;
    task.relu = to_bytes;
    task.bias = bias.data();
    task.scale = scale.data();
    const std::ptrdiff_t out_block = std::ptrdiff_t{rows} * columns * kLanes;
    if (to_bytes) {
      task.bytes = {bytes.data(), out_blocks * out_block, out_block, std::ptrdiff_t{columns} * kLanes};
    } else {
      task.floats = {floats.data(), out_blocks * out_block, out_block, std::ptrdiff_t{columns} * kLanes};
    }
    std::vector<std::int32_t> taps;
    std::vector<std::int16_t> pair_weights;
    std::vector<std::int32_t> scratch;
    if (in_tiles) {
      task.tile_rows = whole_tiles(rows * pool_y, 2);
      task.tile_columns = whole_tiles(columns * pool_x, 2);
      task.input_blocks = in_blocks;
      task.most_tiles = most_tiles;
      task.input_step = winograd_position_step(in_blocks, most_tiles);
      task.sum_step = winograd_position_step(out_blocks, most_tiles);
      const std::size_t position = static_cast<std::size_t>(out_blocks * fours * kDot) * kLanes;
      pair_weights.resize(16 * position);
      for (int block = 0; block < out_blocks; ++block) {
        transform_pair_weights(weights.data() + block * fours * 9 * kLanes * kDot,
                               static_cast<std::size_t>(fours * kDot), position,
                               pair_weights.data() + block * fours * kDot * kLanes);
      }
      task.pair_weights = pair_weights.data();
      for (int c = 0; c < fours * kDot; c += 2) taps.push_back(c / kLanes * most_tiles * kLanes + c % kLanes);
      scratch.resize(static_cast<std::size_t>(16 * (task.input_step + task.sum_step)));
      task.tiles = reinterpret_cast<std::int16_t*>(scratch.data());
      task.sums = scratch.data() + 16 * task.input_step;
    } else {
      for (int c = 0; c < channels; c += kDot) {
        for (int place = 0; place < 9; ++place) {
          taps.push_back(static_cast<std::int32_t>(c / kLanes * block_step + place / 3 * row_step +
                                                   place % 3 * kLanes + c % kLanes));
        }
      }
      task.weights = weights.data();
    }
    task.taps = taps.data();
    task.tap_count = taps.size();
    if (in_tiles) {
      kernels.convolve_winograd_int8(task);
    } else {
      kernels.convolve_int8(task);
    }
    if (to_bytes) return bytes;
    bytes.resize(floats.size() * sizeof(float));
    std::memcpy(bytes.data(), floats.data(), bytes.size());
    return bytes;
  }
};

TEST(KernelsWinograd_Int8, OddShapesAndExtremes_SameBitsAsPlainSums) {
  const Int8Convolution shapes[] = {
      {},
      {.channels = 1, .outputs = 5, .height = 1, .width = 1},
      {.channels = 18, .outputs = 33, .height = 5, .width = 7, .images = 2, .to_bytes = false},
      {.channels = 64,
       .outputs = 70,
       .height = 7,
       .width = 8,
       .images = 3,
       .most_tiles = 11,
       .pool_y = 2,
       .pool_x = 1},
      {.channels = 30, .outputs = 16, .height = 9, .width = 6, .pool_y = 2, .pool_x = 2, .to_bytes = false},
      {.channels = 1024, .outputs = 16, .height = 4, .width = 5, .extreme = true, .to_bytes = false},
      {.channels = 16, .outputs = 32, .height = 6, .width = 6, .extreme = true},
  };
  for (const auto* kernels : available_kernels()) {
    if (kernels->convolve_winograd_int8 == nullptr) continue;
    for (const auto& shape : shapes) {
      SCOPED_TRACE(testing::Message() << kernels->name << ' ' << shape.channels << " to " << shape.outputs
                                      << " x " << shape.height << " x " << shape.width);
      EXPECT_EQ(shape.by(*kernels, true), shape.by(*available_kernels()[0], false));
    }
  }
}

/// A digit's network whose second layer is looked at; the first one leaves planes of `size`.
struct SecondLayer {
  int size = 32, shrunk = 1, channels = 16, outputs = 16, kernel = 3, stride = 1;

  [[nodiscard]] std::string in_words() const {
    OnnxBuilder onnx;
    const auto ones = [](int count) { return std::vector<float>(static_cast<std::size_t>(count), 0.5F); };
    onnx.input("ink", {1, 1, size * shrunk, size * shrunk})
        .weights("w1", {channels, 1, 1, 1}, ones(channels))
        .weights("w2", {outputs, channels, kernel, kernel}, ones(outputs * channels * kernel * kernel))
        .weights("w3", {10, outputs}, ones(10 * outputs))
        .node("Conv", {"ink", "w1"}, {"a"}, {{.name = "strides", .ints = {{shrunk, shrunk}}}})
        .node("Conv", {"a", "w2"}, {"b"},
              {{.name = "pads", .ints = {{kernel / 2, kernel / 2, kernel / 2, kernel / 2}}},
               {.name = "strides", .ints = {{stride, stride}}}})
        .node("GlobalAveragePool", {"b"}, {"c"})
        .node("Flatten", {"c"}, {"d"})
        .node("Gemm", {"d", "w3"}, {"scores"}, {{.name = "transB", .i = 1}})
        .output("scores", {1, 10});
    return Network::from_onnx(onnx.bytes()).facts().layers.at(1);
  }
};

TEST(EngineWinograd_Choice, LargeAndSmallPlanes_TilesThatCostLeast) {
  EXPECT_THAT(SecondLayer{}.in_words(), testing::EndsWith(" Winograd 4x4"));
  EXPECT_THAT((SecondLayer{.size = 4, .shrunk = 4, .channels = 64, .outputs = 64}.in_words()),
              testing::EndsWith(" Winograd 2x2"));
  EXPECT_THAT((SecondLayer{.size = 2, .shrunk = 8, .channels = 64, .outputs = 64}.in_words()),
              testing::Not(testing::HasSubstr("Winograd")));
}

TEST(EngineWinograd_Choice, OtherKernelsAndStrides_PlainSums) {
  EXPECT_THAT((SecondLayer{.kernel = 5}.in_words()), testing::Not(testing::HasSubstr("Winograd")));
  EXPECT_THAT((SecondLayer{.kernel = 1}.in_words()), testing::Not(testing::HasSubstr("Winograd")));
  EXPECT_THAT((SecondLayer{.stride = 2}.in_words()), testing::Not(testing::HasSubstr("Winograd")));
}

// Tiles and weights of so many channels would leave the caches.
TEST(EngineWinograd_Choice, TooManyChannelsForTheCache_PlainSums) {
  EXPECT_THAT((SecondLayer{.size = 8, .channels = 600, .outputs = 600}.in_words()),
              testing::Not(testing::HasSubstr("Winograd")));
}

}  // namespace
}  // namespace inkfield::recognizer
