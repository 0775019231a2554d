// Reads a line of E-13B, the print at the foot of a cheque. No network: the standard fixes every shape, its
// size and its pitch, so the reader lays the fourteen shapes over the ink and takes the row of them that
// explains it best.
#pragma once

#include <string>
#include <vector>

#include "recognizer/image_view.h"

namespace inkfield::recognizer {

/// Stands in a reading for ink that is none of the shapes.
inline constexpr char kE13bUnknown = '?';

struct E13bCharacter {
  char symbol = kE13bUnknown;  ///< of kE13bSymbols, or kE13bUnknown
  char second = kE13bUnknown;  ///< the next likely one
  /// How well the ink fits the symbol, and how much better than the next likely one; 1 at best.
  double certainty = 0;
  double probability = 0;    ///< that a line is right whose least certain character is this one
  bool after_blank = false;  ///< a blank stands before it
  double left_px = 0;        ///< the cell in the ink map that was read
  double top_px = 0;
  double right_px = 0;
  double bottom_px = 0;
};

/// Where a line may stand, in pixels of the ink map.
struct E13bZone {
  double left_px = 0;
  double top_px = 0;
  double right_px = 0;
  double bottom_px = 0;
};

/// The characters of the one line in `zone`, left to right; empty only where nothing is printed. A character
/// counts if its middle lies in the zone. `ink` is an ink map (255 ink); `px_per_mm` its scale, 0 if unknown:
/// then the line's height tells it. What is too large for a line is unknown.
std::vector<E13bCharacter> read_e13b_line(ImageView ink, const E13bZone& zone, double px_per_mm);

/// The symbols in a row, a blank where one stands before a character.
std::string e13b_text(const std::vector<E13bCharacter>& line);

/// What `certainty` means.
double e13b_probability(double certainty);

}  // namespace inkfield::recognizer
