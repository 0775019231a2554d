// JSON comes from the plugin as it is; table and CSV are made of the typed result.
#include "adapters/hosts/command_line/result_writers.h"

#include <array>
#include <charconv>
#include <stdexcept>
#include <utility>
#include <vector>

#include "adapters/hosts/command_line/csv_file.h"
#include "adapters/hosts/command_line/terminal.h"
#include "adapters/hosts/common/printable.h"

namespace inkfield::command_line {

namespace {

using hosts::PageRecord;
using hosts::printable;

/// Without the locale.
std::string fixed(double value, int decimals) {
  std::array<char, 400> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, decimals);
  return std::string(text.data(), end.ptr);
}

class TableWriter final : public ResultWriter {
 public:
  TableWriter(std::ostream& out, bool colour) : out_(out), colour_(colour) {}

  void write(const PageRecord& record) override {
    if (pages_ > 0) out_ << '\n';
    ++pages_;
    out_ << coloured(printable(record.file), Colour::bold, colour_);
    if (record.pages > 1) out_ << ", page " << record.page << " of " << record.pages;
    out_ << ": ";
    if (!record.result) {
      ++unreadable_;
      out_ << coloured("could not be read", Colour::red, colour_) << ": " << printable(record.error) << '\n';
      return;
    }
    const PageInfo page = record.result->page();
    if (page.state == INKFIELD_PAGE_READ) {
      out_ << coloured(printable(page.form_id), Colour::cyan, colour_) << ", residual "
           << fixed(page.registration_residual_mm, 2) << " mm, turned by " << fixed(page.rotation_degrees, 1) << " degrees, "
           << fixed(page.scale_px_per_mm * 25.4, 0) << " dpi\n";
    } else {
      std::string state = hosts::name_of_page_state(page.state);
      for (char& c : state) c = c == '_' ? ' ' : c;
      out_ << coloured(state, Colour::yellow, colour_);
      if (!page.reason.empty()) out_ << ": " << printable(page.reason);
      out_ << '\n';
      ++not_read_;
    }
    const std::vector<Field> fields = record.result->fields();
    if (fields.empty()) return;
    std::vector<std::vector<TableCell>> rows = {{{"FIELD", Colour::dim},
                                                 {"READ", Colour::dim},
                                                 {"NORMALISED", Colour::dim},
                                                 {"CONFIDENCE", Colour::dim},
                                                 {"DECISION", Colour::dim},
                                                 {"REASON", Colour::dim}}};
    for (const Field& field : fields) {
      Colour colour = Colour::green;
      if (field.state == INKFIELD_FIELD_ACCEPTED) ++accepted_;
      if (field.state == INKFIELD_FIELD_REVIEW) {
        colour = Colour::yellow;
        ++review_;
      }
      if (field.state == INKFIELD_FIELD_EMPTY) {
        colour = Colour::dim;
        ++empty_;
      }
      if (field.state == INKFIELD_FIELD_FAILED) {
        colour = Colour::red;
        ++failed_;
      }
      std::string normalised = printable(field.normalized);
      if (!field.currency.empty() && !normalised.empty()) normalised += ' ' + printable(field.currency);
      rows.push_back({{printable(field.id)},
                      {printable(field.text)},
                      {normalised},
                      {fixed(field.confidence, 4)},
                      {hosts::name_of_field_state(field.state), colour},
                      {printable(field.reason), Colour::dim}});
    }
    write_table(out_, rows, {3}, "  ", colour_);
  }

  void end() override {
    const std::size_t fields = accepted_ + review_ + empty_ + failed_;
    if (pages_ < 2 && fields < 2) return;
    out_ << '\n' << pages_ << (pages_ == 1 ? " page" : " pages");
    if (not_read_ > 0) out_ << " (" << not_read_ << " without a form)";
    if (unreadable_ > 0) out_ << " (" << unreadable_ << " unreadable)";
    out_ << ", " << fields << (fields == 1 ? " field: " : " fields: ")
         << coloured(std::to_string(accepted_) + " accepted", Colour::green, colour_) << ", "
         << coloured(std::to_string(review_) + " for review", Colour::yellow, colour_) << ", " << empty_ << " empty, "
         << failed_ << " failed\n";
  }

 private:
  std::ostream& out_;
  bool colour_;
  std::size_t pages_ = 0, unreadable_ = 0, not_read_ = 0, accepted_ = 0, review_ = 0, empty_ = 0, failed_ = 0;
};

class JsonWriter final : public ResultWriter {
 public:
  JsonWriter(std::ostream& out, bool one_array) : out_(out), one_array_(one_array) {}
  void begin() override {
    if (one_array_) out_ << '[';
  }
  void write(const PageRecord& record) override {
    if (one_array_) out_ << (first_ ? "\n" : ",\n");
    first_ = false;
    out_ << hosts::json_of(record);
    if (!one_array_) out_ << '\n';
  }
  void end() override {
    if (one_array_) out_ << (first_ ? "]\n" : "\n]\n");
  }

 private:
  std::ostream& out_;
  bool one_array_;
  bool first_ = true;
};

class CsvWriter final : public ResultWriter {
 public:
  explicit CsvWriter(std::ostream& out) : out_(out) {}
  void begin() override { out_ << kCsvHeader << '\n'; }
  void write(const PageRecord& record) override {
    const std::string place = csv_text(record.file) + ',' + std::to_string(record.page) + ',';
    if (!record.result) {
      out_ << place << "error," << csv_text(record.error) << std::string(16, ',') << '\n';
      return;
    }
    const PageInfo page = record.result->page();
    const std::string head = place + hosts::name_of_page_state(page.state) + ',' + csv_text(page.reason) + ',' +
                             csv_text(page.form_id) + ',' + fixed(page.form_confidence, 6) + ',' +
                             fixed(page.registration_residual_mm, 4) + ',' + fixed(page.rotation_degrees, 3) + ',';
    const std::string model = csv_text(page.model_name);
    const std::vector<Field> fields = record.result->fields();
    if (fields.empty()) out_ << head << std::string(11, ',') << model << '\n';
    for (const Field& field : fields) {
      out_ << head << csv_text(field.id) << ',' << hosts::name_of_field_kind(field.kind) << ','
           << hosts::name_of_field_state(field.state) << ',' << csv_text(field.text) << ',' << csv_text(field.normalized)
           << ',' << csv_text(field.currency) << ',' << fixed(field.confidence, 6) << ',' << fixed(field.threshold, 6)
           << ',' << csv_text(field.reason) << ',' << csv_text(field.raw_text) << ','
           << (field.changed_by_rule ? "true" : "false") << ',' << model << '\n';
    }
  }

 private:
  std::ostream& out_;
};

}  // namespace

std::unique_ptr<ResultWriter> make_writer(const std::string& format, std::ostream& out, bool colour) {
  if (format == "table") return std::make_unique<TableWriter>(out, colour);
  if (format == "json") return std::make_unique<JsonWriter>(out, true);
  if (format == "jsonl") return std::make_unique<JsonWriter>(out, false);
  if (format == "csv") return std::make_unique<CsvWriter>(out);
  throw std::invalid_argument("no such format: " + format);
}

}  // namespace inkfield::command_line
