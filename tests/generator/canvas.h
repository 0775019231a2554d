// A sheet of paper that is drawn on in millimetres: print, tints and pen strokes. Stands over cairo, which no other
// file includes.
//
// Print and ink are laid down like real ones: ink multiplies what lies under it, so a box line stays visible
// under a stroke and a tint stays visible around it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "config/geometry.h"
#include "tests/generator/picture.h"

namespace inkfield::generator {

struct Colour {
  double red = 0;
  double green = 0;
  double blue = 0;
};
inline constexpr Colour kBlack{0.07, 0.07, 0.08};
inline constexpr Colour kWhite{1, 1, 1};

enum class Align { left, center, right };

struct Font {
  std::string family = "Nimbus Sans";
  double size_pt = 8;
  bool bold = false;
  bool italic = false;
  double tracking_mm = 0;  ///< added after every character
};

/// Where the sheet lies under the scanner's glass.
struct Placement {
  double dpi = 300;
  double angle_degrees = 0;  ///< clockwise in the picture
  double scale = 1;          ///< of a feeder that runs fast or slow
  double shift_x_mm = 0;     ///< of the sheet's middle from the picture's
  double shift_y_mm = 0;
  double border_mm = 0;      ///< glass around the sheet on every side; its colour is `glass`
  Colour glass = kWhite;
};

struct PenPoint {
  double x_mm = 0;
  double y_mm = 0;
  double width_mm = 0;
};

/// How ink lies on paper.
struct Pen {
  Colour colour{0.08, 0.1, 0.35};
  double opacity = 0.95;
  double grain = 0.1;     ///< share of the ink that the paper's tooth does not take; pencils have most
  double patchiness = 0;  ///< slow changes of the flow along strokes
};

class Canvas {
 public:
  Canvas(double width_mm, double height_mm, const Placement& placement, Colour paper);
  ~Canvas();
  Canvas(const Canvas&) = delete;
  Canvas& operator=(const Canvas&) = delete;

  void line(double x1_mm, double y1_mm, double x2_mm, double y2_mm, double width_mm, Colour colour);
  /// The outer edge of the outline lies on the rectangle.
  void outline(const config::RectMm& rectangle, double width_mm, Colour colour, double radius_mm = 0);
  void fill(const config::RectMm& rectangle, Colour colour, double radius_mm = 0);
  void polygon(const std::vector<config::PointMm>& points, Colour colour);
  void curve(const std::vector<config::PointMm>& points, double width_mm, Colour colour, bool closed = false);
  void circle(double x_mm, double y_mm, double radius_mm, double width_mm, Colour colour);  ///< width 0: filled
  void text(double x_mm, double baseline_mm, const std::string& text, const Font& font, Colour colour = kBlack,
            Align align = Align::left, double angle_degrees = 0);
  [[nodiscard]] double text_width_mm(const std::string& text, const Font& font) const;

  /// Everything drawn until `unclip` stays inside.
  void clip(const config::RectMm& rectangle);
  void unclip();

  /// One stroke of the pen that `lay_ink` then takes; points lie close together.
  void stroke(const std::vector<PenPoint>& points);
  /// Lays all strokes made since the last call on the paper.
  void lay_ink(const Pen& pen, std::uint64_t seed);

  [[nodiscard]] Picture picture() const;  ///< RGB

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace inkfield::generator
