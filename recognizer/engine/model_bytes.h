// Where the bytes of a model are: in memory, or in a file that is read where it is looked at. Fresh memory for all of a
// model's weights costs more time than everything else that loading does with them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace inkfield::recognizer::onnx {

/// A file opened to be read. Throws Error(not_found).
class OpenFile {
 public:
  OpenFile() = default;
  explicit OpenFile(const std::string& path);
  OpenFile(OpenFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  OpenFile& operator=(OpenFile&& other) noexcept;
  ~OpenFile();

  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  int descriptor_ = -1;
};

/// Not for use by several threads at once.
class ModelBytes {
 public:
  /// `bytes` must outlive this.
  explicit ModelBytes(std::span<const std::uint8_t> bytes);
  /// Throws Error(not_found, io_error or invalid_model). What cannot be sought in, as a pipe, is read to its end at once.
  static ModelBytes of_file(const std::string& path);

  [[nodiscard]] std::size_t size() const { return size_; }
  /// All of it, or null where it stays in a file.
  [[nodiscard]] const char* in_memory() const { return memory_; }
  /// So many bytes from `first` on, good until the next call. They must lie within `size`. Throws Error(io_error) if the
  /// file no longer holds them.
  const char* view(std::size_t first, std::size_t count);
  void copy(std::size_t first, std::size_t count, char* to);

 private:
  ModelBytes() = default;

  std::string path_;
  std::vector<std::uint8_t> own_;  // of a pipe
  OpenFile file_;
  const char* memory_ = nullptr;
  std::size_t size_ = 0;
  std::vector<char> window_;  // of the file, from window_first_ on
  std::size_t window_first_ = 0;
  std::size_t window_size_ = 0;
};

/// A whole file of at most kMaxModelBytes. Throws Error(not_found, io_error or invalid_model).
std::vector<std::uint8_t> read_file(const std::string& path);

}  // namespace inkfield::recognizer::onnx
