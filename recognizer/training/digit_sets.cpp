// IDX files through zlib; trims every digit to its ink.
#include "recognizer/training/digit_sets.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "recognizer/error.h"
#include "recognizer/synthesis/random.h"

namespace inkfield::training {
namespace {

std::vector<std::uint8_t> read_gz(const std::filesystem::path& path) {
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) throw Error(ErrorKind::io_error, "cannot open " + path.string());
  std::vector<std::uint8_t> bytes;
  std::array<std::uint8_t, 1U << 16U> block{};
  int got = 0;
  while ((got = gzread(file, block.data(), block.size())) > 0) {
    bytes.insert(bytes.end(), block.begin(), block.begin() + got);
  }
  gzclose(file);
  if (got < 0) throw Error(ErrorKind::io_error, "damaged gzip file " + path.string());
  return bytes;
}

std::uint32_t big_endian(const std::vector<std::uint8_t>& bytes, std::size_t at,
                         const std::filesystem::path& path) {
  if (at + 4 > bytes.size()) throw Error(ErrorKind::io_error, "too short for an IDX file: " + path.string());
  return static_cast<std::uint32_t>(bytes[at] << 24U | bytes[at + 1] << 16U | bytes[at + 2] << 8U |
                                    bytes[at + 3]);
}

bool trim(const std::uint8_t* pixels, int width, int height, DigitImage& digit) {
  int left = width;
  int right = 0;
  int top = height;
  int bottom = 0;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      if (pixels[y * width + x] < 16) continue;
      left = std::min(left, x);
      right = std::max(right, x + 1);
      top = std::min(top, y);
      bottom = y + 1;
    }
  }
  if (left >= right) return false;
  digit.width_px = right - left;
  digit.height_px = bottom - top;
  digit.ink.reserve(static_cast<std::size_t>(digit.width_px) * static_cast<std::size_t>(digit.height_px));
  for (int y = top; y < bottom; ++y) {
    digit.ink.insert(digit.ink.end(), pixels + y * width + left, pixels + y * width + right);
  }
  return true;
}

void add(DigitSet& set, const IdxImages& images, const std::vector<int>& writers) {
  const auto size = static_cast<std::size_t>(images.width_px) * static_cast<std::size_t>(images.height_px);
  for (int i = 0; i < images.count; ++i) {
    const auto index = static_cast<std::size_t>(i);
    DigitImage digit;
    digit.label = images.labels[index];
    digit.writer = writers.empty() ? static_cast<int>(set.digits.size()) : writers[index];
    if (trim(images.pixels.data() + index * size, images.width_px, images.height_px, digit)) {
      set.digits.push_back(std::move(digit));
    }
  }
}

}  // namespace

IdxImages read_idx(const std::filesystem::path& images, const std::filesystem::path& labels) {
  IdxImages result;
  const std::vector<std::uint8_t> bytes = read_gz(images);
  if (big_endian(bytes, 0, images) != 0x803U)
    throw Error(ErrorKind::io_error, "not an IDX image file: " + images.string());
  const std::size_t count = big_endian(bytes, 4, images);
  const std::size_t height = big_endian(bytes, 8, images);
  const std::size_t width = big_endian(bytes, 12, images);
  if (count > 10'000'000 || height > 4096 || width > 4096 || bytes.size() < 16 + count * height * width) {
    throw Error(ErrorKind::io_error, "IDX header does not fit the file: " + images.string());
  }
  const std::vector<std::uint8_t> label_bytes = read_gz(labels);
  if (big_endian(label_bytes, 0, labels) != 0x801U || big_endian(label_bytes, 4, labels) != count ||
      label_bytes.size() < 8 + count) {
    throw Error(ErrorKind::io_error, "labels do not fit the images: " + labels.string());
  }
  result.count = static_cast<int>(count);
  result.height_px = static_cast<int>(height);
  result.width_px = static_cast<int>(width);
  result.pixels.assign(bytes.begin() + 16,
                       bytes.begin() + 16 + static_cast<std::ptrdiff_t>(count * height * width));
  result.labels.assign(label_bytes.begin() + 8, label_bytes.begin() + 8 + static_cast<std::ptrdiff_t>(count));
  return result;
}

DigitSet load_digit_set(const std::filesystem::path& data, const std::string& name) {
  DigitSet set;
  set.name = name;
  if (name == "mnist") {
    const auto folder = data / "mnist";
    const IdxImages images =
        read_idx(folder / "train-images-idx3-ubyte.gz", folder / "train-labels-idx1-ubyte.gz");
    // QMNIST's table: rows of eight 32-bit numbers, the third is the NIST writer.
    const auto table = folder / "qmnist-train-labels-idx2-int.gz";
    const std::vector<std::uint8_t> rows = read_gz(table);
    std::vector<int> writers;
    for (int i = 0; i < images.count; ++i) {
      writers.push_back(static_cast<int>(big_endian(rows, 12 + 32 * static_cast<std::size_t>(i) + 8, table)));
    }
    add(set, images, writers);
  } else if (name == "optdigits") {
    const auto folder = data / "optdigits";
    for (const char* part : {"train", "cv"}) {
      const std::string stem = std::string("optdigits32-") + part;
      add(set, read_idx(folder / (stem + "-images-idx3-ubyte.gz"), folder / (stem + "-labels-idx1-ubyte.gz")),
          {});
    }
    set.nominal_height_px = 31;
    set.bilevel = true;
  } else if (name == "semeion") {
    const auto folder = data / "semeion";
    add(set, read_idx(folder / "semeion-images-idx3-ubyte.gz", folder / "semeion-labels-idx1-ubyte.gz"), {});
    set.nominal_height_px = 16;
    set.stretched = true;
    set.bilevel = true;
  } else if (name == "usps") {
    const auto folder = data / "usps";
    add(set, read_idx(folder / "usps-train-images-idx3-ubyte.gz", folder / "usps-train-labels-idx1-ubyte.gz"),
        {});
    set.nominal_height_px = 16;
    set.stretched = true;
  } else if (name == "letters") {
    const auto folder = data / "chars74k_strokes";
    add(set,
        read_idx(folder / "chars74k-rendered28-images-idx3-ubyte.gz",
                 folder / "chars74k-ascii-labels-idx1-ubyte.gz"),
        {});
  } else {
    throw Error(ErrorKind::invalid_argument, "no digit set named " + name);
  }
  return set;
}

void split_by_writer(const DigitSet& all, int one_in, DigitSet& kept, DigitSet& held_out) {
  kept = {all.name, {}, all.nominal_height_px, all.stretched, all.bilevel};
  held_out = kept;
  for (const DigitImage& digit : all.digits) {
    // Hashed, because neighbouring ids may share a school or an office.
    synthesis::Random hash(static_cast<std::uint64_t>(digit.writer) + 77U);
    (hash.below(one_in) == 0 ? held_out : kept).digits.push_back(digit);
  }
}

}  // namespace inkfield::training
