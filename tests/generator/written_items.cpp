// zlib, big-endian tables and one JSON file.
#include "tests/generator/written_items.h"

#include <zlib.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "recognizer/synthesis/random.h"

namespace inkfield::generator {
namespace {

std::string read_gz(const std::filesystem::path& path) {
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) {
    throw std::runtime_error(path.string() + ": cannot be opened; is this the folder of the data sets?");
  }
  std::string bytes;
  std::array<char, 1U << 16U> block{};
  int got = 0;
  while ((got = gzread(file, block.data(), block.size())) > 0) {
    bytes.append(block.data(), static_cast<std::size_t>(got));
  }
  gzclose(file);
  if (got < 0) {
    throw std::runtime_error(path.string() + ": is damaged");
  }
  return bytes;
}

std::uint32_t big_endian(const std::string& bytes, std::size_t at, const std::filesystem::path& path) {
  if (at + 4 > bytes.size()) {
    throw std::runtime_error(path.string() + ": is too short");
  }
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    value = value << 8U | static_cast<std::uint8_t>(bytes[at + i]);
  }
  return value;
}

}  // namespace

std::vector<WrittenDigit> read_mnist(const std::filesystem::path& data, MnistPart part) {
  const std::filesystem::path folder = data / "mnist";
  const std::string stem = part == MnistPart::train ? "train" : "t10k";
  const auto images_path = folder / (stem + "-images-idx3-ubyte.gz");
  const auto writers_path = folder / (part == MnistPart::train ? "qmnist-train-labels-idx2-int.gz" : "qmnist-test-labels-idx2-int.gz");
  const std::string images = read_gz(images_path);
  // A header of the magic number and the two sizes, then rows of eight numbers: the digit, the form's series, the writer, ...
  const std::string rows = read_gz(writers_path);
  constexpr std::size_t kSide = WrittenDigit::kSide;
  const std::size_t count = big_endian(images, 4, images_path);
  if (big_endian(images, 0, images_path) != 0x803U || big_endian(images, 8, images_path) != kSide ||
      big_endian(images, 12, images_path) != kSide || images.size() != 16 + count * kSide * kSide) {
    throw std::runtime_error(images_path.string() + ": is no idx file of 28 x 28 pictures");
  }
  if (big_endian(rows, 4, writers_path) < count || big_endian(rows, 8, writers_path) != 8) {
    throw std::runtime_error(writers_path.string() + ": does not have eight numbers for each picture");
  }
  std::vector<WrittenDigit> digits;
  for (std::size_t i = 0; i < count; ++i) {
    WrittenDigit digit;
    const auto* from = reinterpret_cast<const std::uint8_t*>(images.data()) + 16 + i * digit.ink.size();
    std::copy_n(from, digit.ink.size(), digit.ink.begin());
    digit.label = static_cast<int>(big_endian(rows, 12 + 32 * i, writers_path));
    digit.writer = static_cast<int>(big_endian(rows, 12 + 32 * i + 8, writers_path));
    digit.left = digit.top = WrittenDigit::kSide;
    for (int y = 0; y < WrittenDigit::kSide; ++y) {
      for (int x = 0; x < WrittenDigit::kSide; ++x) {
        if (digit.ink[static_cast<std::size_t>(y * WrittenDigit::kSide + x)] < 64) {
          continue;
        }
        digit.left = std::min(digit.left, x);
        digit.top = std::min(digit.top, y);
        digit.right = std::max(digit.right, x + 1);
        digit.bottom = y + 1;
      }
    }
    if (digit.left < digit.right) {
      digits.push_back(digit);
    }
  }
  return digits;
}

bool is_held_out(int writer) {
  synthesis::Random hash(static_cast<std::uint64_t>(writer) + 77U);
  return hash.below(14) == 0;
}

std::vector<WrittenLetter> read_letters(const std::filesystem::path& data) {
  const std::filesystem::path path = data / "chars74k_strokes" / "char74k.json.gz";
  nlohmann::json all;
  try {
    all = nlohmann::json::parse(read_gz(path));
  } catch (const nlohmann::json::exception& fault) {
    throw std::runtime_error(path.string() + ": " + fault.what());
  }
  std::vector<WrittenLetter> letters;
  // The keys come sorted, so that the order does not hang on the file's.
  for (const auto& [name, writers] : all.items()) {
    if (name.size() != 1 || (name[0] >= '0' && name[0] <= '9')) {
      continue;
    }
    int number = 0;
    for (const auto& drawn : writers) {
      WrittenLetter letter{name[0], number++, {}};
      double left = 1e9;
      double top = 1e9;
      double right = -1e9;
      double bottom = -1e9;
      for (const auto& stroke : drawn) {
        letter.strokes.emplace_back();
        for (const auto& point : stroke) {
          const config::PointMm at{point.at(0).get<double>(), point.at(1).get<double>()};
          letter.strokes.back().push_back(at);
          left = std::min(left, at.x_mm);
          right = std::max(right, at.x_mm);
          top = std::min(top, at.y_mm);
          bottom = std::max(bottom, at.y_mm);
        }
      }
      const double side = std::max({right - left, bottom - top, 1e-6});
      for (auto& stroke : letter.strokes) {
        for (config::PointMm& point : stroke) {
          point = {(point.x_mm - left) / side, (point.y_mm - top) / side};
        }
      }
      if (!letter.strokes.empty()) {
        letters.push_back(std::move(letter));
      }
    }
  }
  return letters;
}

}  // namespace inkfield::generator
