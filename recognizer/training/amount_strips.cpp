// JPEG strips through libjpeg, their security background taken away, digits cut by their boxes.
#include "recognizer/training/amount_strips.h"

#include <jpeglib.h>

#include <algorithm>
#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "recognizer/error.h"

namespace inkfield::training {
namespace {

constexpr int kStripsOfOneHand = 20;

struct Gray {
  std::vector<std::uint8_t> pixels;
  int width = 0;
  int height = 0;
};

struct JpegFailure {
  jpeg_error_mgr manager;
  std::jmp_buf back;
};

// Returns false on a damaged file. Only C objects live across the jump.
bool decode(std::FILE* file, Gray& image) {
  jpeg_decompress_struct jpeg{};
  JpegFailure failure{};
  jpeg.err = jpeg_std_error(&failure.manager);
  failure.manager.error_exit = [](j_common_ptr common) {
    std::longjmp(reinterpret_cast<JpegFailure*>(common->err)->back, 1);
  };
  if (setjmp(failure.back) != 0) {
    jpeg_destroy_decompress(&jpeg);
    return false;
  }
  jpeg_create_decompress(&jpeg);
  jpeg_stdio_src(&jpeg, file);
  jpeg_read_header(&jpeg, TRUE);
  jpeg.out_color_space = JCS_GRAYSCALE;
  jpeg_start_decompress(&jpeg);
  image.width = static_cast<int>(jpeg.output_width);
  image.height = static_cast<int>(jpeg.output_height);
  image.pixels.assign(static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height), 255);
  while (jpeg.output_scanline < jpeg.output_height) {
    JSAMPROW row = image.pixels.data() + static_cast<std::size_t>(jpeg.output_scanline) * jpeg.output_width;
    jpeg_read_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_decompress(&jpeg);
  jpeg_destroy_decompress(&jpeg);
  return true;
}

std::vector<std::vector<std::string>> read_rows(const std::filesystem::path& path) {
  std::ifstream in(path);
  if (!in) throw Error(ErrorKind::io_error, "cannot open " + path.string());
  std::vector<std::vector<std::string>> rows;
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    std::vector<std::string> cells;
    std::istringstream cut(line);
    std::string cell;
    while (std::getline(cut, cell, ',')) cells.push_back(cell);
    if (!cells.empty()) rows.push_back(std::move(cells));
  }
  return rows;
}

// Gray to ink: darker than the paper around, measured against the strip's own pen.
void take_paper_away(Gray& image) {
  constexpr int kBlock = 12;
  const int columns = (image.width + kBlock - 1) / kBlock;
  const int rows = (image.height + kBlock - 1) / kBlock;
  std::vector<int> paper(static_cast<std::size_t>(columns * rows));
  std::vector<std::uint8_t> around;
  for (int by = 0; by < rows; ++by) {
    for (int bx = 0; bx < columns; ++bx) {
      around.clear();
      for (int y = std::max(0, (by - 1) * kBlock); y < std::min(image.height, (by + 2) * kBlock); ++y) {
        for (int x = std::max(0, (bx - 1) * kBlock); x < std::min(image.width, (bx + 2) * kBlock); ++x) {
          around.push_back(image.pixels[static_cast<std::size_t>(y * image.width + x)]);
        }
      }
      const auto at = around.begin() + static_cast<std::ptrdiff_t>(around.size() * 6 / 10);
      std::nth_element(around.begin(), at, around.end());
      paper[static_cast<std::size_t>(by * columns + bx)] = *at;
    }
  }
  std::vector<int> contrast(image.pixels.size());
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      const auto at = static_cast<std::size_t>(y * image.width + x);
      contrast[at] =
          std::max(0, paper[static_cast<std::size_t>(y / kBlock * columns + x / kBlock)] - image.pixels[at]);
    }
  }
  std::vector<int> sorted = contrast;
  const auto strong = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() * 96 / 100);
  std::nth_element(sorted.begin(), strong, sorted.end());
  const float pen = static_cast<float>(std::max(30, *strong));
  for (std::size_t i = 0; i < contrast.size(); ++i) {
    const float share = (static_cast<float>(contrast[i]) / pen - 0.25F) / 0.5F;
    image.pixels[i] = static_cast<std::uint8_t>(255.0F * std::clamp(share, 0.0F, 1.0F));
  }
}

}  // namespace

DigitSet load_amount_digits(const std::filesystem::path& data) {
  const std::filesystem::path folder = data / "orand_car_a";
  std::map<std::string, std::string> corrected;
  for (const auto& row : read_rows(folder / "corrections.csv")) {
    if (row.size() >= 3 && row[1].size() == row[2].size()) corrected[row[0]] = row[2];
  }
  DigitSet set;
  set.name = "amounts";
  float heights = 0;
  std::string open_name;
  Gray strip;
  for (const auto& row : read_rows(folder / "boxes.csv")) {
    if (row.size() < 7) continue;
    if (row[0] != open_name) {
      open_name = row[0];
      std::FILE* file = std::fopen((folder / open_name).c_str(), "rb");
      if (file == nullptr) throw Error(ErrorKind::io_error, "cannot open " + (folder / open_name).string());
      const bool sound = decode(file, strip);
      std::fclose(file);
      if (!sound) throw Error(ErrorKind::io_error, "damaged JPEG " + (folder / open_name).string());
      take_paper_away(strip);
    }
    const auto position = static_cast<std::size_t>(std::stoul(row[1]));
    DigitImage digit;
    digit.label = std::stoi(row[2]);
    const auto fix = corrected.find(open_name);
    if (fix != corrected.end() && position < fix->second.size()) digit.label = fix->second[position] - '0';
    const std::size_t number_at = open_name.find_last_of('_');
    digit.writer = std::stoi(open_name.substr(number_at + 1)) / kStripsOfOneHand;
    const int left = std::clamp(static_cast<int>(std::stod(row[3])), 0, strip.width);
    const int top = std::clamp(static_cast<int>(std::stod(row[4])), 0, strip.height);
    const int right = std::clamp(left + static_cast<int>(std::stod(row[5])), 0, strip.width);
    const int bottom = std::clamp(top + static_cast<int>(std::stod(row[6])), 0, strip.height);
    digit.width_px = right - left;
    digit.height_px = bottom - top;
    if (digit.width_px < 4 || digit.height_px < 8 || digit.label < 0 || digit.label > 9) continue;
    for (int y = top; y < bottom; ++y) {
      const auto begin = strip.pixels.begin() + static_cast<std::ptrdiff_t>(y) * strip.width;
      digit.ink.insert(digit.ink.end(), begin + left, begin + right);
    }
    heights += static_cast<float>(digit.height_px);
    set.digits.push_back(std::move(digit));
  }
  if (!set.digits.empty()) set.nominal_height_px = heights / static_cast<float>(set.digits.size());
  return set;
}

}  // namespace inkfield::training
