#include "plugin/pipeline/micr_line_reader.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "plugin/pipeline/field_format.h"
#include "plugin/pipeline/ink_levels.h"

namespace inkfield::pipeline {
namespace {

using recognizer::E13bCharacter;

// So many of the least certain characters are exchanged for the next likely ones where a format refuses the
// reading.
constexpr std::size_t kMostExchanged = 4;
constexpr double kSure = 0.9999;

/// What each character becomes in the field's text; "" for what the format has no room for.
class Writing {
 public:
  explicit Writing(const config::FieldFormat& format)
      : symbols_(format.type == config::FormatType::text && format.pattern.empty()),
        dash_(format.type != config::FormatType::digits),
        characters_(format.characters) {}

  [[nodiscard]] std::string of(char symbol) const {
    if ((symbol >= '0' && symbol <= '9') || symbol == recognizer::kE13bUnknown) return {symbol};
    if (symbols_) return allowed(symbol) ? std::string{symbol} : "";
    return symbol == 'D' && dash_ ? "-" : "";
  }
  [[nodiscard]] bool blanks() const { return symbols_ && allowed(' '); }

 private:
  [[nodiscard]] bool allowed(char symbol) const {
    return characters_.empty() || characters_.find(symbol) != std::string::npos;
  }
  bool symbols_;
  bool dash_;
  const std::string& characters_;
};

std::string text_of(const std::vector<E13bCharacter>& line, const Writing& writing, std::size_t exchanged) {
  std::string text;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i].after_blank && writing.blanks()) text += ' ';
    text += writing.of(i == exchanged ? line[i].second : line[i].symbol);
  }
  return text;
}

}  // namespace

std::vector<E13bCharacter> read_micr_characters(const page::FieldCrop& crop,
                                                const page::ReadContext& context) {
  context.checkpoint();
  const page::GrayImage darkness = measure_darkness(crop.gray);
  const page::GrayImage ink = stretch_ink(darkness, measure_ink_levels(darkness));
  if (context.explain) context.explain("ink", ink);
  context.checkpoint();
  return recognizer::read_e13b_line(
      ink.view(), {crop.zone.left, crop.zone.top, crop.zone.right, crop.zone.bottom}, crop.px_per_mm);
}

page::Reading MicrLineReader::read(const page::FieldCrop& crop, const page::ReadContext& context) {
  page::Reading reading;
  if (crop.field == nullptr || crop.gray.empty()) {
    reading.failure = "the crop holds no pixels";
    return reading;
  }
  const std::vector<E13bCharacter> line = read_micr_characters(crop, context);
  reading.threshold = 1 - crop.field->allowed_wrong_rate;
  if (line.empty()) {
    reading.empty_probability = kSure;
    return reading;
  }
  const Writing writing(crop.field->format);
  reading.confidence = kSure;
  reading.raw_text = recognizer::e13b_text(line);
  for (const E13bCharacter& character : line) {
    reading.confidence = std::min(reading.confidence, character.probability);
    const std::string written = writing.of(character.symbol);
    if (written.empty()) continue;
    reading.characters.push_back(
        {static_cast<unsigned char>(written.front()), character.probability,
         page::rectangle(character.left_px, character.top_px, character.right_px, character.bottom_px)});
  }
  // The reading itself, then those with one character exchanged; which of them the field may hold, its format
  // says.
  std::vector<std::size_t> doubtful(line.size());
  std::iota(doubtful.begin(), doubtful.end(), std::size_t{0});
  std::stable_sort(doubtful.begin(), doubtful.end(),
                   [&](std::size_t a, std::size_t b) { return line[a].probability < line[b].probability; });
  doubtful.resize(std::min(doubtful.size(), kMostExchanged));
  reading.candidates.push_back({text_of(line, writing, line.size()), reading.confidence});
  for (const std::size_t at : doubtful) {
    // Between two symbols that the format leaves out there is nothing to choose.
    if (writing.of(line[at].symbol) == writing.of(line[at].second)) continue;
    reading.candidates.push_back(
        {text_of(line, writing, at), std::min(reading.confidence, 1 - line[at].probability)});
  }
  const recognizer::Automaton* const format = format_of_(*crop.field);
  const std::string as_read = reading.candidates.front().text;
  std::erase_if(reading.candidates, [&](const page::ReadingCandidate& candidate) {
    return candidate.text.find(recognizer::kE13bUnknown) != std::string::npos ||
           !field_value(*crop.field, candidate.text, format).valid;
  });
  std::stable_sort(reading.candidates.begin(), reading.candidates.end(),
                   [](const page::ReadingCandidate& a, const page::ReadingCandidate& b) {
                     return a.probability > b.probability;
                   });
  reading.confidence = reading.candidates.empty() ? 0 : reading.candidates.front().probability;
  reading.changed_by_format = !reading.candidates.empty() && reading.candidates.front().text != as_read;
  return reading;
}

}  // namespace inkfield::pipeline
