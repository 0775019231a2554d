// The reader of barcodes, on this side of the module's edge.
#include "adapters/engines/zxing/barcodes.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/engines/zxing/barcode_module.h"
#include "recognizer/error.h"

namespace inkfield::zxing {
namespace {

constexpr const char* kModuleFile = "libinkfield_barcode.so";
// The darkest and the lightest hundredth of the zone's pixels closer than this: nothing is printed there.
constexpr int kLeastContrast = 40;
constexpr std::array kParting = {0.3, 0.5, 0.75};
// One-dimensional codes without a check digit of their own are believed if so many rows of pixels agree.
constexpr int kLinesAgreed = 3;
// A code that repairs and checks itself is right or is not read; what is left is dust that makes another code of it.
constexpr double kSelfChecked = 0.9999;
// Without a check digit a stroke through a bar may make another character.
constexpr double kUnchecked = 0.995;

struct Functions {
  inkfield_barcode_version_fn version = nullptr;
  inkfield_barcode_read_fn read = nullptr;
};

/// Opened once a process and never closed: what it brings with it may not stand being unloaded.
Functions open_module(const std::string& path) {
  const auto refuse = [&](const std::string& why) -> Functions {
    throw Error(ErrorKind::unavailable, "barcodes cannot be read: " + path + " " + why +
                                            "; install it beside the library, with ZXing (Debian: libzxing2), or take the barcode out of the template");
  };
  std::error_code failed;
  if (!std::filesystem::is_regular_file(path, failed)) return refuse("is not there");
  void* const module = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (module == nullptr) {
    const char* const why = ::dlerror();
    return refuse("cannot be loaded (" + std::string(why == nullptr ? "no reason given" : why) + ")");
  }
  Functions functions;
  functions.version = reinterpret_cast<inkfield_barcode_version_fn>(::dlsym(module, "inkfield_barcode_version"));
  functions.read = reinterpret_cast<inkfield_barcode_read_fn>(::dlsym(module, "inkfield_barcode_read"));
  if (functions.version == nullptr || functions.read == nullptr || functions.version() != INKFIELD_BARCODE_MODULE_VERSION) {
    return refuse("is of another version of Inkfield");
  }
  return functions;
}

struct Found {
  std::string bytes;
  std::string text;
  std::uint32_t symbology = 0;
  int lines = 0;
  page::Quad quad{};
  [[nodiscard]] page::Point middle() const {
    page::Point sum;
    for (const page::Point& corner : quad) sum = {sum.x + corner.x / 4, sum.y + corner.y / 4};
    return sum;
  }
};

bool has_own_check(std::uint32_t symbology) {
  using config::Symbology;
  for (const Symbology without : {Symbology::code_39, Symbology::codabar, Symbology::itf}) {
    if (symbology == static_cast<std::uint32_t>(without)) return false;
  }
  return true;
}

struct Zone {
  int left, top, right, bottom;
};

Zone zone_of(const page::FieldCrop& crop) {
  const auto within = [](double value, int most) { return std::clamp(static_cast<int>(std::lround(value)), 0, most); };
  const int left = within(crop.zone.left, crop.gray.width_px);
  const int top = within(crop.zone.top, crop.gray.height_px);
  return {left, top, std::max(left, within(crop.zone.right, crop.gray.width_px)), std::max(top, within(crop.zone.bottom, crop.gray.height_px))};
}

/// The darkest and the lightest hundredth of a zone's pixels.
struct Levels {
  int ink = 0;
  int paper = 0;
};

Levels levels_of(const page::GrayImage& gray, const Zone& zone) {
  std::array<std::int64_t, 256> histogram{};
  std::int64_t count = 0;
  for (int y = zone.top; y < zone.bottom; ++y) {
    for (int x = zone.left; x < zone.right; ++x) {
      ++histogram[gray.at(x, y)];
      ++count;
    }
  }
  if (count == 0) return {};
  const auto level = [&](std::int64_t rank) {
    std::int64_t sum = 0;
    int value = 0;
    while (value < 255 && sum + histogram[static_cast<std::size_t>(value)] <= rank) sum += histogram[static_cast<std::size_t>(value++)];
    return value;
  };
  return {level(count / 100), level(count - 1 - count / 100)};
}

/// Black and white, the line between them at `share` of the way from ink to paper.
page::GrayImage parted(const page::GrayImage& gray, const Levels& levels, double share) {
  const double line = levels.ink + share * (levels.paper - levels.ink);
  page::GrayImage out(gray.width_px, gray.height_px);
  std::transform(gray.pixels.begin(), gray.pixels.end(), out.pixels.begin(), [&](std::uint8_t v) { return static_cast<std::uint8_t>(v <= line ? 0 : 255); });
  return out;
}

/// Twice as large: what the module's own scaling down cannot give to a coarse scan.
page::GrayImage doubled(const page::GrayImage& gray) {
  page::GrayImage out(gray.width_px * 2, gray.height_px * 2);
  for (int y = 0; y < out.height_px; ++y) {
    const double fy = std::clamp((y + 0.5) / 2 - 0.5, 0.0, gray.height_px - 1.0);
    const int y0 = static_cast<int>(fy);
    const int y1 = std::min(y0 + 1, gray.height_px - 1);
    for (int x = 0; x < out.width_px; ++x) {
      const double fx = std::clamp((x + 0.5) / 2 - 0.5, 0.0, gray.width_px - 1.0);
      const int x0 = static_cast<int>(fx);
      const int x1 = std::min(x0 + 1, gray.width_px - 1);
      const double upper = gray.at(x0, y0) + (fx - x0) * (gray.at(x1, y0) - gray.at(x0, y0));
      const double lower = gray.at(x0, y1) + (fx - x0) * (gray.at(x1, y1) - gray.at(x0, y1));
      out.row(y)[x] = static_cast<std::uint8_t>(std::lround(upper + (fy - y0) * (lower - upper)));
    }
  }
  return out;
}

class BarcodeReader final : public page::FieldReader {
 public:
  explicit BarcodeReader(Functions functions) : functions_(functions) {}

  page::Reading read(const page::FieldCrop& crop, const page::ReadContext& context) override {
    page::Reading reading;
    reading.threshold = 1 - (crop.field == nullptr ? 0.01 : crop.field->allowed_wrong_rate);
    const Zone zone = zone_of(crop);
    const Levels levels = levels_of(crop.gray, zone);
    if (levels.paper - levels.ink < kLeastContrast) {
      reading.empty_probability = 0.99;
      return reading;
    }
    const std::uint32_t symbologies = crop.field == nullptr ? ~0U : crop.field->symbologies;
    std::vector<Found> found = look(crop.gray, zone, symbologies, 1);
    context.checkpoint();
    constexpr int kLargestDoubledSide = 2000;
    if (found.empty() && std::max(crop.gray.width_px, crop.gray.height_px) <= kLargestDoubledSide) {
      found = look(doubled(crop.gray), zone, symbologies, 2);
      context.checkpoint();
    }
    // Pencil and pen over a code are lighter than its print, a code printed too faintly lighter than all else.
    for (const double share : kParting) {
      if (!found.empty()) break;
      found = look(parted(crop.gray, levels, share), zone, symbologies, 1);
      context.checkpoint();
    }
    if (found.empty()) {
      reading.doubt = "something is printed there, but no barcode of the field's symbologies could be read";
      return reading;
    }
    const bool same = std::all_of(found.begin(), found.end(), [&](const Found& other) { return other.bytes == found.front().bytes; });
    const Found& first = found.front();
    std::string plain;
    if (!as_plain_text(first.text, plain)) {
      reading.failure = "the barcode's " + std::to_string(first.bytes.size()) + " bytes are no text";
      return reading;
    }
    reading.raw_text = plain;
    const bool sure = has_own_check(first.symbology) || first.lines >= kLinesAgreed;
    reading.confidence = has_own_check(first.symbology) ? kSelfChecked : sure ? kUnchecked : 0.9;
    reading.candidates.push_back({plain, reading.confidence});
    if (!same) reading.doubt = "several barcodes that differ lie in the zone; make it hold one";
    return reading;
  }

 private:
  /// Codes whose middle lies in the zone.
  std::vector<Found> look(const page::GrayImage& gray, const Zone& zone, std::uint32_t symbologies, int scale) const {
    struct Collected {
      std::vector<Found> found;
      bool failed = false;
    } collected;
    const auto sink = [](void* user, const inkfield_found_barcode* one) {
      auto& into = *static_cast<Collected*>(user);
      try {
        Found found{std::string(one->bytes, one->bytes_count), std::string(one->text, one->text_bytes), one->symbology, one->lines, {}};
        for (std::size_t i = 0; i < 4; ++i) found.quad[i] = {static_cast<double>(one->corners_px[2 * i]), static_cast<double>(one->corners_px[2 * i + 1])};
        into.found.push_back(std::move(found));
      } catch (...) {  // must not pass through the module
        into.failed = true;
      }
    };
    if (functions_.read(gray.pixels.data(), gray.width_px, gray.height_px, gray.width_px, symbologies, sink, &collected) != 0 || collected.failed) return {};
    std::erase_if(collected.found, [&](const Found& found) {
      const page::Point middle = found.middle();
      return middle.x < zone.left * scale || middle.x > zone.right * scale || middle.y < zone.top * scale || middle.y > zone.bottom * scale;
    });
    return collected.found;
  }

  Functions functions_;
};

/// How many bytes the UTF-8 character at `text[at]` has; 0 if it is none.
std::size_t character_bytes(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U; };
  const unsigned first = byte(0);
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first < 0xE0) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first < 0xF0) {
    const bool overlong = first == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = first == 0xED && byte(1) >= 0xA0;
    return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xF0 && first < 0xF5) {
    const bool overlong = first == 0xF0 && byte(1) < 0x90;
    const bool beyond = first == 0xF4 && byte(1) >= 0x90;
    return follows(1) && follows(2) && follows(3) && !overlong && !beyond ? 4 : 0;
  }
  return 0;
}

}  // namespace

bool as_plain_text(const std::string& utf8, std::string& plain) {
  plain.clear();
  for (std::size_t at = 0; at < utf8.size();) {
    const std::size_t bytes = character_bytes(utf8, at);
    if (bytes == 0) return false;
    const auto first = static_cast<unsigned char>(utf8[at]);
    if (first < 0x20 || first == 0x7F) {
      plain += "\xE2\x90";  // U+2400 and on; U+2421 is the picture of 0x7F
      plain += static_cast<char>(0x80 + (first == 0x7F ? 0x21 : first));
    } else if (bytes == 2 && first == 0xC2 && static_cast<unsigned char>(utf8[at + 1]) < 0xA0) {
      return false;  // control characters of 8-bit sets: no text was meant
    } else {
      plain.append(utf8, at, bytes);
    }
    at += bytes;
  }
  return true;
}

std::string module_beside_library() {
  Dl_info info{};
  if (::dladdr(reinterpret_cast<const void*>(&module_beside_library), &info) == 0 || info.dli_fname == nullptr) return kModuleFile;
  std::error_code failed;
  const std::filesystem::path real = std::filesystem::canonical(info.dli_fname, failed);
  return ((failed ? std::filesystem::path(info.dli_fname) : real).parent_path() / kModuleFile).string();
}

void check_module(const std::string& path) { open_module(path); }

std::unique_ptr<page::FieldReader> make_barcode_reader(const std::string& path) {
  return std::make_unique<BarcodeReader>(open_module(path));
}

}  // namespace inkfield::zxing
