// Glyph tables bent by a writer's style into pen paths, and pen paths drawn as ink.
#include "recognizer/synthesis/handwriting.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "recognizer/synthesis/glyphs.h"

namespace inkfield::synthesis {
namespace {

// Steps for each span between two table points: at 60 px a digit, segments stay under 4 px.
constexpr int kStepsPerSpan = 6;

struct Point {
  float x;
  float y;
};

Point mix(Point a, Point b, float t) { return {a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t}; }

bool same(const GlyphPoint& a, const GlyphPoint& b) { return a.x == b.x && a.y == b.y; }

// One smooth part of a stroke: Catmull-Rom through the points, mixed with the straight chords of an
// angular hand.
void trace_part(const std::vector<Point>& points, float roundness, std::vector<Point>& out) {
  if (out.empty()) out.push_back(points.front());
  const std::size_t last = points.size() - 1;
  for (std::size_t i = 0; i < last; ++i) {
    const Point p0 = points[i == 0 ? 0 : i - 1];
    const Point p1 = points[i];
    const Point p2 = points[i + 1];
    const Point p3 = points[std::min(last, i + 2)];
    for (int step = 1; step <= kStepsPerSpan; ++step) {
      const float t = static_cast<float>(step) / static_cast<float>(kStepsPerSpan);
      const float t2 = t * t;
      const float t3 = t2 * t;
      const auto smooth = [&](float a, float b, float c, float d) {
        return 0.5F * (2.0F * b + (c - a) * t + (2.0F * a - 5.0F * b + 4.0F * c - d) * t2 +
                       (3.0F * b - a - 3.0F * c + d) * t3);
      };
      const Point curve = {smooth(p0.x, p1.x, p2.x, p3.x), smooth(p0.y, p1.y, p2.y, p3.y)};
      out.push_back(mix(mix(p1, p2, t), curve, roundness));
    }
  }
}

// Pressure along a stroke: swells and fades, with a little wander.
void press(const std::vector<Point>& line, float pen_width, float swing, float tremor, Random& random,
           Stroke& stroke) {
  const std::size_t count = line.size();
  const float phase = random.uniform(-0.3F, 0.3F);
  float wander_x = 0;
  float wander_y = 0;
  float wander_w = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const float t = count > 1 ? static_cast<float>(i) / static_cast<float>(count - 1) : 0.5F;
    const float middle = 1.0F - 4.0F * (t - 0.5F - 0.3F * phase) * (t - 0.5F - 0.3F * phase);
    wander_x = 0.8F * wander_x + random.normal(0, 0.35F * tremor);
    wander_y = 0.8F * wander_y + random.normal(0, 0.35F * tremor);
    wander_w = 0.8F * wander_w + random.normal(0, 0.2F * swing);
    const float width = pen_width * std::clamp(1.0F + swing * (middle - 0.6F) + wander_w, 0.35F, 1.9F);
    stroke.points.push_back({line[i].x + wander_x, line[i].y + wander_y, width});
  }
}

const Glyph& choose_glyph(std::span<const Glyph> shapes, char symbol, const WriterStyle& style,
                          Random& random) {
  // People keep to their shape of a digit, and now and then they do not.
  Random habit(style.hand * 257U + static_cast<unsigned char>(symbol));
  Random& source = random.chance(0.88F) ? habit : random;
  const auto weight = [&style](const Glyph& shape) {
    return shape.regional && !style.regional ? 0.0F : shape.weight;
  };
  float total = 0;
  for (const Glyph& shape : shapes) total += weight(shape);
  float draw = source.unit() * total;
  const Glyph* chosen = &shapes.front();
  for (const Glyph& shape : shapes) {
    if (weight(shape) == 0) continue;
    chosen = &shape;
    draw -= shape.weight;
    if (draw < 0) break;
  }
  return *chosen;
}

void grow(SymbolExtent& extent, const PenPoint& point, bool first) {
  const float r = 0.5F * point.width;
  if (first) {
    extent = {point.x - r, point.y - r, point.x + r, point.y + r};
    return;
  }
  extent.left = std::min(extent.left, point.x - r);
  extent.top = std::min(extent.top, point.y - r);
  extent.right = std::max(extent.right, point.x + r);
  extent.bottom = std::max(extent.bottom, point.y + r);
}

SymbolExtent extent_of(const std::vector<Stroke>& strokes, std::size_t first_stroke) {
  SymbolExtent extent;
  bool first = true;
  for (std::size_t i = first_stroke; i < strokes.size(); ++i) {
    for (const PenPoint& point : strokes[i].points) {
      grow(extent, point, first);
      first = false;
    }
  }
  return extent;
}

void shift(Stroke& stroke, float dx, float dy) {
  for (PenPoint& point : stroke.points) {
    point.x += dx;
    point.y += dy;
  }
}

// Strokes of one symbol with its own left edge near x = 0.
std::vector<Stroke> write_glyph(const Glyph& glyph, const WriterStyle& style, Random& random) {
  std::vector<Stroke> strokes;
  const float comma_size = glyph.symbol == ',' ? style.comma_size : 1.0F;
  const float size = comma_size * std::max(0.5F, random.normal(1.0F, style.size_jitter));
  const float aspect = style.aspect * std::max(0.6F, random.normal(1.0F, 0.08F));
  const float slant = style.slant + random.normal(0, 0.05F);
  const float turn = random.normal(0, 0.05F);
  const bool is_mark = glyph.symbol == ',' || glyph.symbol == '.';
  const float jitter = is_mark ? 0.4F * style.shape_jitter : style.shape_jitter;
  for (const std::vector<GlyphPoint>& table : glyph.strokes) {
    std::vector<Point> line;
    std::vector<Point> part;
    const float dx = random.normal(0, 0.6F * jitter);
    const float dy = random.normal(0, 0.6F * jitter);
    Point moved{};
    for (std::size_t i = 0; i < table.size(); ++i) {
      const bool corner = i > 0 && same(table[i], table[i - 1]);
      if (corner) {
        // The part ends here and the next begins at the very same point.
        if (part.size() > 1) trace_part(part, style.roundness, line);
        part.assign(1, moved);
        continue;
      }
      const float side = glyph.symbol == ',' && style.commas_bend_left ? -1.0F : 1.0F;
      const float x = side * aspect * (table[i].x + dx) + random.normal(0, jitter);
      const float y = table[i].y - 1.0F + dy + random.normal(0, jitter);
      moved = {size * (x - slant * y - turn * (y + 0.5F)), size * (y + turn * (x - 0.25F))};
      part.push_back(moved);
    }
    if (part.size() > 1) trace_part(part, style.roundness, line);
    Stroke stroke;
    const float pen = glyph.symbol == '.' ? style.pen_width * random.uniform(1.0F, 1.6F) : style.pen_width;
    press(line, pen, style.pressure_swing, style.tremor, random, stroke);
    strokes.push_back(std::move(stroke));
  }
  return strokes;
}

}  // namespace

WriterStyle WriterStyle::random(Random& random) {
  WriterStyle style;
  style.slant = random.normal(0.14F, 0.17F);
  style.aspect = std::clamp(random.normal(1.0F, 0.20F), 0.6F, 1.6F);
  style.pen_width = random.chance(0.2F) ? random.uniform(0.12F, 0.20F) : random.uniform(0.05F, 0.13F);
  style.pressure_swing = random.uniform(0.0F, 0.45F);
  style.darkness = random.chance(0.2F) ? random.uniform(0.5F, 0.85F) : random.uniform(0.85F, 1.0F);
  style.tremor = random.chance(0.15F) ? random.uniform(0.02F, 0.04F) : random.uniform(0.003F, 0.018F);
  style.shape_jitter = random.uniform(0.012F, 0.05F);
  style.size_jitter = random.uniform(0.02F, 0.11F);
  style.baseline_wobble = random.uniform(0.0F, 0.07F);
  style.baseline_slope = random.normal(0, 0.025F);
  style.roundness = random.chance(0.15F) ? random.uniform(0.2F, 0.7F) : random.uniform(0.8F, 1.1F);
  style.gap = random.chance(0.35F) ? random.uniform(-0.10F, 0.08F) : random.uniform(0.06F, 0.40F);
  style.gap_jitter = random.uniform(0.02F, 0.10F);
  style.join = random.chance(0.3F) ? random.uniform(0.1F, 0.9F) : 0.0F;
  style.hand = random.next();
  return style;
}

WriterStyle WriterStyle::careful(Random& random) {
  WriterStyle style = WriterStyle::random(random);
  style.slant = random.normal(0.08F, 0.10F);
  style.aspect = std::clamp(random.normal(1.0F, 0.12F), 0.75F, 1.3F);
  style.pen_width = random.uniform(0.07F, 0.13F);
  style.pressure_swing = random.uniform(0.0F, 0.3F);
  style.darkness = random.uniform(0.85F, 1.0F);
  style.tremor = random.uniform(0.003F, 0.014F);
  style.shape_jitter = random.uniform(0.010F, 0.028F);
  style.size_jitter = random.uniform(0.02F, 0.06F);
  style.baseline_wobble = random.uniform(0.0F, 0.04F);
  style.baseline_slope = random.normal(0, 0.012F);
  style.roundness = random.uniform(0.85F, 1.05F);
  style.gap = random.uniform(0.14F, 0.34F);
  style.gap_jitter = random.uniform(0.02F, 0.05F);
  style.join = 0;
  return style;
}

SymbolExtent StrokePath::bounds() const { return extent_of(strokes, 0); }

bool can_write(char symbol) { return symbol == ' ' || !glyphs_of(symbol).empty(); }

std::string_view drawable_letters() { return "ACEFHKLMNPRTVWXYacdefhjkmnprtuvwxy"; }

StrokePath write_text(std::string_view text, const WriterStyle& style, Random& random) {
  StrokePath path;
  path.darkness = style.darkness;
  float cursor = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::span<const Glyph> shapes = glyphs_of(text[i]);
    if (shapes.empty()) {
      const float space = 0.45F * style.aspect;
      path.symbols.push_back({cursor, 0, cursor + space, 0});
      cursor += space;
      continue;
    }
    const std::size_t first_stroke = path.strokes.size();
    const bool can_join = first_stroke > 0 && path.strokes.back().symbol == static_cast<int>(i) - 1;
    PenPoint from = can_join ? path.strokes.back().points.back() : PenPoint{};
    std::vector<Stroke> strokes = write_glyph(choose_glyph(shapes, text[i], style, random), style, random);
    const SymbolExtent extent = extent_of(strokes, 0);
    // Gaps are measured between the bodies; slanted marks may lean over their neighbours.
    const bool leans = text[i] == ',' || text[i] == '/';
    const float left_edge = leans ? 0.5F * (extent.left + extent.right) - 0.08F : extent.left;
    const float dx = cursor - left_edge;
    const float dy = random.normal(0, style.baseline_wobble) + style.baseline_slope * cursor;
    for (Stroke& stroke : strokes) {
      shift(stroke, dx, dy);
      stroke.symbol = static_cast<int>(i);
    }
    const bool is_digit = text[i] >= '0' && text[i] <= '9';
    if (can_join && is_digit && random.chance(style.join)) {
      const PenPoint to = strokes.front().points.front();
      // A thin connecting stroke that sags a little, as a hurried pen leaves it.
      std::vector<Point> link;
      const Point middle = {0.5F * (from.x + to.x), 0.5F * (from.y + to.y) + random.uniform(0.0F, 0.15F)};
      trace_part({{from.x, from.y}, middle, {to.x, to.y}}, 1.0F, link);
      Stroke stroke;
      press(link, 0.7F * style.pen_width, 0.2F, style.tremor, random, stroke);
      path.strokes.push_back(std::move(stroke));
    }
    for (Stroke& stroke : strokes) path.strokes.push_back(std::move(stroke));
    path.symbols.push_back({extent.left + dx, extent.top + dy, extent.right + dx, extent.bottom + dy});
    const float right_edge = leans ? 0.5F * (extent.left + extent.right) + 0.08F : extent.right;
    cursor = right_edge + dx + random.normal(style.gap, style.gap_jitter);
  }
  path.advance = cursor;
  return path;
}

StrokePath write_linked_zeros(int count, float height, float lift, const WriterStyle& style, Random& random) {
  constexpr int kCorners = 8;  // of a loop, before it is rounded
  constexpr float kTurn = 6.2831853F;
  StrokePath path;
  path.darkness = style.darkness;
  const float radius_y = 0.5F * height;
  const float radius_x = radius_y * style.aspect * random.uniform(0.65F, 1.05F);
  const float pitch = 2 * radius_x + height * random.uniform(-0.05F, 0.45F);
  const float sag = random.uniform(-0.02F, 0.25F) * height;
  // Where a loop begins and ends, from its right side against the clock; most people begin at the top right.
  const float begin = random.uniform(0.12F, 0.26F) * kTurn;
  std::vector<Point> pen;
  for (int i = 0; i < count; ++i) {
    const float size = std::max(0.7F, random.normal(1.0F, style.size_jitter));
    const float x = radius_x + pitch * static_cast<float>(i) + random.normal(0, style.shape_jitter);
    const float y = -lift - radius_y * size + random.normal(0, style.baseline_wobble * height) + style.baseline_slope * x;
    const float over = random.uniform(0.0F, 0.12F) * kTurn;
    for (int k = 0; k <= kCorners; ++k) {
      const float angle = begin + (kTurn + over) * static_cast<float>(k) / kCorners;
      const float at_y = -radius_y * size * std::sin(angle) + random.normal(0, 0.5F * style.shape_jitter * height);
      const float at_x = radius_x * size * std::cos(angle) + random.normal(0, 0.5F * style.shape_jitter * height);
      pen.push_back({x + at_x - style.slant * at_y, y + at_y});
    }
    path.symbols.push_back({x - radius_x * size, y - radius_y * size, x + radius_x * size, y + radius_y * size});
    if (i + 1 < count) {
      const Point last = pen.back();
      pen.push_back({last.x + 0.5F * (pitch - radius_x), last.y + sag});
    }
  }
  std::vector<Point> line;
  trace_part(pen, 1.0F, line);
  Stroke stroke;
  press(line, style.pen_width, style.pressure_swing, style.tremor, random, stroke);
  path.strokes.push_back(std::move(stroke));
  path.advance = path.bounds().right + random.normal(style.gap, style.gap_jitter);
  return path;
}

StrokePath write_scribble(float width, const WriterStyle& style, Random& random) {
  StrokePath path;
  path.darkness = style.darkness;
  const int kind = random.below(3);
  std::vector<Point> points;
  const int count = kind == 2 ? 5 + random.below(5) : 8 + random.below(14);
  for (int i = 0; i < count; ++i) {
    const float t = static_cast<float>(i) / static_cast<float>(count - 1);
    if (kind == 0) {  // zigzag from left to right
      points.push_back({t * width + random.normal(0, 0.05F),
                        i % 2 == 0 ? random.uniform(-1.0F, -0.75F) : random.uniform(-0.25F, 0.0F)});
    } else if (kind == 1) {  // a ball of loops
      points.push_back({random.uniform(0.0F, width), random.uniform(-1.0F, 0.0F)});
    } else {  // something like a signature: low waves with one tall stroke
      const float top = random.chance(0.3F) ? -1.1F : -0.5F;
      points.push_back(
          {t * width, i % 2 == 0 ? random.uniform(top, top + 0.3F) : random.uniform(-0.2F, 0.1F)});
    }
  }
  std::vector<Point> line;
  trace_part(points, kind == 0 ? 0.5F * style.roundness : style.roundness, line);
  Stroke stroke;
  press(line, style.pen_width, style.pressure_swing, style.tremor, random, stroke);
  path.strokes.push_back(std::move(stroke));
  path.advance = width;
  return path;
}

StrokePath write_crossed_out(std::string_view text, const WriterStyle& style, Random& random) {
  StrokePath path = write_text(text, style, random);
  const SymbolExtent bounds = path.bounds();
  const int kind = random.below(3);
  const int lines = kind == 0 ? 2 + random.below(3) : kind == 1 ? 2 : 1;
  for (int i = 0; i < lines; ++i) {
    std::vector<Point> points;
    if (kind == 1) {  // an X over all of it
      const float y = i == 0 ? bounds.top : bounds.bottom;
      points = {{bounds.left, y}, {bounds.right, bounds.top + bounds.bottom - y}};
    } else if (kind == 0) {  // lines through it
      const float y = random.uniform(bounds.top + 0.25F, bounds.bottom - 0.2F);
      points = {{bounds.left - 0.1F, y + random.normal(0, 0.08F)},
                {bounds.right + 0.1F, y + random.normal(0, 0.08F)}};
    } else {  // rubbed out with a zigzag
      const int turns = 6 + random.below(8);
      for (int k = 0; k <= turns; ++k) {
        const float t = static_cast<float>(k) / static_cast<float>(turns);
        points.push_back({bounds.left + t * (bounds.right - bounds.left),
                          k % 2 == 0 ? bounds.top + 0.1F : bounds.bottom - 0.1F});
      }
    }
    std::vector<Point> line;
    trace_part(points, 0.6F, line);
    Stroke stroke;
    press(line, style.pen_width, style.pressure_swing, style.tremor, random, stroke);
    path.strokes.push_back(std::move(stroke));
  }
  return path;
}

StrokePath write_flourish(const WriterStyle& style, Random& random) {
  StrokePath path;
  path.darkness = style.darkness;
  const float length = random.uniform(0.8F, 3.5F);
  const float y = random.uniform(-0.7F, -0.3F);
  std::vector<Point> line;
  trace_part({{0, y}, {0.3F * length, y + random.normal(0, 0.12F)}, {length, y + random.normal(0, 0.15F)}},
             1.0F, line);
  Stroke stroke;
  press(line, style.pen_width, style.pressure_swing, style.tremor, random, stroke);
  path.strokes.push_back(std::move(stroke));
  path.advance = length;
  return path;
}

void append(StrokePath& path, const StrokePath& other, float at_x, float at_y) {
  const int symbols_before = static_cast<int>(path.symbols.size());
  for (Stroke stroke : other.strokes) {
    shift(stroke, at_x, at_y);
    if (stroke.symbol >= 0) stroke.symbol += symbols_before;
    path.strokes.push_back(std::move(stroke));
  }
  for (SymbolExtent extent : other.symbols) {
    path.symbols.push_back(
        {extent.left + at_x, extent.top + at_y, extent.right + at_x, extent.bottom + at_y});
  }
  path.advance = std::max(path.advance, at_x + other.advance);
}

InkCanvas::InkCanvas(int width_px, int height_px)
    : width_px_(std::max(0, width_px)),
      height_px_(std::max(0, height_px)),
      pixels_(static_cast<std::size_t>(width_px_) * static_cast<std::size_t>(height_px_), 0) {}

recognizer::ImageView InkCanvas::view() const { return {pixels_.data(), width_px_, height_px_, width_px_}; }

void InkCanvas::ink(int x, int y, std::uint8_t ink) {
  if (x < 0 || y < 0 || x >= width_px_ || y >= height_px_) return;
  std::uint8_t& pixel = row(y)[x];
  pixel = std::max(pixel, ink);
}

void InkCanvas::draw_segment(float x0, float y0, float width0, float x1, float y1, float width1,
                             float darkness) {
  // Thinner than a pixel, a stroke is drawn one pixel wide and paler.
  const auto fade = [](float width) { return std::min(1.0F, width); };
  const float r0 = 0.5F * std::max(1.0F, width0);
  const float r1 = 0.5F * std::max(1.0F, width1);
  const float reach = std::max(r0, r1) + 1.0F;
  const auto clip = [](float value, int size) {
    return static_cast<int>(std::clamp(value, -1.0F, static_cast<float>(size)));
  };
  const int left = std::max(0, clip(std::min(x0, x1) - reach, width_px_));
  const int right = std::min(width_px_ - 1, clip(std::max(x0, x1) + reach, width_px_));
  const int top = std::max(0, clip(std::min(y0, y1) - reach, height_px_));
  const int bottom = std::min(height_px_ - 1, clip(std::max(y0, y1) + reach, height_px_));
  const float dx = x1 - x0;
  const float dy = y1 - y0;
  const float length2 = dx * dx + dy * dy;
  const float per_length2 = length2 > 1e-12F ? 1.0F / length2 : 0.0F;
  for (int y = top; y <= bottom; ++y) {
    std::uint8_t* pixels = row(y);
    const float py = static_cast<float>(y) + 0.5F - y0;
    for (int x = left; x <= right; ++x) {
      const float px = static_cast<float>(x) + 0.5F - x0;
      const float t = std::clamp((px * dx + py * dy) * per_length2, 0.0F, 1.0F);
      const float ex = px - t * dx;
      const float ey = py - t * dy;
      const float distance = std::sqrt(ex * ex + ey * ey);
      const float coverage = std::clamp(r0 + t * (r1 - r0) - distance + 0.5F, 0.0F, 1.0F);
      if (coverage <= 0) continue;
      const float strength = darkness * fade(width0 + t * (width1 - width0)) * coverage;
      const auto value = static_cast<std::uint8_t>(std::clamp(255.0F * strength + 0.5F, 0.0F, 255.0F));
      pixels[x] = std::max(pixels[x], value);
    }
  }
}

void draw(const StrokePath& path, const Placement& placement, InkCanvas& canvas) {
  const float scale = placement.digit_height_px;
  for (const Stroke& stroke : path.strokes) {
    const std::vector<PenPoint>& points = stroke.points;
    for (std::size_t i = 0; i < points.size(); ++i) {
      const PenPoint& a = points[i == 0 ? 0 : i - 1];
      const PenPoint& b = points[i];
      if (i == 0 && points.size() > 1) continue;
      canvas.draw_segment(placement.left_px + a.x * scale, placement.baseline_px + a.y * scale,
                          a.width * scale, placement.left_px + b.x * scale,
                          placement.baseline_px + b.y * scale, b.width * scale, path.darkness);
    }
  }
}

}  // namespace inkfield::synthesis
