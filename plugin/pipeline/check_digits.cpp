// ISO/IEC 7064 by its own recursions; the others as their standards describe them.
#include "plugin/pipeline/check_digits.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace inkfield::pipeline {
namespace {

using config::CheckMethod;

int value_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
  return -1;
}

bool only_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool luhn(std::string_view text) {
  int sum = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int digit = text[text.size() - 1 - i] - '0';
    const int weighted = i % 2 == 0 ? digit : 2 * digit;
    sum += weighted / 10 + weighted % 10;
  }
  return sum % 10 == 0;
}

// Weights from the right, the check digit's first, over and over.
template <std::size_t N>
int weighted_sum(std::string_view text, const std::array<int, N>& weights) {
  int sum = 0;
  for (std::size_t i = 0; i < text.size(); ++i) sum += (text[text.size() - 1 - i] - '0') * weights[i % N];
  return sum;
}

bool verhoeff(std::string_view text) {
  // The group of the pentagon's turns and flips, and a permutation applied once more at every place.
  const auto product = [](int a, int b) {
    if (a < 5) return b < 5 ? (a + b) % 5 : 5 + (a + b - 5) % 5;
    return b < 5 ? 5 + (a - 5 - b + 5) % 5 : (a - b + 5) % 5;
  };
  constexpr std::array<int, 10> kPermutation = {1, 5, 7, 6, 2, 8, 3, 0, 9, 4};
  int check = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    int digit = text[text.size() - 1 - i] - '0';
    for (std::size_t turn = 0; turn < i % 8; ++turn) digit = kPermutation[static_cast<std::size_t>(digit)];
    check = product(check, digit);
  }
  return check == 0;
}

// ISO 7064 pure systems with one check character: `last` may be the modulus' own character (X or *).
bool pure(std::string_view text, int modulus, int radix, bool letters, char extra) {
  int sum = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool last = i + 1 == text.size();
    int value = value_of(text[i]);
    if (last && text[i] == extra) {
      value = modulus - 1;
    } else if (value < 0 || (!letters && value > 9)) {
      return false;
    }
    sum = last ? (sum + value) % modulus : (sum + value) * radix % modulus;
  }
  return sum == 1;
}

bool mod97_10(std::string_view text) {
  int rest = 0;
  for (const char c : text) {
    const int value = value_of(c);
    if (value < 0) return false;
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest == 1;
}

// ISO 7064 hybrid systems: modulus M and M + 1.
bool hybrid(std::string_view text, int modulus, bool letters) {
  int sum = modulus;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int value = value_of(text[i]);
    if (value < 0 || (!letters && value > 9)) return false;
    sum = (sum + value) % modulus;
    if (i + 1 == text.size()) return sum == 1;
    sum = (sum == 0 ? modulus : sum) * 2 % (modulus + 1);
  }
  return false;
}

bool iban(std::string_view text) {
  // ISO 13616: country and check digits go to the end. The shortest has 15 characters (Norway), the longest 34.
  if (text.size() < 15 || text.size() > 34) return false;
  if (value_of(text[0]) < 10 || value_of(text[1]) < 10 || !only_digits(text.substr(2, 2))) return false;
  return mod97_10(std::string(text.substr(4)) + std::string(text.substr(0, 4)));
}

}  // namespace

std::string bare_code(std::string_view text) {
  std::string bare;
  for (const char c : text) {
    if (std::string_view(" .-/,").find(c) != std::string_view::npos) continue;
    bare += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return bare;
}

bool check_digit_fits(CheckMethod method, std::string_view bare) {
  constexpr std::size_t kLongest = 8000;  // sums stay far from the end of int
  if (bare.size() < 2 || bare.size() > kLongest) return false;
  switch (method) {
    case CheckMethod::iso7064_mod11_2: return pure(bare, 11, 2, false, 'X');
    case CheckMethod::iso7064_mod37_2: return pure(bare, 37, 2, true, '*');
    case CheckMethod::iso7064_mod97_10: return bare.size() > 2 && only_digits(bare.substr(bare.size() - 2)) && mod97_10(bare);
    case CheckMethod::iso7064_mod37_36: return hybrid(bare, 36, true);
    case CheckMethod::iban: return iban(bare);
    default: break;
  }
  if (!only_digits(bare)) return false;
  switch (method) {
    case CheckMethod::luhn: return luhn(bare);
    case CheckMethod::mod10_weight31: return weighted_sum(bare, std::array{1, 3}) % 10 == 0;
    case CheckMethod::mod11: return pure(bare, 11, 2, false, '\0');
    case CheckMethod::mod97: return bare.size() > 2 && mod97_10(bare);
    case CheckMethod::verhoeff: return verhoeff(bare);
    case CheckMethod::aba: return bare.size() == 9 && weighted_sum(bare, std::array{1, 7, 3}) % 10 == 0;
    case CheckMethod::iso7064_mod11_10: return hybrid(bare, 10, false);
    case CheckMethod::mod11_weights_2to7: {
      // 1 for the check digit itself, then 2 to 7 again and again; a check of 10 cannot be written.
      int sum = bare.back() - '0';
      for (std::size_t i = 1; i < bare.size(); ++i) sum += (bare[bare.size() - 1 - i] - '0') * static_cast<int>(2 + (i - 1) % 6);
      return sum % 11 == 0;
    }
    default: return false;
  }
}

}  // namespace inkfield::pipeline
