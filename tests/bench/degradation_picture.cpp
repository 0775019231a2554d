// Drawn as text. The wrong rate is drawn by its logarithm, because a tenth of a percent is what is asked for; none lies on the axis.
#include "tests/bench/degradation_picture.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "adapters/hosts/command_line/proportions.h"

namespace inkfield::bench {
namespace {

using command_line::clopper_pearson;
using command_line::Interval;
using command_line::share;

constexpr const char* kInk = "#1b2a41";
constexpr const char* kOurs = "#1f6fb2";
constexpr const char* kPeer = "#c0392b";
constexpr const char* kGrid = "#e3e7ed";
constexpr double kLeastRate = 0.0005;

std::string n(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}

struct Plot {
  double left = 0;
  double top = 0;
  double width = 0;
  double height = 0;
  bool rates = false;  ///< a logarithmic axis of wrong rates instead of shares
  std::string svg;

  [[nodiscard]] double x(int severity) const { return left + width * (0.06 + 0.88 * severity / (generator::kSeverityCount - 1)); }
  [[nodiscard]] double y(double value) const {
    const double part = rates ? std::log(std::max(value, kLeastRate) / kLeastRate) / std::log(1 / kLeastRate) : value;
    return top + height * (1 - std::clamp(part, 0.0, 1.0));
  }
  void line(double x1, double y1, double x2, double y2, const char* colour, double stroke = 1) {
    svg += "<line x1=\"" + n(x1) + "\" y1=\"" + n(y1) + "\" x2=\"" + n(x2) + "\" y2=\"" + n(y2) + "\" stroke=\"" + colour + "\" stroke-width=\"" + n(stroke) + "\"/>\n";
  }
  void text(double at_x, double at_y, const std::string& words, const char* anchor, double size, const char* colour = kInk) {
    svg += "<text x=\"" + n(at_x) + "\" y=\"" + n(at_y) + "\" text-anchor=\"" + anchor + "\" font-size=\"" + n(size) + "\" fill=\"" + colour + "\">" + words + "</text>\n";
  }
  void axes(double text_size) {
    const auto tick = [&](double value, const std::string& name) {
      line(left, y(value), left + width, y(value), kGrid);
      text(left - 5, y(value) + 4, name, "end", text_size);
    };
    if (rates) {
      for (const double value : {0.001, 0.01, 0.1, 1.0}) tick(value, n(value * 100).substr(0, value < 0.01 ? 3 : 0 + n(value * 100).find('.')));
      tick(kLeastRate, "0");
    } else {
      for (const double value : {0.0, 0.5, 1.0}) tick(value, std::to_string(static_cast<int>(value * 100)));
    }
    for (int severity = 0; severity < generator::kSeverityCount; ++severity) text(x(severity), top + height + text_size + 4, std::to_string(severity), "middle", text_size);
    svg += "<rect x=\"" + n(left) + "\" y=\"" + n(top) + "\" width=\"" + n(width) + "\" height=\"" + n(height) + "\" fill=\"none\" stroke=\"" + kInk + "\"/>\n";
  }
  void curve(const BySeverity& counts, const char* colour, bool dashed) {
    std::string path;
    std::string dots;
    for (int severity = 0; severity < generator::kSeverityCount; ++severity) {
      const FieldCounts& c = counts[static_cast<std::size_t>(severity)];
      if (c.fields == 0 || (rates && c.accepted == 0)) continue;
      const double value = rates ? share(c.accepted_wrong, c.accepted) : share(c.accepted, c.fields);
      path += (path.empty() ? "M" : " L") + n(x(severity)) + "," + n(y(value));
      dots += "<circle cx=\"" + n(x(severity)) + "\" cy=\"" + n(y(value)) + "\" r=\"" + (width > 200 ? "4" : "2.5") + "\" fill=\"" + colour + "\"/>\n";
      if (rates) {
        const Interval interval = clopper_pearson(c.accepted_wrong, c.accepted);
        line(x(severity), y(interval.low), x(severity), y(interval.high), colour, 1.3);
      }
    }
    if (path.empty()) return;
    svg += "<path d=\"" + path + "\" fill=\"none\" stroke=\"" + colour + "\" stroke-width=\"1.8\"" + (dashed ? " stroke-dasharray=\"6 4\"" : "") + "/>\n" + dots;
  }
};

}  // namespace

FieldCounts& FieldCounts::operator+=(const FieldCounts& other) {
  fields += other.fields;
  right += other.right;
  accepted += other.accepted;
  accepted_wrong += other.accepted_wrong;
  return *this;
}

std::string degradation_picture(const std::vector<DegradationSeries>& sums, const std::vector<DegradationSeries>& kinds, const std::string& title) {
  constexpr double kWidth = 1060;
  constexpr int kColumns = 5;
  const int rows = (static_cast<int>(kinds.size()) + kColumns - 1) / kColumns;
  const double height = 470 + 150.0 * rows + 20;
  std::string svg;
  for (const bool rates : {false, true}) {
    Plot plot{rates ? 600.0 : 70.0, 90, 420, 300, rates, {}};
    plot.axes(12);
    plot.text(plot.left + plot.width / 2, 76, rates ? "Wrong among the accepted, % (bars: 95 % interval)" : "Fields that no person need see, %", "middle", 14);
    plot.text(plot.left + plot.width / 2, plot.top + plot.height + 36, "severity: 0 none, 1 office scanner, 2 fax or cheap phone, 3 the worst a clerk would key, 4 ruin", "middle", 10);
    for (std::size_t i = 0; i < sums.size(); ++i) {
      plot.curve(sums[i].text, kOurs, i > 0);
      plot.curve(sums[i].peer, kPeer, i > 0);
      if (rates) continue;
      const double key = plot.top + plot.height + 54 + 16.0 * static_cast<double>(i);
      for (const bool peer : {false, true}) {
        const char* colour = peer ? kPeer : kOurs;
        const double at = plot.left + (peer ? 230 : 0);
        plot.svg += "<line x1=\"" + n(at) + "\" y1=\"" + n(key - 4) + "\" x2=\"" + n(at + 26) + "\" y2=\"" + n(key - 4) + "\" stroke=\"" + colour +
                    "\" stroke-width=\"1.8\"" + (i > 0 ? " stroke-dasharray=\"6 4\"" : "") + "/>\n";
        plot.text(at + 32, key, std::string(peer ? "Tesseract, " : "Inkfield, ") + sums[i].name, "start", 12);
      }
    }
    svg += plot.svg;
  }
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    Plot plot{70 + 200.0 * static_cast<double>(i % kColumns), 500 + 150.0 * static_cast<double>(i / kColumns), 150, 90, false, {}};
    plot.axes(9);
    plot.text(plot.left + plot.width / 2, plot.top - 6, kinds[i].name + " alone", "middle", 11);
    plot.curve(kinds[i].all, kOurs, false);
    svg += plot.svg;
  }
  Plot head;
  head.text(70, 36, title, "start", 16);
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + n(kWidth) + "\" height=\"" + n(height) + "\" viewBox=\"0 0 " +
         n(kWidth) + " " + n(height) + "\" font-family=\"Helvetica, Arial, Liberation Sans, sans-serif\">\n<rect width=\"" + n(kWidth) + "\" height=\"" + n(height) +
         "\" fill=\"#ffffff\"/>\n" + head.svg + svg + "</svg>\n";
}

}  // namespace inkfield::bench
