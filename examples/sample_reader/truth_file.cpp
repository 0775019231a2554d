#include "examples/sample_reader/truth_file.h"

#include <fstream>
#include <stdexcept>

namespace {

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      cells.emplace_back();
    } else if (c != '\r') {
      cells.back() += c;
    }
  }
  return cells;
}

std::string without_trailing_zeros(std::string value) {
  if (value.find('.') != std::string::npos) {
    while (value.back() == '0') {
      value.pop_back();
    }
    if (value.back() == '.') {
      value.pop_back();
    }
  }
  return value;
}

}  // namespace

std::vector<TruePage> read_truth(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) {
    throw std::runtime_error(path + ": is not there or is empty; inkfield-generate writes it beside the pages");
  }
  std::vector<TruePage> pages;
  for (int number = 2; std::getline(file, line); ++number) {
    const std::vector<std::string> cells = cells_of(line);
    if (cells.size() != 6) {
      throw std::runtime_error(path + ": line " + std::to_string(number) + " has " + std::to_string(cells.size()) +
                               " cells, expected page,form,field,kind,text,normalized");
    }
    if (pages.empty() || pages.back().file != cells[0]) {
      pages.push_back({cells[0], cells[1], {}});
    }
    pages.back().fields.push_back({cells[2], cells[3], cells[4], cells[5]});
  }
  return pages;
}

bool same_value(const std::string& read, const std::string& truth) {
  return without_trailing_zeros(read) == without_trailing_zeros(truth);
}
