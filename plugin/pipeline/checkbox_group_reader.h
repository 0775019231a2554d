// Reads a group of check boxes of which one, or any, may be chosen.
#pragma once

#include "plugin/page/field_reader.h"

namespace inkfield::pipeline {

/// Text: the values chosen, in the template's order with commas between. Marks that look taken back go to a person.
class CheckboxGroupReader : public page::FieldReader {
 public:
  page::Reading read(const page::FieldCrop& crop, const page::ReadContext& context) override;
};

}  // namespace inkfield::pipeline
