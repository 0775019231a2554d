// The labelled digits that training reads from the data folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace inkfield::training {

/// One scanned digit, trimmed to its ink: 0 paper, 255 ink, row-major.
struct DigitImage {
  std::vector<std::uint8_t> ink;
  int width_px = 0;
  int height_px = 0;
  int label = 0;   ///< 0 to 9; for other sets the ASCII code
  int writer = 0;  ///< unique within its set; the item's number where the set does not tell
};

/// How a set's digits were cut, which decides how they may be drawn again.
struct DigitSet {
  std::string name;
  std::vector<DigitImage> digits;
  float nominal_height_px = 20;  ///< height that a usual digit has in the set's images
  bool stretched = false;        ///< width and height were scaled apart; the true proportions are lost
  bool bilevel = false;
};

/// Raw images of an IDX file (plain or .gz) and their labels, untrimmed. Throws Error(io_error).
struct IdxImages {
  int count = 0;
  int width_px = 0;
  int height_px = 0;
  std::vector<std::uint8_t> pixels;
  std::vector<int> labels;
};
IdxImages read_idx(const std::filesystem::path& images, const std::filesystem::path& labels);

/// Sets by name: "mnist" (training part with NIST writers), "optdigits" (train and cv), "semeion", "usps"
/// (training part), "letters" (tablet letters, labels ASCII).
/// Test parts are never among them.
DigitSet load_digit_set(const std::filesystem::path& data, const std::string& name);

/// Splits by writer: one in `one_in` goes to the held-out part. The same writer never stands in both.
void split_by_writer(const DigitSet& all, int one_in, DigitSet& kept, DigitSet& held_out);

}  // namespace inkfield::training
