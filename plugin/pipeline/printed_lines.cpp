// Follows printed lines and takes them out. A column of pixels across a line tells what it holds: ink no thicker than
// the line is the line; ink that goes on beyond the line's edge is a stroke, and stays.
#include "plugin/pipeline/printed_lines.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace inkfield::pipeline {
namespace {

using page::GrayImage;

// A stroke shows beyond the line's edge with at least so many dark pixels; fewer are the line's own rough edge.
constexpr int kStrokeBeyondPx = 2;
// A stroke that slants through a line leaves it so many line widths further along, at most; through a thin line up to so
// many pixels, where its soft ends are lost too.
constexpr float kLongestSlant = 1.2F;
constexpr float kLongestSlantPx = 9.0F;
// A stroke that runs inside a line makes it wider by at least this much.
constexpr float kWidenedPx = 1.3F;
constexpr float kWidenedShare = 0.35F;  // of a thick line
// Such a place must begin where a stroke shows beside the line, or so near to it.
constexpr int kWidenedFromStrokePx = 4;
constexpr std::uint8_t kNoLine = 0;
constexpr std::uint8_t kHorizontal = 1;
constexpr std::uint8_t kVertical = 2;

// Reads and writes an image with x and y swapped for vertical lines, so that all code below thinks horizontally.
template <class Image>
class Turned {
 public:
  Turned(Image& image, bool vertical) : image_(image), vertical_(vertical) {}
  [[nodiscard]] int length() const { return vertical_ ? image_.height_px : image_.width_px; }
  [[nodiscard]] int breadth() const { return vertical_ ? image_.width_px : image_.height_px; }
  [[nodiscard]] auto& at(int along, int across) const {
    const int x = vertical_ ? across : along;
    const int y = vertical_ ? along : across;
    return image_.pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(image_.width_px) + static_cast<std::size_t>(x)];
  }

 private:
  Image& image_;
  bool vertical_;
};

struct Sighting {
  int along = 0;
  float center = 0;
  float thickness = 0;
  float from_expected = 0;
};

// The run of dark pixels nearest to `expected` within reach that is thin enough to be the line.
bool sight(const Turned<const GrayImage>& ink, int along, float expected, float reach, int thickest, Sighting& best) {
  const int low = std::max(0, static_cast<int>(std::floor(expected - reach)));
  const int high = std::min(ink.breadth() - 1, static_cast<int>(std::ceil(expected + reach)));
  bool any = false;
  for (int across = low; across <= high; ++across) {
    if (ink.at(along, across) < kDarkInk) continue;
    int begin = across;
    while (begin > 0 && ink.at(along, begin - 1) >= kDarkInk && across - begin <= thickest) --begin;
    int end = across + 1;
    while (end < ink.breadth() && ink.at(along, end) >= kDarkInk && end - begin <= thickest) ++end;
    across = end;
    if (end - begin > thickest) continue;
    float weight = 0;
    float moment = 0;
    for (int i = std::max(0, begin - 1); i < std::min(ink.breadth(), end + 1); ++i) {
      const float value = static_cast<float>(ink.at(along, i));
      weight += value;
      moment += value * static_cast<float>(i);
    }
    const float center = moment / weight;
    const float away = std::fabs(center - expected);
    if (away > reach || (any && away >= std::fabs(best.from_expected))) continue;
    best = {along, center, std::max(static_cast<float>(end - begin), weight / 255.0F), center - expected};
    any = true;
  }
  return any;
}

float median(std::vector<float>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

struct Fit {
  double offset = 0;  // at the line's middle
  double slope = 0;
};

// Least squares over the sightings that lie near the fit so far; strokes along the line drop out.
Fit fit_offset(const std::vector<Sighting>& sightings, double middle, double reach) {
  std::vector<float> offsets;
  offsets.reserve(sightings.size());
  for (const Sighting& s : sightings) offsets.push_back(s.from_expected);
  Fit fit;
  fit.offset = median(offsets);
  for (const double tolerance : {std::max(2.0, reach / 2), 2.0, 1.2, 1.2}) {
    double n = 0;
    double sx = 0;
    double sxx = 0;
    double sy = 0;
    double sxy = 0;
    for (const Sighting& s : sightings) {
      const double x = s.along - middle;
      const double y = s.from_expected;
      if (std::fabs(y - (fit.offset + fit.slope * x)) > tolerance) continue;
      n += 1;
      sx += x;
      sxx += x * x;
      sy += y;
      sxy += x * y;
    }
    const double spread = n * sxx - sx * sx;
    if (n < 4 || spread <= 0) break;
    fit.slope = (n * sxy - sx * sy) / spread;
    fit.offset = (sy - fit.slope * sx) / n;
  }
  return fit;
}

// What lies beside a line at one place along it.
struct Beside {
  bool before = false;  // a stroke on the side of smaller across
  bool after = false;
};

struct Interval {
  int begin = 0;
  int end = 0;  // exclusive
};

std::vector<Interval> intervals(const std::vector<Beside>& beside, bool Beside::*side) {
  std::vector<Interval> found;
  for (int i = 0; i < static_cast<int>(beside.size());) {
    if (!(beside[static_cast<std::size_t>(i)].*side)) {
      ++i;
      continue;
    }
    int end = i + 1;
    while (end < static_cast<int>(beside.size()) && beside[static_cast<std::size_t>(end)].*side) ++end;
    found.push_back({i, end});
    i = end;
  }
  return found;
}

// A stroke may lean into a line and run within it. It shows as a wider line, from the place where it entered.
void keep_strokes_along(const Turned<const GrayImage>& source, const PrintedLine& line, int begin, std::vector<std::uint8_t>& keep) {
  const int length = static_cast<int>(keep.size());
  std::vector<float> width(keep.size(), 0);
  const float reach = line.half_band() + 2.0F;
  for (int i = 0; i < length; ++i) {
    const float center = line.center_at(begin + i);
    float sum = 0;
    for (int across = std::max(0, static_cast<int>(std::ceil(center - reach)));
         across <= std::min(source.breadth() - 1, static_cast<int>(std::floor(center + reach))); ++across) {
      sum += static_cast<float>(source.at(begin + i, across)) / 255.0F;
    }
    width[static_cast<std::size_t>(i)] = sum;
  }
  const auto widened = [&](int i) {
    // The mean of three: a line's rough edge is not wider for long.
    float sum = 0;
    int count = 0;
    for (int j = std::max(0, i - 1); j <= std::min(length - 1, i + 1); ++j) {
      sum += width[static_cast<std::size_t>(j)];
      ++count;
    }
    return sum >= (line.thickness + std::max(kWidenedPx, kWidenedShare * line.thickness)) * static_cast<float>(count);
  };
  const std::vector<std::uint8_t> strokes = keep;
  const auto spread = [&](int from, int step) {
    std::uint8_t value = 0;
    int since = kWidenedFromStrokePx + 1;
    for (int i = from; i >= 0 && i < length; i += step) {
      const auto at = static_cast<std::size_t>(i);
      if (strokes[at] != 0) {
        value = strokes[at];
        since = 0;
      } else if (since <= kWidenedFromStrokePx && widened(i)) {
        keep[at] = std::max(keep[at], value);
        since = 0;
      } else {
        ++since;
      }
    }
  };
  spread(0, 1);
  spread(length - 1, -1);
}

void erase_line(GrayImage& ink, const GrayImage& original, const GrayImage& bands, const PrintedLine& line) {
  const Turned<GrayImage> target(ink, line.vertical);
  const Turned<const GrayImage> source(original, line.vertical);
  const Turned<const GrayImage> band(bands, line.vertical);
  const std::uint8_t other = line.vertical ? kHorizontal : kVertical;
  const float half = line.half_band();
  const int begin = std::max(0, line.begin);
  const int end = std::min(target.length(), line.end);
  if (begin >= end) return;
  std::vector<Beside> beside(static_cast<std::size_t>(end - begin));
  // How dark the strokes beside the line are: what stays of the line under them is made no darker.
  std::vector<std::uint8_t> stroke_ink(beside.size(), 0);
  const auto count_stroke = [&](int along, int first, int step, std::uint8_t& darkest) {
    int count = 0;
    for (int across = first; across >= 0 && across < source.breadth() && count < kStrokeBeyondPx; across += step) {
      if (source.at(along, across) < kDarkInk || (band.at(along, across) & other) != 0) break;
      darkest = std::max(darkest, source.at(along, across));
      ++count;
    }
    return count >= kStrokeBeyondPx;
  };
  for (int along = begin; along < end; ++along) {
    const auto i = static_cast<std::size_t>(along - begin);
    const float center = line.center_at(along);
    beside[i].before = count_stroke(along, static_cast<int>(std::ceil(center - half)) - 1, -1, stroke_ink[i]);
    beside[i].after = count_stroke(along, static_cast<int>(std::floor(center + half)) + 1, 1, stroke_ink[i]);
  }
  std::vector<std::uint8_t> keep(beside.size(), 0);
  for (std::size_t i = 0; i < beside.size(); ++i) {
    if (beside[i].before || beside[i].after) keep[i] = stroke_ink[i];
  }
  // A slanting stroke enters on one side and leaves on the other a little further along.
  const float longest = std::max(kLongestSlant * 2.0F * half, std::min(4.0F * half, kLongestSlantPx));
  for (const Interval& a : intervals(beside, &Beside::before)) {
    for (const Interval& b : intervals(beside, &Beside::after)) {
      const int first = std::min(a.end, b.end);
      const int last = std::max(a.begin, b.begin);
      if (last <= first || static_cast<float>(last - first) > longest) continue;
      const std::uint8_t value = std::max(stroke_ink[static_cast<std::size_t>(first - 1)], stroke_ink[static_cast<std::size_t>(last)]);
      for (int i = first; i < last; ++i) keep[static_cast<std::size_t>(i)] = std::max(keep[static_cast<std::size_t>(i)], value);
    }
  }
  keep_strokes_along(source, line, begin, keep);
  for (int along = begin; along < end; ++along) {
    const auto i = static_cast<std::size_t>(along - begin);
    const float center = line.center_at(along);
    const int low = std::max(0, static_cast<int>(std::ceil(center - half)));
    const int high = std::min(target.breadth() - 1, static_cast<int>(std::floor(center + half)));
    for (int across = low; across <= high; ++across) {
      std::uint8_t& pixel = target.at(along, across);
      pixel = std::min(pixel, keep[i]);
    }
  }
}

}  // namespace

PrintedLine trace_line(const GrayImage& ink, const ExpectedLine& expected, double reach_px, int thickest_px) {
  const Turned<const GrayImage> turned(ink, expected.vertical);
  PrintedLine line;
  line.vertical = expected.vertical;
  line.begin = std::clamp(static_cast<int>(std::floor(expected.begin)), 0, turned.length());
  line.end = std::clamp(static_cast<int>(std::ceil(expected.end)), line.begin, turned.length());
  const double middle = 0.5 * (expected.begin + expected.end);
  const auto place = [&](int along) { return static_cast<float>(expected.at + expected.slope * (along - middle)); };
  std::vector<Sighting> sightings;
  for (int along = line.begin; along < line.end; ++along) {
    Sighting sighting;
    if (sight(turned, along, place(along), static_cast<float>(reach_px), thickest_px, sighting)) sightings.push_back(sighting);
  }
  const auto length = static_cast<std::size_t>(line.end - line.begin);
  line.center.resize(length);
  Fit fit;
  if (sightings.size() >= 4) fit = fit_offset(sightings, middle, reach_px);
  std::vector<float> thicknesses;
  // Paper bends and scanners stutter: the line may leave the fit a little, slowly.
  std::vector<float> bend(length, 0);
  std::vector<std::uint8_t> seen(length, 0);
  for (const Sighting& s : sightings) {
    const double away = s.from_expected - (fit.offset + fit.slope * (s.along - middle));
    if (std::fabs(away) > 1.6) continue;
    thicknesses.push_back(s.thickness);
    bend[static_cast<std::size_t>(s.along - line.begin)] = static_cast<float>(away);
    seen[static_cast<std::size_t>(s.along - line.begin)] = 1;
  }
  line.found = length == 0 ? 0.0F : static_cast<float>(thicknesses.size()) / static_cast<float>(length);
  line.thickness = thicknesses.empty() ? 0.0F : median(thicknesses);
  // The mean bend of what is seen so near, added up for all places together, with nothing beyond the ends.
  constexpr std::size_t kBendReachPx = 20;
  bend.insert(bend.begin(), kBendReachPx, 0.0F);
  bend.insert(bend.end(), kBendReachPx, 0.0F);
  seen.insert(seen.begin(), kBendReachPx, 0);
  seen.insert(seen.end(), kBendReachPx, 0);
  std::vector<float> sums(length, 0);
  std::vector<float> weights(length, 4);  // pulls towards the straight line where little is seen
  for (std::size_t d = 0; d <= 2 * kBendReachPx; ++d) {
    for (std::size_t i = 0; i < length; ++i) {
      sums[i] += bend[i + d];
      weights[i] += seen[i + d];
    }
  }
  for (std::size_t i = 0; i < length; ++i) {
    const int along = line.begin + static_cast<int>(i);
    line.center[i] = place(along) + static_cast<float>(fit.offset + fit.slope * (along - middle)) + sums[i] / weights[i];
  }
  return line;
}

void remove_lines(GrayImage& ink, const std::vector<PrintedLine>& lines) {
  GrayImage bands(ink.width_px, ink.height_px, kNoLine);
  for (const PrintedLine& line : lines) {
    const Turned<GrayImage> band(bands, line.vertical);
    const std::uint8_t mark = line.vertical ? kVertical : kHorizontal;
    for (int along = std::max(0, line.begin); along < std::min(band.length(), line.end); ++along) {
      const float center = line.center_at(along);
      const int low = std::max(0, static_cast<int>(std::ceil(center - line.half_band())));
      const int high = std::min(band.breadth() - 1, static_cast<int>(std::floor(center + line.half_band())));
      for (int across = low; across <= high; ++across) band.at(along, across) |= mark;
    }
  }
  const GrayImage original = ink;
  for (const PrintedLine& line : lines) erase_line(ink, original, bands, line);
}

bool is_line_remainder(const recognizer::InkComponent& piece, const std::vector<PrintedLine>& lines, double field_height) {
  const int length = std::max(piece.width_px(), piece.height_px());
  const double breadth = static_cast<double>(piece.area_px) / length;
  if (breadth > std::max(2.2, 0.035 * field_height)) return false;
  for (const PrintedLine& line : lines) {
    const int low = line.vertical ? piece.left_px : piece.top_px;
    const int high = line.vertical ? piece.right_px - 1 : piece.bottom_px - 1;
    const int middle = line.vertical ? (piece.top_px + piece.bottom_px) / 2 : (piece.left_px + piece.right_px) / 2;
    if (middle < line.begin - 4 || middle > line.end + 4) continue;
    const float center = line.center_at(middle);
    const float reach = line.half_band() + 2.5F;
    if (static_cast<float>(low) >= center - reach && static_cast<float>(high) <= center + reach) return true;
  }
  return false;
}

}  // namespace inkfield::pipeline
