// What samples are drawn from, sorted for drawing.
#include "recognizer/training/samples.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>

namespace inkfield::training {

int class_of(char symbol) {
  const char* at = symbol == 0 ? nullptr : std::strchr(kAlphabet, symbol);
  return at == nullptr ? 0 : static_cast<int>(at - kAlphabet) + 1;
}

void SampleSources::index() {
  for (Weighted& entry : sets) {
    std::map<int, std::vector<int>> writers;
    for (std::size_t i = 0; i < entry.set.digits.size(); ++i) {
      writers[entry.set.digits[i].writer].push_back(static_cast<int>(i));
    }
    entry.by_writer.clear();
    // Sets that do not tell their writers have one digit each; then a line is made of many hands.
    if (writers.size() * 4 > entry.set.digits.size()) {
      std::vector<int> all(entry.set.digits.size());
      for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int>(i);
      entry.by_writer.push_back(std::move(all));
    } else {
      for (auto& [writer, digits] : writers) entry.by_writer.push_back(std::move(digits));
    }
  }
  strips_by_length.clear();
  for (std::size_t i = 0; i < strips.strips.size(); ++i) {
    const std::size_t length = strips.strips[i].text.size();
    if (strips_by_length.size() <= length) strips_by_length.resize(length + 1);
    strips_by_length[length].push_back(static_cast<int>(i));
  }
}

bool SampleSources::has_digits() const {
  return std::any_of(sets.begin(), sets.end(),
                     [](const Weighted& entry) { return !entry.set.digits.empty(); });
}

}  // namespace inkfield::training
