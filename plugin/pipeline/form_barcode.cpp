// A code that cannot be read says nothing: a stamp over it must not make the form unknown.
#include "plugin/pipeline/form_barcode.h"

#include "plugin/pipeline/field_cropping.h"
#include "recognizer/decoding/automaton.h"

namespace inkfield::pipeline {

bool code_fits(const config::FormBarcode& barcode, const std::string& text) {
  if (!barcode.text.empty()) return text == barcode.text;
  if (!barcode.begins_with.empty()) return text.starts_with(barcode.begins_with);
  return !barcode.pattern.empty() && recognizer::Automaton::pattern(barcode.pattern).accepts(text);
}

CodeAnswer ask_form_barcode(recognizer::ImageView page, const page::RegisteredForm& registered,
                            const config::FormTemplate& form, FieldReaders& readers,
                            const page::ReadContext& context) {
  if (!form.find_by.barcode) return CodeAnswer::silent;
  config::Field field;
  field.kind = config::FieldKind::barcode;
  field.zone = form.find_by.barcode->zone;
  field.symbologies = form.find_by.barcode->symbologies;
  const page::Reading reading = readers.read(crop_field(page, registered, field), context);
  if (!reading.failure.empty() || !reading.doubt.empty() || reading.candidates.empty() || reading.confidence < reading.threshold) return CodeAnswer::silent;
  return code_fits(*form.find_by.barcode, reading.candidates.front().text) ? CodeAnswer::agrees : CodeAnswer::contradicts;
}

}  // namespace inkfield::pipeline
