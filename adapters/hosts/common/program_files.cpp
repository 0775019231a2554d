// Reads /proc/self/exe and looks for the places that install rules and the build tree use.
#include "adapters/hosts/common/program_files.h"

namespace inkfield::hosts {

namespace fs = std::filesystem;

fs::path executable_folder() { return fs::read_symlink("/proc/self/exe").parent_path(); }

fs::path data_folder() {
  const fs::path candidate = executable_folder().parent_path() / "share" / "inkfield";
  std::error_code ignored;
  return fs::is_directory(candidate, ignored) ? candidate : fs::path();
}

fs::path shipped_templates() {
  const fs::path data = data_folder();
  std::error_code ignored;
  if (data.empty() || !fs::is_directory(data / "templates", ignored)) return {};
  return data / "templates";
}

fs::path model_file(const std::string& name) {
  std::error_code ignored;
  if (fs::exists(name, ignored)) return name;
  const fs::path shipped = data_folder() / "models" / ("inkfield-" + name + ".onnx");
  return fs::exists(shipped, ignored) ? shipped : fs::path(name);
}

}  // namespace inkfield::hosts
