// The templates in use, copied when the service starts or is told to look again. Workers load the copies, so a template that somebody spoils later
// changes nothing until the service accepts it, however often workers are started anew.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace inkfield::watch_folder {

class TemplateCopies {
 public:
  /// Copies `paths` (template files, or folders of them) and the pictures of blank forms that they name into `target`, which is made. Throws
  /// SettingsError: a path that is not there or cannot be read.
  TemplateCopies(const std::vector<std::string>& paths, const std::filesystem::path& target);

  /// The copies, to be loaded in place of the paths.
  [[nodiscard]] std::vector<std::string> paths() const;
  /// Of everything copied.
  [[nodiscard]] const std::string& hash() const { return hash_; }
  /// A message with the paths that people know.
  [[nodiscard]] std::string with_known_paths(std::string message) const;

 private:
  struct Copy {
    std::string original, copied;
  };
  std::vector<Copy> copies_;
  std::string hash_;
};

}  // namespace inkfield::watch_folder
