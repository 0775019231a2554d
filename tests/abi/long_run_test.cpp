// Day and night: thousands of pages of mixed kinds through one session, and memory stays where it was.

#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "tests/abi/drawn_form.h"

namespace {

using namespace inkfield;
using drawing::resident_kB;
using nlohmann::json;
namespace fs = std::filesystem;

constexpr int kPages = 5000;
constexpr int kPagesALook = 120;
constexpr long kMostGrowth_kB = 4096;

/// The drawn form with a field of every kind.
json form_of_all_kinds() {
  json form = json::parse(drawing::drawn_template());
  const auto zone = [](double x, double y, double width, double height) { return json{{"x_mm", x}, {"y_mm", y}, {"width_mm", width}, {"height_mm", height}}; };
  form["fields"].push_back({{"id", "printed"}, {"kind", "printed_number"}, {"zone", zone(20, 36, 30, 7)}, {"format", {{"type", "digits"}, {"min_length", 1}, {"max_length", 6}}}});
  form["fields"].push_back({{"id", "group"}, {"kind", "checkbox_group"}, {"choose", "one"}, {"required", false},
                            {"options", {{{"value", "a"}, {"zone", zone(62, 20, 5, 5)}}, {{"value", "b"}, {"zone", zone(72, 20, 5, 5)}}}}});
  form["fields"].push_back({{"id", "barcode"}, {"kind", "barcode"}, {"zone", zone(62, 34, 25, 12)}, {"symbologies", {"qr", "code_128"}}, {"required", false}});
  form["fields"].push_back({{"id", "signature"}, {"kind", "signature"}, {"zone", zone(56, 10, 30, 7)}, {"required", false}});
  form["fields"].push_back({{"id", "micr"}, {"kind", "micr_line"}, {"zone", zone(20, 36, 30, 7)}, {"required", false}});
  form["rules"] = {{{"name", "given twice"}, {"type", "equal"}, {"fields", {"number", "code"}}}};
  return form;
}

TEST(LongRun, FiveThousandPagesOfMixedKinds_MemoryStaysFlat) {
  json templates = json::array({form_of_all_kinds()});
  std::vector<fs::path> scans;
  for (const auto& entry : fs::directory_iterator(INKFIELD_SOURCE_DIR "/examples/forms")) {
    if (entry.is_regular_file() && entry.path().extension() != ".json" && entry.path().extension() != ".csv") scans.push_back(entry.path());
  }
  ASSERT_FALSE(scans.empty());
  EngineOptions options;
  options.templates_json = templates.dump();
  options.template_paths = {INKFIELD_SOURCE_DIR "/examples/forms"};
  const Engine engine(Library::linked(), options);
  Session session(engine);

  const std::vector<drawing::DrawnPage> drawn = {drawing::drawn_page(6), drawing::drawn_page(8), drawing::drawn_page(12)};
  drawing::DrawnPage noise = drawing::drawn_page(8);
  std::mt19937 random(20260101);
  int read = 0;
  int refused = 0;
  long warm_kB = 0;
  long most_kB = 0;
  for (int i = 0; i < kPages; ++i) {
    inkfield_page_state state = INKFIELD_PAGE_READ;
    if (i % 10 == 9) {
      Document document = engine.open(scans[static_cast<std::size_t>(i / 10) % scans.size()].string());
      state = session.read_page(document.page(0)).page().state;
    } else if (i % 10 == 4) {
      for (auto& value : noise.gray) value = static_cast<std::uint8_t>(random());
      state = session.read_page(noise.image()).page().state;
    } else {
      state = session.read_page(drawn[static_cast<std::size_t>(i) % drawn.size()].image()).page().state;
    }
    ++(state == INKFIELD_PAGE_READ ? read : refused);
    // After the same drawn page each time, and without what the allocator keeps for the next one.
    if (i == 0 || i % kPagesALook != 0) continue;
    ::malloc_trim(0);
    most_kB = std::max(most_kB, resident_kB());
    if (i == kPagesALook) warm_kB = most_kB;
  }
  EXPECT_EQ(refused, kPages / 10);
  EXPECT_EQ(read, kPages - kPages / 10);
  std::cout << "resident after " << kPagesALook << " pages " << warm_kB << " kB, most after that " << most_kB << " kB\n";
  EXPECT_LT(most_kB - warm_kB, kMostGrowth_kB);
}

}  // namespace
