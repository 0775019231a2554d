// inkfield-generate: draws the sample forms, fills them in, scans them badly, and writes down what was on them.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string_view>

#include "config/field_kinds.h"
#include "tests/generator/damaged_page.h"
#include "tests/generator/generated_page.h"
#include "tests/generator/item_sets.h"

namespace {

using namespace inkfield::generator;

struct Arguments {
  std::string out;
  std::string forms = INKFIELD_SAMPLE_FORMS;
  std::string form;
  std::string severity;
  std::string prefix;
  std::string damage;
  int level = 2;
  int count = 60;
  std::uint64_t seed = 1;
  double dpi = 0;
  bool blank = false;
};

/// A cell of a CSV row: quoted when it must be.
std::string cell(const std::string& text) {
  return text.find_first_of(",\"\n") == std::string::npos ? text : '"' + text + '"';
}

const char* suffix_of(FileKind kind) { return kind == FileKind::png ? ".png" : kind == FileKind::jpeg ? ".jpg" : ".tif"; }

/// "faint_ink" from "faint ink".
std::string file_name_of(std::string name) {
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
}

PageDamage damage_of(const Arguments& arguments, std::uint64_t seed) {
  for (const SeverityRow& row : severity_table()) {
    if (file_name_of(row.name) == arguments.damage) {
      return damage_alone(row.damage, arguments.level);
    }
  }
  Random random(seed, "damage", static_cast<std::uint64_t>(arguments.level));
  return damage_together(arguments.level, random);
}

void generate(const Arguments& arguments) {
  require_fonts();
  std::filesystem::create_directories(arguments.out);
  if (arguments.blank) {
    // A template is refused while the picture that it names is missing, and this is where that picture comes from.
    for (const SampleForm form : sample_forms()) {
      std::ofstream(arguments.out + "/" + arguments.prefix + name_of(form) + ".png", std::ios::app);
    }
  }
  std::vector<SampleForm> forms;
  std::map<SampleForm, inkfield::config::FormTemplate> templates;
  for (const SampleForm form : sample_forms()) {
    if (arguments.form.empty() || arguments.form == name_of(form)) {
      forms.push_back(form);
      templates.emplace(form, load_sample_template(form, arguments.forms));
    }
  }
  if (arguments.blank) {
    for (const SampleForm form : forms) {
      write_picture(blank_page(form, templates.at(form), arguments.dpi > 0 ? arguments.dpi : 150),
                    arguments.out + "/" + arguments.prefix + name_of(form) + ".png", FileKind::png);
    }
    return;
  }
  static const std::map<std::string, Severity> kSeverities{{"clean", Severity::clean}, {"scan", Severity::scan}, {"bad", Severity::bad}};
  std::ofstream truth(arguments.out + "/truth.csv");
  truth << "page,form,field,kind,text,normalized\n";
  for (int i = 0; i < arguments.count; ++i) {
    const SampleForm form = forms[static_cast<std::size_t>(i) % forms.size()];
    const inkfield::config::FormTemplate& form_template = templates.at(form);
    // In a mixed batch one page in four is clean, half are office scans, one in four is bad.
    const int round = i / static_cast<int>(forms.size()) % 4;
    std::string severity = arguments.severity;
    if (severity.empty()) {
      severity = round == 0 ? "clean" : round == 3 ? "bad" : "scan";
    }
    const std::uint64_t seed = arguments.seed * 1000003U + static_cast<std::uint64_t>(i);
    GeneratedPage page;
    if (arguments.damage.empty()) {
      page = generate_page(form, form_template, kSeverities.at(severity), arguments.dpi, seed);
    } else {
      DamagedPage damaged = damaged_page(form, form_template, damage_of(arguments, seed), seed);
      page = {std::move(damaged.picture), std::move(damaged.values), {}};
      page.scan.file = damaged.file;
      page.scan.jpeg_quality = damaged.jpeg_quality;
      severity = file_name_of(arguments.damage) + "_" + std::to_string(arguments.level);
    }
    std::array<char, 16> number{};
    std::snprintf(number.data(), number.size(), "%03d", i + 1);
    const std::string name =
        arguments.prefix + name_of(form) + "_" + number.data() + "_" + severity + suffix_of(page.scan.file);
    write_picture(page.picture, arguments.out + "/" + name, page.scan.file, page.scan.jpeg_quality);
    for (const FieldValue& value : page.values) {
      truth << name << ',' << form_template.id << ',' << value.field_id << ',' << inkfield::config::kind_name(value.kind) << ',' << cell(value.written) << ','
            << cell(value.normalized) << '\n';
    }
  }
  truth.close();
  if (!truth) {
    throw std::runtime_error(arguments.out + "/truth.csv: cannot be written");
  }
}

/// `inkfield-generate strings|rejects|heldout`: sets of crops instead of pages.
struct ItemSet {
  const char* name;
  const char* about;
  int count;
  void (*make)(const ItemSetOptions&);
};
constexpr ItemSet kItemSets[] = {
    {"strings", "five digits of one writer of MNIST's test part side by side, three in ten neighbours touching", 5000, make_strings},
    {"rejects", "printed boxes with nothing, letters, scribbles, and held-out digits to weigh against them, so many of each", 1000, make_rejects},
    {"heldout", "lone digits and strings of MNIST's training writers that training never sees, so many of each", 5000, make_held_out}};

int make_items(const ItemSet& set, int argc, char** argv) {
  ItemSetOptions options;
  options.count = set.count;
  std::string data = std::getenv("INKFIELD_DATA") == nullptr ? "" : std::getenv("INKFIELD_DATA");
  std::string out;
  CLI::App app{std::string("Makes labelled crops: ") + set.about + ". Not to be passed on: they are real people's writing."};
  app.add_option("--data", data, "folder of the real data sets; left out: INKFIELD_DATA");
  app.add_option("--out", out, "folder that the pictures and truth.csv are written to")->required();
  app.add_option("--count", options.count, "how many")->check(CLI::Range(1, 1000000))->capture_default_str();
  app.add_option("--seed", options.seed, "of everything random")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  if (data.empty()) {
    std::cerr << "inkfield-generate: name the folder of the data sets with --data or INKFIELD_DATA\n";
    return 2;
  }
  options.data = data;
  options.out = out;
  try {
    set.make(options);
  } catch (const std::exception& fault) {
    std::cerr << "inkfield-generate: " << fault.what() << '\n';
    return 1;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  for (const ItemSet& set : kItemSets) {
    if (argc > 1 && std::string_view(argv[1]) == set.name) {
      return make_items(set, argc - 1, argv + 1);
    }
  }
  Arguments arguments;
  CLI::App app{"Draws sample forms, filled in by the handwriting synthesizer and scanned; the same seed gives the same files.\n"
               "inkfield-generate strings|rejects|heldout makes sets of crops instead; each has its own --help."};
  app.add_option("--out", arguments.out, "folder that the pages and truth.csv are written to")->required();
  app.add_option("--count", arguments.count, "number of pages")->check(CLI::Range(1, 100000))->capture_default_str();
  app.add_option("--seed", arguments.seed, "of everything random")->capture_default_str();
  app.add_option("--form", arguments.form, "only this form")->check(CLI::IsMember({"cheque", "census", "lab"}));
  app.add_option("--severity", arguments.severity, "only this kind of scan; left out: a mixture")
      ->check(CLI::IsMember({"clean", "scan", "bad"}));
  std::vector<std::string> damages{"together"};
  for (const SeverityRow& row : severity_table()) damages.push_back(file_name_of(row.name));
  app.add_option("--damage", arguments.damage, "one kind of damage of the severity table (tests/generator/severity.cpp), or all together, instead of --severity")
      ->check(CLI::IsMember(damages));
  app.add_option("--level", arguments.level, "of --damage: 0 none, 1 office scanner, 2 fax or cheap phone, 3 the worst a clerk would key, 4 ruin")
      ->check(CLI::Range(0, kSeverityCount - 1))->capture_default_str();
  app.add_option("--dpi", arguments.dpi, "of the scan; left out: by kind of scan")->check(CLI::Range(72, 1200));
  app.add_option("--templates", arguments.forms, "folder of the three forms' templates")->capture_default_str();
  app.add_option("--prefix", arguments.prefix, "put before the file names");
  app.add_flag("--blank", arguments.blank, "the empty forms instead, as templates may name them");
  CLI11_PARSE(app, argc, argv);
  try {
    generate(arguments);
  } catch (const std::exception& fault) {
    std::cerr << "inkfield-generate: " << fault.what() << '\n';
    return 1;
  }
  return 0;
}
