#include "tests/generator/generated_page.h"

#include <fontconfig/fontconfig.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <string_view>

#include "config/template_loader.h"
#include "tests/generator/form_writing.h"

namespace inkfield::generator {
namespace {

struct FontName {
  const char* family;
  const char* package;
};
constexpr std::array<FontName, 6> kFonts{{{"Nimbus Sans", "fonts-urw-base35"},
                                          {"Nimbus Roman", "fonts-urw-base35"},
                                          {"P052", "fonts-urw-base35"},
                                          {"Liberation Sans", "fonts-liberation"},
                                          {"Liberation Mono", "fonts-liberation"},
                                          {"DejaVu Sans", "fonts-dejavu-core"}}};

}  // namespace

GeneratedPage generate_page(SampleForm form, const config::FormTemplate& form_template, Severity severity, double dpi, std::uint64_t seed) {
  GeneratedPage page;
  Random values(seed, "values", 0);
  page.values = random_values(form, form_template, values);
  Random scanner(seed, "scan", 0);
  page.scan = random_scan(severity, dpi, scanner);
  const std::map<std::string, std::string> printed = printed_values(page.values);
  Canvas canvas(form_template.width_mm, form_template.height_mm, page.scan.placement, paper_of(form));
  print_form(form, form_template, printed, canvas);
  write_on_form(form, form_template, page.values, page.scan.faint_pen, seed, canvas);
  page.picture = canvas.picture();
  degrade(page.picture, severity, page.scan, scanner);
  return page;
}

std::map<std::string, std::string> printed_values(const std::vector<FieldValue>& values) {
  std::map<std::string, std::string> printed;
  for (const FieldValue& value : values) {
    if (value.kind == config::FieldKind::printed_text) {
      printed[value.field_id] = value.written;
    }
  }
  return printed;
}

Picture blank_page(SampleForm form, const config::FormTemplate& form_template, double dpi) {
  Placement placement;
  placement.dpi = dpi;
  Canvas canvas(form_template.width_mm, form_template.height_mm, placement, kWhite);
  print_form(form, form_template, {}, canvas);
  Picture picture = canvas.picture();
  to_gray(picture);
  return picture;
}

void require_fonts() {
  for (const FontName& font : kFonts) {
    FcPattern* pattern = FcPatternCreate();
    FcPatternAddString(pattern, FC_FAMILY, reinterpret_cast<const FcChar8*>(font.family));
    FcConfigSubstitute(nullptr, pattern, FcMatchPattern);
    FcDefaultSubstitute(pattern);
    FcResult result = FcResultMatch;
    FcPattern* match = FcFontMatch(nullptr, pattern, &result);
    FcChar8* family = nullptr;
    const bool there = match != nullptr && FcPatternGetString(match, FC_FAMILY, 0, &family) == FcResultMatch &&
                       std::string_view(reinterpret_cast<const char*>(family)) == font.family;
    if (match != nullptr) {
      FcPatternDestroy(match);
    }
    FcPatternDestroy(pattern);
    if (!there) {
      throw std::runtime_error(std::string("the font ") + font.family + " is not installed; it comes with the package " + font.package);
    }
  }
}

config::FormTemplate load_sample_template(SampleForm form, const std::string& folder) {
  const std::string path = folder + "/" + name_of(form) + ".json";
  const config::Loaded<config::FormTemplate> loaded = config::load_template_file(path);
  if (!loaded.ok() || loaded.values.size() != 1) {
    std::string faults = path + ": not one good template";
    for (const config::Fault& fault : loaded.faults) {
      faults += "\n  " + fault.json_pointer + ": " + fault.message;
    }
    throw std::runtime_error(faults);
  }
  return loaded.values.front();
}

}  // namespace inkfield::generator
