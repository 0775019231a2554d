#include "recognizer/e13b/e13b_shapes.h"

#include <algorithm>
#include <array>

namespace inkfield::recognizer {
namespace {

using Bars = std::span<const E13bBar>;

// Its corners are round.
constexpr std::array k0 = {E13bBar{2, 0, 12, 2}, E13bBar{2, 16, 12, 18}, E13bBar{0, 2, 2, 16},
                           E13bBar{12, 2, 14, 16}};
constexpr std::array k1 = {E13bBar{6, 0, 10, 3}, E13bBar{8, 3, 10, 10}, E13bBar{6, 10, 14, 18}};
constexpr std::array k2 = {E13bBar{6, 0, 14, 2}, E13bBar{12, 2, 14, 8}, E13bBar{6, 8, 14, 10},
                           E13bBar{6, 10, 8, 16}, E13bBar{6, 16, 14, 18}};
constexpr std::array k3 = {E13bBar{4, 0, 12, 2}, E13bBar{10, 2, 12, 8}, E13bBar{4, 8, 12, 10},
                           E13bBar{10, 9, 14, 18}, E13bBar{4, 16, 10, 18}};
constexpr std::array k4 = {E13bBar{2, 0, 6, 12}, E13bBar{2, 12, 14, 14}, E13bBar{10, 10, 14, 12},
                           E13bBar{10, 14, 14, 18}};
constexpr std::array k5 = {E13bBar{4, 0, 14, 2}, E13bBar{4, 2, 6, 8}, E13bBar{4, 8, 14, 10},
                           E13bBar{12, 10, 14, 16}, E13bBar{4, 16, 14, 18}};
constexpr std::array k6 = {E13bBar{2, 0, 10, 2},   E13bBar{8, 2, 10, 5},  E13bBar{2, 2, 4, 10},
                           E13bBar{2, 10, 14, 12}, E13bBar{2, 12, 4, 16}, E13bBar{12, 12, 14, 16},
                           E13bBar{2, 16, 14, 18}};
constexpr std::array k7 = {E13bBar{4, 0, 14, 2},  E13bBar{4, 2, 6, 6},   E13bBar{12, 2, 14, 8},
                           E13bBar{10, 7, 13, 9}, E13bBar{8, 8, 11, 10}, E13bBar{8, 10, 10, 18}};
constexpr std::array k8 = {E13bBar{2, 0, 12, 2},    E13bBar{2, 2, 4, 9},   E13bBar{10, 2, 12, 9},
                           E13bBar{4, 8, 10, 9},    E13bBar{0, 9, 14, 10}, E13bBar{0, 10, 4, 18},
                           E13bBar{10, 10, 14, 18}, E13bBar{4, 16, 10, 18}};
constexpr std::array k9 = {E13bBar{2, 0, 14, 2}, E13bBar{2, 2, 4, 8}, E13bBar{12, 2, 14, 8},
                           E13bBar{2, 8, 14, 10}, E13bBar{10, 10, 14, 18}};
constexpr std::array kTransit = {E13bBar{0, 3, 4, 15}, E13bBar{8, 0, 14, 6}, E13bBar{8, 12, 14, 18}};
constexpr std::array kOnUs = {E13bBar{0, 3, 2, 15}, E13bBar{4, 3, 6, 15}, E13bBar{8, 1, 14, 9}};
constexpr std::array kAmount = {E13bBar{0, 10, 4, 18}, E13bBar{6, 4, 8, 14}, E13bBar{10, 0, 14, 8}};
constexpr std::array kDash = {E13bBar{0, 5, 4, 13}, E13bBar{6, 5, 10, 13}, E13bBar{12, 5, 14, 13}};

constexpr std::array<Bars, 14> kShapes = {k0, k1, k2, k3,       k4,    k5,      k6,
                                          k7, k8, k9, kTransit, kOnUs, kAmount, kDash};
static_assert(kShapes.size() == kE13bSymbols.size());

/// One pass of 1-2-1 along rows (`step` 1) or columns of a picture of `count` lines, each of `length` pixels;
/// paper lies around it.
void smooth(std::vector<unsigned char>& picture, int length, int step, int count, int next_line) {
  for (int at = 0; at < count; ++at) {
    unsigned char* const first = picture.data() + static_cast<std::ptrdiff_t>(at) * next_line;
    int before = 0;
    for (int i = 0; i < length; ++i) {
      unsigned char& here = first[static_cast<std::ptrdiff_t>(i) * step];
      const int after = i + 1 < length ? first[static_cast<std::ptrdiff_t>(i + 1) * step] : 0;
      const int sum = before + 2 * here + after;
      before = here;
      here = static_cast<unsigned char>((sum + 2) / 4);
    }
  }
}

}  // namespace

std::span<const E13bBar> e13b_bars(std::size_t index) { return kShapes[index]; }

std::vector<unsigned char> draw_e13b(std::size_t index, int px_per_square, int width_px, int height_px,
                                     int left_px, int top_px, int smoothings) {
  std::vector<unsigned char> picture(static_cast<std::size_t>(width_px) * static_cast<std::size_t>(height_px),
                                     0);
  const int half = px_per_square / 2;
  for (const E13bBar& bar : kShapes[index]) {
    for (int y = std::max(0, top_px + bar.top * half); y < std::min(height_px, top_px + bar.bottom * half);
         ++y) {
      for (int x = std::max(0, left_px + bar.left * half); x < std::min(width_px, left_px + bar.right * half);
           ++x) {
        picture[static_cast<std::size_t>(y) * static_cast<std::size_t>(width_px) +
                static_cast<std::size_t>(x)] = 255;
      }
    }
  }
  for (int i = 0; i < smoothings; ++i) {
    smooth(picture, width_px, 1, height_px, width_px);
    smooth(picture, height_px, width_px, width_px, 1);
  }
  return picture;
}

}  // namespace inkfield::recognizer
