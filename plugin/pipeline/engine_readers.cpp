// An engine's reading and the field's format; of printed numbers our own network's reading, too.
#include "plugin/pipeline/engine_readers.h"

#include <utility>

#include "plugin/pipeline/decision.h"
#include "plugin/pipeline/field_format.h"
#include "plugin/pipeline/second_reading.h"

namespace inkfield::pipeline {
namespace {

class PrintedReader final : public page::FieldReader {
 public:
  explicit PrintedReader(const KindParts& parts)
      : parts_(parts), engine_(parts.engines.printed_text ? parts.engines.printed_text() : nullptr) {
    if (parts.numbers && parts.numbers->reads_lines()) second_ = std::make_unique<SecondReader>(parts.numbers, parts.format_of);
  }

  page::Reading read(const page::FieldCrop& crop, const page::ReadContext& context) override {
    page::Reading reading;
    if (!engine_) {
      reading.failure = "no reader for printed text is there";
      return reading;
    }
    reading = engine_->read(crop, context);
    const recognizer::Automaton* const format = parts_.format_of(*crop.field);
    fit_printed_text(*crop.field, format, reading);
    const bool something = reading.failure.empty() && reading.empty_probability < kSurelyEmpty;
    if (format == nullptr || !second_ || !something) return reading;
    context.checkpoint();
    page::Reading own = second_->read(crop, reading.prepared, context);
    return weighed(*crop.field, *format, std::move(reading), std::move(own));
  }

 private:
  const KindParts& parts_;
  std::unique_ptr<page::FieldReader> engine_;
  std::unique_ptr<SecondReader> second_;  // null where the network reads no lines
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
