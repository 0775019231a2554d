// Plain counting; the only algorithm is the alignment of two strings of digits.
#include "adapters/hosts/command_line/evaluation.h"

#include <algorithm>
#include <utility>

namespace inkfield::command_line {

std::string digits_of(std::string_view text, bool keep_doubt) {
  std::string digits;
  for (const char c : text) {
    if ((c >= '0' && c <= '9') || (keep_doubt && c == '?')) digits += c;
  }
  return digits;
}

std::size_t digits_right(std::string_view truth, std::string_view reading) {
  if (truth.size() == reading.size()) {
    std::size_t right = 0;
    for (std::size_t i = 0; i < truth.size(); ++i) right += truth[i] == reading[i] ? 1 : 0;
    return right;
  }
  struct Cell {
    std::size_t edits = 0;
    std::size_t matches = 0;
  };
  const auto better = [](const Cell& a, const Cell& b) {
    return a.edits < b.edits || (a.edits == b.edits && a.matches > b.matches);
  };
  std::vector<Cell> row(reading.size() + 1);
  for (std::size_t j = 0; j <= reading.size(); ++j) row[j] = {j, 0};
  for (std::size_t i = 1; i <= truth.size(); ++i) {
    Cell diagonal = row[0];
    row[0] = {i, 0};
    for (std::size_t j = 1; j <= reading.size(); ++j) {
      const bool same = truth[i - 1] == reading[j - 1];
      Cell best = {diagonal.edits + (same ? 0u : 1u), diagonal.matches + (same ? 1u : 0u)};
      const Cell left_out = {row[j].edits + 1, row[j].matches};
      const Cell added = {row[j - 1].edits + 1, row[j - 1].matches};
      if (better(left_out, best)) best = left_out;
      if (better(added, best)) best = added;
      diagonal = row[j];
      row[j] = best;
    }
  }
  return row.back().matches;
}

Evaluation evaluate(const std::vector<EvaluatedItem>& items) {
  Evaluation sum;
  sum.items = items.size();
  std::vector<Judged> judged;
  std::vector<Judged> judged_uncalibrated;
  judged.reserve(items.size());
  judged_uncalibrated.reserve(items.size());
  std::size_t digits = 0;
  std::size_t digits_read = 0;
  for (const EvaluatedItem& item : items) {
    if (item.accepted) ++sum.accepted;
    const bool unknowable = item.truth.find('?') != std::string::npos;
    const std::string truth = digits_of(item.truth, false);
    const std::string reading = digits_of(item.reading, true);
    const bool right = !unknowable && truth == reading;
    if (item.accepted && !right) ++sum.wrong_accepted;
    if (unknowable) {
      ++sum.unknowable_items;
      if (item.accepted) ++sum.unknowable_accepted;
    } else {
      ++sum.rated_items;
      if (right) ++sum.right;
      digits += truth.size();
      digits_read += digits_right(truth, reading);
      judged.push_back({item.confidence, right});
      judged_uncalibrated.push_back({item.uncalibrated, right});
      if (truth.empty()) {
        ++sum.no_number_items;
        if (item.accepted) ++(reading.empty() ? sum.no_number_empty : sum.no_number_accepted);
      }
    }
    if (unknowable ? item.accepted : !right) {
      sum.misread.push_back({item.item, item.truth, item.reading, item.confidence, item.accepted});
    }
  }
  sum.right_rate = share(sum.right, sum.rated_items);
  sum.error_rate = share(sum.rated_items - sum.right, sum.rated_items);
  sum.digit_right_rate = share(digits_read, digits);
  sum.calibrated = reliability(judged);
  sum.uncalibrated = reliability(std::move(judged_uncalibrated));
  sum.curve = acceptance_curve(std::move(judged));
  for (const double wrong_rate : kWrongRates) {
    const AcceptancePoint at = most_accepted(sum.curve, wrong_rate);
    sum.read_rate_at.push_back({wrong_rate, share(at.accepted, sum.rated_items), at});
  }
  sum.reject_rate_at_1_percent =
      sum.rated_items == 0 ? 0 : 1 - share(most_accepted(sum.curve, 0.01).accepted, sum.rated_items);
  return sum;
}

}  // namespace inkfield::command_line
