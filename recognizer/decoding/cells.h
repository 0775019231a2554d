// Reading characters in cells: what each cell may hold, and the best way to fill all of them under a format.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recognizer/decoding/automaton.h"
#include "recognizer/decoding/ctc.h"

namespace inkfield::recognizer {

/// What one cell may hold. The probabilities of nothing, of each lone symbol and of anything else (two
/// symbols, a symbol and a scrap) sum to one; only marks that no digit competes with are left out, see below.
struct CellEvidence {
  bool has_ink = false;
  double empty = 1.0;
  double other = 0.0;
  std::vector<double> symbols;  ///< by alphabet; all zero without ink
  [[nodiscard]] int best_symbol() const;
};

/// From the frames of one cell of a network with a blank. Commas, dashes and their kin are rare in cells:
/// where one of them is not itself the best reading, their share is left out and the others are scaled up to
/// fill it.
CellEvidence cell_evidence(const FrameProbabilities& frames, std::string_view alphabet);
/// From the one frame of a plain classifier: never empty, never anything else.
CellEvidence classifier_evidence(const FrameProbabilities& frames);

/// One way to fill the cells.
struct CellFilling {
  std::string text;
  std::vector<int> symbols;  ///< by cell: index in the alphabet, -1 for an empty cell
  double log_probability = 0;
};

/// The most probable fillings whose text `format` accepts, best first, no text twice. A cell without ink is
/// always empty; a cell with ink may be taken for empty at the probability of that.
std::vector<CellFilling> best_fillings(std::span<const CellEvidence> cells, std::string_view alphabet,
                                       const Automaton& format, int count);

}  // namespace inkfield::recognizer
