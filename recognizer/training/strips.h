// Whole handwritten lines with what is written on them: real crops of forms, as the reader's ink extraction leaves them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "recognizer/normalization.h"
#include "recognizer/synthesis/random.h"
#include "recognizer/training/digit_sets.h"

namespace inkfield::training {

/// The ink of one line: 0 paper, 255 ink, row-major.
struct Strip {
  std::string name;  ///< of its picture, without folder and ending
  std::vector<std::uint8_t> ink;
  int width_px = 0;
  int height_px = 0;
  std::string text;  ///< what is written
  int line = 0;      ///< of the table, where its row stands
  int writer = 0;    ///< strips of one number are never divided between training and held out
};

struct StripSet {
  std::vector<Strip> strips;
  /// Tables often hold the digits alone, though commas and dashes stand on the paper. Then a mark that the network
  /// sees is neither asked for nor punished.
  bool marks_labelled = false;
  bool writers_known = false;  ///< the table tells them
};

/// Reads pictures (PNG, dark ink on white, as `inkfield ink` writes them) and a CSV table with the columns `file` and
/// `text`, and `writer` if it is known. `file` may have a folder and an ending; rows whose text is empty or holds a `?`
/// (nobody knows) are left out. Without writers, `neighbours` rows that follow each other by name count as one hand.
/// Throws Error(io_error) or Error(invalid_argument) naming file, line and cure.
StripSet load_strips(const std::filesystem::path& folder, const std::filesystem::path& table, int neighbours);

/// The digits of the strips as a set of their own, to compose new lines of: cut by a table of boxes with the columns
/// `file`, `pos` (0 is the leftmost), `x`, `y`, `w` and `h` in pixels of the crop. Strips whose text has not as many digits
/// as boxes give none. Throws as `load_strips`.
DigitSet cut_digits(const StripSet& strips, const std::filesystem::path& boxes);

/// Part `fold` of `folds` (0 and up) to `held_out`, the rest to `kept`; whole writers, spread evenly.
void split_strips(const StripSet& all, int fold, int folds, StripSet& kept, StripSet& held_out);

/// The strip as reading would present it to the network.
recognizer::NetworkInput strip_input(const Strip& strip);
/// The same warped, thickened, thinned, blurred: as other hands and scanners might have made it.
recognizer::NetworkInput varied_strip_input(const Strip& strip, synthesis::Random& random);

}  // namespace inkfield::training
