// The code printed on a form that says which form, or which revision of it, this is.
#pragma once

#include "config/form_template.h"
#include "plugin/page/field_reader.h"
#include "plugin/page/raster.h"
#include "plugin/page/registered_form.h"
#include "plugin/pipeline/field_kinds.h"

namespace inkfield::pipeline {

enum class CodeAnswer {
  silent,       ///< the template names no code, or none can be read there
  agrees,       ///< the code is this form's
  contradicts,  ///< the code is another form's
};

/// Reads the code where the template has it, on a page lined up by `registered`.
CodeAnswer ask_form_barcode(recognizer::ImageView page, const page::RegisteredForm& registered,
                            const config::FormTemplate& form, FieldReaders& readers,
                            const page::ReadContext& context);

/// Whether a code that holds `text` is this form's.
bool code_fits(const config::FormBarcode& barcode, const std::string& text);

}  // namespace inkfield::pipeline
