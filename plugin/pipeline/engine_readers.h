// Readers whose reading comes from an engine outside of this room, which knows no formats: the field's format is laid
// over what it read.
#pragma once

#include <memory>

#include "plugin/page/field_reader.h"
#include "plugin/pipeline/field_kinds.h"

namespace inkfield::pipeline {

/// Printed text and numbers.
std::unique_ptr<page::FieldReader> make_printed_reader(const KindParts& parts);

/// Barcodes.
std::unique_ptr<page::FieldReader> make_barcode_field_reader(const KindParts& parts);

}  // namespace inkfield::pipeline
