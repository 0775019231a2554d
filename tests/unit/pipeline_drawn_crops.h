// Crops drawn by code: pen strokes, boxes around them, paper behind, each known exactly.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/form_template.h"
#include "plugin/page/field_crop.h"
#include "plugin/page/raster.h"
#include "plugin/page/transform.h"

namespace inkfield::pipeline {

using Polyline = std::vector<page::Point>;

/// White paper, drawn on with soft-edged pens.
class Drawing {
 public:
  Drawing(int width, int height) : picture_(width, height, 255) {}
  /// Everything drawn from now on is turned about the picture's middle.
  void turn(double degrees);
  void stroke(const Polyline& points, double width_px, int gray = 20);
  void line(double x0, double y0, double x1, double y1, double width_px, int gray = 20) { stroke({{x0, y0}, {x1, y1}}, width_px, gray); }
  void rectangle(double left, double top, double right, double bottom, double width_px, int gray = 20);
  [[nodiscard]] page::GrayImage& picture() { return picture_; }

 private:
  page::GrayImage picture_;
  double cosine_ = 1;
  double sine_ = 0;
};

/// The strokes of a digit of this height with its top left corner there.
std::vector<Polyline> digit_strokes(char digit, double left, double top, double height);

struct BoxRow {
  int count = 8;
  double left = 40;
  double top = 40;
  double pitch = 60;
  double height = 64;
  double line_px = 2.5;
  int line_gray = 20;
  [[nodiscard]] double right() const { return left + count * pitch; }
  [[nodiscard]] double bottom() const { return top + height; }
};

void draw_boxes(Drawing& drawing, const BoxRow& row);
/// One character a box, a blank leaves it empty; `shift` moves every digit.
void write_in_boxes(Drawing& drawing, const BoxRow& row, const std::string& digits, double pen_px = 4, int gray = 20, page::Point shift = {0, 0});

/// A crop of unknown scale, as a host cuts it.
page::FieldCrop uncalibrated(const page::GrayImage& gray, const config::Field* field = nullptr);
/// A crop cut by the pipeline, with its zone on the row.
page::FieldCrop calibrated(const page::GrayImage& gray, const config::Field& field, const page::RectPx& zone, double px_per_mm);

config::Layout boxes_layout(int count);

/// Pixels at or above half ink.
int dark_pixels(const page::GrayImage& ink);

}  // namespace inkfield::pipeline
