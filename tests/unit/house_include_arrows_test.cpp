// Holds every #include of the sources against the table in ARCHITECTURE.md: who may know whom.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

/// What the files under one folder may include. The longest matching folder decides.
struct Room {
  std::string folder;
  std::vector<std::string> may_include;      ///< prefixes of quoted project headers
  std::vector<std::string> may_not_include;  ///< exceptions to the prefixes above
  std::vector<std::string> libraries;        ///< prefixes of third-party headers
};

const std::vector<Room>& rooms() {
  static const std::vector<Room> kRooms = {
      {"recognizer", {"recognizer/"}, {"recognizer/synthesis/", "recognizer/training/"}, {"protozero/", "hwy/"}},
      {"recognizer/synthesis", {"recognizer/"}, {"recognizer/training/", "recognizer/engine/", "recognizer/decoding/"}, {}},
      {"recognizer/training", {"recognizer/"}, {}, {"torch/", "c10/", "protozero/", "zlib.h", "png.h"}},
      {"config", {"config/"}, {}, {}},
      {"plugin/include", {"inkfield/"}, {}, {"dlfcn.h"}},
      {"plugin/page", {"plugin/page/", "recognizer/image_view.h", "recognizer/error.h", "config/geometry.h", "config/form_template.h"}, {}, {}},
      {"plugin/pipeline", {"plugin/pipeline/", "plugin/page/", "recognizer/", "config/"}, {"recognizer/synthesis/", "recognizer/training/"}, {}},
      {"plugin/abi", {"plugin/", "recognizer/", "config/", "adapters/engines/", "inkfield/"}, {"recognizer/synthesis/", "recognizer/training/"}, {"dlfcn.h"}},
      {"adapters/engines/tesseract", {"adapters/engines/tesseract/", "plugin/page/", "config/", "recognizer/error.h", "recognizer/image_view.h"}, {}, {"tesseract/", "omp.h"}},
      {"adapters/engines/leptonica", {"adapters/engines/leptonica/", "plugin/page/", "config/", "recognizer/error.h", "recognizer/image_view.h"}, {}, {"leptonica/"}},
      {"adapters/engines/zxing", {"adapters/engines/zxing/", "plugin/page/", "config/", "recognizer/error.h", "recognizer/image_view.h"}, {}, {"ZXing/", "dlfcn.h"}},
      {"adapters/hosts", {"adapters/hosts/", "inkfield/"}, {}, {"Poco/", "boost/", "CLI/", "nlohmann/", "libpq-fe.h", "zlib.h", "unistd.h", "fcntl.h", "sys/", "poll.h", "dirent.h", "dlfcn.h"}},
      {"examples", {"examples/", "inkfield/"}, {}, {"dlfcn.h", "nlohmann/"}},
  };
  return kRooms;
}

bool starts_with_any(const std::string& text, const std::vector<std::string>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](const std::string& p) { return text.starts_with(p); });
}

/// Why `file` (relative to the root) may not include `header`; "" if it may.
std::string forbidden(const std::string& file, const std::string& header, bool quoted) {
  const Room* room = nullptr;
  for (const Room& candidate : rooms()) {
    if (file.starts_with(candidate.folder + "/") && (room == nullptr || candidate.folder.size() > room->folder.size())) room = &candidate;
  }
  if (room == nullptr) return "";
  const bool project = quoted || header.starts_with("inkfield/");
  if (project) {
    if (starts_with_any(header, room->may_not_include)) return "the room must not know " + header;
    if (header.find('/') == std::string::npos) return "write project headers from the root: " + header;
    return starts_with_any(header, room->may_include) ? "" : room->folder + " may not include " + header;
  }
  const bool c_header = header.ends_with(".h") || header.ends_with(".hpp") || header.find('/') != std::string::npos;
  static const std::vector<std::string> kCLibrary = {"stdint.h", "stddef.h", "stdio.h", "stdlib.h", "string.h", "immintrin.h", "cpuid.h", "arm_neon.h", "sys/stat.h", "unistd.h", "fcntl.h", "time.h", "errno.h", "limits.h", "math.h"};
  if (!c_header || starts_with_any(header, kCLibrary)) return "";
  // The template loader's JSON library may live in one file only.
  if (file == "config/json_document.cpp" && header.starts_with("nlohmann/")) return "";
  // Memory in large pages is asked for in one file only.
  if (file == "recognizer/engine/byte_buffer.cpp" && header == "sys/mman.h") return "";
  if (file == "recognizer/engine/kernels.cpp" && header == "sys/syscall.h") return "";  // are tile registers granted?
  return starts_with_any(header, room->libraries) ? "" : room->folder + " may not include the library header " + header;
}

struct Included {
  std::string header;
  bool quoted;
};

std::vector<Included> includes_of(const fs::path& path) {
  static const std::regex kInclude(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
  std::vector<Included> found;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    std::smatch match;
    if (std::regex_search(line, match, kInclude)) found.push_back({match[2], match[1] == "\""});
  }
  return found;
}

TEST(IncludeArrows, EveryRoom_IncludesOnlyWhatItMayKnow) {
  const fs::path root = INKFIELD_SOURCE_DIR;
  int files = 0;
  int checked = 0;
  for (const char* top : {"recognizer", "config", "plugin", "adapters", "examples"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
      const auto extension = entry.path().extension();
      if (extension != ".h" && extension != ".hpp" && extension != ".cpp" && extension != ".c") continue;
      ++files;
      const std::string file = fs::relative(entry.path(), root).generic_string();
      for (const Included& included : includes_of(entry.path())) {
        ++checked;
        const std::string why = forbidden(file, included.header, included.quoted);
        EXPECT_EQ(why, "") << file;
      }
    }
  }
  EXPECT_GT(files, 20);
  EXPECT_GT(checked, 100);
}

TEST(IncludeArrows, ForbiddenArrow_IsSeen) {
  EXPECT_NE(forbidden("recognizer/engine/network.cpp", "config/form_template.h", true), "");
  EXPECT_NE(forbidden("adapters/hosts/command_line/main.cpp", "plugin/page/page_result.h", true), "");
  EXPECT_NE(forbidden("plugin/pipeline/form_reader.cpp", "recognizer/training/trainer.h", true), "");
  EXPECT_NE(forbidden("plugin/pipeline/form_reader.cpp", "leptonica/allheaders.h", false), "");
  EXPECT_NE(forbidden("config/template_loader.cpp", "nlohmann/json.hpp", false), "");
  EXPECT_EQ(forbidden("plugin/pipeline/form_reader.cpp", "recognizer/decoding/automaton.h", true), "");
  EXPECT_EQ(forbidden("plugin/page/transform.cpp", "vector", false), "");
}

}  // namespace
