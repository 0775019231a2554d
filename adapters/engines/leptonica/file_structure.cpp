// Walks PNG chunks, JPEG segments, TIFF directories and the headers of PNM and BMP.
#include "adapters/engines/leptonica/file_structure.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "recognizer/error.h"

namespace inkfield::leptonica {
namespace {

using Bytes = std::span<const std::uint8_t>;

[[noreturn]] void refuse(const std::string& name, const std::string& why) {
  throw Error(ErrorKind::invalid_image, name + ": " + why);
}

std::uint32_t big32(Bytes b, std::size_t at) {
  return std::uint32_t{b[at]} << 24U | std::uint32_t{b[at + 1]} << 16U | std::uint32_t{b[at + 2]} << 8U |
         std::uint32_t{b[at + 3]};
}
std::uint32_t big16(Bytes b, std::size_t at) { return std::uint32_t{b[at]} << 8U | std::uint32_t{b[at + 1]}; }
std::uint32_t little32(Bytes b, std::size_t at) {
  return std::uint32_t{b[at + 3]} << 24U | std::uint32_t{b[at + 2]} << 16U | std::uint32_t{b[at + 1]} << 8U |
         std::uint32_t{b[at]};
}
std::uint32_t little16(Bytes b, std::size_t at) {
  return std::uint32_t{b[at + 1]} << 8U | std::uint32_t{b[at]};
}

bool begins_with(Bytes b, std::initializer_list<int> magic) {
  return b.size() >= magic.size() && std::equal(magic.begin(), magic.end(), b.begin());
}

constexpr double kInchesPerMetre = 0.0254;
constexpr double kCentimetresPerInch = 2.54;

// --- PNG (W3C recommendation, chunk layout) ---

PageHeader read_png(Bytes b, const std::string& name) {
  PageHeader page;
  std::size_t at = 8;
  bool first = true;
  bool data = false;
  for (;;) {
    if (b.size() - at < 12) refuse(name, "the PNG is cut short: its end is missing");
    const std::uint32_t length = big32(b, at);
    const char* type = reinterpret_cast<const char*>(b.data() + at + 4);
    const auto is = [&](const char* wanted) { return std::memcmp(type, wanted, 4) == 0; };
    if (length > b.size() - at - 12) refuse(name, "the PNG is cut short: a chunk reaches past its end");
    const std::size_t body = at + 8;
    if (first != is("IHDR")) refuse(name, "the PNG does not begin with its one header");
    if (is("IHDR")) {
      if (length != 13) refuse(name, "the PNG's header has a wrong length");
      page.width_px = big32(b, body);
      page.height_px = big32(b, body + 4);
    } else if (is("pHYs") && length == 9 && b[body + 8] == 1) {
      page.dpi_x = big32(b, body) * kInchesPerMetre;
      page.dpi_y = big32(b, body + 4) * kInchesPerMetre;
    } else if (is("IDAT")) {
      data = true;
    } else if (is("IEND")) {
      break;
    }
    first = false;
    at = body + length + 4;
  }
  if (!data) refuse(name, "the PNG holds no picture data");
  return page;
}

// --- JPEG (ITU T.81, marker segments) ---

PageHeader read_jpeg(Bytes b, const std::string& name) {
  PageHeader page;
  std::size_t at = 2;
  bool scanned = false;
  for (;;) {
    // Between segments: fill bytes, then a marker. After a scan: its entropy-coded data first.
    while (at + 1 < b.size() && !(b[at] == 0xFF && b[at + 1] != 0x00 && b[at + 1] != 0xFF)) {
      if (!scanned && b[at] != 0xFF)
        refuse(name, "the JPEG is damaged: something stands between its segments");
      ++at;
    }
    if (at + 1 >= b.size()) refuse(name, "the JPEG is cut short: its end marker is missing");
    const unsigned marker = b[at + 1];
    at += 2;
    if (marker == 0xD9) break;                                           // end of image
    if ((marker >= 0xD0 && marker <= 0xD7) || marker == 0x01) continue;  // restart markers have no length
    if (marker == 0xD8) refuse(name, "the JPEG is damaged: it begins twice");
    if (b.size() - at < 2) refuse(name, "the JPEG is cut short inside a segment");
    const std::size_t length = big16(b, at);
    if (length < 2 || length > b.size() - at) refuse(name, "the JPEG is cut short inside a segment");
    const bool frame = marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    if (frame) {
      if (length < 8) refuse(name, "the JPEG's frame header is too short");
      if (page.width_px != 0) refuse(name, "the JPEG has two frame headers");
      page.height_px = big16(b, at + 3);
      page.width_px = big16(b, at + 5);
    } else if (marker == 0xE0 && length >= 14 && std::memcmp(b.data() + at + 2, "JFIF", 5) == 0) {
      const double unit = b[at + 9] == 1 ? 1 : b[at + 9] == 2 ? kCentimetresPerInch : 0;
      page.dpi_x = big16(b, at + 10) * unit;
      page.dpi_y = big16(b, at + 12) * unit;
    } else if (marker == 0xDA) {
      scanned = true;
    }
    at += length;
  }
  if (!scanned || page.width_px == 0) refuse(name, "the JPEG holds no picture data");
  return page;
}

// --- PNM ---

PageHeader read_pnm(Bytes b, const std::string& name) {
  const int kind = b[1] - '0';
  std::size_t at = 2;
  const auto number = [&](const char* what) -> std::int64_t {
    while (at < b.size() && (b[at] == '#' || b[at] == ' ' || (b[at] >= '\t' && b[at] <= '\r'))) {
      if (b[at] == '#') {
        while (at < b.size() && b[at] != '\n') ++at;
      } else {
        ++at;
      }
    }
    std::int64_t value = 0;
    const std::size_t begin = at;
    while (at < b.size() && b[at] >= '0' && b[at] <= '9' && at - begin < 10)
      value = value * 10 + (b[at++] - '0');
    if (at == begin) refuse(name, std::string("the PNM's ") + what + " is missing");
    return value;
  };
  PageHeader page;
  page.width_px = number("width");
  page.height_px = number("height");
  const bool bits = kind == 1 || kind == 4;
  const std::int64_t most = bits ? 1 : number("largest value");
  if (most < 1 || most > 65535) refuse(name, "the PNM's largest value is not from 1 to 65535");
  if (kind < 4) return page;  // plain text: the decoder stops at the first missing number
  const std::int64_t row =
      bits ? (page.width_px + 7) / 8 : page.width_px * (kind == 6 ? 3 : 1) * (most > 255 ? 2 : 1);
  const auto left = static_cast<std::int64_t>(b.size() - std::min(b.size(), at + 1));
  if (row > 0 && page.height_px > left / row) refuse(name, "the PNM is cut short: pixels are missing");
  return page;
}

// --- BMP ---

PageHeader read_bmp(Bytes b, const std::string& name) {
  if (b.size() < 54) refuse(name, "the BMP is cut short inside its header");
  if (little32(b, 14) < 40) refuse(name, "BMP of the OS/2 kind is not read; save it as PNG");
  PageHeader page;
  page.width_px = static_cast<std::int32_t>(little32(b, 18));
  page.height_px = static_cast<std::int32_t>(little32(b, 22));
  if (page.height_px < 0) page.height_px = -page.height_px;  // top-down rows
  page.dpi_x = little32(b, 38) * kInchesPerMetre;
  page.dpi_y = little32(b, 42) * kInchesPerMetre;
  if (little32(b, 30) != 0) refuse(name, "compressed BMP is not read; save it as PNG");
  const std::uint32_t offset = little32(b, 10);
  const std::int64_t row = (page.width_px * little16(b, 28) + 31) / 32 * 4;
  const auto left = static_cast<std::int64_t>(b.size()) -
                    std::min<std::int64_t>(static_cast<std::int64_t>(b.size()), offset);
  if (row > 0 && page.height_px > left / row) refuse(name, "the BMP is cut short: pixels are missing");
  return page;
}

// --- TIFF 6.0 ---

// Over all pages. Ten thousand directories may share one long list of strips, and every one of them is looked
// at.
constexpr std::uint64_t kMaxStrips = 4'000'000;

class TiffWalk {
 public:
  TiffWalk(Bytes bytes, std::string name) : b_(bytes), name_(std::move(name)), little_(bytes[0] == 'I') {}

  std::vector<PageHeader> pages() {
    if (b_.size() < 8) refuse(name_, "the TIFF is cut short inside its header");
    std::vector<PageHeader> pages;
    std::vector<std::uint32_t> seen;  // sorted
    std::uint32_t offset = u32(4);
    if (offset == 0) refuse(name_, "the TIFF has no pages");
    while (offset != 0) {
      const auto place = std::lower_bound(seen.begin(), seen.end(), offset);
      if (place != seen.end() && *place == offset) refuse(name_, "the TIFF's directories run in a circle");
      seen.insert(place, offset);
      if (static_cast<int>(pages.size()) >= kMaxPages) {
        throw Error(ErrorKind::limit_exceeded,
                    name_ + ": the TIFF has more than " + std::to_string(kMaxPages) + " pages");
      }
      pages.push_back(directory(offset));
      offset = next_;
    }
    return pages;
  }

 private:
  enum Tag : unsigned {
    kWidth = 256,
    kHeight = 257,
    kStripOffsets = 273,
    kStripByteCounts = 279,
    kXResolution = 282,
    kYResolution = 283,
    kResolutionUnit = 296,
    kTileWidth = 322,
    kTileOffsets = 324
  };

  std::uint32_t u16(std::size_t at) const { return little_ ? little16(b_, at) : big16(b_, at); }
  std::uint32_t u32(std::size_t at) const { return little_ ? little32(b_, at) : big32(b_, at); }

  struct Entry {
    unsigned type = 0;
    std::uint32_t count = 0;
    std::size_t at = 0;  ///< where the values lie; checked
  };

  /// Where an entry's values lie. Types 3 (16 bit), 4 (32 bit) and 5 (rational) are all that we look at.
  std::optional<Entry> entry(std::size_t at) const {
    Entry e{u16(at + 2), u32(at + 4), 0};
    const std::uint64_t size = e.type == 3 ? 2 : e.type == 4 ? 4 : e.type == 5 ? 8 : 0;
    if (size == 0 || e.count == 0) return std::nullopt;
    const std::uint64_t total = size * e.count;
    e.at = total <= 4 ? at + 8 : u32(at + 8);
    if (e.at > b_.size() || total > b_.size() - e.at)
      refuse(name_, "the TIFF is cut short: a directory points past its end");
    return e;
  }
  std::uint32_t value(const Entry& e, std::uint32_t i) const {
    return e.type == 3 ? u16(e.at + std::size_t{i} * 2) : u32(e.at + std::size_t{i} * 4);
  }
  double rational(const Entry& e) const {
    if (e.type != 5) return 0;
    const double below = u32(e.at + 4);
    return below > 0 ? u32(e.at) / below : 0;
  }

  PageHeader directory(std::uint32_t offset) {
    if (offset > b_.size() || b_.size() - offset < 2)
      refuse(name_, "the TIFF is cut short: a directory lies past its end");
    const std::size_t count = u16(offset);
    if (b_.size() - offset - 2 < count * 12 + 4) refuse(name_, "the TIFF is cut short inside a directory");
    PageHeader page;
    page.directory_offset = offset;
    std::optional<Entry> offsets;
    std::optional<Entry> sizes;
    double unit = 1;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t at = offset + 2 + i * 12;
      const unsigned tag = u16(at);
      if (tag == kTileWidth || tag == kTileOffsets)
        refuse(name_, "tiled TIFF is not read; save it in strips");
      if (tag != kWidth && tag != kHeight && tag != kStripOffsets && tag != kStripByteCounts &&
          tag != kXResolution && tag != kYResolution && tag != kResolutionUnit) {
        continue;
      }
      const std::optional<Entry> e = entry(at);
      if (!e) continue;
      switch (tag) {
        case kWidth:
          page.width_px = value(*e, 0);
          break;
        case kHeight:
          page.height_px = value(*e, 0);
          break;
        case kStripOffsets:
          offsets = e;
          break;
        case kStripByteCounts:
          sizes = e;
          break;
        case kXResolution:
          page.dpi_x = rational(*e);
          break;
        case kYResolution:
          page.dpi_y = rational(*e);
          break;
        case kResolutionUnit:
          unit = value(*e, 0) == 2 ? 1 : value(*e, 0) == 3 ? kCentimetresPerInch : 0;
          break;
        default:
          break;
      }
    }
    page.dpi_x *= unit;
    page.dpi_y *= unit;
    if (!offsets) refuse(name_, "the TIFF holds no picture data");
    strips_ += offsets->count;
    if (strips_ > kMaxStrips) refuse(name_, "the TIFF has more strips than any picture needs");
    for (std::uint32_t i = 0; i < offsets->count; ++i) {
      const std::uint64_t size = sizes && i < sizes->count ? value(*sizes, i) : 1;
      if (value(*offsets, i) + size > b_.size())
        refuse(name_, "the TIFF is cut short: a strip reaches past its end");
    }
    next_ = u32(offset + 2 + count * 12);
    return page;
  }

  Bytes b_;
  std::string name_;
  bool little_;
  std::uint32_t next_ = 0;
  std::uint64_t strips_ = 0;
};

}  // namespace

FileStructure read_structure(Bytes bytes, const std::string& name) {
  FileStructure found;
  if (bytes.empty()) refuse(name, "the file is empty");
  if (begins_with(bytes, {0x89, 'P', 'N', 'G', 0x0D, 0x0A, 0x1A, 0x0A})) {
    found.format = FileFormat::png;
    found.pages.push_back(read_png(bytes, name));
  } else if (begins_with(bytes, {0xFF, 0xD8, 0xFF})) {
    found.format = FileFormat::jpeg;
    found.pages.push_back(read_jpeg(bytes, name));
  } else if (begins_with(bytes, {'I', 'I', 42, 0}) || begins_with(bytes, {'M', 'M', 0, 42})) {
    found.format = FileFormat::tiff;
    found.pages = TiffWalk(bytes, name).pages();
  } else if (begins_with(bytes, {'I', 'I', 43, 0}) || begins_with(bytes, {'M', 'M', 0, 43})) {
    refuse(name, "BigTIFF is not read; save it as plain TIFF");
  } else if (bytes.size() >= 3 && bytes[0] == 'P' && bytes[1] >= '1' && bytes[1] <= '6') {
    found.format = FileFormat::pnm;
    found.pages.push_back(read_pnm(bytes, name));
  } else if (begins_with(bytes, {'B', 'M'})) {
    found.format = FileFormat::bmp;
    found.pages.push_back(read_bmp(bytes, name));
  } else if (begins_with(bytes, {'%', 'P', 'D', 'F'})) {
    refuse(name,
           "a PDF is not read; turn its pages into images first, for instance with pdftoppm -r 300 -png");
  } else {
    refuse(name, "no image that is read here: PNG, JPEG, PNM, TIFF or BMP");
  }
  for (const PageHeader& page : found.pages) {
    if (page.width_px <= 0 || page.height_px <= 0) refuse(name, "the picture has no width or no height");
  }
  return found;
}

}  // namespace inkfield::leptonica
