// The shapes that people give to digits, marks and letters, as the pen would run.
#pragma once

#include <span>
#include <vector>

namespace inkfield::synthesis {

struct GlyphPoint {
  float x;
  float y;  ///< 0 top of a digit, 1 its baseline
};

/// One way to write a symbol. A point given twice is a corner; else the pen runs smoothly through.
struct Glyph {
  char symbol;
  float weight;  ///< how common the shape is among the shapes of its symbol
  std::vector<std::vector<GlyphPoint>> strokes;
  bool regional = false;  ///< common in some countries, and hard to read in others
};

/// All shapes of one symbol; empty if the symbol is not known.
std::span<const Glyph> glyphs_of(char symbol);

}  // namespace inkfield::synthesis
