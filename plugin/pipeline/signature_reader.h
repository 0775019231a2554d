// Says whether a field is signed. It does not say by whom.
#pragma once

#include "plugin/page/field_reader.h"

namespace inkfield::pipeline {

/// Text "signed" where there is writing, nothing where there is none; a stroke or two go to a person.
class SignatureReader : public page::FieldReader {
 public:
  page::Reading read(const page::FieldCrop& crop, const page::ReadContext& context) override;
};

/// What `written_mm` of pen stroke that spans `width_mm` from left to right mean: 0 nothing, 1 surely signed.
double signed_probability(double written_mm, double width_mm);

}  // namespace inkfield::pipeline
