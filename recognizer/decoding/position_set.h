// Strings that are said position by position: patterns, lengths and amounts.
#pragma once

#include <vector>

#include "recognizer/decoding/automaton.h"
#include "recognizer/decoding/automaton_builder.h"

namespace inkfield::recognizer::automata {

/// A row of positions, each taking one of a set of symbols; several rows may share their beginning. A key of
/// the machine is the set of positions that may come next.
class PositionSet {
 public:
  struct Item {
    Mask symbols = 0;
    bool optional = false;  ///< it may be left out
  };

  void add(const std::vector<Item>& items);
  [[nodiscard]] Automaton build() const;

 private:
  struct Position {
    Mask symbols = 0;
    std::vector<int> following;
    bool may_end = false;
  };

  Position start_;
  std::vector<Position> positions_;
};

using Items = std::vector<PositionSet::Item>;

/// `least` to `most` of these symbols.
Items run_of(Mask symbols, int least, int most);

}  // namespace inkfield::recognizer::automata
