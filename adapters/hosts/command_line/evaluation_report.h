// The ways `inkfield eval` tells what it counted: a table for people, JSON for programs, a list of the errors.
#pragma once

#include <cstddef>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "adapters/hosts/command_line/evaluation.h"

namespace inkfield::command_line {

struct EvaluationReport {
  std::string field;  ///< file of the definition
  std::string model;
  double threshold = 1;  ///< of the field; 0: answers of several runs, each with its own
  std::size_t unreadable = 0;
  double ms_per_item = 0;
  Evaluation sum;                         ///< against the mended labels, if any were
  std::optional<Evaluation> as_labelled;  ///< against the labels as they came, if some were mended
  std::size_t mended = 0;
};

void write_json(const EvaluationReport& report, std::ostream& out);
void write_table(const EvaluationReport& report, std::ostream& out, bool colour);

/// A line for each wrong first reading, the most confident first: item, truth, answer, confidence, accepted (1 or 0).
void write_errors(const Evaluation& sum, std::ostream& out);

/// A line for each item: item, truth, answer, confidence, accepted (1 or 0), uncalibrated. `read_answers` takes it back.
void write_answers(const std::vector<EvaluatedItem>& items, std::ostream& out);
/// Throws DataError naming file and line.
std::vector<EvaluatedItem> read_answers(const std::string& file);

/// Where accepting begins, in words.
std::string own_threshold(const EvaluationReport& report);

/// Fixed decimals, never with the locale.
std::string fixed(double value, int decimals);
std::string percent(double share, int decimals = 2);

}  // namespace inkfield::command_line
