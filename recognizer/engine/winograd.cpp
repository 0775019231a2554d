#include "recognizer/engine/winograd.h"

#include <array>

namespace inkfield::recognizer {
namespace {

constexpr int kFewestTiles = 4;
constexpr int kKernel = 3;

// Vectors of kLanes that a tile's transform loads, computes and stores, in the time of a multiplication each.
std::int64_t input_transform(int side) { return side == 2 ? 64 : 220; }
std::int64_t output_transform(int side) { return side == 2 ? 50 : 190; }
// A vector of weights, which one digit meets once in a while: in the second cache it costs 3, from the third one 17.
constexpr std::int64_t kWeightCost = 8;

// 255 x 127 x 9 of so many channels, four times, fit in 32 bits.
constexpr int kMostInt8Channels = 1024;

template <int kReach>
using Matrix = std::array<std::array<double, kKernel>, kReach>;

constexpr Matrix<4> kTwo = {{{1, 0, 0}, {0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0, 0, 1}}};

// Row of the point x: its powers over the product of its distances from the other points.
constexpr Matrix<6> of_four() {
  constexpr double p = kWinogradP;
  constexpr double q = kWinogradQ;
  constexpr double at_p = 2 * p * p * (p * p - q * q);
  constexpr double at_q = 2 * q * q * (q * q - p * p);
  return {{{1 / (p * p * q * q), 0, 0},
           {1 / at_p, p / at_p, p * p / at_p},
           {1 / at_p, -p / at_p, p * p / at_p},
           {1 / at_q, q / at_q, q * q / at_q},
           {1 / at_q, -q / at_q, q * q / at_q},
           {0, 0, 1}}};
}
constexpr Matrix<6> kFour = of_four();

template <int kReach>
void transform(const Matrix<kReach>& matrix, const float* weights, std::size_t channels,
               std::size_t position_step, float* to) {
  constexpr std::size_t kTaps = std::size_t{kKernel} * kKernel;
  for (std::size_t c = 0; c < channels; ++c) {
    double plain[kTaps][kLanes];
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      for (std::size_t tap = 0; tap < kTaps; ++tap) {
        plain[tap][lane] = static_cast<double>(weights[(lane * channels + c) * kTaps + tap]);
      }
    }
    double half[kReach][kKernel][kLanes];
    for (std::size_t y = 0; y < kReach; ++y) {
      for (std::size_t x = 0; x < kKernel; ++x) {
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
          half[y][x][lane] = matrix[y][0] * plain[x][lane] + matrix[y][1] * plain[kKernel + x][lane] +
                             matrix[y][2] * plain[2 * kKernel + x][lane];
        }
      }
    }
    for (std::size_t y = 0; y < kReach; ++y) {
      for (std::size_t x = 0; x < kReach; ++x) {
        float* at = to + (y * kReach + x) * position_step + c * kLanes;
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
          at[lane] = static_cast<float>(half[y][0][lane] * matrix[x][0] + half[y][1][lane] * matrix[x][1] +
                                        half[y][2][lane] * matrix[x][2]);
        }
      }
    }
  }
}

}  // namespace

int cheapest_winograd_side(const Step& step, const PlanValue& input, int output_blocks, PlaneSize outputs) {
  if (step.kernel_height != kKernel || step.kernel_width != kKernel) return 0;
  if (step.stride_y != 1 || step.stride_x != 1 || input.lanes != kLanes) return 0;
  const int input_blocks = block_count(input.channels);
  const std::int64_t pairs = std::int64_t{input.channels} * output_blocks;
  std::int64_t least = kKernel * kKernel * pairs * (outputs.height * outputs.width + kWeightCost);
  int best = 0;
  for (const int side : {2, 4}) {
    if (input.bytes && (side != 2 || input.channels > kMostInt8Channels)) continue;
    if (winograd_tiles(side, input_blocks, output_blocks) < kFewestTiles) continue;
    const std::int64_t tiles =
        std::int64_t{whole_tiles(outputs.height, side)} * whole_tiles(outputs.width, side);
    const std::int64_t cost =
        winograd_positions(side) * pairs * (tiles + kWeightCost) +
        tiles * (input_blocks * input_transform(side) + output_blocks * output_transform(side));
    if (cost >= least) continue;
    least = cost;
    best = side;
  }
  return best;
}

int winograd_tiles(int side, int input_blocks, int output_blocks) {
  // Each position has a cache line more than its tiles take: a power of two apart, all would share one set of
  // the first cache.
  const std::int64_t lines =
      kWinogradBytes / (kLanes * std::int64_t{sizeof(float)}) / winograd_positions(side) - 2;
  return static_cast<int>(lines / (std::int64_t{input_blocks} + output_blocks));
}

std::ptrdiff_t winograd_position_step(int blocks, int tiles) {
  return (std::ptrdiff_t{blocks} * tiles + 1) * kLanes;
}

void transform_weights(int side, const float* weights, std::size_t channels, std::size_t position_step,
                       float* to) {
  if (side == 2) return transform<4>(kTwo, weights, channels, position_step, to);
  transform<6>(kFour, weights, channels, position_step, to);
}

void transform_pair_weights(const std::int8_t* weights, std::size_t channels, std::size_t position_step,
                            std::int16_t* to) {
  constexpr std::size_t kTaps = std::size_t{kKernel} * kKernel;
  constexpr std::size_t kTapBytes = std::size_t{kLanes} * kDot;
  const auto doubled = [](const std::int16_t(&g)[kKernel], std::int16_t(&u)[4]) {
    u[0] = static_cast<std::int16_t>(2 * g[0]);
    u[1] = static_cast<std::int16_t>(g[0] + g[1] + g[2]);
    u[2] = static_cast<std::int16_t>(g[0] - g[1] + g[2]);
    u[3] = static_cast<std::int16_t>(2 * g[2]);
  };
  for (std::size_t c = 0; c < channels; ++c) {
    const std::int8_t* const group = weights + c / kDot * kTaps * kTapBytes + c % kDot;
    std::int16_t* const pair = to + c / 2 * 2 * kLanes + c % 2;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      std::int16_t half[4][kKernel];
      for (std::size_t x = 0; x < kKernel; ++x) {
        std::int16_t column[kKernel];
        std::int16_t transformed[4];
        for (std::size_t y = 0; y < kKernel; ++y)
          column[y] = group[(y * kKernel + x) * kTapBytes + lane * kDot];
        doubled(column, transformed);
        for (std::size_t y = 0; y < 4; ++y) half[y][x] = transformed[y];
      }
      for (std::size_t y = 0; y < 4; ++y) {
        std::int16_t row[4];
        doubled(half[y], row);
        for (std::size_t x = 0; x < 4; ++x) pair[(y * 4 + x) * position_step + lane * 2] = row[x];
      }
    }
  }
}

}  // namespace inkfield::recognizer
