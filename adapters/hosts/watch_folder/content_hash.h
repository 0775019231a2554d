// What tells two documents apart, whatever they are called: SHA-256 of their bytes. And what tells that a file was changed meanwhile.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace inkfield::watch_folder {

/// 64 hexadecimal digits. Follows no link and waits for no pipe. Throws std::system_error if the file cannot be read.
std::string content_hash(const std::filesystem::path& file);

/// Of several files, their names among it; the order does not matter. A file that cannot be read counts as its name.
std::string content_hash_of_folder(const std::filesystem::path& folder);

/// Device, inode, size and time of change. Equal signatures before and after reading: it was the same all along.
struct FileSignature {
  std::uint64_t device = 0, inode = 0;
  std::int64_t size = -1, changed_ns = 0;
  bool regular = false;
  bool operator==(const FileSignature&) const = default;
};
/// Size -1 if it is not there.
FileSignature signature_of(const std::filesystem::path& file);

}  // namespace inkfield::watch_folder
