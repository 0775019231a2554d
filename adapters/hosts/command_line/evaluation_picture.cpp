// Written out as text. Confidences that matter crowd near 1, so both sides of the reliability diagram are drawn by their log odds:
// 90, 99 and 99.9 % lie equally far apart, and an honest reader still lies on the diagonal; what lies beyond an axis is drawn on
// its end. Wrong rates are drawn by their logarithm.
#include "adapters/hosts/command_line/evaluation_picture.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/hosts/command_line/proportions.h"
#include "adapters/hosts/common/printable.h"

namespace inkfield::command_line {

namespace {

constexpr double kPlotWidth = 430;
constexpr double kPlotHeight = 380;
constexpr double kTop = 84;
constexpr double kHistogramHeight = 70;
constexpr const char* kInk = "#1b2a41";
constexpr const char* kBlue = "#1f6fb2";
constexpr const char* kGray = "#8a94a3";
constexpr const char* kRed = "#c0392b";
constexpr const char* kGrid = "#e3e7ed";

std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '&': safe += "&amp;"; break;
      case '<': safe += "&lt;"; break;
      case '>': safe += "&gt;"; break;
      case '"': safe += "&quot;"; break;
      default: safe += c;
    }
  }
  return safe;
}

std::string n(double value) { return fixed(value, 2); }

class Svg {
 public:
  void line(double x1, double y1, double x2, double y2, const std::string& colour, double width = 1,
            const std::string& more = "") {
    text_ += "<line x1=\"" + n(x1) + "\" y1=\"" + n(y1) + "\" x2=\"" + n(x2) + "\" y2=\"" + n(y2) + "\" stroke=\"" + colour +
             "\" stroke-width=\"" + n(width) + "\"" + (more.empty() ? "" : " " + more) + "/>\n";
  }
  void circle(double x, double y, double radius, const std::string& fill, const std::string& stroke) {
    text_ += "<circle cx=\"" + n(x) + "\" cy=\"" + n(y) + "\" r=\"" + n(radius) + "\" fill=\"" + fill + "\" stroke=\"" + stroke +
             "\" stroke-width=\"1.2\"/>\n";
  }
  void rectangle(double x, double y, double width, double height, const std::string& fill, const std::string& stroke = "none") {
    text_ += "<rect x=\"" + n(x) + "\" y=\"" + n(y) + "\" width=\"" + n(width) + "\" height=\"" + n(height) + "\" fill=\"" + fill +
             "\" stroke=\"" + stroke + "\"/>\n";
  }
  void text(double x, double y, const std::string& words, const std::string& anchor = "middle", double size = 12,
            const std::string& colour = kInk, const std::string& more = "") {
    text_ += "<text x=\"" + n(x) + "\" y=\"" + n(y) + "\" text-anchor=\"" + anchor + "\" font-size=\"" + n(size) + "\" fill=\"" +
             colour + "\"" + (more.empty() ? "" : " " + more) + ">" + escaped(words) + "</text>\n";
  }
  void upright(double x, double y, const std::string& words) {
    text(x, y, words, "middle", 12, kInk, "transform=\"rotate(-90 " + n(x) + " " + n(y) + ")\"");
  }
  void path(const std::string& points, const std::string& fill, const std::string& stroke, double width) {
    text_ += "<path d=\"" + points + "\" fill=\"" + fill + "\" stroke=\"" + stroke + "\" stroke-width=\"" + n(width) + "\"/>\n";
  }
  [[nodiscard]] const std::string& str() const { return text_; }

 private:
  std::string text_;
};

/// 90, 99.5, 99.99: no more decimals than needed.
std::string tick_name(double share) {
  std::string name = fixed(share * 100, 3);
  while (name.back() == '0') name.pop_back();
  if (name.back() == '.') name.pop_back();
  return name;
}

/// A share on the axis of log odds, from 0 to 1 between the axis's ends.
struct OddsAxis {
  double least = 0.01;
  double most = 0.999;

  [[nodiscard]] static double odds(double share) { return std::log(share / (1 - share)); }
  [[nodiscard]] double at(double share) const {
    const double p = std::clamp(share, least, most);
    return (odds(p) - odds(least)) / (odds(most) - odds(least));
  }
  [[nodiscard]] std::vector<double> ticks() const {
    std::vector<double> shown;
    for (const double tick : {0.0001, 0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999}) {
      if (tick >= least && tick <= most) shown.push_back(tick);
    }
    return shown;
  }
};

/// Axes no wider than the bins ask for.
OddsAxis axis_of(const Evaluation& sum) {
  OddsAxis axis{0.1, 0.99};
  for (const Reliability* reliability : {&sum.calibrated, &sum.uncalibrated}) {
    for (const ReliabilityBin& bin : reliability->bins) {
      const double right = share(bin.right, bin.items);
      for (const double value : {bin.confidence, right == 0 || right == 1 ? bin.confidence : right}) {
        for (const double step : {0.01, 0.001, 0.0001}) {
          if (value < axis.least && axis.least > step) axis.least = step;
        }
        for (const double step : {0.999, 0.9999, 0.99999}) {
          if (value > axis.most && axis.most < step) axis.most = step;
        }
      }
    }
  }
  return axis;
}

void draw_reliability(Svg& svg, const Evaluation& sum, double left) {
  const OddsAxis axis = axis_of(sum);
  const double bottom = kTop + kPlotHeight;
  const auto x = [&](double value) { return left + kPlotWidth * axis.at(value); };
  const auto y = [&](double value) { return bottom - kPlotHeight * axis.at(value); };
  for (const double tick : axis.ticks()) {
    svg.line(x(tick), kTop, x(tick), bottom, kGrid);
    svg.line(left, y(tick), left + kPlotWidth, y(tick), kGrid);
    svg.text(left - 8, y(tick) + 4, tick_name(tick), "end", 11);
  }
  svg.line(left, bottom, left + kPlotWidth, kTop, kGray, 1, "stroke-dasharray=\"5 4\"");
  svg.rectangle(left, kTop, kPlotWidth, kPlotHeight, "none", kInk);
  for (const ReliabilityBin& bin : sum.uncalibrated.bins) {
    svg.circle(x(bin.confidence), y(share(bin.right, bin.items)), 3.5, "none", kGray);
  }
  for (const ReliabilityBin& bin : sum.calibrated.bins) {
    const double at = x(bin.confidence);
    svg.line(at, y(bin.interval.low), at, y(bin.interval.high), kBlue, 1.4);
    for (const double end : {bin.interval.low, bin.interval.high}) svg.line(at - 3, y(end), at + 3, y(end), kBlue, 1.4);
    svg.circle(at, y(share(bin.right, bin.items)), 4, kBlue, kBlue);
  }
  svg.text(left + kPlotWidth / 2, kTop - 14, "Reliability: is a confidence what it says?", "middle", 15);
  svg.upright(left - 50, kTop + kPlotHeight / 2, "really right, % (whiskers: 95 % interval)");
  double key = kTop + 20;
  svg.circle(left + 16, key - 4, 4, kBlue, kBlue);
  svg.text(left + 28, key, "calibrated: error " + percent(sum.calibrated.expected_error) + ", log loss " +
                               fixed(sum.calibrated.log_loss, 4), "start", 11);
  key += 17;
  svg.circle(left + 16, key - 4, 3.5, "none", kGray);
  svg.text(left + 28, key, "uncalibrated: error " + percent(sum.uncalibrated.expected_error) + ", log loss " +
                               fixed(sum.uncalibrated.log_loss, 4), "start", 11);
  key += 17;
  svg.text(left + 28, key, std::to_string(sum.rated_items) + " items, " + std::to_string(sum.calibrated.bins.size()) +
                               " bins of equal size", "start", 11);

  // Below: where the confidences lie, each bar as wide as the next on the axis of log odds.
  constexpr std::size_t kBars = 24;
  const double base = bottom + 14 + kHistogramHeight;
  std::array<std::size_t, kBars> counts{};
  std::size_t most = 1;
  std::size_t before = 0;
  // The curve holds the counts of every confidence, falling.
  for (const AcceptancePoint& point : sum.curve) {
    const auto bar = std::min(kBars - 1, static_cast<std::size_t>(axis.at(point.confidence) * kBars));
    counts[bar] += point.accepted - before;
    before = point.accepted;
    most = std::max(most, counts[bar]);
  }
  const double bar_width = kPlotWidth / kBars;
  for (std::size_t bar = 0; bar < kBars; ++bar) {
    const double height = kHistogramHeight * static_cast<double>(counts[bar]) / static_cast<double>(most);
    if (counts[bar] > 0) {
      svg.rectangle(left + static_cast<double>(bar) * bar_width + 1, base - std::max(height, 1.0), bar_width - 2, std::max(height, 1.0), "#a9c8e3");
    }
  }
  svg.rectangle(left, base - kHistogramHeight, kPlotWidth, kHistogramHeight, "none", kInk);
  svg.text(left - 8, base - kHistogramHeight + 9, std::to_string(most), "end", 11);
  svg.text(left - 8, base, "0", "end", 11);
  svg.upright(left - 50, base - kHistogramHeight / 2, "items");
  for (const double tick : axis.ticks()) {
    svg.line(x(tick), base, x(tick), base + 4, kInk);
    svg.text(x(tick), base + 17, tick_name(tick), "middle", 11);
  }
  svg.text(left + kPlotWidth / 2, base + 36, "confidence, %");
}

/// A wrong rate on a logarithmic axis; nothing wrong lies on its lower end.
struct RateAxis {
  double least = 0.0005;
  double most = 0.1;
  [[nodiscard]] double at(double rate) const {
    const double p = std::clamp(rate, least, most);
    return std::log(p / least) / std::log(most / least);
  }
  [[nodiscard]] std::vector<double> ticks() const {
    std::vector<double> shown;
    for (const double tick : {0.0001, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0}) {
      if (tick >= least && tick <= most) shown.push_back(tick);
    }
    return shown;
  }
};

void draw_error_reject(Svg& svg, const EvaluationReport& report, double left) {
  const Evaluation& sum = report.sum;
  const double bottom = kTop + kPlotHeight;
  RateAxis rates;
  for (const double top : {0.2, 0.5, 1.0}) {
    if (sum.error_rate > rates.most) rates.most = top;
  }
  // Where most must be rejected before the rate falls, the whole width is needed; where little is, the first part tells more.
  double widest = 0.05;
  for (const double end : {0.1, 0.2, 0.5, 1.0}) {
    const bool enough = 1 - share(most_accepted(sum.curve, kWrongRates[0]).accepted, sum.rated_items) <= 0.8 * widest &&
                        1 - share(sum.accepted, sum.items) <= 0.9 * widest;
    if (!enough) widest = end;
  }
  const auto x = [&](double rejected) { return left + kPlotWidth * std::clamp(rejected / widest, 0.0, 1.0); };
  const auto y = [&](double rate) { return bottom - kPlotHeight * rates.at(rate); };
  for (const double tick : rates.ticks()) {
    svg.line(left, y(tick), left + kPlotWidth, y(tick), kGrid);
    // The lowest line also holds whatever is less, nothing at all included.
    svg.text(left - 8, y(tick) + 4, (tick == rates.least ? "\u2264 " : "") + tick_name(tick), "end", 11);
  }
  for (int i = 0; i <= 5; ++i) {
    const double tick = widest * i / 5;
    svg.line(x(tick), kTop, x(tick), bottom, kGrid);
    svg.text(x(tick), bottom + 17, tick_name(tick), "middle", 11);
  }
  // The curve, from everything accepted down to where the axis ends; no more points than can be seen.
  std::vector<AcceptancePoint> shown;
  for (auto point = sum.curve.rbegin(); point != sum.curve.rend(); ++point) {
    const double rejected = 1 - share(point->accepted, sum.rated_items);
    if (rejected > widest) break;
    if (shown.empty() || x(rejected) - x(1 - share(shown.back().accepted, sum.rated_items)) >= 1) shown.push_back(*point);
  }
  std::string curve;
  std::string upper;
  std::string lower;
  for (const AcceptancePoint& point : shown) {
    const double at = x(1 - share(point.accepted, sum.rated_items));
    const Interval interval = clopper_pearson(point.wrong, point.accepted);
    curve += (curve.empty() ? "M" : " L") + n(at) + "," + n(y(share(point.wrong, point.accepted)));
    upper += (upper.empty() ? "M" : " L") + n(at) + "," + n(y(interval.high));
    lower = " L" + n(at) + "," + n(y(interval.low)) + lower;
  }
  if (!shown.empty()) {
    svg.path(upper + lower + " Z", "#dbe9f5", "none", 0);
    svg.path(curve, "none", kBlue, 1.8);
  }
  svg.rectangle(left, kTop, kPlotWidth, kPlotHeight, "none", kInk);
  for (const ReadRate& rate : sum.read_rate_at) {
    const double rejected = 1 - share(rate.at.accepted, sum.rated_items);
    if (rate.at.accepted == 0 || rejected > widest) continue;
    svg.circle(x(rejected), y(share(rate.at.wrong, rate.at.accepted)), 3.5, "#ffffff", kBlue);
  }
  if (sum.accepted > 0) {
    const double rejected = 1 - share(sum.accepted, sum.items);
    const Interval interval = clopper_pearson(sum.wrong_accepted, sum.accepted);
    svg.line(x(rejected), y(interval.low), x(rejected), y(interval.high), kRed, 1.4);
    svg.circle(x(rejected), y(share(sum.wrong_accepted, sum.accepted)), 4.5, kRed, kRed);
  }
  svg.text(left + kPlotWidth / 2, kTop - 14, "Errors and rejects: what a person must look at", "middle", 15);
  svg.upright(left - 50, kTop + kPlotHeight / 2, "wrong among the accepted, % (band: 95 % interval)");
  svg.text(left + kPlotWidth / 2, bottom + 36, "left to people, % of the items");
  double line = bottom + 58;
  svg.circle(left + 4, line - 4, 4.5, kRed, kRed);
  svg.text(left + 16, line,
           own_threshold(report) + ": " + std::to_string(sum.accepted) + " accepted, " +
               std::to_string(sum.wrong_accepted) + " wrong", "start", 11);
  line += 17;
  svg.circle(left + 4, line - 4, 3.5, "#ffffff", kBlue);
  std::string picked = "could be accepted:";
  for (const ReadRate& rate : sum.read_rate_at) {
    if (rate.wrong_rate == 0.002) continue;
    picked += (picked.back() == ':' ? " " : ", ") + percent(rate.read_rate, 1) + " at " + tick_name(rate.wrong_rate);
  }
  svg.text(left + 16, line, picked + " % wrong", "start", 11);
}

}  // namespace

std::string evaluation_picture(const EvaluationReport& report) {
  const double left = 86;
  const double gap = 110;
  const double width = left + 2 * kPlotWidth + gap + 44;
  const double height = kTop + kPlotHeight + 14 + kHistogramHeight + 56;
  Svg svg;
  svg.rectangle(0, 0, width, height, "#ffffff");
  const Evaluation& sum = report.sum;
  std::string title = report.model + " on " + std::filesystem::path(report.field).stem().string() + ": " +
                      std::to_string(sum.right) + " of " + std::to_string(sum.rated_items) + " right (" + percent(sum.right_rate) + ")";
  const Interval interval = clopper_pearson(sum.right, sum.rated_items);
  title += ", 95 % interval " + fixed(interval.low * 100, 2) + " to " + percent(interval.high);
  if (report.as_labelled) title += "; " + std::to_string(report.mended) + " labels mended";
  svg.text(left - 50, 34, hosts::printable(title), "start", 16, kInk, "font-weight=\"bold\"");
  draw_reliability(svg, sum, left);
  draw_error_reject(svg, report, left + kPlotWidth + gap);
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + n(width) + "\" height=\"" +
         n(height) + "\" viewBox=\"0 0 " + n(width) + " " + n(height) + "\" font-family=\"Helvetica, Arial, Liberation Sans, sans-serif\">\n" +
         svg.str() + "</svg>\n";
}

}  // namespace inkfield::command_line
