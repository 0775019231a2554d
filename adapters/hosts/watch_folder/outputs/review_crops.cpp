// The quads are in the page's JSON, in pixels of the page's picture.
#include "adapters/hosts/watch_folder/outputs/review_crops.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <optional>
#include <system_error>

#include <nlohmann/json.hpp>

#include "adapters/hosts/watch_folder/outputs/gray_png.h"
#include "adapters/hosts/watch_folder/outputs/outcome_text.h"

namespace inkfield::watch_folder {

namespace fs = std::filesystem;
using Json = nlohmann::json;

namespace {

/// Share of a field's height that is shown around it: enough to see what ran over the edge.
constexpr double kMargin = 0.4;
/// A field fills a page at most; what is larger comes from a quad that is wrong.
constexpr double kLongestSide_px = 8000;

struct Point {
  double x = 0;
  double y = 0;
};
using Quad = std::array<Point, 4>;  ///< top left, top right, bottom right, bottom left

double distance(Point a, Point b) { return std::hypot(a.x - b.x, a.y - b.y); }

std::optional<Quad> quad_of(const Json& field) {
  Quad quad;
  const auto found = field.find("quad");
  if (found == field.end() || !found->is_array() || found->size() != 4) return std::nullopt;
  for (std::size_t i = 0; i < 4; ++i) {
    const Json& point = (*found)[i];
    if (!point.is_array() || point.size() != 2 || !point[0].is_number() || !point[1].is_number()) return std::nullopt;
    quad[i] = {point[0].get<double>(), point[1].get<double>()};
  }
  return quad;
}

/// One pixel as gray; white outside the picture, as paper is.
class Pixels {
 public:
  explicit Pixels(const inkfield_image& image) : image_(image), bytes_(static_cast<const std::uint8_t*>(image.pixels)) {
    const std::int64_t width = image.width_px;
    switch (image.format) {
      case INKFIELD_PIXELS_GRAY8: step_ = 1; break;
      case INKFIELD_PIXELS_RGB24:
      case INKFIELD_PIXELS_BGR24: step_ = 3; break;
      case INKFIELD_PIXELS_RGBA32:
      case INKFIELD_PIXELS_BGRA32: step_ = 4; break;
      default: step_ = 0; break;
    }
    stride_ = image.stride_bytes != 0 ? image.stride_bytes : step_ != 0 ? width * step_ : (width + 7) / 8;
  }
  [[nodiscard]] double at(std::int64_t x, std::int64_t y) const {
    if (x < 0 || y < 0 || x >= image_.width_px || y >= image_.height_px) return 255;
    const std::uint8_t* row = bytes_ + y * stride_;
    if (step_ == 0) {
      const bool set = (row[x / 8] >> (7 - x % 8) & 1) != 0;
      return set == (image_.format == INKFIELD_PIXELS_BILEVEL_BLACK_IS_0) ? 255 : 0;
    }
    const std::uint8_t* pixel = row + x * step_;
    // Rec. 601, which is the same from either end but for red and blue.
    const bool blue_first = image_.format == INKFIELD_PIXELS_BGR24 || image_.format == INKFIELD_PIXELS_BGRA32;
    return step_ == 1 ? pixel[0] : 0.299 * pixel[blue_first ? 2 : 0] + 0.587 * pixel[1] + 0.114 * pixel[blue_first ? 0 : 2];
  }
  /// Between pixels, whose centres lie at .5.
  [[nodiscard]] double between(Point p) const {
    const double x = std::floor(p.x - 0.5);
    const double y = std::floor(p.y - 0.5);
    const double fx = p.x - 0.5 - x;
    const double fy = p.y - 0.5 - y;
    const auto left = static_cast<std::int64_t>(x);
    const auto top = static_cast<std::int64_t>(y);
    return (at(left, top) * (1 - fx) + at(left + 1, top) * fx) * (1 - fy) + (at(left, top + 1) * (1 - fx) + at(left + 1, top + 1) * fx) * fy;
  }

 private:
  const inkfield_image& image_;
  const std::uint8_t* bytes_;
  std::int64_t step_ = 0;
  std::int64_t stride_ = 0;
};

/// As wide and high as the field is in the picture, and upright. Nothing for a quad that is none.
std::optional<GrayPicture> cut(const inkfield_image& image, const Quad& quad) {
  for (const Point& corner : quad) {
    if (!(std::abs(corner.x) < 1e6 && std::abs(corner.y) < 1e6)) return std::nullopt;
  }
  const double width = (distance(quad[0], quad[1]) + distance(quad[3], quad[2])) / 2;
  const double height = (distance(quad[0], quad[3]) + distance(quad[1], quad[2])) / 2;
  const double margin = std::ceil(kMargin * std::min(width, height));
  if (!(width >= 1 && height >= 1 && width + 2 * margin <= kLongestSide_px && height + 2 * margin <= kLongestSide_px)) return std::nullopt;
  const Pixels pixels(image);
  GrayPicture crop;
  crop.width_px = static_cast<int>(std::lround(width + 2 * margin));
  crop.height_px = static_cast<int>(std::lround(height + 2 * margin));
  crop.pixels.reserve(static_cast<std::size_t>(crop.width_px) * static_cast<std::size_t>(crop.height_px));
  for (int row = 0; row < crop.height_px; ++row) {
    const double v = (row + 0.5 - margin) / height;
    for (int column = 0; column < crop.width_px; ++column) {
      const double u = (column + 0.5 - margin) / width;
      const auto mix = [&](double Point::*axis) {
        return (quad[0].*axis * (1 - u) + quad[1].*axis * u) * (1 - v) + (quad[3].*axis * (1 - u) + quad[2].*axis * u) * v;
      };
      crop.pixels.push_back(static_cast<std::uint8_t>(std::lround(pixels.between({mix(&Point::x), mix(&Point::y)}))));
    }
  }
  return crop;
}

void write_whole(const fs::path& path, const std::string& bytes) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
  if (fd == -1) throw std::system_error(errno, std::generic_category(), path.string());
  std::size_t done = 0;
  int error = 0;
  while (done < bytes.size() && error == 0) {
    const ssize_t n = ::write(fd, bytes.data() + done, bytes.size() - done);
    if (n >= 0) done += static_cast<std::size_t>(n);
    if (n < 0 && errno != EINTR) error = errno;
  }
  if (error == 0 && ::fsync(fd) != 0) error = errno;
  ::close(fd);
  if (error != 0) throw std::system_error(error, std::generic_category(), path.string());
}

/// Letters, digits, - and _ of an id; a template may call a field anything.
std::string file_name(int page, const std::string& id, std::size_t number) {
  std::string name;
  for (const char c : id.substr(0, 80)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    name += plain ? c : '_';
  }
  // Two ids may come to the same name.
  return std::to_string(page) + '-' + name + (name == id ? "" : "-" + std::to_string(number)) + ".png";
}

/// The crops of one page, its picture decoded once. Empty names where there is none.
void cut_page(const PageOutcome& page, const PageImage& page_image, const fs::path& folder, Json& list) {
  std::optional<inkfield_image> image;
  Json fields = Json::array();
  try {
    fields = Json::parse(page.json).value("fields", Json::array());
    image = page_image(page.page);
  } catch (const std::exception&) {
    // Listed without pictures.
  }
  for (const FieldOutcome& field : page.fields) {
    if (field.state != "review" && field.state != "failed") continue;
    std::string name;
    const auto described = std::find_if(fields.begin(), fields.end(), [&](const Json& one) { return one.is_object() && one.value("id", Json()) == field.id; });
    const auto quad = described == fields.end() ? std::nullopt : quad_of(*described);
    const auto crop = image && quad ? cut(*image, *quad) : std::nullopt;
    if (crop) {
      name = file_name(page.page, field.id, list.size() + 1);
      write_whole(folder / name, png_of(*crop));
    }
    list.push_back({{"page", page.page}, {"field", storable(field.id)}, {"state", storable(field.state)}, {"text", storable(field.text)},
                    {"confidence", field.confidence}, {"reason", storable(field.reason)}, {"picture", name}});
  }
}

}  // namespace

bool write_review_crops(const DocumentOutcome& outcome, const PageImage& page_image, const fs::path& folder) {
  const bool any = std::any_of(outcome.pages.begin(), outcome.pages.end(), [](const PageOutcome& page) {
    return std::any_of(page.fields.begin(), page.fields.end(), [](const FieldOutcome& field) { return field.state == "review" || field.state == "failed"; });
  });
  if (!any) return false;
  if (fs::exists(fs::symlink_status(folder))) return true;
  static std::atomic<unsigned> count{0};
  const fs::path temporary = folder.parent_path() / (".crops-" + std::to_string(::getpid()) + '-' + std::to_string(++count) + ".tmp");
  struct Removed {
    fs::path path;
    ~Removed() {
      std::error_code ignored;
      fs::remove_all(path, ignored);
    }
  } const removed{temporary};
  fs::remove_all(temporary);
  fs::create_directory(temporary);
  Json list = Json::array();
  for (const PageOutcome& page : outcome.pages) cut_page(page, page_image, temporary, list);
  write_whole(temporary / "fields.json", list.dump(1) + '\n');
  fs::rename(temporary, folder);
  return true;
}

}  // namespace inkfield::watch_folder
