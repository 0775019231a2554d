// Breaking a template's corner marks, landmarks, boxes and blank picture into pieces of print.
#include "plugin/pipeline/registration_reference.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "plugin/pipeline/page_evidence.h"
#include "recognizer/error.h"

namespace inkfield::pipeline {
namespace {

using config::RectMm;

constexpr double kSampleStepMm = 1.2;
constexpr int kMostSamples = 60;
constexpr double kHalfPrintedLineMm = 0.12;  // forms draw their boxes with lines of about 0.25 mm
constexpr std::size_t kMostLines = 160;      // taken from a blank picture
constexpr std::size_t kMostTiles = 240;
constexpr double kTileMm = 6;

class Builder {
 public:
  explicit Builder(PrintReference& reference) : reference_(reference) {}

  static void sample_line(PrintElement& element, bool upright, double from, double to, double offset) {
    const double length = to - from;
    // The outermost bit of a line may be hidden by what it meets there.
    const double inset = std::min(0.4, length / 8);
    const int count = std::clamp(static_cast<int>(length / kSampleStepMm), 3, kMostSamples);
    for (int i = 0; i < count; ++i) {
      const double along = from + inset + (length - 2 * inset) * i / (count - 1);
      PrintSample sample;
      sample.kind = upright ? PrintKind::upright_line : PrintKind::level_line;
      sample.x_mm = upright ? offset : along;
      sample.y_mm = upright ? along : offset;
      element.samples.push_back(sample);
    }
  }

  // Longer lines say more, but one long line is still one line.
  static double line_weight(double length_mm) { return std::clamp(std::sqrt(length_mm / 30), 0.3, 2.0); }

  void add_line(bool upright, double from, double to, double offset, double weight, bool counts, bool free_ends) {
    PrintElement element;
    sample_line(element, upright, from, to, offset);
    element.weight = weight * line_weight(to - from);
    element.counts = counts;
    element.has_ends = free_ends;
    reference_.elements.push_back(std::move(element));
    remember(upright, from, to, offset);
  }

  void remember(bool upright, double from, double to, double offset) {
    reference_.lines.push_back({upright, from, to, offset});
  }

  void add_rectangle(const RectMm& zone, double weight, bool counts) {
    if (std::max(zone.width_mm, zone.height_mm) < 12) {
      PrintElement element;
      sample_line(element, false, zone.x_mm, zone.right_mm(), zone.y_mm);
      sample_line(element, false, zone.x_mm, zone.right_mm(), zone.bottom_mm());
      sample_line(element, true, zone.y_mm, zone.bottom_mm(), zone.x_mm);
      sample_line(element, true, zone.y_mm, zone.bottom_mm(), zone.right_mm());
      element.weight = weight * line_weight(zone.width_mm + zone.height_mm);
      element.counts = counts;
      reference_.elements.push_back(std::move(element));
      remember(false, zone.x_mm, zone.right_mm(), zone.y_mm);
      remember(true, zone.y_mm, zone.bottom_mm(), zone.x_mm);
      return;
    }
    add_line(false, zone.x_mm, zone.right_mm(), zone.y_mm, weight, counts, false);
    add_line(false, zone.x_mm, zone.right_mm(), zone.bottom_mm(), weight, counts, false);
    add_line(true, zone.y_mm, zone.bottom_mm(), zone.x_mm, weight, counts, false);
    add_line(true, zone.y_mm, zone.bottom_mm(), zone.right_mm(), weight, counts, false);
  }

  void add_block(const RectMm& zone, double weight) {
    PrintElement element;
    auto edge = [&](double x, double y, double out_x, double out_y) {
      element.samples.push_back({x, y, PrintKind::edge, out_x, out_y});
    };
    const int across = std::clamp(static_cast<int>(zone.width_mm / kSampleStepMm), 4, kMostSamples);
    const int down = std::clamp(static_cast<int>(zone.height_mm / kSampleStepMm), 4, kMostSamples);
    for (int i = 0; i < across; ++i) {
      const double x = zone.x_mm + zone.width_mm * (i + 1) / (across + 1);
      edge(x, zone.y_mm, 0, -1);
      edge(x, zone.bottom_mm(), 0, 1);
    }
    for (int i = 0; i < down; ++i) {
      const double y = zone.y_mm + zone.height_mm * (i + 1) / (down + 1);
      edge(zone.x_mm, y, -1, 0);
      edge(zone.right_mm(), y, 1, 0);
    }
    element.weight = weight;
    reference_.elements.push_back(std::move(element));
    reference_.blobs.push_back(zone);
  }

  void add_text(const RectMm& zone) {
    PrintElement element;
    for (double y = zone.y_mm + 0.5; y < zone.bottom_mm(); y += 1.5) {
      for (double x = zone.x_mm + 0.5; x < zone.right_mm(); x += 1.5) {
        element.samples.push_back({x, y, PrintKind::text, 0, 0});
      }
    }
    while (element.samples.size() > 400) {
      std::vector<PrintSample> kept;
      for (std::size_t i = 0; i < element.samples.size(); i += 2) kept.push_back(element.samples[i]);
      element.samples = std::move(kept);
    }
    element.weight = 0.7;
    if (element.samples.size() >= 3) reference_.elements.push_back(std::move(element));
  }

  void add_landmark(const config::Landmark& landmark) {
    const RectMm& zone = landmark.zone;
    switch (landmark.kind) {
      case config::LandmarkKind::line:
        if (zone.width_mm >= zone.height_mm) {
          add_line(false, zone.x_mm, zone.right_mm(), zone.center().y_mm, 1, true, true);
        } else {
          add_line(true, zone.y_mm, zone.bottom_mm(), zone.center().x_mm, 1, true, true);
        }
        break;
      case config::LandmarkKind::rectangle: add_rectangle(zone, 1, true); break;
      case config::LandmarkKind::block: add_block(zone, 1.5); break;
      case config::LandmarkKind::text: add_text(zone); break;
    }
  }

  // Boxes that are printed round a field are print like any other.
  void add_field(const config::Field& field) {
    for (const config::FieldOption& option : field.options) {
      config::Field box;
      box.kind = config::FieldKind::checkbox;
      box.zone = option.zone;
      add_field(box);
    }
    RectMm zone = field.zone;
    zone.x_mm += kHalfPrintedLineMm;
    zone.y_mm += kHalfPrintedLineMm;
    zone.width_mm -= 2 * kHalfPrintedLineMm;
    zone.height_mm -= 2 * kHalfPrintedLineMm;
    if (zone.width_mm < 2 || zone.height_mm < 2 || !field.layout.printed_lines) return;
    if (field.kind == config::FieldKind::checkbox) {
      add_rectangle(zone, 0.4, false);  // may be round, or mere brackets
      return;
    }
    const int count = field.layout.count;
    if (count < 1) return;
    constexpr double kWeight = 0.5;
    if (field.layout.type == config::LayoutType::comb) {
      add_line(false, zone.x_mm, zone.right_mm(), zone.bottom_mm(), kWeight, true, false);
      return;
    }
    if (field.layout.type != config::LayoutType::boxes) return;
    double gaps = 0;
    for (const config::LayoutGap& gap : field.layout.gaps) gaps += gap.gap_mm;
    const double pitch = field.layout.pitch_mm > 0 ? field.layout.pitch_mm : (field.zone.width_mm - gaps) / count;
    PrintElement dividers;
    dividers.weight = kWeight * line_weight(zone.width_mm);
    double left = zone.x_mm;
    double group_left = left;
    for (int i = 0; i < count; ++i) {
      sample_line(dividers, true, zone.y_mm, zone.bottom_mm(), left);
      double gap = 0;
      for (const config::LayoutGap& g : field.layout.gaps) {
        if (g.after == i + 1) gap += g.gap_mm;
      }
      const bool last = i + 1 == count;
      if (gap > 0 || last) {
        const double right = last ? zone.right_mm() : left + pitch - 2 * kHalfPrintedLineMm;
        sample_line(dividers, true, zone.y_mm, zone.bottom_mm(), right);
        add_line(false, group_left, right, zone.y_mm, kWeight, true, false);
        add_line(false, group_left, right, zone.bottom_mm(), kWeight, true, false);
        group_left = left + pitch + gap;
      }
      left += pitch + gap;
    }
    thin_out(dividers);
    reference_.elements.push_back(std::move(dividers));
  }

  static void thin_out(PrintElement& element) {
    while (element.samples.size() > 2 * static_cast<std::size_t>(kMostSamples)) {
      std::vector<PrintSample> kept;
      for (std::size_t i = 0; i < element.samples.size(); i += 2) kept.push_back(element.samples[i]);
      element.samples = std::move(kept);
    }
  }

  void add_blank(const page::GrayImage& blank) {
    const PrintEvidence print = find_print(blank, false);
    if (print.width < 8 || print.height < 8) return;
    const double mm_x = reference_.width_mm / print.width;
    const double mm_y = reference_.height_mm / print.height;
    reference_.blank = {print.width, print.height, 1 / mm_x, 1 / mm_y, std::vector<bool>(print.dark.begin(), print.dark.end())};
    add_lines_of(print.level, false, mm_x, mm_y);
    add_lines_of(print.upright, true, mm_y, mm_x);
    add_tiles(print, mm_x, mm_y);
    for (const SolidBlob& blob : print.blobs) {
      const RectMm zone{blob.left * mm_x, blob.top * mm_y, blob.width() * mm_x, blob.height() * mm_y};
      if (std::min(zone.width_mm, zone.height_mm) >= 2.5) add_block(zone, 1);
    }
  }

 private:
  void add_lines_of(const std::vector<LineSegment>& segments, bool upright, double along_mm, double across_mm) {
    std::size_t taken = 0;
    for (const LineSegment& segment : segments) {
      if (segment.length() * along_mm < 5 || ++taken > kMostLines) break;
      add_line(upright, segment.from * along_mm, segment.to * along_mm, segment.offset * across_mm, 1, true, false);
    }
  }

  // Print that is no line, in tiles: each a handful of its ink's pixels.
  void add_tiles(const PrintEvidence& print, double mm_x, double mm_y) {
    const int step_x = std::max(4, static_cast<int>(kTileMm / mm_x));
    const int step_y = std::max(4, static_cast<int>(kTileMm / mm_y));
    std::vector<PrintElement> tiles;
    for (int y0 = 0; y0 + step_y <= print.height; y0 += step_y) {
      for (int x0 = 0; x0 + step_x <= print.width; x0 += step_x) {
        std::vector<PrintSample> found;
        for (int y = y0; y < y0 + step_y; ++y) {
          for (int x = x0; x < x0 + step_x; ++x) {
            const std::size_t i = print.index(x, y);
            if (print.dark[i] == 0 || print.to_level_line[i] < 3 || print.to_upright_line[i] < 3) continue;
            found.push_back({(x + 0.5) * mm_x, (y + 0.5) * mm_y, PrintKind::ink, 0, 0});
          }
        }
        const double filled = static_cast<double>(found.size()) / (static_cast<double>(step_x) * step_y);
        if (found.size() < 16 || filled > 0.5) continue;
        PrintElement tile;
        const double step = static_cast<double>(found.size()) / 24;
        for (double at = 0; at < static_cast<double>(found.size()); at += std::max(1.0, step)) {
          tile.samples.push_back(found[static_cast<std::size_t>(at)]);
        }
        tile.weight = 0.5;
        tiles.push_back(std::move(tile));
      }
    }
    const double step = std::max(1.0, static_cast<double>(tiles.size()) / static_cast<double>(kMostTiles));
    for (double at = 0; at < static_cast<double>(tiles.size()); at += step) {
      reference_.elements.push_back(std::move(tiles[static_cast<std::size_t>(at)]));
    }
  }

  PrintReference& reference_;
};

}  // namespace

PrintReference make_reference(const config::FormTemplate& form, const page::GrayImage& blank) {
  PrintReference reference;
  reference.width_mm = form.width_mm;
  reference.height_mm = form.height_mm;
  for (const config::Field& field : form.fields) reference.fields.push_back(field.zone);
  Builder builder(reference);
  for (const config::CornerMark& mark : form.find_by.corner_marks) {
    builder.add_block({mark.center.x_mm - mark.size_mm / 2, mark.center.y_mm - mark.size_mm / 2, mark.size_mm, mark.size_mm}, 2);
  }
  for (const config::Landmark& landmark : form.find_by.landmarks) builder.add_landmark(landmark);
  if (!blank.empty()) {
    builder.add_blank(blank);
  } else {
    // The blank's picture shows the fields' boxes already.
    for (const config::Field& field : form.fields) builder.add_field(field);
  }
  std::stable_sort(reference.lines.begin(), reference.lines.end(),
                   [](const ReferenceLine& a, const ReferenceLine& b) { return a.length_mm() > b.length_mm(); });
  double weight = 0;
  std::size_t pieces = 0;
  for (const PrintElement& element : reference.elements) {
    if (!element.counts) continue;
    weight += element.weight;
    ++pieces;
  }
  const bool has_start = !reference.lines.empty() || reference.blobs.size() >= 2;
  if (!has_start || pieces < 3 || weight < 1.5) {
    throw Error(ErrorKind::invalid_template,
                "form \"" + form.id + "\": find_by lists too little print to find a page by: give three or four corner_marks, "
                "or six or more landmarks of which some are lines or rectangles 20 mm or longer, or a blank_image");
  }
  return reference;
}

}  // namespace inkfield::pipeline
