// Printed numbers are read twice, by the engine for printed text and by our own network: what both say counts for more, and a
// wrong digit that one of them is sure of meets the other.
#pragma once

#include <functional>
#include <memory>

#include "config/form_template.h"
#include "plugin/page/reading.h"
#include "plugin/pipeline/handwritten_number_reader.h"
#include "recognizer/decoding/automaton.h"
#include "recognizer/decoding/number_reader.h"

namespace inkfield::pipeline {

/// Below this confidence a reading of our network is none: print that it does not know must not spoil what the engine is sure of. From
/// the other one on it goes before a doubtful reading of the engine's: of drawn numbers and of those of faxes as many come out right from
/// 0.1 to 0.5, of stamped ones on cheques the most up to 0.44. So much the engine's own is worth at most where its looks disagree.
inline constexpr double kNoReading = 0.05;
inline constexpr double kOwnBeforeDoubtful = 0.42;

class SecondReader {
 public:
  /// `numbers` must read lines; `format_of` is that of HandwrittenNumberReader.
  SecondReader(const std::shared_ptr<const recognizer::NumberReader>& numbers,
               const std::function<const recognizer::Automaton*(const config::Field&)>& format_of)
      : numbers_(numbers), format_of_(format_of), in_ink_(numbers, format_of) {}
  /// What our network reads in the field's ink as we take it out or, where it is surer there, in the print as the engine prepared it, if any.
  page::Reading read(const page::FieldCrop& crop, const page::PreparedPrint& print, const page::ReadContext& context);

 private:
  page::Reading read_print(const page::PreparedPrint& print, const recognizer::Automaton& format);

  std::shared_ptr<const recognizer::NumberReader> numbers_;
  std::function<const recognizer::Automaton*(const config::Field&)> format_of_;
  HandwrittenNumberReader in_ink_;
  recognizer::NumberReader::Scratch scratch_;
};

/// One reading of two. `printed` is the engine's, fitted to the field's format; `own` the network's under the same format.
page::Reading weighed(const config::Field& field, const recognizer::Automaton& format, page::Reading printed, page::Reading own);

}  // namespace inkfield::pipeline
