// Where a program finds what was installed with it: relative to its own executable, so that an installed tree may
// be moved and a build tree works without being installed.
#pragma once

#include <filesystem>
#include <string>

namespace inkfield::hosts {

/// Folder of the running executable. Throws std::system_error if the system does not tell.
std::filesystem::path executable_folder();

/// The folder share/inkfield that belongs to this executable, or an empty path if there is none.
std::filesystem::path data_folder();

/// The shipped form templates, or an empty path.
std::filesystem::path shipped_templates();

/// File of a shipped network by its name ("open"), or `name` itself if it is a file or no shipped network is
/// called so.
std::filesystem::path model_file(const std::string& name);

}  // namespace inkfield::hosts
