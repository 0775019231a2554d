// A file without a buffer of the library's: what is asked for goes straight to where it is wanted.
#include "recognizer/engine/model_bytes.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <utility>

#include "recognizer/engine/network.h"
#include "recognizer/error.h"

namespace inkfield::recognizer::onnx {
namespace {

// Tags and lengths are read here; a few of them, and the small messages between them, in one go.
constexpr std::size_t kWindowBytes = 4096;

// Throws if there is no such file.
std::unique_ptr<std::filebuf> open_file(const std::string& path) {
  std::error_code unknown;
  if (std::filesystem::is_directory(path, unknown)) {
    throw Error(ErrorKind::io_error, path + " is a folder, not a network file");
  }
  auto file = std::make_unique<std::filebuf>();
  file->pubsetbuf(nullptr, 0);
  if (file->open(path, std::ios::in | std::ios::binary) == nullptr) {
    throw Error(ErrorKind::not_found, "network file " + path + " cannot be opened");
  }
  return file;
}

std::vector<std::uint8_t> read_to_end(std::filebuf& file, const std::string& path) {
  std::vector<std::uint8_t> content;
  std::vector<char> piece(std::size_t{64} << 10U);
  const auto wanted = static_cast<std::streamsize>(piece.size());
  for (std::streamsize got = 0; (got = file.sgetn(piece.data(), wanted)) > 0;) {
    content.insert(content.end(), piece.begin(), piece.begin() + got);
    if (content.size() > kMaxModelBytes) {
      throw Error(ErrorKind::invalid_model, path + ": more than " + std::to_string(kMaxModelBytes) + " bytes");
    }
  }
  return content;
}

}  // namespace

ModelBytes::ModelBytes(std::span<const std::uint8_t> bytes)
    : memory_(reinterpret_cast<const char*>(bytes.data())), size_(bytes.size()) {}

ModelBytes ModelBytes::of_file(const std::string& path) {
  ModelBytes bytes;
  bytes.path_ = path;
  bytes.file_ = open_file(path);
  std::error_code unknown;
  if (std::filesystem::is_regular_file(path, unknown)) {
    const auto size = static_cast<std::int64_t>(bytes.file_->pubseekoff(0, std::ios::end, std::ios::in));
    if (size < 0) throw Error(ErrorKind::io_error, "network file " + path + " cannot be read");
    bytes.size_ = static_cast<std::size_t>(size);
  } else {
    bytes.own_ = read_to_end(*bytes.file_, path);
    bytes.memory_ = reinterpret_cast<const char*>(bytes.own_.data());
    bytes.size_ = bytes.own_.size();
  }
  return bytes;
}

void ModelBytes::copy(std::size_t first, std::size_t count, char* to) {
  if (count == 0) return;
  if (memory_ != nullptr) {
    std::memcpy(to, memory_ + first, count);
    return;
  }
  const bool there = file_->pubseekpos(static_cast<std::streamoff>(first), std::ios::in) != std::streampos(-1);
  if (!there || file_->sgetn(to, static_cast<std::streamsize>(count)) != static_cast<std::streamsize>(count)) {
    throw Error(ErrorKind::io_error,
                "network file " + path_ + " cannot be read to its end; is it being written? Copy it again");
  }
}

const char* ModelBytes::view(std::size_t first, std::size_t count) {
  if (memory_ != nullptr) return memory_ + first;
  if (first < window_first_ || first + count > window_first_ + window_size_) {
    const std::size_t size = std::min(std::max(count, kWindowBytes), size_ - first);
    if (window_.size() < size) window_.resize(size);
    window_size_ = 0;  // nothing half read is ever taken for read
    copy(first, size, window_.data());
    window_first_ = first;
    window_size_ = size;
  }
  return window_.data() + (first - window_first_);
}

std::vector<std::uint8_t> read_file(const std::string& path) {
  const auto file = open_file(path);
  return read_to_end(*file, path);
}

}  // namespace inkfield::recognizer::onnx
