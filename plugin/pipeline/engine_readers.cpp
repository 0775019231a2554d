// An engine's reading and the field's format.
#include "plugin/pipeline/engine_readers.h"

#include <utility>

#include "plugin/pipeline/field_format.h"

namespace inkfield::pipeline {
namespace {

class PrintedReader final : public page::FieldReader {
 public:
  explicit PrintedReader(const KindParts& parts)
      : parts_(parts), engine_(parts.engines.printed_text ? parts.engines.printed_text() : nullptr) {}

  page::Reading read(const page::FieldCrop& crop, const page::ReadContext& context) override {
    page::Reading reading;
    if (!engine_) {
      reading.failure = "no reader for printed text is there";
      return reading;
    }
    reading = engine_->read(crop, context);
    fit_printed_text(*crop.field, parts_.format_of(*crop.field), reading);
    return reading;
  }

 private:
  const KindParts& parts_;
  std::unique_ptr<page::FieldReader> engine_;
};

class BarcodeFieldReader final : public page::FieldReader {
 public:
  explicit BarcodeFieldReader(const KindParts& parts) : engine_(parts.engines.barcode ? parts.engines.barcode() : nullptr) {}

  // What a code holds is never changed to fit a format: it is valid as it is, or not.
  page::Reading read(const page::FieldCrop& crop, const page::ReadContext& context) override {
    page::Reading reading;
    if (!engine_) {
      reading.failure = "no reader for barcodes is there";
      return reading;
    }
    return engine_->read(crop, context);
  }

 private:
  std::unique_ptr<page::FieldReader> engine_;
};

}  // namespace

std::unique_ptr<page::FieldReader> make_barcode_field_reader(const KindParts& parts) { return std::make_unique<BarcodeFieldReader>(parts); }

std::unique_ptr<page::FieldReader> make_printed_reader(const KindParts& parts) { return std::make_unique<PrintedReader>(parts); }

}  // namespace inkfield::pipeline
