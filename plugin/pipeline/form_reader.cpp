// The pipeline as a whole: page, form, registration, crops, readers, decision. One direction, no back and forth.
#include "plugin/pipeline/form_reader.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "config/calendar.h"
#include "plugin/pipeline/checkbox_reader.h"
#include "plugin/pipeline/decision.h"
#include "plugin/pipeline/field_cropping.h"
#include "plugin/pipeline/field_format.h"
#include "plugin/pipeline/form_barcode.h"
#include "plugin/pipeline/form_registration.h"
#include "plugin/pipeline/form_rules.h"
#include "plugin/pipeline/known_print.h"
#include "recognizer/decoding/automaton.h"
#include "recognizer/error.h"

namespace inkfield::pipeline {

using config::Field;
using page::FieldResult;
using page::FieldState;
using page::GrayImage;
using page::PageResult;
using page::PageState;
using recognizer::Automaton;

namespace {

// Above this the zones may lie on the wrong print; nothing is read then.
constexpr double kMostResidualMm = 1.0;
// A zone drawn generously at the edge of a sheet may stick out of its scan by so much.
constexpr double kSliverMm = 0.7;
// Formats of fields that hosts bring with their crops: so many are kept compiled.
constexpr std::size_t kMostKeptFormats = 16;
constexpr int kExplainPageWidthPx = 1000;
// A check box inked this much, where the form's other marks stay under half of it, was blacked out: somebody changed
// his mind. On a form whose boxes are all filled in, filling is how one marks.
constexpr double kFilledShare = 0.6;
constexpr double kTickedShare = 0.3;

GrayImage negative_of(const GrayImage& darkness) {
  GrayImage picture = darkness;
  for (std::uint8_t& value : picture.pixels) value = static_cast<std::uint8_t>(255 - value);
  return picture;
}

struct CompiledForm {
  CompiledForm(config::FormTemplate the_form, GrayImage the_blank) : form(std::move(the_form)), reference(form, the_blank), blank(std::move(the_blank)) {
    for (const Field& field : form.fields) {
      formats.push_back(has_automaton(field) ? std::optional<Automaton>(compile_format(field)) : std::nullopt);
    }
  }
  config::FormTemplate form;
  FormReference reference;
  GrayImage blank;  // the empty form's picture, or empty
  std::vector<std::optional<Automaton>> formats;  // one per field
};

// Everything in a field that shapes its automaton, as one text.
std::string format_key(const Field& field) {
  const config::FieldFormat& f = field.format;
  std::string key;
  const auto add = [&key](const std::string& part) { key += std::to_string(part.size()) + ":" + part; };
  const auto number = [&add](double value) { add(std::to_string(value)); };
  for (const int value : {static_cast<int>(field.kind), static_cast<int>(field.layout.type), field.layout.count, static_cast<int>(f.type), f.min_length,
                          f.max_length, static_cast<int>(f.date_order), static_cast<int>(f.grouping), static_cast<int>(f.decimal_mark), f.decimals,
                          static_cast<int>(f.decimals_optional), static_cast<int>(f.check_digit)}) {
    key += std::to_string(value) + ",";
  }
  add(f.date_separators);
  add(f.earliest.value_or("-"));
  add(f.latest.value_or("-"));
  for (const std::string& terminator : f.terminators) add(terminator);
  key += f.minimum ? "m" : "-";
  number(f.minimum.value_or(0));
  key += f.maximum ? "m" : "-";
  number(f.maximum.value_or(0));
  add(f.pattern);
  return key;
}

void draw_line(GrayImage& picture, page::Point from, page::Point to) {
  const double length = std::max({1.0, std::fabs(to.x - from.x), std::fabs(to.y - from.y)});
  if (!(length < 1e6)) return;
  const int steps = static_cast<int>(length);
  for (int i = 0; i <= steps; ++i) {
    const double part = static_cast<double>(i) / steps;
    const double x = from.x + (to.x - from.x) * part;
    const double y = from.y + (to.y - from.y) * part;
    if (!(x >= 0 && y >= 0 && x < picture.width_px && y < picture.height_px)) continue;
    std::uint8_t& pixel = picture.row(static_cast<int>(y))[static_cast<int>(x)];
    // Seen on paper and on print.
    pixel = pixel > 127 ? 40 : 230;
  }
}

// The page made smaller, with the form's outline and every field's zone drawn in.
GrayImage picture_of_page(recognizer::ImageView page, const page::Quad& outline,
                          const std::vector<page::Quad>& zones) {
  const int step = std::max(1, page.width_px / kExplainPageWidthPx);
  GrayImage small(std::max(1, page.width_px / step), std::max(1, page.height_px / step));
  for (int y = 0; y < small.height_px; ++y) {
    for (int x = 0; x < small.width_px; ++x) {
      int sum = 0;
      for (int j = 0; j < step; ++j) {
        for (int i = 0; i < step; ++i) sum += page.at(std::min(page.width_px - 1, x * step + i), std::min(page.height_px - 1, y * step + j));
      }
      small.row(y)[x] = static_cast<std::uint8_t>(sum / (step * step));
    }
  }
  const auto draw = [&](const page::Quad& quad) {
    for (std::size_t i = 0; i < 4; ++i) {
      const page::Point from = quad[i];
      const page::Point to = quad[(i + 1) % 4];
      draw_line(small, {from.x / step, from.y / step}, {to.x / step, to.y / step});
    }
  };
  draw(outline);
  for (const page::Quad& zone : zones) draw(zone);
  return small;
}

page::Quad zone_quad(const page::RegisteredForm& registered, const config::RectMm& zone) {
  return registered.source_px_from_mm(page::rectangle(zone.x_mm, zone.y_mm, zone.right_mm(), zone.bottom_mm()));
}

void doubt_blacked_out_boxes(std::vector<FieldResult>& fields, const std::vector<double>& ink_shares) {
  const bool ticks = std::any_of(ink_shares.begin(), ink_shares.end(), [](double share) { return share > kCheckedInkShare && share < kTickedShare; });
  if (!ticks) return;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (ink_shares[i] < kFilledShare || fields[i].state != FieldState::accepted) continue;
    fields[i].state = FieldState::review;
    fields[i].reason = "filled in, where other boxes are ticked: perhaps taken back";
  }
}

// Whether more than a sliver of the zone lies outside the picture: what is not seen must not be taken for empty.
bool lies_outside(const page::Quad& zone, recognizer::ImageView page, double sliver_px) {
  return std::any_of(zone.begin(), zone.end(), [&](const page::Point& corner) {
    return !(corner.x >= -sliver_px && corner.y >= -sliver_px && corner.x <= page.width_px + sliver_px && corner.y <= page.height_px + sliver_px);
  });
}

FieldResult cut_off_field(const Field& field, const page::Quad& quad) {
  FieldResult result;
  result.id = field.id;
  result.kind = field.kind;
  result.source_quad = quad;
  result.reason = "part of the field lies outside the picture";
  return result;
}

bool is_written_by_hand(config::FieldKind kind) {
  using config::FieldKind;
  return kind == FieldKind::handwritten_number || kind == FieldKind::checkbox || kind == FieldKind::checkbox_group || kind == FieldKind::signature;
}

// What a reader gets: the field's patch, for what is written by hand with all that is known of the print around it.
page::FieldCrop written_crop(const page::Page& page, const page::RegisteredForm& registered,
                             const CompiledForm& form, const Field& field) {
  const config::DropOut drop_out = form.form.drop_out;
  // Where print lies under the digits only fine pictures tell one from the other.
  const bool coarse = field.kind == config::FieldKind::handwritten_number && form.blank.empty() &&
                      drop_out == config::DropOut::none;
  page::FieldCrop crop = crop_field(page.pixels(), registered, field,
                                    crop_scale(registered, coarse ? kNumberPxPerMm : kCropPxPerMm));
  if (!is_written_by_hand(field.kind)) return crop;
  crop.known_print = print_in_crop(form.blank, form.form.width_mm, form.form.height_mm, crop);
  const GrayImage& plane = drop_out == config::DropOut::red ? page.red : drop_out == config::DropOut::green ? page.green : page.blue;
  if (drop_out == config::DropOut::none || plane.empty()) return crop;
  crop.with_lines = std::move(crop.gray);
  crop.gray = crop_field(plane, registered, field, crop.px_per_mm).gray;
  return crop;
}

std::string rounded(double value) {
  const int tenths = static_cast<int>(value * 10 + 0.5);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

}  // namespace

struct FormCatalogue::Impl {
  std::shared_ptr<const recognizer::NumberReader> numbers;
  std::function<GrayImage(const std::string&)> load_blank;
  std::vector<std::unique_ptr<const CompiledForm>> forms;
  FormIndex index;  // in the order of `forms`
  std::unordered_map<const Field*, const Automaton*> formats;
};

FormCatalogue::FormCatalogue(std::shared_ptr<const recognizer::NumberReader> numbers, std::function<GrayImage(const std::string&)> load_blank)
    : impl_(std::make_unique<Impl>()) {
  impl_->numbers = std::move(numbers);
  impl_->load_blank = std::move(load_blank);
}

FormCatalogue::~FormCatalogue() = default;

void FormCatalogue::add(config::FormTemplate form) {
  for (const auto& other : impl_->forms) {
    if (other->form.id == form.id) {
      throw Error(ErrorKind::invalid_template, "form id \"" + form.id + "\" is already taken by " + other->form.source + "; give this one another id");
    }
  }
  GrayImage blank;
  if (!form.find_by.blank_image.empty()) {
    try {
      if (!impl_->load_blank) throw Error(ErrorKind::unavailable, "no reader of image files is there");
      blank = impl_->load_blank(form.find_by.blank_image);
    } catch (const Error& error) {
      throw Error(ErrorKind::invalid_template, "form \"" + form.id + "\": blank_image \"" + form.find_by.blank_image + "\": " + error.what());
    }
  }
  auto compiled = std::make_unique<const CompiledForm>(std::move(form), std::move(blank));
  for (std::size_t i = 0; i < compiled->form.fields.size(); ++i) {
    if (compiled->formats[i]) impl_->formats.emplace(&compiled->form.fields[i], &*compiled->formats[i]);
  }
  impl_->index.add(compiled->reference);
  impl_->forms.push_back(std::move(compiled));
}

std::size_t FormCatalogue::size() const { return impl_->forms.size(); }

page::ColourPlanes FormCatalogue::drop_outs() const {
  page::ColourPlanes planes;
  for (const auto& compiled : impl_->forms) {
    planes.red = planes.red || compiled->form.drop_out == config::DropOut::red;
    planes.green = planes.green || compiled->form.drop_out == config::DropOut::green;
    planes.blue = planes.blue || compiled->form.drop_out == config::DropOut::blue;
  }
  return planes;
}

const config::FormTemplate& FormCatalogue::form(std::size_t index) const {
  if (index >= impl_->forms.size()) throw Error(ErrorKind::not_found, "there is no form number " + std::to_string(index));
  return impl_->forms[index]->form;
}

struct FormReader::Impl {
  Impl(std::shared_ptr<const FormCatalogue> the_catalogue, FieldEngines engines, const KindReaders& kinds)
      : catalogue(std::move(the_catalogue)),
        readers(kinds, {catalogue->impl().numbers, [this](const Field& field) { return format_of(field); }, std::move(engines)}) {}

  // Compiled with the template, or here for a host's own field; null if the field has none.
  const Automaton* format_of(const Field& field) {
    const auto& formats = catalogue->impl().formats;
    const auto found = formats.find(&field);
    if (found != formats.end()) return found->second;
    if (!has_automaton(field)) return nullptr;
    std::string key = format_key(field);
    for (auto kept = kept_formats.begin(); kept != kept_formats.end(); ++kept) {
      if (kept->first != key) continue;
      kept_formats.splice(kept_formats.begin(), kept_formats, kept);
      return &kept_formats.front().second;
    }
    kept_formats.emplace_front(std::move(key), compile_format(field));
    if (kept_formats.size() > kMostKeptFormats) kept_formats.pop_back();
    return &kept_formats.front().second;
  }

  // `ink_share` becomes how much of a check box is inked, 0 for other kinds.
  FieldResult read_field(const page::FieldCrop& crop, const page::Quad& source_quad, const ReadRequest& request, double* ink_share = nullptr) {
    const Field& field = *crop.field;
    page::ReadContext context;
    context.checkpoint = request.checkpoint;
    if (request.explain) {
      request.explain(field.id + "/crop", crop.gray);
      if (!crop.with_lines.empty()) request.explain(field.id + "/lines", crop.with_lines);
      if (!crop.known_print.empty()) request.explain(field.id + "/print", negative_of(crop.known_print));
      context.explain = [&](const std::string& step, const GrayImage& picture) { request.explain(field.id + "/" + step, picture); };
    }
    const page::Reading reading = readers.read(crop, context);
    if (ink_share != nullptr) *ink_share = reading.box_ink_share;
    return decide(field, reading, format_of(field), crop.source_from_crop, source_quad);
  }

  // The code printed on the page decides between forms that fit equally well, and speaks against one that fits alone. Rivals are asked where
  // the best one lies: revisions share their print. Returns the id of the form that has the page's print but another code, if no form is left.
  std::string settle_by_barcode(recognizer::ImageView page, const PageEvidence& evidence,
                                const ReadRequest& request, FormMatch& match) {
    if (match.form_index < 0) return "";
    const auto& forms = catalogue->impl().forms;
    page::ReadContext context;
    context.checkpoint = request.checkpoint;
    std::vector<int> asked = {match.form_index};
    asked.insert(asked.end(), match.rivals.begin(), match.rivals.end());
    std::vector<int> agreeing;
    std::vector<int> silent;
    std::string other;
    for (const int index : asked) {
      const config::FormTemplate& form = forms[static_cast<std::size_t>(index)]->form;
      switch (ask_form_barcode(page, match.registered, form, readers, context)) {
        case CodeAnswer::agrees: agreeing.push_back(index); break;
        case CodeAnswer::silent: silent.push_back(index); break;
        case CodeAnswer::contradicts: other = form.id; break;
      }
    }
    const std::vector<int>& left = agreeing.empty() ? silent : agreeing;
    if (left.empty()) return other;
    if (left.size() == asked.size()) return "";
    const int chosen = left.front();
    match = find_form(evidence, {&forms[static_cast<std::size_t>(chosen)]->reference}, request.checkpoint);
    if (match.form_index < 0) return "";
    match.form_index = chosen;
    match.rivals.assign(left.begin() + 1, left.end());
    if (!match.rivals.empty()) {
      match.rival_index = match.rivals.front();
      match.confidence = std::min(match.confidence, 0.5);
    }
    return "";
  }

  std::shared_ptr<const FormCatalogue> catalogue;
  FieldReaders readers;
  std::list<std::pair<std::string, Automaton>> kept_formats;  // the latest first
};

FormReader::FormReader(std::shared_ptr<const FormCatalogue> catalogue, FieldEngines engines, const KindReaders& kinds)
    : impl_(std::make_unique<Impl>(std::move(catalogue), std::move(engines), kinds)) {}

FormReader::~FormReader() = default;

PageResult FormReader::read_page(const page::Page& page, const ReadRequest& request) {
  const auto& forms = impl_->catalogue->impl().forms;
  PageResult result;
  result.correlation_id = request.correlation_id;
  result.model_name = impl_->catalogue->impl().numbers->network().facts().name;

  // What the host asks for is checked before any work.
  RuleSurroundings around_rules;
  around_rules.checkpoint = request.checkpoint;
  if (!request.today.empty()) {
    around_rules.today = config::parse_iso_day(request.today);
    if (!around_rules.today) throw Error(ErrorKind::invalid_argument, "today is given as \"" + request.today.substr(0, 40) + "\"; expected a day that exists, as YYYY-MM-DD");
  }
  std::vector<std::size_t> candidates;
  for (std::size_t i = 0; i < forms.size(); ++i) {
    if (request.form_id.empty() || forms[i]->form.id == request.form_id) candidates.push_back(i);
  }
  if (!request.form_id.empty() && candidates.empty()) {
    throw Error(ErrorKind::not_found, "no form \"" + request.form_id + "\" is loaded");
  }
  for (const std::string& id : request.field_ids) {
    const bool known = std::any_of(candidates.begin(), candidates.end(), [&](std::size_t i) {
      const auto& fields = forms[i]->form.fields;
      return std::any_of(fields.begin(), fields.end(), [&](const Field& field) { return field.id == id; });
    });
    if (!known) {
      throw Error(ErrorKind::not_found, "no field \"" + id + "\" is on " + (request.form_id.empty() ? "any loaded form" : "form \"" + request.form_id + "\""));
    }
  }
  if (page.pixels().empty()) throw Error(ErrorKind::invalid_argument, "the page holds no pixels");
  result.form_quad = page::rectangle(0, 0, page.pixels().width_px, page.pixels().height_px);

  request.checkpoint();
  request.progress(0.0, "page");
  const PageEvidence evidence(page.pixels(), request.checkpoint);
  request.checkpoint();
  if (evidence.blank()) {
    result.state = PageState::blank;
    result.reason = "nothing is on the page";
    request.progress(1.0, "done");
    return result;
  }
  if (candidates.empty()) {
    result.state = PageState::unknown_form;
    result.reason = "no form template is loaded";
    request.progress(1.0, "done");
    return result;
  }
  request.progress(0.15, "form");
  // A host that names the form is believed, and told what speaks against it.
  const bool named = !request.form_id.empty();
  FormMatch match = named ? confirm_form(evidence, impl_->catalogue->impl().index, static_cast<int>(candidates.front()), request.checkpoint)
                          : choose_form(evidence, impl_->catalogue->impl().index, request.checkpoint);
  const std::string other_code = impl_->settle_by_barcode(page.pixels(), evidence, request, match);
  if (!named && !other_code.empty()) {
    result.reason = "the code on the page says that it is not \"" + other_code + "\", whose print it has";
    request.progress(1.0, "done");
    return result;
  }
  request.checkpoint();
  result.form_confidence = match.confidence;
  if (match.form_index >= 0) {
    result.registration_residual_mm = match.registered.residual_mm;
    result.rotation_degrees = match.registered.rotation_degrees;
    result.scale_px_per_mm = match.registered.scale_px_per_mm;
  }
  if (match.contradicted_by >= 0) {
    result.contradiction = "the page looks like \"" + forms[static_cast<std::size_t>(match.contradicted_by)]->form.id + "\", not like \"" + request.form_id + "\"";
  } else if (!other_code.empty()) {
    result.contradiction = "the code on the page is not that of \"" + request.form_id + "\"";
  } else if (match.poor) {
    result.contradiction = "only " + std::to_string(static_cast<int>(100 * match.registered.match + 0.5)) + " % of what \"" + request.form_id + "\" prints was found on the page";
  }
  const auto refuse = [&](PageState state, std::string reason) {
    result.state = state;
    result.reason = std::move(reason);
    if (request.explain) request.explain("page", picture_of_page(page.pixels(), result.form_quad, {}));
    request.progress(1.0, "done");
  };
  if (match.form_index < 0) {
    refuse(PageState::unknown_form, match.reason.empty() ? "the page fits no form template" : match.reason);
    return result;
  }
  const CompiledForm& chosen = *forms[static_cast<std::size_t>(match.form_index)];
  if (match.rival_index >= 0) {
    std::string names = "\"" + chosen.form.id + "\"";
    for (const int rival : match.rivals) names += " and \"" + forms[static_cast<std::size_t>(rival)]->form.id + "\"";
    refuse(PageState::ambiguous_form, "the page fits " + names + " equally well; name the form, or add landmarks that tell them apart");
    return result;
  }
  if (!(match.registered.residual_mm <= kMostResidualMm)) {
    refuse(PageState::unknown_form, "the print of \"" + chosen.form.id + "\" lies " + rounded(match.registered.residual_mm) + " mm away from where the template says (limit " +
                                        rounded(kMostResidualMm) + " mm); nothing is read there");
    return result;
  }
  result.state = PageState::read;
  result.form_id = chosen.form.id;
  result.form_quad = zone_quad(match.registered, {0, 0, chosen.form.width_mm, chosen.form.height_mm});

  std::vector<const Field*> wanted;
  for (const Field& field : chosen.form.fields) {
    const bool asked = request.field_ids.empty() || std::find(request.field_ids.begin(), request.field_ids.end(), field.id) != request.field_ids.end();
    if (asked) wanted.push_back(&field);
  }
  if (request.explain) {
    std::vector<page::Quad> zones;
    for (const Field* field : wanted) zones.push_back(zone_quad(match.registered, field->zone));
    request.explain("page", picture_of_page(page.pixels(), result.form_quad, zones));
  }
  std::vector<double> ink_shares;  // of the check boxes among the fields; 0 for others
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    request.checkpoint();
    request.progress(0.3 + 0.7 * static_cast<double>(i) / static_cast<double>(wanted.size()), "fields");
    const Field& field = *wanted[i];
    const page::RegisteredForm registered = match.registered.at_field(static_cast<std::size_t>(&field - chosen.form.fields.data()));
    const page::Quad quad = zone_quad(registered, field.zone);
    double ink_share = 0;
    const bool cut_off = lies_outside(quad, page.pixels(), kSliverMm * registered.scale_px_per_mm);
    // A code is there whole or is not read at all, and its zone is drawn wide.
    const bool proves_itself = field.kind == config::FieldKind::barcode;
    FieldResult read;
    if (!cut_off || proves_itself) read = impl_->read_field(written_crop(page, registered, chosen, field), quad, request, &ink_share);
    if (cut_off && read.text.empty()) read = cut_off_field(field, quad);
    result.fields.push_back(std::move(read));
    ink_shares.push_back(ink_share);
  }
  doubt_blacked_out_boxes(result.fields, ink_shares);
  request.checkpoint();
  apply_rules(chosen.form, chosen.formats, wanted, around_rules, result);
  request.checkpoint();
  request.progress(1.0, "done");
  return result;
}

PageResult FormReader::read_crop(const page::Page& crop, const Field& field, const ReadRequest& request) {
  if (crop.pixels().empty()) throw Error(ErrorKind::invalid_argument, "the crop holds no pixels");
  PageResult result;
  result.state = PageState::read;
  result.correlation_id = request.correlation_id;
  result.model_name = impl_->catalogue->impl().numbers->network().facts().name;
  result.form_confidence = 1;
  result.form_quad = page::rectangle(0, 0, crop.pixels().width_px, crop.pixels().height_px);
  request.checkpoint();
  request.progress(0.0, "fields");
  const page::FieldCrop whole = whole_crop(crop.pixels(), field);
  result.fields.push_back(impl_->read_field(whole, result.form_quad, request));
  request.progress(1.0, "done");
  return result;
}

}  // namespace inkfield::pipeline
