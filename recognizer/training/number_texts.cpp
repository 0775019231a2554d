#include "recognizer/training/number_texts.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace inkfield::training {

using synthesis::Random;

std::string random_digits(int count, Random& random) {
  std::string text;
  // Amounts and dates are full of zeros; so are these.
  const float zeros = random.chance(0.35F) ? random.uniform(0.0F, 0.5F) : 0.0F;
  for (int i = 0; i < count; ++i) {
    text.push_back(random.chance(zeros) ? '0' : static_cast<char>('0' + random.below(10)));
  }
  return text;
}

std::string random_number(int length, Random& random) {
  std::string text;
  const float kind = random.unit();
  if (kind < 0.42F) {
    text = random_digits(std::max(1, length), random);
  } else if (kind < 0.80F) {  // an amount
    const int digits = std::max(1, length - length / 4);
    text = random_digits(digits, random);
    const char group = random.chance(0.75F) ? ',' : '.';
    if (random.chance(0.7F)) {
      const bool indian = random.chance(0.4F);
      int step = 3;
      for (int at = static_cast<int>(text.size()) - step; at > 0; at -= step) {
        text.insert(static_cast<std::size_t>(at), 1, group);
        step = indian ? 2 : 3;
      }
    }
    if (random.chance(0.35F)) {
      text.push_back(group == ',' ? '.' : ',');
      text += random.chance(0.3F) ? "00" : random_digits(2, random);
    }
    if (random.chance(0.45F)) {
      static constexpr std::array<const char*, 12> kEndings = {"/-", "/-", "/-", "=", "=",  "-",
                                                               "/=", ".",  ".",  ".-", ".=", "--"};
      text += kEndings[static_cast<std::size_t>(random.below(12))];
    }
    if (random.chance(0.12F)) text.insert(0, random.chance(0.6F) ? "-" : "=");
  } else if (kind < 0.92F) {  // a date or a code with separators
    static constexpr char kSeparators[] = "/-.";
    const char separator = kSeparators[random.below(3)];
    text = random_digits(2, random);
    text += separator;
    text += random_digits(length < 8 ? 2 : 2 + random.below(2), random);
    if (length > 5) {
      text += separator;
      text += random_digits(random.chance(0.5F) ? 2 : 4, random);
    }
  } else {  // something in it is no digit
    text = random_digits(std::max(1, length - 1), random);
    const int wrong = 1 + random.below(2);
    for (int i = 0; i < wrong; ++i) {
      text.insert(static_cast<std::size_t>(random.below(static_cast<int>(text.size()) + 1)), 1, '*');
    }
  }
  return text;
}

std::string rounded(std::string number, Random& random) {
  int kept = 1 + random.below(3);
  for (char& symbol : number) {
    if (symbol < '0' || symbol > '9') continue;
    if (kept-- <= 0) symbol = '0';
  }
  return number;
}

std::string random_decimal(Random& random) {
  std::string text = random_digits(1 + random.below(3), random);
  text.push_back(random.chance(0.7F) ? '.' : ',');
  return text + random_digits(random.chance(0.6F) ? 1 : 2 + random.below(2), random);
}

}  // namespace inkfield::training
