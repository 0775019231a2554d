// Plain counting; the only algorithm is the alignment of two strings of digits.
#include "adapters/hosts/command_line/evaluation.h"

#include <algorithm>
#include <utility>

namespace inkfield::command_line {

namespace {

struct Judged {
  double confidence = 0;
  bool right = false;
};

double share(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

/// `judged` sorted by falling confidence. Items of one confidence are taken or left together: no threshold parts them.
double read_rate(const std::vector<Judged>& judged, double wrong_rate) {
  std::size_t taken = 0;
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < judged.size(); ++i) {
    if (!judged[i].right) ++wrong;
    const bool end_of_ties = i + 1 == judged.size() || judged[i + 1].confidence < judged[i].confidence;
    // The small term takes up rounding of products like 0.02 * 50.
    if (end_of_ties && static_cast<double>(wrong) <= wrong_rate * static_cast<double>(i + 1) + 1e-9) taken = i + 1;
  }
  return share(taken, judged.size());
}

}  // namespace

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
  judged.reserve(items.size());
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
    }
    if (unknowable ? item.accepted : !right) {
      sum.misread.push_back({item.item, item.truth, item.reading, item.confidence, item.accepted});
    }
  }
  sum.right_rate = share(sum.right, sum.rated_items);
  sum.error_rate = share(sum.rated_items - sum.right, sum.rated_items);
  sum.digit_right_rate = share(digits_read, digits);
  std::stable_sort(judged.begin(), judged.end(),
                   [](const Judged& a, const Judged& b) { return a.confidence > b.confidence; });
  for (const double wrong_rate : kWrongRates) sum.read_rate_at.push_back({wrong_rate, read_rate(judged, wrong_rate)});
  return sum;
}

}  // namespace inkfield::command_line
