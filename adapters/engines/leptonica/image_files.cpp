// Decodes with Leptonica what file_structure.cpp has found whole.
#include "adapters/engines/leptonica/image_files.h"

#include <fcntl.h>
#include <leptonica/allheaders.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>
#include <system_error>
#include <utility>

#include "adapters/engines/leptonica/file_structure.h"
#include "recognizer/error.h"

namespace inkfield::leptonica {
namespace {

struct PixDelete {
  void operator()(PIX* pix) const { pixDestroy(&pix); }
};
using PixPtr = std::unique_ptr<PIX, PixDelete>;

/// Leptonica's own bound on a side is about 10^6; a line of more bytes than this overflows its int
/// arithmetic.
constexpr std::int64_t kMaxSide = 1'000'000;

PixPtr decode_pix(const FileStructure& file, const PageHeader& page, const std::vector<std::uint8_t>& bytes,
                  const std::string& name) {
  switch (file.format) {
    case FileFormat::png:
      return PixPtr(pixReadMemPng(bytes.data(), bytes.size()));
    case FileFormat::jpeg: {
      // libjpeg fills what is missing with gray and only warns; half a page must not be read as a whole one.
      l_int32 warnings = 0;
      PixPtr pix(pixReadMemJpeg(bytes.data(), bytes.size(), 0, 1, &warnings, 0));
      if (pix && warnings > 0) {
        throw Error(ErrorKind::invalid_image, name + ": the JPEG's picture data is damaged");
      }
      return pix;
    }
    case FileFormat::pnm:
      return PixPtr(pixReadMemPnm(bytes.data(), bytes.size()));
    case FileFormat::tiff: {
      std::size_t offset = page.directory_offset;
      return PixPtr(pixReadMemFromMultipageTiff(bytes.data(), bytes.size(), &offset));
    }
    case FileFormat::bmp:
      return PixPtr(pixReadMemBmp(bytes.data(), bytes.size()));
  }
  return nullptr;
}

/// Everything becomes 8-bit gray, 32-bit RGB(A), or stays a picture with a colour map.
PixPtr simplify(PixPtr pix) {
  const bool mapped = pixGetColormap(pix.get()) != nullptr;
  if (!mapped && pixGetDepth(pix.get()) != 8 && pixGetDepth(pix.get()) != 32)
    pix.reset(pixConvertTo8(pix.get(), 0));
  return pix;
}

std::uint8_t over_white(std::uint32_t value, std::uint32_t alpha) {
  return static_cast<std::uint8_t>((value * alpha + 255U * (255U - alpha) + 127U) / 255U);
}

/// In one pass, without the copies that Leptonica's own expansion of colour maps makes.
page::DecodedImage copy_mapped_pixels(PIX* pix) {
  page::DecodedImage image;
  image.width_px = pixGetWidth(pix);
  image.height_px = pixGetHeight(pix);
  std::array<std::array<std::uint8_t, 3>, 256> palette{};
  const int count = std::min(256, pixcmapGetCount(pixGetColormap(pix)));
  bool colour = false;
  for (int i = 0; i < count; ++i) {
    l_int32 r = 0;
    l_int32 g = 0;
    l_int32 b = 0;
    l_int32 a = 255;
    pixcmapGetRGBA(pixGetColormap(pix), i, &r, &g, &b, &a);
    const auto blend = [&](l_int32 v) {
      return over_white(static_cast<std::uint32_t>(v), static_cast<std::uint32_t>(a));
    };
    palette[static_cast<std::size_t>(i)] = {blend(r), blend(g), blend(b)};
    colour = colour || blend(r) != blend(g) || blend(g) != blend(b);
  }
  const auto width = static_cast<std::size_t>(image.width_px);
  const auto height = static_cast<std::size_t>(image.height_px);
  image.channels = colour ? 3 : 1;
  image.pixels.resize(width * height * (colour ? 3U : 1U));
  const auto depth = static_cast<std::size_t>(pixGetDepth(pix));  // 1, 2, 4 or 8
  const auto words_per_line = static_cast<std::size_t>(pixGetWpl(pix));
  std::uint8_t* out = image.pixels.data();
  for (std::size_t y = 0; y < height; ++y) {
    const l_uint32* line = pixGetData(pix) + y * words_per_line;
    for (std::size_t x = 0; x < width; ++x) {
      const std::size_t bit = x * depth;
      const auto& entry = palette[line[bit >> 5U] >> (32U - depth - (bit & 31U)) & ((1U << depth) - 1U)];
      *out++ = entry[0];
      if (colour) {
        *out++ = entry[1];
        *out++ = entry[2];
      }
    }
  }
  return image;
}

page::DecodedImage copy_pixels(PIX* pix) {
  if (pixGetColormap(pix) != nullptr) return copy_mapped_pixels(pix);
  page::DecodedImage image;
  image.width_px = pixGetWidth(pix);
  image.height_px = pixGetHeight(pix);
  const auto width = static_cast<std::size_t>(image.width_px);
  const auto height = static_cast<std::size_t>(image.height_px);
  const auto words_per_line = static_cast<std::size_t>(pixGetWpl(pix));
  const l_uint32* words = pixGetData(pix);
  if (pixGetDepth(pix) == 8) {
    image.pixels.resize(width * height);
    for (std::size_t y = 0; y < height; ++y) {
      const l_uint32* line = words + y * words_per_line;
      std::uint8_t* out = image.pixels.data() + y * width;
      // Leptonica keeps the leftmost pixel in a word's highest byte, whatever the processor.
      for (std::size_t x = 0; x < width; ++x)
        out[x] = static_cast<std::uint8_t>(line[x >> 2U] >> (8U * (3U - (x & 3U))));
    }
    return image;
  }
  const bool alpha = pixGetSpp(pix) == 4;
  const bool colour = static_cast<std::int64_t>(width) * image.height_px <= kMaxColourPixels;
  image.channels = colour ? 3 : 1;
  image.pixels.resize(width * height * (colour ? 3U : 1U));
  std::uint8_t* out = image.pixels.data();
  for (std::size_t y = 0; y < height; ++y) {
    const l_uint32* line = words + y * words_per_line;
    for (std::size_t x = 0; x < width; ++x) {
      const std::uint32_t word = line[x];
      const std::uint32_t a = alpha ? word & 255U : 255U;
      const std::uint8_t r = over_white(word >> 24U, a);
      const std::uint8_t g = over_white(word >> 16U & 255U, a);
      const std::uint8_t b = over_white(word >> 8U & 255U, a);
      if (colour) {
        *out++ = r;
        *out++ = g;
        *out++ = b;
      } else {
        *out++ = static_cast<std::uint8_t>((r * 77U + g * 150U + b * 29U) >> 8U);
      }
    }
  }
  return image;
}

class ImageBytes final : public page::ImageSource {
 public:
  ImageBytes(std::vector<std::uint8_t> bytes, std::string name)
      : bytes_(std::move(bytes)), name_(std::move(name)), file_(read_structure(bytes_, name_)) {}

  [[nodiscard]] int page_count() const override { return static_cast<int>(file_.pages.size()); }

  [[nodiscard]] page::DecodedImage decode(int index, std::int64_t max_pixels) override {
    if (index < 0 || index >= page_count()) {
      throw Error(ErrorKind::not_found, name_ + ": has no page " + std::to_string(index) + ", only " +
                                            std::to_string(page_count()) + " counted from 0");
    }
    const PageHeader& page = file_.pages[static_cast<std::size_t>(index)];
    const std::string size =
        std::to_string(page.width_px) + " x " + std::to_string(page.height_px) + " pixels";
    if (page.width_px > kMaxSide || page.height_px > kMaxSide ||
        page.width_px > max_pixels / page.height_px) {
      throw Error(ErrorKind::limit_exceeded, name_ + ": the picture has " + size + ", over the budget of " +
                                                 std::to_string(max_pixels) + "; it was not decoded");
    }
    PixPtr pix = decode_pix(file_, page, bytes_, name_);
    if (!pix) {
      throw Error(ErrorKind::invalid_image, name_ + ": the picture (" + size +
                                                ") cannot be decoded; it is damaged or of an unusual kind");
    }
    // A decoder that disagrees with the header that was checked would get round the budget.
    const std::int64_t decoded = std::int64_t{pixGetWidth(pix.get())} * pixGetHeight(pix.get());
    if (decoded != page.width_px * page.height_px) {
      throw Error(ErrorKind::invalid_image, name_ + ": the picture's size is not what its header says");
    }
    pix = simplify(std::move(pix));
    if (!pix) throw Error(ErrorKind::invalid_image, name_ + ": the picture's pixel format is not understood");
    page::DecodedImage image = copy_pixels(pix.get());
    image.dpi_x = page.dpi_x;
    image.dpi_y = page.dpi_y;
    return image;
  }

 private:
  std::vector<std::uint8_t> bytes_;
  std::string name_;
  FileStructure file_;
};

/// A file descriptor that closes itself.
struct Descriptor {
  int value = -1;
  explicit Descriptor(int opened) : value(opened) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value >= 0) ::close(value);
  }
};

std::string system_message(int code) { return std::generic_category().message(code); }

/// Plain files only: a pipe would block, a directory or device has no content to speak of.
std::vector<std::uint8_t> read_plain_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.value < 0) {
    const int code = errno;
    throw Error(code == ENOENT || code == ENOTDIR ? ErrorKind::not_found : ErrorKind::io_error,
                path + ": cannot be opened: " + system_message(code));
  }
  struct stat facts {};
  if (::fstat(file.value, &facts) != 0) throw Error(ErrorKind::io_error, path + ": " + system_message(errno));
  if (!S_ISREG(facts.st_mode)) throw Error(ErrorKind::io_error, path + ": is not a plain file");
  if (facts.st_size > kMaxFileBytes) {
    throw Error(ErrorKind::limit_exceeded, path + ": the file has " + std::to_string(facts.st_size) +
                                               " bytes, over the limit of " + std::to_string(kMaxFileBytes));
  }
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(facts.st_size));
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t got = ::read(file.value, bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw Error(ErrorKind::io_error, path + ": cannot be read: " + system_message(errno));
    if (got == 0) break;  // somebody shortened it meanwhile; what is left is judged as it is
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

}  // namespace

std::unique_ptr<page::ImageSource> open_image_file(const std::string& path) {
  return open_image_bytes(read_plain_file(path), path);
}

std::unique_ptr<page::ImageSource> open_image_bytes(std::vector<std::uint8_t> bytes,
                                                    const std::string& name) {
  if (static_cast<std::int64_t>(bytes.size()) > kMaxFileBytes) {
    throw Error(ErrorKind::limit_exceeded,
                name + ": over the limit of " + std::to_string(kMaxFileBytes) + " bytes");
  }
  return std::make_unique<ImageBytes>(std::move(bytes), name);
}

std::vector<std::uint8_t> encode_png(const page::GrayImage& picture) {
  if (picture.empty() || picture.width_px > kMaxSide || picture.height_px > kMaxSide) {
    throw Error(ErrorKind::invalid_argument,
                "a picture without pixels, or too long, cannot be written as PNG");
  }
  const PixPtr pix(pixCreateNoInit(picture.width_px, picture.height_px, 8));
  if (!pix) throw std::bad_alloc();
  const auto words_per_line = static_cast<std::size_t>(pixGetWpl(pix.get()));
  l_uint32* words = pixGetData(pix.get());
  const auto width = static_cast<std::size_t>(picture.width_px);
  for (int y = 0; y < picture.height_px; ++y) {
    l_uint32* line = words + static_cast<std::size_t>(y) * words_per_line;
    const std::uint8_t* row = picture.row(y);
    for (std::size_t w = 0; w < words_per_line; ++w) {
      l_uint32 word = 0;
      for (std::size_t i = 0; i < 4; ++i) word = word << 8U | (w * 4 + i < width ? row[w * 4 + i] : 0U);
      line[w] = word;
    }
  }
  l_uint8* data = nullptr;
  std::size_t size = 0;
  const bool written = pixWriteMemPng(&data, &size, pix.get(), 0.0F) == 0 && data != nullptr;
  const std::unique_ptr<l_uint8, void (*)(void*)> owner(data, std::free);
  if (!written) throw Error(ErrorKind::internal, "the PNG encoder failed");
  return {data, data + size};
}

void quiet_messages() {
  if (std::getenv("LEPT_MSG_SEVERITY") != nullptr) return;
  // What it is when nobody has set it, by Leptonica's own default.
  const l_int32 before = setMsgSeverity(L_SEVERITY_NONE);
  if (before != L_SEVERITY_INFO) setMsgSeverity(before);
}

}  // namespace inkfield::leptonica
