// Reads a handwritten number: ink in, candidates under a format and a calibrated confidence out.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "recognizer/decoding/automaton.h"
#include "recognizer/decoding/ctc.h"
#include "recognizer/engine/network.h"
#include "recognizer/image_view.h"

namespace inkfield::recognizer {

struct NumberCandidate {
  std::string text;
  double probability = 0;  ///< of the whole text, however its silent symbols stand; not calibrated
};

/// One character of the best candidate, or an empty cell.
struct NumberCharacter {
  char symbol = 0;        ///< 0: the cell is empty
  double confidence = 0;  ///< calibrated
  int cell = -1;          ///< which cell, or -1 on a line
  double begin_px = 0;    ///< left and right edge in the ink map it was read from
  double end_px = 0;
};

struct NumberReading {
  std::string raw_text;  ///< best reading without any format; `?` is ink that is no digit
  std::vector<NumberCandidate>
      candidates;  ///< valid under the format, best first; empty if none has any evidence
  std::vector<NumberCharacter>
      characters;                  ///< of candidates[0]; for cells one per cell (of raw_text if no candidate)
  double empty_probability = 0;    ///< that nothing is written at all
  double confidence = 0;           ///< calibrated, that candidates[0] is right; never raised by the format
  bool changed_by_format = false;  ///< candidates[0] differs from raw_text
  bool gap_between_digits = false;  ///< an empty cell stands between two that are not
};

/// Immutable and shared; scratch memory is the caller's.
class NumberReader {
 public:
  struct Scratch {
    Network::Scratch network;
    std::vector<float> scores;
    std::vector<float> input;
  };

  explicit NumberReader(std::shared_ptr<const Network> network);
  [[nodiscard]] const Network& network() const { return *network_; }
  /// False if the network reads lone symbols only: no blank class, or an input of fixed width.
  [[nodiscard]] bool reads_lines() const;

  /// A free-running number. `ink` is an ink map (255 ink), `reference_height_px` the height of the field in
  /// it. The line is looked at several times (`recognizer/line_looks.h`). Throws Error(unavailable) if the network
  /// reads no lines.
  NumberReading read_line(ImageView ink, float reference_height_px, const Automaton& format,
                          Scratch& scratch) const;

  /// Characters in cells, each cell an ink map of its own. `reference_height_px` is the height of a cell.
  /// A cell may be empty; cells are read in one batch.
  NumberReading read_cells(std::span<const ImageView> cells, float reference_height_px,
                           const Automaton& format, Scratch& scratch) const;

  /// The least confidence at which a free line read under this format may be accepted when `allowed_wrong_rate` of the
  /// accepted ones may be wrong, as counted on held-out lines. Otherwise as below.
  [[nodiscard]] double line_threshold(double allowed_wrong_rate, const Automaton& format) const;

  /// The same for a row of `cell_count` cells, 1 or more.
  ///
  /// A field of n cells is right only if every cell is, and the wrong rates of its cells add up; so each cell
  /// must reach the threshold that keeps a lone symbol within `allowed_wrong_rate` / n. That threshold is
  /// asked of the field's confidence, the product of its cells': no cell can then lie below it. Where held-out
  /// data is too small to promise so little, the calibrated confidence itself is the promise: at 1 - rate or
  /// above a field is wrong no more often than that. The lesser of the two is asked, but never less than 0.5 nor
  /// than 1 - 8 x rate: sure answers do not pay for doubtful ones. Without calibration it is 1 - rate.
  [[nodiscard]] double row_threshold(double allowed_wrong_rate, int cell_count) const;

 private:
  [[nodiscard]] FrameProbabilities look_at(const NetworkInput& line, Scratch& scratch) const;

  std::shared_ptr<const Network> network_;
};

}  // namespace inkfield::recognizer
