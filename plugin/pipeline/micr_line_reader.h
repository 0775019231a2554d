// Reads the E-13B line of a cheque, or a part of one.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "plugin/page/field_reader.h"
#include "recognizer/decoding/automaton.h"
#include "recognizer/e13b/e13b_line.h"

namespace inkfield::pipeline {

/// Free text keeps the symbols, T transit, U on-us, A amount, D dash, and a blank between parts of the line,
/// unless the format's characters lack them. Digits and patterns have none of them, but that a pattern sees a
/// dash as '-'.
class MicrLineReader : public page::FieldReader {
 public:
  /// `format_of` is that of HandwrittenNumberReader.
  explicit MicrLineReader(std::function<const recognizer::Automaton*(const config::Field&)> format_of)
      : format_of_(std::move(format_of)) {}
  page::Reading read(const page::FieldCrop& crop, const page::ReadContext& context) override;

 private:
  std::function<const recognizer::Automaton*(const config::Field&)> format_of_;
};

/// The characters in the crop's zone, before any format. The crop must hold pixels.
std::vector<recognizer::E13bCharacter> read_micr_characters(const page::FieldCrop& crop,
                                                            const page::ReadContext& context);

}  // namespace inkfield::pipeline
