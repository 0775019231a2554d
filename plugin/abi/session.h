// What an inkfield_session and an inkfield_result are.
#pragma once

#include <atomic>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "config/form_template.h"
#include "inkfield/inkfield.h"
#include "plugin/abi/engine.h"
#include "plugin/page/page_result.h"
#include "plugin/pipeline/form_reader.h"

struct inkfield_result {
  explicit inkfield_result(inkfield::page::PageResult read);
  const inkfield::page::PageResult page;
  std::vector<std::pair<std::string, std::string>> rule_fields;  // of each rule: ids of its fields, and of the changed ones, as lines
  mutable std::once_flag json_written;
  mutable std::string json;
};

struct inkfield_session {
  explicit inkfield_session(inkfield_engine* of);

  std::unique_ptr<inkfield_result> read_page(const inkfield_image& image,
                                             const inkfield_read_options& options);
  std::unique_ptr<inkfield_result> read_field(const inkfield_image& crop, std::string_view field_json,
                                              const inkfield_read_options& options);

 private:
  template <class Read>
  std::unique_ptr<inkfield_result> run(const char* call, const inkfield_image& image,
                                       const inkfield_read_options& options, Read&& read);
  const inkfield::config::Field& compiled_field(std::string_view json);

  inkfield::abi::EngineReference engine_;
  inkfield::pipeline::FormReader reader_;
  /// Most recently used first; the addresses stay.
  std::list<std::pair<std::string, inkfield::config::Field>> fields_;
  std::atomic_flag busy_ = ATOMIC_FLAG_INIT;
};
