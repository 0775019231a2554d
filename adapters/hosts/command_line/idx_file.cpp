// zlib reads plain and compressed files alike. Bytes are taken as they come, so that a header that lies about its
// counts costs no memory.
#include "adapters/hosts/command_line/idx_file.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

namespace inkfield::command_line {

namespace {

constexpr std::uint32_t kLargestSidePx = 4096;
constexpr std::uint64_t kLargestFileBytes = std::uint64_t{1} << 31;

class Reader {
 public:
  explicit Reader(const std::string& path) : path_(path), file_(nullptr, gzclose_r) {
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) throw DataError(path + ": is a folder, not a file");
    errno = 0;
    file_.reset(gzopen(path.c_str(), "rb"));
    if (!file_) throw DataError(path + ": " + (errno != 0 ? std::strerror(errno) : "cannot be opened"));
  }

  /// Up to `bytes`; fewer only at the end.
  std::size_t read(std::uint8_t* out, std::size_t bytes) {
    std::size_t got = 0;
    while (got < bytes) {
      const auto want = static_cast<unsigned>(std::min<std::size_t>(bytes - got, 1u << 20));
      const int n = gzread(file_.get(), out + got, want);
      if (n < 0) {
        int code = 0;
        const char* why = gzerror(file_.get(), &code);
        throw DataError(path_ + ": cannot be decompressed: " + (code == Z_ERRNO ? std::strerror(errno) : why));
      }
      if (n == 0) break;
      got += static_cast<std::size_t>(n);
    }
    return got;
  }

  std::uint32_t big_endian_32() {
    std::array<std::uint8_t, 4> b{};
    if (read(b.data(), b.size()) != b.size()) throw DataError(path_ + ": ends inside its header");
    return (std::uint32_t{b[0]} << 24) | (std::uint32_t{b[1]} << 16) | (std::uint32_t{b[2]} << 8) | b[3];
  }

  /// Exactly `bytes` to the end of the file.
  std::vector<std::uint8_t> rest(std::uint64_t bytes, const std::string& promised) {
    if (bytes > kLargestFileBytes) throw DataError(path_ + ": promises " + promised + ", which is over 2 GiB");
    std::vector<std::uint8_t> data;
    while (data.size() < bytes) {
      const std::size_t at = data.size();
      const std::size_t want = std::min<std::size_t>(static_cast<std::size_t>(bytes) - at, 1u << 20);
      data.resize(at + want);
      const std::size_t got = read(data.data() + at, want);
      if (got < want) {
        throw DataError(path_ + ": is cut short: it promises " + promised + " (" + std::to_string(bytes) +
                        " bytes) and ends after " + std::to_string(at + got));
      }
    }
    std::uint8_t more = 0;
    if (read(&more, 1) != 0) {
      throw DataError(path_ + ": goes on after the " + promised + " that its header promises");
    }
    return data;
  }

 private:
  std::string path_;
  std::unique_ptr<gzFile_s, int (*)(gzFile)> file_;
};

void check_magic(std::uint32_t magic, std::uint32_t dimensions, const std::string& path, const char* wanted) {
  if (magic == (0x800u | dimensions)) return;
  std::string found = "is no idx file";
  if (magic >> 16 == 0) {
    const std::uint32_t type = magic >> 8;
    found = "holds " + std::to_string(magic & 0xFFu) + "-dimensional data" +
            (type == 8 ? "" : " of a type other than bytes");
  }
  throw DataError(path + ": " + found + "; wanted are " + wanted);
}

}  // namespace

std::span<const std::uint8_t> IdxImages::image(std::size_t index) const {
  const std::size_t size = static_cast<std::size_t>(height_px) * static_cast<std::size_t>(width_px);
  return std::span<const std::uint8_t>(pixels).subspan(index * size, size);
}

IdxImages read_idx_images(const std::string& path) {
  Reader reader(path);
  check_magic(reader.big_endian_32(), 3, path, "pictures: bytes in 3 dimensions");
  const std::uint32_t count = reader.big_endian_32();
  const std::uint32_t height = reader.big_endian_32();
  const std::uint32_t width = reader.big_endian_32();
  const std::string size = std::to_string(width) + " x " + std::to_string(height);
  if (height == 0 || width == 0 || height > kLargestSidePx || width > kLargestSidePx) {
    throw DataError(path + ": promises pictures of " + size + " px; sides from 1 to 4096 px are read");
  }
  IdxImages images;
  images.count = count;
  images.height_px = static_cast<int>(height);
  images.width_px = static_cast<int>(width);
  // At most 2^56: no overflow.
  images.pixels = reader.rest(std::uint64_t{count} * height * width,
                              std::to_string(count) + " pictures of " + size + " px");
  return images;
}

std::vector<std::uint8_t> read_idx_labels(const std::string& path) {
  Reader reader(path);
  check_magic(reader.big_endian_32(), 1, path, "labels: bytes in 1 dimension");
  const std::uint32_t count = reader.big_endian_32();
  return reader.rest(count, std::to_string(count) + " labels");
}

std::string truth_of_label(std::uint8_t label) {
  if (label <= 9) return std::string(1, static_cast<char>('0' + label));
  if (label >= '0' && label <= '9') return std::string(1, static_cast<char>(label));
  return "?";
}

}  // namespace inkfield::command_line
