// Page in, result out: the pipeline as the C ABI calls it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/form_template.h"
#include "plugin/page/field_reader.h"
#include "plugin/page/page_result.h"
#include "plugin/page/raster.h"
#include "plugin/pipeline/field_kinds.h"
#include "recognizer/decoding/number_reader.h"

namespace inkfield::pipeline {

/// The templates and the network, compiled once and shared by all sessions. Immutable.
class FormCatalogue {
 public:
  /// Adds nothing it cannot use: throws Error(invalid_template) for a template whose format or reference fails.
  /// `load_blank` decodes a blank image (a path) to gray.
  FormCatalogue(std::shared_ptr<const recognizer::NumberReader> numbers, std::function<page::GrayImage(const std::string&)> load_blank);
  ~FormCatalogue();
  void add(config::FormTemplate form);  ///< before the first read only
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] page::ColourPlanes drop_outs() const;  ///< the channels in which some form's own print vanishes
  [[nodiscard]] const config::FormTemplate& form(std::size_t index) const;
  struct Impl;
  [[nodiscard]] const Impl& impl() const { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

struct ReadRequest {
  std::string form_id;                 ///< "" to choose
  std::vector<std::string> field_ids;  ///< empty for all; an unknown id is Error(not_found)
  std::string correlation_id;
  std::string today;                   ///< YYYY-MM-DD for rules that need it; "": they are not applied. No day: Error(invalid_argument)
  std::function<void()> checkpoint = [] {};                                     ///< throws to stop
  std::function<void(double fraction, const char* stage)> progress = [](double, const char*) {};
  /// Takes pictures by name ("page", "date/crop", "date/ink", ...); empty when nobody wants them.
  std::function<void(const std::string& name, const page::GrayImage& picture)> explain;
};

/// One a session.
class FormReader {
 public:
  /// `engines` read what needs a library of others; `kinds` says which class reads which kind of field.
  FormReader(std::shared_ptr<const FormCatalogue> catalogue, FieldEngines engines, const KindReaders& kinds = standard_kind_readers());
  ~FormReader();
  page::PageResult read_page(const page::Page& page, const ReadRequest& request);
  /// A crop that the host cut, and the definition of its one field.
  page::PageResult read_crop(const page::Page& crop, const config::Field& field, const ReadRequest& request);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace inkfield::pipeline
