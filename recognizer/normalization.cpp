// Scales ink to what the network was trained on. Only +, -, * and / on floats, in a fixed order: the
// same ink gives the same bits on every processor.
#include "recognizer/normalization.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "recognizer/ink_components.h"
#include "recognizer/line_slant.h"

namespace inkfield::recognizer {
namespace {

// People fill from a third to all of a box's height (seen on real cheque dates and on exam covers).
// Anything smaller is taken at the scale of a digit that fills this share, so a speck stays a speck.
constexpr float kLeastShareOfReference = 0.3F;
constexpr float kLeastShareOfLineField = 0.25F;
constexpr int kLineMarginPx = 8;
// Pieces lower than this share of the tallest are commas, dots and dashes, not digits.
constexpr float kDigitShareOfTallest = 0.4F;
// The first digits of a round sum stand up to twice as high as its zeros; anything taller is a slash or a flourish.
constexpr float kTallestDigit = 2.1F;
// Faint pens are lifted to full ink by at most this factor; more would lift dirt to writing.
constexpr float kMaxInkGain = 2.5F;
// A line has a few dozen digits; more pieces are dirt, and joining them would cost their square.
constexpr std::size_t kMostPieces = 96;

struct Box {
  float left = 0;
  float top = 0;
  float right = 0;
  float bottom = 0;
};

// Ink strength that the darkest tenth of the written pixels reaches, as a gain to full ink.
float ink_gain(ImageView ink) {
  std::array<std::int64_t, 256> histogram{};
  std::int64_t written = 0;
  for (int y = 0; y < ink.height_px; ++y) {
    const std::uint8_t* row = ink.row(y);
    for (int x = 0; x < ink.width_px; ++x) {
      if (row[x] >= kInkThreshold) {
        ++histogram[row[x]];
        ++written;
      }
    }
  }
  std::int64_t above = 0;
  int level = 255;
  for (; level > kInkThreshold; --level) {
    above += histogram[static_cast<std::size_t>(level)];
    if (above * 10 >= written) break;
  }
  return std::min(kMaxInkGain, 255.0F / static_cast<float>(level));
}

// Weights of the source pixels behind one output row or column: a tent as wide as one output pixel, or
// one source pixel if that is wider. Blur in the output is then the same at every scanning resolution.
struct Taps {
  int first = 0;
  int count = 0;
  std::size_t weights_at = 0;
};

struct Resampler {
  std::vector<Taps> taps;
  std::vector<float> weights;

  Resampler(int output_size, int input_size, float input_per_output, float offset) {
    const float radius = std::max(1.0F, input_per_output);
    taps.reserve(static_cast<std::size_t>(output_size));
    for (int i = 0; i < output_size; ++i) {
      const float centre = (static_cast<float>(i) + 0.5F - offset) * input_per_output - 0.5F;
      Taps tap;
      tap.weights_at = weights.size();
      // Clamped before the conversion, so that far-off outputs cannot overflow an int.
      const float limit = static_cast<float>(input_size);
      const int low = static_cast<int>(std::floor(std::clamp(centre - radius, -2.0F, limit))) + 1;
      const int high = static_cast<int>(std::ceil(std::clamp(centre + radius, -1.0F, limit + 1.0F))) - 1;
      float total = 0;
      for (int s = low; s <= high; ++s) {
        const float distance =
            static_cast<float>(s) > centre ? static_cast<float>(s) - centre : centre - static_cast<float>(s);
        const float weight = std::max(0.0F, 1.0F - distance / radius);
        total += weight;
        if (s < 0 || s >= input_size) continue;
        if (tap.count == 0) tap.first = s;
        weights.push_back(weight);
        ++tap.count;
      }
      if (total > 0) {
        for (int k = 0; k < tap.count; ++k) weights[tap.weights_at + static_cast<std::size_t>(k)] /= total;
      }
      taps.push_back(tap);
    }
  }
};

NetworkInput resample(ImageView ink, int width_px, int height_px, float input_per_output, float offset_x_px,
                      float offset_y_px) {
  NetworkInput result;
  result.width_px = width_px;
  result.height_px = height_px;
  result.to_source_scale = input_per_output;
  result.offset_x_px = offset_x_px;
  result.offset_y_px = offset_y_px;
  const auto width = static_cast<std::size_t>(width_px);
  result.pixels.assign(width * static_cast<std::size_t>(height_px), 0.0F);
  const Resampler columns(width_px, ink.width_px, input_per_output, offset_x_px);
  const Resampler rows(height_px, ink.height_px, input_per_output, offset_y_px);
  int first_row = ink.height_px;
  int last_row = 0;
  for (const Taps& tap : rows.taps) {
    if (tap.count == 0) continue;
    first_row = std::min(first_row, tap.first);
    last_row = std::max(last_row, tap.first + tap.count);
  }
  if (first_row >= last_row) return result;
  std::vector<float> narrowed(width * static_cast<std::size_t>(last_row - first_row));
  for (int y = first_row; y < last_row; ++y) {
    const std::uint8_t* source = ink.row(y);
    float* target = narrowed.data() + static_cast<std::size_t>(y - first_row) * width;
    for (std::size_t x = 0; x < width; ++x) {
      const Taps& tap = columns.taps[x];
      const float* weight = columns.weights.data() + tap.weights_at;
      float sum = 0;
      for (int k = 0; k < tap.count; ++k) sum += weight[k] * static_cast<float>(source[tap.first + k]);
      target[x] = sum;
    }
  }
  const float gain = ink_gain(ink) / 255.0F;
  for (std::size_t y = 0; y < static_cast<std::size_t>(height_px); ++y) {
    const Taps& tap = rows.taps[y];
    float* target = result.pixels.data() + y * width;
    for (int k = 0; k < tap.count; ++k) {
      const float weight = rows.weights[tap.weights_at + static_cast<std::size_t>(k)];
      const float* source = narrowed.data() + static_cast<std::size_t>(tap.first + k - first_row) * width;
      for (std::size_t x = 0; x < width; ++x) target[x] += weight * source[x];
    }
    for (std::size_t x = 0; x < width; ++x) target[x] = std::min(1.0F, target[x] * gain);
  }
  return result;
}

bool written_box(ImageView ink, Box& box) {
  int left = ink.width_px;
  int right = 0;
  int top = ink.height_px;
  int bottom = 0;
  for (int y = 0; y < ink.height_px; ++y) {
    const std::uint8_t* row = ink.row(y);
    int x = 0;
    while (x < ink.width_px && row[x] < kInkThreshold) ++x;
    if (x == ink.width_px) continue;
    int end = ink.width_px;
    while (row[end - 1] < kInkThreshold) --end;
    left = std::min(left, x);
    right = std::max(right, end);
    top = std::min(top, y);
    bottom = y + 1;
  }
  box = {static_cast<float>(left), static_cast<float>(top), static_cast<float>(right),
         static_cast<float>(bottom)};
  return right > left;
}

// Summed as integers, so that the order does not matter; only what counts as ink has weight.
std::pair<float, float> centre_of_mass(ImageView ink) {
  std::int64_t mass = 0;
  std::int64_t sum_x = 0;
  std::int64_t sum_y = 0;
  for (int y = 0; y < ink.height_px; ++y) {
    const std::uint8_t* row = ink.row(y);
    for (int x = 0; x < ink.width_px; ++x) {
      if (row[x] < kInkThreshold) continue;
      mass += row[x];
      sum_x += std::int64_t{row[x]} * x;
      sum_y += std::int64_t{row[x]} * y;
    }
  }
  const auto total = static_cast<double>(mass);
  return {static_cast<float>(static_cast<double>(sum_x) / total + 0.5),
          static_cast<float>(static_cast<double>(sum_y) / total + 0.5)};
}

struct Weighted {
  float value;
  float weight;
};

float weighted_quantile(std::vector<Weighted>& values, float share) {
  std::sort(values.begin(), values.end(),
            [](const Weighted& a, const Weighted& b) { return a.value < b.value; });
  float total = 0;
  for (const Weighted& v : values) total += v.weight;
  float sum = 0;
  for (const Weighted& v : values) {
    sum += v.weight;
    if (sum >= share * total) return v.value;
  }
  return values.back().value;
}

// Puts the parts of broken digits together: a removed line through a number cuts every digit in two, and
// measured piece by piece the number would seem half as high as it is.
std::vector<InkComponent> whole_digits(std::vector<InkComponent> pieces) {
  int tallest = 0;
  for (const InkComponent& piece : pieces) tallest = std::max(tallest, piece.height_px());
  // Specks and rests of rules would tie digits to each other.
  std::erase_if(pieces, [tallest](const InkComponent& piece) {
    const bool speck = piece.area_px < 4 || piece.height_px() * 6 < tallest;
    const bool rule = piece.width_px() > 3 * piece.height_px() && piece.height_px() * 10 < tallest * 3;
    return speck || rule;
  });
  std::stable_sort(pieces.begin(), pieces.end(), [](const InkComponent& a, const InkComponent& b) {
    return a.height_px() > b.height_px();
  });
  if (pieces.size() > kMostPieces) pieces.resize(kMostPieces);
  for (bool joined = true; joined;) {
    joined = false;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      for (std::size_t j = i + 1; j < pieces.size(); ++j) {
        InkComponent& a = pieces[i];
        const InkComponent& b = pieces[j];
        const int overlap = std::min(a.right_px, b.right_px) - std::max(a.left_px, b.left_px);
        const int gap = std::max(a.top_px, b.top_px) - std::min(a.bottom_px, b.bottom_px);
        const int taller = std::max(a.height_px(), b.height_px());
        if (5 * overlap < 3 * std::min(a.width_px(), b.width_px()) || 5 * gap > taller) continue;
        a = {std::min(a.left_px, b.left_px), std::min(a.top_px, b.top_px), std::max(a.right_px, b.right_px),
             std::max(a.bottom_px, b.bottom_px), a.area_px + b.area_px};
        pieces.erase(pieces.begin() + static_cast<std::ptrdiff_t>(j));
        joined = true;
        --j;
      }
    }
  }
  return pieces;
}

// Where the digits of a line stand, measured on the pieces that can be digits.
struct DigitBand {
  float top = 0;  // of most of them
  float bottom = 0;
  float highest = 0;  // of all of them
  float lowest = 0;
};

// Touching digits count for what they are; one long flourish must not outvote a line of digits.
float weight_of(const InkComponent& piece) {
  return std::min(static_cast<float>(piece.width_px()), 4.0F * static_cast<float>(piece.height_px()));
}

// Height of the tallest piece by which to tell digits from commas. A flourish so tall that the digits beside it would be
// taken for commas is none: a row of pieces stands below it, wider by far.
int tallest_of_digits(const std::vector<InkComponent>& pieces) {
  struct Row {
    int tallest = 0;
    int count = 0;
    float weight = 0;
  };
  const auto row_below = [&](float limit) {
    Row row;
    for (const InkComponent& piece : pieces) {
      if (static_cast<float>(piece.height_px()) < limit) row.tallest = std::max(row.tallest, piece.height_px());
    }
    for (const InkComponent& piece : pieces) {
      const auto height = static_cast<float>(piece.height_px());
      if (height >= limit || height < kDigitShareOfTallest * static_cast<float>(row.tallest)) continue;
      ++row.count;
      row.weight += weight_of(piece);
    }
    return row;
  };
  constexpr int kFewestDigits = 3;
  constexpr float kWiderByFar = 2.0F;
  const Row tall = row_below(std::numeric_limits<float>::infinity());
  const Row below = row_below(kDigitShareOfTallest * static_cast<float>(tall.tallest));
  const bool flourish = below.count >= kFewestDigits && below.weight >= kWiderByFar * tall.weight;
  return flourish ? below.tallest : tall.tallest;
}

DigitBand digit_band(ImageView ink, const Box& all) {
  const std::vector<InkComponent> pieces = whole_digits(find_ink_components(ink).pieces);
  const int tallest = tallest_of_digits(pieces);
  std::vector<Weighted> tops;
  std::vector<Weighted> bottoms;
  std::vector<Weighted> heights;
  for (const InkComponent& piece : pieces) {
    const auto height = static_cast<float>(piece.height_px());
    if (height < kDigitShareOfTallest * static_cast<float>(tallest)) continue;
    const float weight = weight_of(piece);
    tops.push_back({static_cast<float>(piece.top_px), weight});
    bottoms.push_back({static_cast<float>(piece.bottom_px), weight});
    heights.push_back({height, weight});
  }
  if (heights.empty()) return {all.top, all.bottom, all.top, all.bottom};
  const float height = weighted_quantile(heights, 0.6F);
  const float middle = 0.5F * (weighted_quantile(tops, 0.5F) + weighted_quantile(bottoms, 0.5F));
  DigitBand band = {middle - 0.5F * height, middle + 0.5F * height, middle - 0.5F * height, middle + 0.5F * height};
  // A tall 5 before small zeros is a digit; what is taller still is a flourish.
  for (const InkComponent& piece : pieces) {
    const auto piece_height = static_cast<float>(piece.height_px());
    if (piece_height > kTallestDigit * height) continue;
    const bool beside = static_cast<float>(piece.bottom_px) > band.top && static_cast<float>(piece.top_px) < band.bottom;
    if (!beside) continue;
    band.highest = std::min(band.highest, static_cast<float>(piece.top_px));
    band.lowest = std::max(band.lowest, static_cast<float>(piece.bottom_px));
  }
  // It may stand on the line or hang from it, so that most of it is on one side.
  const float limit = (kTallestDigit - 0.5F) * height;
  band.highest = std::max(band.highest, middle - limit);
  band.lowest = std::min(band.lowest, middle + limit);
  return band;
}

}  // namespace

NetworkInput normalize_symbol(ImageView ink, float reference_height_px) {
  return normalize_symbol(ink, reference_height_px, SymbolFraming{});
}

NetworkInput normalize_symbol(ImageView ink, float reference_height_px, const SymbolFraming& framing) {
  Box box;
  if (ink.empty() || !written_box(ink, box)) return {};
  const float size =
      std::max({box.right - box.left, box.bottom - box.top, kLeastShareOfReference * reference_height_px});
  const float input_per_output = size / framing.box_px;
  const float half = 0.5F * static_cast<float>(framing.size_px);
  const auto [x, y] = framing.centred_by_mass
                          ? centre_of_mass(ink)
                          : std::pair{0.5F * (box.left + box.right), 0.5F * (box.top + box.bottom)};
  NetworkInput input = resample(ink, framing.size_px, framing.size_px, input_per_output,
                                half - x / input_per_output, half - y / input_per_output);
  if (framing.paper != 0.0F || framing.ink != 1.0F) {
    const float span = framing.ink - framing.paper;
    for (float& value : input.pixels) value = framing.paper + span * value;
  }
  return input;
}

NetworkInput normalize_line(ImageView ink, float reference_height_px) {
  Box box;
  if (ink.empty() || !written_box(ink, box)) return {};
  const DigitBand band = digit_band(ink, box);
  const float digit_height = std::max(band.bottom - band.top, kLeastShareOfLineField * reference_height_px);
  constexpr float kInside = static_cast<float>(kInputHeightPx) - 2.0F;  // a row of paper above and below
  float input_per_output = std::max(digit_height / kLineDigitHeightPx, (band.lowest - band.highest) / kInside);
  const float widest = static_cast<float>(kMaxLineWidthPx - 2 * kLineMarginPx - kFrameStridePx);
  input_per_output = std::max(input_per_output, (box.right - box.left) / widest);
  const int written_px = static_cast<int>(std::ceil((box.right - box.left) / input_per_output));
  int width_px = written_px + 2 * kLineMarginPx;
  width_px = std::min(kMaxLineWidthPx, (width_px + kFrameStridePx - 1) / kFrameStridePx * kFrameStridePx);
  const float offset_x = static_cast<float>(kLineMarginPx) - box.left / input_per_output;
  float offset_y =
      0.5F * static_cast<float>(kInputHeightPx) - 0.5F * (band.top + band.bottom) / input_per_output;
  // Only so far off the middle that no digit is cut.
  offset_y = std::max(offset_y, 1.0F - band.highest / input_per_output);
  offset_y = std::min(offset_y, 1.0F + kInside - band.lowest / input_per_output);
  return set_upright(resample(ink, width_px, kInputHeightPx, input_per_output, offset_x, offset_y),
                     kLineMarginPx);
}

}  // namespace inkfield::recognizer
