// Reads in chunks, so that a size that lies costs nothing.
#include "adapters/hosts/command_line/whole_file.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "adapters/hosts/command_line/csv_file.h"

namespace inkfield::command_line {

std::string whole_stream(std::istream& in, const std::string& name) {
  std::string bytes;
  std::array<char, 65536> chunk{};
  while (in.read(chunk.data(), chunk.size()) || in.gcount() > 0) {
    bytes.append(chunk.data(), static_cast<std::size_t>(in.gcount()));
    if (bytes.size() > kLargestFileBytes) throw DataError(name + ": is larger than 1 GiB");
  }
  if (in.bad()) throw DataError(name + ": could not be read to its end");
  return bytes;
}

std::string whole_file(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) throw DataError(path + ": is a folder, not a file");
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) throw DataError(path + ": " + (errno != 0 ? std::strerror(errno) : "cannot be opened"));
  return whole_stream(in, path);
}

}  // namespace inkfield::command_line
