// The four ways `inkfield read` prints its results. One page at a time, so that a long run shows what it has.
#pragma once

#include <memory>
#include <optional>
#include <ostream>
#include <string>

#include "adapters/hosts/common/page_reading.h"

namespace inkfield::command_line {

class ResultWriter {
 public:
  virtual ~ResultWriter() = default;
  virtual void begin() {}
  virtual void write(const hosts::PageRecord& record) = 0;
  virtual void end() {}
};

/// First line of the CSV form; never changes but by more columns at its end.
inline constexpr const char* kCsvHeader =
    "file,page,page_state,page_reason,form_id,form_confidence,registration_residual_mm,rotation_degrees,"
    "field,kind,state,text,normalized,currency,confidence,threshold,reason,raw_text,changed_by_rule,model";

/// `format` is table, json (one array), jsonl (a line a page) or csv (a line a field; a page without fields has one line with no
/// field, an unreadable page the page_state "error"). The stream must outlive the writer.
std::unique_ptr<ResultWriter> make_writer(const std::string& format, std::ostream& out, bool colour);

}  // namespace inkfield::command_line
