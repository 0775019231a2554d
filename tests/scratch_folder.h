// A folder of a test's own: tests run side by side, and a name that two of them know is one that they overwrite for each other.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <ios>
#include <sstream>
#include <stdexcept>
#include <string>

namespace inkfield::tests {

/// Empty at first, removed with all that it holds at the end.
class ScratchFolder {
 public:
  enum class Place { disk, memory };  ///< `memory` where the machine has a folder for it: nothing is flushed to a disk there

  explicit ScratchFolder(Place place = Place::disk) {
    const std::filesystem::path memory = "/dev/shm";
    const bool in_memory = place == Place::memory && ::access(memory.c_str(), W_OK) == 0;
    std::string pattern = (in_memory ? memory : std::filesystem::temp_directory_path()) / "inkfield_test_XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no scratch folder");
    path_ = pattern;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Where a file of this name lies, or would lie.
  [[nodiscard]] std::string file(const std::string& name) const { return path_ / name; }
  /// Writes a file, and the folders that its name asks for; returns where it lies.
  std::filesystem::path write(const std::string& name, const std::string& bytes, std::ios::openmode how = {}) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary | how) << bytes;
    return path_ / name;
  }
  [[nodiscard]] std::string text(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(path_ / name, std::ios::binary).rdbuf();
    return text.str();
  }

 private:
  std::filesystem::path path_;
};

}  // namespace inkfield::tests
