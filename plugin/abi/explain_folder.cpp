// Names made safe, pictures written.
#include "plugin/abi/explain_folder.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "adapters/engines/leptonica/image_files.h"
#include "recognizer/error.h"

namespace inkfield::abi {
namespace {

/// Letters, digits, dots inside, dashes and underscores; nothing that is a path or hidden.
std::string safe_name(const std::string& name) {
  std::string safe;
  for (const char c : name.substr(0, 120)) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    safe += plain || (c == '.' && !safe.empty() && safe.back() != '.') ? c : '-';
  }
  return safe.empty() ? "picture" : safe;
}

}  // namespace

ExplainFolder::ExplainFolder(std::string folder) : folder_(std::move(folder)) {
  std::error_code failed;
  if (!std::filesystem::is_directory(folder_, failed)) {
    throw Error(ErrorKind::not_found,
                "explain_folder " + folder_ + " is not an existing folder; make it first");
  }
}

void ExplainFolder::write(const std::string& name, const page::GrayImage& picture) {
  if (picture.empty()) return;
  const std::string base = safe_name(name);
  std::string chosen = base;
  for (int n = 2; used_.count(chosen) > 0; ++n) chosen = base + "-" + std::to_string(n);
  used_.insert(chosen);
  const std::string path = folder_ + "/" + chosen + ".png";
  const auto bytes = leptonica::encode_png(picture);
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "wbe"), std::fclose);
  if (!file || std::fwrite(bytes.data(), 1, bytes.size(), file.get()) != bytes.size() ||
      std::fflush(file.get()) != 0) {
    throw Error(ErrorKind::io_error, path + ": cannot be written: " + std::generic_category().message(errno));
  }
}

}  // namespace inkfield::abi
