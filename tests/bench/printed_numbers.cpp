// inkfield-printed-numbers: printed numbers whose shape the field knows, drawn in six typefaces, scanned at severities 0 to 3 of the
// severity table and read by our reader of printed text from where they truly lie.
//
//   inkfield-printed-numbers [--count N] [--seed S]    how many are right, and how many of those that pass at an allowed wrong rate are wrong,
//                                                      by the engine alone and, of those without letters, together with our network
//   inkfield-printed-numbers --fit [--count N]         prints the curve of adapters/engines/tesseract/reading_curves.cpp; fitted with seed 1
//
// Half are runs of 6 to 14 figures, the rest amounts with a point, dates with strokes, and codes of capitals and figures. A third of
// the runs of figures are stamped: wide apart, the line askew, each figure a little high or low.

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "adapters/engines/tesseract/printed_text.h"
#include "adapters/engines/tesseract/reading_curves.h"
#include "adapters/hosts/command_line/proportions.h"
#include "plugin/pipeline/field_cropping.h"
#include "tests/bench/gray_picture.h"
#include "tests/bench/reading_curve.h"
#include "tests/bench/two_readings.h"
#include "tests/generator/canvas.h"
#include "tests/generator/damaged_page.h"
#include "tests/generator/generated_page.h"
#include "tests/generator/random.h"
#include "tests/generator/severity.h"

namespace {

using namespace inkfield;
using generator::Random;

constexpr double kSheetWidthMm = 110;
constexpr double kSheetHeightMm = 30;
constexpr std::array kFamilies = {"Nimbus Sans", "Nimbus Roman", "P052", "Liberation Sans", "Liberation Mono", "DejaVu Sans"};

struct Number {
  std::string text;
  bool stamped = false;
  config::FieldFormat format;
};

std::string figures(int count, Random& random) {
  std::string text;
  for (int i = 0; i < count; ++i) text += static_cast<char>('0' + random.integer(0, 9));
  return text;
}

Number drawn_number(Random& random) {
  Number number;
  const double kind = random.between(0, 1);
  if (kind < 0.55) {
    number.format.type = config::FormatType::digits;
    number.text = figures(random.integer(6, 14), random);
    number.stamped = random.chance(0.33);
  } else if (kind < 0.7) {
    number.format.type = config::FormatType::amount;
    number.format.decimal_mark = '.';
    number.text = std::to_string(random.integer(1, 9)) + figures(random.integer(1, 5), random) + '.' + figures(2, random);
  } else if (kind < 0.85) {
    number.format.type = config::FormatType::date;
    number.format.date_separators = "/";
    char date[16];
    std::snprintf(date, sizeof date, "%02d/%02d/%04d", random.integer(1, 28), random.integer(1, 12), random.integer(1900, 2099));
    number.text = date;
  } else {
    number.format.type = config::FormatType::text;
    number.format.characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    for (int i = random.integer(6, 12); i > 0; --i) number.text += number.format.characters[static_cast<std::size_t>(random.integer(0, 35))];
  }
  return number;
}

/// As long, and figures and marks where that has them: what a template's format lets pass.
bool has_shape_of(const Number& number, const std::string& text) {
  const auto figure = [](char c) { return c >= '0' && c <= '9'; };
  const bool code = number.format.type == config::FormatType::text;
  return text.size() == number.text.size() &&
         std::equal(text.begin(), text.end(), number.text.begin(), [&](char read, char drawn) { return code || (figure(drawn) ? figure(read) : read == drawn); });
}

struct Outcome {
  double confidence = 0;
  bool right = false;
  bool fits = false;    ///< the format
  bool agreed = false;  ///< one look was enough, or two said the same
  bool letters = false;
  bool stamped = false;
};

/// The engine's reading alone, from which its curve is fitted.
Outcome read_alone(page::FieldReader& reader, const page::FieldCrop& crop, const Number& number) {
  const page::Reading reading = reader.read(crop, {});
  std::string text = reading.raw_text;
  std::erase(text, ' ');
  return {reading.confidence, text == number.text, has_shape_of(number, text), reading.candidates.size() == 1, number.format.type == config::FormatType::text, number.stamped};
}

/// Draws one number, scans it and hands its crop to `read`.
template <class Read>
auto read_one(std::uint64_t seed, std::uint64_t index, const Read& read) {
  Random random(seed, "printed number", index);
  const Number number = drawn_number(random);
  generator::Font font;
  font.family = kFamilies.at(static_cast<std::size_t>(random.integer(0, static_cast<int>(kFamilies.size()) - 1)));
  font.size_pt = random.between(8, 13);
  font.bold = random.chance(0.3);
  font.tracking_mm = random.chance(0.3) ? random.between(0.1, 0.6) : 0;
  generator::PageDamage damage = generator::damage_together(random.integer(0, 3), random);
  damage.of(generator::Damage::shift) = 0;  // a strip that is cut off shows nothing
  damage.upside_down = false;
  if (number.stamped) font.tracking_mm = font.size_pt * 0.3528 * random.between(0.15, 0.6);
  const double slope = number.stamped ? random.between(-0.03, 0.03) : 0;
  const double unevenness_mm = number.stamped ? random.between(0, 0.2) : 0;
  double width_mm = 0;
  const double baseline_mm = 18;
  const generator::DamagedPage page =
      generator::damaged_sheet(kSheetWidthMm, kSheetHeightMm, generator::kWhite, damage, seed * 1'000'003 + index, [&](generator::Canvas& canvas, double) {
        width_mm = canvas.text_width_mm(number.text, font);
        double x_mm = 10;
        for (const char character : number.text) {
          canvas.text(x_mm, baseline_mm + slope * (x_mm - 10 - width_mm / 2) + unevenness_mm * random.between(-1, 1), std::string(1, character), font);
          x_mm += canvas.text_width_mm(std::string(1, character), font) + font.tracking_mm;
        }
      });
  config::Field field;
  field.kind = config::FieldKind::printed_number;
  field.format = number.format;
  const double height_mm = 0.3528 * font.size_pt;
  const double room_mm = 1 + unevenness_mm + std::fabs(slope) * width_mm / 2;
  field.zone = {8, baseline_mm - height_mm - room_mm, width_mm + 4, height_mm + 2 * room_mm};
  page::RegisteredForm registered;
  registered.source_px_from_mm.m = page.px_from_mm;
  registered.scale_px_per_mm = damage.of(generator::Damage::dpi) / 25.4;
  return read(pipeline::crop_field(bench::gray_of(page.picture), registered, field), number);
}

int run(int argc, char** argv) {
  int count = 4000;
  std::uint64_t seed = 2;
  bool fit = false;
  CLI::App app("Printed numbers, drawn, scanned and read by our reader of printed text");
  app.add_option("--count", count, "how many")->check(CLI::Range(1, 1'000'000))->capture_default_str();
  app.add_option("--seed", seed, "of everything random")->capture_default_str();
  app.add_flag("--fit", fit, "print the curve, with seed 1");
  CLI11_PARSE(app, argc, argv);
  if (fit) seed = 1;
  generator::require_fonts();
  tesseract::PrintedTextSettings settings;
  settings.tessdata_folder = tesseract::find_tessdata("", "eng");
  settings.plain_figures = fit;
  const std::unique_ptr<page::FieldReader> reader = tesseract::make_printed_text_reader(settings);
  std::vector<Outcome> outcomes;
  for (int i = 0; i < count; ++i) {
    outcomes.push_back(read_one(seed, static_cast<std::uint64_t>(i), [&](const page::FieldCrop& crop, const Number& number) { return read_alone(*reader, crop, number); }));
  }
  if (fit) {
    std::printf("// inkfield-printed-numbers --fit --count %d\n", count);
    const std::vector<double> from = {0, 40, 60, 70, 76, 80, 84, 86, 88, 90, 91, 92, 93, 94, 95, 96};
    for (const bool letters : {false, true}) {
      std::vector<bench::CurvePoint> points;
      for (const Outcome& outcome : outcomes) {
        if (outcome.fits && outcome.agreed && outcome.letters == letters) points.push_back({100 * outcome.confidence, outcome.right});
      }
      bench::print_curve(letters ? "kCodes" : "kNumbers", from, points);
      for (const double figure : from) {
        const auto above = std::count_if(points.begin(), points.end(), [&](const bench::CurvePoint& p) { return p.figure >= figure; });
        const auto wrong = std::count_if(points.begin(), points.end(), [&](const bench::CurvePoint& p) { return p.figure >= figure && !p.right; });
        const double most = command_line::clopper_pearson(static_cast<std::size_t>(wrong), static_cast<std::size_t>(above)).high;
        std::printf("// from %g on: %td of %td wrong, at most %.2f %%\n", figure, wrong, above, 100 * most);
      }
    }
    // What a reading is worth whose looks disagree is kMostWhenDisagreeing in printed_text.cpp.
    const auto disagreed = std::count_if(outcomes.begin(), outcomes.end(), [](const Outcome& o) { return o.fits && !o.agreed; });
    const auto right = std::count_if(outcomes.begin(), outcomes.end(), [](const Outcome& o) { return o.fits && !o.agreed && o.right; });
    std::printf("// looks that disagree: the better one is right in %td of %td\n", right, disagreed);
    return 0;
  }
  const auto right = std::count_if(outcomes.begin(), outcomes.end(), [](const Outcome& o) { return o.right; });
  const auto stamped = std::count_if(outcomes.begin(), outcomes.end(), [](const Outcome& o) { return o.stamped; });
  const auto stamped_right = std::count_if(outcomes.begin(), outcomes.end(), [](const Outcome& o) { return o.stamped && o.right; });
  std::printf("%d numbers, %td right; of them stamped %td, %td right\n", count, right, stamped, stamped_right);
  for (const double rate : {0.001, 0.002, 0.005, 0.01, 0.05}) {
    const auto passed = std::count_if(outcomes.begin(), outcomes.end(), [&](const Outcome& o) { return o.fits && o.confidence >= tesseract::shaped_threshold(rate, o.letters); });
    const auto wrong = std::count_if(outcomes.begin(), outcomes.end(), [&](const Outcome& o) { return o.fits && o.confidence >= tesseract::shaped_threshold(rate, o.letters) && !o.right; });
    std::printf("accepted at an allowed wrong rate of %g %%: %td, wrong %td\n", 100 * rate, passed, wrong);
  }
  // Together with our network, the numbers without letters, each in a field of its length.
  bench::TwoReaders both;
  bench::Comparison comparison;
  for (int i = 0; i < count; ++i) {
    read_one(seed, static_cast<std::uint64_t>(i), [&](page::FieldCrop crop, const Number& number) {
      if (number.format.type == config::FormatType::text) return;
      config::Field field = *crop.field;
      if (number.format.type == config::FormatType::digits) field.format.min_length = field.format.max_length = static_cast<int>(number.text.size());
      crop.field = &field;
      comparison.add(both.read(crop), number.text);
    });
  }
  comparison.print(0.01);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "inkfield-printed-numbers: %s\n", error.what());
    return 1;
  }
}
