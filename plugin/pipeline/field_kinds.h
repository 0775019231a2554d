// Which class reads which kind of field: one row a kind. The README beside this file says how a kind is added.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "config/form_template.h"
#include "plugin/page/field_reader.h"
#include "recognizer/decoding/automaton.h"
#include "recognizer/decoding/number_reader.h"

namespace inkfield::pipeline {

/// Readers that an engine outside of this room brings, made when the first field needs one. Each may be empty: fields
/// that need it then fail and say so.
struct FieldEngines {
  std::function<std::unique_ptr<page::FieldReader>()> printed_text;
  std::function<std::unique_ptr<page::FieldReader>()> barcode;
};

/// What a reader may be built on. Outlives it.
struct KindParts {
  std::shared_ptr<const recognizer::NumberReader> numbers;
  /// The compiled format of a field, which lives through the reading; null if it has none.
  std::function<const recognizer::Automaton*(const config::Field&)> format_of;
  FieldEngines engines;
};

/// One row of the table: the kind, and how its reader is made.
struct KindReader {
  config::FieldKind kind = config::FieldKind::handwritten_number;
  std::unique_ptr<page::FieldReader> (*make)(const KindParts& parts) = nullptr;
};

using KindReaders = std::vector<KindReader>;

/// The kinds that this program reads.
const KindReaders& standard_kind_readers();

/// The readers of one session, each made at the first field of its kind.
class FieldReaders {
 public:
  FieldReaders(KindReaders kinds, KindParts parts);
  /// A kind that the table lacks is a reading that failed.
  page::Reading read(const page::FieldCrop& crop, const page::ReadContext& context);

 private:
  KindReaders kinds_;
  KindParts parts_;
  std::vector<std::unique_ptr<page::FieldReader>> made_;  // one a row, null until needed
};

}  // namespace inkfield::pipeline
