// All sums run over plain probabilities, scaled anew in every frame, with one logarithm a frame: faster than
// working with logarithms throughout, and with no transcendental in the inner loop.
#include "recognizer/decoding/ctc.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <map>
#include <optional>

#include "recognizer/engine/elementary.h"

namespace inkfield::recognizer {
namespace {

constexpr double kImpossible = -std::numeric_limits<double>::infinity();

// Classes of the symbols of a text, or nothing if one is not in the alphabet.
std::optional<std::vector<int>> classes_of(std::string_view alphabet, std::string_view text, int classes) {
  std::vector<int> list;
  for (const char symbol : text) {
    const auto at = alphabet.find(symbol);
    if (at == std::string_view::npos || static_cast<int>(at) + 1 >= classes) return std::nullopt;
    list.push_back(static_cast<int>(at) + 1);
  }
  return list;
}

// The text with blanks around and between: position i stands for symbol i / 2 if i is odd, else for a blank.
int class_at(const std::vector<int>& symbols, std::size_t position) {
  return position % 2 == 0 ? 0 : symbols[position / 2];
}
// A blank may be left out between two different symbols.
bool may_skip(const std::vector<int>& symbols, std::size_t position) {
  return position % 2 == 1 && position >= 3 && symbols[position / 2] != symbols[position / 2 - 1];
}

// --- prefix beam search
// -----------------------------------------------------------------------------------------

// Measured on nothing yet but safe: lines hold up to about 20 symbols and their frames are mostly certain.
constexpr std::size_t kBeamWidth = 16;
constexpr std::size_t kPlacesPerLength = 3;
// A frame so surely blank extends no prefix.
constexpr double kSurelyBlank = 1.0 - 1e-6;
// Extensions so much weaker than the best prefix of their length can win no place in it.
constexpr double kHopeless = 1e-9;

/// A prefix kept in the beam at some time; prefixes share their beginnings.
struct Prefix {
  int parent = -1;
  int symbol = 0;  // class
  int state = 0;
  int length = 0;
  double ends_blank = 0;
  double ends_symbol = 0;
  int entry = -1;                             // in the list of this frame
  std::vector<std::pair<int, int>> children;  // (class, prefix)
};

/// The largest of the values shown to it, the least of them first.
template <std::size_t kCount>
class Largest {
 public:
  /// No value below it can be among them.
  [[nodiscard]] double least() const { return count_ < kCount ? 0.0 : values_[0]; }
  void show(double value) {
    if (count_ < kCount) {
      values_[count_++] = value;
      std::push_heap(values_.begin(), values_.begin() + count_, std::greater<>());
    } else if (value > values_[0]) {
      std::pop_heap(values_.begin(), values_.end(), std::greater<>());
      values_.back() = value;
      std::push_heap(values_.begin(), values_.end(), std::greater<>());
    }
  }

 private:
  std::array<double, kCount> values_{};
  std::size_t count_ = 0;
};

/// A prefix in the next frame; not stored among the prefixes until it has won its place.
struct Entry {
  int prefix = -1;  // -1: new, `parent` extended by `symbol`
  int parent = -1;
  int symbol = 0;
  int state = 0;
  int length = 0;
  double ends_blank = 0;
  double ends_symbol = 0;
  [[nodiscard]] double total() const { return ends_blank + ends_symbol; }
};

class BeamSearch {
 public:
  BeamSearch(const FrameProbabilities& frames, std::string_view alphabet, const Automaton* format)
      : frames_(frames), alphabet_(alphabet), format_(format) {}

  std::vector<std::string> run(std::size_t count) {
    if (format_ != nullptr && format_->is_empty()) return {};
    prefixes_.push_back(
        {.state = format_ != nullptr ? format_->start() : 0, .ends_blank = 1.0, .children = {}});
    active_ = {0};
    for (int t = 0; t < frames_.frames; ++t) {
      extend(t, frames_.frames - t - 1);
      prune();
    }
    std::vector<std::pair<double, int>> found;
    for (const int p : active_) {
      const auto& prefix = prefixes_[static_cast<std::size_t>(p)];
      if (format_ == nullptr || format_->accepts(prefix.state)) {
        found.emplace_back(-(prefix.ends_blank + prefix.ends_symbol), p);
      }
    }
    std::sort(found.begin(), found.end());
    if (found.size() > count) found.resize(count);
    std::vector<std::string> texts;
    for (const auto& [minus_total, p] : found) texts.push_back(text_of(p));
    return texts;
  }

 private:
  int next_state(int state, int symbol) const {
    return format_ == nullptr ? 0 : format_->step(state, alphabet_[static_cast<std::size_t>(symbol - 1)]);
  }

  Entry& entry_of(int prefix_index) {
    auto& prefix = prefixes_[static_cast<std::size_t>(prefix_index)];
    if (prefix.entry < 0) {
      prefix.entry = static_cast<int>(entries_.size());
      entries_.push_back({.prefix = prefix_index,
                          .parent = prefix.parent,
                          .symbol = prefix.symbol,
                          .state = prefix.state,
                          .length = prefix.length});
    }
    return entries_[static_cast<std::size_t>(prefix.entry)];
  }

  [[nodiscard]] bool can_end(int state, int frames_left) const {
    return format_ == nullptr || format_->symbols_to_accept(state) <= frames_left;
  }

  void extend(int t, int frames_left) {
    const double* p = frames_.frame(t);
    entries_.clear();
    for (const int index : active_) {
      const auto& prefix = prefixes_[static_cast<std::size_t>(index)];
      const double total = prefix.ends_blank + prefix.ends_symbol;
      Entry& stay = entry_of(index);
      stay.ends_blank += total * p[0];
      if (prefix.symbol != 0) stay.ends_symbol += prefix.ends_symbol * p[prefix.symbol];
    }
    for (const auto& entry : entries_) prefixes_[static_cast<std::size_t>(entry.prefix)].entry = -1;
    std::erase_if(entries_, [&](const Entry& entry) { return !can_end(entry.state, frames_left); });
    if (p[0] > kSurelyBlank) return;
    // What has to be beaten for a place; totals still grow, so that it is too little rather than too much.
    Largest<kBeamWidth> of_all;
    of_length_.assign(of_length_.size(), {});
    for (std::size_t e = 0; e < entries_.size(); ++e) {
      const Entry& entry = entries_[e];
      prefixes_[static_cast<std::size_t>(entry.prefix)].entry = static_cast<int>(e);
      of_all.show(entry.total());
      largest_of(entry.length).show(entry.total());
    }
    best_.assign(best_.size(), 0.0);
    for (const int index : active_) {
      const auto& prefix = prefixes_[static_cast<std::size_t>(index)];
      const auto longer = static_cast<std::size_t>(prefix.length) + 1;
      if (best_.size() <= longer) best_.resize(longer + 1, 0.0);
      best_[longer - 1] = std::max(best_[longer - 1], prefix.ends_blank + prefix.ends_symbol);
    }
    for (std::size_t a = 0; a < active_.size(); ++a) {
      const int index = active_[a];
      const Prefix prefix_values = light_copy(prefixes_[static_cast<std::size_t>(index)]);
      const double total = prefix_values.ends_blank + prefix_values.ends_symbol;
      for (int symbol = 1; symbol < frames_.classes; ++symbol) {
        // The same symbol again needs a blank between.
        const double mass = (symbol == prefix_values.symbol ? prefix_values.ends_blank : total) * p[symbol];
        const auto longer = static_cast<std::size_t>(prefix_values.length) + 1;
        if (!(mass > kHopeless * best_[longer]) || mass <= 0) continue;
        const auto& children = prefixes_[static_cast<std::size_t>(index)].children;
        const auto child =
            std::find_if(children.begin(), children.end(), [&](const auto& c) { return c.first == symbol; });
        auto& of_length = largest_of(prefix_values.length + 1);
        if (child == children.end() && mass < of_all.least() && mass < of_length.least()) continue;
        const int state = next_state(prefix_values.state, symbol);
        if (state < 0 || !can_end(state, frames_left)) continue;
        if (child != children.end()) {
          entry_of(child->second).ends_symbol += mass;
        } else {
          of_all.show(mass);
          of_length.show(mass);
          entries_.push_back({.parent = index,
                              .symbol = symbol,
                              .state = state,
                              .length = prefix_values.length + 1,
                              .ends_symbol = mass});
        }
        best_[longer] = std::max(best_[longer], mass);
      }
    }
  }

  Largest<kPlacesPerLength>& largest_of(int length) {
    const auto index = static_cast<std::size_t>(length);
    if (of_length_.size() <= index) of_length_.resize(index + 1);
    return of_length_[index];
  }

  static Prefix light_copy(const Prefix& prefix) {
    return {.symbol = prefix.symbol,
            .state = prefix.state,
            .length = prefix.length,
            .ends_blank = prefix.ends_blank,
            .ends_symbol = prefix.ends_symbol,
            .children = {}};
  }

  void prune() {
    for (const auto& entry : entries_) {
      if (entry.prefix >= 0) prefixes_[static_cast<std::size_t>(entry.prefix)].entry = -1;
    }
    // Ties are broken by what the prefix is, so that the order never depends on the library's sort.
    std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
      if (a.total() != b.total()) return a.total() > b.total();
      return std::pair(a.parent, a.symbol) < std::pair(b.parent, b.symbol);
    });
    places_.assign(places_.size(), 0);
    active_.clear();
    if (entries_.empty()) return;
    const double scale = 1.0 / entries_.front().total();
    std::size_t taken = 0;
    for (const auto& entry : entries_) {
      if (!(entry.total() > 0)) break;
      const auto length = static_cast<std::size_t>(entry.length);
      if (places_.size() <= length) places_.resize(length + 1, 0);
      if (taken >= kBeamWidth && places_[length] >= kPlacesPerLength) continue;
      ++taken;
      ++places_[length];
      int index = entry.prefix;
      if (index < 0) {
        index = static_cast<int>(prefixes_.size());
        prefixes_[static_cast<std::size_t>(entry.parent)].children.emplace_back(entry.symbol, index);
        prefixes_.push_back({.parent = entry.parent,
                             .symbol = entry.symbol,
                             .state = entry.state,
                             .length = entry.length,
                             .children = {}});
      }
      auto& prefix = prefixes_[static_cast<std::size_t>(index)];
      prefix.ends_blank = entry.ends_blank * scale;
      prefix.ends_symbol = entry.ends_symbol * scale;
      active_.push_back(index);
    }
  }

  std::string text_of(int index) const {
    std::string text;
    for (; prefixes_[static_cast<std::size_t>(index)].parent >= 0;
         index = prefixes_[static_cast<std::size_t>(index)].parent) {
      text += alphabet_[static_cast<std::size_t>(prefixes_[static_cast<std::size_t>(index)].symbol - 1)];
    }
    std::reverse(text.begin(), text.end());
    return text;
  }

  const FrameProbabilities& frames_;
  std::string_view alphabet_;
  const Automaton* format_;
  std::vector<Prefix> prefixes_;
  std::vector<Entry> entries_;
  std::vector<int> active_;
  std::vector<double> best_;
  std::vector<Largest<kPlacesPerLength>> of_length_;
  std::vector<std::size_t> places_;
};

}  // namespace

FrameProbabilities softmax(std::span<const float> scores, int frames, int classes) {
  FrameProbabilities result{.frames = frames, .classes = classes, .values = {}};
  result.values.resize(static_cast<std::size_t>(frames) * static_cast<std::size_t>(classes));
  for (int t = 0; t < frames; ++t) {
    const auto at = static_cast<std::size_t>(t) * static_cast<std::size_t>(classes);
    const auto frame = scores.subspan(at, static_cast<std::size_t>(classes));
    double* to = result.values.data() + at;
    if (!std::all_of(frame.begin(), frame.end(), [](float score) { return std::isfinite(score); })) {
      std::fill_n(to, classes, 1.0 / classes);
      continue;
    }
    const auto largest = static_cast<double>(*std::max_element(frame.begin(), frame.end()));
    double sum = 0;
    for (std::size_t c = 0; c < frame.size(); ++c)
      sum += to[c] = exp_exact(static_cast<double>(frame[c]) - largest);
    for (std::size_t c = 0; c < frame.size(); ++c)
      to[c] = std::max(to[c] / sum, FrameProbabilities::kLeastProbability);
  }
  return result;
}

std::string ctc_best_path(const FrameProbabilities& frames, std::string_view alphabet) {
  std::string text;
  std::ptrdiff_t last = 0;
  for (int t = 0; t < frames.frames; ++t) {
    const double* p = frames.frame(t);
    const auto best = std::max_element(p, p + frames.classes) - p;
    if (best != 0 && best != last && best <= std::ssize(alphabet)) text += alphabet[static_cast<std::size_t>(best - 1)];
    last = best;
  }
  return text;
}

double ctc_log_probability(const FrameProbabilities& frames, std::string_view alphabet,
                           std::string_view text) {
  const auto symbols = classes_of(alphabet, text, frames.classes);
  if (!symbols) return kImpossible;
  const std::size_t positions = 2 * symbols->size() + 1;
  // forward[i]: all ways to have come to position i by this frame, scaled.
  std::vector<double> forward(positions, 0.0);
  forward[0] = 1.0;  // before the first frame: a blank that is not yet spent
  double log_scale = 0;
  bool started = false;
  for (int t = 0; t < frames.frames; ++t) {
    const double* p = frames.frame(t);
    double sum = 0;
    for (std::size_t i = positions; i-- > 0;) {
      double ways = forward[i];
      if (i >= 1) ways += forward[i - 1];
      if (started && i >= 2 && may_skip(*symbols, i)) ways += forward[i - 2];
      forward[i] = ways * p[class_at(*symbols, i)];
      sum += forward[i];
    }
    started = true;
    if (!(sum > 0)) return kImpossible;
    const double scale = 1.0 / sum;
    for (auto& value : forward) value *= scale;
    log_scale += log_exact(sum);
  }
  double total = forward[positions - 1];
  if (positions >= 2) total += forward[positions - 2];
  return total > 0 ? log_scale + log_exact(total) : kImpossible;
}

std::vector<CtcCandidate> ctc_search(const FrameProbabilities& frames, std::string_view alphabet,
                                     const Automaton* format, int count) {
  std::vector<CtcCandidate> candidates;
  for (auto& text : BeamSearch(frames, alphabet, format).run(static_cast<std::size_t>(std::max(count, 0)))) {
    const double exact = ctc_log_probability(frames, alphabet, text);
    if (exact > kImpossible) candidates.push_back({.text = std::move(text), .log_probability = exact});
  }
  std::sort(candidates.begin(), candidates.end(), [](const CtcCandidate& a, const CtcCandidate& b) {
    return a.log_probability != b.log_probability ? a.log_probability > b.log_probability : a.text < b.text;
  });
  return candidates;
}

std::vector<CtcSpan> ctc_alignment(const FrameProbabilities& frames, std::string_view alphabet,
                                   std::string_view text) {
  const auto symbols = classes_of(alphabet, text, frames.classes);
  if (!symbols || symbols->empty() || frames.frames == 0) return {};
  const std::size_t positions = 2 * symbols->size() + 1;
  const auto frame_count = static_cast<std::size_t>(frames.frames);
  std::vector<double> best(positions, 0.0);
  best[0] = 1.0;
  std::vector<std::uint8_t> back(positions * frame_count, 0);  // how many positions the best way came on
  for (std::size_t t = 0; t < frame_count; ++t) {
    const double* p = frames.frame(static_cast<int>(t));
    double largest = 0;
    for (std::size_t i = positions; i-- > 0;) {
      double way = best[i];
      std::uint8_t from = 0;
      if (i >= 1 && best[i - 1] > way) {
        way = best[i - 1];
        from = 1;
      }
      if (t > 0 && i >= 2 && may_skip(*symbols, i) && best[i - 2] > way) {
        way = best[i - 2];
        from = 2;
      }
      best[i] = way * p[class_at(*symbols, i)];
      back[t * positions + i] = from;
      largest = std::max(largest, best[i]);
    }
    if (!(largest > 0)) return {};
    for (auto& value : best) value /= largest;
  }
  std::size_t position = best[positions - 1] >= best[positions - 2] ? positions - 1 : positions - 2;
  if (!(best[position] > 0)) return {};
  std::vector<CtcSpan> spans(symbols->size());
  for (std::size_t t = frame_count; t-- > 0;) {
    if (position % 2 == 1) {
      auto& span = spans[position / 2];
      const auto frame = static_cast<int>(t);
      span.begin_frame = frame;
      if (span.end_frame == 0) span.end_frame = frame + 1;
      span.probability = std::max(span.probability, frames.frame(frame)[(*symbols)[position / 2]]);
    }
    position -= std::min<std::size_t>(position, back[t * positions + position]);
  }
  return spans;
}

}  // namespace inkfield::recognizer
