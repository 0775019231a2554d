// Finds Tesseract's language data and looks into it before Tesseract does.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

#include "adapters/engines/tesseract/printed_text.h"
#include "recognizer/error.h"

namespace inkfield::tesseract {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> language_names(const std::string& languages) {
  std::vector<std::string> names;
  for (std::size_t begin = 0; begin <= languages.size();) {
    const std::size_t end = std::min(languages.find('+', begin), languages.size());
    const std::string name = languages.substr(begin, end - begin);
    const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
             c == '/' || c == '-';
    });
    if (name.empty() || name.size() > 60 || !plain || name.front() == '/') {
      throw Error(ErrorKind::invalid_argument,
                  "languages is \"" + languages +
                      "\"; write names as Tesseract has them, such as \"eng\" or \"eng+deu\"");
    }
    names.push_back(name);
    begin = end + 1;
  }
  return names;
}

/// Why a file is no usable language data, or "". The layout is Tesseract's own: a count of parts and as many
/// offsets, -1 for a part that is not there; part 17 is the LSTM network.
std::string refusal(const fs::path& path) {
  constexpr std::uint32_t kMostParts = 64;
  constexpr std::size_t kLstmPart = 17;
  std::error_code failed;
  if (!fs::is_regular_file(path, failed)) return "is not there";
  const auto size = static_cast<std::int64_t>(fs::file_size(path, failed));
  std::ifstream file(path, std::ios::binary);
  std::array<unsigned char, 4 + 8 * kMostParts> head{};
  file.read(reinterpret_cast<char*>(head.data()), static_cast<std::streamsize>(head.size()));
  const auto got = static_cast<std::size_t>(file.gcount());
  if (failed || got < 4) return "cannot be read";
  const auto number = [&](std::size_t at, int bytes) {
    std::uint64_t value = 0;
    for (int i = bytes - 1; i >= 0; --i) value = value << 8U | head[at + static_cast<std::size_t>(i)];
    return value;
  };
  const auto parts = static_cast<std::size_t>(number(0, 4));
  if (parts > kMostParts || got < 4 + 8 * parts) return "is no language data, or damaged";
  if (parts <= kLstmPart) return "has no LSTM network; it is of an old Tesseract";
  for (std::size_t i = 0; i < parts; ++i) {
    const auto offset = static_cast<std::int64_t>(number(4 + 8 * i, 8));
    if (offset != -1 && (offset < 0 || offset >= size)) return "is cut short or damaged";
    if (i == kLstmPart && offset == -1)
      return "has no LSTM network; take data from tessdata_fast or tessdata_best";
  }
  return "";
}

}  // namespace

std::string find_tessdata(const std::string& folder, const std::string& languages) {
  const std::vector<std::string> names = language_names(languages);
  std::vector<std::string> places;
  if (!folder.empty()) {
    places.push_back(folder);
  } else {
    if (const char* prefix = std::getenv("TESSDATA_PREFIX"); prefix != nullptr && *prefix != '\0') {
      places.emplace_back(prefix);
      places.push_back(std::string(prefix) + "/tessdata");  // what older Tesseracts wanted it to mean
    }
    // Debian and Ubuntu, Fedora, a build of one's own.
    for (const char* place :
         {"/usr/share/tesseract-ocr/5/tessdata", "/usr/share/tesseract-ocr/4.00/tessdata",
          "/usr/share/tessdata", "/usr/share/tesseract/tessdata", "/usr/local/share/tessdata"}) {
      places.emplace_back(place);
    }
  }
  std::string first_fault;
  for (const std::string& place : places) {
    std::string fault;
    for (const std::string& name : names) {
      const fs::path file = fs::path(place) / (name + ".traineddata");
      const std::string why = refusal(file);
      if (!why.empty()) {
        fault = file.string() + " " + why;
        break;
      }
    }
    if (fault.empty()) return place;
    if (first_fault.empty() || first_fault.ends_with("is not there")) first_fault = fault;
  }
  throw Error(
      ErrorKind::unavailable,
      "printed text cannot be read: " + first_fault +
          "; install Tesseract's language data (Debian: tesseract-ocr-LANGUAGE) or give tessdata_folder");
}

}  // namespace inkfield::tesseract
