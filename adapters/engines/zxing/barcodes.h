// Barcodes: the private module with ZXing in it, opened when a template asks for one, and the reader over it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "plugin/page/field_reader.h"

namespace inkfield::zxing {

/// Where the module lies: beside the library that this code is in.
std::string module_beside_library();

/// Throws Error(unavailable) that names the file if the module at `path` cannot be used here.
void check_module(const std::string& path);

/// Reads fields of kind barcode with the module at `path`. Throws as check_module does.
std::unique_ptr<page::FieldReader> make_barcode_reader(const std::string& path);

/// Text that a person and a program can read: control characters become the pictures of them (U+2400 and on).
/// Nothing if `utf8` is not UTF-8.
bool as_plain_text(const std::string& utf8, std::string& plain);

}  // namespace inkfield::zxing
