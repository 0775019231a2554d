#include "tests/generator/canvas.h"

#include <cairo.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>

#include "tests/generator/random.h"

namespace inkfield::generator {
namespace {

constexpr double kMmPerInch = 25.4;
constexpr double kMmPerPoint = kMmPerInch / 72;

struct ContextDestroyer {
  void operator()(cairo_t* context) const { cairo_destroy(context); }
};
struct SurfaceDestroyer {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
};
struct OptionsDestroyer {
  void operator()(cairo_font_options_t* options) const { cairo_font_options_destroy(options); }
};
using Context = std::unique_ptr<cairo_t, ContextDestroyer>;
using Surface = std::unique_ptr<cairo_surface_t, SurfaceDestroyer>;

void use_colour(cairo_t* context, const Colour& colour) {
  cairo_set_source_rgb(context, colour.red, colour.green, colour.blue);
}

void trace_rectangle(cairo_t* context, double x, double y, double width, double height, double radius) {
  if (radius <= 0) {
    cairo_rectangle(context, x, y, width, height);
    return;
  }
  constexpr double kQuarter = std::numbers::pi / 2;
  cairo_new_sub_path(context);
  cairo_arc(context, x + width - radius, y + radius, radius, -kQuarter, 0);
  cairo_arc(context, x + width - radius, y + height - radius, radius, 0, kQuarter);
  cairo_arc(context, x + radius, y + height - radius, radius, kQuarter, 2 * kQuarter);
  cairo_arc(context, x + radius, y + radius, radius, 2 * kQuarter, 3 * kQuarter);
  cairo_close_path(context);
}

/// Noise on a grid of `step` pixels, smooth between; values from -1 to 1.
class SmoothNoise {
 public:
  SmoothNoise(int width, int height, int step, Random& random)
      : step_(step), columns_(width / step + 2), values_(static_cast<std::size_t>(columns_ * (height / step + 2))) {
    for (float& value : values_) {
      value = static_cast<float>(random.between(-1, 1));
    }
  }
  [[nodiscard]] double at(int x, int y) const {
    const int column = x / step_;
    const int row = y / step_;
    const double fx = static_cast<double>(x % step_) / step_;
    const double fy = static_cast<double>(y % step_) / step_;
    const auto value = [&](int c, int r) { return static_cast<double>(values_[static_cast<std::size_t>(r * columns_ + c)]); };
    const double top = value(column, row) * (1 - fx) + value(column + 1, row) * fx;
    const double bottom = value(column, row + 1) * (1 - fx) + value(column + 1, row + 1) * fx;
    return top * (1 - fy) + bottom * fy;
  }

 private:
  int step_;
  int columns_;
  std::vector<float> values_;
};

}  // namespace

struct Canvas::Impl {
  Placement placement;
  Surface surface;
  Context context;
  Surface ink_surface;
  Context ink;
  bool inked = false;

  void set_font(const Font& font) const {
    cairo_select_font_face(context.get(), font.family.c_str(), font.italic ? CAIRO_FONT_SLANT_ITALIC : CAIRO_FONT_SLANT_NORMAL,
                           font.bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(context.get(), font.size_pt * kMmPerPoint);
  }
  /// Widths are measured in tenths of a thousandth of the size, whatever the dpi, so that a form is the same at any.
  [[nodiscard]] double advance(const std::string& character) const {
    cairo_text_extents_t extents{};
    cairo_text_extents(context.get(), character.c_str(), &extents);
    return extents.x_advance;
  }
};

namespace {

std::vector<std::string> characters_of(const std::string& text) {
  std::vector<std::string> characters;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t length = 1;
    while (i + length < text.size() && (static_cast<unsigned char>(text[i + length]) & 0xC0U) == 0x80U) {
      ++length;
    }
    characters.push_back(text.substr(i, length));
    i += length;
  }
  return characters;
}

}  // namespace

Canvas::Canvas(double width_mm, double height_mm, const Placement& placement, Colour paper) : impl_(std::make_unique<Impl>()) {
  impl_->placement = placement;
  const double px_per_mm = placement.dpi / kMmPerInch;
  const int width_px = static_cast<int>(std::lround((width_mm + 2 * placement.border_mm) * px_per_mm));
  const int height_px = static_cast<int>(std::lround((height_mm + 2 * placement.border_mm) * px_per_mm));
  const auto prepare = [&](cairo_t* context) {
    cairo_translate(context, width_px / 2.0 + placement.shift_x_mm * px_per_mm, height_px / 2.0 + placement.shift_y_mm * px_per_mm);
    cairo_rotate(context, placement.angle_degrees * std::numbers::pi / 180);
    cairo_scale(context, px_per_mm * placement.scale, px_per_mm * placement.scale);
    cairo_translate(context, -width_mm / 2, -height_mm / 2);
    cairo_set_line_cap(context, CAIRO_LINE_CAP_BUTT);
    cairo_set_line_join(context, CAIRO_LINE_JOIN_MITER);
    const std::unique_ptr<cairo_font_options_t, OptionsDestroyer> options(cairo_font_options_create());
    cairo_font_options_set_hint_style(options.get(), CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options.get(), CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options.get(), CAIRO_ANTIALIAS_GRAY);
    cairo_set_font_options(context, options.get());
  };
  impl_->surface.reset(cairo_image_surface_create(CAIRO_FORMAT_RGB24, width_px, height_px));
  impl_->ink_surface.reset(cairo_image_surface_create(CAIRO_FORMAT_A8, width_px, height_px));
  impl_->context.reset(cairo_create(impl_->surface.get()));
  impl_->ink.reset(cairo_create(impl_->ink_surface.get()));
  if (cairo_status(impl_->context.get()) != CAIRO_STATUS_SUCCESS || cairo_status(impl_->ink.get()) != CAIRO_STATUS_SUCCESS) {
    throw std::runtime_error("cairo cannot make a sheet of " + std::to_string(width_px) + " x " + std::to_string(height_px) +
                             " pixels");
  }
  use_colour(impl_->context.get(), placement.glass);
  cairo_paint(impl_->context.get());
  prepare(impl_->context.get());
  prepare(impl_->ink.get());
  cairo_rectangle(impl_->context.get(), 0, 0, width_mm, height_mm);
  use_colour(impl_->context.get(), paper);
  cairo_fill(impl_->context.get());
  // Nothing is printed beyond the sheet's edge.
  cairo_rectangle(impl_->context.get(), 0, 0, width_mm, height_mm);
  cairo_clip(impl_->context.get());
  cairo_rectangle(impl_->ink.get(), 0, 0, width_mm, height_mm);
  cairo_clip(impl_->ink.get());
  cairo_set_line_cap(impl_->ink.get(), CAIRO_LINE_CAP_ROUND);
}

Canvas::~Canvas() = default;

void Canvas::line(double x1_mm, double y1_mm, double x2_mm, double y2_mm, double width_mm, Colour colour) {
  cairo_t* context = impl_->context.get();
  use_colour(context, colour);
  cairo_set_line_width(context, width_mm);
  cairo_move_to(context, x1_mm, y1_mm);
  cairo_line_to(context, x2_mm, y2_mm);
  cairo_stroke(context);
}

void Canvas::outline(const config::RectMm& rectangle, double width_mm, Colour colour, double radius_mm) {
  cairo_t* context = impl_->context.get();
  use_colour(context, colour);
  cairo_set_line_width(context, width_mm);
  trace_rectangle(context, rectangle.x_mm + width_mm / 2, rectangle.y_mm + width_mm / 2, rectangle.width_mm - width_mm,
                  rectangle.height_mm - width_mm, radius_mm);
  cairo_stroke(context);
}

void Canvas::fill(const config::RectMm& rectangle, Colour colour, double radius_mm) {
  cairo_t* context = impl_->context.get();
  use_colour(context, colour);
  trace_rectangle(context, rectangle.x_mm, rectangle.y_mm, rectangle.width_mm, rectangle.height_mm, radius_mm);
  cairo_fill(context);
}

void Canvas::polygon(const std::vector<config::PointMm>& points, Colour colour) {
  cairo_t* context = impl_->context.get();
  use_colour(context, colour);
  for (const config::PointMm& point : points) {
    cairo_line_to(context, point.x_mm, point.y_mm);
  }
  cairo_close_path(context);
  cairo_fill(context);
}

void Canvas::curve(const std::vector<config::PointMm>& points, double width_mm, Colour colour, bool closed) {
  cairo_t* context = impl_->context.get();
  use_colour(context, colour);
  cairo_set_line_width(context, width_mm);
  for (const config::PointMm& point : points) {
    cairo_line_to(context, point.x_mm, point.y_mm);
  }
  if (closed) {
    cairo_close_path(context);
  }
  cairo_stroke(context);
}

void Canvas::circle(double x_mm, double y_mm, double radius_mm, double width_mm, Colour colour) {
  cairo_t* context = impl_->context.get();
  use_colour(context, colour);
  cairo_new_sub_path(context);
  cairo_arc(context, x_mm, y_mm, radius_mm, 0, 2 * std::numbers::pi);
  if (width_mm > 0) {
    cairo_set_line_width(context, width_mm);
    cairo_stroke(context);
  } else {
    cairo_fill(context);
  }
}

double Canvas::text_width_mm(const std::string& text, const Font& font) const {
  impl_->set_font(font);
  double width = 0;
  for (const std::string& character : characters_of(text)) {
    width += impl_->advance(character) + font.tracking_mm;
  }
  return width - (text.empty() ? 0 : font.tracking_mm);
}

void Canvas::text(double x_mm, double baseline_mm, const std::string& text, const Font& font, Colour colour, Align align,
                  double angle_degrees) {
  cairo_t* context = impl_->context.get();
  double x = 0;
  if (align != Align::left) {
    x = -text_width_mm(text, font) * (align == Align::center ? 0.5 : 1);
  }
  cairo_save(context);
  cairo_translate(context, x_mm, baseline_mm);
  cairo_rotate(context, angle_degrees * std::numbers::pi / 180);
  impl_->set_font(font);
  use_colour(context, colour);
  if (font.tracking_mm == 0) {
    cairo_move_to(context, x, 0);
    cairo_show_text(context, text.c_str());
  } else {
    for (const std::string& character : characters_of(text)) {
      cairo_move_to(context, x, 0);
      cairo_show_text(context, character.c_str());
      x += impl_->advance(character) + font.tracking_mm;
    }
  }
  cairo_restore(context);
}

void Canvas::clip(const config::RectMm& rectangle) {
  cairo_save(impl_->context.get());
  cairo_rectangle(impl_->context.get(), rectangle.x_mm, rectangle.y_mm, rectangle.width_mm, rectangle.height_mm);
  cairo_clip(impl_->context.get());
}

void Canvas::unclip() { cairo_restore(impl_->context.get()); }

void Canvas::stroke(const std::vector<PenPoint>& points) {
  if (points.empty()) {
    return;
  }
  cairo_t* ink = impl_->ink.get();
  cairo_set_source_rgba(ink, 0, 0, 0, 1);
  impl_->inked = true;
  if (points.size() == 1) {
    cairo_new_sub_path(ink);
    cairo_arc(ink, points[0].x_mm, points[0].y_mm, points[0].width_mm / 2, 0, 2 * std::numbers::pi);
    cairo_fill(ink);
    return;
  }
  for (std::size_t i = 1; i < points.size(); ++i) {
    cairo_set_line_width(ink, (points[i - 1].width_mm + points[i].width_mm) / 2);
    cairo_move_to(ink, points[i - 1].x_mm, points[i - 1].y_mm);
    cairo_line_to(ink, points[i].x_mm, points[i].y_mm);
    cairo_stroke(ink);
  }
}

void Canvas::lay_ink(const Pen& pen, std::uint64_t seed) {
  if (!impl_->inked) {
    return;
  }
  cairo_surface_t* mask = impl_->ink_surface.get();
  cairo_surface_t* sheet = impl_->surface.get();
  cairo_surface_flush(mask);
  cairo_surface_flush(sheet);
  const int width = cairo_image_surface_get_width(mask);
  const int height = cairo_image_surface_get_height(mask);
  Random random(seed, "ink", 0);
  const double px_per_mm = impl_->placement.dpi / kMmPerInch;
  const SmoothNoise flow(width, height, std::max(2, static_cast<int>(std::lround(1.5 * px_per_mm))), random);
  const SmoothNoise tooth(width, height, std::max(2, static_cast<int>(std::lround(0.12 * px_per_mm))), random);
  for (int y = 0; y < height; ++y) {
    unsigned char* coverage = cairo_image_surface_get_data(mask) + static_cast<std::ptrdiff_t>(y) * cairo_image_surface_get_stride(mask);
    auto* pixels = reinterpret_cast<std::uint32_t*>(cairo_image_surface_get_data(sheet) +
                                                    static_cast<std::ptrdiff_t>(y) * cairo_image_surface_get_stride(sheet));
    for (int x = 0; x < width; ++x) {
      if (coverage[x] == 0) {
        continue;
      }
      const double grain = pen.grain * (0.5 + 0.5 * tooth.at(x, y)) * 2;
      const double alpha = std::clamp(coverage[x] / 255.0 * pen.opacity * (1 - grain) * (1 - pen.patchiness * (0.5 + 0.5 * flow.at(x, y))),
                                      0.0, 1.0);
      const auto mixed = [&](unsigned shift, double ink_value) {
        const double under = static_cast<double>((pixels[x] >> shift) & 0xFFU);
        return static_cast<std::uint32_t>(std::lround(under * (1 - alpha * (1 - ink_value)))) << shift;
      };
      pixels[x] = 0xFF000000U | mixed(16, pen.colour.red) | mixed(8, pen.colour.green) | mixed(0, pen.colour.blue);
      coverage[x] = 0;
    }
  }
  cairo_surface_mark_dirty(mask);
  cairo_surface_mark_dirty(sheet);
  impl_->inked = false;
}

Picture Canvas::picture() const {
  cairo_surface_t* sheet = impl_->surface.get();
  cairo_surface_flush(sheet);
  Picture picture;
  picture.width_px = cairo_image_surface_get_width(sheet);
  picture.height_px = cairo_image_surface_get_height(sheet);
  picture.dpi = picture.dpi_tag = impl_->placement.dpi;
  picture.samples.resize(picture.row_bytes() * static_cast<std::size_t>(picture.height_px));
  for (int y = 0; y < picture.height_px; ++y) {
    const auto* pixels = reinterpret_cast<const std::uint32_t*>(
        cairo_image_surface_get_data(sheet) + static_cast<std::ptrdiff_t>(y) * cairo_image_surface_get_stride(sheet));
    std::uint8_t* to = picture.row(y);
    for (int x = 0; x < picture.width_px; ++x) {
      *to++ = static_cast<std::uint8_t>(pixels[x] >> 16U);
      *to++ = static_cast<std::uint8_t>(pixels[x] >> 8U);
      *to++ = static_cast<std::uint8_t>(pixels[x]);
    }
  }
  return picture;
}

}  // namespace inkfield::generator
