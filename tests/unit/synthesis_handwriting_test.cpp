// Synthetic writing: the same from the same seed, inside its bounds, every symbol really drawn.
#include "recognizer/synthesis/handwriting.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "recognizer/synthesis/glyphs.h"

namespace inkfield::synthesis {
namespace {

InkCanvas written(const std::string& text, std::uint64_t seed, float size = 40) {
  Random random(seed);
  const WriterStyle style = WriterStyle::random(random);
  const StrokePath path = write_text(text, style, random);
  InkCanvas canvas(static_cast<int>(size * (1.6F * static_cast<float>(text.size()) + 3)),
                   static_cast<int>(3 * size));
  draw(path, {size, size, 2 * size}, canvas);
  return canvas;
}

TEST(Random, FromTheSameSeed_GivesKnownNumbers) {
  // Published first outputs of SplitMix64 from seed 1234567.
  Random random(1234567);
  EXPECT_EQ(random.next(), 6457827717110365317U);
  EXPECT_EQ(random.next(), 3203168211198807973U);
}

TEST(Random, Draws_StayInRange) {
  Random random(5);
  double mean = 0;
  for (int i = 0; i < 20000; ++i) {
    const float unit = random.unit();
    ASSERT_TRUE(unit >= 0 && unit < 1);
    const int below = random.below(7);
    ASSERT_TRUE(below >= 0 && below < 7);
    mean += random.normal(2.0F, 1.0F) / 20000.0;
  }
  EXPECT_NEAR(mean, 2.0, 0.05);
}

TEST(Handwriting, FromTheSameSeed_IsTheSame) {
  EXPECT_EQ(written("0123456789,.-/=", 7).pixels(), written("0123456789,.-/=", 7).pixels());
  EXPECT_NE(written("0123456789", 7).pixels(), written("0123456789", 8).pixels());
}

TEST(Handwriting, OfLinkedZeros_IsOneStrokeWithAHoleInEveryLoop) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    Random random(seed);
    WriterStyle style = WriterStyle::careful(random);
    style.pen_width = 0.06F;
    const StrokePath path = write_linked_zeros(4, 0.7F, 0.1F, style, random);
    EXPECT_EQ(path.strokes.size(), 1U);
    ASSERT_EQ(path.symbols.size(), 4U);
    InkCanvas canvas(400, 120);
    draw(path, {50, 30, 90}, canvas);
    for (std::size_t i = 0; i < path.symbols.size(); ++i) {
      const SymbolExtent& zero = path.symbols[i];
      EXPECT_NEAR(zero.bottom - zero.top, 0.7F, 0.3F) << seed;
      EXPECT_NEAR(zero.bottom, -0.1F, 0.25F) << seed;
      EXPECT_GT(zero.left, i > 0 ? path.symbols[i - 1].left : -0.5F) << seed;
      const float x = 30 + 25 * (zero.left + zero.right);
      const float y = 90 + 25 * (zero.top + zero.bottom);
      EXPECT_LT(canvas.row(static_cast<int>(y))[static_cast<int>(x)], 128) << "seed " << seed << ", zero " << i;
    }
    EXPECT_GT(path.advance, path.symbols.back().right - 0.2F);
  }
}

// How many points a pen path has for each of a table's strokes: six for each way between two points; a corner is none.
std::vector<std::size_t> points_of(const Glyph& glyph) {
  std::vector<std::size_t> counts;
  for (const auto& stroke : glyph.strokes) {
    std::size_t ways = 0;
    for (std::size_t i = 1; i < stroke.size(); ++i) ways += stroke[i].x != stroke[i - 1].x || stroke[i].y != stroke[i - 1].y ? 1 : 0;
    counts.push_back(1 + 6 * ways);
  }
  return counts;
}

TEST(Handwriting, ShapesOfSomeCountries_AreWrittenByTheirHandsAlone) {
  using Shapes = std::set<std::vector<std::size_t>>;
  const auto written_shapes = [](char digit, bool regional) {
    Shapes shapes;
    for (std::uint64_t seed = 1; seed <= 400; ++seed) {
      Random random(seed);
      WriterStyle style = WriterStyle::careful(random);
      style.regional = regional;
      std::vector<std::size_t> counts;
      for (const Stroke& stroke : write_text(std::string(1, digit), style, random).strokes) counts.push_back(stroke.points.size());
      shapes.insert(counts);
    }
    return shapes;
  };
  int digits_with_such = 0;
  for (char digit = '0'; digit <= '9'; ++digit) {
    Shapes usual;
    Shapes all;
    for (const Glyph& glyph : glyphs_of(digit)) {
      all.insert(points_of(glyph));
      if (!glyph.regional) usual.insert(points_of(glyph));
    }
    EXPECT_EQ(written_shapes(digit, false), usual) << digit;
    EXPECT_EQ(written_shapes(digit, true), all) << digit;
    digits_with_such += all != usual ? 1 : 0;
  }
  EXPECT_GE(digits_with_such, 3);
}

TEST(Handwriting, OfEverySymbol_LeavesInkInsideItsBounds) {
  const std::string symbols = "0123456789,.-/=" + std::string(drawable_letters());
  for (const char symbol : symbols) {
    ASSERT_TRUE(can_write(symbol)) << symbol;
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
      Random random(seed);
      const WriterStyle style = WriterStyle::random(random);
      const StrokePath path = write_text(std::string(1, symbol), style, random);
      ASSERT_EQ(path.symbols.size(), 1U);
      const SymbolExtent bounds = path.bounds();
      InkCanvas canvas(120, 160);
      draw(path, {40, 40, 100}, canvas);
      int ink = 0;
      for (int y = 0; y < canvas.height_px(); ++y) {
        for (int x = 0; x < canvas.width_px(); ++x) {
          if (canvas.row(y)[x] < 100) continue;
          ++ink;
          const float at_x = (static_cast<float>(x) + 0.5F - 40) / 40;
          const float at_y = (static_cast<float>(y) + 0.5F - 100) / 40;
          ASSERT_TRUE(at_x > bounds.left - 0.05F && at_x < bounds.right + 0.05F)
              << symbol << " seed " << seed;
          ASSERT_TRUE(at_y > bounds.top - 0.05F && at_y < bounds.bottom + 0.05F)
              << symbol << " seed " << seed;
        }
      }
      EXPECT_GT(ink, symbol == '.' ? 2 : 15) << symbol << " seed " << seed;
      // Digits stand on the line and are about one unit high, whoever writes them.
      if (symbol >= '0' && symbol <= '9') {
        EXPECT_NEAR(bounds.bottom - bounds.top, 1.1, 0.55) << symbol << " seed " << seed;
        EXPECT_NEAR(bounds.bottom, 0.05, 0.4) << symbol << " seed " << seed;
      }
    }
  }
}

TEST(Handwriting, OfDigits_KnowsSeveralShapesOfEach) {
  for (char digit = '0'; digit <= '9'; ++digit) EXPECT_GE(glyphs_of(digit).size(), 4U) << digit;
  EXPECT_TRUE(glyphs_of('#').empty());
}

TEST(Handwriting, OfOneWriter_KeepsItsShapes) {
  // A crossed 7 has two strokes, a plain one has one: one hand mostly keeps to one of them.
  int steady = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Random random(seed);
    const WriterStyle style = WriterStyle::random(random);
    std::vector<std::size_t> counts;
    for (int i = 0; i < 5; ++i) counts.push_back(write_text("7", style, random).strokes.size());
    steady += std::set<std::size_t>(counts.begin(), counts.end()).size() == 1 ? 1 : 0;
  }
  EXPECT_GT(steady, 20);
}

TEST(Handwriting, OfALine_AdvancesToTheRight) {
  Random random(3);
  WriterStyle style = WriterStyle::careful(random);
  style.slant = 0;
  const StrokePath path = write_text("31 41", style, random);
  ASSERT_EQ(path.symbols.size(), 5U);
  for (const std::size_t i : {1U, 3U, 4U}) EXPECT_GT(path.symbols[i].left, path.symbols[i - 1].left);
  EXPECT_GT(path.symbols[3].left - path.symbols[1].right, 0.3F) << "a space is wider than a gap";
}

TEST(Handwriting, WithANegativeGap_Touches) {
  Random random(9);
  WriterStyle style = WriterStyle::careful(random);
  style.gap = -0.15F;
  style.gap_jitter = 0;
  const StrokePath path = write_text("00", style, random);
  EXPECT_LT(path.symbols[1].left, path.symbols[0].right);
}

TEST(Handwriting, DrawnTwiceAsLarge_LooksTheSame) {
  Random random(21);
  const WriterStyle style = WriterStyle::careful(random);
  const StrokePath path = write_text("258", style, random);
  double coverage[2];
  for (int i = 0; i < 2; ++i) {
    const float size = i == 0 ? 40.0F : 80.0F;
    InkCanvas canvas(static_cast<int>(5 * size), static_cast<int>(3 * size));
    draw(path, {size, size, 2 * size}, canvas);
    coverage[i] = std::accumulate(canvas.pixels().begin(), canvas.pixels().end(), 0.0) / (size * size);
  }
  EXPECT_NEAR(coverage[0] / coverage[1], 1.0, 0.05);
}

TEST(Scribbles, AndCrossings_LeaveInk) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    Random random(seed);
    const WriterStyle style = WriterStyle::random(random);
    EXPECT_FALSE(write_scribble(0.8F, style, random).strokes.empty());
    EXPECT_GT(write_crossed_out("5", style, random).strokes.size(),
              write_text("5", style, random).strokes.size() - 1);
    const SymbolExtent flourish = write_flourish(style, random).bounds();
    EXPECT_GT(flourish.right - flourish.left, 3 * (flourish.bottom - flourish.top) - 1.5F);
  }
}

TEST(Append, KeepsSymbolsInOrder) {
  Random random(2);
  const WriterStyle style = WriterStyle::careful(random);
  StrokePath path = write_text("12", style, random);
  const StrokePath more = write_text("3", style, random);
  append(path, more, 2.0F, 0.0F);
  ASSERT_EQ(path.symbols.size(), 3U);
  EXPECT_EQ(path.strokes.back().symbol, 2);
  EXPECT_NEAR(path.symbols[2].left, more.symbols[0].left + 2.0F, 1e-5);
}

TEST(InkCanvas, DrawnOutside_IsCut) {
  InkCanvas canvas(10, 10);
  canvas.draw_segment(-1e9F, 5, 4, 1e9F, 5, 4, 1);
  canvas.draw_segment(50, 50, 4, 60, 60, 4, 1);
  canvas.ink(-1, 3, 255);
  canvas.ink(3, 10, 255);
  EXPECT_EQ(canvas.row(9)[9], 0);
  InkCanvas none(-3, 5);
  none.draw_segment(0, 0, 3, 4, 4, 3, 1);
  EXPECT_TRUE(none.view().empty());
}

}  // namespace
}  // namespace inkfield::synthesis
