// Check digits, as machines that run beside an automaton.
#include "recognizer/decoding/automaton.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "recognizer/decoding/automaton_builder.h"

namespace inkfield::recognizer {
namespace {

using automata::kSymbolCount;
using Key = AutomatonBuilder::Key;

constexpr int kVerhoeffProduct[10][10] = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 2, 3, 4, 0, 6, 7, 8, 9, 5},
                                          {2, 3, 4, 0, 1, 7, 8, 9, 5, 6}, {3, 4, 0, 1, 2, 8, 9, 5, 6, 7},
                                          {4, 0, 1, 2, 3, 9, 5, 6, 7, 8}, {5, 9, 8, 7, 6, 0, 4, 3, 2, 1},
                                          {6, 5, 9, 8, 7, 1, 0, 4, 3, 2}, {7, 6, 5, 9, 8, 2, 1, 0, 4, 3},
                                          {8, 7, 6, 5, 9, 3, 2, 1, 0, 4}, {9, 8, 7, 6, 5, 4, 3, 2, 1, 0}};
constexpr int kVerhoeffTurn[10] = {1, 5, 7, 6, 2, 8, 3, 0, 9, 4};

int verhoeff_turned(int digit, int times) {
  for (int i = 0; i < times; ++i) digit = kVerhoeffTurn[digit];
  return digit;
}

// What a check digit remembers of the digits so far. Those whose weights count from the right keep one state
// for each possible place of the next digit.
struct CheckMachine {
  std::vector<std::int32_t> start;
  std::function<void(std::vector<std::int32_t>&, int digit)> step;
  std::function<bool(const std::vector<std::int32_t>&)> accept;
};

// Sums that weigh every second digit from the right: state 0 is the sum if the last digit read is the last of
// all, state 1 if one more follows.
CheckMachine alternating(int (*weighted)(int)) {
  return {.start = {0, 0},
          .step =
              [weighted](std::vector<std::int32_t>& sums, int digit) {
                const std::int32_t last = (sums[1] + digit) % 10;
                sums[1] = (sums[0] + weighted(digit)) % 10;
                sums[0] = last;
              },
          .accept = [](const std::vector<std::int32_t>& sums) { return sums[0] == 0; }};
}

CheckMachine check_machine(Automaton::CheckDigit kind) {
  using CheckDigit = Automaton::CheckDigit;
  switch (kind) {
    case CheckDigit::luhn:
      return alternating([](int digit) { return digit < 5 ? 2 * digit : 2 * digit - 9; });
    case CheckDigit::mod10_weight31:  // EAN, GTIN, ISSN-13 and their kin
      return alternating([](int digit) { return 3 * digit; });
    case CheckDigit::mod11:  // ISO 7064 MOD 11-2; numbers whose check is X cannot be written in digits
      return {.start = {0, 0},
              .step =
                  [](std::vector<std::int32_t>& state, int digit) {
                    state[1] = (state[0] + digit) % 11;  // if this is the check digit
                    state[0] = 2 * (state[0] + digit) % 11;
                  },
              .accept = [](const std::vector<std::int32_t>& state) { return state[1] == 1; }};
    case CheckDigit::mod97:  // ISO 7064 MOD 97-10
      return {.start = {0},
              .step = [](std::vector<std::int32_t>& state,
                         int digit) { state[0] = (state[0] * 10 + digit) % 97; },
              .accept = [](const std::vector<std::int32_t>& state) { return state[0] == 1; }};
    case CheckDigit::aba:  // US bank routing number: nine digits, weights 3 7 1 from the left
      return {
          .start = {0, 0},
          .step =
              [](std::vector<std::int32_t>& state, int digit) {
                static constexpr std::array<int, 3> kWeights = {3, 7, 1};
                state[1] = (state[1] + digit * kWeights[static_cast<std::size_t>(state[0] % 3)]) % 10;
                state[0] = std::min(state[0] + 1, 10);
              },
          .accept = [](const std::vector<std::int32_t>& state) { return state[0] == 9 && state[1] == 0; }};
    case CheckDigit::verhoeff:
      break;  // its weights have a period of eight, see with_check_digit
  }
  return {};
}

}  // namespace

Automaton Automaton::with_check_digit(CheckDigit kind) const {
  if (is_empty()) return {};
  if (kind != CheckDigit::verhoeff) {
    const CheckMachine machine = check_machine(kind);
    // Key: state, digits seen (two or more say: a body and its check digit), the machine's own.
    Key start{start_, 0};
    start.insert(start.end(), machine.start.begin(), machine.start.end());
    return with_same_silence(AutomatonBuilder::explore(
        start,
        [&](const Key& key, int symbol) -> std::optional<Key> {
          const int to = next(key[0], symbol);
          if (to < 0) return std::nullopt;
          Key reached = key;
          reached[0] = to;
          if (symbol < 10) {
            reached[1] = std::min(reached[1] + 1, 2);
            std::vector<std::int32_t> state(key.begin() + 2, key.end());
            machine.step(state, symbol);
            std::copy(state.begin(), state.end(), reached.begin() + 2);
          }
          return reached;
        },
        [&](const Key& key) {
          return accepting_[static_cast<std::size_t>(key[0])] != 0 && key[1] == 2 &&
                 machine.accept({key.begin() + 2, key.end()});
        }));
  }
  // Verhoeff turns each digit by its place from the right, with a period of eight: one hypothesis for each
  // remainder of the digits still to come that the state allows. The product runs from the last digit to the
  // first, so that a digit read later is multiplied on from the left.
  const std::size_t states = accepting_.size();
  std::vector<std::uint8_t> remainders(states, 0);  // bit r: r digits (mod 8) may follow
  // States are numbered after all that follow them (see AutomatonBuilder::minimal).
  for (std::size_t state = 0; state < states; ++state) {
    unsigned bits = accepting_[state] != 0 ? 1U : 0U;
    for (int symbol = 0; symbol < kSymbolCount; ++symbol) {
      const int to = next(static_cast<int>(state), symbol);
      if (to < 0) continue;
      const unsigned after = remainders[static_cast<std::size_t>(to)];
      bits |= symbol < 10 ? ((after << 1U | after >> 7U) & 0xFFU) : after;
    }
    remainders[state] = static_cast<std::uint8_t>(bits);
  }
  Key start{start_, 0};
  for (std::int32_t r = 0; r < 8; ++r) {
    if ((remainders[static_cast<std::size_t>(start_)] >> static_cast<unsigned>(r) & 1U) != 0)
      start.push_back(r * 10);
  }
  return with_same_silence(AutomatonBuilder::explore(
      start,
      [&](const Key& key, int symbol) -> std::optional<Key> {
        const int to = next(key[0], symbol);
        if (to < 0) return std::nullopt;
        Key reached{to, symbol < 10 ? std::min(key[1] + 1, 2) : key[1]};
        for (std::size_t i = 2; i < key.size(); ++i) {
          std::int32_t left = key[i] / 10;
          std::int32_t product = key[i] % 10;
          if (symbol < 10) {
            left = (left + 7) % 8;  // this digit stands `left` places from the right
            product = kVerhoeffProduct[verhoeff_turned(symbol, left)][product];
          }
          if ((remainders[static_cast<std::size_t>(to)] >> static_cast<unsigned>(left) & 1U) == 0) continue;
          reached.push_back(left * 10 + product);
        }
        if (reached.size() == 2) return std::nullopt;
        std::sort(reached.begin() + 2, reached.end());
        return reached;
      },
      [&](const Key& key) {
        return accepting_[static_cast<std::size_t>(key[0])] != 0 && key[1] == 2 &&
               std::find(key.begin() + 2, key.end(), 0) != key.end();
      }));
}

}  // namespace inkfield::recognizer
