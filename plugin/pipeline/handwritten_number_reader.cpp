// Boxes and combs go cell by cell, free lines whole. What the ink says against the reading becomes a doubt.
#include "plugin/pipeline/handwritten_number_reader.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "plugin/pipeline/ink_extraction.h"

namespace inkfield::pipeline {
namespace {

using page::GrayImage;

// More ink than this (as a share of a cell, fully dark) is no speck: such a cell is not empty, whatever the network says.
constexpr double kWrittenShare = 0.02;
// A digit takes at least this share of its box's height. Less is the end of a stroke from elsewhere, however much it looks like a 1.
constexpr double kLeastDigitHeight = 0.22;
// Of the box's height: strokes are looked at so far out of it.
constexpr double kReachOfDigit = 0.1;
// No digit is so much wider than all of its line is high.
constexpr double kWidestDigit = 2.5;

GrayImage positive(const GrayImage& ink) {
  GrayImage picture = ink;
  for (std::uint8_t& value : picture.pixels) value = static_cast<std::uint8_t>(255 - value);
  return picture;
}

// The cells side by side, dark on light, as the network gets them before scaling.
GrayImage contact_sheet(const std::vector<Cell>& cells) {
  int width = 2;
  int height = 1;
  for (const Cell& cell : cells) {
    width += cell.ink.width_px + 2;
    height = std::max(height, cell.ink.height_px);
  }
  GrayImage sheet(width, height + 4, 160);
  int at = 2;
  for (const Cell& cell : cells) {
    for (int y = 0; y < cell.ink.height_px; ++y) {
      for (int x = 0; x < cell.ink.width_px; ++x) sheet.row(y + 2)[at + x] = static_cast<std::uint8_t>(255 - cell.ink.at(x, y));
    }
    at += cell.ink.width_px + 2;
  }
  return sheet;
}

double ink_pixels(const GrayImage& ink) {
  std::int64_t sum = 0;
  for (const std::uint8_t value : ink.pixels) sum += value;
  return static_cast<double>(sum) / 255.0;
}

// From the first to the last of these rows that something is written on.
int written_height(const GrayImage& ink, int first, int last) {
  int top = last;
  int bottom = first;
  for (int y = first; y < last; ++y) {
    const std::uint8_t* row = ink.row(y);
    if (std::any_of(row, row + ink.width_px, [](std::uint8_t value) { return value >= 128; })) {
      top = std::min(top, y);
      bottom = y + 1;
    }
  }
  return std::max(0, bottom - top);
}

// Height of the ink that lies in the box itself, as a share of the box's.
double height_in_box(const Cell& cell) {
  const int first = std::max(0, static_cast<int>(cell.box.top - cell.origin_y_px));
  const int last = std::min(cell.ink.height_px, static_cast<int>(cell.box.bottom - cell.origin_y_px));
  return written_height(cell.ink, first, last) / std::max(1.0, cell.box.height());
}

// The cell's ink without the ends of long strokes: framed with them a digit would be small and off its place.
recognizer::ImageView in_reach(const Cell& cell) {
  const double reach = kReachOfDigit * cell.box.height();
  const int left = std::clamp(static_cast<int>(cell.box.left - reach - cell.origin_x_px), 0, cell.ink.width_px);
  const int right = std::clamp(static_cast<int>(cell.box.right + reach - cell.origin_x_px) + 1, left, cell.ink.width_px);
  const int top = std::clamp(static_cast<int>(cell.box.top - reach - cell.origin_y_px), 0, cell.ink.height_px);
  const int bottom = std::clamp(static_cast<int>(cell.box.bottom + reach - cell.origin_y_px) + 1, top, cell.ink.height_px);
  if (right == left || bottom == top) return {};
  return {cell.ink.row(top) + left, right - left, bottom - top, cell.ink.width_px};
}

}  // namespace

page::Reading to_reading(const recognizer::NumberReading& number) {
  page::Reading reading;
  reading.raw_text = number.raw_text;
  for (const recognizer::NumberCandidate& candidate : number.candidates) reading.candidates.push_back({candidate.text, candidate.probability});
  reading.confidence = number.confidence;
  reading.empty_probability = number.empty_probability;
  reading.changed_by_format = number.changed_by_format;
  if (number.raw_text.find('?') != std::string::npos) reading.doubt = "there is ink that is no digit";
  return reading;
}

HandwrittenNumberReader::HandwrittenNumberReader(std::shared_ptr<const recognizer::NumberReader> numbers,
                                                 std::function<const recognizer::Automaton*(const config::Field&)> format_of)
    : numbers_(std::move(numbers)), format_of_(std::move(format_of)) {}

page::Reading HandwrittenNumberReader::read(const page::FieldCrop& crop, const page::ReadContext& context) {
  if (crop.field == nullptr || crop.gray.empty()) {
    page::Reading reading;
    reading.failure = "the crop holds no pixels";
    return reading;
  }
  context.checkpoint();
  return crop.field->layout.type == config::LayoutType::line ? read_free_line(crop, context) : read_boxes(crop, context);
}

page::Reading HandwrittenNumberReader::read_boxes(const page::FieldCrop& crop, const page::ReadContext& context) {
  const CellRow row = extract_cells(crop, crop.field->layout);
  if (context.explain && !row.without_lines.empty()) context.explain("ink", positive(row.without_lines));
  if (!row.found) {
    page::Reading reading;
    reading.failure = row.problem;
    return reading;
  }
  if (context.explain) context.explain("cells", contact_sheet(row.cells));
  context.checkpoint();
  std::vector<recognizer::ImageView> views;
  views.reserve(row.cells.size());
  double height = 0;
  for (const Cell& cell : row.cells) {
    views.push_back(in_reach(cell));
    height += cell.box.height();
  }
  height /= static_cast<double>(row.cells.size());
  const recognizer::NumberReading number =
      numbers_->read_cells(views, static_cast<float>(height), *format_of_(*crop.field), scratch_);
  context.checkpoint();
  page::Reading reading = to_reading(number);
  reading.threshold = numbers_->row_threshold(crop.field->allowed_wrong_rate, static_cast<int>(row.cells.size()));
  bool ignored_ink = false;
  bool mere_end = false;
  for (std::size_t i = 0; i < row.cells.size(); ++i) {
    const Cell& cell = row.cells[i];
    page::ReadingCharacter character;
    character.crop_quad = page::rectangle(cell.box.left, cell.box.top, cell.box.right, cell.box.bottom);
    character.confidence = 1;
    if (i < number.characters.size()) {
      character.codepoint = static_cast<unsigned char>(number.characters[i].symbol);
      character.confidence = number.characters[i].confidence;
    }
    const double written = ink_pixels(cell.ink) / std::max(1.0, cell.box.width() * cell.box.height());
    if (character.codepoint == 0 && written > kWrittenShare) ignored_ink = true;
    if (character.codepoint != 0 && crop.field->layout.printed_lines && height_in_box(cell) < kLeastDigitHeight) mere_end = true;
    reading.characters.push_back(character);
  }
  if (number.gap_between_digits) reading.doubt = "an empty box stands between two that are not";
  if (ignored_ink && reading.doubt.empty()) reading.doubt = "there is ink in a box that was read as empty";
  if (mere_end && reading.doubt.empty()) reading.doubt = "the ink in a box is too low for a digit";
  if (!row.doubt.empty() && reading.doubt.empty()) reading.doubt = row.doubt;
  return reading;
}

page::Reading HandwrittenNumberReader::read_free_line(const page::FieldCrop& crop, const page::ReadContext& context) {
  const LineInk line = extract_line(crop, crop.field->layout);
  if (context.explain && !line.ink.empty()) context.explain("ink", positive(line.ink));
  context.checkpoint();
  const recognizer::Automaton& format = *format_of_(*crop.field);
  const recognizer::NumberReading number =
      numbers_->read_line(line.ink.view(), static_cast<float>(line.zone.height()), format, scratch_);
  context.checkpoint();
  page::Reading reading = to_reading(number);
  reading.threshold = numbers_->line_threshold(crop.field->allowed_wrong_rate, format);
  for (const recognizer::NumberCharacter& symbol : number.characters) {
    page::ReadingCharacter character;
    character.codepoint = static_cast<unsigned char>(symbol.symbol);
    character.confidence = symbol.confidence;
    character.crop_quad = page::rectangle(line.origin_x_px + symbol.begin_px, line.zone.top, line.origin_x_px + symbol.end_px, line.zone.bottom);
    reading.characters.push_back(character);
  }
  const double height = line.zone.height();
  if (number.empty_probability > 0.5 && ink_pixels(line.ink) > kWrittenShare * height * height) {
    reading.doubt = "there is ink that is no number";
  }
  const double widest = kWidestDigit * written_height(line.ink, 0, line.ink.height_px);
  const bool stretched = std::any_of(number.characters.begin(), number.characters.end(), [&](const recognizer::NumberCharacter& symbol) {
    return symbol.symbol >= '0' && symbol.symbol <= '9' && symbol.end_px - symbol.begin_px > widest;
  });
  if (stretched && reading.doubt.empty()) reading.doubt = "the ink of a digit is too wide for one";
  if (line.strokes_lost && reading.doubt.empty()) reading.doubt = "there are strokes that are too faint, or could not be told from print";
  return reading;
}

}  // namespace inkfield::pipeline
