// Faults in the order of the document, and the edit distance behind "did you mean".
#include "config/fault_list.h"

#include <algorithm>

namespace inkfield::config {
namespace {

constexpr std::size_t kMaxKept = 1000;     // a text of many megabytes can be one fault after another
constexpr std::size_t kMaxWordBytes = 64;  // longer than any word of the language with all its errors

char folded(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
  return c == '-' || c == ' ' ? '_' : c;
}

// Insertions, deletions, changes and swaps of neighbours (optimal string alignment).
std::size_t typing_errors(std::string_view a, std::string_view b) {
  const std::size_t width = b.size() + 1;
  std::vector<std::size_t> before_last(width);
  std::vector<std::size_t> last(width);
  std::vector<std::size_t> row(width);
  for (std::size_t j = 0; j < width; ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j < width; ++j) {
      const bool same = folded(a[i - 1]) == folded(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0U : 1U)});
      if (i > 1 && j > 1 && folded(a[i - 1]) == folded(b[j - 2]) && folded(a[i - 2]) == folded(b[j - 1])) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    before_last.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

}  // namespace

void FaultList::add(int order, std::string pointer, std::string message) {
  ++count_;
  if (entries_.size() < kMaxKept) entries_.push_back({order, std::move(pointer), std::move(message)});
}

bool FaultList::is_full() const { return entries_.size() >= kMaxKept; }

std::vector<Fault> FaultList::sorted(const std::string& source) const {
  std::vector<Entry> entries = entries_;
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return a.order < b.order; });
  std::vector<Fault> faults;
  for (Entry& entry : entries) {
    if (faults.size() == kMaxFaultsShown) break;
    faults.push_back({source, std::move(entry.pointer), std::move(entry.message)});
  }
  if (count_ > faults.size()) {
    faults.push_back({source, "", std::to_string(count_ - faults.size()) + " more faults are not shown"});
  }
  return faults;
}

std::string_view nearest_word(std::string_view word, std::span<const std::string_view> known) {
  if (word.empty() || word.size() > kMaxWordBytes) return {};
  std::string_view nearest;
  // One error in three letters still looks like the word that was meant; more does not.
  std::size_t least = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string_view candidate : known) {
    // A word cut short is near, however much is missing.
    const bool cut_short = word.size() >= 3 && candidate.substr(0, word.size()) == word;
    const std::size_t errors = cut_short ? 1 : typing_errors(word, candidate);
    if (errors < least) {
      least = errors;
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace inkfield::config
