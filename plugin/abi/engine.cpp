// Builds an engine out of the host's options.
#include "plugin/abi/engine.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "adapters/engines/leptonica/image_files.h"
#include "plugin/abi/boundary.h"
#include "plugin/abi/model_location.h"
#include "plugin/abi/pixel_conversion.h"
#include "recognizer/engine/network.h"

namespace {

namespace fs = std::filesystem;
using inkfield::Error;
using inkfield::ErrorKind;
using inkfield::abi::or_empty;
using inkfield::config::Fault;
using inkfield::config::FieldKind;
using inkfield::config::FormTemplate;
using inkfield::config::Loaded;

inkfield::recognizer::Precision precision_of(const inkfield_engine_options& options) {
  using inkfield::recognizer::Precision;
  switch (options.precision) {
    case 0:
      return Precision::fastest;
    case INKFIELD_PRECISION_FLOAT32:
      return Precision::float32;
    case INKFIELD_PRECISION_INT8:
      return Precision::int8;
    default:
      throw Error(ErrorKind::invalid_argument, "options.precision is " + std::to_string(options.precision) +
                                                   "; there are 0 (the default), " +
                                                   std::to_string(INKFIELD_PRECISION_FLOAT32) + " (float32) and " +
                                                   std::to_string(INKFIELD_PRECISION_INT8) + " (int8)");
  }
}

inkfield::recognizer::Network load_network(const inkfield_engine_options& options) {
  using inkfield::recognizer::kMaxModelBytes;
  using inkfield::recognizer::Network;
  const inkfield::recognizer::NetworkOptions how{.precision = precision_of(options)};
  if (options.model_bytes != nullptr) {
    if (options.model_bytes_count > kMaxModelBytes) {
      throw Error(ErrorKind::limit_exceeded,
                  "the model in memory is over " + std::to_string(kMaxModelBytes) + " bytes");
    }
    return Network::from_onnx({static_cast<const std::uint8_t*>(options.model_bytes),
                               static_cast<std::size_t>(options.model_bytes_count)},
                              how);
  }
  return Network::from_file(
      inkfield::abi::find_model(or_empty(options.model_path), or_empty(options.model_folder)), how);
}

/// One path a line; a folder stands for its *.json, sorted, hidden files left out.
std::vector<std::string> template_files(const char* lines) {
  std::vector<std::string> files;
  const std::string text = or_empty(lines);
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    if (line.empty()) continue;
    std::error_code failed;
    const fs::file_status status = fs::status(line, failed);
    if (!fs::exists(status))
      throw Error(ErrorKind::not_found, line + ": there is no such template file or folder");
    if (!fs::is_directory(status)) {
      files.push_back(line);
      continue;
    }
    std::vector<std::string> inside;
    fs::directory_iterator entries(line, failed);
    if (failed) throw Error(ErrorKind::io_error, line + ": the folder cannot be read: " + failed.message());
    for (const fs::directory_entry& entry : entries) {
      const std::string name = entry.path().filename().string();
      if (name.ends_with(".json") && name.front() != '.') inside.push_back(entry.path().string());
    }
    std::sort(inside.begin(), inside.end());
    files.insert(files.end(), inside.begin(), inside.end());
  }
  return files;
}

/// Why fields of a kind cannot be read with what is installed; "" if they can.
std::string missing_engine(const inkfield_engine& engine, FieldKind kind) {
  if (kind == FieldKind::barcode) {
    try {
      inkfield::zxing::check_module(engine.barcode_module);
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  }
  const bool printed = kind == FieldKind::printed_text || kind == FieldKind::printed_number;
  return printed ? engine.printed_text_missing : "";
}

std::string describe(const Fault& fault) {
  return fault.source + (fault.json_pointer.empty() ? "" : " at " + fault.json_pointer) + ": " +
         fault.message;
}

}  // namespace

inkfield_engine::inkfield_engine(const inkfield_engine_options& options) : log(options) {
  if (options.max_page_pixels < 0)
    throw Error(ErrorKind::invalid_argument, "options.max_page_pixels is negative");
  if (options.max_page_pixels > 0) max_page_pixels = options.max_page_pixels;
  if (options.keep_third_party_messages == 0) inkfield::leptonica::quiet_messages();

  printed_text.keep_messages = options.keep_third_party_messages != 0;
  printed_text.languages =
      options.languages == nullptr || *options.languages == '\0' ? "eng" : options.languages;
  try {
    printed_text.tessdata_folder =
        inkfield::tesseract::find_tessdata(or_empty(options.tessdata_folder), printed_text.languages);
  } catch (const Error& e) {
    if (e.kind() != ErrorKind::unavailable) throw;
    printed_text_missing = e.what();
  }

  load_templates(options);
  for (const FieldKind kind : kinds) {
    if (const std::string missing = missing_engine(*this, kind); !missing.empty()) log(INKFIELD_LOG_WARNING, missing);
  }
}

void inkfield_engine::load_templates(const inkfield_engine_options& options) {
  auto numbers = std::make_shared<const inkfield::recognizer::NumberReader>(
      std::make_shared<const inkfield::recognizer::Network>(load_network(options)));
  auto forms = std::make_shared<inkfield::pipeline::FormCatalogue>(
      std::move(numbers), [limit = max_page_pixels](const std::string& path) {
        return inkfield::abi::gray_of(inkfield::leptonica::open_image_file(path)->decode(0, limit));
      });
  for (const std::string& file : template_files(options.template_paths))
    take(inkfield::config::load_good_template_file(file), *forms);
  if (options.templates_json != nullptr) {
    const std::string_view json =
        inkfield::abi::text_view(options.templates_json, options.templates_json_bytes);
    take(inkfield::config::load_good_templates(json, "memory", ""), *forms);
  }
  if (options.strict != 0 && !faults.empty()) {
    std::string all;
    for (const Fault& fault : faults) {
      if (!all.empty()) all += '\n';
      all += describe(fault);
    }
    throw Error(ErrorKind::invalid_template, all);
  }
  for (const Fault& fault : faults) log(INKFIELD_LOG_WARNING, "template left out: " + describe(fault));
  catalogue = std::move(forms);
}

void inkfield_engine::take(Loaded<FormTemplate> loaded, inkfield::pipeline::FormCatalogue& into) {
  faults.insert(faults.end(), std::make_move_iterator(loaded.faults.begin()),
                std::make_move_iterator(loaded.faults.end()));
  for (FormTemplate& form : loaded.values) {
    for (std::size_t i = 0; i < into.size(); ++i) {
      if (into.form(i).id != form.id) continue;
      faults.push_back({form.source, "/id",
                        "the form id \"" + form.id + "\" is taken by " + into.form(i).source +
                            "; every loaded template needs its own"});
      form.id.clear();
      break;
    }
    if (form.id.empty()) continue;
    const std::string source = form.source;
    std::set<FieldKind> of_form;
    for (const inkfield::config::Field& field : form.fields) of_form.insert(field.kind);
    if (form.find_by.barcode) of_form.insert(FieldKind::barcode);
    try {
      into.add(std::move(form));
      kinds.merge(of_form);
    } catch (const Error& e) {  // a blank image that is missing or damaged, a format that cannot be met
      faults.push_back({source, "", e.what()});
    }
  }
}

void inkfield_engine::require_engine_of(FieldKind kind) const {
  if (const std::string missing = missing_engine(*this, kind); !missing.empty()) throw Error(ErrorKind::unavailable, missing);
}

inkfield::pipeline::FieldEngines inkfield_engine::field_engines() const {
  for (const FieldKind kind : kinds) require_engine_of(kind);
  inkfield::pipeline::FieldEngines engines;
  if (printed_text_missing.empty()) {
    engines.printed_text = [settings = printed_text] { return inkfield::tesseract::make_printed_text_reader(settings); };
  }
  // Opened when the first barcode is read; sessions without any never load it.
  engines.barcode = [module = barcode_module] { return inkfield::zxing::make_barcode_reader(module); };
  return engines;
}
