// Cutting and scaling for printed text.
#include "adapters/engines/tesseract/zone_preparation.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "adapters/engines/tesseract/zone_ink.h"

namespace inkfield::tesseract {
namespace {

using page::GrayImage;

constexpr double kLargestScale = 6;
constexpr double kSmallestScale = 0.2;
constexpr int kLongestSide = 12000;
// Paper and print closer than this are texture of the paper.
constexpr double kLeastContrast = 36;
// Box lines are often printed fainter than what is read: they are looked for down to this share of the
// contrast.
constexpr double kFaintestLine = 0.25;
// Pieces lower than this share of the text are specks or remains of lines, where nothing that low is
// expected.
constexpr double kLeastPiece = 0.4;
// How far print may overhang its zone.
constexpr double kOverhangMm = 0.3;
// Where anything may be print, what hangs in from a neighbour would be read as some.
constexpr double kTextOverhangMm = 0;
// How high the tallest letters of one line stand in a zone drawn round it: words without tall letters are not blown up to
// that height, or o and O look alike.
constexpr double kLineShare = 0.66;
constexpr double kLeastLineShare = 0.4;  // in a zone higher than that over its print, the print alone tells
// A strip has as many rows as the line recognizer sees: it scales what is not so high, and its time goes with
// the width.
constexpr int kStripHeightPx = 36;
// Rows of the strip for those of its print, where the zone leaves room: no letter fills a line from top to
// bottom, and a word without tall letters is not as high as others. 1.4 reads 76.8 % of words of scanned
// forms (FUNSD, a third of the training part) and 63.6 % of lines of receipts (SROIE) whose zones were
// given a quarter of their height above and below, 1.5 reads 76.2 and 62.5 % and takes a sixteenth less time.
constexpr double kStripRoom = 1.5;

// White pixels around what a picture shows.
struct Border {
  int across = 0;
  int down = 0;
};
// Words of scanned forms and lines of receipts, 1 across: 78.0, 61.0 %; 2: 77.1, 63.0 %; 2 and 4
// down: 77.5, 62.2 %.
constexpr Border kStripBorder{2, 3};

/// Where a sample lies: so far on the way from one pixel to the next, at the edge on none.
struct Between {
  int first = 0;
  int second = 0;
  double part = 0;
};

/// All samples along one side of a picture of `pixels` that is scaled to `target_px`, so many in each target pixel.
std::vector<Between> sample_places(int pixels, int target_px, int samples, double scale) {
  std::vector<Between> places;
  places.reserve(static_cast<std::size_t>(target_px) * static_cast<std::size_t>(samples));
  for (int at = 0; at < target_px; ++at) {
    for (int i = 0; i < samples; ++i) {
      const double place = std::clamp((at + (i + 0.5) / samples) / scale - 0.5, 0.0, pixels - 1.0);
      const int first = static_cast<int>(place);
      places.push_back({first, std::min(first + 1, pixels - 1), place - first});
    }
  }
  return places;
}

/// One row of the source at all samples along it. Rows of samples come down the picture, two of them between the same two rows mostly.
class SampledRows {
 public:
  SampledRows(const GrayImage& gray, const std::vector<Between>& columns) : gray_(gray), columns_(columns) {}

  const std::vector<double>& row(int y) {
    Row& kept = rows_[static_cast<std::size_t>(y % 2)];
    if (kept.y == y) return kept.values;
    kept.y = y;
    kept.values.clear();
    const std::uint8_t* from = gray_.row(y);
    for (const Between& at : columns_) kept.values.push_back((1 - at.part) * from[at.first] + at.part * from[at.second]);
    return kept.values;
  }

 private:
  struct Row {
    int y = -1;
    std::vector<double> values;
  };
  const GrayImage& gray_;
  const std::vector<Between>& columns_;
  std::array<Row, 2> rows_;
};

/// Scales by area on the way down and bilinearly on the way up, and stretches the levels.
GrayImage stretch(const GrayImage& gray, const Levels& levels, double scale, Border border) {
  const int width = std::max(1, static_cast<int>(std::lround(gray.width_px * scale)));
  const int height = std::max(1, static_cast<int>(std::lround(gray.height_px * scale)));
  // Texture of the paper ends above this; it becomes white.
  const double white = levels.paper - 0.12 * (levels.paper - levels.ink);
  std::array<std::uint8_t, 256> curve{};
  for (int v = 0; v < 256; ++v) {
    curve[static_cast<std::size_t>(v)] = static_cast<std::uint8_t>(
        std::clamp(std::lround(255.0 * (v - levels.ink) / std::max(1.0, white - levels.ink)), 0L, 255L));
  }
  GrayImage out(width + 2 * border.across, height + 2 * border.down, 255);
  const int samples = scale < 1 ? static_cast<int>(std::ceil(1 / scale)) : 1;
  const std::vector<Between> columns = sample_places(gray.width_px, width, samples, scale);
  const std::vector<Between> rows = sample_places(gray.height_px, height, samples, scale);
  SampledRows sampled(gray, columns);
  std::vector<double> sums(static_cast<std::size_t>(width));
  for (int y = 0; y < height; ++y) {
    std::fill(sums.begin(), sums.end(), 0.0);
    for (int i = 0; i < samples; ++i) {
      const Between& at = rows[static_cast<std::size_t>(y * samples + i)];
      const double* upper = sampled.row(at.first).data();
      const double* lower = sampled.row(at.second).data();
      for (double& sum : sums) {
        for (int k = 0; k < samples; ++k) sum += (1 - at.part) * *upper++ + at.part * *lower++;
      }
    }
    std::uint8_t* to = out.row(y + border.down) + border.across;
    for (const double sum : sums) *to++ = curve[static_cast<std::size_t>(sum / (samples * samples) + 0.5)];
  }
  return out;
}

/// Which columns to keep so that no gap between pieces of ink is wider than `widest`, its middle left out.
std::vector<int> narrowed_columns(Ink& ink, int widest) {
  std::vector<int> columns;
  int gap = 0;
  for (int x = 0; x <= ink.width; ++x) {
    bool inked = false;
    for (int y = 0; x < ink.width && y < ink.height && !inked; ++y) inked = ink.at(x, y) != 0;
    if (x < ink.width && !inked) {
      ++gap;
      continue;
    }
    const int kept = std::min(gap, widest);
    for (int i = gap; i > gap - kept / 2; --i) columns.push_back(x - i);
    for (int i = kept - kept / 2; i > 0; --i) columns.push_back(x - i);
    if (x < ink.width) columns.push_back(x);
    gap = 0;
  }
  return columns;
}

struct Box {
  int left = 0;
  int top = 0;
  int right = 0;
  int bottom = 0;
};

/// What holds all bands, as wide as anything inked beside them.
Box print_box(Ink& ink, const std::vector<Band>& bands) {
  Box box{ink.width, bands.front().begin, 0, bands.back().end};
  for (int y = box.top; y < box.bottom; ++y) {
    for (int x = 0; x < ink.width; ++x) {
      if (ink.at(x, y) == 0) continue;
      box.left = std::min(box.left, x);
      box.right = std::max(box.right, x + 1);
    }
  }
  return box;
}

/// The box made higher, evenly where the picture goes on on both sides.
void give_room(Box& box, int wanted_height, int picture_height) {
  const int height = std::clamp(wanted_height, box.bottom - box.top, picture_height);
  const int middle = (box.top + box.bottom) / 2;
  box.top = std::clamp(middle - height / 2, 0, picture_height - height);
  box.bottom = box.top + height;
}

GrayImage cut_out(const GrayImage& gray, const Box& box) {
  GrayImage out(box.right - box.left, box.bottom - box.top);
  for (int y = 0; y < out.height_px; ++y) std::copy_n(gray.row(box.top + y) + box.left, out.width_px, out.row(y));
  return out;
}

GrayImage with_columns(const GrayImage& gray, const std::vector<int>& columns) {
  GrayImage out(static_cast<int>(columns.size()), gray.height_px);
  for (int y = 0; y < gray.height_px; ++y) {
    std::transform(columns.begin(), columns.end(), out.row(y), [&](int x) { return gray.row(y)[x]; });
  }
  return out;
}

}  // namespace

page::Point PreparedZone::in_crop(double x, double y) const {
  double along = (x - border_px) / scale;
  if (!columns.empty()) {
    const double at = std::clamp(along, 0.0, static_cast<double>(columns.size()) - 1);
    along = columns[static_cast<std::size_t>(at)] + (along - std::floor(at));
  }
  return {left_px + border_px / scale + along, top_px + y / scale};
}

PreparedZone prepare_zone(const page::FieldCrop& crop, bool only_characters, const Look& look) {
  PreparedZone prepared;
  const bool scale_known = crop.px_per_mm > 0;
  const double overhang = scale_known ? (only_characters ? kOverhangMm : kTextOverhangMm) * crop.px_per_mm : 0;
  const int left = std::clamp(static_cast<int>(std::floor(crop.zone.left - overhang)), 0, crop.gray.width_px);
  const int top = std::clamp(static_cast<int>(std::floor(crop.zone.top - overhang)), 0, crop.gray.height_px);
  const int right =
      std::clamp(static_cast<int>(std::ceil(crop.zone.right + overhang)), left, crop.gray.width_px);
  const int bottom =
      std::clamp(static_cast<int>(std::ceil(crop.zone.bottom + overhang)), top, crop.gray.height_px);
  prepared.blank = true;
  if (right - left < 3 || bottom - top < 3) return prepared;

  GrayImage gray = cut_out(crop.gray, {left, top, right, bottom});
  Levels levels = measure_levels(gray);
  prepared.contrast = levels.paper - levels.ink;
  if (prepared.contrast < kLeastContrast) return prepared;

  Ink ink = ink_of(gray, levels.threshold);
  Ink weak =
      ink_of(gray, static_cast<int>(std::floor(levels.paper - kFaintestLine * (levels.paper - levels.ink))));
  const std::vector<std::uint8_t> lines =
      find_lines(weak, scale_known, crop.px_per_mm, only_characters || !scale_known);
  const auto paper = static_cast<std::uint8_t>(std::lround(levels.paper));
  erase_lines(lines, paper, ink, gray);

  std::vector<Band> bands = find_bands(ink);
  const auto tallest = [&] {
    return std::accumulate(bands.begin(), bands.end(), 0,
                           [](int most, const Band& band) { return std::max(most, band.height()); });
  };
  // What is cut off by the upper or lower edge belongs to a neighbour, if something whole is here.
  const int whole = tallest();
  std::erase_if(bands, [&](const Band& band) {
    const bool cut = band.begin == 0 || band.end == gray.height_px;
    if (!cut || band.height() * 10 > whole * 7) return false;
    for (int y = band.begin; y < band.end; ++y) std::fill_n(gray.row(y), gray.width_px, paper);
    return true;
  });
  const int height = tallest();
  const double least_height = scale_known ? 0.8 * crop.px_per_mm : 5;
  if (height < least_height) return prepared;

  if (only_characters)
    erase_low_pieces(ink, std::max(2, static_cast<int>(height * kLeastPiece)), paper, gray);
  prepared.text_lines = static_cast<int>(
      std::count_if(bands.begin(), bands.end(), [&](const Band& b) { return b.height() * 2 > height; }));
  if (only_characters && prepared.text_lines <= 1) {
    // Stamped numbers stand far apart; Tesseract reads them better set as print is.
    prepared.columns = narrowed_columns(ink, std::max(3, static_cast<int>(height * look.widest_gap)));
    gray = with_columns(gray, prepared.columns);
  }
  Box kept{0, 0, gray.width_px, gray.height_px};
  if (look.tight && !only_characters) {
    // Bare paper costs Tesseract time and tells it nothing. What is fainter than the print may be print that fades.
    kept = print_box(weak, bands);
    prepared.strip = prepared.text_lines <= 1;
    if (prepared.strip) give_room(kept, static_cast<int>(std::lround(kStripRoom * height)), gray.height_px);
    gray = cut_out(gray, kept);
  }
  const Border border = prepared.strip ? kStripBorder : Border{look.border_px, look.border_px};
  double wanted_scale = static_cast<double>(kStripHeightPx - 2 * border.down) / gray.height_px;
  if (!prepared.strip) {
    double tallest_px = height;
    const double zone_px = crop.zone.height();
    if (!only_characters && scale_known && prepared.text_lines <= 1 && height >= kLeastLineShare * zone_px) {
      tallest_px = std::max(tallest_px, kLineShare * zone_px);
    }
    wanted_scale = look.character_height_px / tallest_px;
  }
  prepared.scale = std::min(std::clamp(wanted_scale, kSmallestScale, kLargestScale),
                            static_cast<double>(kLongestSide) / std::max(gray.width_px, gray.height_px));
  prepared.border_px = border.across;
  prepared.picture = stretch(gray, levels, prepared.scale, border);
  prepared.left_px = left + kept.left - border.across / prepared.scale;
  prepared.top_px = top + kept.top - border.down / prepared.scale;
  prepared.blank = false;
  return prepared;
}

}  // namespace inkfield::tesseract
