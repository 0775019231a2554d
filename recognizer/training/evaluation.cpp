// Batched forward runs and CTC sums.
#include "recognizer/training/evaluation.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <string_view>
#include <utility>

#include "recognizer/decoding/automaton.h"
#include "recognizer/decoding/line_evidence.h"
#include "recognizer/line_looks.h"
#include "recognizer/training/ctc_network.h"

namespace inkfield::training {
namespace {

constexpr std::string_view kMarks = ",.-/=";
constexpr std::size_t kBatch = 128;
constexpr std::size_t kLineBatch = 16;
constexpr int kMostDigits = 40;  // a line's, where the format does not say

// Log probabilities of one input: [frames][kClassCount].
struct Frames {
  const float* log_probabilities = nullptr;
  int count = 0;
};

// Log probabilities of a batch, and where those of each item lie.
struct BatchFrames {
  torch::Tensor log_probabilities;  // [items][frames of the widest][kClassCount]
  std::vector<int> counts;
  [[nodiscard]] Frames of(std::size_t item) const {
    const std::int64_t most = log_probabilities.size(1);
    return {log_probabilities.data_ptr<float>() + static_cast<std::int64_t>(item) * most * kClassCount, counts[item]};
  }
};

BatchFrames forward(CtcNetwork& network, const std::vector<Sample>& samples) {
  torch::NoGradGuard no_grad;
  const Batch batch = make_batch(samples);
  const torch::Tensor scores = network->forward(batch.ink.to(network->device())).cpu();
  BatchFrames result{torch::log_softmax(frames_of(scores), 2).contiguous(), {}};
  for (const Sample& sample : samples) {
    result.counts.push_back(kFramesPerColumn * sample.input.width_px / recognizer::kFrameStridePx);
  }
  return result;
}

// Calls `each(first, part)` for all samples, so many at a time.
template <typename Each>
void in_batches(const std::vector<Sample>& samples, std::size_t batch_size, Each each) {
  for (std::size_t begin = 0; begin < samples.size(); begin += batch_size) {
    const std::size_t end = std::min(samples.size(), begin + batch_size);
    each(begin, std::vector<Sample>(samples.begin() + static_cast<std::ptrdiff_t>(begin),
                                    samples.begin() + static_cast<std::ptrdiff_t>(end)));
  }
}

// Calls `each(index, frames)` for every sample, read as a lone symbol.
template <typename Each>
void read_symbols(CtcNetwork& network, const std::vector<Sample>& samples, Each each) {
  in_batches(samples, kBatch, [&](std::size_t first, const std::vector<Sample>& part) {
    const BatchFrames frames = forward(network, part);
    for (std::size_t i = 0; i < part.size(); ++i) each(first + i, frames.of(i));
  });
}

// Calls `each(index, looks)` for every sample, read as a line: with the frames of every look that reading takes.
template <typename Each>
void read_lines(CtcNetwork& network, const std::vector<Sample>& samples, std::size_t batch_size, Each each) {
  in_batches(samples, batch_size, [&](std::size_t first, std::vector<Sample> part) {
    std::vector<BatchFrames> looks = {forward(network, part)};
    std::vector<std::vector<Sample>> further(recognizer::kFurtherLooks, part);
    for (std::size_t i = 0; i < part.size(); ++i) {
      auto seen = recognizer::further_looks(part[i].input);
      for (std::size_t k = 0; k < seen.size(); ++k) further[k][i].input = std::move(seen[k]);
    }
    for (const auto& look : further) looks.push_back(forward(network, look));
    for (std::size_t i = 0; i < part.size(); ++i) {
      std::vector<Frames> of_line;
      for (const BatchFrames& look : looks) of_line.push_back(look.of(i));
      each(first + i, of_line);
    }
  });
}

// The likeliest of what the looks read, with the probability that they give it on average.
struct LineAnswer {
  std::string text;
  double probability = -1;
};
LineAnswer answer_line(const std::vector<Frames>& looks, bool marks_labelled) {
  LineAnswer best;
  for (const Frames& look : looks) {
    std::string text = greedy_text(look.log_probabilities, look.count);
    if (!marks_labelled) std::erase_if(text, [](char c) { return c < '0' || c > '9'; });
    if (text == best.text) continue;
    double sum = 0;
    for (const Frames& each : looks) {
      sum += std::exp(marks_labelled ? log_probability(each.log_probabilities, each.count, text)
                                     : log_digits_probability(each.log_probabilities, each.count, text));
    }
    const double mean = sum / static_cast<double>(looks.size());
    if (mean > best.probability) best = {std::move(text), mean};
  }
  return best;
}

// The likeliest digits, as NumberReader reads a line whose format has nothing else.
LineAnswer answer_digits(const std::vector<Frames>& looks, double spread) {
  static const auto digits = recognizer::Automaton::digits(0, kMostDigits);
  std::vector<recognizer::FrameProbabilities> shown;
  for (const Frames& look : looks) {
    const std::ptrdiff_t size = static_cast<std::ptrdiff_t>(look.count) * kClassCount;
    std::vector<double> values;
    std::transform(look.log_probabilities, look.log_probabilities + size, std::back_inserter(values),
                   [](float value) {
                     return std::max(std::exp(static_cast<double>(value)),
                                     recognizer::FrameProbabilities::kLeastProbability);
                   });
    shown.push_back({look.count, kClassCount, std::move(values)});
  }
  const recognizer::LineEvidence evidence(std::move(shown), kAlphabet);
  const auto candidates = evidence.search(digits, 2);
  if (candidates.empty()) return {};
  return {candidates.front().text, recognizer::standing(candidates, evidence.best_path(), digits, spread)};
}

// `answer_of(looks, sample)` reads one line.
template <typename Answer>
Score score_lines_in_batches(CtcNetwork& network, const std::vector<Sample>& samples, std::size_t batch_size,
                             Answer answer_of) {
  Score score;
  read_lines(network, samples, batch_size, [&](std::size_t index, const std::vector<Frames>& looks) {
    const Sample& sample = samples[index];
    const LineAnswer answer = answer_of(looks, sample);
    const bool right = answer.text == sample.text;
    ++score.count;
    score.right += right ? 1 : 0;
    if (answer.text.empty() || answer.text.find('?') != std::string::npos) return;
    score.outcomes.push_back({answer.probability, right});
  });
  return score;
}

LineAnswer answer_sample(const std::vector<Frames>& looks, const Sample& sample) {
  return answer_line(looks, sample.marks_labelled);
}

}  // namespace

double log_digits_probability(const float* log_probabilities, int frames, const std::string& digits) {
  // As the loss has it: a frame that shows a mark counts as one that shows nothing.
  std::vector<float> merged(log_probabilities, log_probabilities + static_cast<std::ptrdiff_t>(frames) * kClassCount);
  for (int t = 0; t < frames; ++t) {
    float* frame = merged.data() + static_cast<std::ptrdiff_t>(t) * kClassCount;
    double nothing = std::exp(static_cast<double>(frame[0]));
    for (const char mark : kMarks) nothing += std::exp(static_cast<double>(frame[class_of(mark)]));
    frame[0] = static_cast<float>(std::log(std::min(1.0, nothing)));
  }
  return log_probability(merged.data(), frames, digits);
}

SymbolAnswer answer_symbol(const float* log_probabilities, int frames) {
  SymbolAnswer best;
  best.probability = -1;
  double marks = 0;
  bool best_is_mark = false;
  for (const char* text :
       {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "", "?", ",", ".", "-", "/", "="}) {
    const double value = std::exp(log_probability(log_probabilities, frames, text));
    const bool mark = *text != 0 && *text != '?' && (*text < '0' || *text > '9');
    if (mark) marks += value;
    if (value > best.probability) {
      best.probability = value;
      best.text = text;
      best_is_mark = mark;
    }
  }
  // A mark that comes second takes nothing from a digit in a cell; two symbols in one cell do.
  if (!best_is_mark && marks < 1) best.probability = std::min(1.0, best.probability / (1 - marks));
  return best;
}

Score score_symbols(CtcNetwork& network, const std::vector<Sample>& samples) {
  Score score;
  read_symbols(network, samples, [&](std::size_t index, const Frames& frames) {
    const std::string& truth = samples[index].text;
    const SymbolAnswer answer = answer_symbol(frames.log_probabilities, frames.count);
    const bool right = answer.text == truth;
    ++score.count;
    score.right += right ? 1 : 0;
    // A slash alone in a cell is a 1 to anybody, and no form asks for one: marks tell nothing of confidence.
    const bool mark = truth.size() == 1 && kMarks.find(truth[0]) != std::string_view::npos;
    const bool digit = answer.text.size() == 1 && answer.text[0] >= '0' && answer.text[0] <= '9';
    if (digit && !mark) score.outcomes.push_back({answer.probability, right});
  });
  return score;
}

Score score_lines(CtcNetwork& network, const std::vector<Sample>& samples) {
  return score_lines_in_batches(network, samples, kLineBatch, answer_sample);
}

Score score_digit_lines(CtcNetwork& network, const std::vector<Sample>& samples, double spread) {
  return score_lines_in_batches(
      network, samples, kLineBatch,
      [spread](const std::vector<Frames>& looks, const Sample&) { return answer_digits(looks, spread); });
}

Score score_strips(CtcNetwork& network, const StripSet& strips) {
  std::vector<Sample> samples;
  for (const Strip& strip : strips.strips) {
    Sample sample;
    sample.input = strip_input(strip);
    sample.text = strip.text;
    sample.marks_labelled = strips.marks_labelled;
    if (!sample.input.empty()) samples.push_back(std::move(sample));
  }
  Score score = score_lines_in_batches(network, samples, 1, answer_sample);
  score.count = static_cast<int>(strips.strips.size());
  return score;
}

Score score_digits(CtcNetwork& network, const IdxImages& images) {
  std::vector<Sample> samples;
  const auto size = static_cast<std::size_t>(images.width_px) * static_cast<std::size_t>(images.height_px);
  for (int i = 0; i < images.count; ++i) {
    const recognizer::ImageView view = {images.pixels.data() + static_cast<std::size_t>(i) * size,
                                        images.width_px, images.height_px, images.width_px};
    Sample sample;
    sample.input = recognizer::normalize_symbol(view, static_cast<float>(images.height_px));
    if (sample.input.empty()) {
      sample.input.width_px = recognizer::kInputHeightPx;
      sample.input.pixels.assign(
          static_cast<std::size_t>(recognizer::kInputHeightPx * recognizer::kInputHeightPx), 0.0F);
    }
    sample.text = std::string(1, static_cast<char>('0' + images.labels[static_cast<std::size_t>(i)]));
    samples.push_back(std::move(sample));
  }
  Score score;
  read_symbols(network, samples, [&](std::size_t index, const Frames& frames) {
    double best = -1e300;
    char answer = 0;
    for (char digit = '0'; digit <= '9'; ++digit) {
      const double value = log_probability(frames.log_probabilities, frames.count, std::string(1, digit));
      if (value > best) {
        best = value;
        answer = digit;
      }
    }
    ++score.count;
    score.right += samples[index].text[0] == answer ? 1 : 0;
  });
  return score;
}

}  // namespace inkfield::training
