// inkfield-generate: draws the sample forms, fills them in, scans them badly, and writes down what was on them.
#include <CLI/CLI.hpp>

#include <array>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <stdexcept>

#include "tests/generator/generated_page.h"

namespace {

using namespace inkfield::generator;

struct Arguments {
  std::string out;
  std::string forms = INKFIELD_SAMPLE_FORMS;
  std::string form;
  std::string severity;
  std::string prefix;
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
    const GeneratedPage page = generate_page(form, form_template, kSeverities.at(severity), arguments.dpi, seed);
    std::array<char, 16> number{};
    std::snprintf(number.data(), number.size(), "%03d", i + 1);
    const std::string name =
        arguments.prefix + name_of(form) + "_" + number.data() + "_" + severity + suffix_of(page.scan.file);
    write_picture(page.picture, arguments.out + "/" + name, page.scan.file, page.scan.jpeg_quality);
    for (const FieldValue& value : page.values) {
      const char* kind = value.kind == inkfield::config::FieldKind::checkbox       ? "checkbox"
                         : value.kind == inkfield::config::FieldKind::printed_text ? "printed_text"
                                                                                   : "handwritten_number";
      truth << name << ',' << form_template.id << ',' << value.field_id << ',' << kind << ',' << cell(value.written) << ','
            << cell(value.normalized) << '\n';
    }
  }
  truth.close();
  if (!truth) {
    throw std::runtime_error(arguments.out + "/truth.csv: cannot be written");
  }
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app{"Draws sample forms, filled in by the handwriting synthesizer and scanned; the same seed gives the same files."};
  app.add_option("--out", arguments.out, "folder that the pages and truth.csv are written to")->required();
  app.add_option("--count", arguments.count, "number of pages")->check(CLI::Range(1, 100000))->capture_default_str();
  app.add_option("--seed", arguments.seed, "of everything random")->capture_default_str();
  app.add_option("--form", arguments.form, "only this form")->check(CLI::IsMember({"cheque", "census", "lab"}));
  app.add_option("--severity", arguments.severity, "only this kind of scan; left out: a mixture")
      ->check(CLI::IsMember({"clean", "scan", "bad"}));
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
