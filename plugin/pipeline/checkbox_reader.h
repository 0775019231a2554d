// Reads a check box by how much of its inside is inked.
#pragma once

#include "plugin/page/field_reader.h"

namespace inkfield::pipeline {

/// Share of ink inside a box from which it counts as checked, unless the template says otherwise. A thin tick in a 4 mm
/// box inks 5 to 10 %, a cross 10 to 25 %, the dirt of a bad scan stays under 1 %.
inline constexpr double kCheckedInkShare = 0.025;

/// Where the paper beside a box is inked more than this share of what is in it, grain and a mark cannot be told apart.
inline constexpr double kMostGrain = 0.5;
/// What is said of such a box.
inline constexpr char kGrainyBox[] = "the paper beside the box is as dark as what is in it";

class CheckboxReader : public page::FieldReader {
 public:
  page::Reading read(const page::FieldCrop& crop, const page::ReadContext& context) override;
};

/// Text "checked" or "unchecked", and how sure that is for a share of ink.
page::Reading judge_checkbox(double ink_share, double checked_ink_share, double allowed_wrong_rate);

}  // namespace inkfield::pipeline
