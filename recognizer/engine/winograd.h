// Convolutions of 3 x 3 with a half to a quarter of the multiplications: Winograd's minimal filtering in two
// dimensions, F(2x2, 3x3) and F(4x4, 3x3) of Lavin and Gray, "Fast Algorithms for Convolutional Neural
// Networks" (2016).
//
// With polynomials evaluated at 0, at some +-p and at infinity, a tile of k x k outputs is A' [(G g G') * (B'
// d B)] A, where g are the 3 x 3 weights of a pair of channels, d the (k + 2) x (k + 2) inputs of the tile,
// and * multiplies what lies at the same position. Only these products are summed over the input channels. G
// is applied when a network is loaded, in double precision.
//
// 2 outputs a side take 0, +-1 and infinity, and err less than plain sums do. 4 take 0, +-5/8, +-3/2 and
// infinity: all factors of A and B are exact in float32, and the error is half that of the common points +-1
// and +-2, twice that of plain sums.
#pragma once

#include <cstddef>
#include <cstdint>

#include "recognizer/engine/kernels.h"
#include "recognizer/engine/network_plan.h"

namespace inkfield::recognizer {

/// Transformed tiles and their sums stay in so many bytes.
inline constexpr std::int64_t kWinogradBytes = std::int64_t{160} << 10U;

/// Outputs a side of the tiles by which a convolution of `outputs` pixels between so many blocks of channels
/// costs least on one core, 2 or 4, of bytes only 2, which is exact; 0 where that is the plain sum. The
/// step's own tiles are not looked at.
int cheapest_winograd_side(const Step& step, const PlanValue& input, int output_blocks, PlaneSize outputs);

/// Positions of a tile, at which products are summed.
constexpr int winograd_positions(int side) { return (side + 2) * (side + 2); }

/// Tiles of `side` that cover so many outputs.
constexpr int whole_tiles(std::int64_t outputs, int side) {
  return static_cast<int>((outputs + side - 1) / side);
}

/// Most tiles that fit into kWinogradBytes; 0 where none does.
int winograd_tiles(int side, int input_blocks, int output_blocks);

/// Elements from one position of the transformed tiles of so many blocks to the next.
std::ptrdiff_t winograd_position_step(int blocks, int tiles);

/// G g G' for kLanes output channels: `weights` are [lane][input channel][3][3]; the first position of input
/// channel 0 goes to `to`, the next channel kLanes further, the next position `position_step` further.
void transform_weights(int side, const float* weights, std::size_t channels, std::size_t position_step,
                       float* to);

/// For int8, of one block of output channels, exactly, as 2 G stands in place of G: `weights` are packed as
/// for Int8ConvolutionTask, `channels` a multiple of kDot; the first position of the first pair of channels
/// goes to `to`, the next pair 2 x kLanes further, the next position `position_step` further.
void transform_pair_weights(const std::int8_t* weights, std::size_t channels, std::size_t position_step,
                            std::int16_t* to);

}  // namespace inkfield::recognizer
