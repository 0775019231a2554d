// The table of kinds, and the session's readers behind it.
#include "plugin/pipeline/field_kinds.h"

#include <cstddef>
#include <utility>

#include "plugin/pipeline/checkbox_group_reader.h"
#include "plugin/pipeline/checkbox_reader.h"
#include "plugin/pipeline/engine_readers.h"
#include "plugin/pipeline/handwritten_number_reader.h"
#include "plugin/pipeline/micr_line_reader.h"
#include "plugin/pipeline/signature_reader.h"

namespace inkfield::pipeline {
namespace {

using config::FieldKind;
using page::FieldReader;

std::unique_ptr<FieldReader> make_handwritten_number(const KindParts& parts) {
  return std::make_unique<HandwrittenNumberReader>(parts.numbers, parts.format_of);
}

std::unique_ptr<FieldReader> make_checkbox(const KindParts& /*parts*/) { return std::make_unique<CheckboxReader>(); }

std::unique_ptr<FieldReader> make_printed(const KindParts& parts) { return make_printed_reader(parts); }

std::unique_ptr<FieldReader> make_checkbox_group(const KindParts& /*parts*/) { return std::make_unique<CheckboxGroupReader>(); }

std::unique_ptr<FieldReader> make_micr_line(const KindParts& parts) { return std::make_unique<MicrLineReader>(parts.format_of); }

std::unique_ptr<FieldReader> make_signature(const KindParts& /*parts*/) { return std::make_unique<SignatureReader>(); }

}  // namespace

const KindReaders& standard_kind_readers() {
  static const KindReaders kReaders = {
      {FieldKind::handwritten_number, make_handwritten_number},
      {FieldKind::printed_text, make_printed},
      {FieldKind::printed_number, make_printed},
      {FieldKind::checkbox, make_checkbox},
      {FieldKind::checkbox_group, make_checkbox_group},
      {FieldKind::barcode, make_barcode_field_reader},
      {FieldKind::signature, make_signature},
      {FieldKind::micr_line, make_micr_line},
  };
  return kReaders;
}

FieldReaders::FieldReaders(KindReaders kinds, KindParts parts)
    : kinds_(std::move(kinds)), parts_(std::move(parts)), made_(kinds_.size()) {}

page::Reading FieldReaders::read(const page::FieldCrop& crop, const page::ReadContext& context) {
  for (std::size_t i = 0; i < kinds_.size(); ++i) {
    if (kinds_[i].kind != crop.field->kind) continue;
    if (!made_[i]) made_[i] = kinds_[i].make(parts_);
    return made_[i]->read(crop, context);
  }
  page::Reading reading;
  reading.failure = "no reader for this kind of field is there";
  return reading;
}

}  // namespace inkfield::pipeline
