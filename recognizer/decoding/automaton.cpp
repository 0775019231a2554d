// Walking an automaton. What builds them stands in the files automaton_*.cpp, by kind of format.
#include "recognizer/decoding/automaton.h"

#include "recognizer/decoding/automaton_builder.h"

namespace inkfield::recognizer {

Automaton Automaton::with_same_silence(Automaton made) const {
  made.silent_symbols_ = silent_symbols_;
  return made;
}

int Automaton::start() const { return start_; }

int Automaton::step(int state, char symbol) const {
  const int index = automata::symbol_index(symbol);
  if (state < 0 || index < 0) return -1;
  return next(state, index);
}

bool Automaton::accepts(int state) const {
  return state >= 0 && accepting_[static_cast<std::size_t>(state)] != 0;
}

bool Automaton::accepts(std::string_view text) const {
  int state = start_;
  for (const char symbol : text) state = step(state, symbol);
  return accepts(state);
}

bool Automaton::is_empty() const { return start_ < 0; }
int Automaton::state_count() const { return static_cast<int>(accepting_.size()); }
int Automaton::symbols_to_accept(int state) const {
  return state < 0 ? -1 : missing_[static_cast<std::size_t>(state)];
}

}  // namespace inkfield::recognizer
