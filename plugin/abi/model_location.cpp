// Finds models relative to this library, so that an installed tree can be moved.
#include "plugin/abi/model_location.h"

#include <dlfcn.h>

#include <filesystem>
#include <vector>

#include "inkfield/inkfield.h"
#include "recognizer/error.h"

namespace inkfield::abi {
namespace {

namespace fs = std::filesystem;

/// The folder of the file that this code was loaded from; "" if the loader will not say.
fs::path library_folder() {
  Dl_info info{};
  if (::dladdr(reinterpret_cast<const void*>(&inkfield_get_api), &info) == 0 || info.dli_fname == nullptr)
    return {};
  std::error_code failed;
  const fs::path real = fs::canonical(info.dli_fname, failed);
  return failed ? fs::path(info.dli_fname).parent_path() : real.parent_path();
}

bool is_file(const fs::path& path) {
  std::error_code failed;
  return fs::is_regular_file(path, failed);
}

}  // namespace

std::string find_model(const std::string& model, const std::string& folder) {
  if (!model.empty() && is_file(model)) return model;
  const bool plain_name = model.find('/') == std::string::npos && !model.ends_with(".onnx");
  std::error_code unknown;
  if (!model.empty() && fs::is_directory(model, unknown)) {
    throw Error(ErrorKind::not_found, model + ": it is a folder, not a model file");
  }
  if (!plain_name) throw Error(ErrorKind::not_found, model + ": there is no such model file");
  const std::string name = model.empty() ? "open" : model;
  std::vector<fs::path> places;
  if (!folder.empty()) {
    places.emplace_back(folder);
  } else {
    if (const fs::path beside = library_folder(); !beside.empty())
      places.push_back(beside / INKFIELD_MODELS_FROM_LIBRARY);
    places.emplace_back(INKFIELD_BUILD_TREE_MODELS);
  }
  std::string looked;
  for (const fs::path& place : places) {
    for (const std::string& file : {"inkfield-" + name + ".onnx", name + ".onnx"}) {
      if (is_file(place / file)) return (place / file).lexically_normal().string();
    }
    looked += (looked.empty() ? "" : ", ") + place.lexically_normal().string();
  }
  throw Error(ErrorKind::not_found, "no model named \"" + name + "\" lies in " + looked +
                                        "; give model_path, or the folder of models as model_folder");
}

}  // namespace inkfield::abi
