#include "recognizer/e13b/e13b_matching.h"

#include <cmath>
#include <vector>

namespace inkfield::recognizer {
namespace {

// What printing and scanning do to an edge on a good day: a standard deviation of 0.35 squares at every
// scale.
constexpr int smoothings(int px_per_square) { return px_per_square * px_per_square / 4; }

}  // namespace

template <int kPxPerSquare>
E13bBlocks<kPxPerSquare>::E13bBlocks() {
  for (std::size_t shape = 0; shape < kE13bShapeCount; ++shape) {
    const std::vector<unsigned char> picture =
        draw_e13b(shape, kPxPerSquare, kWidth, kHeight, kLeft, kTop, smoothings(kPxPerSquare));
    for (std::size_t i = 0; i < picture.size(); ++i) {
      blocks_[shape][i] = picture[i];
      sums_[shape] += picture[i];
      squares_[shape] += static_cast<double>(picture[i]) * picture[i];
    }
    weights_[shape] = sums_[shape] / (255.0 * kPxPerSquare * kPxPerSquare);
  }
}

template <int kPxPerSquare>
const E13bBlocks<kPxPerSquare>& E13bBlocks<kPxPerSquare>::standard() {
  static const E13bBlocks kBlocks;
  return kBlocks;
}

template <int kPxPerSquare>
std::int64_t E13bBlocks<kPxPerSquare>::product(const E13bInk& ink, int x, int y, const Block& block) {
  std::int64_t sum = 0;
  for (int j = 0; j < kHeight; ++j) {
    const std::int16_t* const a = ink.row(y + j) + x;
    const std::int16_t* const b = block.data() + j * kWidth;
    std::int32_t part = 0;
    for (int i = 0; i < kWidth; ++i) part += static_cast<std::int32_t>(a[i]) * b[i];
    sum += part;
  }
  return sum;
}

template <int kPxPerSquare>
double E13bBlocks<kPxPerSquare>::explained(const E13bInk& ink, int x, int y, std::size_t shape) const {
  const auto both = static_cast<double>(product(ink, x, y, blocks_[shape]));
  return weights_[shape] * (2 * both / squares_[shape] - 1);
}

template <int kPxPerSquare>
std::array<double, kE13bShapeCount> E13bBlocks<kPxPerSquare>::correlations(const E13bInk& ink, int x,
                                                                           int y) const {
  constexpr double kArea = static_cast<double>(kWidth) * kHeight;
  std::int64_t ink_sum = 0;
  std::int64_t ink_squares = 0;
  for (int j = 0; j < kHeight; ++j) {
    const std::int16_t* const a = ink.row(y + j) + x;
    std::int32_t sum = 0;
    std::int32_t squares = 0;
    for (int i = 0; i < kWidth; ++i) {
      sum += a[i];
      squares += static_cast<std::int32_t>(a[i]) * a[i];
    }
    ink_sum += sum;
    ink_squares += squares;
  }
  std::array<double, kE13bShapeCount> all{};
  const auto sum = static_cast<double>(ink_sum);
  const double spread = static_cast<double>(ink_squares) - sum * sum / kArea;
  if (spread <= 0) return all;
  for (std::size_t shape = 0; shape < kE13bShapeCount; ++shape) {
    const double both = static_cast<double>(product(ink, x, y, blocks_[shape])) - sum * sums_[shape] / kArea;
    const double own = squares_[shape] - sums_[shape] * sums_[shape] / kArea;
    all[shape] = both / std::sqrt(spread * own);
  }
  return all;
}

template class E13bBlocks<2>;
template class E13bBlocks<4>;

}  // namespace inkfield::recognizer
