// Handwritten numbers as pen strokes in one writer's style: for training, tests and sample forms.
//
//   Random random(seed);
//   const WriterStyle style = WriterStyle::random(random);
//   const StrokePath path = write_text("1,250/-", style, random);
//   InkCanvas canvas(600, 120);
//   draw(path, {.digit_height_px = 60, .left_px = 20, .baseline_px = 90}, canvas);
//
// Units: lengths are in digit heights. x runs right from where the text begins, y down from the baseline,
// so the digits stand between y = -1 and y = 0. Everything follows from the seed alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "recognizer/image_view.h"
#include "recognizer/synthesis/random.h"

namespace inkfield::synthesis {

/// How one person writes. `random` draws a plausible person; fields may be changed afterwards.
struct WriterStyle {
  float slant = 0;             ///< x shift of the top against the baseline, in heights; positive leans right
  float aspect = 1;            ///< width of the digits against the tables
  float pen_width = 0.09F;     ///< in digit heights
  float pressure_swing = 0;    ///< 0 even width .. 0.5 strongly swelling strokes
  float darkness = 1;          ///< 1 full ink; a pencil has 0.5
  float tremor = 0.015F;       ///< fine unsteadiness of the line, in heights
  float shape_jitter = 0.03F;  ///< how much a digit differs from the same writer's last one, in heights
  float size_jitter = 0.05F;   ///< deviation of a digit's size
  float baseline_wobble = 0.03F;
  float baseline_slope = 0;  ///< rise (negative) or fall per height of advance
  float roundness = 1;       ///< 0 angular .. 1 round
  float gap = 0.18F;         ///< paper between neighbours; negative makes them touch
  float gap_jitter = 0.06F;
  float join = 0;          ///< chance that the pen stays down to the next digit
  float comma_size = 1;    ///< against the tables; some people's commas are half as high as their digits
  bool commas_bend_left = false;  ///< like an opening bracket
  bool regional = false;  ///< may use the shapes of some countries alone, see glyphs.h
  std::uint64_t hand = 0;  ///< picks which of the known shapes this person uses for each symbol

  static WriterStyle random(Random& random);
  /// A careful person who fills in a form: legible, separate digits.
  static WriterStyle careful(Random& random);
};

struct PenPoint {
  float x = 0;
  float y = 0;
  float width = 0;  ///< of the stroke here, in heights
};

/// One time of pen down.
struct Stroke {
  std::vector<PenPoint> points;
  int symbol = -1;  ///< index into the text, -1 for a join or flourish
};

/// Where one symbol of the text stands. Right and bottom are the last ink, not exclusive.
struct SymbolExtent {
  float left = 0;
  float top = 0;
  float right = 0;
  float bottom = 0;
};

struct StrokePath {
  std::vector<Stroke> strokes;
  std::vector<SymbolExtent> symbols;  ///< one for each character of the text
  float advance = 0;                  ///< where a next symbol would begin
  float darkness = 1;

  /// Bounds of all ink, pen width included; all zero when nothing is drawn.
  [[nodiscard]] SymbolExtent bounds() const;
};

/// Characters that `write_text` draws: digits, `,.-/=`, a space, and the letters in `drawable_letters`.
bool can_write(char symbol);
/// Letters that nobody takes for a digit, for rejects.
std::string_view drawable_letters();

/// Writes `text` from left to right. Characters that cannot be drawn leave a gap like a space.
StrokePath write_text(std::string_view text, const WriterStyle& style, Random& random);
/// `count` zeros in one go, as people end a round sum: small loops about `height` high, each linked to the next at its top.
/// They stand on the line, or hang in its middle with `lift` above 0.
StrokePath write_linked_zeros(int count, float height, float lift, const WriterStyle& style, Random& random);
/// Ink that is no symbol: loops and zigzags about `width` x 1 heights.
StrokePath write_scribble(float width, const WriterStyle& style, Random& random);
/// `text` written and then struck out.
StrokePath write_crossed_out(std::string_view text, const WriterStyle& style, Random& random);
/// A long closing stroke as people put behind an amount.
StrokePath write_flourish(const WriterStyle& style, Random& random);
/// Puts `other` behind `path`, moved right by `at_x` heights and down by `at_y`; its symbols follow.
void append(StrokePath& path, const StrokePath& other, float at_x, float at_y);

/// An ink map that owns its pixels: 0 paper, 255 ink.
class InkCanvas {
 public:
  InkCanvas(int width_px, int height_px);
  [[nodiscard]] int width_px() const { return width_px_; }
  [[nodiscard]] int height_px() const { return height_px_; }
  [[nodiscard]] std::uint8_t* row(int y) { return pixels_.data() + static_cast<std::size_t>(y) * stride(); }
  [[nodiscard]] const std::uint8_t* row(int y) const {
    return pixels_.data() + static_cast<std::size_t>(y) * stride();
  }
  [[nodiscard]] recognizer::ImageView view() const;
  [[nodiscard]] const std::vector<std::uint8_t>& pixels() const { return pixels_; }
  /// Keeps the stronger of what is there and `ink`; outside the canvas nothing happens.
  void ink(int x, int y, std::uint8_t ink);
  /// A straight anti-aliased stroke with round ends, in pixels.
  void draw_segment(float x0, float y0, float width0, float x1, float y1, float width1, float darkness);

 private:
  [[nodiscard]] std::size_t stride() const { return static_cast<std::size_t>(width_px_); }
  int width_px_;
  int height_px_;
  std::vector<std::uint8_t> pixels_;
};

/// Where and how large a path is drawn.
struct Placement {
  float digit_height_px = 30;
  float left_px = 0;
  float baseline_px = 30;
};

/// Draws the path at any resolution. Ink outside the canvas is cut.
void draw(const StrokePath& path, const Placement& placement, InkCanvas& canvas);

}  // namespace inkfield::synthesis
