#include "tests/generator/random.h"

namespace inkfield::generator {
namespace {

std::uint64_t mix(std::uint64_t seed, std::string_view purpose, std::uint64_t number) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;  // FNV-1a
  for (const char c : purpose) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  }
  return hash ^ (seed * 0x9E3779B97F4A7C15ULL) ^ (number * 0xD1B54A32D192ED03ULL);
}

}  // namespace

Random::Random(std::uint64_t seed, std::string_view purpose, std::uint64_t number) : source_(mix(seed, purpose, number)) {}

int Random::integer(int low, int high) {
  if (high <= low) {
    return low;
  }
  return low + static_cast<int>(bits() % (static_cast<std::uint64_t>(high - low) + 1));
}

double Random::normal(double mean, double deviation) {
  double sum = -6;
  for (int i = 0; i < 12; ++i) {
    sum += unit();
  }
  return mean + deviation * sum;
}

}  // namespace inkfield::generator
