// Printed text through Tesseract: one recognizer object a session, made when the first printed field comes.
#pragma once

#include <memory>
#include <string>

#include "plugin/page/field_reader.h"

namespace inkfield::tesseract {

struct PrintedTextSettings {
  std::string tessdata_folder;  ///< as find_tessdata found it
  std::string languages = "eng";
  bool keep_messages = false;  ///< leave Tesseract's messages on stderr alone
  /// A reading's confidence is Tesseract's own figure over 100, for the fit of our curve; no product sets this.
  bool plain_figures = false;
};

/// The folder that holds the data of all `languages` ("eng+deu"): `folder`, or if that is "" TESSDATA_PREFIX,
/// then the distribution's. The files are checked to be what they should be, because Tesseract may end the
/// process over one that is not. Throws Error(unavailable) that says what is missing and where it was looked
/// for, Error(invalid_argument) for a language that is no name.
std::string find_tessdata(const std::string& folder, const std::string& languages);

/// Reads fields of kind printed_text.
std::unique_ptr<page::FieldReader> make_printed_text_reader(PrintedTextSettings settings);

}  // namespace inkfield::tesseract
