// Pictures through libpng, a table by hand: the trainer's only files that come from outside.
#include "recognizer/training/strips.h"

#include <png.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <fstream>
#include <map>
#include <set>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "recognizer/error.h"
#include "recognizer/synthesis/handwriting.h"
#include "recognizer/training/samples.h"
#include "recognizer/training/spoiling.h"

namespace inkfield::training {
namespace {

using synthesis::InkCanvas;
using synthesis::Random;

// A field of 30 cm at 600 dpi; more is no field.
constexpr std::uint32_t kMostPixelsAside = 8192;
constexpr std::size_t kMostStrips = 1000000;

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& why) {
  throw Error(ErrorKind::invalid_argument, file.string() + ": " + why);
}

/// `where` is the place in the table that names the picture.
void read_png(const std::filesystem::path& file, const std::string& where, Strip& strip) {
  const auto fail = [&](const std::string& why) { throw Error(ErrorKind::io_error, where + file.string() + ": " + why); };
  std::error_code failure;
  if (!std::filesystem::exists(file, failure)) {
    fail("is missing; `inkfield ink` writes it unless the crop shows no ink, and then the row's text must be empty");
  }
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_file(&image, file.c_str()) == 0) {
    fail(std::string("cannot be read as PNG: ") + image.message + "; write it again with `inkfield ink`");
  }
  if (image.width == 0 || image.height == 0 || image.width > kMostPixelsAside || image.height > kMostPixelsAside) {
    png_image_free(&image);
    throw Error(ErrorKind::invalid_argument,
                where + file.string() + ": is larger than a field can be (8,192 pixels a side); cut the field alone");
  }
  image.format = PNG_FORMAT_GRAY;
  strip.width_px = static_cast<int>(image.width);
  strip.height_px = static_cast<int>(image.height);
  strip.ink.resize(PNG_IMAGE_SIZE(image));
  const png_color white{255, 255, 255};
  if (png_image_finish_read(&image, &white, strip.ink.data(), 0, nullptr) == 0) {
    fail(std::string("is a damaged PNG: ") + image.message + "; write it again with `inkfield ink`");
  }
  for (std::uint8_t& pixel : strip.ink) pixel = static_cast<std::uint8_t>(255 - pixel);
}

/// The cells of one line of a table; quotes as usual, no line breaks inside them.
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      cells.emplace_back();
    } else if (c != '\r') {
      cells.back().push_back(c);
    }
  }
  return cells;
}

std::size_t column_of(const std::vector<std::string>& head, const std::string& name) {
  return static_cast<std::size_t>(std::find(head.begin(), head.end(), name) - head.begin());
}

/// Bends, leans, stretches: a coarse grid of shifts over the strip, laid on a canvas with room for them.
InkCanvas warped(const Strip& strip, Random& random) {
  const float height = static_cast<float>(strip.height_px);
  const float shear = random.normal(0, 0.14F);
  const float aspect = std::clamp(random.normal(1.0F, 0.10F), 0.75F, 1.3F);
  const float scale = random.uniform(0.8F, 1.15F);
  const float slope = random.normal(0, 0.012F);
  const float bend = random.uniform(0.0F, 0.028F) * height;
  const float cell = 0.45F * height;
  const int columns = static_cast<int>(static_cast<float>(strip.width_px) / cell) + 3;
  constexpr int kRows = 5;
  std::vector<float> shift_x(static_cast<std::size_t>(columns * kRows));
  std::vector<float> shift_y(shift_x.size());
  for (std::size_t i = 0; i < shift_x.size(); ++i) {
    shift_x[i] = random.normal(0, bend);
    shift_y[i] = random.normal(0, bend);
  }
  const float lean = std::abs(shear) * height;
  const float rise = std::abs(slope) * static_cast<float>(strip.width_px);
  const int width = static_cast<int>((static_cast<float>(strip.width_px) * aspect + lean + 4.0F) * scale) + 1;
  const int tall = static_cast<int>((height + rise + 4.0F) * scale) + 1;
  InkCanvas canvas(width, tall);
  const float centre_x = 0.5F * static_cast<float>(width);
  const float centre_y = 0.5F * static_cast<float>(tall);
  for (int y = 0; y < tall; ++y) {
    std::uint8_t* out = canvas.row(y);
    for (int x = 0; x < width; ++x) {
      const float u = (static_cast<float>(x) + 0.5F - centre_x) / scale;
      const float v = (static_cast<float>(y) + 0.5F - centre_y) / scale;
      float sx = (u + shear * v) / aspect + 0.5F * static_cast<float>(strip.width_px) - 0.5F;
      float sy = v + slope * u + 0.5F * height - 0.5F;
      const float gx = std::clamp(sx / cell, 0.0F, static_cast<float>(columns - 2));
      const float gy = std::clamp(sy / height, 0.0F, 0.999F) * (kRows - 1);
      const int ix = static_cast<int>(gx);
      const int iy = static_cast<int>(gy);
      const float fx = gx - static_cast<float>(ix);
      const float fy = gy - static_cast<float>(iy);
      const auto shift = [&](const std::vector<float>& grid) {
        const auto at = static_cast<std::size_t>(iy * columns + ix);
        const auto below = at + static_cast<std::size_t>(columns);
        return (1 - fy) * ((1 - fx) * grid[at] + fx * grid[at + 1]) +
               fy * ((1 - fx) * grid[below] + fx * grid[below + 1]);
      };
      const float dx = shift(shift_x);
      sy += shift(shift_y);
      sx += dx;
      const int left = static_cast<int>(std::floor(sx));
      const int top = static_cast<int>(std::floor(sy));
      if (left < -1 || top < -1 || left >= strip.width_px || top >= strip.height_px) continue;
      const float ax = sx - static_cast<float>(left);
      const float ay = sy - static_cast<float>(top);
      const auto at = [&](int px, int py) {
        if (px < 0 || py < 0 || px >= strip.width_px || py >= strip.height_px) return 0.0F;
        return static_cast<float>(strip.ink[static_cast<std::size_t>(py) * static_cast<std::size_t>(strip.width_px) +
                                            static_cast<std::size_t>(px)]);
      };
      out[x] = static_cast<std::uint8_t>((1 - ay) * ((1 - ax) * at(left, top) + ax * at(left + 1, top)) +
                                         ay * ((1 - ax) * at(left, top + 1) + ax * at(left + 1, top + 1)));
    }
  }
  return canvas;
}

}  // namespace

StripSet load_strips(const std::filesystem::path& folder, const std::filesystem::path& table, int neighbours) {
  std::error_code failure;
  if (std::filesystem::is_directory(table, failure)) refuse(table, "is a folder, not a table");
  std::ifstream in(table);
  if (!in) throw Error(ErrorKind::io_error, table.string() + ": is not there or may not be read; --truth names the table");
  std::string line;
  if (!std::getline(in, line)) refuse(table, "is empty; its first line must name the columns file,text");
  if (line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
  const std::vector<std::string> head = cells_of(line);
  const std::size_t file_at = column_of(head, "file");
  const std::size_t text_at = column_of(head, "text");
  const std::size_t writer_at = column_of(head, "writer");
  if (file_at == head.size() || text_at == head.size()) {
    refuse(table, "needs a column `file` and a column `text` in its first line, names parted by commas");
  }
  StripSet set;
  set.writers_known = writer_at < head.size();
  const std::size_t last_column = std::max({file_at, text_at, set.writers_known ? writer_at : 0});
  std::set<std::string> seen;
  std::map<std::string, int> writers;
  for (int number = 2; std::getline(in, line); ++number) {
    const std::vector<std::string> cells = cells_of(line);
    if (cells.size() == 1 && cells[0].empty()) continue;
    const std::string where = "line " + std::to_string(number) + ": ";
    if (cells.size() <= last_column) {
      refuse(table, where + "has too few cells, " + std::to_string(cells.size()) + "; the first line names " +
                        std::to_string(head.size()) + " columns");
    }
    if (cells.size() > head.size()) {
      refuse(table, where + "has too many cells, " + std::to_string(cells.size()) + "; the first line names " +
                        std::to_string(head.size()) + " columns; a text with a comma must stand in quotes");
    }
    Strip strip;
    strip.name = std::filesystem::path(cells[file_at]).stem().string();
    strip.text = cells[text_at];
    strip.line = number;
    if (strip.name.empty()) refuse(table, where + "names no file");
    if (!seen.insert(strip.name).second) {
      refuse(table, where + strip.name + " stands in the table twice; names without ending must differ");
    }
    for (const char symbol : strip.text) {
      if (class_of(symbol) == 0) {
        refuse(table, where + "the text " + cells[text_at] + " holds a character that is none of " +
                          std::string(kAlphabet) + "; leave the text empty to leave the crop out");
      }
    }
    if (strip.text.empty() || strip.text.find('?') != std::string::npos) continue;
    if (strip.text.find_first_not_of("0123456789") != std::string::npos) set.marks_labelled = true;
    if (set.writers_known) {
      strip.writer = writers.emplace(cells[writer_at], static_cast<int>(writers.size())).first->second;
    }
    read_png(folder / (strip.name + ".png"), table.string() + ": " + where, strip);
    set.strips.push_back(std::move(strip));
    if (set.strips.size() > kMostStrips) refuse(table, "has more than a million rows");
  }
  if (set.strips.empty()) refuse(table, "has no row with a known text");
  if (!set.writers_known) {
    std::sort(set.strips.begin(), set.strips.end(), [](const Strip& a, const Strip& b) { return a.name < b.name; });
    for (std::size_t i = 0; i < set.strips.size(); ++i) {
      set.strips[i].writer = static_cast<int>(i) / std::max(1, neighbours);
    }
  }
  return set;
}

DigitSet cut_digits(const StripSet& strips, const std::filesystem::path& boxes) {
  std::ifstream in(boxes);
  if (!in) throw Error(ErrorKind::io_error, boxes.string() + ": cannot be opened");
  std::string line;
  std::getline(in, line);
  const std::vector<std::string> head = cells_of(line);
  std::vector<std::size_t> columns;
  for (const char* name : {"file", "pos", "x", "y", "w", "h"}) {
    columns.push_back(column_of(head, name));
    if (columns.back() == head.size()) refuse(boxes, std::string("needs a column `") + name + "` in its first line");
  }
  struct Box {
    std::size_t position;
    int left, top, width, height;
  };
  std::map<std::string, std::vector<Box>> boxes_of;
  for (int number = 2; std::getline(in, line); ++number) {
    const std::vector<std::string> cells = cells_of(line);
    if (cells.size() < head.size()) continue;
    try {
      const auto value = [&](std::size_t column) { return std::stod(cells[columns[column]]); };
      boxes_of[std::filesystem::path(cells[columns[0]]).stem().string()].push_back(
          {static_cast<std::size_t>(std::max(0.0, value(1))), static_cast<int>(value(2)), static_cast<int>(value(3)),
           static_cast<int>(value(4)), static_cast<int>(value(5))});
    } catch (const std::logic_error&) {
      refuse(boxes, "line " + std::to_string(number) + ": a cell that should be a number is none");
    }
  }
  DigitSet set;
  set.name = "strips";
  double heights = 0;
  for (const Strip& strip : strips.strips) {
    const auto found = boxes_of.find(strip.name);
    if (found == boxes_of.end() || found->second.size() != strip.text.size()) continue;
    for (const Box& box : found->second) {
      DigitImage digit;
      const int left = std::clamp(box.left, 0, strip.width_px);
      const int top = std::clamp(box.top, 0, strip.height_px);
      const int right = std::clamp(box.left + box.width, left, strip.width_px);
      const int bottom = std::clamp(box.top + box.height, top, strip.height_px);
      if (right - left < 3 || bottom - top < 8 || box.position >= strip.text.size()) continue;
      const char symbol = strip.text[box.position];
      if (symbol < '0' || symbol > '9') continue;
      digit.label = symbol - '0';
      digit.writer = strip.writer;
      digit.width_px = right - left;
      digit.height_px = bottom - top;
      for (int y = top; y < bottom; ++y) {
        const auto row = strip.ink.begin() + static_cast<std::ptrdiff_t>(y) * strip.width_px;
        digit.ink.insert(digit.ink.end(), row + left, row + right);
      }
      heights += digit.height_px;
      set.digits.push_back(std::move(digit));
    }
  }
  if (set.digits.empty()) refuse(boxes, "fits none of the strips");
  set.nominal_height_px = static_cast<float>(heights / static_cast<double>(set.digits.size()));
  return set;
}

void split_strips(const StripSet& all, int fold, int folds, StripSet& kept, StripSet& held_out) {
  kept.marks_labelled = held_out.marks_labelled = all.marks_labelled;
  for (const Strip& strip : all.strips) (strip.writer % folds == fold ? held_out : kept).strips.push_back(strip);
}

recognizer::NetworkInput strip_input(const Strip& strip) {
  const recognizer::ImageView view = {strip.ink.data(), strip.width_px, strip.height_px, strip.width_px};
  return recognizer::normalize_line(view, static_cast<float>(strip.height_px));
}

recognizer::NetworkInput varied_strip_input(const Strip& strip, Random& random) {
  InkCanvas canvas = warped(strip, random);
  // The written digits fill about two thirds of a strip.
  const float digit_height = 0.65F * static_cast<float>(canvas.height_px());
  if (random.chance(0.6F)) spoil(canvas, digit_height, 0.1F * digit_height, random);
  recognizer::NetworkInput input = recognizer::normalize_line(canvas.view(), static_cast<float>(canvas.height_px()));
  if (!input.empty() && random.chance(0.5F)) jitter(input, 0.06F, random);
  return input;
}

}  // namespace inkfield::training
