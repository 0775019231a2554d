// A template from its text to checked values: the page, how it is found, its fields.
#include "config/template_loader.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <exception>
#include <filesystem>
#include <fstream>
#include <new>
#include <set>
#include <system_error>
#include <utility>

#include "config/fault_list.h"
#include "config/field_loader.h"
#include "config/field_pattern.h"
#include "config/json_document.h"
#include "config/kind_details.h"
#include "config/object_reader.h"
#include "config/rule_loader.h"
#include "config/sha256.h"

namespace inkfield::config {
namespace {

using Word = std::string_view;

constexpr std::array<Word, 10> kTemplateKeys = {"$schema", "inkfield_template", "id",     "name",  "page",
                                                "find_by", "defaults",          "fields", "rules", "drop_out"};
constexpr std::array<Word, 3> kDropOuts = {"red", "green", "blue"};  // DropOut's, from 1
constexpr std::array<Word, 2> kPageKeys = {"width_mm", "height_mm"};
constexpr std::array<Word, 2> kDefaultsKeys = {"allowed_wrong_rate", "required"};
constexpr std::array<Word, 4> kFindByKeys = {"corner_marks", "landmarks", "blank_image", "barcode"};
constexpr std::array<Word, 5> kFormBarcodeKeys = {"zone", "symbologies", "text", "begins_with", "pattern"};
constexpr std::array<Word, 3> kMarkKeys = {"x_mm", "y_mm", "size_mm"};
constexpr std::array<Word, 3> kLandmarkKeys = {"kind", "zone", "text"};
constexpr std::array<Word, 4> kLandmarkKinds = {"line", "rectangle", "block", "text"};

constexpr int kVersion = 1;
constexpr double kMinPageMm = 10;
constexpr double kMaxLineThicknessMm = 1;
// Marks nearer to one line than a mark is wide say nothing of the page's other direction.
constexpr double kMinMarkSpreadMm = 5;

class TemplateReader {
 public:
  TemplateReader(const JsonNode& node, std::string pointer, const std::string& base_folder, const KindTable& kinds,
                 FaultList& faults)
      : in_(node, std::move(pointer), faults), base_folder_(base_folder), faults_(faults) {
    around_fields_.kinds = &kinds;
  }

  FormTemplate read() {
    if (const JsonNode* version = in_.find("inkfield_template");
        version != nullptr && version->type == JsonType::integer && version->integer != kVersion) {
      // Another version's keys are not ours to judge.
      in_.fault_at("inkfield_template", "found version " + version->text +
                                            " of the template language; this program reads version 1");
      return {};
    }
    if (!in_.has("inkfield_template") && in_.has("inkfield_field")) {
      in_.fault(
          "this is the definition of one field, not a template; a template begins with "
          "\"inkfield_template\": 1");
      return {};
    }
    in_.allow_keys(kTemplateKeys, "a template", home_of_key);
    in_.require("inkfield_template", "the version of the template language; write 1");
    in_.require("id", "what results and the command line call this form");
    in_.require("page", "how big the form is, in mm");
    in_.require("find_by", "what is printed on every copy, so that the page can be found again");
    in_.require("fields", "what is to be read");
    in_.integer("inkfield_template", kVersion, kVersion);
    if (const JsonNode* schema = in_.find("$schema"); schema != nullptr && schema->type != JsonType::text) {
      in_.fault_at("$schema", "found " + describe(*schema) + ", expected a text in double quotes");
    }
    read_names();
    if (const JsonNode* page = in_.object("page")) read_page(*page);
    if (const JsonNode* find_by = in_.object("find_by")) read_find_by(*find_by);
    if (const auto colour = in_.choice("drop_out", kDropOuts)) form_.drop_out = static_cast<DropOut>(*colour + 1);
    if (const JsonNode* defaults = in_.object("defaults")) read_defaults(*defaults);
    if (const JsonNode* fields = in_.list("fields", 1, kMaxFields)) {
      const std::size_t faults_before = faults_.size();
      read_fields(*fields);
      if (const JsonNode* rules = in_.list("rules", 0, kMaxRules)) {
        const FieldsAre fields_are = faults_.size() == faults_before ? FieldsAre::good : FieldsAre::at_fault;
        read_rules(*rules, in_.pointer_to("rules"), base_folder_, fields_are, form_, faults_);
      }
    }
    return std::move(form_);
  }

 private:
  void read_names() {
    if (auto id = in_.text("id", 0, kMaxTemplateBytes)) {
      if (!is_id(*id)) in_.fault_at("id", "found " + in_quotes(*id) + ", " + std::string(kIdRule));
      form_.id = std::move(*id);
    }
    form_.name = in_.text("name", 1, 200).value_or(form_.id);
  }

  void read_page(const JsonNode& node) {
    ObjectReader in(node, in_.pointer_to("page"), faults_);
    in.allow_keys(kPageKeys, "a page", home_of_key);
    in.require("width_mm", "how wide the form is");
    in.require("height_mm", "how high the form is");
    form_.width_mm = in.number("width_mm", {kMinPageMm, kMaxLengthMm}).value_or(0);
    form_.height_mm = in.number("height_mm", {kMinPageMm, kMaxLengthMm}).value_or(0);
  }

  void read_defaults(const JsonNode& node) {
    ObjectReader in(node, in_.pointer_to("defaults"), faults_);
    in.allow_keys(kDefaultsKeys, "the defaults", home_of_key);
    around_fields_.allowed_wrong_rate = in.number("allowed_wrong_rate", {0, kMaxAllowedWrongRate, true})
                                            .value_or(around_fields_.allowed_wrong_rate);
    around_fields_.required = in.boolean("required").value_or(around_fields_.required);
  }

  void read_fields(const JsonNode& list) {
    around_fields_.page_width_mm = form_.width_mm;
    around_fields_.page_height_mm = form_.height_mm;
    std::set<std::string> ids;
    for (std::size_t i = 0; i < list.children.size(); ++i) {
      const std::string pointer = json_pointer(in_.pointer_to("fields"), std::to_string(i));
      Field field = read_field(list.children[i], pointer, around_fields_, faults_);
      if (!field.id.empty() && !ids.insert(field.id).second) {
        faults_.add(order_of(list.children[i], "id"), json_pointer(pointer, "id"),
                    in_quotes(field.id) + " is the id of a field above; give each field one of its own");
      }
      form_.fields.push_back(std::move(field));
    }
  }

  static int order_of(const JsonNode& object, Word key) {
    for (const JsonNode& child : object.children) {
      if (child.key == key) return child.order;
    }
    return object.order;
  }

  // --- how the page is found again ---

  void read_find_by(const JsonNode& node) {
    ObjectReader in(node, in_.pointer_to("find_by"), faults_);
    in.allow_keys(kFindByKeys, "find_by", home_of_key);
    if (node.children.empty()) {
      in.fault(
          "it is empty; say by \"corner_marks\", \"landmarks\" or \"blank_image\" how the page is found "
          "again");
    }
    if (const JsonNode* marks = in.list("corner_marks", 3, 4)) read_marks(*marks, in);
    if (const JsonNode* landmarks = in.list("landmarks", 1, 500)) read_landmarks(*landmarks, in);
    read_blank_image(in);
    if (const JsonNode* barcode = in.object("barcode")) {
      read_barcode(*barcode, in.pointer_to("barcode"));
      if (!in.has("corner_marks") && !in.has("landmarks") && !in.has("blank_image")) {
        in.fault("a barcode says which form this is, but not where its fields lie; add \"corner_marks\", \"landmarks\" or \"blank_image\"");
      }
    }
  }

  void read_barcode(const JsonNode& node, const std::string& pointer) {
    ObjectReader in(node, pointer, faults_);
    in.allow_keys(kFormBarcodeKeys, "a form's barcode", home_of_key);
    in.require("zone", "where the code is printed, in mm");
    FormBarcode barcode;
    if (const JsonNode* zone_node = in.object("zone")) {
      if (const auto zone = read_zone(*zone_node, in.pointer_to("zone"), form_.width_mm, form_.height_mm, faults_)) barcode.zone = *zone;
    }
    barcode.symbologies = read_symbologies(in, faults_);
    barcode.text = in.text("text", 1, 1000).value_or("");
    barcode.begins_with = in.text("begins_with", 1, 1000).value_or("");
    barcode.pattern = in.text("pattern", 1, 200).value_or("");
    if (!barcode.pattern.empty()) {
      const PatternShape shape = measure_pattern(barcode.pattern);
      if (!shape.fault.empty()) {
        in.fault_at("pattern", "found " + in_quotes(barcode.pattern) + "; at its character " + std::to_string(shape.fault_at + 1) + ": " + shape.fault);
      }
    }
    const int means = (in.has("text") ? 1 : 0) + (in.has("begins_with") ? 1 : 0) + (in.has("pattern") ? 1 : 0);
    if (means != 1) in.fault("say what this form's code holds by one of \"text\", \"begins_with\" and \"pattern\"");
    form_.find_by.barcode = std::move(barcode);
  }

  void read_marks(const JsonNode& list, ObjectReader& in_find_by) {
    const std::size_t faults_before = faults_.size();
    for (std::size_t i = 0; i < list.children.size(); ++i) {
      const JsonNode& node = list.children[i];
      const std::string here = json_pointer(in_find_by.pointer_to("corner_marks"), std::to_string(i));
      if (node.type != JsonType::object) {
        faults_.add(node.order, here,
                    "found " + describe(node) + ", expected an object {\"x_mm\": .., \"y_mm\": ..}");
        continue;
      }
      ObjectReader in(node, here, faults_);
      in.allow_keys(kMarkKeys, "a corner mark", [](Word) { return std::string(); });
      in.require("x_mm", "how far the mark's centre is from the page's left edge");
      in.require("y_mm", "how far the mark's centre is from the page's upper edge");
      const auto x = in.number("x_mm", {0, kMaxLengthMm});
      const auto y = in.number("y_mm", {0, kMaxLengthMm});
      CornerMark mark;
      mark.size_mm = in.number("size_mm", {1, 50}).value_or(mark.size_mm);
      if (!x || !y) continue;
      mark.center = {*x, *y};
      const double half = mark.size_mm / 2 - kRoundingMm;
      const bool off_page = *x < half || *y < half || (form_.width_mm > 0 && *x > form_.width_mm - half) ||
                            (form_.height_mm > 0 && *y > form_.height_mm - half);
      if (off_page) {
        in.fault("this mark of " + number_text(mark.size_mm) +
                 " mm reaches over the page's edge; x_mm and y_mm are its "
                 "centre, and the whole square must be on the page");
      }
      form_.find_by.corner_marks.push_back(mark);
    }
    if (faults_.size() == faults_before) check_spread(in_find_by);
  }

  // Three points give a page's place only if they span it.
  void check_spread(ObjectReader& in) {
    const std::vector<CornerMark>& marks = form_.find_by.corner_marks;
    std::pair<PointMm, PointMm> farthest;
    double longest = 0;
    for (const CornerMark& a : marks) {
      for (const CornerMark& b : marks) {
        const double distance = std::hypot(a.center.x_mm - b.center.x_mm, a.center.y_mm - b.center.y_mm);
        if (distance > longest) {
          longest = distance;
          farthest = {a.center, b.center};
        }
      }
    }
    double spread = 0;
    if (longest > 0) {
      const double dx = (farthest.second.x_mm - farthest.first.x_mm) / longest;
      const double dy = (farthest.second.y_mm - farthest.first.y_mm) / longest;
      for (const CornerMark& mark : marks) {
        const double x = mark.center.x_mm - farthest.first.x_mm;
        const double y = mark.center.y_mm - farthest.first.y_mm;
        spread = std::max(spread, std::abs(x * dy - y * dx));
      }
    }
    if (spread < kMinMarkSpreadMm) {
      in.fault_at(
          "corner_marks",
          "all marks stand on one line or nearly so; the page can be found by marks only if one stands " +
              number_text(kMinMarkSpreadMm) + " mm or more beside the line through the others");
    }
  }

  void read_landmarks(const JsonNode& list, ObjectReader& in_find_by) {
    for (std::size_t i = 0; i < list.children.size(); ++i) {
      const JsonNode& node = list.children[i];
      const std::string here = json_pointer(in_find_by.pointer_to("landmarks"), std::to_string(i));
      if (node.type != JsonType::object) {
        faults_.add(node.order, here,
                    "found " + describe(node) + ", expected an object {\"kind\": .., \"zone\": ..}");
        continue;
      }
      ObjectReader in(node, here, faults_);
      in.allow_keys(kLandmarkKeys, "a landmark", home_of_key);
      in.require("kind", "what is printed: " + choice_text(kLandmarkKinds));
      in.require("zone", "where it is printed, in mm");
      Landmark landmark;
      const auto kind = in.choice("kind", kLandmarkKinds);
      if (kind) landmark.kind = static_cast<LandmarkKind>(*kind);
      landmark.text = in.text("text", 0, 1000).value_or("");
      std::optional<RectMm> zone;
      if (const JsonNode* zone_node = in.object("zone")) {
        zone = read_zone(*zone_node, in.pointer_to("zone"), form_.width_mm, form_.height_mm, faults_);
      }
      if (!kind || !zone) continue;
      landmark.zone = *zone;
      if (landmark.kind == LandmarkKind::line &&
          std::min(zone->width_mm, zone->height_mm) >= kMaxLineThicknessMm) {
        in.fault_at("zone", "a line is thinner than 1 mm, but this is " + number_text(zone->width_mm) +
                                " by " + number_text(zone->height_mm) +
                                " mm; correct it, or use the kind \"block\" or \"rectangle\"");
      }
      form_.find_by.landmarks.push_back(std::move(landmark));
    }
  }

  void read_blank_image(ObjectReader& in) {
    const auto name = in.text("blank_image", 1, 4096);
    if (!name) return;
    std::filesystem::path path(*name);
    if (path.is_relative()) {
      if (base_folder_.empty()) {
        in.fault_at("blank_image", "found " + in_quotes(*name) +
                                       ", but this template lies in no folder that it could be relative "
                                       "to; give an absolute path, or load the template from a file");
        return;
      }
      path = std::filesystem::path(base_folder_) / path;
    }
    std::error_code error;
    const std::filesystem::path absolute = std::filesystem::absolute(path, error);
    if (!error) path = absolute.lexically_normal();
    if (!std::filesystem::is_regular_file(path, error)) {
      in.fault_at("blank_image",
                  "no file at " + path.string() + "; put the blank form's picture there or correct the path");
      return;
    }
    form_.find_by.blank_image = path.string();
  }

  ObjectReader in_;
  const std::string& base_folder_;
  FaultList& faults_;
  FormTemplate form_;
  FieldSurroundings around_fields_;
};

// What stops a text before it is looked into; "" if nothing does.
std::string unreadable(std::string_view json) {
  if (json.size() > kMaxTemplateBytes) {
    return "the text has " + std::to_string(json.size()) + " bytes, more than the " +
           std::to_string(kMaxTemplateBytes) + " of the biggest template; split it into several files";
  }
  if (json.find_first_not_of(" \t\r\n") == std::string_view::npos)
    return "the text is empty; expected a template in JSON";
  const std::string_view start = json.substr(0, 2);
  if (start == "\xFF\xFE" || start == "\xFE\xFF") return "the text is UTF-16; save it as UTF-8";
  return "";
}

JsonDocument parse(std::string_view json, FaultList& faults) {
  if (std::string reason = unreadable(json); !reason.empty()) {
    faults.add(0, "", std::move(reason));
    return {};
  }
  JsonLimits limits;
  limits.max_nesting = kMaxNesting;
  JsonDocument document = parse_json(json, limits);
  for (const JsonProblem& problem : document.problems) {
    faults.add(problem.order, problem.pointer, problem.message);
  }
  return document;
}

enum class Keep { all_or_none, good_ones };

// Which element of the top-level array a pointer is in.
std::string first_step(const std::string& pointer) { return pointer.substr(0, pointer.find('/', 1)); }

Loaded<FormTemplate> load(std::string_view json, const std::string& source, const std::string& base_folder,
                          Keep keep, const KindTable& kinds = standard_kinds()) {
  FaultList faults;
  Loaded<FormTemplate> loaded;
  const JsonDocument document = parse(json, faults);
  if (!document.complete) return {{}, faults.sorted(source)};

  const bool single = document.root.type != JsonType::list;
  std::set<std::string> spoiled;  // elements in which the parser found a key twice
  for (const JsonProblem& problem : document.problems)
    spoiled.insert(single ? "" : first_step(problem.pointer));
  std::vector<const JsonNode*> nodes;
  if (single) {
    nodes.push_back(&document.root);
  } else {
    for (const JsonNode& child : document.root.children) nodes.push_back(&child);
    if (nodes.empty()) faults.add(0, "", "the list is empty; expected at least one template in it");
  }

  const std::string hash = sha256_hex(json);
  std::set<std::string> ids;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const JsonNode& node = *nodes[i];
    const std::string pointer = single ? "" : json_pointer("", std::to_string(i));
    const std::size_t faults_before = faults.size();
    if (node.type != JsonType::object) {
      faults.add(node.order, pointer, "found " + describe(node) + ", expected a template, an object {...}");
      continue;
    }
    FormTemplate form = TemplateReader(node, pointer, base_folder, kinds, faults).read();
    if (!form.id.empty() && !ids.insert(form.id).second) {
      faults.add(node.order, json_pointer(pointer, "id"),
                 in_quotes(form.id) + " is the id of a template above; give each template one of its own");
    }
    if (faults.size() != faults_before || spoiled.count(pointer) != 0) continue;
    form.source = source;
    form.content_hash = hash;
    loaded.values.push_back(std::move(form));
  }
  loaded.faults = faults.sorted(source);
  if (!loaded.ok() && keep == Keep::all_or_none) loaded.values.clear();
  return loaded;
}

// Nothing but a lack of memory leaves this room as an exception.
template <class T, class Work>
Loaded<T> guarded(const std::string& source, Work work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {
    return {{}, {{source, "", std::string("a fault of the loader itself: ") + error.what()}}};
  }
}

Loaded<FormTemplate> load_file(const std::string& path, Keep keep) {
  const auto refuse = [&](std::string message) {
    return Loaded<FormTemplate>{{}, {{path, "", std::move(message)}}};
  };
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) return refuse("there is no such file");
  if (!std::filesystem::is_regular_file(status))
    return refuse("this is no plain file; expected a template in JSON");
  std::ifstream file(path, std::ios::binary);
  if (!file) return refuse("the file cannot be opened; may this user read it?");
  std::string json;
  // One byte more than may be, so that too big a file is seen without reading all of it.
  std::array<char, 65536> piece{};
  while (json.size() <= kMaxTemplateBytes && file) {
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    json.append(piece.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (file.bad()) return refuse("reading the file failed half way");
  if (json.size() > kMaxTemplateBytes) {
    return refuse("the file has more than " + std::to_string(kMaxTemplateBytes) +
                  " bytes; is it a template at all?");
  }
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  const std::string folder = error ? std::string(".") : absolute.parent_path().string();
  return load(json, path, folder, keep);
}

}  // namespace

Loaded<FormTemplate> load_templates(std::string_view json, const std::string& source,
                                    const std::string& base_folder, const KindTable& kinds) {
  return guarded<FormTemplate>(source, [&] { return load(json, source, base_folder, Keep::all_or_none, kinds); });
}

Loaded<FormTemplate> load_good_templates(std::string_view json, const std::string& source,
                                         const std::string& base_folder) {
  return guarded<FormTemplate>(source, [&] { return load(json, source, base_folder, Keep::good_ones); });
}

Loaded<FormTemplate> load_template_file(const std::string& path) {
  return guarded<FormTemplate>(path, [&] { return load_file(path, Keep::all_or_none); });
}

Loaded<FormTemplate> load_good_template_file(const std::string& path) {
  return guarded<FormTemplate>(path, [&] { return load_file(path, Keep::good_ones); });
}

Loaded<Field> load_field(std::string_view json, const std::string& source, const KindTable& kinds) {
  return guarded<Field>(source, [&]() -> Loaded<Field> {
    FaultList faults;
    Loaded<Field> loaded;
    const JsonDocument document = parse(json, faults);
    if (document.complete) {
      FieldSurroundings surroundings;
      surroundings.alone = true;
      surroundings.kinds = &kinds;
      Field field = read_field(document.root, "", surroundings, faults);
      if (faults.size() == 0) loaded.values.push_back(std::move(field));
    }
    loaded.faults = faults.sorted(source);
    return loaded;
  });
}

}  // namespace inkfield::config
