// A search over (cell, state of the format) that keeps the best few ways into each.
#include "recognizer/decoding/cells.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <unordered_map>

#include "recognizer/engine/elementary.h"

namespace inkfield::recognizer {
namespace {

// A cell's less likely symbols stay possible at this much, so that a format can still find its best reading.
constexpr double kLeastProbability = 1e-9;
// Ways kept in one cell, all states together: far more than a date's automaton has states at one depth.
constexpr std::size_t kMaxWays = 4096;

/// One way to have filled the cells so far.
struct Way {
  double log_probability = 0;
  int state = 0;
  int symbol = -1;
  int previous = -1;       // way in the cell before
  std::uint64_t text = 0;  // identifies the text so far, whichever cells it stands in
};

bool is_digit(char symbol) { return symbol >= '0' && symbol <= '9'; }

bool better(const Way& a, const Way& b) {
  if (a.log_probability != b.log_probability) return a.log_probability > b.log_probability;
  if (a.previous != b.previous) return a.previous < b.previous;
  return a.symbol < b.symbol;
}

}  // namespace

int CellEvidence::best_symbol() const {
  if (symbols.empty()) return -1;
  const auto best = std::max_element(symbols.begin(), symbols.end());
  return static_cast<int>(best - symbols.begin());
}

CellEvidence cell_evidence(const FrameProbabilities& frames, std::string_view alphabet) {
  CellEvidence cell{.has_ink = true, .empty = 0, .other = 0, .symbols = {}};
  cell.empty = exp_exact(ctc_log_probability(frames, alphabet, ""));
  double sum = cell.empty;
  double marks = 0;
  for (const char symbol : alphabet) {
    const double p = exp_exact(ctc_log_probability(frames, alphabet, std::string_view(&symbol, 1)));
    cell.symbols.push_back(p);
    sum += p;
    if (!is_digit(symbol) && symbol != '?') marks += p;
  }
  cell.other = std::max(0.0, 1.0 - sum);
  const char best = alphabet[static_cast<std::size_t>(cell.best_symbol())];
  if ((is_digit(best) || best == '?') && marks > 0 && marks < 1) {
    const double scale = 1.0 / (1.0 - marks);
    for (std::size_t s = 0; s < alphabet.size(); ++s) {
      if (is_digit(alphabet[s]) || alphabet[s] == '?')
        cell.symbols[s] = std::min(1.0, cell.symbols[s] * scale);
    }
    cell.empty = std::min(1.0, cell.empty * scale);
    cell.other = std::min(1.0, cell.other * scale);
  }
  return cell;
}

CellEvidence classifier_evidence(const FrameProbabilities& frames) {
  CellEvidence cell{.has_ink = true, .empty = 0, .other = 0, .symbols = {}};
  cell.symbols.assign(frames.frame(0), frames.frame(0) + frames.classes);
  return cell;
}

std::vector<CellFilling> best_fillings(std::span<const CellEvidence> cells, std::string_view alphabet,
                                       const Automaton& format, int count) {
  if (format.is_empty() || count <= 0) return {};
  const auto places = static_cast<std::size_t>(count);
  std::vector<std::vector<Way>> ways(cells.size() + 1);
  ways[0].push_back({.state = format.start()});
  for (std::size_t c = 0; c < cells.size(); ++c) {
    const auto& cell = cells[c];
    const auto cells_left = static_cast<int>(cells.size() - c - 1);
    // What the cell may hold, as (symbol, logarithm).
    std::vector<std::pair<int, double>> choices;
    choices.emplace_back(-1, log_exact(cell.has_ink ? std::max(cell.empty, kLeastProbability) : 1.0));
    if (cell.has_ink) {
      for (std::size_t s = 0; s < cell.symbols.size(); ++s) {
        choices.emplace_back(static_cast<int>(s), log_exact(std::max(cell.symbols[s], kLeastProbability)));
      }
    }
    std::unordered_map<int, std::vector<Way>> by_state;
    for (std::size_t w = 0; w < ways[c].size(); ++w) {
      const Way& way = ways[c][w];
      for (const auto& [symbol, log_probability] : choices) {
        const int state =
            symbol < 0 ? way.state : format.step(way.state, alphabet[static_cast<std::size_t>(symbol)]);
        if (state < 0 || format.symbols_to_accept(state) > cells_left) continue;
        const Way next{.log_probability = way.log_probability + log_probability,
                       .state = state,
                       .symbol = symbol,
                       .previous = static_cast<int>(w),
                       .text = symbol < 0
                                   ? way.text
                                   : way.text * 1099511628211ULL + static_cast<std::uint64_t>(symbol) + 1};
        auto& best = by_state[state];
        // The same text in other cells must not crowd out other texts.
        const auto same =
            std::find_if(best.begin(), best.end(), [&](const Way& b) { return b.text == next.text; });
        if (same != best.end()) {
          if (!better(next, *same)) continue;
          best.erase(same);
        }
        if (best.size() == places && !better(next, best.back())) continue;
        best.insert(std::lower_bound(best.begin(), best.end(), next, better), next);
        if (best.size() > places) best.pop_back();
      }
    }
    auto& reached = ways[c + 1];
    for (const auto& [state, best] : by_state) reached.insert(reached.end(), best.begin(), best.end());
    // A total order, so that nothing depends on the order of the hash table.
    std::sort(reached.begin(), reached.end(), better);
    if (reached.size() > kMaxWays) reached.resize(kMaxWays);
  }
  std::vector<CellFilling> fillings;
  for (const Way& last : ways.back()) {
    if (!format.accepts(last.state)) continue;
    CellFilling filling{
        .text = {}, .symbols = std::vector<int>(cells.size(), -1), .log_probability = last.log_probability};
    const Way* way = &last;
    for (std::size_t c = cells.size(); c-- > 0;) {
      filling.symbols[c] = way->symbol;
      way = &ways[c][static_cast<std::size_t>(way->previous)];
    }
    for (const int symbol : filling.symbols) {
      if (symbol >= 0) filling.text += alphabet[static_cast<std::size_t>(symbol)];
    }
    const bool known =
        std::any_of(fillings.begin(), fillings.end(), [&](const auto& f) { return f.text == filling.text; });
    if (!known) fillings.push_back(std::move(filling));
    if (fillings.size() == places) break;
  }
  return fillings;
}

}  // namespace inkfield::recognizer
