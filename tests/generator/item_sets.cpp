// Each item has random numbers of its own, so that a set of 100 is the beginning of a set of 1,000.
#include "tests/generator/item_sets.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <map>
#include <stdexcept>
#include <vector>

#include "tests/generator/boxed_items.h"
#include "tests/generator/picture.h"
#include "tests/generator/random.h"
#include "tests/generator/written_items.h"

namespace inkfield::generator {

// What is one shape with some digit as people write it: round letters and zeros, also such as stay open; upright ones and 1; z and 2; A
// and a 4; s and 5; b, G and 6; B and 8; a, g, q, y and 9.
const std::string kLettersLikeDigits = "OoQDCcUuIiLlJjZzASsbGBagqy";

namespace {

std::string numbered(const char* stem, int number) {
  std::array<char, 64> name{};
  std::snprintf(name.data(), name.size(), "%s_%05d.png", stem, number);
  return name.data();
}

/// A file that must be there in the end.
class TextFile {
 public:
  explicit TextFile(std::filesystem::path path) : path_(std::move(path)), out_(path_) {}
  std::ofstream& line() { return out_; }
  void close() {
    out_.close();
    if (!out_) {
      throw std::runtime_error(path_.string() + ": cannot be written");
    }
  }

 private:
  std::filesystem::path path_;
  std::ofstream out_;
};

std::vector<std::vector<WrittenDigit>> by_writer(const std::vector<WrittenDigit>& digits, std::size_t at_least) {
  std::map<int, std::vector<WrittenDigit>> writers;
  for (const WrittenDigit& digit : digits) {
    writers[digit.writer].push_back(digit);
  }
  std::vector<std::vector<WrittenDigit>> hands;
  for (auto& [writer, theirs] : writers) {
    if (theirs.size() >= at_least) {
      hands.push_back(std::move(theirs));
    }
  }
  if (hands.empty()) {
    throw std::runtime_error("no writer has " + std::to_string(at_least) + " digits");
  }
  return hands;
}

struct WrittenString {
  Picture picture;
  std::string digits;
  int writer = 0;
};

/// Different digits of one writer, side by side on white paper.
WrittenString join_digits(const std::vector<WrittenDigit>& theirs, int count, Random& random) {
  std::vector<std::size_t> order(theirs.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    order[i] = i;
  }
  WrittenString result;
  result.writer = theirs.front().writer;
  constexpr int kMargin = 6;
  constexpr int kHeight = 40;
  struct Place {
    const WrittenDigit* digit;
    int x;
    int y;
  };
  std::vector<Place> places;
  int x = kMargin;
  for (int i = 0; i < count; ++i) {
    const auto chosen = static_cast<std::size_t>(random.integer(i, static_cast<int>(order.size()) - 1));
    std::swap(order[static_cast<std::size_t>(i)], order[chosen]);
    const WrittenDigit& digit = theirs[order[static_cast<std::size_t>(i)]];
    if (i > 0) {
      x += random.chance(0.3) ? random.integer(-4, 0) : random.integer(1, 8);
    }
    // Feet of a common line, each a little off it.
    const int foot = kHeight - 10 + random.integer(-2, 2);
    places.push_back({&digit, x - digit.left, foot - digit.bottom});
    x += digit.right - digit.left;
    result.digits += static_cast<char>('0' + digit.label);
  }
  result.picture.width_px = x + kMargin;
  result.picture.height_px = kHeight;
  result.picture.channels = 1;
  result.picture.samples.assign(result.picture.row_bytes() * static_cast<std::size_t>(kHeight), 255);
  for (const Place& place : places) {
    for (int row = 0; row < WrittenDigit::kSide; ++row) {
      for (int column = 0; column < WrittenDigit::kSide; ++column) {
        const int px = place.x + column;
        const int py = place.y + row;
        if (px < 0 || py < 0 || px >= result.picture.width_px || py >= kHeight) {
          continue;
        }
        std::uint8_t& paper = result.picture.row(py)[px];
        const std::uint8_t ink = place.digit->ink[static_cast<std::size_t>(row * WrittenDigit::kSide + column)];
        paper = std::min(paper, static_cast<std::uint8_t>(255 - ink));
      }
    }
  }
  return result;
}

std::vector<WrittenDigit> held_out_digits(const std::filesystem::path& data) {
  std::vector<WrittenDigit> digits = read_mnist(data, MnistPart::train);
  std::erase_if(digits, [](const WrittenDigit& digit) { return !is_held_out(digit.writer); });
  return digits;
}

/// A deck of indices that is dealt through before any comes again.
class Deck {
 public:
  Deck(std::size_t size, Random random) : random_(random), order_(size), next_(size) {
    for (std::size_t i = 0; i < size; ++i) {
      order_[i] = i;
    }
  }
  std::size_t deal() {
    if (next_ == order_.size()) {
      for (std::size_t i = order_.size(); i > 1; --i) {
        std::swap(order_[i - 1], order_[static_cast<std::size_t>(random_.integer(0, static_cast<int>(i) - 1))]);
      }
      next_ = 0;
    }
    return order_[next_++];
  }

 private:
  Random random_;
  std::vector<std::size_t> order_;
  std::size_t next_;
};

}  // namespace

void make_strings(const ItemSetOptions& options) {
  const auto hands = by_writer(read_mnist(options.data, MnistPart::test), 5);
  std::filesystem::create_directories(options.out);
  TextFile truth(options.out / "truth.csv");
  truth.line() << "file,digits,writer\n";
  for (int i = 0; i < options.count; ++i) {
    Random random(options.seed, "string", static_cast<std::uint64_t>(i));
    const WrittenString made = join_digits(random.pick(hands), 5, random);
    const std::string name = numbered("string", i + 1);
    write_picture(made.picture, options.out / name, FileKind::png);
    truth.line() << name << ',' << made.digits << ',' << made.writer << '\n';
  }
  truth.close();
}

void make_rejects(const ItemSetOptions& options) {
  const std::vector<WrittenDigit> digits = held_out_digits(options.data);
  std::vector<WrittenLetter> letters = read_letters(options.data);
  std::erase_if(letters, [](const WrittenLetter& letter) { return kLettersLikeDigits.find(letter.letter) != std::string::npos; });
  std::filesystem::create_directories(options.out);
  TextFile truth(options.out / "truth.csv");
  TextFile nothing(options.out / "nothing.txt");
  truth.line() << "file,digits,kind\n";
  Deck letter_deck(letters.size(), Random(options.seed, "letters", 0));
  Deck digit_deck(digits.size(), Random(options.seed, "digits", 0));
  for (const char* kind : {"empty", "letter", "scribble", "digit"}) {
    const std::string which = kind;
    TextFile list(options.out / (which == "digit" ? "digits.txt" : which + ".txt"));
    for (int i = 0; i < options.count; ++i) {
      Random random(options.seed, kind, static_cast<std::uint64_t>(i));
      const std::string name = numbered(kind, i + 1);
      std::string label;
      Picture picture;
      if (which == "empty") {
        picture = empty_box(random);
      } else if (which == "letter") {
        const WrittenLetter& letter = letters[letter_deck.deal()];
        picture = letter_box(letter, random);
      } else {
        const WrittenDigit& digit = digits[digit_deck.deal()];
        picture = which == "digit" ? digit_box(digit, random) : scribble_box(digit, random);
        label = which == "digit" ? std::string(1, static_cast<char>('0' + digit.label)) : "";
      }
      write_picture(picture, options.out / name, FileKind::png);
      truth.line() << name << ',' << label << ',' << which << '\n';
      list.line() << name << '\n';
      if (which != "digit") {
        nothing.line() << name << '\n';
      }
    }
    list.close();
  }
  nothing.close();
  truth.close();
}

void make_held_out(const ItemSetOptions& options) {
  const std::vector<WrittenDigit> digits = held_out_digits(options.data);
  const auto hands = by_writer(digits, 8);
  for (const char* folder : {"digits", "strings"}) {
    std::filesystem::create_directories(options.out / folder);
  }
  TextFile digit_truth(options.out / "digits.csv");
  digit_truth.line() << "file,digits,writer\n";
  Deck deck(digits.size(), Random(options.seed, "held-out digits", 0));
  for (int i = 0; i < std::min(options.count, static_cast<int>(digits.size())); ++i) {
    const WrittenDigit& digit = digits[deck.deal()];
    Picture picture;
    picture.width_px = picture.height_px = WrittenDigit::kSide;
    picture.channels = 1;
    for (const std::uint8_t ink : digit.ink) {
      picture.samples.push_back(static_cast<std::uint8_t>(255 - ink));
    }
    const std::string name = numbered("digit", i + 1);
    write_picture(picture, options.out / "digits" / name, FileKind::png);
    digit_truth.line() << name << ',' << digit.label << ',' << digit.writer << '\n';
  }
  digit_truth.close();
  TextFile string_truth(options.out / "strings.csv");
  string_truth.line() << "file,digits,writer\n";
  for (int i = 0; i < options.count; ++i) {
    Random random(options.seed, "held-out string", static_cast<std::uint64_t>(i));
    const std::vector<WrittenDigit>& hand = random.pick(hands);
    const WrittenString made = join_digits(hand, random.integer(2, 8), random);
    const std::string name = numbered("string", i + 1);
    write_picture(made.picture, options.out / "strings" / name, FileKind::png);
    string_truth.line() << name << ',' << made.digits << ',' << made.writer << '\n';
  }
  string_truth.close();
}

}  // namespace inkfield::generator
