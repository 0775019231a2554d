// Ties ink, network and format together.
#include "recognizer/decoding/number_reader.h"

#include <algorithm>
#include <cmath>

#include "recognizer/decoding/calibration.h"
#include "recognizer/decoding/cells.h"
#include "recognizer/decoding/ctc.h"
#include "recognizer/decoding/line_borders.h"
#include "recognizer/decoding/line_evidence.h"
#include "recognizer/engine/elementary.h"
#include "recognizer/engine/network_plan.h"
#include "recognizer/error.h"
#include "recognizer/line_looks.h"
#include "recognizer/normalization.h"

namespace inkfield::recognizer {
namespace {

constexpr int kCandidates = 8;
// Ink darker than a quarter counts when edges of characters are trimmed to it.
constexpr int kInkLevel = 64;

bool column_has_ink(const ImageView& ink, int x) {
  for (int y = 0; y < ink.height_px; ++y) {
    if (ink.at(x, y) >= kInkLevel) return true;
  }
  return false;
}

/// Left and right edge of the ink between two columns; the columns themselves if there is none.
std::pair<double, double> trim_to_ink(const ImageView& ink, double begin, double end) {
  int first = std::clamp(static_cast<int>(std::floor(begin)), 0, ink.width_px);
  int last = std::clamp(static_cast<int>(std::ceil(end)), first, ink.width_px);
  const std::pair<double, double> untrimmed{first, last};
  while (first < last && !column_has_ink(ink, first)) ++first;
  while (last > first && !column_has_ink(ink, last - 1)) --last;
  return first < last ? std::pair<double, double>{first, last} : untrimmed;
}

/// No pen's stroke is so narrow for its height: the rest of a printed line, which looks like a 1.
bool is_hairline(const ImageView& ink) {
  constexpr int kThinnestStroke = 60;  // heights of a stroke to its width
  const auto [left, right] = trim_to_ink(ink, 0, ink.width_px);
  const int width = static_cast<int>(right - left);
  if (width * kThinnestStroke >= ink.height_px) return false;
  int top = ink.height_px;
  int bottom = 0;
  for (int y = 0; y < ink.height_px; ++y) {
    const std::uint8_t* row = ink.row(y);
    if (std::none_of(row, row + ink.width_px, [](std::uint8_t value) { return value >= kInkLevel; })) continue;
    top = std::min(top, y);
    bottom = y + 1;
  }
  return width * kThinnestStroke < bottom - top;
}

/// Appends the input to `to` in the size that the network takes, by averaging over areas.
void append_resized(const NetworkInput& input, int height_px, int width_px, std::vector<float>& to) {
  if (input.width_px == width_px && height_px == input.height_px) {
    to.insert(to.end(), input.pixels.begin(), input.pixels.end());
    return;
  }
  // Shares of each source pixel in each target pixel, along one axis.
  struct Share {
    int source = 0;
    float weight = 0;
  };
  const auto shares = [](int source, int target) {
    std::vector<std::vector<Share>> all(static_cast<std::size_t>(target));
    const double step = static_cast<double>(source) / target;
    for (int t = 0; t < target; ++t) {
      const double begin = t * step;
      const double end = begin + step;
      for (int s = static_cast<int>(begin); s < source && s < end; ++s) {
        const double part = std::min<double>(s + 1, end) - std::max<double>(s, begin);
        if (part > 0)
          all[static_cast<std::size_t>(t)].push_back(
              {.source = s, .weight = static_cast<float>(part / step)});
      }
    }
    return all;
  };
  const auto columns = shares(input.width_px, width_px);
  const auto rows = shares(input.height_px, height_px);
  for (const auto& row : rows) {
    for (const auto& column : columns) {
      float sum = 0;
      for (const auto& r : row) {
        for (const auto& c : column) {
          sum += r.weight * c.weight *
                 input.pixels[static_cast<std::size_t>(r.source) * static_cast<std::size_t>(input.width_px) +
                              static_cast<std::size_t>(c.source)];
        }
      }
      to.push_back(sum);
    }
  }
}

/// Frames of one item of a batch.
FrameProbabilities item_frames(const std::vector<float>& scores, std::size_t item, int frames, int classes) {
  const auto size = static_cast<std::size_t>(frames) * static_cast<std::size_t>(classes);
  return softmax(std::span(scores).subspan(item * size, size), frames, classes);
}

/// Characters of `text` on a line, each with the ink between its borders.
std::vector<NumberCharacter> line_characters(const LineEvidence& evidence, const NetworkFacts& facts,
                                             const std::string& text, const NetworkInput& input,
                                             double px_per_frame, const ImageView& ink) {
  const auto spans = evidence.alignment(text);
  const auto scale = static_cast<double>(input.to_source_scale);
  std::vector<double> peaks;
  for (const CtcSpan& span : spans) {
    const double middle = 0.5 * (span.begin_frame + span.end_frame) * px_per_frame;
    peaks.push_back((middle - static_cast<double>(input.offset_x_px)) * scale);
  }
  const std::vector<int> borders =
      symbol_borders(ink, peaks, static_cast<double>(kLineDigitHeightPx) * scale);
  std::vector<NumberCharacter> characters;
  for (std::size_t i = 0; i < spans.size(); ++i) {
    const double begin = i > 0 ? borders[i - 1] : 0;
    const double end = i < borders.size() ? borders[i] : ink.width_px;
    const auto [left, right] = trim_to_ink(ink, begin, end);
    characters.push_back({.symbol = text[i],
                          .confidence = calibrated(facts.symbol_calibration, spans[i].probability),
                          .cell = -1,
                          .begin_px = left,
                          .end_px = right});
  }
  return characters;
}

// Where only digits can stand nothing is wrong with a mark, and surer answers follow from the same evidence.
const CalibrationCurve& line_curve(const NetworkFacts& facts, const Automaton& format) {
  return format.digits_only() ? facts.digits_calibration : facts.line_calibration;
}

// The lesser of what was measured and of the confidence taken at its word, but never far below the latter: however much
// room the sure answers leave, a doubtful one is not accepted on their account.
double least_acceptable(double measured, double allowed_wrong_rate) {
  const double at_its_word = std::max(1.0 - allowed_wrong_rate, 0.0);
  const double floor = std::max(0.5, 1.0 - 8.0 * allowed_wrong_rate);
  return std::min(std::max(measured, floor), at_its_word);
}

}  // namespace

NumberReader::NumberReader(std::shared_ptr<const Network> network) : network_(std::move(network)) {
  if (!network_) throw Error(ErrorKind::invalid_argument, "a number reader needs a network");
}

FrameProbabilities NumberReader::look_at(const NetworkInput& line, Scratch& scratch) const {
  const auto& facts = network_->facts();
  // A network of another height sees the line at that height, its width a multiple of its stride.
  int width = line.width_px;
  if (facts.input_height_px != kInputHeightPx || width % facts.frame_stride_px != 0) {
    const double wanted = static_cast<double>(width) * facts.input_height_px / kInputHeightPx;
    width = std::max(1, static_cast<int>(wanted / facts.frame_stride_px + 0.5)) * facts.frame_stride_px;
  }
  width = std::min(width, kMaxInputWidthPx / facts.frame_stride_px * facts.frame_stride_px);
  scratch.input.clear();
  append_resized(line, facts.input_height_px, width, scratch.input);
  const int frames = network_->run(scratch.input, 1, width, scratch.network, scratch.scores);
  return item_frames(scratch.scores, 0, frames, facts.class_count);
}

bool NumberReader::reads_lines() const { return network_->facts().has_blank && network_->facts().input_width_px == 0; }

NumberReading NumberReader::read_line(ImageView ink, float reference_height_px, const Automaton& format,
                                      Scratch& scratch) const {
  const auto& facts = network_->facts();
  if (!reads_lines()) {
    throw Error(ErrorKind::unavailable,
                "the network reads lone symbols only; a free line needs one with a blank class and an input "
                "of open width");
  }
  NumberReading reading;
  const NetworkInput input = ink.empty() ? NetworkInput{} : normalize_line(ink, reference_height_px);
  if (input.empty()) {
    reading.empty_probability = 1.0;
    if (format.accepts(std::string_view())) {
      reading.candidates.push_back({.text = {}, .probability = 1.0});
      reading.confidence = 1.0;
    }
    return reading;
  }
  std::vector<FrameProbabilities> looks;
  looks.push_back(look_at(input, scratch));
  const double px_per_frame = static_cast<double>(input.width_px) / looks.front().frames;
  for (const auto& further : further_looks(input)) looks.push_back(look_at(further, scratch));
  const LineEvidence evidence(std::move(looks), facts.alphabet);

  reading.empty_probability = evidence.probability("");
  const std::vector<ScoredText> values = evidence.values(format, kCandidates);
  for (const ScoredText& value : values) {
    reading.candidates.push_back({.text = value.text, .probability = value.probability});
  }
  const ScoredText shown = evidence.best_path();
  reading.raw_text = shown.text;
  if (!reading.candidates.empty() && evidence.probability(reading.candidates.front().text) > shown.probability) {
    reading.raw_text = reading.candidates.front().text;
  }
  if (is_hairline(ink)) reading.raw_text = "?";
  if (reading.candidates.empty()) return reading;
  const auto& best = reading.candidates.front();
  const CalibrationCurve& curve = line_curve(facts, format);
  reading.confidence = calibrated(curve, standing(values, shown, format, curve.spread));
  reading.changed_by_format = best.text != reading.raw_text;
  reading.characters = line_characters(evidence, facts, best.text, input, px_per_frame, ink);
  return reading;
}

NumberReading NumberReader::read_cells(std::span<const ImageView> cells, float reference_height_px,
                                       const Automaton& format, Scratch& scratch) const {
  const auto& facts = network_->facts();
  const int width = facts.input_width_px != 0
                        ? facts.input_width_px
                        : std::max(1, facts.input_height_px / facts.frame_stride_px) * facts.frame_stride_px;
  scratch.input.clear();
  std::vector<CellEvidence> evidence(cells.size());
  std::vector<std::size_t> inked;
  for (std::size_t c = 0; c < cells.size(); ++c) {
    evidence[c].symbols.assign(facts.alphabet.size(), 0.0);
    const NetworkInput input =
        cells[c].empty() ? NetworkInput{}
                         : normalize_symbol(cells[c], reference_height_px, facts.framing.value_or(SymbolFraming{}));
    if (input.empty()) continue;
    append_resized(input, facts.input_height_px, width, scratch.input);
    inked.push_back(c);
  }
  if (!inked.empty()) {
    const int frames =
        network_->run(scratch.input, static_cast<int>(inked.size()), width, scratch.network, scratch.scores);
    for (std::size_t i = 0; i < inked.size(); ++i) {
      const auto item = item_frames(scratch.scores, i, frames, facts.class_count);
      evidence[inked[i]] = facts.has_blank ? cell_evidence(item, facts.alphabet) : classifier_evidence(item);
    }
  }

  NumberReading reading;
  reading.empty_probability = 1.0;
  // The cells as they look without a format: -1 empty, -2 ink that is no lone symbol.
  std::vector<int> shown;
  for (const auto& cell : evidence) {
    reading.empty_probability *= cell.empty;
    int best = cell.best_symbol();
    const double p = best < 0 ? 0.0 : cell.symbols[static_cast<std::size_t>(best)];
    if (cell.empty >= p && cell.empty >= cell.other) {
      best = -1;
    } else if (cell.other > p) {
      best = -2;
    }
    shown.push_back(best);
    if (best != -1) reading.raw_text += best == -2 ? '?' : facts.alphabet[static_cast<std::size_t>(best)];
  }

  const auto fillings = best_fillings(evidence, facts.alphabet, format, kCandidates);
  for (const auto& filling : fillings) {
    reading.candidates.push_back({.text = filling.text, .probability = exp_exact(filling.log_probability)});
  }
  const auto& chosen = fillings.empty() ? shown : fillings.front().symbols;
  reading.confidence = fillings.empty() ? 0.0 : 1.0;
  reading.changed_by_format = !fillings.empty() && fillings.front().text != reading.raw_text;
  int last_filled = -1;
  for (std::size_t c = 0; c < cells.size(); ++c) {
    const auto& cell = evidence[c];
    const int symbol = chosen[c];
    NumberCharacter character{
        .symbol = 0, .confidence = 1.0, .cell = static_cast<int>(c), .begin_px = 0, .end_px = 0};
    if (cell.has_ink) {
      const double p = symbol == -1   ? cell.empty
                       : symbol == -2 ? cell.other
                                      : cell.symbols[static_cast<std::size_t>(symbol)];
      character.confidence = calibrated(facts.symbol_calibration, p);
    }
    if (symbol != -1) {
      character.symbol = symbol == -2 ? '?' : facts.alphabet[static_cast<std::size_t>(symbol)];
      if (last_filled >= 0 && last_filled + 1 < static_cast<int>(c)) reading.gap_between_digits = true;
      last_filled = static_cast<int>(c);
    }
    const auto [left, right] =
        cells[c].empty() ? std::pair<double, double>{0, 0} : trim_to_ink(cells[c], 0, cells[c].width_px);
    character.begin_px = left;
    character.end_px = right;
    if (!fillings.empty()) reading.confidence *= character.confidence;
    reading.characters.push_back(character);
  }
  return reading;
}

double NumberReader::line_threshold(double allowed_wrong_rate, const Automaton& format) const {
  const CalibrationCurve& curve = line_curve(network_->facts(), format);
  const double measured = least_confidence(curve, allowed_wrong_rate);
  return curve.thresholds.empty() ? measured : least_acceptable(measured, allowed_wrong_rate);
}

double NumberReader::row_threshold(double allowed_wrong_rate, int cell_count) const {
  const auto& facts = network_->facts();
  const CalibrationCurve& curve = facts.symbol_calibration;
  if (curve.thresholds.empty()) return least_confidence(curve, allowed_wrong_rate);
  double measured = 0;
  if (cell_count > 1 && !facts.row_thresholds.empty()) {
    // The rows it was counted on that are no shorter; longer ones than all of them have to share what is allowed.
    const auto& counted = facts.row_thresholds;
    auto row = std::find_if(counted.begin(), counted.end(), [=](const RowThresholds& rows) { return rows.cells >= cell_count; });
    if (row == counted.end()) --row;
    const double share = std::min(1.0, static_cast<double>(row->cells) / cell_count);
    measured = least_confidence({.thresholds = row->thresholds}, allowed_wrong_rate * share);
  } else {
    // Without rows to count on, every cell has to keep its part of the rate.
    measured = least_confidence(curve, allowed_wrong_rate / std::max(1, cell_count));
  }
  return least_acceptable(measured, allowed_wrong_rate);
}

}  // namespace inkfield::recognizer
