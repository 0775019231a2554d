// As the pipeline's reader of printed numbers does it, with what each of the two says kept.
#include "tests/bench/two_readings.h"

#include <cstdio>

#include "adapters/engines/tesseract/printed_text.h"
#include "plugin/pipeline/field_format.h"
#include "recognizer/decoding/number_reader.h"

namespace inkfield::bench {
namespace {

std::shared_ptr<const recognizer::NumberReader> shipped_network() {
  return std::make_shared<const recognizer::NumberReader>(std::make_shared<const recognizer::Network>(
      recognizer::Network::from_file(INKFIELD_BENCH_MODEL, {.precision = recognizer::Precision::fastest})));
}

}  // namespace

std::string text_of(const page::Reading& reading) { return reading.candidates.empty() ? std::string() : reading.candidates.front().text; }

bool accepted(const page::Reading& reading) {
  return !reading.candidates.empty() && reading.doubt.empty() && reading.confidence >= reading.threshold;
}

TwoReaders::TwoReaders() : second_(shipped_network(), [this](const config::Field&) { return &*format_; }) {
  tesseract::PrintedTextSettings settings;
  settings.tessdata_folder = tesseract::find_tessdata("", "eng");
  engine_ = tesseract::make_printed_text_reader(settings);
}

TwoReadings TwoReaders::read(const page::FieldCrop& crop) {
  TwoReadings readings;
  readings.alone = engine_->read(crop, {});
  format_ = pipeline::compile_format(*crop.field);
  pipeline::fit_printed_text(*crop.field, &*format_, readings.alone);
  readings.own = second_.read(crop, readings.alone.prepared, {});
  readings.together = pipeline::weighed(*crop.field, *format_, readings.alone, readings.own);
  return readings;
}

void Comparison::Count::add(const page::Reading& reading, const std::string& truth) {
  const bool is_right = text_of(reading) == truth;
  right += is_right ? 1 : 0;
  accepted += bench::accepted(reading) ? 1 : 0;
  accepted_wrong += bench::accepted(reading) && !is_right ? 1 : 0;
}

void Comparison::Count::print(const char* name, int numbers) const {
  std::printf("%-28s right %d of %d (%.1f %%), accepted %d, wrong among them %d\n", name, right, numbers, 100.0 * right / numbers, accepted, accepted_wrong);
}

void Comparison::add(const TwoReadings& readings, const std::string& truth) {
  ++numbers_;
  alone_.add(readings.alone, truth);
  together_.add(readings.together, truth);
  const std::string theirs = text_of(readings.alone);
  const std::string ours = text_of(readings.own);
  if (ours.empty()) return;
  const bool same = theirs == ours;
  agreed_ += same ? 1 : 0;
  agreed_wrong_ += same && theirs != truth ? 1 : 0;
  const bool both_wrong = theirs != truth && ours != truth;
  both_wrong_ += both_wrong ? 1 : 0;
  same_mistake_ += both_wrong && same ? 1 : 0;
  if (same) return;
  if (accepted(readings.alone)) {
    const bool none = readings.own.confidence < pipeline::kNoReading;
    (none ? sure_beside_none_ : sure_contradicted_) += 1;
    if (theirs == truth) (none ? sure_beside_none_right_ : sure_contradicted_right_) += 1;
  } else if (readings.own.confidence >= pipeline::kOwnBeforeDoubtful) {
    ++doubtful_;
    doubtful_own_right_ += ours == truth ? 1 : 0;
    doubtful_alone_right_ += theirs == truth ? 1 : 0;
  }
}

void Comparison::print(double allowed_wrong_rate) const {
  std::printf("%d numbers, %g %% of the accepted allowed to be wrong\n", numbers_, 100 * allowed_wrong_rate);
  if (numbers_ == 0) return;
  alone_.print("Tesseract, prepared", numbers_);
  together_.print("with our network beside it", numbers_);
  std::printf("both say the same: %d, wrong %d; both wrong: %d, in the same way %d\n", agreed_, agreed_wrong_, both_wrong_, same_mistake_);
  std::printf("Tesseract sure, ours says other: right %d of %d; ours says nothing: right %d of %d\n", sure_contradicted_right_, sure_contradicted_,
              sure_beside_none_right_, sure_beside_none_);
  std::printf("Tesseract in doubt, ours says other: ours right %d of %d, Tesseract %d\n", doubtful_own_right_, doubtful_, doubtful_alone_right_);
}

}  // namespace inkfield::bench
