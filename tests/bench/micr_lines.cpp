// inkfield-micr-lines: lines of E-13B as five countries' cheques have them, drawn, scanned at severities 0 to
// 3 of the severity table and read from where they truly lie.
//
//   inkfield-micr-lines [--count N] [--seed S] [--severity K]    how many are right, how many accepted at an
//   allowed wrong rate, and wrong among them inkfield-micr-lines --fit [--count N] prints the curve of
//   recognizer/e13b/e13b_line.cpp; fitted with seed 1
//
// Half of the fields are whole lines, half a part of one between two blanks. Printers differ: strokes are
// thinner or fatter than the standard's, gray, characters a little off. On one line in eight somebody wrote;
// one in ten shows figures of another typeface, which nothing may be accepted of.

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "plugin/pipeline/decision.h"
#include "plugin/pipeline/field_cropping.h"
#include "plugin/pipeline/micr_line_reader.h"
#include "recognizer/e13b/e13b_line.h"
#include "recognizer/e13b/e13b_shapes.h"
#include "tests/bench/gray_picture.h"
#include "tests/bench/reading_curve.h"
#include "tests/generator/canvas.h"
#include "tests/generator/damaged_page.h"
#include "tests/generator/generated_page.h"
#include "tests/generator/random.h"
#include "tests/generator/security_print.h"
#include "tests/generator/severity.h"

namespace {

using namespace inkfield;
using generator::Random;

constexpr double kSheetHeightMm = 30;
constexpr double kBaselineMm = 18;
constexpr double kLeftMm = 10;
constexpr std::array kFamilies = {"Nimbus Sans", "Nimbus Roman", "Liberation Mono", "DejaVu Sans"};
// 9 stands for any digit.
constexpr std::array kLayouts = {"U999999U 999999999T 999999U 99", "U99999999U T999999999T 9999999999U",
                                 "T999999999T 99999999U 9999", "U999U T99999D999T 9999D9999999U",
                                 "U999999U 99D9999T 99999999U A9999999999A"};

enum class Printed { e13b, written_over, other_type };

struct Line {
  std::string text;
  Printed printed = Printed::e13b;
};

struct Scanned {
  Line line;
  page::FieldCrop crop;
};

/// A scrawl across the line, as a signature hangs into it.
void write_over(double width_mm, Random& random, generator::Canvas& canvas) {
  std::vector<generator::PenPoint> points;
  const double begin_mm = kLeftMm + random.between(0, width_mm * 0.8);
  const double long_mm = random.between(5, 25);
  const double turn = random.between(0.6, 2.2);
  for (double x = 0; x < long_mm; x += 0.1)
    points.push_back(
        {begin_mm + x, kBaselineMm - 1.5 + 2.4 * std::sin(turn * x) * std::sin(0.3 * x + turn), 0.45});
  canvas.stroke(points);
  canvas.lay_ink({}, random.integer(0, 1 << 30));
}

Scanned scanned_line(std::uint64_t seed, std::uint64_t index, int severity, config::Field& field) {
  Random random(seed, "micr line", index);
  Line line;
  for (const char c : std::string(
           kLayouts.at(static_cast<std::size_t>(random.integer(0, static_cast<int>(kLayouts.size()) - 1))))) {
    line.text += c == '9' ? static_cast<char>('0' + random.integer(0, 9)) : c;
  }
  line.printed = random.chance(0.1)     ? Printed::other_type
                 : random.chance(0.125) ? Printed::written_over
                                        : Printed::e13b;
  generator::PageDamage damage =
      generator::damage_together(severity < 0 ? random.integer(0, 3) : severity, random);
  damage.of(generator::Damage::shift) = 0;  // a strip that is cut off shows nothing
  damage.upside_down = false;
  const double width_mm = static_cast<double>(line.text.size()) * recognizer::kE13bPitchMm;
  const generator::DamagedPage page = generator::damaged_sheet(
      width_mm + 2 * kLeftMm, kSheetHeightMm, generator::kWhite, damage, seed * 1'000'003 + index,
      [&](generator::Canvas& canvas, double ink) {
        const double gray = random.between(0.03, 0.3);
        const generator::Colour colour{gray, gray, gray};
        if (line.printed == Printed::other_type) {
          generator::Font font;
          font.family = kFamilies.at(
              static_cast<std::size_t>(random.integer(0, static_cast<int>(kFamilies.size()) - 1)));
          font.size_pt = random.between(9, 13);
          font.bold = random.chance(0.5);
          for (std::size_t i = 0; i < line.text.size(); ++i) {
            canvas.text(kLeftMm + static_cast<double>(i) * recognizer::kE13bPitchMm, kBaselineMm,
                        line.text.substr(i, 1), font, colour);
          }
        } else {
          generator::MagneticPrint print;
          print.colour = colour;
          print.spread_squares = random.between(-0.15, 0.3);
          print.unevenness_mm = random.between(0, 0.08);
          generator::print_e13b(kLeftMm, kBaselineMm, line.text, print, random, canvas);
        }
        if (line.printed == Printed::written_over && ink > 0) write_over(width_mm, random, canvas);
      });
  field.kind = config::FieldKind::micr_line;
  field.format.type = config::FormatType::text;
  // Half of the fields are a part of the line, between two blanks.
  std::size_t begin = 0;
  std::size_t end = line.text.size();
  if (random.chance(0.5)) {
    begin = static_cast<std::size_t>(random.integer(0, static_cast<int>(line.text.size()) - 1));
    begin = line.text.rfind(' ', begin) == std::string::npos ? 0 : line.text.rfind(' ', begin) + 1;
    end = std::min(line.text.size(), line.text.find(' ', begin));
  }
  line.text = line.text.substr(begin, end - begin);
  const auto cell_mm = [](std::size_t cell) {
    return kLeftMm + static_cast<double>(cell) * recognizer::kE13bPitchMm;
  };
  field.zone = {cell_mm(begin) - 2, kBaselineMm - 4.5, cell_mm(end) - cell_mm(begin) + 3, 6};
  page::RegisteredForm registered;
  registered.source_px_from_mm.m = page.px_from_mm;
  registered.scale_px_per_mm = damage.of(generator::Damage::dpi) / 25.4;
  return {line, pipeline::crop_field(bench::gray_of(page.picture), registered, field)};
}

void fit(int count, std::uint64_t seed, int severity) {
  std::vector<bench::CurvePoint> points;
  for (int i = 0; i < count; ++i) {
    config::Field field;
    const Scanned scanned = scanned_line(seed, static_cast<std::uint64_t>(i), severity, field);
    const auto line = pipeline::read_micr_characters(scanned.crop, {});
    const std::string text = recognizer::e13b_text(line);
    double least = 1;
    for (const recognizer::E13bCharacter& character : line) least = std::min(least, character.certainty);
    if (text.find(recognizer::kE13bUnknown) != std::string::npos) continue;  // never a candidate
    points.push_back({100 * least, scanned.line.printed != Printed::other_type && text == scanned.line.text});
  }
  std::printf("// inkfield-micr-lines --fit --count %d\n", count);
  bench::print_curve("kCurve", {0, 45, 50, 52, 54, 56, 58, 60, 62, 65, 70, 75, 80}, points);
}

int run(int argc, char** argv) {
  int count = 2000;
  std::uint64_t seed = 2;
  int severity = -1;
  bool only_fit = false;
  bool show = false;
  CLI::App app("Lines of E-13B, drawn, scanned and read");
  app.add_option("--count", count, "how many")->check(CLI::Range(1, 1'000'000))->capture_default_str();
  app.add_option("--seed", seed, "of everything random")->capture_default_str();
  app.add_option("--severity", severity, "0 to 3; all of them if left out")->check(CLI::Range(0, 3));
  app.add_flag("--fit", only_fit, "print the numbers of the probability, with seed 1");
  app.add_flag("--show", show, "a line for each that is not right");
  CLI11_PARSE(app, argc, argv);
  generator::require_fonts();
  if (only_fit) {
    fit(count, 1, severity);
    return 0;
  }
  pipeline::MicrLineReader reader([](const config::Field&) { return nullptr; });
  struct Count {
    int lines = 0;
    int right = 0;
    std::array<int, 3> accepted{};
    std::array<int, 3> wrong{};
  };
  constexpr std::array kRates = {0.001, 0.01, 0.05};
  std::array<Count, 3> counts;
  for (int i = 0; i < count; ++i) {
    config::Field field;
    const Scanned scanned = scanned_line(seed, static_cast<std::uint64_t>(i), severity, field);
    const page::Reading reading = reader.read(scanned.crop, {});
    const bool there = !reading.candidates.empty() && reading.empty_probability < pipeline::kPerhapsEmpty;
    const bool right = scanned.line.printed != Printed::other_type && there &&
                       reading.candidates.front().text == scanned.line.text;
    Count& all = counts.at(static_cast<std::size_t>(scanned.line.printed));
    ++all.lines;
    all.right += right ? 1 : 0;
    for (std::size_t k = 0; k < kRates.size(); ++k) {
      const bool accepted = there && reading.confidence >= 1 - kRates[k];
      all.accepted[k] += accepted ? 1 : 0;
      all.wrong[k] += accepted && !right ? 1 : 0;
    }
    if (show && !right && scanned.line.printed != Printed::other_type) {
      std::printf("%d: %s read %s, confidence %.4f\n", i, scanned.line.text.c_str(), reading.raw_text.c_str(),
                  reading.confidence);
    }
  }
  for (const auto& [name, printed] : {std::pair{"clear lines", Printed::e13b},
                                      {"written over", Printed::written_over},
                                      {"other typefaces", Printed::other_type}}) {
    const Count& c = counts.at(static_cast<std::size_t>(printed));
    std::printf("%s: %d, right %d;", name, c.lines, c.right);
    for (std::size_t k = 0; k < kRates.size(); ++k)
      std::printf(" accepted at %g %%: %d, wrong %d;", 100 * kRates[k], c.accepted[k], c.wrong[k]);
    std::printf("\n");
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "inkfield-micr-lines: %s\n", error.what());
    return 1;
  }
}
