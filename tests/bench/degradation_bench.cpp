// inkfield-degradation: how reading fails as scans get worse, for Inkfield and for Tesseract over the same zones.
//
// Pages are the generator's three sample forms, damaged by the severity table (tests/generator/severity.cpp): each kind of damage alone at each
// severity, and all kinds together as a scanner, a fax or a phone does them. They are written to files and read through the plugin as
// a host does. The same pages are written whatever the damage, so severities can be compared.
//
//   inkfield-degradation [--alone N] [--together N] [--tesseract N] [--severities 1,2] [--seed S] [--svg FILE] [--json FILE] [--keep FOLDER]
//                        [--answers FILE]
//
// N pages a kind and severity (3), a severity (24), and of each of those pages that Tesseract reads too (3). The kept folder gets every page
// with a field that was accepted wrong; the answers file a line a field, to see what goes to a person and why.
#include <inkfield/inkfield.hpp>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "adapters/hosts/command_line/proportions.h"
#include "examples/sample_reader/truth_file.h"
#include "tests/bench/degradation_picture.h"
#include "tests/bench/tesseract_zones.h"
#include "tests/generator/damaged_page.h"
#include "tests/generator/form_printing.h"
#include "tests/generator/generated_page.h"

namespace {

namespace fs = std::filesystem;
using namespace inkfield::bench;
using namespace inkfield::generator;
using inkfield::command_line::clopper_pearson;
using inkfield::command_line::share;
namespace config = inkfield::config;

// From so sure on Tesseract's reading counts as accepted. It has no threshold of its own; this one is chosen.
constexpr double kTesseractThreshold = 0.9;

struct Options {
  int alone = 3;
  int together = 24;
  int tesseract = 3;
  std::vector<int> severities;
  std::uint64_t seed = 1;
  std::string svg;
  std::string json;
  std::string keep;
  std::string answers;
  std::string forms = INKFIELD_SAMPLE_FORMS;
};

std::string digits_of(const std::string& text) {
  std::string digits;
  for (const char c : text) {
    if (c >= '0' && c <= '9') digits += c;
  }
  return digits;
}

class Bench {
 public:
  explicit Bench(const Options& options)
      : options_(options), library_(inkfield::Library::load(inkfield::find_library())), engine_(library_, engine_options(options)), session_(engine_) {
    for (const SampleForm form : sample_forms()) templates_.emplace(form, load_sample_template(form, options.forms));
    if (options.tesseract > 0) tesseract_ = std::make_unique<TesseractZones>();
    folder_ = fs::temp_directory_path() / ("inkfield-degradation-" + std::to_string(::getpid()));
    fs::create_directories(folder_);
    if (!options.keep.empty()) fs::create_directories(options.keep);
    if (options.answers.empty()) return;
    answers_.open(options.answers);
    answers_ << "damage,severity,page,field,right,accepted,confidence,threshold,written,text,reason\n";
  }
  ~Bench() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  void read(const PageDamage& damage, int number, int severity, DegradationSeries& series) {
    const SampleForm form = sample_forms()[static_cast<std::size_t>(number) % sample_forms().size()];
    const config::FormTemplate& form_template = templates_.at(form);
    const DamagedPage page = damaged_page(form, form_template, damage, options_.seed * 1000003U + static_cast<std::uint64_t>(number));
    const fs::path file = folder_ / (page.file == FileKind::jpeg ? "page.jpg" : page.file == FileKind::tiff ? "page.tif" : "page.png");
    write_picture(page.picture, file.string(), page.file, page.jpeg_quality);
    inkfield::Document document = engine_.open(file.string());
    const inkfield_image image = document.page(0);
    const inkfield::Result result = session_.read_page(image);
    const inkfield::PageInfo info = result.page();
    const bool known = info.state == INKFIELD_PAGE_READ && info.form_id == form_template.id;
    std::map<std::string, inkfield::Field> read;
    if (known) {
      for (const inkfield::Field& field : result.fields()) read[field.id] = field;
    }
    const auto at = static_cast<std::size_t>(severity);
    std::size_t wrong = 0;
    for (const FieldValue& value : page.values) {
      const auto found = read.find(value.field_id);
      FieldCounts counts;
      counts.fields = 1;
      if (found != read.end()) {
        const inkfield::Field& field = found->second;
        counts.right = field.state != INKFIELD_FIELD_FAILED && same_value(field.normalized.empty() ? field.text : field.normalized, value.normalized) ? 1 : 0;
        counts.accepted = field.state == INKFIELD_FIELD_ACCEPTED || field.state == INKFIELD_FIELD_EMPTY ? 1 : 0;
        counts.accepted_wrong = counts.accepted > counts.right ? 1 : 0;
        if (answers_.is_open()) {
          answers_ << series.name << ',' << severity << ',' << number << ',' << value.field_id << ',' << counts.right << ',' << counts.accepted << ',' << field.confidence << ','
                   << field.threshold << ",\"" << value.written << "\",\"" << field.text << "\",\"" << field.reason << "\"\n";
        }
        if (counts.accepted_wrong > 0) {
          std::printf("wrong: %s, severity %d, page %d, %s: read '%s' (%.4f), written '%s'\n", series.name.c_str(), severity, number, value.field_id.c_str(), field.text.c_str(),
                      field.confidence, value.written.c_str());
        }
      }
      wrong += counts.accepted_wrong;
      series.all[at] += counts;
      if (value.kind != config::FieldKind::checkbox) series.text[at] += counts;
    }
    if (wrong > 0 && !options_.keep.empty()) {
      std::string name = series.name + "_" + std::to_string(severity) + "_" + std::to_string(number) + file.extension().string();
      std::replace(name.begin(), name.end(), ' ', '_');
      fs::copy_file(file, fs::path(options_.keep) / name, fs::copy_options::overwrite_existing);
    }
    if (tesseract_ && number < options_.tesseract) read_with_peer(page, image, form_template, series.peer[at]);
  }

 private:
  static inkfield::EngineOptions engine_options(const Options& options) {
    inkfield::EngineOptions engine;
    engine.template_paths = {options.forms};
    engine.strict = true;
    return engine;
  }

  void read_with_peer(const DamagedPage& page, const inkfield_image& image, const config::FormTemplate& form_template, FieldCounts& counts) {
    const int channels = image.format == INKFIELD_PIXELS_RGB24 ? 3 : 1;
    for (const FieldValue& value : page.values) {
      if (value.kind == config::FieldKind::checkbox) continue;
      const ZoneReading reading = tesseract_->read(static_cast<const std::uint8_t*>(image.pixels), image.width_px, image.height_px, channels, page.px_from_mm,
                                                   field_of(form_template, value.field_id));
      // Marks between the digits are forgiven it.
      const bool right = digits_of(reading.text) == digits_of(value.written);
      const bool accepted = reading.confidence >= kTesseractThreshold;
      counts += {1, right ? 1U : 0U, accepted ? 1U : 0U, accepted && !right ? 1U : 0U};
    }
  }

  Options options_;
  inkfield::Library library_;
  inkfield::Engine engine_;
  inkfield::Session session_;
  std::map<SampleForm, config::FormTemplate> templates_;
  std::unique_ptr<TesseractZones> tesseract_;
  fs::path folder_;
  std::ofstream answers_;
};

void print_series(const DegradationSeries& series, const BySeverity& by_severity, const std::string& reader) {
  for (int severity = 0; severity < kSeverityCount; ++severity) {
    const FieldCounts& counts = by_severity[static_cast<std::size_t>(severity)];
    if (counts.fields == 0) continue;
    const inkfield::command_line::Interval interval = clopper_pearson(counts.accepted_wrong, counts.accepted);
    std::printf("%-14s %-10s %d %7zu %8.2f %9.2f %7zu %6zu   %.3f to %.3f\n", series.name.c_str(), reader.c_str(), severity, counts.fields, 100 * share(counts.right, counts.fields),
                100 * share(counts.accepted, counts.fields), counts.accepted, counts.accepted_wrong, 100 * interval.low, 100 * interval.high);
  }
}

nlohmann::ordered_json json_of(const BySeverity& by_severity) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const FieldCounts& counts : by_severity) {
    rows.push_back({{"fields", counts.fields}, {"right", counts.right}, {"accepted", counts.accepted}, {"accepted_wrong", counts.accepted_wrong}});
  }
  return rows;
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  if (!out) throw std::runtime_error(path + ": cannot be written");
}

int run(const Options& options) {
  require_fonts();
  Bench bench(options);
  std::vector<DegradationSeries> kinds;
  std::vector<DegradationSeries> sums{{"each alone", {}, {}, {}}, {"all together", {}, {}, {}}};
  for (const int severity : options.severities) {
    for (int number = 0; number < options.together; ++number) {
      Random random(options.seed * 1000003U + static_cast<std::uint64_t>(number), "damage", static_cast<std::uint64_t>(severity));
      bench.read(damage_together(severity, random), number, severity, sums[1]);
    }
    std::fprintf(stderr, "severity %d: all together done\n", severity);
  }
  if (options.alone > 0) {
    for (const SeverityRow& row : severity_table()) {
      DegradationSeries series{row.name, {}, {}, {}};
      for (const int severity : options.severities) {
        for (int number = 0; number < options.alone; ++number) bench.read(damage_alone(row.damage, severity), number, severity, series);
        const auto at = static_cast<std::size_t>(severity);
        sums[0].all[at] += series.all[at];
        sums[0].text[at] += series.text[at];
        sums[0].peer[at] += series.peer[at];
      }
      kinds.push_back(series);
      std::fprintf(stderr, "%s done\n", row.name);
    }
  }
  std::printf("\n%-14s %-10s %s %7s %8s %9s %7s %6s   %s\n", "damage", "reader", "severity", "fields", "right %", "accepted %", "number", "wrong", "wrong among accepted, %, 95 % interval");
  for (const DegradationSeries& series : kinds) print_series(series, series.all, "inkfield");
  for (const DegradationSeries& series : sums) {
    print_series(series, series.all, "inkfield");
    print_series(series, series.text, "no boxes");
    print_series(series, series.peer, "tesseract");
  }
  std::printf("\"no boxes\": Inkfield on what Tesseract can read, the fields that are no check boxes. Tesseract: accepted from %.0f %% of its own confidence on,\n"
              "zones laid where they truly are, signs between digits forgiven.\n", 100 * kTesseractThreshold);
  if (!options.svg.empty()) write_file(options.svg, degradation_picture(sums, kinds, "Reading worse and worse scans: three sample forms, seed " + std::to_string(options.seed)));
  if (!options.json.empty()) {
    nlohmann::ordered_json document = {{"seed", options.seed}, {"series", nlohmann::ordered_json::array()}};
    for (const std::vector<DegradationSeries>* list : {&sums, &kinds}) {
      for (const DegradationSeries& series : *list) {
        document["series"].push_back({{"damage", series.name}, {"inkfield", json_of(series.all)}, {"inkfield_text", json_of(series.text)}, {"tesseract", json_of(series.peer)}});
      }
    }
    write_file(options.json, document.dump(1) + "\n");
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"Reads sample forms under every kind of damage at every severity, for Inkfield and for Tesseract over the same zones; prints a table, draws one picture."};
  app.add_option("--alone", options.alone, "pages for each kind of damage and severity")->check(CLI::Range(0, 10000))->capture_default_str();
  app.add_option("--together", options.together, "pages for each severity with all kinds together")->check(CLI::Range(0, 10000))->capture_default_str();
  app.add_option("--tesseract", options.tesseract, "the first so many of those pages are read by Tesseract, too")->check(CLI::Range(0, 10000))->capture_default_str();
  app.add_option("--severities", options.severities, "only these, such as 1,2")->delimiter(',')->check(CLI::Range(0, kSeverityCount - 1));
  app.add_option("--seed", options.seed, "of everything random")->capture_default_str();
  app.add_option("--templates", options.forms, "folder of the three forms' templates")->capture_default_str();
  app.add_option("--svg", options.svg, "the picture");
  app.add_option("--json", options.json, "every count");
  app.add_option("--keep", options.keep, "folder for the pages with a field accepted wrong");
  app.add_option("--answers", options.answers, "CSV, a line a field of pages whose form was known");
  CLI11_PARSE(app, argc, argv);
  if (options.severities.empty()) options.severities = {0, 1, 2, 3, 4};
  try {
    return run(options);
  } catch (const std::exception& fault) {
    std::cerr << "inkfield-degradation: " << fault.what() << '\n';
    return 1;
  }
}
