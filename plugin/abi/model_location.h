// Where a network file lies when the host gives a name, a path or nothing.
#pragma once

#include <string>

namespace inkfield::abi {

/// `model` is a path, a plain name such as "research", or "" for "open". Names are looked up in `folder`,
/// else beside the library as installed, else in the build tree's sources. Throws Error(not_found) naming
/// every place.
std::string find_model(const std::string& model, const std::string& folder);

}  // namespace inkfield::abi
