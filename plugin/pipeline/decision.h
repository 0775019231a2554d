// Accept, let a person look, or say that nothing is there: the last step for every field.
#pragma once

#include "config/form_template.h"
#include "plugin/page/field_crop.h"
#include "plugin/page/page_result.h"
#include "plugin/page/reading.h"
#include "recognizer/decoding/automaton.h"

namespace inkfield::pipeline {

/// From this probability on a field counts as empty; below `kPerhapsEmpty` as written; between, a person looks.
inline constexpr double kSurelyEmpty = 0.95;
inline constexpr double kPerhapsEmpty = 0.10;

/// The reason says why in plain words and never holds the field's value. `format` may be null.
page::FieldResult decide(const config::Field& field, const page::Reading& reading, const recognizer::Automaton* format,
                         const page::Transform& source_from_crop, const page::Quad& source_quad);

}  // namespace inkfield::pipeline
