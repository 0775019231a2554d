// Long straight lines by projection: runs of ink are summed along every slope that a scan may have, and the slope under
// which they fall together sharpest is the picture's.
#include "plugin/pipeline/straight_lines.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "plugin/pipeline/printed_lines.h"
#include "recognizer/eight_pixels.h"

namespace inkfield::pipeline {
namespace {

using page::GrayImage;

constexpr double kSteepestSlope = 0.045;  // 2.6 degrees: registration leaves far less, people's own crops may not
constexpr double kSlopeStep = 0.0025;
constexpr int kMostLines = 24;

// Horizontal ink at every height, seen along `slope`.
std::vector<double> rail_profile(const GrayImage& ink, const std::vector<InkRun>& runs, double slope) {
  std::vector<double> profile(static_cast<std::size_t>(ink.height_px) + 2, 0.0);
  const double middle = 0.5 * ink.width_px;
  constexpr int kPiecePx = 12;
  for (const InkRun& run : runs) {
    for (int begin = run.begin; begin < run.end; begin += kPiecePx) {
      const int end = std::min(run.end, begin + kPiecePx);
      const double at = run.y - slope * (0.5 * (begin + end) - middle);
      if (at < -0.5) continue;  // from there on, whole numbers are cut off downwards, too
      const int bin = static_cast<int>(at + 0.5);
      if (bin < ink.height_px) profile[static_cast<std::size_t>(bin)] += end - begin;
    }
  }
  return profile;
}

}  // namespace

std::vector<InkRun> long_runs(const GrayImage& ink, int shortest) {
  std::vector<InkRun> runs;
  for (int y = 0; y < ink.height_px; ++y) {
    const std::uint8_t* row = ink.row(y);
    for (int x = recognizer::find_at_least(row, 0, ink.width_px, kDarkInk); x < ink.width_px;) {
      int end = x + 1;
      int paper = 0;
      for (int i = end; i < ink.width_px && paper < 2; ++i) {
        if (row[i] >= kDarkInk) {
          end = i + 1;
          paper = 0;
        } else {
          ++paper;
        }
      }
      if (end - x >= shortest) runs.push_back({y, x, end});
      x = recognizer::find_at_least(row, end, ink.width_px, kDarkInk);
    }
  }
  return runs;
}

double best_rail_slope(const GrayImage& ink, const std::vector<InkRun>& runs) {
  double best = 0;
  double best_score = -1;
  const int steps = static_cast<int>(kSteepestSlope / kSlopeStep);
  for (int step = -steps; step <= steps; ++step) {
    const double slope = step * kSlopeStep;
    double score = 0;
    for (const double value : rail_profile(ink, runs, slope)) score += value * value;
    // Among equals the straightest.
    score *= 1.0 - 0.002 * std::abs(step);
    if (score > best_score) {
      best_score = score;
      best = slope;
    }
  }
  return best;
}

std::vector<Rail> find_rails(const GrayImage& ink, const std::vector<InkRun>& runs, double slope, double least_ink) {
  const std::vector<double> profile = rail_profile(ink, runs, slope);
  std::vector<Rail> rails;
  // A line is a few rows of the profile; its rows together must be long enough, its middle is their mean.
  for (int y = 0; y < ink.height_px; ++y) {
    const auto i = static_cast<std::size_t>(y);
    const double here = profile[i] + (i > 0 ? profile[i - 1] : 0.0) + profile[i + 1];
    if (profile[i] < least_ink * 0.34 || here < least_ink) continue;
    bool peak = true;
    for (int d = -3; d <= 3; ++d) {
      const int at = y + d;
      if (d == 0 || at < 0 || at >= ink.height_px) continue;
      const double there = profile[static_cast<std::size_t>(at)];
      if (there > profile[i] || (there == profile[i] && d < 0)) peak = false;
    }
    if (!peak) continue;
    double weight = 0;
    double moment = 0;
    for (int d = -2; d <= 2; ++d) {
      const int at = y + d;
      if (at < 0 || at >= ink.height_px) continue;
      weight += profile[static_cast<std::size_t>(at)];
      moment += profile[static_cast<std::size_t>(at)] * at;
    }
    rails.push_back({moment / weight, here});
  }
  if (static_cast<int>(rails.size()) > kMostLines) {
    std::nth_element(rails.begin(), rails.begin() + kMostLines, rails.end(), [](const Rail& a, const Rail& b) { return a.ink > b.ink; });
    rails.resize(kMostLines);
    std::sort(rails.begin(), rails.end(), [](const Rail& a, const Rail& b) { return a.y < b.y; });
  }
  return rails;
}

std::vector<ExpectedLine> find_straight_lines(const GrayImage& ink, bool vertical, int least_length_px) {
  GrayImage turned;
  if (vertical) {
    turned = GrayImage(ink.height_px, ink.width_px, 0);
    for (int y = 0; y < ink.height_px; ++y) {
      for (int x = 0; x < ink.width_px; ++x) turned.row(x)[y] = ink.at(x, y);
    }
  }
  const GrayImage& picture = vertical ? turned : ink;
  std::vector<ExpectedLine> lines;
  const std::vector<InkRun> runs = long_runs(picture, std::max(8, std::min(60, least_length_px / 4)));
  if (runs.empty()) return lines;
  const double slope = best_rail_slope(picture, runs);
  const double middle = 0.5 * picture.width_px;
  for (const Rail& rail : find_rails(picture, runs, slope, 0.7 * least_length_px)) {
    double begin = picture.width_px;
    double end = 0;
    for (const InkRun& run : runs) {
      if (std::fabs(run.y - slope * (0.5 * (run.begin + run.end) - middle) - rail.y) > 2.5) continue;
      begin = std::min(begin, static_cast<double>(run.begin));
      end = std::max(end, static_cast<double>(run.end));
    }
    if (end - begin < least_length_px) continue;
    ExpectedLine line;
    line.vertical = vertical;
    line.begin = begin;
    line.end = end;
    line.slope = slope;
    line.at = rail.y + slope * (0.5 * (begin + end) - middle);
    lines.push_back(line);
  }
  return lines;
}

}  // namespace inkfield::pipeline
