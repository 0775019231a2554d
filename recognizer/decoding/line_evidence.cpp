#include "recognizer/decoding/line_evidence.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "recognizer/engine/elementary.h"

namespace inkfield::recognizer {
namespace {

void best_first(std::vector<ScoredText>& texts, int count) {
  std::stable_sort(texts.begin(), texts.end(),
                   [](const ScoredText& a, const ScoredText& b) { return a.probability > b.probability; });
  if (texts.size() > static_cast<std::size_t>(count)) texts.resize(static_cast<std::size_t>(count));
}

std::string without(std::string text, const std::string& symbols) {
  std::erase_if(text, [&](char symbol) { return symbols.find(symbol) != std::string::npos; });
  return text;
}

}  // namespace

LineEvidence::LineEvidence(std::vector<FrameProbabilities> looks, std::string_view alphabet)
    : looks_(std::move(looks)), alphabet_(alphabet) {}

double LineEvidence::probability(std::string_view text) const {
  double sum = 0;
  for (const auto& look : looks_) sum += exp_exact(ctc_log_probability(look, alphabet_, text));
  return sum / static_cast<double>(looks_.size());
}

ScoredText LineEvidence::best_path() const {
  ScoredText best;
  for (const auto& look : looks_) {
    std::string text = ctc_best_path(look, alphabet_);
    if (&look != &looks_.front() && text == best.text) continue;
    const double p = probability(text);
    if (&look == &looks_.front() || p > best.probability) best = {.text = std::move(text), .probability = p};
  }
  return best;
}

std::vector<ScoredText> LineEvidence::search(const Automaton& format, int count) const {
  std::vector<ScoredText> found;
  for (const auto& look : looks_) {
    for (auto& candidate : ctc_search(look, alphabet_, &format, count)) {
      const bool known = std::any_of(found.begin(), found.end(), [&](const ScoredText& f) { return f.text == candidate.text; });
      if (!known) found.push_back({.text = std::move(candidate.text)});
    }
  }
  for (auto& each : found) each.probability = probability(each.text);
  best_first(found, count);
  return found;
}

std::vector<ScoredText> LineEvidence::values(const Automaton& format, int count) const {
  const std::string& silent = format.silent_symbols();
  if (silent.empty()) return search(format, count);
  std::vector<ScoredText> values;
  std::vector<std::string> digits;  // of each value
  for (auto& each : search(format, 3 * count)) {
    std::string value = without(each.text, silent);
    const auto at = std::find(digits.begin(), digits.end(), value);
    if (at == digits.end()) {
      digits.push_back(std::move(value));
      values.push_back(std::move(each));
    } else {
      values[static_cast<std::size_t>(at - digits.begin())].probability += each.probability;
    }
  }
  best_first(values, count);
  return values;
}

std::vector<CtcSpan> LineEvidence::alignment(std::string_view text) const {
  auto spans = ctc_alignment(looks_.front(), alphabet_, text);
  for (std::size_t k = 1; k < looks_.size(); ++k) {
    const auto again = ctc_alignment(looks_[k], alphabet_, text);
    for (std::size_t i = 0; i < spans.size() && i < again.size(); ++i) spans[i].probability += again[i].probability;
  }
  for (auto& span : spans) span.probability /= static_cast<double>(looks_.size());
  return spans;
}

double standing(std::span<const ScoredText> values, const ScoredText& shown, const Automaton& format,
                double spread) {
  if (values.empty() || values.front().probability <= 0) return 0;
  const double best = values.front().probability;
  if (spread >= 1) return best;
  const std::string text = without(values.front().text, format.silent_symbols());
  double rival = values.size() > 1 ? values[1].probability : 0;
  if (without(shown.text, format.silent_symbols()) != text) rival = std::max(rival, shown.probability);
  const auto length = static_cast<double>(std::max<std::size_t>(1, text.size()));
  const double share = std::max(spread, 1.0 / (length * length));
  return best / (best + rival + share * std::max(0.0, 1.0 - best - rival));
}

}  // namespace inkfield::recognizer
