// JSON keys only grow in number: other programs read them.
#include "adapters/hosts/command_line/evaluation_report.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "adapters/hosts/command_line/csv_file.h"
#include "adapters/hosts/command_line/proportions.h"
#include "adapters/hosts/command_line/terminal.h"
#include "adapters/hosts/common/printable.h"

namespace inkfield::command_line {

namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Interval& interval) { return Json::array({interval.low, interval.high}); }

Json json_of(const Reliability& reliability) {
  Json json;
  json["expected_error"] = reliability.expected_error;
  json["log_loss"] = reliability.log_loss;
  json["brier"] = reliability.brier;
  json["bins"] = Json::array();
  for (const ReliabilityBin& bin : reliability.bins) {
    json["bins"].push_back({{"confidence", bin.confidence},
                            {"items", bin.items},
                            {"right", bin.right},
                            {"right_rate_interval", json_of(bin.interval)}});
  }
  return json;
}

void add_counts(Json& json, const Evaluation& sum) {
  json["right"] = sum.right;
  json["right_rate"] = sum.right_rate;
  json["error_rate"] = sum.error_rate;
  json["digit_right_rate"] = sum.digit_right_rate;
}

void add_intervals(Json& json, const Evaluation& sum) {
  json["right_rate_interval"] = json_of(clopper_pearson(sum.right, sum.rated_items));
  json["error_rate_interval"] = json_of(clopper_pearson(sum.rated_items - sum.right, sum.rated_items));
  json["accepted_rate"] = share(sum.accepted, sum.items);
  json["accepted_rate_interval"] = json_of(clopper_pearson(sum.accepted, sum.items));
  json["wrong_accepted_rate"] = share(sum.wrong_accepted, sum.accepted);
  json["wrong_accepted_rate_interval"] = json_of(clopper_pearson(sum.wrong_accepted, sum.accepted));
}

void add_read_rates(Json& json, const Evaluation& sum) {
  json["read_rate_at"] = Json::array();
  for (const ReadRate& rate : sum.read_rate_at) {
    json["read_rate_at"].push_back({{"wrong_rate", rate.wrong_rate},
                                    {"read_rate", rate.read_rate},
                                    {"accepted", rate.at.accepted},
                                    {"wrong", rate.at.wrong},
                                    {"confidence", rate.at.confidence},
                                    {"read_rate_interval", json_of(clopper_pearson(rate.at.accepted, sum.rated_items))},
                                    {"wrong_rate_interval", json_of(clopper_pearson(rate.at.wrong, rate.at.accepted))}});
  }
}

std::string between(std::size_t part, std::size_t whole, int decimals = 2) {
  const Interval interval = clopper_pearson(part, whole);
  return fixed(interval.low * 100, decimals) + " to " + percent(interval.high, decimals);
}

std::string of(std::size_t part, std::size_t whole) { return std::to_string(part) + " of " + std::to_string(whole); }

}  // namespace

std::string own_threshold(const EvaluationReport& report) {
  return report.threshold > 0 ? "at the field's own threshold " + fixed(report.threshold, 4) : "at the threshold of each run";
}

std::string fixed(double value, int decimals) {
  std::array<char, 400> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, decimals);
  return std::string(text.data(), end.ptr);
}

std::string percent(double share, int decimals) { return fixed(share * 100, decimals) + " %"; }

void write_json(const EvaluationReport& report, std::ostream& out) {
  const Evaluation& sum = report.sum;
  Json json;
  json["field"] = report.field;
  json["model"] = report.model;
  json["items"] = sum.items;
  json["rated_items"] = sum.rated_items;
  json["unknowable_items"] = sum.unknowable_items;
  json["unknowable_accepted"] = sum.unknowable_accepted;
  json["unreadable_items"] = report.unreadable;
  add_counts(json, sum);
  if (report.threshold > 0) json["threshold"] = report.threshold;
  json["accepted"] = sum.accepted;
  json["wrong_accepted"] = sum.wrong_accepted;
  add_read_rates(json, sum);
  json["ms_per_item"] = report.ms_per_item;
  json["misread"] = Json::array();
  for (const Misread& misread : sum.misread) {
    json["misread"].push_back({{"item", misread.item},
                               {"truth", misread.truth},
                               {"reading", misread.reading},
                               {"confidence", misread.confidence},
                               {"accepted", misread.accepted}});
  }
  add_intervals(json, sum);
  json["no_number_items"] = sum.no_number_items;
  json["no_number_accepted"] = sum.no_number_accepted;
  json["no_number_accepted_interval"] = json_of(clopper_pearson(sum.no_number_accepted, sum.no_number_items));
  json["no_number_empty"] = sum.no_number_empty;
  json["reject_rate_at_1_percent"] = sum.reject_rate_at_1_percent;
  json["calibration"] = json_of(sum.calibrated);
  json["uncalibrated"] = json_of(sum.uncalibrated);
  if (report.as_labelled) {
    const Evaluation& labelled = *report.as_labelled;
    json["mended_items"] = report.mended;
    Json& before = json["as_labelled"];
    add_counts(before, labelled);
    before["accepted"] = labelled.accepted;
    before["wrong_accepted"] = labelled.wrong_accepted;
    add_read_rates(before, labelled);
    add_intervals(before, labelled);
    before["reject_rate_at_1_percent"] = labelled.reject_rate_at_1_percent;
  }
  out << json.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

void write_table(const EvaluationReport& report, std::ostream& out, bool colour) {
  const Evaluation& sum = report.sum;
  const Evaluation* labelled = report.as_labelled ? &*report.as_labelled : nullptr;
  std::vector<std::vector<TableCell>> rows;
  const auto row = [&](std::string name, std::string value, std::string interval, std::string remark,
                       Colour shade = Colour::none) {
    rows.push_back({{std::move(name), Colour::dim},
                    {std::move(value), shade},
                    {std::move(interval)},
                    {std::move(remark), Colour::dim}});
  };
  const auto beside = [&](const std::string& remark, const std::string& as_labelled) {
    return labelled == nullptr ? remark : remark + "; as labelled " + as_labelled;
  };
  row("field", hosts::printable(std::filesystem::path(report.field).filename().string()), "", "");
  row("model", hosts::printable(report.model), "", "");
  row("items", std::to_string(sum.items), "",
      sum.unknowable_items == 0 ? ""
                                : std::to_string(sum.unknowable_items) +
                                      " with ? in the truth, outside the rates; accepted of them: " +
                                      std::to_string(sum.unknowable_accepted));
  if (report.unreadable > 0) row("unreadable", std::to_string(report.unreadable), "", "counted as wrong", Colour::red);
  if (labelled != nullptr) row("labels mended", std::to_string(report.mended), "", "every figure is against the mended labels");
  row("right", percent(sum.right_rate), between(sum.right, sum.rated_items),
      beside(of(sum.right, sum.rated_items) + " first readings, nothing rejected",
             labelled == nullptr ? "" : percent(labelled->right_rate) + " (" + std::to_string(labelled->right) + ")"));
  row("wrong", percent(sum.error_rate), between(sum.rated_items - sum.right, sum.rated_items), "");
  row("digits right", percent(sum.digit_right_rate), "", "");
  row("accepted", percent(share(sum.accepted, sum.items)), between(sum.accepted, sum.items),
      std::to_string(sum.accepted) + " items " + own_threshold(report));
  row("wrong of accepted", percent(share(sum.wrong_accepted, sum.accepted)), between(sum.wrong_accepted, sum.accepted),
      beside(std::to_string(sum.wrong_accepted) + " items",
             labelled == nullptr ? "" : std::to_string(labelled->wrong_accepted)),
      sum.wrong_accepted > 0 ? Colour::red : Colour::green);
  if (sum.no_number_items > 0) {
    row("invented numbers", percent(share(sum.no_number_accepted, sum.no_number_items)),
        between(sum.no_number_accepted, sum.no_number_items),
        "accepted with digits: " + of(sum.no_number_accepted, sum.no_number_items) +
            " that hold none; answered as empty: " + std::to_string(sum.no_number_empty),
        sum.no_number_accepted > 0 ? Colour::red : Colour::green);
  }
  for (std::size_t i = 0; i < sum.read_rate_at.size(); ++i) {
    const ReadRate& rate = sum.read_rate_at[i];
    row("at " + percent(rate.wrong_rate, 1) + " wrong", percent(rate.read_rate), between(rate.at.accepted, sum.rated_items),
        beside("could be accepted, picked afterwards: " + of(rate.at.wrong, rate.at.accepted) + " wrong",
               labelled == nullptr ? "" : percent(labelled->read_rate_at[i].read_rate)));
  }
  row("rejects at 1 %", percent(sum.reject_rate_at_1_percent), "", "to leave to people for 1 % wrong among the others");
  row("calibration error", percent(sum.calibrated.expected_error), "",
      "over " + std::to_string(sum.calibrated.bins.size()) + " bins of equal size; uncalibrated " +
          percent(sum.uncalibrated.expected_error));
  row("log loss", fixed(sum.calibrated.log_loss, 5), "", "uncalibrated " + fixed(sum.uncalibrated.log_loss, 5));
  row("Brier score", fixed(sum.calibrated.brier, 5), "", "uncalibrated " + fixed(sum.uncalibrated.brier, 5));
  row("time an item", fixed(report.ms_per_item, 3) + " ms", "", "");
  rows.insert(rows.begin(), {{{}, {}, {"95 % INTERVAL", Colour::dim}, {}}});
  write_table(out, rows, {}, "", colour);
  if (sum.misread.empty()) return;
  constexpr std::size_t kShown = 40;
  out << '\n';
  rows = {{{"MISREAD", Colour::dim}, {"TRUTH", Colour::dim}, {"READING", Colour::dim}, {"CONFIDENCE", Colour::dim}, {}}};
  for (std::size_t i = 0; i < std::min(kShown, sum.misread.size()); ++i) {
    const Misread& misread = sum.misread[i];
    rows.push_back({{hosts::printable(misread.item)},
                    {hosts::printable(misread.truth)},
                    {hosts::printable(misread.reading)},
                    {fixed(misread.confidence, 4)},
                    {misread.accepted ? "accepted" : "", Colour::red}});
  }
  write_table(out, rows, {3}, "", colour);
  if (sum.misread.size() > kShown) {
    out << "and " << sum.misread.size() - kShown << " more: --errors FILE.csv lists every one\n";
  }
}

void write_answers(const std::vector<EvaluatedItem>& items, std::ostream& out) {
  out << "item,truth,answer,confidence,accepted,uncalibrated\n";
  for (const EvaluatedItem& item : items) {
    out << csv_text(item.item) << ',' << csv_text(item.truth) << ',' << csv_text(item.reading) << ','
        << fixed(item.confidence, 9) << ',' << (item.accepted ? 1 : 0) << ',' << fixed(item.uncalibrated, 9) << '\n';
  }
}

std::vector<EvaluatedItem> read_answers(const std::string& file) {
  const CsvTable table = read_csv(file);
  const std::size_t columns[] = {table.column("item"),       table.column("truth"),    table.column("answer"),
                                 table.column("confidence"), table.column("accepted"), table.column("uncalibrated")};
  const auto number = [&](const CsvRow& row, std::size_t column) {
    const std::string& cell = row.cells[column];
    double value = 0;
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    if (error != std::errc() || end != cell.data() + cell.size() || !(value >= 0 && value <= 1)) {
      throw DataError(file + ": line " + std::to_string(row.line) + ": \"" + hosts::printable(cell) + "\" is no probability");
    }
    return value;
  };
  std::vector<EvaluatedItem> items;
  for (const CsvRow& row : table.rows) {
    items.push_back({row.cells[columns[0]], row.cells[columns[1]], row.cells[columns[2]], number(row, columns[3]),
                     row.cells[columns[4]] == "1", number(row, columns[5])});
  }
  return items;
}

void write_errors(const Evaluation& sum, std::ostream& out) {
  std::vector<const Misread*> order;
  for (const Misread& misread : sum.misread) order.push_back(&misread);
  std::stable_sort(order.begin(), order.end(),
                   [](const Misread* a, const Misread* b) { return a->confidence > b->confidence; });
  out << "item,truth,answer,confidence,accepted\n";
  for (const Misread* misread : order) {
    out << csv_text(misread->item) << ',' << csv_text(misread->truth) << ',' << csv_text(misread->reading) << ','
        << fixed(misread->confidence, 6) << ',' << (misread->accepted ? 1 : 0) << '\n';
  }
}

}  // namespace inkfield::command_line
