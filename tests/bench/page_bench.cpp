// inkfield-page-bench [ROUNDS]: what a page costs. An A4 form at 300 dpi, ten printed fields and a hundred handwritten digits in boxes, is
// drawn once; then, in turns within one run and on one thread each:
//
//   decode       Leptonica reads the page's PNG
//   read         the plugin reads the page from pixels, all fields
//   handwritten  the plugin reads the handwritten fields alone: everything of ours but printed text
//   tesseract    Tesseract reads the whole page, its object kept open, one OpenMP thread
//   two threads  the plugin reads as many pages in two threads with a session each as in one
//
// Printed are medians of ratios over the rounds, and how many fields were right, so that no speed is bought with wrong answers.
#include <leptonica/allheaders.h>
#include <omp.h>
#include <tesseract/baseapi.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <functional>
#include <inkfield/inkfield.hpp>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "adapters/hosts/common/tile_registers.h"
#include "config/template_loader.h"
#include "tests/generator/degradation.h"
#include "tests/generator/form_printing.h"
#include "tests/generator/form_writing.h"
#include "tests/generator/random.h"

namespace {

using namespace inkfield;
using generator::FieldValue;
using Clock = std::chrono::steady_clock;

constexpr int kRows = 10;
constexpr int kDigits = 10;
constexpr int kPagesATurn = 4;

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

std::string template_json() {
  std::string json = R"({"inkfield_template": 1, "id": "bench_page", "name": "Bench page", "page": {"width_mm": 210, "height_mm": 297},
    "find_by": {"corner_marks": [{"x_mm": 10, "y_mm": 10}, {"x_mm": 200, "y_mm": 10}, {"x_mm": 200, "y_mm": 287}, {"x_mm": 10, "y_mm": 287}]}, "fields": [)";
  for (int i = 0; i < kRows; ++i) {
    const double y = 30 + 24 * i;
    json += (i == 0 ? "" : ",") + std::string(R"({"id": "printed)") + std::to_string(i) + R"(", "kind": "printed_text", "zone": {"x_mm": 20, "y_mm": )" +
            number(y) + R"(, "width_mm": 70, "height_mm": 7}})";
    json += R"(,{"id": "number)" + std::to_string(i) + R"(", "kind": "handwritten_number", "zone": {"x_mm": 110, "y_mm": )" + number(y) +
            R"(, "width_mm": 70, "height_mm": 9}, "layout": {"type": "boxes", "count": 10}, "format": {"type": "digits", "min_length": 10, "max_length": 10}})";
  }
  return json + "]}";
}

struct DrawnPage {
  std::string file;
  std::map<std::string, std::string> truth;
};

DrawnPage draw(const config::FormTemplate& form, const std::filesystem::path& folder) {
  static const std::vector<std::string> kLines{"Harbour Street 14",  "Invoice of 3 March", "Northern Region",    "Second quarter",     "Paper and postage",
                                               "Meridian Supplies",  "Room 212, east wing", "Delivered in full", "Account in arrears", "Reference 40-118-C"};
  DrawnPage page;
  generator::Random random(1, "bench page", 0);
  generator::Placement placement;
  placement.dpi = 300;
  generator::Canvas canvas(form.width_mm, form.height_mm, placement, generator::kWhite);
  const generator::PrintStyle style;
  generator::print_marks(form, style, canvas);
  std::vector<FieldValue> values;
  for (const config::Field& field : form.fields) {
    if (field.kind == config::FieldKind::printed_text) {
      const std::string& line = kLines.at(static_cast<std::size_t>(field.id.back() - '0'));
      canvas.text(field.zone.x_mm + 2, field.zone.bottom_mm() - 2, line, {.family = "Liberation Serif", .size_pt = 11});
      page.truth[field.id] = line;
      continue;
    }
    generator::print_field(field, style, canvas);
    std::string digits;
    while (digits.size() < kDigits) digits += static_cast<char>('0' + random.integer(0, 9));
    values.push_back({field.id, field.kind, digits, digits});
    page.truth[field.id] = digits;
  }
  // What stands around the fields on such a form: headings and a page of small print.
  for (int i = 0; i < 9; ++i) {
    canvas.text(20, 42 + 24 * i, "Please complete in block figures, one figure to each box, and leave unused boxes empty.", {.family = "Liberation Sans", .size_pt = 9});
    canvas.text(20, 47 + 24 * i, "Figures that are struck out or written over cannot be read and will be returned to the sender.", {.family = "Liberation Sans", .size_pt = 8});
  }
  generator::write_on_form(generator::SampleForm::lab, form, values, false, 1, canvas);
  generator::Picture picture = canvas.picture();
  generator::to_gray(picture);
  page.file = (folder / "page.png").string();
  generator::write_picture(picture, page.file, generator::FileKind::png);
  return page;
}

double seconds(const std::function<void()>& work) {
  const Clock::time_point start = Clock::now();
  work();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void print_ratio(const char* what, const std::vector<double>& ratios) {
  std::printf("%-58s %6.2f  (%.2f to %.2f)\n", what, median(ratios), *std::min_element(ratios.begin(), ratios.end()), *std::max_element(ratios.begin(), ratios.end()));
}

int run(int rounds) {
  const std::string json = template_json();
  const auto loaded = config::load_templates(json, "bench page", "");
  if (!loaded.ok()) throw std::runtime_error(loaded.faults[0].json_pointer + ": " + loaded.faults[0].message);
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / ("inkfield-page-bench-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  const DrawnPage page = draw(loaded.values[0], folder);

  EngineOptions options;
  options.templates_json = json;
  const Engine engine(Library::linked(), options);
  Session session(engine);
  // Each session starts a Tesseract of its own at its first page; the round that is left out does that for all of them.
  Session beside(engine);
  Document document = engine.open(page.file);
  const inkfield_image image = document.page(0);
  ReadOptions by_hand_only;
  for (int i = 0; i < kRows; ++i) by_hand_only.field_ids.push_back("number" + std::to_string(i));

  tesseract::TessBaseAPI tesseract;
  if (tesseract.Init(nullptr, "eng", tesseract::OEM_LSTM_ONLY) != 0) throw std::runtime_error("Tesseract has no data for English");
  omp_set_max_active_levels(0);

  std::vector<double> whole_page;
  std::vector<double> ours_but;
  std::vector<double> all_of_ours;
  std::vector<double> threads;
  std::vector<double> decoding;
  int right = 0;
  for (int round = 0; round < rounds + 1; ++round) {
    Pix* decoded = nullptr;
    const double decode = seconds([&] { decoded = pixRead(page.file.c_str()); });
    right = 0;
    const double read = seconds([&] {
      const Result result = session.read_page(image);
      for (const Field& field : result.fields()) {
        const std::string got = field.kind == INKFIELD_KIND_PRINTED_TEXT ? field.text : field.normalized;
        right += got == page.truth.at(field.id) ? 1 : 0;
      }
    });
    const double by_hand = seconds([&] { session.read_page(image, by_hand_only); });
    const double theirs = seconds([&] {
      tesseract.SetPageSegMode(tesseract::PSM_AUTO);
      tesseract.SetImage(decoded);
      const std::unique_ptr<char[]> text(tesseract.GetUTF8Text());
    });
    pixDestroy(&decoded);
    const double one = seconds([&] {
      for (int i = 0; i < 2 * kPagesATurn; ++i) session.read_page(image);
    });
    const double two = seconds([&] {
      const auto half = [&image](Session& own) {
        for (int i = 0; i < kPagesATurn; ++i) own.read_page(image);
      };
      std::thread other([&] { half(beside); });
      half(session);
      other.join();
    });
    if (round == 0) continue;  // everybody's first time is spent on caches
    whole_page.push_back(theirs / read);
    ours_but.push_back(by_hand / decode);
    all_of_ours.push_back(read / decode);
    threads.push_back(one / two);
    decoding.push_back(decode);
  }
  std::printf("%d of %d fields right, %d rounds, decoding takes %.1f ms\n", right, 2 * kRows, rounds, 1e3 * median(decoding));
  print_ratio("Tesseract on the whole page, over our reading of it", whole_page);
  print_ratio("ours without printed text, over decoding the PNG", ours_but);
  print_ratio("ours with printed text, over decoding the PNG", all_of_ours);
  print_ratio("two sessions in two threads, pages a second over one's", threads);
  std::filesystem::remove_all(folder);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 7;
  if (argc > 2 || rounds < 1 || rounds > 1000) {
    std::fprintf(stderr, "usage: inkfield-page-bench [ROUNDS, 1 to 1000]\n");
    return 2;
  }
  inkfield::hosts::ask_for_tile_registers();
  try {
    return run(rounds);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "inkfield-page-bench: %s\n", error.what());
    return 1;
  }
}
