// A machine over small keys is explored, trimmed of dead ends and shrunk.
#include "recognizer/decoding/automaton_builder.h"

#include <array>
#include <map>
#include <unordered_map>
#include <utility>

#include "recognizer/error.h"

namespace inkfield::recognizer {

namespace automata {

void fail(const std::string& what) { throw Error(ErrorKind::invalid_argument, what); }

Mask symbol_mask(char symbol, const char* what) {
  const int index = symbol_index(symbol);
  if (index < 0 || symbol == '?') fail(std::string(what) + " '" + symbol + "' is not one of 0123456789,.-/=");
  return 1U << index;
}

}  // namespace automata

using automata::kSymbolCount;
using automata::symbol_index;

Automaton AutomatonBuilder::explore(const Key& start, const Step& step, const Accept& accept) {
  Automaton raw;
  std::map<Key, int> known;
  std::vector<const Key*> keys;
  const auto intern = [&](const Key& key) {
    const auto [at, is_new] = known.emplace(key, static_cast<int>(keys.size()));
    if (is_new) {
      check_size(keys.size());
      keys.push_back(&at->first);
      raw.next_.resize(raw.next_.size() + kSymbolCount, -1);
      raw.accepting_.push_back(accept(key) ? 1 : 0);
    }
    return at->second;
  };
  raw.start_ = intern(start);
  for (std::size_t state = 0; state < keys.size(); ++state) {
    for (int symbol = 0; symbol < kSymbolCount; ++symbol) {
      if (const auto key = step(*keys[state], symbol))
        raw.next_[state * kSymbolCount + static_cast<std::size_t>(symbol)] = intern(*key);
    }
  }
  return minimal(raw);
}

void AutomatonBuilder::insert(Automaton& tree, const std::string& text) {
  if (tree.start_ < 0) tree.start_ = add_state(tree);
  int state = tree.start_;
  for (const char symbol : text) {
    const auto at =
        static_cast<std::size_t>(state) * kSymbolCount + static_cast<std::size_t>(symbol_index(symbol));
    if (tree.next_[at] < 0) {
      const int made = add_state(tree);
      tree.next_[at] = made;
    }
    state = tree.next_[at];
  }
  tree.accepting_[static_cast<std::size_t>(state)] = 1;
}

Automaton AutomatonBuilder::minimal(const Automaton& raw) {
  Automaton small;
  if (raw.start_ < 0) return small;
  struct Hash {
    std::size_t operator()(const std::array<std::int32_t, kSymbolCount + 1>& row) const {
      std::uint64_t hash = 1469598103934665603ULL;
      for (const auto value : row) hash = (hash ^ static_cast<std::uint32_t>(value)) * 1099511628211ULL;
      return static_cast<std::size_t>(hash ^ (hash >> 29U));
    }
  };
  constexpr std::int32_t kUnseen = -2;
  std::unordered_map<std::array<std::int32_t, kSymbolCount + 1>, std::int32_t, Hash> merged;
  std::vector<std::int32_t> renamed(raw.accepting_.size(), kUnseen);
  // Depth first without recursion: a state is named after all that follow it.
  std::vector<std::pair<int, int>> path{{raw.start_, 0}};
  while (!path.empty()) {
    auto& [state, symbol] = path.back();
    if (symbol < kSymbolCount) {
      const int target = raw.next(state, symbol);
      ++symbol;
      if (target >= 0 && renamed[static_cast<std::size_t>(target)] == kUnseen) path.emplace_back(target, 0);
      continue;
    }
    std::array<std::int32_t, kSymbolCount + 1> row{};
    bool alive = raw.accepting_[static_cast<std::size_t>(state)] != 0;
    std::int32_t missing = alive ? 0 : -1;
    row[kSymbolCount] = alive ? 1 : 0;
    for (int s = 0; s < kSymbolCount; ++s) {
      const int target = raw.next(state, s);
      const std::int32_t to = target < 0 ? -1 : renamed[static_cast<std::size_t>(target)];
      row[static_cast<std::size_t>(s)] = to;
      if (to < 0) continue;
      alive = true;
      small.digits_only_ = small.digits_only_ && (automata::kDigits >> static_cast<unsigned>(s) & 1U) != 0;
      const std::int32_t through = small.missing_[static_cast<std::size_t>(to)] + 1;
      if (missing < 0 || through < missing) missing = through;
    }
    std::int32_t name = -1;
    if (alive) {
      const auto [at, is_new] = merged.emplace(row, static_cast<std::int32_t>(small.accepting_.size()));
      name = at->second;
      if (is_new) {
        small.next_.insert(small.next_.end(), row.begin(), row.begin() + kSymbolCount);
        small.accepting_.push_back(row[kSymbolCount] != 0 ? 1 : 0);
        small.missing_.push_back(missing);
      }
    }
    renamed[static_cast<std::size_t>(state)] = name;
    path.pop_back();
  }
  small.start_ = renamed[static_cast<std::size_t>(raw.start_)];
  return small;
}

int AutomatonBuilder::add_state(Automaton& automaton) {
  check_size(automaton.accepting_.size());
  automaton.next_.resize(automaton.next_.size() + kSymbolCount, -1);
  automaton.accepting_.push_back(0);
  return static_cast<int>(automaton.accepting_.size()) - 1;
}

void AutomatonBuilder::check_size(std::size_t states) {
  if (states >= static_cast<std::size_t>(Automaton::kMaxStates)) {
    throw Error(ErrorKind::limit_exceeded, "the format needs more than " +
                                               std::to_string(Automaton::kMaxStates) +
                                               " states; narrow its lengths, its list or its check digit");
  }
}

}  // namespace inkfield::recognizer
