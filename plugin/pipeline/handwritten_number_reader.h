// Reads handwritten numbers: ink out of the crop, the network over it, the field's format over that.
#pragma once

#include <functional>
#include <memory>

#include "plugin/page/field_reader.h"
#include "recognizer/decoding/automaton.h"
#include "recognizer/decoding/number_reader.h"

namespace inkfield::pipeline {

/// Texts and confidence of what the network read; the places of its characters are the caller's to say.
page::Reading to_reading(const recognizer::NumberReading& number);

class HandwrittenNumberReader : public page::FieldReader {
 public:
  /// `format_of` gives the compiled format of a crop's field, never null; it must live through the call.
  HandwrittenNumberReader(std::shared_ptr<const recognizer::NumberReader> numbers,
                          std::function<const recognizer::Automaton*(const config::Field&)> format_of);
  page::Reading read(const page::FieldCrop& crop, const page::ReadContext& context) override;

 private:
  page::Reading read_boxes(const page::FieldCrop& crop, const page::ReadContext& context);
  page::Reading read_free_line(const page::FieldCrop& crop, const page::ReadContext& context);

  std::shared_ptr<const recognizer::NumberReader> numbers_;
  std::function<const recognizer::Automaton*(const config::Field&)> format_of_;
  recognizer::NumberReader::Scratch scratch_;
};

}  // namespace inkfield::pipeline
